//! Destinations that do not exist.

use super::{application, config, file, root, told};

const ID: &str = "application-cluster-missing";

fn secret(kind: &str, data: &str) -> String {
    let text = format!(
        "apiVersion: {kind}\nmetadata:\n  name: edge\n  labels: {{argocd.argoproj.io/secret-type: cluster}}\n{data}"
    );
    file("argocd/edge.yaml", &text)
}

fn plain() -> String {
    secret("v1\nkind: Secret", "stringData: {name: edge-1, server: 'https://10.0.0.1:6443'}")
}

fn to(destination: &str, more: &[String]) -> Vec<String> {
    let web = application(
        "web",
        "default",
        "path: apps/web",
        &format!("destination: {{namespace: web, {destination}}}"),
    );
    let web = [file("argocd/web.yaml", &web), config("apps/web/config.yaml", "web")];
    told(&[&[root("")][..], &web, more].concat(), ID)
}

#[test]
fn a_cluster_is_known_by_name_and_by_address() {
    let known = [
        "name: edge-1",
        "name: in-cluster",
        "server: 'https://10.0.0.1:6443/'",
        "server: 'https://kubernetes.default.svc'",
        "name: '${CLUSTER}'",
        // Two words for a cluster are told of the Application alone.
        "name: edge-2, server: 'https://10.0.0.2:6443'",
    ];
    for destination in known {
        assert!(to(destination, &[plain()]).is_empty(), "{destination}");
    }
    let message = "the destination is the cluster `edge-2`, which Argo CD does not know";
    assert_eq!(to("name: edge-2", &[plain()]), [message]);
    let message =
        "the destination is the server `https://10.0.0.2:6443`, which no cluster of Argo CD has";
    assert_eq!(to("server: 'https://10.0.0.2:6443'", &[plain()]), [message]);
}

#[test]
fn clusters_that_cannot_be_read_may_be_meant() {
    let label = "{argocd.argoproj.io/secret-type: cluster}";
    let external =
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: edge-2}\n\
         spec: {target: {template: {metadata: {labels: LABEL}}}}"
            .replace("LABEL", label);
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: edge-2}\n\
         spec: {template: {metadata: {labels: LABEL}}}"
        .replace("LABEL", label);
    let kustomized =
        application("more", "default", "path: apps/web, kustomize: {namePrefix: x-}", super::HERE);
    let chart = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: argocd, namespace: argocd}}\n\
         spec:\n  project: default\n  source: {{repoURL: 'https://charts.example.com', chart: argo-cd, \
         targetRevision: 8.0.0}}\n  {}",
        super::HERE
    );
    let made = "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: edge-2}";
    let beside = |text: &str| [plain(), file("argocd/other.yaml", text)];
    for text in [external, sealed, kustomized, chart, made.to_owned()] {
        assert!(to("name: edge-2", &beside(&text)).is_empty(), "{text}");
    }
    assert!(to("name: edge-2", &[]).is_empty(), "no cluster is declared");
    let encrypted = "data: {name: 'ENC[AES256,data:x]', server: 'ENC[AES256,data:y]'}";
    assert!(to("name: edge-2", &[secret("v1\nkind: Secret", encrypted)]).is_empty());
    let filled = "stringData: {name: edge-1, server: '${SERVER}'}";
    assert!(to("name: edge-2", &[secret("v1\nkind: Secret", filled)]).is_empty());
    let by_hand = plain().replace("argocd/", "by-hand/");
    assert!(to("name: edge-2", &[by_hand]).is_empty(), "perhaps of another Argo CD");
}
