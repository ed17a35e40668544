//! How a stronger file changes a weaker one.

use crate::yaml::{Key, Map, Node, Value};

/// Lays `over` onto `base`: maps merge deeply, lists and scalars replace, `null` removes a key.
/// A key that holds `null` already stays: there is nothing to remove. Each leaf keeps the place
/// that it came from; a map is where it was changed last.
pub fn merge(base: &mut Node, over: &Node) {
    lay(base, over, &|into, key| {
        if into.get(&key.name).is_some_and(|known| !known.is_null()) {
            into.remove(&key.name);
        }
    });
}

/// Like [`merge`], but a `null` is kept, so that it can still remove what lies further below: the
/// defaults of an App come in last of all.
pub(super) fn overlay(base: &mut Node, over: &Node) {
    lay(base, over, &|into, key| {
        let null = Node::new(Value::Null, key.span);
        into.insert(key.clone(), null);
    });
}

fn lay(base: &mut Node, over: &Node, remove: &dyn Fn(&mut Map, &Key)) {
    let Value::Map(from) = &over.value else {
        *base = over.clone();
        return;
    };
    if base.as_map().is_none() {
        base.value = Value::Map(Map::default());
    }
    base.span = over.span;
    let Some(into) = base.as_map_mut() else { return };
    for (key, node) in from.iter() {
        if node.is_null() {
            remove(into, key);
            continue;
        }
        if let Some((known, inner)) = into.entry_mut(&key.name) {
            known.span = key.span;
            lay(inner, node, remove);
            continue;
        }
        let mut inner = Node::new(Value::Null, node.span);
        lay(&mut inner, node, remove);
        into.insert(key.clone(), inner);
    }
}

/// A copy in which no map has a key with `null`.
#[must_use]
pub fn without_nulls(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(map) => {
            let mut kept = Map::default();
            for (key, child) in map.iter().filter(|(_, child)| !child.is_null()) {
                kept.insert(key.clone(), without_nulls(child));
            }
            Value::Map(kept)
        }
        other => other.clone(),
    };
    Node { value, span: node.span, origins: node.origins.clone() }
}
