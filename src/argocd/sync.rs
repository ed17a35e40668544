//! When an object is applied in a sync.

use crate::yaml::Node;

use super::hook::{OF_HELM, TYPES};

fn annotation<'n>(object: &'n Node, name: &str) -> Option<&'n str> {
    object.get("metadata")?.get("annotations")?.get(name)?.as_str()
}

/// The wave of an object: its annotation, else the weight of a Helm hook, else 0. What is no number
/// counts for nothing, without a word.
///
/// Source: `Wave` in `pkg/sync/syncwaves/waves.go` of gitops-engine; `waves_test.go`.
pub(super) fn wave(object: &Node) -> i64 {
    let number = |name| annotation(object, name)?.parse().ok();
    number("argocd.argoproj.io/sync-wave").or_else(|| number("helm.sh/hook-weight")).unwrap_or(0)
}

/// When an object is applied as a hook; nothing where it is none.
///
/// Source: `Types` in `pkg/sync/hook/hook.go` of gitops-engine; `hook_test.go`.
pub(super) fn hooks(object: &Node) -> Vec<&'static str> {
    let names = |name| {
        let text = annotation(object, name).unwrap_or_default();
        text.split(',').map(str::trim).collect::<Vec<_>>()
    };
    let stated = names("argocd.argoproj.io/hook");
    let own: Vec<_> = TYPES.into_iter().filter(|hook| stated.contains(hook)).collect();
    if !own.is_empty() {
        return own;
    }
    let stated = names("helm.sh/hook");
    let of_helm = OF_HELM.into_iter().filter(|(name, _)| stated.contains(name));
    let mut hooks: Vec<_> = of_helm.map(|(_, hook)| hook).collect();
    hooks.dedup();
    hooks
}

/// The kinds in the order in which they are applied within a wave; all others come after them.
///
/// Source: `kindOrder` in `pkg/sync/sync_tasks.go` of gitops-engine.
const KINDS: [&str; 35] = [
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// Where a kind stands in the order of those in one wave.
#[must_use]
pub fn kind_rank(kind: &str) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len())
}
