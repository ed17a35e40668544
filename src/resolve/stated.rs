//! What an environment must state in the end, and what it may state once.
//!
//! The schema cannot ask for these: a file that extends another states only what differs. Left to
//! the built-in apps, they would be faults of templates that nobody can change.

use super::Environment;
use super::reference::{entries, own_span};
use crate::diagnostic::Finding;
use crate::load::Repo;
use crate::model::Quantity;
use crate::yaml::{Key, Map, Node, Value};

/// What the quota of a namespace bounds by a word of our own, and the names of Kubernetes for it.
const QUOTA: [(&str, &[&str]); 2] =
    [("memory", &["requests.memory", "limits.memory"]), ("cpu", &["requests.cpu"])];

/// The labels that the fields of a namespace become.
const LABELS: [(&str, &[&str]); 2] = [
    ("podSecurity", &["pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn"]),
    ("layer", &["gitopsc.dev/layer"]),
];

/// Everything that is missing in one environment, or there twice.
pub(super) fn check(repo: &Repo, environment: &Environment, findings: &mut Vec<Finding>) {
    let node = &*environment.node;
    for (pointer, what) in [
        ("/kubernetes/version", "the Kubernetes version"),
        ("/gitops/repoURL", "the URL of this repository, which Argo CD clones"),
        ("/gitops/revision", "the branch that Argo CD follows"),
    ] {
        if node.pointer(pointer).is_none() {
            let field = pointer[1..].replace('/', ".");
            findings.push(
                Finding::error("field-missing", format!("`{field}` is missing"))
                    .at(own_span(repo, environment, pointer), format!("it states {what}")),
            );
        }
    }
    for (key, class) in entries(node, "priorityClasses") {
        if class.get("value").is_none() {
            findings.push(lacks(key, "priority class", "value", "a whole number, as `value: 100`"));
        }
    }
    for (key, pool) in entries(node, "pools") {
        if pool.get("addresses").and_then(Node::as_seq).is_none_or(<[Node]>::is_empty) {
            let example = "a range or a CIDR, as `addresses: [192.168.1.240-192.168.1.250]`";
            findings.push(lacks(key, "pool", "addresses", example));
        }
    }
    for (key, machine) in entries(node, "nodes") {
        findings.extend(["cpu", "memory"].iter().filter_map(|what| reserved(key, machine, what)));
    }
    for (namespace, declared) in entries(node, "namespaces") {
        let whose = format!("namespace `{}`", namespace.name);
        if let Some(quota) = declared.get("quota").and_then(Node::as_map) {
            findings.extend(twice(&whose, quota, quota, &QUOTA));
        }
        let made = !declared.get("existing").is_some_and(is_true);
        if let (true, Some(fields)) = (made, declared.as_map())
            && let Some(labels) = declared.get("labels").and_then(Node::as_map)
        {
            findings.extend(twice(&whose, fields, labels, &LABELS));
        }
    }
    findings.extend(defaults(
        node,
        ["storageClasses", "default"],
        "default storage class",
        "a claim without a class gets the younger one",
    ));
    findings.extend(defaults(
        node,
        ["priorityClasses", "globalDefault"],
        "default priority class",
        "Kubernetes refuses the second one",
    ));
}

/// A node that keeps back more of something than it has.
fn reserved(key: &Key, machine: &Node, what: &str) -> Option<Finding> {
    let (all, kept) = (machine.get(what)?, machine.get("reserved")?.get(what)?);
    let (has, keeps) = (Quantity::of(all)?, Quantity::of(kept)?);
    (keeps >= has).then(|| {
        let message = format!("node `{}` keeps back {keeps} of its {has} of {what}", key.name);
        Finding::error("node-kept-whole", message)
            .at(kept.span, "nothing is left for pods")
            .at(all.span, "what it has")
            .help("state less under `reserved`")
    })
}

fn lacks(key: &Key, what: &str, field: &str, example: &str) -> Finding {
    Finding::error("field-missing", format!("{what} `{}` lacks `{field}`", key.name))
        .at(key.span, format!("declared without `{field}`"))
        .help(format!("state {example}"))
}

/// Fields of a namespace beside others that they become.
fn twice<'m>(
    whose: &str,
    fields: &'m Map,
    others: &'m Map,
    becomes: &[(&str, &[&str])],
) -> Vec<Finding> {
    let pairs = becomes.iter().flat_map(|(field, names)| names.iter().map(move |n| (*field, *n)));
    let stated = pairs.filter_map(|(field, name)| {
        let ((first, _), (second, _)) = (fields.entry(field)?, others.entry(name)?);
        Some(
            Finding::error("stated-twice", format!("{whose} states `{name}` twice"))
                .at(second.span, "here")
                .at(first.span, format!("and here: `{field}` becomes it too"))
                .help("leave one of them out"),
        )
    });
    stated.collect()
}

/// Two entries of a map that are both marked as the default.
fn defaults(
    node: &Node,
    [field, mark]: [&str; 2],
    what: &str,
    consequence: &str,
) -> Option<Finding> {
    let mut marked = entries(node, field).filter_map(|(key, entry)| {
        let (mark, value) = entry.as_map()?.entry(mark)?;
        is_true(value).then_some((key, mark))
    });
    let ((first, before), (second, place)) = (marked.next()?, marked.next()?);
    Some(
        Finding::error(
            "default-twice",
            format!("`{}` and `{}` are both the {what}", first.name, second.name),
        )
        .at(place.span, format!("`{}` is", second.name))
        .at(before.span, format!("`{}` is already", first.name))
        .note(consequence)
        .help(format!("take `{mark}` off one of them")),
    )
}

fn is_true(node: &Node) -> bool {
    matches!(node.value, Value::Bool(true))
}
