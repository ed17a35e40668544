//! Objects that the tree on disk has and the new one has not, while their release stays.

use std::collections::{BTreeMap, BTreeSet};

use super::permission::covers;
use super::previous::{Listed, Previous, documents};
use super::project::{destinations, permitted};
use super::{Tree, root};
use crate::config::pointer_span;
use crate::diagnostic::Finding;
use crate::model::{ObjectKey, Scope};
use crate::resolve::Environment;
use crate::schema::known_scope;
use crate::yaml::Node;

struct Departed<'p> {
    path: &'p str,
    release: &'p str,
    key: ObjectKey,
    /// Whether Argo CD asks a person before it prunes it.
    kept: bool,
}

/// Warns of objects that hold data or others, and refuses to let go of a permission before what
/// needed it is pruned: Argo CD neither sees nor prunes what a project does not permit.
pub(super) fn objects(
    previous: &Previous,
    environment: &Environment,
    now: &BTreeMap<String, Listed>,
    tree: &Tree,
) -> Vec<Finding> {
    let departed = departed(previous, tree);
    let namespaces: BTreeSet<&str> = departed
        .iter()
        .filter(|gone| is_namespace(&gone.key))
        .map(|gone| &*gone.key.name)
        .collect();
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for gone in &departed {
        let Some(release) = now.get(gone.release) else { continue };
        let file = previous.path(gone.path);
        if gone.kept && !release.absent {
            findings.push(data(environment, gone).in_file(file.clone()));
        }
        let too_early = [
            kind_too_early(environment, &release.layer, &gone.key),
            // A namespace that goes takes along what is in it.
            namespace_too_early(environment, &release.layer, &gone.key)
                .filter(|_| !namespaces.contains(&*gone.key.namespace)),
        ];
        for finding in too_early.into_iter().flatten() {
            if told.insert(finding.message.clone()) {
                let why = format!(
                    "`{file}` is still in the tree; Argo CD neither sees nor prunes what a project \
                     does not permit, and the object would run on with no owner"
                );
                findings.push(finding.note(why));
            }
        }
    }
    findings
}

fn departed<'p>(previous: &'p Previous, tree: &Tree) -> Vec<Departed<'p>> {
    let mut departed = Vec::new();
    for (path, text) in &previous.gone {
        let release = path.strip_prefix("manifests/").and_then(|rest| rest.split('/').nth(1));
        let Some(release) = release else { continue };
        for node in documents(text).iter().filter(|node| node.get("kind").is_some()) {
            let options = node.pointer("/metadata/annotations/argocd.argoproj.io~1sync-options");
            let options = options.and_then(Node::as_str).unwrap_or_default();
            let kept = options.split(',').any(|option| option.trim() == "Prune=confirm");
            departed.push(Departed { path, release, key: ObjectKey::of(node), kept });
        }
    }
    if !departed.is_empty() {
        let manifests = tree.files.iter().filter(|(path, _)| path.starts_with("manifests/"));
        let here: BTreeSet<ObjectKey> = manifests
            .flat_map(|(_, file)| file.objects())
            .map(|node| ObjectKey::of(node))
            .collect();
        departed.retain(|gone| !here.contains(&gone.key));
    }
    departed
}

fn is_namespace(key: &ObjectKey) -> bool {
    key.group_kind.group.is_empty() && key.group_kind.kind == "Namespace"
}

fn data(environment: &Environment, gone: &Departed<'_>) -> Finding {
    let ObjectKey { group_kind, namespace, name } = &gone.key;
    let message = format!("{} leaves `{}`, which stays", gone.key, gone.release);
    let finding = Finding::warning("data-vanished", message);
    if group_kind.kind == "CustomResourceDefinition" {
        return finding
            .note("Argo CD does not track definitions: it stays in the cluster, with no owner")
            .help(format!("when no object of it is left: `kubectl delete crd {name}`"));
    }
    let application = format!("{}-{}", environment.name, gone.release);
    let group = match group_kind.group.as_str() {
        "" => String::new(),
        group => format!(".{group}"),
    };
    let there = if namespace.is_empty() { String::new() } else { format!(" -n {namespace}") };
    let object = format!("{}{group}/{name}{there}", group_kind.kind.to_ascii_lowercase());
    finding
        .note(format!(
            "Argo CD asks a person before it prunes it, and syncs nothing else of `{application}` \
             until then; one approval lets everything go that waits there"
        ))
        .help(format!(
            "to let it go: `{}`; to keep it, while Argo CD waits: `kubectl annotate {object} \
             argocd.argoproj.io/tracking-id-`",
            root::approval(environment, &application)
        ))
}

fn kind_too_early(environment: &Environment, layer: &str, key: &ObjectKey) -> Option<Finding> {
    let permitted = permitted(environment, layer);
    let in_any = |patterns: &[String]| patterns.iter().any(|p| covers(p, &key.group_kind));
    let cluster = in_any(&permitted.cluster);
    let namespaced = permitted.namespaced.as_deref().is_none_or(in_any);
    let is_cluster = known_scope(&key.group_kind.group, &key.group_kind.kind);
    let (field, allowed) = match (key.namespace.is_empty(), is_cluster) {
        (false, _) => ("namespaced", namespaced),
        (true, Some(Scope::Cluster)) => ("cluster", cluster),
        // Whether it has a namespace is not known: either permission may be its own.
        (true, _) => ("cluster", cluster || namespaced),
    };
    let kind = &key.group_kind;
    (!allowed).then(|| {
        let pointer = format!("/layers/{layer}/permissions/{field}");
        let message = format!("layer `{layer}` gives up `{kind}` before the last one is pruned");
        Finding::error("permission-too-early", message)
            .at(pointer_span(&environment.node, &pointer), "not permitted here any more")
            .help(format!(
                "in two commits: leave `{kind}` in `permissions.{field}` until Argo CD has pruned \
                 the last one, then take it out"
            ))
    })
}

fn namespace_too_early(environment: &Environment, layer: &str, key: &ObjectKey) -> Option<Finding> {
    let namespace = key.namespace.as_str();
    let allowed = namespace.is_empty() || destinations(environment, layer).contains(&namespace);
    (!allowed).then(|| {
        let pointer = format!("/namespaces/{namespace}");
        let message = format!(
            "layer `{layer}` gives up namespace `{namespace}` before {}/{} is pruned",
            key.group_kind.kind, key.name
        );
        Finding::error("permission-too-early", message)
            .at(pointer_span(&environment.node, &pointer), "not the layer's")
            .help(
                "in two commits: let the object leave the tree and Argo CD prune it, then move or \
                 take away the namespace, or move the app",
            )
    })
}
