//! Numbers of pods that an autoscaler has chosen.

use super::{HERE, application, file, root, told};

/// What is told where the Application of a Deployment that is scaled has these fields, beside the settings
/// of Argo CD with these data.
fn of(options: &str, more: &str, settings: &str) -> usize {
    let policy = format!("syncPolicy: {{automated: {{selfHeal: true}}, syncOptions: [{options}]}}");
    let more = format!("{HERE}\n  {policy}\n  {more}");
    let mut files = vec![
        root(""),
        file("argocd/web.yaml", &application("web", "default", "path: apps/web", &more)),
        file(
            "apps/web/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}",
        ),
        file(
            "apps/web/scale.yaml",
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n\
             spec: {minReplicas: 2, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}",
        ),
    ];
    if !settings.is_empty() {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n{settings}"
        );
        files.push(file("argocd/settings.yaml", &text));
    }
    told(&files, "replicas-set-back").len()
}

const RESPECT: &str = "RespectIgnoreDifferences=true";

fn entry(fields: &str) -> usize {
    let entry = format!("ignoreDifferences: [{{group: apps, kind: Deployment, {fields}}}]");
    assert_eq!(of("", &entry, ""), 1, "without the option each sync sets it back");
    of(RESPECT, &entry, "")
}

#[test]
fn only_an_entry_for_the_field_is_respected() {
    assert_eq!(entry("jsonPointers: [/spec/replica]"), 1);
    assert_eq!(entry("jsonPointers: [\"\"]"), 1);
    assert_eq!(entry("jsonPointers: [/spec/replicas]"), 0);
    assert_eq!(entry("jsonPointers: [/spec]"), 0);
    assert_eq!(of(RESPECT, "", ""), 0, "settings of Argo CD may ignore it");
}

#[test]
fn expressions_are_run() {
    assert_eq!(entry("jqPathExpressions: [.spec.replicas]"), 0);
    assert_eq!(entry("jqPathExpressions: [.spec]"), 0);
    assert_eq!(entry("jqPathExpressions: ['.spec[\"replicas\"]']"), 0);
    assert_eq!(entry("jqPathExpressions: ['.spec | .. | numbers']"), 0);
    assert_eq!(entry("jqPathExpressions: [.status.replicas]"), 1);
    assert_eq!(entry("jqPathExpressions: [.spec.replicasMax]"), 1);
    // What a condition asks for may be so in the cluster.
    assert_eq!(entry("jqPathExpressions: ['.spec | select(.replicas > 2) | .replicas']"), 0);
    assert_eq!(entry("jqPathExpressions: ['. as $x | .status']"), 0, "it is not run here");
}

#[test]
fn the_manager_is_that_of_autoscalers() {
    assert_eq!(entry("managedFieldsManagers: [kube-controller-manager]"), 0);
    assert_eq!(entry("managedFieldsManagers: [k3s]"), 0);
    assert_eq!(entry("managedFieldsManagers: [kubectl-client-side-apply]"), 1);
    assert_eq!(entry("managedFieldsManagers: [own-controller]"), 0, "it may be one");
}

#[test]
fn settings_count_for_the_kind_that_they_name() {
    let key = |kind: &str, fields: &str| {
        format!("  resource.customizations.ignoreDifferences.{kind}: |\n    {fields}")
    };
    let replicas = "jsonPointers: [/spec/replicas]";
    assert_eq!(of(RESPECT, "", &key("apps_Deployment", replicas)), 0);
    assert_eq!(of(RESPECT, "", &key("all", replicas)), 0);
    assert_eq!(of(RESPECT, "", &key("apps_StatefulSet", replicas)), 1);
    assert_eq!(of(RESPECT, "", &key("apps_Deployment", "jsonPointers: [/spec/paused]")), 1);
    assert_eq!(of(RESPECT, "", "  timeout.reconciliation: 60s"), 1);
    let old = "  resource.customizations: |\n    apps/Deployment: {ignoreDifferences: x}";
    assert_eq!(of(RESPECT, "", old), 0);
}

#[test]
fn an_entry_for_another_object_is_none() {
    let other = |entry: &str| {
        let entry = format!("ignoreDifferences: [{{{entry}, jsonPointers: [/spec/replicas]}}]");
        of(RESPECT, &entry, "  timeout.reconciliation: 60s")
    };
    assert_eq!(other("group: apps, kind: Deployment, name: web"), 0);
    assert_eq!(other("group: '*', kind: Deploy*, namespace: web"), 0);
    assert_eq!(other("kind: Deployment"), 1);
    assert_eq!(other("group: apps, kind: StatefulSet"), 1);
    assert_eq!(other("group: apps, kind: Deployment, name: api"), 1);
    assert_eq!(other("group: apps, kind: Deployment, namespace: api"), 1);
}
