//! `gitopsc apps`: what Argo CD makes of repositories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "apps/hydrated.rs"]
mod hydrated;
#[path = "apps/known.rs"]
mod known;
#[path = "apps/places.rs"]
mod places;
#[path = "support/process.rs"]
mod process;
#[path = "apps/repositories.rs"]
mod repositories;
#[path = "apps/selected.rs"]
mod selected;
#[path = "apps/shown.rs"]
mod shown;
mod support;

use std::path::Path;

use process::{git, run};
use serde_json::Value;
use support::{gitopsc, root, write};
use tempfile::TempDir;

/// The URL by which the Applications of the cases name their repository.
const URL: &str = "https://git.example.com/acme/apps.git";

/// A repository of git whose remote is reached by another scheme than its Applications say.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main"]);
    git(directory.path(), &["remote", "add", "origin", "git@git.example.com:acme/apps.git"]);
    for (path, text) in files {
        write(directory.path(), path, text);
    }
    directory
}

fn application(name: &str, source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  \
         project: default\n  destination: {{name: in-cluster, namespace: web}}\n  {source}\n"
    )
}

fn source(fields: &str) -> String {
    format!("source: {{repoURL: '{URL}', {fields}}}")
}

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";

fn config(name: &str) -> String {
    CONFIG.replace("NAME", name)
}

