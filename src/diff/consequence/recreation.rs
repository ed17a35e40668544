//! Objects that a sync deletes and makes anew.

use super::{Consequence, Effect, removal};
use crate::argocd::sync_option;
use crate::diff::snapshot::Object;
use crate::yaml::Node;

/// Kinds that something answers through.
const ANSWERING: [&str; 10] = [
    "DaemonSet",
    "Deployment",
    "Gateway",
    "HTTPRoute",
    "Ingress",
    "Pod",
    "ReplicaSet",
    "Rollout",
    "Service",
    "StatefulSet",
];

/// Whether a sync replaces the object by deleting it, be the change allowed or not.
///
/// Source: `applyObject` in `pkg/sync/sync_context.go` of gitops-engine: `kubectl replace --force`, but
/// for CustomResourceDefinitions and namespaces.
pub(super) fn is_recreated(before: &Object, after: &Object) -> bool {
    let says = |name: &str| {
        [before, after].iter().any(|object| {
            sync_option::value(sync_option::of_object(&object.node), name) == Some("true")
        })
    };
    let is_spared =
        ["CustomResourceDefinition", "Namespace"].contains(&&*after.key.group_kind.kind);
    !is_spared && says("Force") && says("Replace")
}

/// What goes meanwhile, and with the object.
pub(super) fn of(before: &Object) -> Vec<Consequence> {
    let why = "Argo CD deletes the object and makes it anew: `Force=true,Replace=true`";
    let mut found: Vec<Consequence> = removal::lost(before).into_iter().collect();
    for one in &mut found {
        one.text = format!("{why}; {}", one.text);
    }
    if found.is_empty() && ANSWERING.contains(&&*before.key.group_kind.kind) {
        found.push(Consequence { effect: Effect::Outage, text: why.to_owned() });
    }
    found
}

/// The claims that go when a StatefulSet gets fewer pods.
///
/// Source: `updateClaimOwnerRefForSetAndPod` in `pkg/controller/statefulset/stateful_set_utils.go` of
/// Kubernetes: by what the set says then.
pub(super) fn scaled(before: &Object, after: &Object) -> Option<Consequence> {
    let kind = &after.key.group_kind;
    let is_set = (&*kind.group, &*kind.kind) == ("apps", "StatefulSet");
    if !is_set || !removal::deletes_claims(after, "whenScaled") {
        return None;
    }
    let replicas = |object: &Object| object.node.pointer("/spec/replicas").and_then(Node::as_int);
    // Where nothing is stated any more, somebody else may own the number.
    let (old, new) = (replicas(before).unwrap_or(1), replicas(after)?);
    let pods = if old - new == 1 { "1 pod" } else { &format!("{} pods", old - new) };
    (new < old).then(|| Consequence {
        effect: Effect::DataLoss,
        text: format!("the claims of {pods} and their volumes are deleted: `whenScaled: Delete`"),
    })
}
