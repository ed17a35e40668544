//! Whose the fields of an object are: `metadata.managedFields`.
//!
//! Source: `fieldpath` of structured-merge-diff, `FieldsV1` of apimachinery. A step is `f:name` of a
//! map, `k:{"name":"a"}` of a list with keys, `v:"a"` of a set, `.` the value itself.

use crate::schema::Shape;
use crate::yaml::{Map, Node, Value, to_json};

/// The fields of one manager.
pub(super) struct Owned<'m> {
    /// Its name.
    pub(super) manager: &'m str,
    /// Whether it applies them, and so takes away what it leaves out.
    pub(super) applies: bool,
    /// Whether it wrote the object itself, and not through `scale` or `status`.
    pub(super) is_direct: bool,
    /// The fields.
    pub(super) fields: &'m Node,
}

/// All managers of an object. Who scales it, or writes its status, may own fields of it as well.
pub(super) fn owners(managed: &Node) -> impl Iterator<Item = Owned<'_>> {
    let entries = managed.as_seq().unwrap_or_default().iter();
    entries.filter_map(|entry| {
        let subresource = entry.get("subresource").and_then(Node::as_str);
        Some(Owned {
            manager: entry.get("manager")?.as_str()?,
            applies: entry.get("operation").and_then(Node::as_str) == Some("Apply"),
            is_direct: subresource.unwrap_or_default().is_empty(),
            fields: entry.get("fieldsV1")?,
        })
    })
}

/// Takes away what these fields own of a value.
pub(super) fn remove(value: &mut Node, fields: &Node, shape: Shape<'_>) {
    for (step, below) in steps(fields) {
        if let Some(name) = step.strip_prefix("f:") {
            let Some(map) = value.as_map_mut() else { continue };
            let Some(child) = map.get_mut(name) else { continue };
            remove(child, below, shape.field(name));
            if is_leaf(below) || is_empty(child) {
                map.remove(name);
            }
        } else if let Value::Seq(items) = &mut value.value {
            let place = items.iter().position(|item| is_item(item, step, shape.item()));
            if let Some(at) = place {
                items.remove(at);
            }
        }
    }
}

/// Takes away what these fields own of a value, but for what `keeps` has as well and what others own. A
/// field goes with all that it holds.
///
/// Source: `prune` in `merge/update.go` of structured-merge-diff, `EnsureNamedFieldsAreMembers`.
pub(super) fn prune(
    value: &mut Node,
    fields: &Node,
    keeps: Option<&Node>,
    others: &[&Node],
    shape: Shape<'_>,
) {
    for (step, below) in steps(fields) {
        let others: Vec<&Node> = others.iter().filter_map(|other| other.get(step)).collect();
        if let Some(name) = step.strip_prefix("f:") {
            let kept = keeps.and_then(|keeps| keeps.get(name));
            let Some(map) = value.as_map_mut() else { continue };
            let Some(child) = map.get_mut(name) else { continue };
            if kept.is_none() && others.is_empty() {
                map.remove(name);
            } else {
                prune(child, below, kept, &others, shape.field(name));
            }
        } else if let Value::Seq(items) = &mut value.value {
            let is_it = |item: &Node| is_item(item, step, shape.item());
            let Some(at) = items.iter().position(is_it) else { continue };
            let kept = keeps.and_then(Node::as_seq);
            let kept = kept.and_then(|kept| kept.iter().find(|item| is_it(item)));
            if kept.is_none() && others.is_empty() {
                items.remove(at);
            } else {
                prune(&mut items[at], below, kept, &others, shape.item());
            }
        }
    }
}

fn steps(fields: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let steps = fields.as_map().into_iter().flat_map(|map| map.iter());
    steps.map(|(step, below)| (&*step.name, below))
}

/// Whether a step leads to a value as a whole.
pub(super) fn is_leaf(below: &Node) -> bool {
    below.as_map().is_none_or(Map::is_empty)
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.is_empty(),
        Value::Seq(items) => items.is_empty(),
        _ => false,
    }
}

/// The fields of an item of a list. The shape is that of the item.
pub(super) fn of_item<'m>(fields: &'m Node, item: &Node, shape: Shape<'_>) -> Option<&'m Node> {
    steps(fields).find(|(step, _)| is_item(item, step, shape)).map(|(_, below)| below)
}

/// Whether a step leads to an item.
fn is_item(item: &Node, step: &str, shape: Shape<'_>) -> bool {
    if let Some(value) = step.strip_prefix("v:") {
        return serde_json::from_str(value)
            .is_ok_and(|value: serde_json::Value| to_json(item) == value);
    }
    let Some(keys) = step.strip_prefix("k:") else { return false };
    let keys: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(keys);
    keys.is_ok_and(|keys| {
        // A key that is not stated has its default, as the protocol of a port, and no other value.
        keys.iter().all(|(name, value)| match item.get(name).filter(|own| !own.is_null()) {
            Some(own) => to_json(own) == *value,
            None => shape.default_of(item, name).is_some_and(|own| to_json(&own) == *value),
        })
    })
}
