//! What the compiler adds to rendered objects, and what it refuses of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::model::{GroupKind, ObjectKey, Scope, is_native};
use crate::resolve::{Environment, Release, namespace_undeclared};
use crate::schema::known_scope;
use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";

/// Kinds that hold data or other objects: Argo CD asks a person before it deletes one.
const KEPT: [(&str, &str); 5] = [
    ("", "Namespace"),
    ("", "PersistentVolumeClaim"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("argoproj.io", "AppProject"),
    ("argoproj.io", "ApplicationSet"),
];

/// One rendered object.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// What names it.
    pub key: ObjectKey,
    /// The object; each node knows the template's place and its values' origins.
    pub node: Arc<Node>,
    /// Where objects of its kind live, where that is known.
    pub scope: Option<Scope>,
}

/// Completes and judges the objects of a release. `true` beside an object says that it comes from
/// our templates; plain manifests are taken as they are. `defined` are the custom kinds of the
/// whole environment.
pub(super) fn finish(
    environment: &Environment,
    release: &Release,
    nodes: Vec<(Node, bool)>,
    defined: &BTreeMap<GroupKind, bool>,
    findings: &mut Vec<Finding>,
) -> Vec<Manifest> {
    let own = defined_kinds(&nodes);
    let mut by_key: BTreeMap<ObjectKey, Span> = BTreeMap::new();
    let mut manifests = Vec::new();
    for (mut node, ours) in nodes {
        let Some(place) = complete_key(&node, findings) else { continue };
        let scope = scope(defined, &GroupKind::of(&node));
        set_namespace(environment, release, scope, &mut node, findings);
        if ours {
            add_labels(release, &mut node);
        }
        protect(&own, &mut node);
        order(&mut node);
        let key = ObjectKey::of(&node);
        if let Some(first) = by_key.get(&key) {
            findings.push(
                Finding::error("object-twice", format!("`{}` renders {key} twice", release.name))
                    .at(place, "the second one")
                    .at(*first, "the first one")
                    .help("give one of them another name; Argo CD would apply the last in silence"),
            );
            continue;
        }
        by_key.insert(key.clone(), place);
        manifests.push(Manifest { key, node: Arc::new(node), scope });
    }
    manifests
}

/// The place of an object's name, where it states what every object must.
fn complete_key(node: &Node, findings: &mut Vec<Finding>) -> Option<Span> {
    if node.as_map().is_none() {
        findings.push(
            Finding::error("object-incomplete", format!("this is {}, no object", node.type_name()))
                .at(node.span, "rendered here"),
        );
        return None;
    }
    let text = |pointer| node.pointer(pointer).and_then(Node::as_str).filter(|t| !t.is_empty());
    let missing: Vec<_> = [("apiVersion", "/apiVersion"), ("kind", "/kind")]
        .into_iter()
        .filter(|(_, pointer)| text(pointer).is_none())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let name = node.pointer("/metadata/name");
    if missing.is_empty() && text("/metadata/name").is_some() {
        return name.map(|name| name.span);
    }
    let mut missing = missing;
    if text("/metadata/name").is_none() {
        missing.push("`metadata.name`".to_owned());
    }
    let kind = text("/kind").unwrap_or("object");
    let mut finding = Finding::error(
        "object-incomplete",
        format!("this {kind} has no {}", missing.join(", no ")),
    )
    .at(node.get("kind").map_or(node.span, |kind| kind.span), "rendered here");
    if let Some(name) = name.filter(|name| name.as_str().is_none()) {
        finding = finding.at(name.span, format!("{} is no name", name.type_name()));
        finding = finding.help("quote the expression, so that it stays text");
    } else if let Some(generated) = node.pointer("/metadata/generateName") {
        finding = finding.at(generated.span, "the server would make a name of this").help(
            "write `metadata.name`: Argo CD could not tell the object from one of an older sync",
        );
    }
    findings.push(finding);
    None
}

fn scope(defined: &BTreeMap<GroupKind, bool>, kind: &GroupKind) -> Option<Scope> {
    match defined.get(kind) {
        Some(true) => Some(Scope::Namespaced),
        Some(false) => Some(Scope::Cluster),
        None => known_scope(&kind.group, &kind.kind),
    }
}

/// Sees to it that a namespace is stated where there is one, and nowhere else.
fn set_namespace(
    environment: &Environment,
    release: &Release,
    scope: Option<Scope>,
    node: &mut Node,
    findings: &mut Vec<Finding>,
) {
    let key = ObjectKey::of(node);
    if scope == Some(Scope::Cluster) {
        drop_namespace(&key, node, findings);
        return;
    }
    if !key.namespace.is_empty() {
        let declared = environment.spec.namespaces.as_ref();
        if declared.is_none_or(|known| !known.contains_key(&key.namespace)) {
            let place = node.pointer("/metadata/namespace").map_or(node.span, |n| n.span);
            findings.push(
                namespace_undeclared(environment, &key.namespace)
                    .at(place, format!("{}/{} goes there", key.group_kind.kind, key.name)),
            );
        }
        return;
    }
    match scope {
        Some(_) => {
            let span = node.get("kind").map_or(node.span, |kind| kind.span);
            let value = stated(release, "namespace", release.namespace.as_str(), span);
            if let Some(metadata) = metadata(node) {
                metadata.insert_at(1, Key { name: "namespace".into(), span }, value);
            }
        }
        None => findings.push(
            Finding::warning(
                "scope-unknown",
                format!("whether a {} has a namespace is not known here", key.group_kind),
            )
            .at(node.get("kind").map_or(node.span, |kind| kind.span), "no namespace is written")
            .help("write `metadata.namespace`, or render its CustomResourceDefinition"),
        ),
    }
}

