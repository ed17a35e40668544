//! `gitopsc diff`: what differs between two revisions, the work tree, or any two directories.

mod fates;
mod gate;
mod live;
mod sides;

use std::collections::BTreeSet;

use super::Streams;
use super::args::{Args, DiffArgs};
use super::check::schemas;
use super::output::{grave, print_findings, write_forms};
use crate::check::Judge;
use crate::diagnostic::Finding;
use crate::diff::{Changes, Snapshot, Unreadable, changes};
use crate::load::yaml_finding;
use crate::model::SecretValues;
use crate::report::diff::{json, markdown, text};
use crate::schema::{Found, NEWEST, pack};
use crate::source::Sources;
use sides::sides;

/// Compares, and shows what differs.
pub(super) fn run(args: &Args, wanted: &DiffArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    if wanted.live.live {
        return live::run(args, wanted, streams);
    }
    let mut sources = Sources::default();
    let schemas = schemas(args, &[], &mut sources)?;
    let sides = sides(args, wanted, &mut sources)?;
    let mut before = Snapshot::read(&sides.before);
    let mut after = Snapshot::read(&sides.after);
    let mut secrets = Snapshot::read(&sides.secrets).secrets;
    [&before, &after].into_iter().for_each(|side| secrets.extend(side.secrets.clone()));
    before.hide(&secrets);
    after.hide(&secrets);
    let (mut definitions, _) = schemas.definitions();
    for object in before.objects.iter().chain(&after.objects) {
        definitions.add_crd(&object.node, Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let fates = fates::fates(&sides, (&before, &after), &judge, &mut sources)?;
    let changes = changes(&before, &after, pack(NEWEST), &definitions, &fates);
    let faults = before.faults.iter().chain(&after.faults);
    let commits = gate::of_commits(sides.revisions.as_ref())?;
    let shown = Shown { changes: &changes, sources: &sources, secrets: &secrets };
    show(args, wanted, streams, shown, faults, commits)
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
    write_forms(args, streams, |stream, form, color| match form {
        "json" => {
            let value = json(changes, sources);
            Ok(writeln!(stream, "{}", serde_json::to_string_pretty(&value)?)?)
        }
        "markdown" => Ok(write!(stream, "{}", markdown(changes, sources))?),
        _ => Ok(write!(stream, "{}", text(changes, sources, color))?),
    })?;
    let mut findings: Vec<Finding> = faults.map(|fault| unreadable(fault, sources)).collect();
    let accepted = gate::Accepted { options: &wanted.accept_data_loss, commits };
    findings.extend(gate::findings(changes, &accepted));
    // A line that is shown may repeat one.
    let repeats = |finding: &Finding| {
        let mut files = finding.labels.iter().map(|label| label.span.file);
        files.any(|file| secrets.occur_in(&sources.get(file).text))
    };
    let veiled = |finding: Finding| if repeats(&finding) { finding.veiled() } else { finding };
    let findings = findings.into_iter().map(veiled).collect();
    let errors = grave(args, findings, sources);
    print_findings(args, &errors, sources, false, streams.err)?;
    let differs = wanted.exit_code && !changes.changes.is_empty();
    Ok(u8::from(differs || !errors.is_empty()))
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
