//! How the tree is shown to people, and which directories no Application of it leads to.

use crate::hydrated::hydrated;
use crate::process::{git, run};
use crate::*;
use serde_json::json;

#[test]
fn one_name_in_two_namespaces_is_told_apart() {
    let team = |name: &str| {
        let text = application("web", &source(&format!("path: {name}")));
        text.replace("namespace: argocd", &format!("namespace: team-{name}"))
    };
    let (one, two) = (team("a"), team("b"));
    let api = application("api", &source("path: a"));
    let repository = repository(&[("one.yaml", &one), ("two.yaml", &two), ("three.yaml", &api)]);
    for format in ["human", "mermaid"] {
        let shown = run(repository.path(), &["apps", ".", "-o", format]).out;
        let has = |name: &str| shown.contains(name);
        assert!(has("web in team-a") && has("web in team-b") && !has("api in"), "{shown}");
    }
}

#[test]
fn hooks_are_shown_by_the_beginning_of_their_names() {
    let hook = "apiVersion: batch/v1\nkind: Job\n\
        metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: PreSync}}\n";
    let web = application("web", &source("path: web"));
    let repository = repository(&[("web.yaml", &web), ("web/hook.yaml", hook)]);
    let shown = run(repository.path(), &["apps", "."]).out;
    assert!(shown.contains("Job/migrate-* (PreSync)"), "{shown}");
}

/// The directories that no Application leads to.
fn orphaned(files: &[(&str, &str)]) -> Vec<String> {
    let repository = repository(files);
    git(repository.path(), &["add", "-A"]);
    let found =
        run(repository.path(), &["check", ".", "--select", "directory-orphaned", "-o", "concise"]);
    let lines = found.out.lines().filter_map(|line| line.split_once("no Application leads to "));
    lines.map(|(_, directory)| directory.trim_matches('`').to_owned()).collect()
}

#[test]
fn directories_of_other_tools_are_no_orphans() {
    let (web, api) = (
        application("web", &source("path: src/web")),
        application("api", &source("path: src/api")),
    );
    let config = config("some");
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\n";
    let mut files = vec![
        ("web.yaml", &*web),
        ("api.yaml", &*api),
        ("src/web/config.yaml", &*config),
        ("src/api/config.yaml", &*config),
        ("src/shop/config.yaml", &*config),
    ];
    assert_eq!(orphaned(&files), ["src/shop"]);
    files.extend([("src/flux/release.yaml", release), ("src/flux/config.yaml", &*config)]);
    files.extend([("src/cloud/config.yaml", &*config), ("src/cloud/main.tf", "locals {}\n")]);
    assert_eq!(orphaned(&files), ["src/shop"]);
    let dry =
        hydrated("shop", "path: dry/shop, targetRevision: main").replace("dry/shop", "src/shop");
    files.push(("shop.yaml", &dry));
    assert_eq!(orphaned(&files), Vec::<String>::new());
}

#[test]
fn what_leads_to_nothing_says_why() {
    let set = |name: &str, generators: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}, namespace: argocd}}\n\
             spec:\n  generators: {generators}\n  template:\n    metadata: {{name: '{{{{name}}}}'}}\n    spec:\n      \
             project: default\n      destination: {{name: in-cluster}}\n      \
             source: {{repoURL: '{URL}', path: web}}\n"
        )
    };
    let none = set("none", "[{list: {elements: []}}]");
    let unknown = set("unknown", "[{clusters: {}}]");
    let twice = set("twice", "[{list: {elements: [{name: web}, {name: web}]}}]");
    let bare = application("bare", "sources: []");
    let (one, two) =
        (application("one", &source("path: two")), application("two", &source("path: one")));
    let files = [
        ("bare.yaml", &*bare),
        ("none.yaml", &none),
        ("one/one.yaml", &one),
        ("twice.yaml", &twice),
        ("two/two.yaml", &two),
        ("unknown.yaml", &unknown),
        ("web/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"),
    ];
    let repository = repository(&files);
    let shown = run(repository.path(), &["apps", "."]).out;
    let expected = "\
bare (Application) → in-cluster/web
! it has no source, so Argo CD compares nothing
none (ApplicationSet): no Application, since its generators give nothing
twice (ApplicationSet): 2 Applications
! twice.yaml:5: two Applications of the set are named `web`, and neither is applied
├─ web → in-cluster, dropped by Argo CD
└─ web → in-cluster, dropped by Argo CD
unknown (ApplicationSet): not known here
? unknown.yaml:5: which clusters Argo CD knows is not declared
one (Application) → in-cluster/web
  two: 1 object
└─ two → in-cluster/web
     one: 1 object
   └─ one (Application, see above)
";
    assert_eq!(shown, expected);
    let drawn = run(repository.path(), &["apps", ".", "-o", "mermaid"]).out;
    for line in [
        "[\"bare<br/>it has no source, so Argo CD compares nothing\"]",
        "{{\"none<br/>no Application, since its generators give nothing\"}}",
        "{{\"unknown<br/>not known here\"}}",
        "[\"web<br/>dropped by Argo CD\"]",
    ] {
        assert!(drawn.contains(line), "{line}: {drawn}");
    }
    let found = apps(repository.path(), &["."]);
    let why = "it has no source, so Argo CD compares nothing";
    assert_eq!(find(&found, "bare")["message"], why);
    let sets = found["applicationSets"].as_array().unwrap();
    let messages: Vec<&Value> = sets.iter().map(|set| &set["message"]).collect();
    let given = "no Application, since its generators give nothing";
    assert_eq!(messages, [&json!(given), &Value::Null, &json!("not known here")]);
    let roots = ["Application/argocd/bare", "ApplicationSet/argocd/none"];
    let more = ["ApplicationSet/argocd/twice", "ApplicationSet/argocd/unknown"];
    assert_eq!(found["roots"], json!([&roots[..], &more, &["Application/argocd/one"]].concat()));
}
