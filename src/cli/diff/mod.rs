//! `gitopsc diff`: what differs between two revisions, the work tree, or any two directories.

mod beside;
mod fates;
mod gate;
mod live;
mod origin;
mod render;
mod sides;
mod state;

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Streams;
use super::args::{Args, DiffArgs};
use super::check::schemas;
use super::output::{exit_code, grave, print_findings, write_forms};
use super::progress::Progress;
use super::session::Session;
use crate::check::Judge;
use crate::diagnostic::Finding;
use crate::diff::{Changes, Snapshot, Unreadable, changes};
use crate::load::{Schemas, yaml_finding};
use crate::model::SecretValues;
use crate::report::diff::{html, json, markdown, patch, text};
use crate::report::visible;
use crate::schema::{Found, NEWEST, pack};
use crate::source::Sources;
use render::Fresh;
use sides::{Sides, sides};
use state::Place;

/// Compares, and shows what differs.
pub(super) fn run(args: &Args, wanted: &DiffArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    if wanted.live.live {
        return live::run(args, wanted, streams);
    }
    let progress = Progress::begin(args, streams);
    progress.stage("reading both states", 0);
    let mut sources = Sources::default();
    let mut sides = sides(args, wanted, &mut sources)?;
    let schemas = schemas_of(args, &sides, &mut sources)?;
    let fresh = anew(args, wanted, &mut sides, &mut sources, &progress)?;
    progress.stage("comparing objects", 0);
    let mut before = Snapshot::read(&sides.before);
    let mut after = Snapshot::read(&sides.after);
    let mut secrets = Snapshot::read(&sides.secrets).secrets;
    [&before, &after].into_iter().for_each(|side| secrets.extend(side.secrets.clone()));
    let (mut definitions, _) = schemas.definitions();
    for object in before.objects.iter().chain(&after.objects) {
        definitions.add_crd(&object.node, Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let fates = fates::fates(&sides, (&mut before, &mut after), &judge, &mut sources)?;
    // Applications that sets make may be among them now.
    before.hide(&secrets);
    after.hide(&secrets);
    let are_numbered = args.output.iter().any(|output| output.format.name == "patch");
    let states = (&before, &after);
    let beside = beside::beside(&mut sides, states, fates, &secrets, are_numbered, &mut sources)?;
    let mut changes = changes(&before, &after, pack(NEWEST), &definitions, &beside);
    if let Some(fresh) = &fresh {
        origin::add(&mut changes, fresh);
        changes.judgement = Some(fresh.judgement.clone());
    }
    let faults = before.faults.iter().chain(&after.faults);
    let commits = gate::of_commits(sides.revisions.as_ref())?;
    drop(progress);
    let shown = Shown { changes: &changes, sources: &sources, secrets: &secrets };
    let code = show(args, wanted, streams, shown, faults, commits)?;
    let Some(fresh) = fresh else { return Ok(code) };
    for name in fresh.as_committed.iter().filter(|_| !args.quiet) {
        writeln!(
            streams.err,
            "note: the older `{name}` cannot be rendered; the tree that git has of it is compared"
        )?;
    }
    let errors = veiled(fresh.errors, &fresh.sources, &secrets);
    print_findings(args, &errors, &fresh.sources, false, streams.err)?;
    Ok(code.max(exit_code(&errors)))
}

fn root(args: &Args) -> PathBuf {
    Session::root(args).unwrap_or_default()
}

/// The schemas that objects are compared by: of states of a repository those that lie in them.
fn schemas_of(args: &Args, sides: &Sides, sources: &mut Sources) -> anyhow::Result<Schemas> {
    let Some(revisions) = &sides.revisions else { return schemas(args, &[], sources) };
    let Some(top) = revisions.top() else { return Ok(Schemas::default()) };
    let place = Place { root: &root(args), top };
    place.schemas([&revisions.before, &revisions.after], sources)
}

/// Renders both states anew where that is wanted.
fn anew(
    args: &Args,
    wanted: &DiffArgs,
    sides: &mut Sides,
    sources: &mut Sources,
    progress: &Progress,
) -> anyhow::Result<Option<Fresh>> {
    let Some(revisions) = sides.revisions.as_mut().filter(|_| wanted.render) else {
        return Ok(None);
    };
    let (top, root) = (revisions.top().unwrap_or_default().to_owned(), root(args));
    let place = Place { root: &root, top: &top };
    let fresh = render::anew(args, place, &wanted.selection.environments, revisions, progress)?;
    sides.take_fresh(sources);
    Ok(Some(fresh))
}

/// What is shown, and what is not.
#[derive(Clone, Copy)]
struct Shown<'s> {
    changes: &'s Changes<'s>,
    sources: &'s Sources,
    secrets: &'s SecretValues,
}

/// Shows changes in the forms that were asked for, and says what trips a gate.
fn show<'f>(
    args: &Args,
    wanted: &DiffArgs,
    streams: &mut Streams<'_>,
    shown: Shown<'_>,
    faults: impl Iterator<Item = &'f Unreadable>,
    commits: BTreeSet<String>,
) -> anyhow::Result<u8> {
    let Shown { changes, sources, secrets } = shown;
    let columns = streams.columns.filter(|_| wanted.side_by_side);
    // A form that is asked for is written even so.
    let is_silent = args.quiet && args.output.is_empty();
    write_forms(args, streams, |stream, form, color| match form {
        _ if is_silent => Ok(()),
        "json" => Ok(writeln!(stream, "{}", visible::json(&json(changes, sources))?)?),
        "patch" => Ok(write!(stream, "{}", patch(changes))?),
        "html" => Ok(write!(stream, "{}", html(changes, sources))?),
        "markdown" => Ok(write!(stream, "{}", markdown(changes, sources))?),
        _ => Ok(write!(stream, "{}", text(changes, sources, color, columns))?),
    })?;
    let mut findings: Vec<Finding> = faults.map(|fault| unreadable(fault, sources)).collect();
    let accepted = gate::Accepted { options: &wanted.accept_data_loss, commits };
    findings.extend(gate::findings(changes, &accepted));
    let findings = veiled(findings, sources, secrets);
    let errors = grave(args, findings, sources);
    print_findings(args, &errors, sources, false, streams.err)?;
    let differs = wanted.exit_code && !changes.changes.is_empty();
    Ok(u8::from(differs || !errors.is_empty()))
}

/// Findings without the lines of files that repeat values of Secrets.
fn veiled(findings: Vec<Finding>, sources: &Sources, secrets: &SecretValues) -> Vec<Finding> {
    let repeats = |finding: &Finding| {
        let mut files = finding.labels.iter().map(|label| label.span.file);
        files.any(|file| secrets.occur_in(&sources.get(file).text))
    };
    let veiled = |finding: Finding| if repeats(&finding) { finding.veiled() } else { finding };
    findings.into_iter().map(veiled).collect()
}

/// Why the objects of a file are compared on neither side.
fn unreadable(fault: &Unreadable, sources: &Sources) -> Finding {
    let finding = match fault {
        Unreadable::Yaml(fault) => yaml_finding(fault),
        Unreadable::Secret(fault) => {
            let place = sources.place(fault.span);
            Finding::error("yaml-syntax", format!("{place}: the file is no YAML"))
                .note("its lines are not shown, since there is a Secret in it")
        }
        Unreadable::Encoding(file) => {
            let path = &sources.get(*file).path;
            Finding::error("file-not-utf8", format!("`{path}` is not UTF-8"))
                .help("save it as UTF-8")
        }
    };
    finding.note("its objects are compared on neither side")
}
