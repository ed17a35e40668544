//! What Argo CD knows from elsewhere than from repositories: clusters, and what servers say.

use crate::process::run;
use crate::support::write;
use crate::*;

#[test]
fn clusters_come_from_secrets_and_an_inventory() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set, namespace: argocd}\nspec:\n  \
        generators: [{clusters: {selector: {matchLabels: {tier: edge}}}}]\n  template:\n    \
        metadata: {name: 'web-{{name}}'}\n    spec:\n      project: default\n      \
        destination: {server: '{{server}}'}\n      source: {repoURL: 'https://charts.example.com', chart: web, targetRevision: 1.0.0}\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: c\n  labels: {argocd.argoproj.io/secret-type: cluster, tier: edge}\n\
        data: {name: b25l, server: aHR0cHM6Ly9vbmU=}\n";
    let inventory = "- {name: two, server: 'https://two', labels: {tier: edge}}\n- {name: three, server: 'https://three'}\n";
    let repository = repository(&[("set.yaml", set), ("clusters.yaml", inventory)]);
    let names = |arguments: &[&str]| -> Vec<String> {
        let found = apps(repository.path(), arguments);
        let all = found["applications"].as_array().unwrap();
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names(&["."]).is_empty());
    assert!(
        run(repository.path(), &["apps", "."]).out.contains("(ApplicationSet): not known here")
    );
    assert_eq!(names(&[".", "--clusters", "clusters.yaml"]), ["web-two"]);
    write(repository.path(), "secret.yaml", secret);
    assert_eq!(names(&["."]), ["web-one"]);
    assert_eq!(names(&[".", "--clusters", "clusters.yaml"]), ["web-one", "web-two"]);
    // Which cluster this one is, nobody can read here.
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: d}\nspec:\n  template:\n    \
        metadata: {labels: {argocd.argoproj.io/secret-type: cluster, tier: edge}}\n";
    write(repository.path(), "sealed.yaml", sealed);
    assert!(names(&["."]).is_empty());
    write(repository.path(), "clusters.yaml", "- {name: four}\n");
    let done = run(repository.path(), &["apps", ".", "--clusters", "clusters.yaml"]);
    assert!(done.err.contains("clusters.yaml:1: a cluster needs `server`"), "{}", done.err);
}

#[test]
fn parameters_are_declared_for_generators_that_ask_servers() {
    let set = |name: &str, engine: &str, value: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n{engine}  \
             generators: [{{pullRequest: {{github: {{owner: o, repo: r}}, values: {{v: x}}}}}}]\n  template:\n    \
             metadata: {{name: '{name}-{value}'}}\n    spec:\n      project: default\n      destination: {{name: in-cluster}}\n      \
             {}\n",
            source("path: apps/nowhere")
        )
    };
    let repository = repository(&[
        ("sets/plain.yaml", &set("plain", "", "{{number}}-{{branch}}-{{values.v}}")),
        (
            "sets/go.yaml",
            &set("go", "  goTemplate: true\n", "{{.number}}-{{.branch}}-{{.values.v}}"),
        ),
        ("given.yaml", "pullRequest:\n- {number: 7, branch: fix}\n- {number: 8, branch: more}\n"),
    ]);
    assert_eq!(apps(repository.path(), &["sets"])["applications"], serde_json::json!([]));
    let found = apps(repository.path(), &["sets", "--parameters", "given.yaml"]);
    let all = found["applications"].as_array().unwrap();
    let names: Vec<&str> = all.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["go-7-fix-x", "go-8-more-x", "plain-7-fix-x", "plain-8-more-x"]);
    // What is only known with them is checked only with them.
    let check = |more: &[&str]| run(repository.path(), &[&["check", "sets"], more].concat());
    assert_eq!(check(&[]).code, 0);
    let done = check(&["--parameters", "given.yaml"]);
    assert_eq!(done.out.matches("error[application-path-invalid]").count(), 2, "{}", done.out);
    for (text, message) in [
        (
            "pullRequests: []\n",
            "given.yaml:1: `pullRequests` asks no server; did you mean `pullRequest`?",
        ),
        ("pullRequest: {a: b}\n", "given.yaml:1: `pullRequest` must have a list of maps"),
        ("- a\n", "`given.yaml` must be a map"),
    ] {
        write(repository.path(), "given.yaml", text);
        let done = run(repository.path(), &["apps", "sets", "--parameters", "given.yaml"]);
        assert_eq!(done.code, 2, "{text}");
        assert!(done.err.contains(message), "{text}: {}", done.err);
    }
}

#[test]
fn check_follows_what_it_is_given() {
    let missing = application("web", &source("path: apps/wep"));
    let silenced = missing.replace(
        "namespace: argocd}",
        "namespace: argocd, annotations: {gitopsc.dev/ignore: 'application-path-invalid: comes with the next change'}}",
    );
    let repository = repository(&[
        ("root/web.yaml", &missing),
        ("other/web.yaml", &missing.replace("name: web", "name: other")),
        ("apps/web/config.yaml", &config("web")),
    ]);
    let check = |arguments: &[&str]| {
        let done = run(repository.path(), &[&["check", "-o", "concise"], arguments].concat());
        (done.code, done.out)
    };
    let (code, out) = check(&["root"]);
    assert_eq!(code, 1, "{out}");
    let expected =
        "root/web.yaml:7:68: error[application-path-invalid]: `apps/wep` is not in the repository";
    assert!(out.contains(expected), "{out}");
    assert!(!out.contains("other"), "{out}");
    assert_eq!(check(&["."]).1.matches("application-path-invalid").count(), 2);
    assert_eq!(check(&["root", "--select", "object"]).0, 0);
    assert_eq!(check(&["root", "--ignore", "argocd"]).0, 0);
    write(repository.path(), "root/web.yaml", &silenced);
    let (code, out) = check(&["root"]);
    assert_eq!(code, 0, "{out}");
    // Once mended, the silencer has nothing to silence.
    write(repository.path(), "root/web.yaml", silenced.replace("apps/wep", "apps/web"));
    assert!(check(&["root"]).1.contains("silencer-unused"), "{}", check(&["root"]).1);
}
