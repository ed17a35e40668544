//! What becomes of objects that stay in the files when their Application does not stay as it was.

use serde_json::Value;
use tempfile::TempDir;

use crate::fates::{CLAIM, ROOT, SET, repository};
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const POD: &str = "rendered/lab/manifests/web/deployment.yaml";
const NAME: &str = "lab/PersistentVolumeClaim/web/data";

/// The change of a repository that has a Deployment, too.
fn changed(before: &[(&str, &str, &str)], file: &str, from: &str, to: &str) -> TempDir {
    let directory = repository(before);
    let path = directory.path();
    let text =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\nspec: {}\n";
    write(path, POD, text);
    commit(path, "deployment");
    let text = std::fs::read_to_string(path.join(file)).unwrap();
    assert!(text.contains(from), "{from}");
    write(path, file, text.replace(from, to));
    directory
}

/// What is told of the Application: what became of it, and the consequences.
fn told(directory: &TempDir) -> Vec<String> {
    let found = run(directory.path(), &["-o", "json"]);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    let all = value["changes"].as_array().unwrap().iter();
    let mut found = Vec::new();
    for one in all.filter(|one| one["object"]["kind"] == "Application") {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        found.push(format!("{} {}", text(&one["change"]), text(&one["object"]["name"])));
        let consequences = one["consequences"].as_array().unwrap().iter();
        found.extend(
            consequences.map(|it| format!("{}: {}", text(&it["effect"]), text(&it["text"]))),
        );
    }
    found
}

const ELEMENT: (&str, &str) = ("[{name: web}]", "[]");

#[test]
fn an_application_that_goes_takes_along_what_files_still_have() {
    let directory = changed(&[], SET, ELEMENT.0, ELEMENT.1);
    let expected = [
        "removed lab-web",
        "data-loss: the Application goes, and these are deleted with their data: PersistentVolumeClaim `data` in web",
        "outage: the Application goes, and these are deleted: Deployment `web` in web",
    ];
    assert_eq!(told(&directory), expected);
    let path = directory.path();
    let found = run(path, &[]);
    assert_eq!(found.code, 1, "{}", found.out);
    assert!(found.err.contains(&format!("--accept-data-loss {NAME}")), "{}", found.err);
    assert!(!found.err.contains("Application/argocd"), "{}", found.err);
    assert_eq!(run(path, &["--accept-data-loss", NAME]).code, 0);
    // No file has the Application, and what goes with it stays in its files.
    let patch = run(path, &["-o", "patch"]).out;
    assert_eq!(patch.matches("diff --git").count(), 1, "{patch}");
    assert!(patch.contains("ApplicationSet.argoproj.io"), "{patch}");
    git(path, &["commit", "-qam", &format!("Take it away\n\nAccept-Data-Loss: {NAME}")]);
    assert_eq!(run(path, &["HEAD~1.."]).code, 0);
    // So it is where the set goes with it.
    let all = (ROOT, "{prune: true}", "{prune: true, allowEmpty: true}");
    let directory = changed(&[all], SET, "", "");
    std::fs::remove_file(directory.path().join(SET)).unwrap();
    assert_eq!(told(&directory), expected);
}

#[test]
fn an_application_that_goes_is_told_where_nothing_else_is() {
    let directory = repository(&[]);
    let path = directory.path();
    std::fs::remove_file(path.join(CLAIM)).unwrap();
    commit(path, "no claim");
    let text = std::fs::read_to_string(path.join(SET)).unwrap();
    write(path, SET, text.replace(ELEMENT.0, ELEMENT.1));
    assert_eq!(told(&directory), ["removed lab-web"]);
}

#[test]
fn what_argo_cd_leaves_is_no_loss() {
    let option = |text| (CLAIM, "a: b", text);
    let stays = "these stay with nobody to look after them";
    let kept = [
        (option("argocd.argoproj.io/sync-options: Delete=false"), "orphan", stays),
        (
            option("argocd.argoproj.io/sync-options: Delete=confirm"),
            "approval",
            "a person approves",
        ),
    ];
    for (change, effect, words) in kept {
        let found = told(&changed(&[change], SET, ELEMENT.0, ELEMENT.1));
        assert!(found.iter().all(|one| !one.starts_with("data-loss")), "{found:?}");
        let is_told = |one: &String| one.starts_with(effect) && one.contains(words);
        assert!(found.iter().any(is_told), "{found:?}");
    }
    // Nothing else goes before that.
    let confirm = option("argocd.argoproj.io/sync-options: Delete=confirm");
    let found = told(&changed(&[confirm], SET, ELEMENT.0, ELEMENT.1));
    let text = "approval: the Application goes, and Argo CD deletes these when a person approves: PersistentVolumeClaim `data` in \
                web, Deployment `web` in web, ConfigMap `other` in web";
    assert_eq!(found, ["removed lab-web", text]);
    let update = (SET, "preserveResourcesOnDeletion: false", "applicationsSync: create-update");
    let found = told(&changed(&[update], SET, ELEMENT.0, ELEMENT.1));
    let text = "orphan: it stays: ApplicationSet `apps` deletes no Application, and `lab-web` goes on unattended";
    assert_eq!(found, ["removed lab-web", text]);
    // A set that cannot be evaluated deletes nothing.
    assert_eq!(
        told(&changed(&[], SET, "list: {elements: [{name: web}]}", "list: {elements: 3}")),
        [""; 0]
    );
    // Another change of the set.
    assert_eq!(told(&changed(&[], SET, "{prune: true}", "{prune: true, selfHeal: true}")), [""; 0]);
}

