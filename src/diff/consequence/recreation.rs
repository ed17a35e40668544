//! Objects that a sync deletes and makes anew.

use super::{Consequence, Effect, removal};
use crate::argocd::{is_made_anew, sync_option};
use crate::diff::edit::Edit;
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

pub(in crate::diff) fn is_answering(object: &Object) -> bool {
    ANSWERING.contains(&&*object.key.group_kind.kind)
}

/// The options by which a sync deletes the object and makes it anew, if it does: with `Replace`, be the
/// change allowed or not; without, where the server refuses it. `Force` counts on the object alone, as it
/// is in the files or in the cluster; `Replace` there or among the options of its Application.
///
/// Source: `applyObject` in `pkg/sync/sync_context.go` of gitops-engine: `kubectl replace --force`, but
/// for CustomResourceDefinitions and namespaces, else `kubectl apply --force`, which `deleteAndCreate`
/// in `k8s.io/kubectl/pkg/cmd/apply/patcher.go` answers for. On the server's side it deletes nothing:
/// `shouldUseServerSideApply` beside it. What an Application says: `controller/sync.go` of Argo CD.
pub(super) fn why(
    before: &Object,
    after: &Object,
    edits: &[Edit],
    application: &[String],
    is_refused: impl Fn() -> bool,
) -> Option<&'static str> {
    let has = |object: &Object, option: &str| {
        sync_option::of_object(&object.node).any(|stated| stated == option)
    };
    let either = |option: &str| has(before, option) || has(after, option);
    let of_application = |option: &str| application.iter().any(|stated| stated == option);
    if edits.is_empty() || !either("Force=true") {
        return None;
    }
    let is_spared =
        ["CustomResourceDefinition", "Namespace"].contains(&&*after.key.group_kind.kind);
    let replaced = match either("Replace=true") {
        true => Some("`Force=true,Replace=true`"),
        false => of_application("Replace=true")
            .then_some("`Force=true`, and `Replace=true` of its Application"),
    };
    if replaced.is_some() {
        return replaced.filter(|_| !is_spared);
    }
    let is_on_server = !has(after, "ServerSideApply=false")
        && (has(after, "ServerSideApply=true") || of_application("ServerSideApply=true"));
    let is_forced = !is_on_server && !is_made_anew(&after.node) && is_refused();
    is_forced.then_some("`Force=true`, and the API server refuses the change")
}

/// What goes meanwhile, and with the object.
pub(super) fn of(before: &Object, options: &str) -> Vec<Consequence> {
    let why = format!("Argo CD deletes the object and makes it anew: {options}");
    let mut found: Vec<Consequence> = removal::lost(before).into_iter().collect();
    for one in &mut found {
        one.text = format!("{why}; {}", one.text);
    }
    if found.is_empty() && is_answering(before) {
        found.push(Consequence { effect: Effect::Outage, text: why });
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
