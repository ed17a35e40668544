//! The names of annotations and labels that Argo CD 3.5.7 reads: `common/common.go`,
//! `pkg/apis/application/v1alpha1/application_annotations.go` and `controller/cache/cache.go` of Argo CD,
//! `pkg/sync/common/types.go` of gitops-engine.

/// What stands before them, with a slash.
pub const DOMAIN: &str = "argocd.argoproj.io";

/// The ConfigMap of Argo CD's settings.
pub const SETTINGS: &str = "argocd-cm";

/// Annotations that people write.
pub const ANNOTATIONS: [&str; 13] = [
    "client-side-apply-migration-manager",
    "compare-options",
    "deletion-approved",
    "hook",
    "hook-delete-policy",
    "ignore-default-links",
    "ignore-healthcheck",
    "ignore-resource-updates",
    "managed-by-url",
    "manifest-generate-paths",
    "skip-reconcile",
    "sync-options",
    "sync-wave",
];

/// Those that nobody else has a name like, whatever stands before it.
pub const UNIQUE: [&str; 6] = [
    "compare-options",
    "hook-delete-policy",
    "ignore-healthcheck",
    "manifest-generate-paths",
    "sync-options",
    "sync-wave",
];

/// Annotations that ask for something once: a controller takes them away when it is done.
pub const REQUESTS: [&str; 3] = ["application-set-refresh", "hydrate", "refresh"];

/// Labels that people write.
pub const LABELS: [&str; 2] = ["auto-label-cluster-info", "secret-type"];

/// Keys that programs write, the operator of Argo CD among them.
pub const OTHERS: [&str; 8] = [
    "application-set-name",
    "applicationset-managed-by-cluster-argocd",
    "installation-id",
    "instance",
    "kubernetes-version",
    "managed-by",
    "managed-by-cluster-argocd",
    "tracking-id",
];

/// Shorter words that are taken for [`DOMAIN`] by mistake.
pub const MISTAKEN_DOMAINS: [&str; 3] = ["argocd", "argo-cd", "argoproj.io"];
