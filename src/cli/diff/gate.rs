//! Data that go must be named by whoever lets them go.

use std::collections::BTreeSet;

use anyhow::Context;

use super::sides::Revisions;
use crate::argocd::GROUP;
use crate::diagnostic::Finding;
use crate::diff::{Changes, Effect, Kind};
use crate::model::{GroupKind, ObjectKey};
use crate::world::git_changes::State;

/// The line at the end of a commit message that names an object.
const TRAILER: &str = "Accept-Data-Loss";

/// What was accepted: by options, which must be needed, and by commits, which may be of old.
pub(super) struct Accepted<'a> {
    pub(super) options: &'a [String],
    pub(super) commits: BTreeSet<String>,
}

/// What the commits between two states accept.
pub(super) fn of_commits(revisions: Option<&Revisions>) -> anyhow::Result<BTreeSet<String>> {
    let Some(revisions) = revisions else { return Ok(BTreeSet::new()) };
    let State::Revision(before) = &revisions.before else { return Ok(BTreeSet::new()) };
    let after = match &revisions.after {
        State::Revision(name) => name,
        State::WorkTree => "HEAD",
    };
    let found = revisions.repository.trailers(before, after, TRAILER);
    Ok(found.context("git cannot read the commits")?.into_iter().collect())
}

/// An error for each object whose data go and that nobody named, and for each name that is for
/// nothing.
pub(super) fn findings(changes: &Changes<'_>, accepted: &Accepted<'_>) -> Vec<Finding> {
    let mut needed = BTreeSet::new();
    let mut findings = Vec::new();
    let mut lose = |(environment, key): (&str, &ObjectKey), span, message, why: &str| {
        let name = name(environment, key);
        if !accepted.commits.contains(&name) && !accepted.options.contains(&name) {
            let help = help(&name, changes.cluster.is_some());
            findings.push(Finding::error("data-loss", message).at(span, why).help(help));
        }
        needed.insert(name);
    };
    for change in &changes.changes {
        let loss = change.consequences.iter().find(|one| one.effect == Effect::DataLoss);
        // An Application has no data of its own: what it takes along is named.
        let Some(loss) =
            loss.filter(|_| change.key.group_kind != GroupKind::new(GROUP, "Application"))
        else {
            continue;
        };
        for object in change.places.iter().filter_map(|(before, _)| *before) {
            let message = match change.kind {
                Kind::Removed | Kind::Renamed(..) => format!("{} goes with its data", object.key),
                _ => format!("data of {} go", object.key),
            };
            lose((&object.environment, &object.key), object.node.span, message, &loss.text);
        }
    }
    for loss in &changes.lost {
        let message = format!("{} goes with its data, although a file has it", loss.key);
        lose((&loss.environment, &loss.key), loss.span, message, &loss.text);
    }
    let needless = accepted.options.iter().filter(|name| !needed.contains(*name));
    findings.extend(needless.map(|name| {
        Finding::error("data-loss", format!("`{name}` names no object whose data go")).help(
            "names are ENV/KIND/NAMESPACE/NAME, without what there is not; leave out what is needless",
        )
    }));
    findings
}

/// How an object is named. Where a cluster is asked no commits lie between both states.
fn help(name: &str, is_live: bool) -> String {
    let option = format!("where that is meant, say `--accept-data-loss {name}`");
    match is_live {
        true => option,
        false => {
            format!("{option}, or write `{TRAILER}: {name}` as the last line of the commit message")
        }
    }
}

fn name(environment: &str, key: &ObjectKey) -> String {
    let ObjectKey { group_kind, namespace, name } = key;
    let parts = [environment, &*group_kind.kind, namespace, name];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("/")
}
