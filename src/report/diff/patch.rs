//! Differences as a patch of files with one object each.

use std::collections::HashMap;
use std::fmt::Write as _;

use similar::TextDiff;

use crate::diff::{Changes, Object, is_hidden, readable};
use crate::model::ObjectKey;
use crate::yaml::{Map, Node, Value, emit};

/// What stands in place of values that nobody may see. It is always the same, so that the next patch
/// fits what this one made.
const HIDDEN: &str = "(hidden)";

/// A patch that `git apply` understands: of files that hold one object each, written in one way, named
/// after the object as `ENVIRONMENT/NAMESPACE/KIND.GROUP/NAME.yaml`.
#[must_use]
pub fn patch(changes: &Changes<'_>) -> String {
    let mut text = String::new();
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (before, after) in changes.changes.iter().flat_map(|change| &change.places) {
        let mut path = |object: &Object| {
            let path = path(&object.environment, &object.key);
            // Where nobody says of which cluster they are, there may be two of a name.
            let count = taken.entry(path.clone()).or_default();
            *count += 1;
            if *count == 1 { format!("{path}.yaml") } else { format!("{path}~{count}.yaml") }
        };
        let new = after.map(|object| (path(object), object));
        let old = before.map(|object| match &new {
            Some((path, new)) if new.key == object.key => (path.clone(), object),
            _ => (path(object), object),
        });
        one(&mut text, old, new);
    }
    text
}

fn one(text: &mut String, old: Option<(String, &Object)>, new: Option<(String, &Object)>) {
    let [was, is] = [&old, &new]
        .map(|side| side.as_ref().map(|(_, object)| normal(&object.node)).unwrap_or_default());
    let [a, b] = [&old, &new].map(|side| side.as_ref().map(|(path, _)| path.as_str()));
    let (Some(from), Some(to)) = (a.or(b), b.or(a)) else { return };
    if was == is && from == to {
        // To git a line between patches is none of them.
        let _ = writeln!(text, "# {to}: only hidden values differ");
        return;
    }
    let _ = writeln!(text, "diff --git a/{from} b/{to}");
    let (mut left, mut right) = (format!("a/{from}"), format!("b/{to}"));
    match (a, b) {
        (None, _) => {
            text.push_str("new file mode 100644\n");
            left = "/dev/null".to_owned();
        }
        (_, None) => {
            text.push_str("deleted file mode 100644\n");
            right = "/dev/null".to_owned();
        }
        _ if from != to => {
            let _ = writeln!(text, "rename from {from}\nrename to {to}");
        }
        _ => {}
    }
    let diff = TextDiff::from_lines(&was, &is);
    if was != is {
        let _ = write!(text, "{}", diff.unified_diff().context_radius(3).header(&left, &right));
    }
}

/// An object as text: maps in the order of their keys, and no value that nobody may see.
#[must_use]
pub fn normal(node: &Node) -> String {
    let mut text = emit(&sorted(node));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn sorted(node: &Node) -> Node {
    let value = match &node.value {
        _ if is_hidden(node) => Value::String(HIDDEN.into()),
        Value::String(text) => Value::String(readable(text).into()),
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|one, other| one.0.name.cmp(&other.0.name));
            let entries = entries.into_iter().map(|(key, value)| (key.clone(), sorted(value)));
            Value::Map(Map::from_unique(entries.collect()))
        }
        Value::Seq(items) => Value::Seq(items.iter().map(sorted).collect()),
        _ => return node.clone(),
    };
    Node::new(value, node.span)
}

/// The path of an object's file without its ending.
fn path(environment: &str, key: &ObjectKey) -> String {
    let ObjectKey { group_kind, namespace, name } = key;
    let kind = match &*group_kind.group {
        "" => group_kind.kind.clone(),
        group => format!("{}.{group}", group_kind.kind),
    };
    let parts = [environment, namespace, &kind, name];
    let parts = parts.into_iter().filter(|part| !part.is_empty()).map(plain);
    parts.collect::<Vec<_>>().join("/")
}

/// A name in which every other character than those of names of objects is written as its number.
fn plain(name: &str) -> String {
    let mut text = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let is_plain =
            byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || byte == b'.' && at > 0;
        if is_plain {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
