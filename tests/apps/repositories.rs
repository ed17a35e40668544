//! What `check` says of repositories as they lie on the disk.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{git, run};
use crate::support::write;
use crate::{application, config, repository, source};

const URL: &str = "git@git.example.com:acme/apps.git";

/// Level and message of each finding of a check.
pub(crate) fn told(directory: &Path, id: &str) -> Vec<String> {
    let run = run(directory, &["check", ".", "-o", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let all = json["findings"].as_array().unwrap().iter().filter(|it| it["id"] == id);
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    all.map(|it| format!("{}: {}", text(it, "level"), text(it, "message"))).collect()
}

pub(crate) fn clone(of: &Path, arguments: &[&str]) -> TempDir {
    let into = tempfile::tempdir().unwrap();
    let url = format!("file://{}", of.display());
    git(into.path(), &[&["clone", "-q"], arguments, &[&url, "."]].concat());
    git(into.path(), &["remote", "set-url", "origin", URL]);
    into
}

#[test]
fn a_revision_that_git_does_not_have() {
    let told = |directory: &Path| told(directory, "application-source-unusable");
    let web = |revision: &str| {
        application("web", &source(&format!("path: web, targetRevision: '{revision}'")))
    };
    let origin = repository(&[("web.yaml", &web("v1.0.0")), ("web/c.yaml", &config("c"))]);
    git(origin.path(), &["add", "-A"]);
    git(origin.path(), &["commit", "-q", "-m", "one"]);
    git(origin.path(), &["branch", "release-1"]);
    let absent =
        |revision: &str| format!("warning: no branch and no tag of the repository is `{revision}`");
    let unknown = |revision: &str| format!("note: the revision `{revision}` is not in this clone");
    let clone_of_all = clone(origin.path(), &[]);
    assert_eq!(told(clone_of_all.path()), [absent("v1.0.0")]);
    for arguments in [["--depth", "1"].as_slice(), &["--single-branch"]] {
        let clone = clone(origin.path(), arguments);
        assert_eq!(told(clone.path()), [unknown("v1.0.0")], "{arguments:?}");
    }
    // Nothing was ever fetched.
    assert_eq!(told(origin.path()), [unknown("v1.0.0")]);
    let there = ["main", "release-1", "refs/heads/release-1", "HEAD", "", "{{branch}}"];
    // Commits that were not fetched, and ranges of versions.
    let open =
        ["0123456789abcdef0123456789abcdef01234567", "0123abc", "v1.x", "~1.2", ">=1.0, <2", "*"];
    for revision in there.into_iter().chain(open) {
        write(clone_of_all.path(), "web.yaml", web(revision));
        assert!(told(clone_of_all.path()).is_empty(), "{revision}");
    }
    write(clone_of_all.path(), "web.yaml", web("release-2"));
    assert_eq!(told(clone_of_all.path()), [absent("release-2")]);
    git(clone_of_all.path(), &["tag", "release-2"]);
    assert!(told(clone_of_all.path()).is_empty());
}

/// `lsRemote` asks for names alone, and git's own expressions are none.
#[test]
fn a_revision_that_only_git_knows() {
    let web = |fields: &str| application("web", &source(&format!("path: web, {fields}")));
    let origin =
        repository(&[("web.yaml", &web("targetRevision: main")), ("web/c.yaml", &config("c"))]);
    git(origin.path(), &["add", "-A"]);
    git(origin.path(), &["commit", "-q", "-m", "one"]);
    for arguments in [["branch", "1.x"], ["branch", "release"], ["tag", "web/1.0.0"]] {
        git(origin.path(), &arguments);
    }
    let clone = clone(origin.path(), &[]);
    let told = |fields: &str, id: &str| {
        write(clone.path(), "web.yaml", web(fields));
        told(clone.path(), id)
    };
    let of = |fields: &str| told(fields, "application-source-unusable");
    let absent = |revision: &str| {
        [format!("warning: no branch and no tag of the repository is `{revision}`")]
    };
    for wrong in ["origin/release", "heads/release", "tags/web/1.0.0", "refs/heads/gone", "abc12"] {
        assert_eq!(of(&format!("targetRevision: {wrong}")), absent(wrong), "{wrong}");
    }
    let expression = "error: Argo CD does not resolve the revision `release~0`";
    assert_eq!(of("targetRevision: release~0"), [expression]);
    assert_eq!(of("targetRevision: 2.0.0, tagPrefix: web/"), absent("web/2.0.0"));
    for right in [
        "targetRevision: release",
        "targetRevision: refs/tags/web/1.0.0",
        "targetRevision: refs/pull/7/head",
        "targetRevision: pull/7/head",
        "targetRevision: '#{rev}#'",
        "targetRevision: 1.0.0, tagPrefix: web/",
        "targetRevision: '>=1.0.0-0', tagPrefix: web/",
        "targetRevision: 3.x, tagPrefix: web/",
        "targetRevision: release, tagPrefix: web/",
    ] {
        assert_eq!(of(right), [""; 0], "{right}");
    }
    // A branch with the name of a range is asked for where no tag is in the range.
    let gone = |revision: &str| {
        told(&format!("targetRevision: {revision}"), "application-path-invalid").len()
    };
    git(clone.path(), &["checkout", "-q", "--orphan", "next"]);
    git(clone.path(), &["rm", "-rfq", "."]);
    write(clone.path(), "other.yaml", config("c"));
    git(clone.path(), &["add", "-A"]);
    git(clone.path(), &["commit", "-q", "-m", "two"]);
    git(clone.path(), &["branch", "2.x"]);
    assert_eq!((gone("1.x"), gone("2.x")), (0, 1));
    git(clone.path(), &["tag", "2.1.0"]);
    assert_eq!((gone("1.x"), gone("2.x")), (0, 0));
}

#[test]
fn a_git_generator_asks_for_what_the_repository_has() {
    let set = |revision: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set, namespace: argocd}}\n\
             spec:\n  generators: [{{git: {{repoURL: '{URL}', revision: '{revision}', directories: [{{path: '*'}}]}}}}]\n\
             {}  template:\n    metadata: {{name: '{{{{path}}}}'}}\n    spec: {{project: default, \
             source: {{repoURL: '{URL}', path: '{{{{path}}}}'}}, destination: {{name: in-cluster, namespace: web}}}}\n",
            ""
        )
    };
    let origin = repository(&[("set.yaml", &set("main")), ("web/c.yaml", &config("c"))]);
    git(origin.path(), &["add", "-A"]);
    git(origin.path(), &["commit", "-q", "-m", "one"]);
    let clone = clone(origin.path(), &[]);
    let of = |revision: &str| {
        write(clone.path(), "set.yaml", set(revision));
        told(clone.path(), "application-source-unusable")
    };
    let absent = "warning: no branch and no tag of the repository is `release`";
    assert_eq!(of("release"), [absent]);
    for right in ["main", "HEAD", "", "1.x", "0123abc", "{{branch}}"] {
        assert_eq!(of(right), [""; 0], "{right}");
    }
    git(clone.path(), &["tag", "release"]);
    assert_eq!(of("release"), [""; 0]);
}

