//! Numbers of pods that an autoscaler has chosen.

use super::{HERE, application, file, root, told};

#[test]
fn only_an_entry_for_the_field_is_respected() {
    let of = |more: &str| {
        let policy = "syncPolicy: {automated: {selfHeal: true}, syncOptions: [RespectIgnoreDifferences=true]}";
        let more = format!("{HERE}\n  {policy}\n  {more}");
        let files = [
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
        told(&files, "replicas-set-back").len()
    };
    let entry = |fields: &str| {
        of(&format!("ignoreDifferences: [{{group: apps, kind: Deployment, {fields}}}]"))
    };
    assert_eq!(entry("jsonPointers: [/spec/replica]"), 1);
    assert_eq!(entry("jsonPointers: [/spec/replicas]"), 0);
    assert_eq!(entry("jqPathExpressions: [.spec]"), 0);
    assert_eq!(of(""), 0, "settings of Argo CD may ignore it");
}
