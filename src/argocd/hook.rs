//! The words of hooks: `pkg/sync/common/types.go` and `pkg/sync/hook` of gitops-engine,
//! `controller/hook.go` of Argo CD.

/// When a hook is applied; `Skip` is never.
pub const TYPES: [&str; 7] =
    ["PreSync", "Sync", "PostSync", "SyncFail", "PreDelete", "PostDelete", "Skip"];

/// When a hook is deleted.
pub const DELETE_POLICIES: [&str; 3] = ["BeforeHookCreation", "HookSucceeded", "HookFailed"];

/// Hooks of Helm that Argo CD takes for its own.
pub const OF_HELM: [&str; 6] =
    ["pre-install", "pre-upgrade", "post-upgrade", "post-install", "pre-delete", "post-delete"];
