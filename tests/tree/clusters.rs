//! The clusters that environments declare.

use crate::site::{APP, Site, findings, ids};
use crate::support::gitopsc;

const SET: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: fleet}
spec:
  goTemplate: true
  generators: [{clusters: {}}]
  template:
    metadata: {name: 'web-{{.name}}'}
    spec:
      project: default
      source: {repoURL: 'https://charts.example.com', chart: web, targetRevision: 1.0.0}
      destination: {server: '{{.server}}', namespace: ns}
";

const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: far}
spec:
  project: default
  source: {repoURL: 'https://charts.example.com', chart: web, targetRevision: 1.0.0}
  destination: {name: edge, namespace: ns}
";

fn site() -> Site {
    let site = Site::new();
    site.write("apps/a/set.yaml", SET);
    site.write("apps/a/far.yaml", APPLICATION);
    site
}

/// The Applications of the set, with their destinations.
fn fleet(site: &Site) -> Vec<String> {
    let run = gitopsc(&site.path(), &["apps", "-o", "json"]);
    let all = run.json()["applications"].as_array().unwrap().clone();
    let of_set = all.iter().filter(|it| it["name"].as_str().unwrap().starts_with("web-"));
    let server = |it: &serde_json::Value| it["object"]["spec"]["destination"]["server"].clone();
    of_set.map(|it| format!("{} {}", it["name"], server(it)).replace('"', "")).collect()
}

fn missing(site: &Site, arguments: &[&str]) -> Vec<String> {
    let run = gitopsc(&site.path(), &[&["check", "-o", "json"], arguments].concat());
    ids(&run).into_iter().filter(|id| id.starts_with("application-cluster-missing")).collect()
}

#[test]
fn a_set_goes_over_the_cluster_of_its_environment() {
    let local = "web-in-cluster https://kubernetes.default.svc";
    let site = site();
    assert_eq!(fleet(&site), [local]);
    let far = "cluster: {destination: edge, server: 'https://10.0.0.1:6443'}\napps:\n";
    site.replace("environments/e/environment.yaml", "apps:\n", far);
    assert_eq!(fleet(&site), ["web-edge https://10.0.0.1:6443", local]);
    // Without its address nobody can tell.
    site.replace("environments/e/environment.yaml", ", server: 'https://10.0.0.1:6443'", "");
    assert!(fleet(&site).is_empty());
}

#[test]
fn a_cluster_that_nobody_declares_is_missing() {
    let site = site();
    let there = ["application-cluster-missing apps/a/far.yaml:7"];
    assert_eq!(missing(&site, &[]), there);
    site.write("clusters.yaml", "- {name: edge, server: 'https://10.0.0.1:6443'}\n");
    let list = site.path().join("clusters.yaml");
    assert!(missing(&site, &["--clusters", list.to_str().unwrap()]).is_empty());
    // One Argo CD may serve two environments.
    site.write(
        "environments/f/environment.yaml",
        "apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\nextends: e\ncluster: {destination: edge}\n",
    );
    assert!(missing(&site, &[]).is_empty());
}

#[test]
fn a_secret_of_a_cluster_adds_to_what_is_declared() {
    let site = site();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: c, labels: {argocd.argoproj.io/secret-type: cluster}}\n";
    site.write(
        "apps/a/c2.yaml",
        format!("{secret}stringData: {{name: edge, server: 'https://10.0.0.1:6443'}}\n"),
    );
    assert!(missing(&site, &[]).is_empty());
    assert_eq!(fleet(&site).len(), 2);
    // Which one this is, nobody can read here.
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: c}\nspec:\n  \
        template: {metadata: {labels: {argocd.argoproj.io/secret-type: cluster}}}\n";
    site.write("apps/a/c2.yaml", sealed);
    assert!(missing(&site, &[]).is_empty());
    assert!(fleet(&site).is_empty());
}

#[test]
fn check_tells_what_a_layer_may_and_nothing_does() {
    let site = Site::new();
    site.write("apps/a/app.yaml", APP);
    let unused = |site: &Site| -> Vec<String> {
        let run = gitopsc(&site.path(), &["check", "-o", "json"]);
        let all = findings(&run).into_iter().filter(|it| it["id"] == "permission-unused");
        all.map(|it| it["message"].as_str().unwrap().to_owned()).collect()
    };
    let file = "environments/e/environment.yaml";
    site.replace(file, "  l: {}\n", "  l: {permissions: {namespaced: [ConfigMap]}}\n");
    assert!(unused(&site).is_empty());
    site.replace(file, "[ConfigMap]", "[ConfigMap, Secret]");
    assert_eq!(unused(&site), ["layer `l` may deploy `Secret` and does not"]);
    // One that no app is in.
    site.replace(file, "  other: {}\n", "  other: {permissions: {cluster: [Node]}}\n");
    assert_eq!(unused(&site).len(), 2);
}
