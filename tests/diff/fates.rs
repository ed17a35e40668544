//! What Argo CD does with what leaves the tree of an environment.

use serde_json::Value;
use tempfile::TempDir;

use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

pub(crate) const ROOT: &str = "rendered/lab/root.yaml";
pub(crate) const SET: &str = "rendered/lab/argocd/set.yaml";
pub(crate) const CLAIM: &str = "rendered/lab/manifests/web/claim.yaml";
const KEPT: &str = "rendered/lab/manifests/web/README.md";
const OTHER: &str = "rendered/lab/manifests/web/other.yaml";

const FILES: [(&str, &str); 7] = [
    ("environments/lab/.keep", ""),
    ("rendered/lab/argocd/README.md", "text"),
    (KEPT, "text"),
    (
        ROOT,
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: lab, namespace: argocd}\nspec:\n  project: default\n  \
         source: {repoURL: 'https://git.example.com/a.git', targetRevision: main, path: rendered/lab/argocd}\n  \
         destination: {name: in-cluster, namespace: argocd}\n  syncPolicy: {automated: {prune: true}}\n",
    ),
    (
        SET,
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: apps, namespace: argocd}\nspec:\n  \
         syncPolicy: {preserveResourcesOnDeletion: false}\n  generators:\n  - list: {elements: [{name: web}]}\n  template:\n    \
         metadata: {name: 'lab-{{name}}', finalizers: [resources-finalizer.argocd.argoproj.io]}\n    spec:\n      project: default\n      \
         source: {repoURL: 'https://git.example.com/a.git', targetRevision: main, path: 'rendered/lab/manifests/{{name}}'}\n      \
         destination: {name: in-cluster, namespace: web}\n      syncPolicy: {automated: {prune: true}}\n",
    ),
    (
        CLAIM,
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: web, annotations: {a: b}}\nspec: {accessModes: [ReadWriteOnce]}\n",
    ),
    (OTHER, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: web}\n"),
];

pub(crate) fn repository(changes: &[(&str, &str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main"]);
    for (path, text) in FILES {
        let mut text = text.to_owned();
        for (_, from, to) in changes.iter().filter(|(of, ..)| *of == path) {
            assert!(text.contains(from), "`{from}` in {path}");
            text = text.replace(from, to);
        }
        write(directory.path(), path, text);
    }
    commit(directory.path(), "all");
    directory
}

/// What is said of the claim: effect and text.
fn told(directory: &TempDir) -> Option<(String, String)> {
    let found = run(directory.path(), &["-o", "json"]);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    let changes = value["changes"].as_array().unwrap().iter();
    let mut claims = changes.filter(|change| change["object"]["name"] == "data");
    let one = claims.next().expect("the claim is gone")["consequences"].get(0)?.clone();
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    Some((text("effect"), text("text")))
}

/// Takes files away, and one element out of the set where it is named.
fn remove(directory: &TempDir, paths: &[&str]) {
    for path in paths {
        if *path == "element" {
            let file = directory.path().join(SET);
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.contains("[{name: web}]"));
            std::fs::write(file, text.replace("[{name: web}]", "[]")).unwrap();
        } else {
            std::fs::remove_file(directory.path().join(path)).unwrap();
        }
    }
}

#[test]
fn options_of_an_application_count_beside_those_of_the_object() {
    let force = (CLAIM, "a: b", "argocd.argoproj.io/sync-options: Force=true");
    let option = |text: &'static str| (SET, "automated: {prune: true}}\n", text);
    let replace = option("automated: {prune: true}, syncOptions: [Replace=true]}\n");
    let server = option("automated: {prune: true}, syncOptions: [ServerSideApply=true]}\n");
    let forced = option("automated: {prune: true}, syncOptions: [Force=true]}\n");
    let change = |changes: &[(&str, &str, &str)], from: &str, to: &str| {
        let directory = repository(changes);
        let file = directory.path().join(CLAIM);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, text.replace(from, to)).unwrap();
        told(&directory).map(|(effect, text)| format!("{effect}: {text}")).unwrap_or_default()
    };
    let labelled = |changes: &[(&str, &str, &str)]| {
        change(changes, "namespace: web,", "namespace: web, labels: {c: d},")
    };
    let refused =
        |changes: &[(&str, &str, &str)]| change(changes, "ReadWriteOnce", "ReadWriteMany");
    assert_eq!(
        labelled(&[force, replace]),
        "data-loss: Argo CD deletes the object and makes it anew: `Force=true`, and `Replace=true` of its Application; the volume \
         is deleted with the claim, unless its class retains it"
    );
    for changes in [&[force][..], &[replace], &[force, server], &[forced, replace][1..], &[forced]]
    {
        assert_eq!(labelled(changes), "", "{changes:?}");
    }
    assert!(refused(&[force]).starts_with("data-loss: "));
    assert!(refused(&[force, server]).starts_with("refused: "));
    assert!(refused(&[forced]).starts_with("refused: "));
}

