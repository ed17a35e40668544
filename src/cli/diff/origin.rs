//! The lines of templates and values that make what differs.

use std::collections::BTreeSet;

use super::render::Fresh;
use crate::diff::{Changes, Kind, Step, What};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// How many lines of one change are named.
const MOST: usize = 4;

/// Adds to each change where what differs is written.
pub(super) fn add(changes: &mut Changes<'_>, fresh: &Fresh) {
    for change in &mut changes.changes {
        let mut spans = BTreeSet::new();
        for object in change.places.iter().filter_map(|(_, after)| *after) {
            let made = fresh.made.get(&*object.environment).and_then(|all| all.get(&object.key));
            let Some(made) = made else { continue };
            match &change.kind {
                Kind::Added => drop(spans.insert(made.span)),
                Kind::Removed => {}
                Kind::Changed(edits) | Kind::Renamed(_, edits) => {
                    for edit in edits {
                        collect(led(made, &edit.at), &edit.what, &mut spans);
                    }
                }
            }
        }
        let mut places: Vec<String> =
            spans.into_iter().map(|span| fresh.sources.place(span)).collect();
        places.dedup();
        let left = places.len().saturating_sub(MOST);
        places.truncate(MOST);
        if left > 0 {
            places.push(format!("{left} more"));
        }
        change.origins = places;
    }
}

/// The value at the end of a way, as far as it is there.
fn led<'n>(made: &'n Node, steps: &[Step]) -> &'n Node {
    let mut at = made;
    for step in steps {
        let next = match (step, &at.value) {
            (Step::Field(name), _) => at.get(name),
            (Step::Item { after: Some(place), .. }, Value::Seq(items)) => items.get(*place),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// Where a value is written: in the values that filled it in, and in the template.
fn collect(node: &Node, what: &What, spans: &mut BTreeSet<Span>) {
    spans.insert(node.span);
    if !matches!(what, What::Removed(_)) {
        spans.extend(node.origins.iter().copied());
    }
}