/// Kubernetes ignores it there, and two objects that differ in nothing else are one.
fn drop_namespace(key: &ObjectKey, node: &mut Node, findings: &mut Vec<Finding>) {
    let Some((_, namespace)) = metadata(node).and_then(|metadata| metadata.remove("namespace"))
    else {
        return;
    };
    if key.namespace.is_empty() {
        return;
    }
    let kind = &key.group_kind.kind;
    findings.push(
        Finding::warning("namespace-ignored", format!("a {kind} belongs to no namespace"))
            .at(namespace.span, "Kubernetes ignores this")
            .help("take `namespace` out"),
    );
}

fn metadata(node: &mut Node) -> Option<&mut Map> {
    node.as_map_mut()?.get_mut("metadata")?.as_map_mut()
}

/// The map under a key of the metadata, made where it is missing.
fn metadata_map<'a>(node: &'a mut Node, name: &str, span: Span) -> Option<&'a mut Map> {
    let metadata = metadata(node)?;
    if metadata.get(name).is_none_or(Node::is_null) {
        let empty = Node::new(Value::Map(Map::default()), span);
        metadata.insert(Key { name: name.into(), span }, empty);
    }
    metadata.get_mut(name)?.as_map_mut()
}

/// The labels that Kubernetes recommends for every object, on its metadata alone: selectors and
/// claim templates can never change.
fn add_labels(release: &Release, node: &mut Node) {
    let span = node.get("kind").map_or(node.span, |kind| kind.span);
    let version = release.version.as_deref().map(label_value);
    let labels = [
        ("app.kubernetes.io/name", "app", Some(release.app.clone())),
        ("app.kubernetes.io/instance", "name", Some(release.name.clone())),
        ("app.kubernetes.io/version", "version", version),
        ("app.kubernetes.io/part-of", "layer", Some(release.layer.clone())),
        ("app.kubernetes.io/managed-by", "", Some("gitopsc".to_owned())),
    ];
    let Some(map) = metadata_map(node, "labels", span) else { return };
    for (name, field, value) in labels {
        if let Some(value) = value.filter(|value| !value.is_empty())
            && !map.contains_key(name)
        {
            map.insert(Key { name: name.into(), span }, stated(release, field, &value, span));
        }
    }
}

/// Text that the compiler adds, made at one place and stated at another: a field of the release.
fn stated(release: &Release, field: &str, text: &str, span: Span) -> Node {
    let origins = release.node.get(field).map(|field| field.span).into_iter().collect();
    Node { origins, ..Node::string(text, span) }
}

/// A version as a label value: 63 characters, letters and digits at both ends.
pub(super) fn label_value(version: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let kept: String = version.chars().map(|c| if allowed(c) { c } else { '_' }).take(63).collect();
    kept.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned()
}

/// Argo CD's sync options for what must not vanish by an ordinary commit, and for what another
/// app has to define first.
fn protect(defined: &BTreeMap<GroupKind, bool>, node: &mut Node) {
    let group_kind = GroupKind::of(node);
    let mut options = Vec::new();
    if KEPT.contains(&(group_kind.group.as_str(), group_kind.kind.as_str())) {
        options.extend(["Prune=confirm", "Delete=confirm"]);
    }
    // Whoever reads the tree has Argo CD's own kinds.
    let of_argocd = group_kind.group == "argoproj.io"
        && ["AppProject", "Application", "ApplicationSet"].contains(&&*group_kind.kind);
    if !is_native(&group_kind) && !defined.contains_key(&group_kind) && !of_argocd {
        options.push("SkipDryRunOnMissingResource=true");
    }
    if options.is_empty() {
        return;
    }
    let span = node.get("kind").map_or(node.span, |kind| kind.span);
    let Some(annotations) = metadata_map(node, "annotations", span) else { return };
    let stated = annotations.get(SYNC_OPTIONS).and_then(Node::as_str).unwrap_or_default();
    let mut all: Vec<&str> = stated.split(',').map(str::trim).filter(|o| !o.is_empty()).collect();
    for option in options {
        let name = option.split('=').next().unwrap_or(option);
        if !all.iter().any(|known| known.split('=').next() == Some(name)) {
            all.push(option);
        }
    }
    let text = Node::string(all.join(","), span);
    annotations.insert(Key { name: SYNC_OPTIONS.into(), span }, text);
}

/// Completes an object that Argo CD itself reads: what protects it, and the order of its keys.
pub(crate) fn finish_argocd(node: &mut Node) {
    protect(&BTreeMap::new(), node);
    order(node);
}

/// The order of keys that people expect at the top of a manifest.
fn order(node: &mut Node) {
    const TOP: [&str; 3] = ["apiVersion", "kind", "metadata"];
    const METADATA: [&str; 4] = ["name", "namespace", "labels", "annotations"];
    let rank = |known: &[&str], key: &str| {
        known.iter().position(|name| *name == key).unwrap_or(known.len())
    };
    if let Some(map) = node.as_map_mut() {
        map.sort_by_rank(|key| rank(&TOP, key));
    }
    if let Some(metadata) = metadata(node) {
        metadata.sort_by_rank(|key| rank(&METADATA, key));
    }
}

/// The kinds that a set of manifests defines, by group and kind.
pub(super) fn defined_kinds<'n>(
    manifests: impl IntoIterator<Item = &'n (Node, bool)>,
) -> BTreeMap<GroupKind, bool> {
    manifests
        .into_iter()
        .filter(|(node, _)| {
            node.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition")
        })
        .filter_map(|(node, _)| {
            let text = |pointer| node.pointer(pointer).and_then(Node::as_str);
            let kind = text("/spec/names/kind")?.to_owned();
            let group = text("/spec/group")?.to_owned();
            Some((GroupKind { group, kind }, text("/spec/scope") != Some("Cluster")))
        })
        .collect()
}
