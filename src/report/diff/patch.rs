//! Differences as a patch of files with one object each.

use std::collections::HashSet;
use std::fmt::Write as _;

use similar::TextDiff;

use crate::diff::{Changes, Object, is_hidden, readable};
use crate::model::ObjectKey;
use crate::yaml::{Map, Node, Value, emit};

/// What stands in place of values that nobody may see. It is always the same, so that the next patch
/// fits what this one made.
const HIDDEN: &str = "(hidden)";

/// A file by its path, and the object in it.
type Written<'o> = (String, &'o Node);

/// A patch that `git apply` understands: of files that hold one object each, written in one way, named
/// after the object as `ENVIRONMENT/NAMESPACE/KIND.GROUP/NAME.yaml`. Of several that say the same of who
/// they are the second is in `NAME~2.yaml`, by their order in the state.
#[must_use]
pub fn patch(changes: &Changes<'_>) -> String {
    let mut text = String::new();
    let repeated = changes.repeated.iter().map(|one| (&*one.environment, &one.key));
    let repeated: HashSet<(&str, &ObjectKey)> = repeated.collect();
    for (before, after) in changes.changes.iter().flat_map(|change| &change.places) {
        let [old, new] = [before, after].map(|object| {
            let alone =
                |it: &&Object| !it.is_implied && !repeated.contains(&(&*it.environment, &it.key));
            let written = |it: &'_ Object| format!("{}.yaml", path(&it.environment, &it.key));
            object.filter(alone).map(|object| (written(object), &object.node))
        });
        one(&mut text, old, new);
    }
    for group in &changes.repeated {
        let path = path(&group.environment, &group.key);
        for (number, old, new) in &group.differing {
            let path = match number {
                0 => format!("{path}.yaml"),
                number => format!("{path}~{}.yaml", number + 1),
            };
            let written = |node| (path.clone(), node);
            one(&mut text, old.as_ref().map(written), new.as_ref().map(written));
        }
    }
    text
}

fn one(text: &mut String, old: Option<Written<'_>>, new: Option<Written<'_>>) {
    let [was, is] =
        [&old, &new].map(|side| side.as_ref().map(|(_, node)| normal(node)).unwrap_or_default());
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
