//! How a stronger file changes a weaker one.

use crate::yaml::{Node, Value};

/// Lays `over` onto `base`: maps merge deeply, lists and scalars replace, `null` removes a key.
/// Each leaf keeps the place that it came from; a map is where it was changed last.
pub fn merge(base: &mut Node, over: &Node) {
    let (Value::Map(into), Value::Map(from)) = (&mut base.value, &over.value) else {
        *base = without_nulls(over);
        return;
    };
    base.span = over.span;
    for (key, node) in from.iter() {
        if node.is_null() {
            into.remove(&key.name);
        } else if let Some((known, inner)) = into.entry_mut(&key.name) {
            known.span = key.span;
            merge(inner, node);
        } else {
            into.insert(key.clone(), without_nulls(node));
        }
    }
}

/// A copy in which no map has a key with `null`: there is nothing that it could remove.
#[must_use]
pub fn without_nulls(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(map) => {
            let mut kept = crate::yaml::Map::default();
            for (key, child) in map.iter().filter(|(_, child)| !child.is_null()) {
                kept.insert(key.clone(), without_nulls(child));
            }
            Value::Map(kept)
        }
        other => other.clone(),
    };
    Node { value, span: node.span, origins: node.origins.clone() }
}
