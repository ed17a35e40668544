//! What differs between two states, in the forms that people and programs read.

mod around;
mod beside;
mod html;
mod json;
mod markdown;
mod patch;
mod text;
mod value;

pub use html::html;
pub use json::{json, schema};
pub use markdown::markdown;
pub use patch::{normal, patch};
pub use text::text;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diff::{Asked, Change, Changes, Effect, Judgement, Kind, RenamedEnvironment};
use crate::report::{plural, visible};

/// How many objects became what; each place counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Objects that were not there.
    pub added: usize,
    /// Objects that are gone.
    pub removed: usize,
    /// Objects that differ, with those under another name.
    pub changed: usize,
}

impl Counts {
    /// Counts what changed.
    #[must_use]
    pub fn of(changes: &Changes<'_>) -> Self {
        let mut counts = Self::default();
        for change in &changes.changes {
            let count = match change.kind {
                Kind::Added => &mut counts.added,
                Kind::Removed => &mut counts.removed,
                Kind::Changed(_) | Kind::Renamed(..) => &mut counts.changed,
            };
            *count += change.places.len();
        }
        counts
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> usize {
        self.added + self.removed + self.changed
    }
}

/// What is grave, in the order in which it is told before all changes.
const SECTIONS: [(&str, Effect); 15] = [
    ("Data that go", Effect::DataLoss),
    ("Refused by the API server", Effect::Refused),
    ("Outages", Effect::Outage),
    ("Restarts", Effect::Restart),
    ("Keeping old values", Effect::Stale),
    ("Permissions", Effect::Permission),
    ("Addresses", Effect::Address),
    ("Numbers of pods", Effect::Scale),
    ("Read anew", Effect::Reread),
    ("Waiting for a person", Effect::Approval),
    ("Left with nobody to look after it", Effect::Orphan),
    ("In another Application", Effect::Moved),
    ("Owned by others", Effect::Conflict),
    ("Stated more than once", Effect::Repeated),
    ("Not tried", Effect::Untried),
];

/// What quotas count otherwise, a line each: "quota `all` of shop in k3s: pods 2 → 3 of 10".
fn quotas(changes: &Changes<'_>) -> Vec<String> {
    let mut by: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    for one in &changes.quotas {
        by.entry((&one.environment, &one.namespace, &one.quota)).or_default().push(one.text());
    }
    let line = |((environment, namespace, quota), texts): (_, Vec<String>)| {
        let within = match environment {
            "" => String::new(),
            name => format!(" ({name})"),
        };
        format!("quota `{quota}` of {namespace}{within}: {}", texts.join(", "))
    };
    by.into_iter().map(line).collect()
}

/// The environments that are gone, a line each, with those that have their objects.
fn renamed(changes: &Changes<'_>) -> Vec<String> {
    let line = |one: &RenamedEnvironment| {
        let RenamedEnvironment { from, to, objects, same } = one;
        let what = if objects == same {
            format!("the same {}", plural(*objects, "object"))
        } else {
            format!("{same} of its {} as they were", plural(*objects, "object"))
        };
        format!("environment `{from}` is gone, and `{to}` is new with {what}")
    };
    changes.renamed.iter().map(line).collect()
}

/// How many files were not compared, in words; nothing where all were.
fn unread(changes: &Changes<'_>) -> Option<String> {
    let count = changes.unread.len();
    let verb = if count == 1 { "is" } else { "are" };
    let files = plural(count, "file");
    (count > 0).then(|| format!("{files} {verb} not compared: templates, or what cannot be read"))
}

/// How many errors are new, in words.
fn judged(judgement: &Judgement) -> String {
    let mut text = plural(judgement.new.len(), "new error");
    if judgement.known > 0 {
        let _ = write!(text, "; {} before as well", plural(judgement.known, "error"));
    }
    if let [_, ..] = judgement.not_rendered.as_slice() {
        let names = judgement.not_rendered.join(", ");
        let _ = write!(text, "; not compared, since it cannot be rendered: {names}");
    }
    text
}

/// What is to be known of a cluster that was compared, as sentences without a period.
fn remarks(cluster: &Asked) -> Vec<String> {
    let mut remarks = cluster.notes.clone();
    if cluster.ignored > 0 {
        remarks.insert(0, format!("{} ignored by rules", plural(cluster.ignored, "difference")));
    }
    remarks
}

/// Kind, name and namespace, in one line.
fn title(change: &Change<'_>) -> String {
    visible::line(&match &change.kind {
        Kind::Renamed(from, _) if from.namespace == change.key.namespace => {
            format!("{} → {}", from.name, change.key)
        }
        Kind::Renamed(from, _) => format!("{from} → {}", change.key),
        _ => change.key.to_string(),
    })
}
