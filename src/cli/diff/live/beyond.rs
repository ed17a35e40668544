//! What a cluster has and a tree lacks.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::argocd::tracking::{Tracking, is_watched};
use crate::argocd::{Followed, GROUP, in_cluster};
use crate::diff::{Fates, Object};
use crate::live::{Cluster, Failure, Listed};
use crate::model::{GroupKind, ObjectKey};
use crate::source::Span;
use crate::yaml::Node;

/// What a cluster has beyond a tree.
pub(super) struct Beyond {
    /// Objects that the Applications of the tree have in the cluster.
    pub(super) objects: Vec<Object>,
    /// What becomes of them.
    pub(super) fates: Fates,
    /// All that the cluster has.
    pub(super) listed: Listed,
}

/// The objects that the Applications of a tree have in a cluster, and not in the tree.
pub(super) fn beyond(
    cluster: &mut Cluster,
    tree: &Followed,
    tracking: &Tracking,
    own: &str,
    kept: &BTreeSet<ObjectKey>,
    environment: &Arc<str>,
    span: Span,
) -> Result<Beyond, Failure> {
    let mut applications = Vec::new();
    for kind in ["ApplicationSet", "Application"] {
        applications.extend(cluster.objects(&GroupKind::new(GROUP, kind), span)?);
    }
    let listed = cluster.survey(&is_watched, span)?;
    let mut there = in_cluster(applications, tracking, own, tree);
    let gone: Vec<(ObjectKey, usize)> = listed
        .objects
        .iter()
        .filter(|(key, node)| !kept.contains(key) && !has_owner(node))
        .filter_map(|(key, node)| {
            Some((key.clone(), there.named(tracking.application(node, key)?)?))
        })
        .collect();
    let keys: Vec<ObjectKey> = gone.iter().map(|(key, _)| key.clone()).collect();
    let mut objects = Vec::new();
    for ((key, application), node) in gone.into_iter().zip(cluster.read(&keys, span)?) {
        // It may have gone meanwhile, or be one of those that a sync itself makes and takes away.
        let Some(node) = node.filter(|node| there.add(application, node.clone())) else { continue };
        let path: Arc<str> = "".into();
        let environment = environment.clone();
        let file = span.file;
        objects.push(Object { environment, file, path, key, node, said: None, is_implied: false });
    }
    let mut fates = Fates::default();
    fates.add(&there.followed, tree);
    Ok(Beyond { objects, fates, listed })
}

/// The controller of Argo CD leaves what another object owns to that.
///
/// Source: `GetManagedLiveObjs` in `pkg/cache/cluster.go` of gitops-engine.
fn has_owner(object: &Node) -> bool {
    let owners = object.pointer("/metadata/ownerReferences").and_then(Node::as_seq);
    owners.is_some_and(|owners| !owners.is_empty())
}

/// The objects in some namespaces that neither another object nor an Application owns, and that the
/// control plane does not make by itself.
pub(super) fn unowned(
    listed: &Listed,
    tracking: &Tracking,
    namespaces: &BTreeSet<String>,
    kept: &BTreeSet<ObjectKey>,
) -> Vec<ObjectKey> {
    let sets: BTreeSet<(&str, &str)> = listed
        .objects
        .iter()
        .filter(|(key, _)| key.group_kind == GroupKind::new("apps", "StatefulSet"))
        .map(|(key, _)| (&*key.namespace, &*key.name))
        .collect();
    let mut found: Vec<ObjectKey> = listed
        .objects
        .iter()
        .filter(|(key, node)| {
            namespaces.contains(&key.namespace)
                && !kept.contains(key)
                && !has_owner(node)
                && tracking.application(node, key).is_none()
                && !is_made(key, node, &sets)
        })
        .map(|(key, _)| key.clone())
        .collect();
    found.sort();
    found
}

/// Whether the control plane makes an object in each namespace, or for another.
fn is_made(key: &ObjectKey, node: &Node, sets: &BTreeSet<(&str, &str)>) -> bool {
    let annotation = |name| node.pointer("/metadata/annotations").and_then(|all| all.get(name));
    match (&*key.group_kind.group, &*key.group_kind.kind) {
        ("", "ConfigMap") => key.name == "kube-root-ca.crt",
        ("", "ServiceAccount") => key.name == "default",
        ("", "Service") => key.namespace == "default" && key.name == "kubernetes",
        ("", "Secret") => annotation("kubernetes.io/service-account.name").is_some(),
        ("", "Pod") => annotation("kubernetes.io/config.mirror").is_some(),
        // What a set claims is named after it: `data-db-0`.
        ("", "PersistentVolumeClaim") => {
            let set = key.name.rsplit_once('-').filter(|(_, number)| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            set.is_some_and(|(claim, _)| {
                claim
                    .match_indices('-')
                    .any(|(at, _)| sets.contains(&(&*key.namespace, &claim[at + 1..])))
            })
        }
        _ => false,
    }
}
