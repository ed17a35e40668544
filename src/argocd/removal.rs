//! What Argo CD deletes, and what it asks a person before.

use serde_json::Value as Json;

use crate::yaml::Node;

use super::application::Application;
use super::sync_option;

/// With one of them, an Application that is deleted takes its objects along.
///
/// Source: `isPropagationPolicyFinalizer` in `pkg/apis/application/v1alpha1/types.go`.
const FINALIZERS: [&str; 3] = [
    "resources-finalizer.argocd.argoproj.io",
    "resources-finalizer.argocd.argoproj.io/foreground",
    "resources-finalizer.argocd.argoproj.io/background",
];

/// An annotation of Helm that keeps an object when its Application is deleted, though not from being
/// pruned.
const HELM_KEEP: &str = "/metadata/annotations/helm.sh~1resource-policy";

impl Application {
    /// Whether it takes its objects along when it is deleted.
    #[must_use]
    pub fn takes_objects_along(&self) -> bool {
        let finalizers = self.object.pointer("/metadata/finalizers").and_then(Json::as_array);
        let mut finalizers = finalizers.into_iter().flatten().filter_map(Json::as_str);
        finalizers.any(|finalizer| FINALIZERS.contains(&finalizer))
    }

    /// Whether what its objects own stays where they are pruned.
    ///
    /// Source: `SyncAppState` in `controller/sync.go`, which looks for the other two first.
    #[must_use]
    pub fn leaves_what_is_owned(&self) -> bool {
        let has = |policy: &str| {
            let mut options = self.sync_options();
            options.any(|option| option.strip_prefix("PrunePropagationPolicy=") == Some(policy))
        };
        has("orphan") && !has("background") && !has("foreground")
    }

    fn sync_options(&self) -> impl Iterator<Item = &str> {
        let options = self.object.pointer("/spec/syncPolicy/syncOptions").and_then(Json::as_array);
        options.into_iter().flatten().filter_map(Json::as_str)
    }

    /// What the first of its own sync options with this name says.
    fn sync_option(&self, name: &str) -> Option<&str> {
        sync_option::value(self.sync_options(), name)
    }
}

/// What an object's own option says, else that of its Application.
fn option<'o>(object: &'o Node, application: &'o Application, name: &str) -> Option<&'o str> {
    let own = sync_option::value(sync_option::of_object(object), name);
    own.or_else(|| application.sync_option(name))
}

/// What Argo CD does with an object that has to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It deletes it.
    Deleted,
    /// It asks a person first.
    Waits,
    /// It leaves it.
    Stays,
}

/// What becomes of an object that leaves the sources of its Application.
///
/// Source: `isPruningDisabled` and `objRequiresPruneConfirmation` in `pkg/sync/sync_context.go` of
/// gitops-engine.
#[must_use]
pub fn of_pruned(object: &Node, application: &Application) -> Removal {
    match option(object, application, "Prune") {
        _ if !application.automates("prune") => Removal::Stays,
        Some("false") => Removal::Stays,
        Some("confirm") => Removal::Waits,
        _ => Removal::Deleted,
    }
}

/// What becomes of an object when its Application is deleted.
///
/// Source: `shouldBeDeleted` in `controller/appcontroller.go`, `isObjRequiresDeletionConfirmation` in
/// `controller/state.go`.
#[must_use]
pub fn of_taken_along(object: &Node, application: &Application) -> Removal {
    let delete = option(object, application, "Delete");
    let is_kept = object.pointer(HELM_KEEP).and_then(Node::as_str) == Some("keep");
    if !application.takes_objects_along() || is_kept || delete == Some("false") {
        Removal::Stays
    } else if delete == Some("confirm") || option(object, application, "Prune") == Some("confirm") {
        Removal::Waits
    } else {
        Removal::Deleted
    }
}

/// Whether an object that leaves the sources of its Application goes without a question.
#[must_use]
pub fn is_pruned(object: &Node, application: &Application) -> bool {
    of_pruned(object, application) == Removal::Deleted
}

/// Whether an object goes without a question when its Application is deleted.
#[must_use]
pub fn is_taken_along(object: &Node, application: &Application) -> bool {
    of_taken_along(object, application) == Removal::Deleted
}

/// Whether an ApplicationSet deletes an Application that it no longer makes.
///
/// Source: `AllowDelete` in `pkg/apis/application/v1alpha1/applicationset_types.go`, `DefaultPolicy` in
/// `applicationset/utils/policy.go`; the controller itself may be told otherwise.
#[must_use]
pub fn may_delete(set: &Node) -> bool {
    let policy = set.pointer("/spec/syncPolicy/applicationsSync").and_then(Node::as_str);
    !matches!(policy, Some("create-only" | "create-update"))
}

/// Whether an ApplicationSet changes an Application that is there.
///
/// Source: `AllowUpdate` beside it.
#[must_use]
pub fn may_update(set: &Node) -> bool {
    let policy = set.pointer("/spec/syncPolicy/applicationsSync").and_then(Node::as_str);
    !matches!(policy, Some("create-only" | "create-delete"))
}
