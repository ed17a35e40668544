//! How the tree is shown to people, and which directories no Application of it leads to.

use crate::process::{git, run};
use crate::*;

fn hydrated(name: &str) -> String {
    let source = format!(
        "sourceHydrator:\n    drySource: {{repoURL: '{URL}', path: dry/{name}, targetRevision: main}}\n    \
         syncSource: {{targetBranch: env/prod, path: wet/{name}}}"
    );
    application(name, &source)
}

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
fn a_hydrator_is_told_by_its_branch() {
    let repository = repository(&[("web.yaml", &hydrated("web"))]);
    let shown = run(repository.path(), &["apps", "."]).out;
    let line = "wet/web: the hydrator writes it to the branch `env/prod` from `dry/web`: not rendered here";
    assert!(shown.contains(line), "{shown}");
    let found = apps(repository.path(), &["."]);
    let source = &find(&found, "web")["sources"][0];
    assert_eq!((&source["repoURL"], &source["targetRevision"]), (&URL.into(), &"env/prod".into()));
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
    let dry = hydrated("shop").replace("dry/shop", "src/shop");
    files.push(("shop.yaml", &dry));
    assert_eq!(orphaned(&files), Vec::<String>::new());
}
