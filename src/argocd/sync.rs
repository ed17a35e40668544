//! When an object is applied in a sync.

use std::fmt;

use crate::yaml::Node;

use super::hook::{OF_HELM, TYPES};

const HOOK: &str = "argocd.argoproj.io/hook";
const HELM_HOOK: &str = "helm.sh/hook";

/// A part of a sync. The later begins when all of the earlier is there and healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Hooks before the objects.
    PreSync,
    /// The objects.
    Sync,
    /// Hooks after the objects.
    PostSync,
}

/// A wave of a phase. Argo CD applies all of it together, and goes on when all of it is healthy.
///
/// Source: `Sync` in `pkg/sync/sync_context.go` of gitops-engine; what has no health counts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Its phase.
    pub phase: Phase,
    /// Its wave.
    pub wave: i64,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wave = self.wave;
        match self.phase {
            Phase::Sync => write!(f, "wave {wave}"),
            Phase::PreSync if wave == 0 => f.write_str("PreSync"),
            Phase::PostSync if wave == 0 => f.write_str("PostSync"),
            Phase::PreSync => write!(f, "wave {wave} of PreSync"),
            Phase::PostSync => write!(f, "wave {wave} of PostSync"),
        }
    }
}

/// The first step in which an object is applied; nothing where a sync that goes well never does.
///
/// Source: `syncPhases` in `pkg/sync/sync_phase.go`, `IsHook` in `pkg/sync/hook` of gitops-engine.
pub(super) fn step(object: &Node) -> Option<Step> {
    let is_hook = states_hook(object);
    let phases = hooks(object).into_iter().filter_map(|hook| match hook {
        "PreSync" => Some(Phase::PreSync),
        "Sync" => Some(Phase::Sync),
        "PostSync" => Some(Phase::PostSync),
        _ => None,
    });
    let phase = if is_hook { phases.min()? } else { Phase::Sync };
    Some(Step { phase, wave: wave(object) })
}

fn states_hook(object: &Node) -> bool {
    annotation(object, HOOK).is_some()
        || annotation(object, HELM_HOOK).is_some_and(|text| text != "crd-install")
}

/// Whether a sync makes the object anew, whatever is there: it is a hook, or the server names it.
///
/// Source: `IsHook` in `pkg/sync/hook/hook.go`, `DeletePolicies` in `pkg/sync/hook/delete_policy.go` of
/// gitops-engine: the old hook goes before the new one comes where nothing else is said, and else when
/// it has ended.
#[must_use]
pub fn is_made_anew(object: &Node) -> bool {
    let has = |field| object.get("metadata").is_some_and(|it| it.get(field).is_some());
    states_hook(object) || has("generateName") && !has("name")
}

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
    let stated = names(HOOK);
    let own: Vec<_> = TYPES.into_iter().filter(|hook| stated.contains(hook)).collect();
    if !own.is_empty() {
        return own;
    }
    let stated = names(HELM_HOOK);
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
