//! Paths of fields that hold while items of lists come and go.

use crate::source::Span;
use crate::yaml::{Node, Value};

/// What tells the items of Kubernetes' lists apart: the keys of its list maps and merge patches, of
/// which the first that an item has counts.
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>
const KEYS: [&str; 13] = [
    "name",
    "containerPort",
    "port",
    "mountPath",
    "devicePath",
    "topologyKey",
    "ip",
    "key",
    "uid",
    "driver",
    "type",
    "metadata",
    "path",
];

/// What is a key together with another field.
const BESIDE: [&str; 2] = ["protocol", "whenUnsatisfiable"];

/// The path of a field with the items of lists named by their keys in place of their positions:
/// `spec.containers[name=web].image`. An item whose only key is the field itself is `[]`, and one
/// that has no key keeps its position.
#[must_use]
pub fn by_keys(object: &Node, path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let (mut node, mut rest) = (Some(object), path);
    while !rest.is_empty() {
        let (step, after, name) = step(rest);
        rest = after;
        match node.map(|node| &node.value) {
            Some(Value::Seq(items)) => {
                let item = name.parse().ok().and_then(|index: usize| items.get(index));
                match item.and_then(|item| key(item, rest)) {
                    Some(key) => out.push_str(&format!("[{key}]")),
                    None => out.push_str(step),
                }
                node = item;
            }
            Some(Value::Map(map)) => {
                out.push_str(step);
                node = map.get(name);
            }
            _ => {
                out.push_str(step);
                node = None;
            }
        }
    }
    out
}

/// The first step of a path as it is written, what follows, and the name or the index in it.
fn step(path: &str) -> (&str, &str, &str) {
    if let Some((name, _)) = path.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        let (step, rest) = path.split_at(name.len() + 2);
        return (step, rest, name);
    }
    let from = usize::from(path.starts_with('.'));
    let end = path[from..].find(['.', '[']).map_or(path.len(), |at| from + at.max(1));
    let (step, rest) = path.split_at(end);
    (step, rest, &step[from..])
}

/// What tells an item apart, empty where that is the field itself; nothing where there is no such
/// thing.
fn key(item: &Node, below: &str) -> Option<String> {
    let of = |name: &&&str| {
        let value = item.get(name)?;
        let value = if **name == "metadata" { value.get("name")? } else { value };
        Some(format!("{name}={}", scalar(value)?))
    };
    let own = below.strip_prefix('.').unwrap_or(below);
    let known: Vec<_> = KEYS.iter().filter_map(|name| Some((*name, of(&name)?))).collect();
    if known.is_empty() {
        return None;
    }
    let Some((_, first)) = known.iter().find(|(name, _)| *name != own) else {
        return Some(String::new());
    };
    let beside = BESIDE.iter().filter(|name| **name != own).find_map(|name| of(&name));
    Some(beside.map_or_else(|| first.clone(), |beside| format!("{first},{beside}")))
}

fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Map(_) | Value::Seq(_) | Value::Null => None,
        _ => Some(match node.as_str() {
            Some(text) if text.chars().all(|c| c.is_alphanumeric() || "-_./:".contains(c)) => {
                text.to_owned()
            }
            _ => crate::yaml::to_json(node).to_string(),
        }),
    }
}

/// The path of the map in which a place lies, and of a key there.
#[must_use]
pub fn path_of_key(object: &Node, place: Span, key: &str) -> String {
    let mut path = String::new();
    let mut node = object;
    let holds = |node: &Node| (node.span.start..node.span.end).contains(&place.start);
    loop {
        let below = match &node.value {
            Value::Map(map) => map
                .iter()
                .find(|(_, child)| holds(child))
                .map(|(key, child)| (join(&path, &key.name), child)),
            Value::Seq(items) => items
                .iter()
                .enumerate()
                .find(|(_, child)| holds(child))
                .map(|(index, child)| (format!("{path}[{index}]"), child)),
            _ => None,
        };
        match below {
            Some((longer, child)) => (path, node) = (longer, child),
            None => return join(&path, key),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::by_keys;
    use crate::source::{Sources, Span};
    use crate::yaml::from_json;

    #[test]
    fn items_are_told_by_their_keys() {
        let object = json!({"spec": {
            "containers": [
                {"name": "web", "ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}],
                 "volumeMounts": [{"name": "a", "mountPath": "/x y"}], "args": ["a", "b"]},
                {"image": "x"},
            ],
            "ports": [{"port": 0}, {"port": 1, "name": "http"}],
            "tolerations": [{"key": "a/b"}],
            "templates": [{"metadata": {"name": "t"}, "spec": {}}],
            "labels": {"a.b/c": 1},
        }});
        let object = from_json(&object, Span::new(Sources::default().add("x", ""), 0..0));
        for (path, expected) in [
            ("spec.containers[0].image", "spec.containers[name=web].image"),
            ("spec.containers[0]", "spec.containers[name=web]"),
            ("spec.containers[1].image", "spec.containers[1].image"),
            ("spec.containers[7].image", "spec.containers[7].image"),
            ("spec.containers[0].args[1]", "spec.containers[name=web].args[1]"),
            (
                "spec.containers[0].ports[0].hostPort",
                "spec.containers[name=web].ports[containerPort=53,protocol=UDP].hostPort",
            ),
            (
                "spec.containers[0].ports[1].containerPort",
                "spec.containers[name=web].ports[].containerPort",
            ),
            ("spec.ports[0].port", "spec.ports[].port"),
            ("spec.ports[1].port", "spec.ports[name=http].port"),
            ("spec.ports[1].name", "spec.ports[port=1].name"),
            ("spec.tolerations[0].effect", "spec.tolerations[key=a/b].effect"),
            ("spec.templates[0].spec", "spec.templates[metadata=t].spec"),
            ("spec.labels[a.b/c]", "spec.labels[a.b/c]"),
            ("spec.labels.a.b/c", "spec.labels.a.b/c"),
            ("", ""),
            ("..[", "..["),
            ("[é].é[", "[é].é["),
        ] {
            assert_eq!(by_keys(&object, path), expected, "{path}");
        }
    }
}
