//! What goes with an object.

use std::collections::BTreeSet;

use super::outage::replicas;
use super::words::listed;
use super::{Consequence, Effect, Subject};
use crate::diff::fate::{Fate, Fates};
use crate::diff::snapshot::Object;
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// What becomes of an object that is gone from the files. Where nobody knows, it counts as deleted.
pub(super) fn of(before: &Object, fates: &Fates) -> Option<Consequence> {
    match fates.of(&before.path, &before.key) {
        None | Some(Fate::Deleted) => lost(before),
        // The claims of a set are its own, too.
        Some(Fate::DeletedAlone) => lost(before).filter(|_| !is_set(before)),
        Some(Fate::Waits) => Some(Consequence {
            effect: Effect::Approval,
            text: "Argo CD deletes it when a person approves".to_owned(),
        }),
        Some(Fate::Stays(why)) => {
            Some(Consequence { effect: Effect::Orphan, text: format!("it stays: {why}") })
        }
    }
}

fn is_set(object: &Object) -> bool {
    let kind = &object.key.group_kind;
    (&*kind.group, &*kind.kind) == ("apps", "StatefulSet")
}

/// The data that are lost where an object is deleted.
pub(in crate::diff) fn lost(before: &Object) -> Option<Consequence> {
    let kind = &before.key.group_kind;
    let text = match (&*kind.group, &*kind.kind) {
        ("", "Namespace") => "everything in the namespace is deleted with it".to_owned(),
        ("", "PersistentVolumeClaim") => {
            "the volume is deleted with the claim, unless its class retains it".to_owned()
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let name = before.node.pointer("/spec/names/kind").and_then(Node::as_str);
            format!(
                "every `{}` in the cluster is deleted with it",
                name.unwrap_or("object of the kind")
            )
        }
        ("apps", "StatefulSet") => {
            if !deletes_claims(before, "whenDeleted") {
                return None;
            }
            "its claims and their volumes are deleted with it".to_owned()
        }
        _ => return None,
    };
    Some(Consequence { effect: Effect::DataLoss, text })
}

/// Whether the claims that a StatefulSet made go with it, or with its pods.
pub(super) fn deletes_claims(set: &Object, when: &str) -> bool {
    let policy = format!("/spec/persistentVolumeClaimRetentionPolicy/{when}");
    let templates = set.node.pointer("/spec/volumeClaimTemplates").and_then(Node::as_seq);
    set.node.pointer(&policy).and_then(Node::as_str) == Some("Delete")
        && templates.is_some_and(|templates| !templates.is_empty())
}

/// The claims that a StatefulSet leaves behind under its old name: its pods get new ones under the new.
/// Nothing is told where the files have claims of the new name.
///
/// Source: `getPersistentVolumeClaimName` in `pkg/controller/statefulset/stateful_set_utils.go` of
/// Kubernetes.
pub(super) fn left_claims(subject: &Subject<'_, '_>, before: &Object) -> Option<Consequence> {
    let after = subject.after.filter(|after| is_set(before) && is_set(after))?;
    let is_unknown = |set: &Object| set.node.get("metadata").is_none_or(is_open);
    if replicas(before) == Some(0)
        || deletes_claims(before, "whenDeleted")
        || is_unknown(before)
        || is_unknown(after)
        || !subject.whole.takes_pods_along(before)
    {
        return None;
    }
    let (old, new) = (claims(before)?, claims(after)?);
    let has_new = |claim: &&Object| {
        let (start, ordinal) = claim.key.name.rsplit_once('-').unwrap_or_default();
        new.contains(start) && ordinal.parse::<u32>().is_ok()
    };
    let side = &subject.whole.after;
    let is_there = side.beside(after, "", "PersistentVolumeClaim").any(|claim| has_new(&claim));
    let is_near = before.key.namespace == after.key.namespace;
    let left: BTreeSet<String> = old
        .iter()
        .filter(|start| !is_near || !new.contains(*start))
        .map(|start| format!("{start}-…"))
        .collect();
    let is_told = !left.is_empty() && !new.is_empty() && !is_there;
    is_told.then(|| Consequence {
        effect: Effect::Orphan,
        text: format!(
            "the claims {} stay with their data, and nobody uses them: the pods start with new, empty ones",
            listed(&left)
        ),
    })
}

/// What the names of the claims of a StatefulSet begin with, before the number of the pod; nothing where
/// a name is filled in later.
fn claims(set: &Object) -> Option<BTreeSet<String>> {
    let templates = set.node.pointer("/spec/volumeClaimTemplates").and_then(Node::as_seq);
    let name = |template: &Node| {
        let name = template.pointer("/metadata/name").filter(|name| !is_open(name))?;
        Some(format!("{}-{}", name.as_str()?, set.key.name))
    };
    templates.into_iter().flatten().map(name).collect()
}
