//! Values as they stand in a difference.

use crate::diff::is_hidden;
use crate::yaml::{Node, Value, emit};

/// What stands in place of a value that nobody may see.
const HIDDEN: &str = "(hidden)";

/// A value on one line, where it has one.
pub(super) fn line(node: &Node) -> Option<String> {
    if is_hidden(node) {
        return Some(HIDDEN.to_owned());
    }
    match &node.value {
        Value::Map(map) if !map.is_empty() => None,
        Value::Seq(items) if !items.is_empty() => None,
        Value::String(text) if text.trim_end_matches('\n').contains('\n') => None,
        _ => Some(emit(node).trim_end().to_owned()),
    }
}

/// A value as lines of YAML.
pub(super) fn lines(node: &Node) -> Vec<String> {
    emit(&shown(node)).lines().map(str::to_owned).collect()
}

/// A value in which nothing is that nobody may see.
pub(super) fn shown(node: &Node) -> Node {
    let mut shown = node.clone();
    hide(&mut shown);
    shown
}

fn hide(node: &mut Node) {
    if is_hidden(node) {
        node.value = Value::String(HIDDEN.into());
    }
    match &mut node.value {
        Value::Map(map) => map.iter_mut().for_each(|(_, node)| hide(node)),
        Value::Seq(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
