//! The words of hooks: `pkg/sync/common/types.go` and `pkg/sync/hook` of gitops-engine,
//! `controller/hook.go` of Argo CD.

/// When a hook is applied; `Skip` is never.
pub const TYPES: [&str; 7] =
    ["PreSync", "Sync", "PostSync", "SyncFail", "PreDelete", "PostDelete", "Skip"];

/// When a hook is deleted.
pub const DELETE_POLICIES: [&str; 3] = ["BeforeHookCreation", "HookSucceeded", "HookFailed"];

/// Hooks of Helm that Argo CD takes for its own, and for which.
pub const OF_HELM: [(&str, &str); 6] = [
    ("pre-install", "PreSync"),
    ("pre-upgrade", "PreSync"),
    ("post-upgrade", "PostSync"),
    ("post-install", "PostSync"),
    ("pre-delete", "PreDelete"),
    ("post-delete", "PostDelete"),
];