#[test]
fn another_application_may_have_them_then() {
    let found = told(&changed(&[], SET, "'lab-{{name}}'", "'new-{{name}}'"));
    let start = "moved: Application `new-web` has these now, and unless it syncs before `lab-web` deletes them, they go";
    let expected = [
        "removed lab-web".to_owned(),
        format!("{start} and are made anew: Deployment `web` in web, ConfigMap `other` in web"),
        format!("{start} with their data and are made anew: PersistentVolumeClaim `data` in web"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_application_goes_with_its_set_whoever_makes_it_then() {
    let name = ("metadata: {name: apps,", "metadata: {name: others,");
    let expected = [
        "changed lab-web",
        "data-loss: the Application goes with its set, and is made anew, and these are deleted with their data: \
         PersistentVolumeClaim `data` in web",
        "outage: the Application goes with its set, and is made anew, and these are deleted: Deployment `web` in web",
    ];
    let directory = changed(&[], SET, name.0, name.1);
    let found = told(&directory);
    assert_eq!(found[1..], expected[1..], "{found:?}");
    assert_eq!(run(directory.path(), &[]).code, 1);
    // Its objects stay where the set says so, and the set where nobody prunes it.
    let kept = (SET, "preserveResourcesOnDeletion: false", "preserveResourcesOnDeletion: true");
    let bare = (SET, ", finalizers: [resources-finalizer.argocd.argoproj.io]", "");
    for changes in [&[kept, bare][..], &[(ROOT, "{prune: true}", "{}")]] {
        let directory = changed(changes, SET, name.0, name.1);
        let found = told(&directory);
        assert!(!found.iter().any(|one| one.starts_with("data-loss")), "{found:?}");
        assert_eq!(run(directory.path(), &[]).code, 0);
    }
}

#[test]
fn each_namespace_has_its_own_data() {
    const TWO: [(&str, &str, &str); 4] = [
        (SET, "[{name: web}]", "[{name: dev}, {name: qa}]"),
        (SET, "rendered/lab/manifests/{{name}}", "rendered/lab/manifests/web"),
        (SET, "namespace: web}", "namespace: '{{name}}'}"),
        (CLAIM, ", namespace: web", ""),
    ];
    let directory = changed(&TWO, SET, "[{name: dev}, {name: qa}]", "[{name: dev}]");
    let path = directory.path();
    let name = "lab/PersistentVolumeClaim/qa/data";
    let found = run(path, &[]);
    assert!(found.code == 1 && found.err.contains(name), "{}", found.err);
    assert_eq!(run(path, &["--accept-data-loss", name]).code, 0);
    let other = "lab/PersistentVolumeClaim/dev/data";
    assert_eq!(run(path, &["--accept-data-loss", other]).code, 1);
}

#[test]
fn an_application_may_have_fewer_objects_of_the_same_files() {
    let to = "manifests/{{name}}', directory: {exclude: 'claim.yaml'}";
    let directory = changed(&[], SET, "manifests/{{name}}'", to);
    let text = "data-loss: the Application no longer has them, and these are deleted with their data: \
                PersistentVolumeClaim `data` in web";
    assert_eq!(told(&directory), ["changed lab-web", text]);
    // Nobody knows what is in another revision.
    let other = "'https://git.example.com/b.git'";
    assert_eq!(told(&changed(&[], SET, "'https://git.example.com/a.git'", other)), [""; 0]);
}

#[test]
fn in_another_cluster_all_is_made_anew() {
    let found = told(&changed(&[], SET, "name: in-cluster", "name: far"));
    let start = "orphan: its objects are made anew in cluster `far`; these stay in `in-cluster`";
    let expected = [
        "changed lab-web".to_owned(),
        format!(
            "{start} with their data, and nobody looks after them: PersistentVolumeClaim `data` in web"
        ),
        format!(
            "{start}, and nobody looks after them: Deployment `web` in web, ConfigMap `other` in web"
        ),
    ];
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    assert_eq!(sorted(found), sorted(expected.to_vec()));
    // The same cluster by its address, one whose address nobody knows, and a set that changes nothing.
    let same = "server: 'https://kubernetes.default.svc'";
    assert_eq!(told(&changed(&[], SET, "name: in-cluster", same)), [""; 0]);
    let near = (SET, "name: in-cluster", "name: near");
    assert_eq!(told(&changed(&[near], SET, "name: near", "server: 'https://10.0.0.1'")), [""; 0]);
    let policy = (SET, "preserveResourcesOnDeletion: false", "applicationsSync: create-delete");
    assert_eq!(told(&changed(&[policy], SET, "name: in-cluster", "name: far")), [""; 0]);
}
