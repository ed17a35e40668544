//! `gitopsc diff`: what differs between two revisions, the work tree, or any two directories.

mod fates;
mod gate;
mod sides;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Streams;
use super::args::{Args, DiffArgs};
use super::check::schemas;
use super::output::{grave, print_findings, write_forms};
use crate::check::Judge;
use crate::diagnostic::Finding;
use crate::diff::{Snapshot, changes};
use crate::load::yaml_finding;
use crate::report::diff::{json, markdown, text};
use crate::schema::{Found, NEWEST, pack};
use crate::source::{FileId, Sources};
use sides::{Sides, sides};

/// Compares, and shows what differs.
pub(super) fn run(args: &Args, wanted: &DiffArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let mut sources = Sources::default();
    let schemas = schemas(args, &[], &mut sources)?;
    let sides = sides(args, wanted, &mut sources)?;
    let mut before = Snapshot::read(&sides.before);
    let mut after = Snapshot::read(&sides.after);
    let broken = broken(&sides, &before, &after);
    for snapshot in [&mut before, &mut after] {
        snapshot.objects.retain(|object| !broken.contains(&object.path));
    }
    let (mut definitions, _) = schemas.definitions();
    for object in before.objects.iter().chain(&after.objects) {
        definitions.add_crd(&object.node, Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let fates = fates::fates(&sides, (&before, &after), &judge, &mut sources)?;
    let changes = changes(&before, &after, pack(NEWEST), &definitions, &fates);
    write_forms(args, streams, |stream, form, color| match form {
        "json" => {
            let value = json(&changes, &sources);
            Ok(writeln!(stream, "{}", serde_json::to_string_pretty(&value)?)?)
        }
        "markdown" => Ok(write!(stream, "{}", markdown(&changes, &sources))?),
        _ => Ok(write!(stream, "{}", text(&changes, &sources, color))?),
    })?;
    let faults = before.faults.iter().chain(&after.faults).map(yaml_finding);
    let note = "its objects are compared on neither side";
    let mut findings = faults.map(|finding| finding.note(note)).collect::<Vec<Finding>>();
    let commits = gate::of_commits(sides.revisions.as_ref())?;
    let accepted = gate::Accepted { options: &wanted.accept_data_loss, commits };
    findings.extend(gate::findings(&changes, &accepted));
    let errors = grave(args, findings, &sources);
    print_findings(args, &errors, &sources, false, streams.err)?;
    let differs = wanted.exit_code && !changes.changes.is_empty();
    Ok(u8::from(differs || !errors.is_empty()))
}

/// The paths of files that cannot be read on one side: what they hold is neither new nor gone.
fn broken(sides: &Sides, before: &Snapshot, after: &Snapshot) -> BTreeSet<Arc<str>> {
    let faults = before.faults.iter().chain(&after.faults);
    let ids: BTreeSet<FileId> = faults.map(|fault| fault.span.file).collect();
    let files = sides.before.iter().chain(&sides.after);
    files.filter(|file| ids.contains(&file.file)).map(|file| file.path.clone()).collect()
}
