//! What texts of an object say of things that it may make: an operator, a script or a program is
//! told the names of these.

use std::collections::BTreeSet;

use super::{Made, Name, kind_rules, pod};
use crate::model::{Field, GroupKind, Labels, ObjectKey};
use crate::yaml::{Node, Value};

/// Commands that make something, and the Secret that is made.
const COMMANDS: [(&str, &str); 1] = [("redis-initial-password", "argocd-redis")];

/// What the containers of a workload may make: those that end are there to prepare something.
pub(super) fn of_workload(key: &ObjectKey, root: &Field<'_>) -> Vec<Made> {
    let kind = (key.group_kind.group.as_str(), key.group_kind.kind.as_str());
    let mut words = BTreeSet::new();
    let ends = matches!(kind, ("batch", "Job" | "CronJob"));
    let lists: &[&str] = if ends { &["initContainers", "containers"] } else { &["initContainers"] };
    pod::with_template(kind, root, |template| {
        let spec = template.node.get("spec");
        for container in lists.iter().filter_map(|list| spec?.get(list)?.as_seq()).flatten() {
            for text in texts(container) {
                let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.';
                let parts = text.split(is_end).map(|word| word.trim_matches(['-', '.']));
                words.extend(parts.filter(|word| is_name(word)).map(Box::<str>::from));
            }
        }
    });
    let mut made = Vec::new();
    for (command, secret) in COMMANDS {
        if words.contains(command) {
            made.push(perhaps(key, Some("Secret"), secret.into()));
        }
    }
    for word in words {
        made.push(perhaps(key, Some("ConfigMap"), word.clone()));
        made.push(perhaps(key, Some("Secret"), word));
    }
    made
}

/// The texts of a container that its program reads.
fn texts(container: &Node) -> impl Iterator<Item = &str> {
    let lists = ["command", "args"].into_iter();
    let words = lists.filter_map(|list| container.get(list)?.as_seq()).flatten();
    let env = container.get("env").and_then(Node::as_seq).unwrap_or_default();
    words.chain(env.iter().filter_map(|variable| variable.get("value"))).filter_map(Node::as_str)
}

/// What the operator of a custom object may be told to make: each of its texts that could be a name.
/// Where it is known which of them are names of other things, there is nothing to guess.
pub(super) fn of_custom(key: &ObjectKey, root: &Field<'_>) -> Vec<Made> {
    let kind = (key.group_kind.group.as_str(), key.group_kind.kind.as_str());
    if pod::is_workload(kind) || kind_rules::KINDS.iter().any(|(of, _)| *of == kind) {
        return Vec::new();
    }
    let mut names = BTreeSet::new();
    for (field, node) in root.node.as_map().into_iter().flat_map(|map| map.iter()) {
        if !["apiVersion", "kind", "metadata", "status"].contains(&&*field.name) {
            gather(node, &mut names);
        }
    }
    names.into_iter().map(|name| perhaps(key, None, name.into())).collect()
}

fn gather<'n>(node: &'n Node, names: &mut BTreeSet<&'n str>) {
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(_, node)| gather(node, names)),
        Value::Seq(items) => items.iter().for_each(|node| gather(node, names)),
        _ => names.extend(node.as_str().filter(|text| is_name(text))),
    }
}

/// The labels of the pod templates of a custom object.
pub(super) fn templates(node: &Node) -> Vec<Labels> {
    let mut found = Vec::new();
    collect(node, &mut found);
    found
}

fn collect(node: &Node, found: &mut Vec<Labels>) {
    match &node.value {
        Value::Map(map) => {
            for (key, node) in map.iter() {
                let labels = node.pointer("/metadata/labels");
                if labels.is_some() && (key.name.ends_with("emplate")) {
                    found.push(Labels::of(labels));
                }
                collect(node, found);
            }
        }
        Value::Seq(items) => items.iter().for_each(|node| collect(node, found)),
        _ => {}
    }
}

fn perhaps(key: &ObjectKey, kind: Option<&str>, name: Box<str>) -> Made {
    let namespace = (!key.namespace.is_empty()).then(|| key.namespace.as_str().into());
    Made {
        group_kind: kind.map(|kind| GroupKind::new("", kind)),
        namespace,
        name: Name::Perhaps(name),
        keys: None,
    }
}

/// Whether an object could have this name.
fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 253
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().all(|byte| is_part(byte) || byte == b'-' || byte == b'.')
}
