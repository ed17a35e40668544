//! How a stronger file changes a weaker one.

use crate::yaml::{Map, Node, Value};

/// Lays `over` onto `base`: maps merge deeply, lists and scalars replace, `null` removes a key.
/// A key that holds `null` already stays: there is nothing to remove. Each leaf keeps the place
/// that it came from; a map is where it was changed last.
pub fn merge(base: &mut Node, over: &Node) {
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
            if into.get(&key.name).is_some_and(|known| !known.is_null()) {
                into.remove(&key.name);
            }
            continue;
        }
        if let Some((known, inner)) = into.entry_mut(&key.name) {
            known.span = key.span;
            merge(inner, node);
            continue;
        }
        let mut inner = Node::new(Value::Null, node.span);
        merge(&mut inner, node);
        into.insert(key.clone(), inner);
    }
}