/// Files are looked for by a walk, which does not enter a link; kustomize and Helm do.
#[cfg(unix)]
#[test]
fn a_tool_is_started_behind_a_link() {
    let (kustomization, chart) =
        ("resources: [c.yaml]\n", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    let repository = repository(&[
        ("base/web/c.yaml", &config("c")),
        ("base/web/kustomization.yaml", kustomization),
        ("base/chart/Chart.yaml", chart),
        ("values.yaml", "replicas: 2\n"),
    ]);
    for name in ["web", "chart"] {
        std::os::unix::fs::symlink(format!("base/{name}"), repository.path().join(name)).unwrap();
    }
    let of = |source: &str| {
        write(repository.path(), "argocd/web.yaml", application("web", source));
        let of = |id: &str| told(repository.path(), id);
        [of("application-path-invalid"), of("application-source-unusable")].concat()
    };
    let link = "error: `web` is a symbolic link";
    let block = "kustomize: {namePrefix: a-}";
    for wrong in ["path: web", "path: web, directory: {recurse: true}", "path: web, kustomize: {}"]
    {
        assert_eq!(of(&source(wrong)), [link], "{wrong}");
    }
    let helm = "path: chart, helm: {valueFiles: [../values.yaml]}";
    for right in [&format!("path: web, {block}"), helm, "path: base/web"] {
        assert_eq!(of(&source(right)), [""; 0], "{right}");
    }
    let dry = |more: &str| {
        let dry = format!("drySource: {{repoURL: '{URL}', path: web, targetRevision: HEAD{more}}}");
        of(&format!("sourceHydrator: {{{dry}, syncSource: {{targetBranch: prod, path: a}}}}"))
    };
    assert_eq!(dry(""), [link]);
    assert_eq!(dry(&format!(", {block}")), [""; 0]);
}

#[test]
fn a_json_file_without_a_kind_stops_its_application() {
    let web = application("web", &source("path: web"));
    let files =
        [("web.yaml", web.as_str()), ("web/board.json", "{\"title\": \"x\", \"panels\": []}\n")];
    let repository = repository(&files);
    let message = "error: an object of `web/board.json` has no `kind`";
    assert_eq!(told(repository.path(), "manifests-unreadable"), [message]);
    let source = source("path: web, directory: {exclude: board.json}");
    write(repository.path(), "web.yaml", application("web", &source));
    assert!(told(repository.path(), "manifests-unreadable").is_empty());
    // In YAML such a document is passed over.
    let yaml = repository.path().join("web/board.json");
    std::fs::rename(&yaml, yaml.with_extension("yaml")).unwrap();
    write(repository.path(), "web.yaml", &web);
    assert!(told(repository.path(), "manifests-unreadable").is_empty());
}

#[test]
fn a_clone_given_as_a_source_has_revisions() {
    let other = "https://git.example.com/acme/other.git";
    let of = |revision: &str| {
        let source =
            format!("source: {{repoURL: '{other}', path: web, targetRevision: {revision}}}");
        application("web", &source)
    };
    let lent = repository(&[("web/c.yaml", &config("c"))]);
    git(lent.path(), &["add", "-A"]);
    git(lent.path(), &["commit", "-q", "-m", "one"]);
    git(lent.path(), &["tag", "v1.2.0"]);
    git(lent.path(), &["mv", "web", "site"]);
    git(lent.path(), &["commit", "-q", "-m", "two"]);
    let plain = tempfile::tempdir().unwrap();
    write(plain.path(), "site/c.yaml", config("c"));
    let told = |revision: &str, lent: &Path| {
        let here = repository(&[("web.yaml", &of(revision))]);
        let given = format!("{other}={}", lent.display());
        let out = run(here.path(), &["check", ".", "--source", &given]).out;
        out.matches("[application-path-invalid]").count()
    };
    assert_eq!(told("v1.2.0", lent.path()), 0);
    assert_eq!(told("main", lent.path()), 1);
    assert_eq!(told("v1.2.0", plain.path()), 1);
}

#[test]
fn which_branch_is_the_main_one_is_not_guessed() {
    let web = application("web", &source("path: web, targetRevision: develop"));
    let here = repository(&[("web.yaml", &web)]);
    let told = || told(here.path(), "application-path-invalid");
    git(here.path(), &["add", "-A"]);
    git(here.path(), &["commit", "-q", "-m", "one"]);
    git(here.path(), &["branch", "develop"]);
    let missing = "error: `web` is not in the repository";
    assert_eq!(told(), [missing]);
    git(here.path(), &["checkout", "-q", "-b", "feat"]);
    assert_eq!(told(), [missing], "it is nowhere");
    write(here.path(), "web/c.yaml", config("c"));
    assert_eq!(told(), [""; 0]);
    git(here.path(), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(here.path(), &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    assert_eq!(told(), [missing]);
}

#[test]
fn a_source_without_a_path_is_told_once() {
    let here = repository(&[("web.yaml", &application("web", &source("path: ''")))]);
    let of = |id: &str| told(here.path(), id);
    let once = ["error: a source needs `path` or `chart`"];
    assert_eq!(of("application-source-invalid"), once);
    assert_eq!(of("application-path-invalid"), [""; 0]);
}

#[test]
fn an_expression_that_cannot_be_read_is_told() {
    let of = |entry: &str| {
        let source = source("path: web");
        let entry =
            format!("{source}\n  ignoreDifferences: [{{group: apps, kind: Deployment, {entry}}}]");
        let web = application("web", &entry);
        let here = repository(&[("web.yaml", &web), ("web/c.yaml", &config("c"))]);
        told(here.path(), "ignore-difference-invalid")
    };
    let wrong = ["warning: `.spec.replicas[` is no expression of jq"];
    assert_eq!(of("jqPathExpressions: ['.spec.replicas[']"), wrong);
    assert_eq!(of("jqPathExpressions: ['.spec.replicas']"), [""; 0]);
    let pointer = ["warning: the JSON pointer `spec/replicas` does not begin with `/`"];
    assert_eq!(of("jsonPointers: [spec/replicas]"), pointer);
}

#[test]
fn a_git_generator_names_a_revision_by_a_parameter() {
    let set = |branch: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: apps, namespace: argocd}}
spec:
  goTemplate: true
  generators:
    - matrix:
        generators:
          - list: {{elements: [{{branch: main}}, {{branch: {branch}}}]}}
          - git:
              repoURL: {URL}
              revision: '{{{{.branch}}}}'
              directories: [{{path: web}}]
  template:
    metadata: {{name: '{{{{.branch}}}}'}}
    spec:
      project: default
      source: {{repoURL: '{URL}', path: web}}
      destination: {{name: in-cluster, namespace: web}}
"
        )
    };
    let origin = repository(&[("set.yaml", &set("prod")), ("web/c.yaml", &config("c"))]);
    git(origin.path(), &["add", "-A"]);
    git(origin.path(), &["commit", "-q", "-m", "one"]);
    git(origin.path(), &["branch", "prod"]);
    let clone = clone(origin.path(), &[]);
    let told = |branch: &str| {
        write(clone.path(), "set.yaml", set(branch));
        told(clone.path(), "application-source-unusable")
    };
    assert_eq!(told("prod"), [""; 0]);
    assert_eq!(told("'<BRANCH>'"), [""; 0]);
    let absent = ["warning: no branch and no tag of the repository is `test`"];
    assert_eq!(told("test"), absent);
}
