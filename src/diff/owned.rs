//! Whose the fields of an object are: `metadata.managedFields`.
//!
//! Source: `fieldpath` of structured-merge-diff, `FieldsV1` of apimachinery. A step is `f:name` of a
//! map, `k:{"name":"a"}` of a list with keys, `v:"a"` of a set, `.` the value itself.

use crate::yaml::{Node, Value, to_json};

/// The fields of one manager.
pub(super) struct Owned<'m> {
    /// Its name.
    pub(super) manager: &'m str,
    /// Whether it applies them, and so takes away what it leaves out.
    pub(super) applies: bool,
    /// The fields.
    pub(super) fields: &'m Node,
}

/// All managers of an object but those of its status.
pub(super) fn owners(managed: &Node) -> impl Iterator<Item = Owned<'_>> {
    let text = |entry: &Node, name| -> bool {
        entry.get(name).and_then(Node::as_str).is_some_and(|it| !it.is_empty())
    };
    let entries = managed.as_seq().unwrap_or_default().iter();
    entries.filter(move |entry| !text(entry, "subresource")).filter_map(|entry| {
        Some(Owned {
            manager: entry.get("manager")?.as_str()?,
            applies: entry.get("operation").and_then(Node::as_str) == Some("Apply"),
            fields: entry.get("fieldsV1")?,
        })
    })
}

/// Takes away what these fields own of a value, but for what `keeps` has as well and what others own.
pub(super) fn remove(value: &mut Node, fields: &Node, keeps: Option<&Node>, others: &[&Node]) {
    for (step, below) in fields.as_map().into_iter().flat_map(|map| map.iter()) {
        let others: Vec<&Node> = others.iter().filter_map(|other| other.get(&step.name)).collect();
        let is_leaf = below.as_map().is_none_or(crate::yaml::Map::is_empty);
        if let Some(name) = step.name.strip_prefix("f:") {
            let kept = keeps.and_then(|keeps| keeps.get(name));
            let Some(map) = value.as_map_mut() else { continue };
            let Some(child) = map.get_mut(name) else { continue };
            if is_leaf {
                if kept.is_none() && others.is_empty() {
                    map.remove(name);
                }
                continue;
            }
            remove(child, below, kept, &others);
            if kept.is_none() && others.is_empty() && is_empty(child) {
                map.remove(name);
            }
        } else if let Value::Seq(items) = &mut value.value {
            let Some(at) = items.iter().position(|item| is_item(item, &step.name)) else {
                continue;
            };
            let kept = keeps.and_then(Node::as_seq);
            let kept = kept.and_then(|kept| kept.iter().find(|item| is_item(item, &step.name)));
            if kept.is_none() && others.is_empty() {
                items.remove(at);
            } else {
                remove(&mut items[at], below, kept, &others);
            }
        }
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.is_empty(),
        Value::Seq(items) => items.is_empty(),
        _ => false,
    }
}

/// The fields of an item of a list.
pub(super) fn of_item<'m>(fields: &'m Node, item: &Node) -> Option<&'m Node> {
    let steps = fields.as_map()?;
    steps.iter().find(|(step, _)| is_item(item, &step.name)).map(|(_, below)| below)
}

/// Whether a step leads to an item.
fn is_item(item: &Node, step: &str) -> bool {
    if let Some(value) = step.strip_prefix("v:") {
        return serde_json::from_str(value)
            .is_ok_and(|value: serde_json::Value| to_json(item) == value);
    }
    let Some(keys) = step.strip_prefix("k:") else { return false };
    let keys: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(keys);
    keys.is_ok_and(|keys| {
        // A key that is not stated has its default, as the protocol of a port.
        keys.iter().all(|(name, value)| item.get(name).is_none_or(|own| to_json(own) == *value))
    })
}