#[test]
fn what_becomes_of_objects_is_what_argo_cd_does() {
    type Case<'c> = (&'c [(&'c str, &'c str, &'c str)], &'c [&'c str], &'c str, &'c str);
    let annotation = "a: b";
    let finalizers = ", finalizers: [resources-finalizer.argocd.argoproj.io]";
    let preserve = "preserveResourcesOnDeletion: false";
    let preserves = "preserveResourcesOnDeletion: true";
    let app = &[CLAIM, OTHER, "element"][..];
    let cases: &[Case<'_>] = &[
        (&[], &[CLAIM], "data-loss", "the volume is deleted"),
        (
            &[(CLAIM, annotation, "argocd.argoproj.io/sync-options: Prune=confirm")],
            &[CLAIM],
            "approval",
            "when a person approves",
        ),
        (
            &[(CLAIM, annotation, "argocd.argoproj.io/sync-options: Prune=false")],
            &[CLAIM],
            "orphan",
            "`lab-web` does not prune it",
        ),
        (&[(SET, "{prune: true}", "{}")], &[CLAIM], "orphan", "`lab-web` does not prune it"),
        // The last one goes only where that is allowed.
        (&[], &[CLAIM, OTHER], "orphan", "became empty"),
        (
            &[(SET, "{prune: true}", "{prune: true, allowEmpty: true}")],
            &[CLAIM, OTHER],
            "data-loss",
            "the volume is deleted",
        ),
        // An Application whose directory is gone is in error.
        (&[], &[CLAIM, OTHER, KEPT], "orphan", "cannot read a source"),
        // The Application goes.
        (&[], app, "data-loss", "the volume is deleted"),
        (
            &[(CLAIM, annotation, "argocd.argoproj.io/sync-options: Delete=confirm")],
            app,
            "approval",
            "when a person approves",
        ),
        (
            &[(CLAIM, annotation, "argocd.argoproj.io/sync-options: Delete=false")],
            app,
            "orphan",
            "leaves it behind",
        ),
        (
            &[(CLAIM, annotation, "helm.sh/resource-policy: keep")],
            app,
            "orphan",
            "leaves it behind",
        ),
        // A set gives its Applications the finalizer, unless it is told not to; their own stay.
        (&[(SET, finalizers, "")], app, "data-loss", "the volume is deleted"),
        (&[(SET, preserve, preserves)], app, "data-loss", "the volume is deleted"),
        (&[(SET, preserve, preserves), (SET, finalizers, "")], app, "orphan", "leaves it behind"),
        (
            &[(SET, preserve, "applicationsSync: create-update")],
            app,
            "orphan",
            "deletes no Application",
        ),
        // The set goes, and what it made with it.
        (&[], &[CLAIM, OTHER, SET], "orphan", "became empty"),
        (
            &[(ROOT, "{prune: true}", "{prune: true, allowEmpty: true}")],
            &[CLAIM, OTHER, SET],
            "data-loss",
            "the volume is deleted",
        ),
        (
            &[(ROOT, "{prune: true}", "{allowEmpty: true}")],
            &[CLAIM, OTHER, SET],
            "orphan",
            "`lab` does not prune it",
        ),
        // What a person applied only a person takes away.
        (&[], &[CLAIM, OTHER, SET, ROOT], "orphan", "nobody but a person"),
    ];
    let mut wrong = Vec::new();
    for (changes, removed, effect, words) in cases {
        let directory = repository(changes);
        remove(&directory, removed);
        let found = told(&directory);
        let is_right =
            found.as_ref().is_some_and(|(is, text)| is == effect && text.contains(words));
        if !is_right {
            wrong
                .push(format!("{changes:?} without {removed:?}: {found:?}, not {effect}: {words}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn definitions_stay() {
    let directory = repository(&[]);
    let path = "rendered/lab/manifests/web/definition.yaml";
    let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: data}\nspec: {names: {kind: Data}}\n";
    write(directory.path(), path, text);
    commit(directory.path(), "definition");
    remove(&directory, &[path]);
    let (effect, text) = told(&directory).unwrap();
    assert!(effect == "orphan" && text.contains("deletes none"), "{effect}: {text}");
}

#[test]
fn what_moves_to_another_application_may_be_deleted_on_the_way() {
    const NEW: &str = "rendered/lab/manifests/db/claim.yaml";
    let two = (SET, "[{name: web}]", "[{name: web}, {name: db}]");
    let moves = |changes: &[(&str, &str, &str)]| {
        let directory = repository(changes);
        write(directory.path(), "rendered/lab/manifests/db/README.md", "text");
        commit(directory.path(), "two");
        std::fs::rename(directory.path().join(CLAIM), directory.path().join(NEW)).unwrap();
        told(&directory)
    };
    let text = "Application `lab-db` has it, and `lab-web` no longer";
    let told = |rest: &str| Some(("moved".to_owned(), format!("{text}{rest}")));
    assert_eq!(
        moves(&[two]),
        told(
            ": unless `lab-db` syncs before `lab-web` deletes it, it goes with its data and is made anew"
        )
    );
    let annotation = "argocd.argoproj.io/sync-options: Prune=false";
    assert_eq!(moves(&[two, (CLAIM, "a: b", annotation)]), told(""));
    let confirm = "argocd.argoproj.io/sync-options: Prune=confirm";
    assert_eq!(
        moves(&[two, (CLAIM, "a: b", confirm)]),
        told(": unless `lab-db` syncs first, `lab-web` asks a person whether to delete it")
    );
    assert_eq!(moves(&[two, (SET, "{prune: true}", "{}")]), told(""));
    // In another file of its Application nothing comes of it.
    let directory = repository(&[]);
    let other = "rendered/lab/manifests/web/data.yaml";
    std::fs::rename(directory.path().join(CLAIM), directory.path().join(other)).unwrap();
    assert!(run(directory.path(), &[]).out.starts_with("no object differs"));
}

#[test]
fn data_that_go_must_be_named() {
    let directory = repository(&[]);
    remove(&directory, &[CLAIM]);
    let path = directory.path();
    let found = run(path, &[]);
    assert_eq!(found.code, 1, "{}", found.out);
    let name = "lab/PersistentVolumeClaim/web/data";
    assert!(found.err.contains(&format!("--accept-data-loss {name}")), "{}", found.err);
    assert_eq!(run(path, &["--accept-data-loss", name]).code, 0);
    for other in ["PersistentVolumeClaim/web/data", "lab/PersistentVolumeClaim/web/other", "lab"] {
        let found = run(path, &["--accept-data-loss", other]);
        assert_eq!(found.code, 1, "{other}");
        assert!(
            found.err.contains(&format!("`{other}` names no object whose data go")),
            "{}",
            found.err
        );
    }
    // A commit of the change may say it, too.
    git(path, &["add", "-A"]);
    git(path, &["commit", "-qm", &format!("Take it away\n\nAccept-Data-Loss: {name}")]);
    assert_eq!(run(path, &["HEAD~1.."]).code, 0);
    assert_eq!(run(path, &["HEAD~1"]).code, 0);
    git(path, &["commit", "-q", "--amend", "-m", "Take it away"]);
    assert_eq!(run(path, &["HEAD~1.."]).code, 1);
}

#[test]
fn an_environment_under_another_name_is_told_as_that() {
    // What the trees hold is the same, but for what Argo CD has of it.
    let moved = |changes: &[(&str, &str)], keeps: bool| {
        let directory = repository(&[]);
        let path = directory.path();
        write(path, "environments/home/.keep", "");
        for (file, text) in FILES.iter().filter(|(file, _)| file.starts_with("rendered")) {
            let mut text = text.replace("lab", "home");
            for (from, to) in changes {
                text = text.replace(from, to);
            }
            write(path, &file.replace("lab", "home"), text);
        }
        if !keeps {
            std::fs::remove_dir_all(path.join("rendered/lab")).unwrap();
            std::fs::remove_dir_all(path.join("environments/lab")).unwrap();
        }
        directory
    };
    let line = "environment `lab` is gone, and `home` is new with";
    let text = |directory: &TempDir| run(directory.path(), &[]).out;
    let same = moved(&[], false);
    let found = text(&same);
    assert!(found.contains(&format!("{line} the same 2 objects\n")), "{found}");
    // Nobody but a person takes away what a person applied.
    assert!(found.contains("! orphan: it stays: nobody but a person"), "{found}");
    let page = run(same.path(), &["-o", "markdown"]).out;
    assert!(page.contains("\nEnvironment `lab` is gone, and `home` is new"), "{page}");
    let page = run(same.path(), &["-o", "html"]).out;
    assert!(page.contains("<p>environment <code>lab</code> is gone"), "{page}");
    let found = run(same.path(), &["-o", "json"]).out;
    let value: Value = serde_json::from_str(&found).unwrap();
    let expected = serde_json::json!([{"from": "lab", "to": "home", "objects": 2, "same": 2}]);
    assert_eq!(value["renamedEnvironments"], expected);
    let other = text(&moved(&[("ReadWriteOnce", "ReadWriteMany")], false));
    assert!(other.contains(&format!("{line} 1 of its 2 objects as they were\n")), "{other}");
    // Another one with other objects, and a copy.
    let none =
        [text(&moved(&[("namespace: web", "namespace: db")], false)), text(&moved(&[], true))];
    for found in none {
        assert!(!found.contains("environment `lab`"), "{found}");
    }
}
