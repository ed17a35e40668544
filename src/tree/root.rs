//! The root Application: the one object that a person applies, with its project.

use serde_json::json;

use crate::resolve::Environment;
use crate::source::Span;
use crate::yaml::{self, Node};

/// Root's own name and the name of its project.
pub(super) fn name(environment: &Environment) -> String {
    format!("{}-root", environment.name)
}

/// The command by which a person lets an Application prune or delete what waits for it. Argo CD
/// takes a time that is not before the waiting sync began, so an old approval is overwritten.
pub(super) fn approval(environment: &Environment, application: &str) -> String {
    format!(
        "kubectl -n {} annotate --overwrite application {application} \
         argocd.argoproj.io/deletion-approved=\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"",
        environment.argocd_namespace()
    )
}

/// The Application that syncs `argocd/`. It has no finalizer: deleting it must delete nothing.
pub(super) fn application(environment: &Environment) -> Node {
    let namespace = environment.argocd_namespace();
    let object = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name(environment),
            "namespace": namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "gitopsc",
                "gitopsc.dev/environment": environment.name,
            },
            "annotations": {"argocd.argoproj.io/manifest-generate-paths": "."},
        },
        "spec": {
            "project": name(environment),
            "source": {
                "repoURL": environment.repo_url(),
                "targetRevision": environment.revision(),
                "path": format!("{}/{}/argocd", environment.rendered_path(), environment.name),
                "directory": {"recurse": true},
            },
            // ApplicationSets and AppProjects live where Argo CD itself does, whatever cluster the
            // Applications deploy to.
            "destination": {"name": "in-cluster", "namespace": namespace},
            "revisionHistoryLimit": 5,
            "syncPolicy": {
                "automated": {"prune": true, "selfHeal": true},
                "syncOptions": ["ServerSideApply=true"],
                // Without `refresh` a bad revision would be tried for ever, its repair never.
                "retry": {
                    "limit": -1,
                    "refresh": true,
                    "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"},
                },
            },
        },
    });
    yaml::from_json(&object, Span::new(environment.file, 0..0))
}
