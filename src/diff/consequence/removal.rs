//! What goes with an object.

use super::{Consequence, Effect};
use crate::diff::fate::{Fate, Fates};
use crate::diff::snapshot::Object;
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
pub(super) fn lost(before: &Object) -> Option<Consequence> {
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
