//! `gitopsc apps`: what Argo CD makes of repositories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{gitopsc, root, write};
use tempfile::TempDir;

/// The URL by which the Applications of the cases name their repository.
const URL: &str = "https://git.example.com/acme/apps.git";

fn git(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(directory).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
    let run = command.args(arguments).output().unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

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

struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs the tool in a directory, as somebody would who has no repository of its own kind.
fn run(directory: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    let output = command.current_dir(directory).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    Run { code, out: text(output.stdout), err: text(output.stderr) }
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
}

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
