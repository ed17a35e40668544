//! What differs between two states, in the forms that people and programs read.

mod json;
mod markdown;
mod text;
mod value;

pub use json::json;
pub use markdown::markdown;
pub use text::text;

use std::fmt::Write as _;

use crate::diff::{Asked, Change, Changes, Judgement, Kind};
use crate::report::plural;

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

/// Kind, name and namespace.
fn title(change: &Change<'_>) -> String {
    match &change.kind {
        Kind::Renamed(from, _) if from.namespace == change.key.namespace => {
            format!("{} → {}", from.name, change.key)
        }
        Kind::Renamed(from, _) => format!("{from} → {}", change.key),
        _ => change.key.to_string(),
    }
}