fn apps(directory: &Path, arguments: &[&str]) -> Value {
    let run = run(directory, &[&["apps", "-o", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    serde_json::from_str(&run.out).unwrap()
}

fn find<'v>(value: &'v Value, name: &str) -> &'v Value {
    let all = value["applications"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no `{name}` in {value:#}"))
}

/// `Kind/name` of the objects of the first source.
fn objects(application: &Value) -> Vec<String> {
    let all = application["sources"][0]["objects"].as_array().unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    all.iter().map(|one| format!("{}/{}", text(one, "kind"), text(one, "name"))).collect()
}

#[test]
fn environments_lead_to_what_they_render() {
    let run = gitopsc(&root(), &["list", "-o", "json"]);
    for environment in run.json()["environments"].as_array().unwrap() {
        let name = environment["name"].as_str().unwrap();
        let found = apps(&root(), &[name]);
        let applications = found["applications"].as_array().unwrap();
        let releases = environment["releases"].as_array().unwrap();
        assert_eq!(applications.len(), releases.len() + 1, "{name}");
        let roots =
            [format!("Application/argocd/{name}-root"), format!("AppProject/argocd/{name}-root")];
        assert_eq!(found["roots"], serde_json::json!(roots));
        for one in applications {
            for source in one["sources"].as_array().unwrap() {
                let is_known =
                    ["read", "not-rendered"].contains(&source["state"].as_str().unwrap());
                assert!(is_known, "{name}: {source:#}");
            }
        }
        let files = support::files(&root().join("rendered").join(name).join("manifests"));
        let manifests = files.keys().filter(|path| path.ends_with(".yaml")).count();
        let count: usize = applications
            .iter()
            .flat_map(|one| one["sources"].as_array().unwrap())
            .filter_map(|source| source["objects"].as_array())
            .flatten()
            .filter(|one| one["group"] != "argoproj.io" || one["kind"] == "Workflow")
            .count();
        let of_argo = found["applicationSets"].as_array().unwrap().len();
        assert!(of_argo > 0 && count + 1 >= manifests, "{name}: {count} of {manifests}");
    }
}

#[test]
fn a_directory_is_read_as_the_repo_server_reads_it() {
    let repository = repository(&[
        (
            "root.yaml",
            &application(
                "root",
                &source("path: ./app/, directory: {recurse: true, exclude: '{no/*,*.skip.yaml}'}"),
            ),
        ),
        ("flat.yaml", &application("flat", &source("path: app"))),
        (
            "only.yaml",
            &application(
                "only",
                &source("path: app, directory: {recurse: true, include: 'deep/*'}"),
            ),
        ),
        ("app/a.yaml", &config("a")),
        ("app/b.json", r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}"#),
        ("app/c.yml", &format!("---\n{}---\n---\n{}", config("c"), config("d"))),
        ("app/deep/e.yaml", &config("e")),
        ("app/deep/er/f.yaml", &config("f")),
        ("app/no/g.yaml", &config("g")),
        ("app/h.skip.yaml", &config("h")),
        ("app/i.txt", &config("i")),
        ("app/marked.yaml", &format!("# +argocd:skip-file-rendering\n{}", config("j"))),
        (
            "app/list.yaml",
            &format!("apiVersion: v1\nkind: List\nitems:\n- {}", config("k").replace('\n', "\n  ")),
        ),
        ("app/values.yaml", "image: {tag: 1}\n"),
        ("app/template.yaml", "{{ if .x }}\na: b\n"),
    ]);
    let found = apps(repository.path(), &["."]);
    let names = |of: &str| {
        let mut all = objects(find(&found, of));
        all.sort();
        all.iter().map(|one| one.trim_start_matches("ConfigMap/").to_owned()).collect::<String>()
    };
    assert_eq!(names("root"), "abcdefk");
    assert_eq!(names("flat"), "abcdhk");
    assert_eq!(names("only"), "ef");
    assert_eq!(find(&found, "root")["sources"][0]["objects"][0]["namespace"], "web");
    let skipped = find(&found, "flat")["sources"][0]["skippedFiles"].as_array().unwrap();
    let reason =
        |path: &str| skipped.iter().find(|one| one["file"] == path).unwrap()["reason"].clone();
    for (path, expected) in [
        ("app/deep/e.yaml", "below"),
        ("app/marked.yaml", "marked"),
        ("app/values.yaml", "no-manifest"),
        ("app/template.yaml", "no-manifest"),
    ] {
        assert_eq!(reason(path), expected, "{path}");
    }
    let skipped = find(&found, "root")["sources"][0]["skippedFiles"].to_string();
    assert!(skipped.contains(r#"{"file":"app/no/g.yaml","reason":"chosen"}"#), "{skipped}");
}

#[test]
fn what_argo_cd_could_not_use_says_why() {
    let cases = [
        ("missing", source("path: nothing"), "missing"),
        ("file", source("path: app/a.yaml"), "file"),
        ("absolute", source("path: /app"), "absolute"),
        ("outside", source("path: ../app"), "outside"),
        ("none", source("targetRevision: main"), "no-path"),
        ("two", source("path: app, helm: {}, kustomize: {}"), "several-tools"),
    ];
    let mut files: Vec<(String, String)> = cases
        .iter()
        .map(|(name, source, _)| (format!("{name}.yaml"), application(name, source)))
        .collect();
    files.push(("app/a.yaml".into(), config("a")));
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [}\n";
    let beside = format!("{}---\nreplicas: 2\n", config("x"));
    for (name, path, text) in [
        ("broken", "broken", broken.to_owned()),
        ("beside", "beside", beside),
        ("several", "several", "{\"kind\": \"A\"}\n{\"kind\": \"B\"}\n".to_owned()),
    ] {
        files.push((
            format!("{name}.yaml"),
            application(name, &source(&format!("path: in/{path}"))),
        ));
        let suffix = if name == "several" { "json" } else { "yaml" };
        files.push((format!("in/{path}/x.{suffix}"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let repository = repository(&files);
    let found = apps(repository.path(), &["."]);
    for (name, _, problem) in &cases {
        let source = &find(&found, name)["sources"][0];
        assert_eq!(
            (&source["state"], &source["problem"]),
            (&"wrong".into(), &(*problem).into()),
            "{name}"
        );
    }
    for name in ["broken", "beside", "several"] {
        let failures = find(&found, name)["sources"][0]["failures"].as_array().unwrap().len();
        assert_eq!(failures, 1, "{name}");
    }
}

#[test]
fn tools_are_told_by_block_file_and_override() {
    let chart = "apiVersion: v2\nname: x\nversion: 1.0.0\n";
    let repository = repository(&[
        ("one.yaml", &application("helm", &source("path: chart"))),
        ("two.yaml", &application("kustomize", &source("path: k"))),
        ("three.yaml", &application("plain", &source("path: k, directory: {exclude: 'k*'}"))),
        ("nine.yaml", &application("silent", &source("path: k, directory: {recurse: false}"))),
        ("four.yaml", &application("by-file", &source("path: over"))),
        ("five.yaml", &application("by-name", &source("path: over"))),
        (
            "six.yaml",
            &application(
                "chart",
                "source: {repoURL: 'https://charts.example.com', chart: x, targetRevision: 1.2.3}",
            ),
        ),
        (
            "seven.yaml",
            &application(
                "several",
                &format!(
                    "sources: [{{repoURL: '{URL}', ref: values}}, {{repoURL: 'oci://registry.example.com/x', path: .}}]"
                ),
            ),
        ),
        ("eight.yaml", &application("accident", &source("path: named"))),
        ("chart/Chart.yaml", chart),
        ("k/kustomization.yaml", "resources: []\n"),
        ("k/a.yaml", &config("a")),
        ("over/a.yaml", &config("a")),
        ("over/.argocd-source.yaml", "directory: {include: 'b*'}\npath: elsewhere\n"),
        ("over/.argocd-source-by-name.yaml", "directory: null\nkustomize: null\n"),
        ("over/b.yaml", &config("b")),
        ("named/notes-Chart.yaml", &config("n")),
    ]);
    let found = apps(repository.path(), &["."]);
    let tool = |name: &str, at: usize| find(&found, name)["sources"][at]["tool"].clone();
    for (name, at, expected) in [
        ("helm", 0, "helm"),
        ("kustomize", 0, "kustomize"),
        ("plain", 0, "directory"),
        ("silent", 0, "kustomize"),
        ("chart", 0, "chart"),
        ("several", 0, "values"),
        ("several", 1, "oci"),
        ("accident", 0, "helm"),
    ] {
        assert_eq!(tool(name, at), expected, "{name}");
    }
    assert_eq!(objects(find(&found, "plain")), ["ConfigMap/a"]);
    assert_eq!(objects(find(&found, "by-file")), ["ConfigMap/b"]);
    // Null removes nothing.
    assert_eq!(objects(find(&found, "by-name")), ["ConfigMap/b"]);
}

#[test]
fn sets_and_applications_lead_to_each_other() {
    let set = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set}}\nspec:\n  goTemplate: true\n  \
         generators:\n  - git: {{repoURL: '{URL}', revision: HEAD, directories: [{{path: apps/*}}]}}\n  template:\n    \
         metadata: {{name: 'app-{{{{.path.basename}}}}'}}\n    spec:\n      project: default\n      \
         destination: {{server: 'https://kubernetes.default.svc'}}\n      \
         source: {{repoURL: '{URL}', path: '{{{{.path.path}}}}'}}\n"
    );
    let repository = repository(&[
        ("root/root.yaml", &application("root", &source("path: root"))),
        ("root/set.yaml", &set),
        (
            "root/project.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: p}\n",
        ),
        ("apps/a/x.yaml", &config("x")),
        ("apps/b/y.yaml", &config("z")),
    ]);
    let found = apps(repository.path(), &["root"]);
    assert_eq!(found["roots"], serde_json::json!(["Application/argocd/root"]));
    // What states no namespace goes where its Application puts it.
    assert_eq!(found["applicationSets"][0]["namespace"], "web");
    assert_eq!(objects(find(&found, "app-b")), ["ConfigMap/z"]);
    let done = run(repository.path(), &["apps", "root"]);
    let expected = "\
root (Application) → in-cluster/web
  root: 3 objects
├─ p (AppProject)
├─ set (ApplicationSet): 2 Applications
│  ├─ app-a → in-cluster
│  │    apps/a: 1 object
│  │        0 ConfigMap/x
│  └─ app-b → in-cluster
│       apps/b: 1 object
│           0 ConfigMap/z
└─ root (Application, see above)
";
    assert_eq!(done.out, expected);
    let done = run(repository.path(), &["apps", "root", "-o", "mermaid"]);
    assert!(
        done.out.contains("  set0 --> app2\n  app1[\"app-a\"]\n  app1 --> app1s0"),
        "{}",
        done.out
    );
}

#[test]
fn other_revisions_and_repositories_are_read_where_they_are() {
    let other = tempfile::tempdir().unwrap();
    write(other.path(), "base/o.yaml", config("o"));
    let repository = repository(&[
        ("old.yaml", &application("old", &source("path: app, targetRevision: release"))),
        ("new.yaml", &application("new", &source("path: app, targetRevision: main"))),
        ("gone.yaml", &application("gone", &source("path: app, targetRevision: v9"))),
        (
            "else.yaml",
            &application(
                "else",
                "source: {repoURL: 'https://git.example.com/acme/other', path: base}",
            ),
        ),
        ("app/a.yaml", &config("before")),
        (".gitignore", "ignored.yaml\n"),
        ("app/ignored.yaml", &config("ignored")),
    ]);
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["commit", "-qm", "first"]);
    git(repository.path(), &["branch", "release"]);
    write(repository.path(), "app/a.yaml", config("after"));
    let found = apps(repository.path(), &["."]);
    assert_eq!(objects(find(&found, "old")), ["ConfigMap/before"]);
    assert_eq!(objects(find(&found, "new")), ["ConfigMap/after"]);
    assert_eq!(find(&found, "gone")["sources"][0]["state"], "not-at-hand");
    assert_eq!(find(&found, "else")["sources"][0]["state"], "not-at-hand");
    let given = format!("https://git.example.com/acme/other.git={}", other.path().display());
    let found = apps(repository.path(), &[".", "--source", &given]);
    assert_eq!(objects(find(&found, "else")), ["ConfigMap/o"]);
    // What is judged leads there as well.
    let lost = "source: {repoURL: 'https://git.example.com/acme/other', path: lost}";
    write(repository.path(), "lost.yaml", application("lost", lost));
    let checked = |more: &[&str]| {
        let done = run(repository.path(), &[&["check", "lost.yaml"], more].concat());
        (done.out + &done.err).matches("[application-path-invalid]").count()
    };
    assert_eq!(checked(&[]), 0);
    assert_eq!(checked(&["--source", &given]), 1);
}

#[test]
fn what_cannot_be_read_says_why() {
    let broken = application("web", &source("path: apps/web")).replace("{name: in-", "{name: [in-");
    let repository = repository(&[
        ("root/web.yaml", &broken),
        ("root/values.yaml", "{{ if .x }}\na: [\n"),
        ("root/fine.yaml", &application("fine", &source("path: apps/web"))),
        ("apps/web/config.yaml", &config("web")),
        ("alone/x.yaml", "a: [\n"),
    ]);
    let done = run(repository.path(), &["apps", "root/web.yaml"]);
    assert_eq!((done.code, &*done.out), (1, "no object of Argo CD\n"));
    assert!(done.err.contains("error[yaml-syntax]"), "{}", done.err);
    assert!(done.err.contains("root/web.yaml:"), "{}", done.err);
    let done = run(repository.path(), &["apps", "root"]);
    assert!(done.out.contains("fine (Application)"), "{}", done.out);
    assert_eq!((done.code, done.err.matches("yaml-syntax").count()), (1, 1), "{}", done.err);
    assert!(run(repository.path(), &["apps", "alone/x.yaml"]).err.contains("yaml-syntax"));
}

#[test]
fn wrong_arguments_are_refused() {
    let repository = repository(&[]);
    for (arguments, message) in [
        (&["apps", "nowhere"][..], "there is no environment, file or directory `nowhere`"),
        (&["apps", ".", "--source", "x"], "write URL=DIR"),
        (&["apps", ".", "--source", "x=nowhere"], "cannot list `nowhere`"),
        (&["apps", ".", "-o", "sarif"], "is a format of findings"),
        (&["budget", ".", "-o", "mermaid"], "goes with `apps`"),
    ] {
        let done = run(repository.path(), arguments);
        assert_eq!(done.code, 2, "{arguments:?}");
        assert!(done.err.contains(message), "{arguments:?}: {}", done.err);
    }
    assert_eq!(run(repository.path(), &["apps", "."]).out, "no object of Argo CD\n");
}
