//! What Argo CD is told about the health of Applications.

use super::{HERE, application, file, root, told};

fn waves(settings: &str) -> Vec<String> {
    let one = application("one", "default", "path: apps/one", HERE);
    let two = application("two", "default", "path: apps/two", HERE)
        .replace("{name: two,", "{name: two, annotations: {argocd.argoproj.io/sync-wave: '1'},");
    let files = [
        root(""),
        file("argocd/settings.yaml", settings),
        file("argocd/one.yaml", &one),
        file("argocd/two.yaml", &two),
    ];
    told(&files, "application-waves-unordered")
}

const TOLD: [&str; 1] = ["the waves of the Applications of `root` do not wait for each other"];

#[test]
fn health_may_be_told_by_a_pattern() {
    let config = |key: &str| {
        waves(&format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n  \
             resource.customizations: |\n    \"{key}\":\n      health.lua: return {{}}"
        ))
    };
    assert_eq!(config("apps/Deployment"), TOLD);
    for key in ["argoproj.io/Application", "argoproj.io/*", "*/Application", "*/*"] {
        assert!(config(key).is_empty(), "{key}");
    }
}

#[test]
fn parameters_of_the_chart_may_have_dots_in_their_names() {
    let chart = |key: &str| {
        waves(&format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: argocd, namespace: argocd}}\n\
             spec:\n  project: default\n  source:\n    repoURL: https://argoproj.github.io/argo-helm\n    \
             chart: argo-cd\n    targetRevision: 8.0.0\n    helm:\n      parameters:\n      \
             - {{name: 'configs.cm.resource\\.customizations\\.health\\.{key}', value: x}}\n  {HERE}"
        ))
    };
    assert_eq!(chart("apps_Deployment"), TOLD);
    assert!(chart(r"argoproj\.io_Application").is_empty());
}
