//! When an object is applied in a sync.

use crate::yaml::Node;

/// A part of a sync. Hooks run in the ones that they name, all else in [`Phase::Sync`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before all else.
    PreSync,
    /// With what is applied.
    Sync,
    /// Once all is healthy.
    PostSync,
    /// When a sync has failed.
    SyncFail,
    /// Before the Application is deleted.
    PreDelete,
    /// After the Application was deleted.
    PostDelete,
    /// Never.
    Skip,
}

impl Phase {
    /// As `argocd.argoproj.io/hook` names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreSync => "PreSync",
            Self::Sync => "Sync",
            Self::PostSync => "PostSync",
            Self::SyncFail => "SyncFail",
            Self::PreDelete => "PreDelete",
            Self::PostDelete => "PostDelete",
            Self::Skip => "Skip",
        }
    }
}

const HOOKS: [(&str, Phase); 7] = [
    ("PreSync", Phase::PreSync),
    ("Sync", Phase::Sync),
    ("PostSync", Phase::PostSync),
    ("SyncFail", Phase::SyncFail),
    ("PreDelete", Phase::PreDelete),
    ("PostDelete", Phase::PostDelete),
    ("Skip", Phase::Skip),
];

/// The hooks of Helm that Argo CD knows. Source: `pkg/sync/hook/helm/type.go` of gitops-engine.
const HELM_HOOKS: [(&str, Phase); 4] = [
    ("pre-install", Phase::PreSync),
    ("pre-upgrade", Phase::PreSync),
    ("post-upgrade", Phase::PostSync),
    ("post-install", Phase::PostSync),
];

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

/// The parts of a sync in which an object is applied as a hook; none where it is no hook.
///
/// Source: `Types` in `pkg/sync/hook/hook.go` of gitops-engine; `hook_test.go`.
pub(super) fn phases(object: &Node) -> Vec<Phase> {
    let named = |name, known: &[(&str, Phase)]| -> Vec<Phase> {
        let names = annotation(object, name).into_iter().flat_map(|text| text.split(','));
        let phase = |name: &str| known.iter().find(|(known, _)| *known == name.trim());
        names.filter_map(phase).map(|(_, phase)| *phase).collect()
    };
    match named("argocd.argoproj.io/hook", &HOOKS) {
        own if own.is_empty() => named("helm.sh/hook", &HELM_HOOKS),
        own => own,
    }
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
