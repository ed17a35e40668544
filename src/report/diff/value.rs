//! Values as they stand in a difference.

use std::borrow::Cow;

use crate::diff::readable;
use crate::yaml::{Node, Value, emit};

/// A value on one line, where it has one.
pub(super) fn line(node: &Node) -> Option<String> {
    let node = &shown(node);
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
    match &mut node.value {
        Value::String(text) => {
            if let Cow::Owned(shown) = readable(text) {
                *text = shown.into();
            }
        }
        Value::Map(map) => map.iter_mut().for_each(|(_, node)| hide(node)),
        Value::Seq(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
