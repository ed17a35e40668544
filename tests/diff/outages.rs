//! Workloads that are gone.

use std::path::Path;

use gitopsc::diff::{Beside, changes};
use gitopsc::schema::{Definitions, NEWEST, pack};
use serde_json::Value;

use crate::consequences::told;
use crate::objects::snapshot;
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const NONE: [&str; 0] = [];
const NOBODY: &str = "outage: all of its pods stop, and no other workload has their labels";
const BEHIND: &str = "outage: all of its pods stop, and no other workload is behind Service `web`";

fn workload(kind: &str, name: &str, labels: &str) -> String {
    let group = if kind == "Rollout" { "argoproj.io/v1alpha1" } else { "apps/v1" };
    format!(
        "apiVersion: {group}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  replicas: 2\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{{labels}}}}}\n    \
         spec: {{containers: [{{name: {name}, image: '{name}:1'}}]}}\n---\n"
    )
}

fn service(selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}\n---\n"
    )
}

#[test]
fn pods_go_with_their_workload() {
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "Rollout"] {
        let web = workload(kind, "web", "app: web");
        assert_eq!(told(&web, ""), [NOBODY], "{kind}");
        assert_eq!(told("", &web), NONE, "{kind}");
        let service = service("app: web");
        assert_eq!(told(&(web + &service), &service), [BEHIND], "{kind}");
    }
    let web = workload("Deployment", "web", "app: web");
    // It had none, it is not known which, or a sync makes and deletes it.
    for (from, to) in [
        ("replicas: 2", "replicas: 0"),
        ("labels: {app: web}", "labels: {app: '${APP}'}"),
        ("name: web, namespace: shop", "name: web, namespace: '${SPACE}'"),
        ("namespace: shop", "namespace: shop, annotations: {argocd.argoproj.io/hook: PreSync}"),
    ] {
        assert!(web.contains(from));
        assert_eq!(told(&web.replace(from, to), ""), NONE, "{to}");
    }
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {metadata: {labels: {a: b}}, spec: {restartPolicy: \
               Never, containers: [{name: a, image: a}]}}}\n";
    assert_eq!(told(job, ""), NONE);
}

#[test]
fn others_take_the_place_of_pods() {
    let web = workload("Deployment", "web", "app: web");
    let set = workload("StatefulSet", "db", "app: web, tier: a");
    let service = service("app: web");
    assert_eq!(told(&(web.clone() + &set), &set), NONE);
    assert_eq!(told(&(web.clone() + &set + &service), &(set.clone() + &service)), NONE);
    // A Service that selects more.
    let narrow = service.replace("{app: web}", "{app: web, tier: b}");
    let own = workload("Deployment", "web", "app: web, tier: b");
    assert_eq!(told(&(own.clone() + &set + &narrow), &(set.clone() + &narrow)), [BEHIND]);
    assert_eq!(told(&(own + &set + &service), &(set.clone() + &service)), NONE);
    // One that has no pods itself, or is elsewhere.
    let stopped = set.replace("replicas: 2", "replicas: 0");
    assert_eq!(told(&(web.clone() + &stopped), &stopped), [NOBODY]);
    let elsewhere = set.replace("namespace: shop", "namespace: other");
    assert_eq!(told(&(web.clone() + &elsewhere), &elsewhere), [NOBODY]);
    // One whose pods are not known, and pods of another kind of workload.
    let open = set.replace("labels: {app: web, tier: a}", "labels: {app: '${APP}'}");
    assert_eq!(told(&(web.clone() + &open), &open), NONE);
    let custom = set.replace("apps/v1", "apps.example.com/v1").replace("StatefulSet", "CloneSet");
    assert_eq!(told(&(web.clone() + &custom), &custom), NONE);
    // Under another name, as long as its Service leads to it.
    let renamed = web.replace("name: web, namespace", "name: shop, namespace");
    assert_eq!(told(&web, &renamed), NONE);
    assert_eq!(told(&(web.clone() + &service), &(renamed.clone() + &service)), NONE);
    let other = renamed.replace("app: web", "app: shop");
    assert_eq!(told(&(web + &service), &(other + &service)), [BEHIND]);
}

#[test]
fn a_service_moves_to_other_pods() {
    let blue = workload("Deployment", "blue", "app: web, color: blue");
    let green = workload("Deployment", "green", "app: web, color: green");
    let to = |color: &str| service(&format!("app: web, color: {color}"));
    let moved = |after: &str| {
        let mut told = told(&(blue.clone() + &green + &to("blue")), after);
        told.retain(|one| one.starts_with("outage"));
        told
    };
    assert_eq!(moved(&(green.clone() + &to("green"))), NONE);
    // It stays, or moves to where nobody is.
    assert_eq!(moved(&(green.clone() + &to("blue"))), [BEHIND]);
    assert_eq!(moved(&(green.clone() + &to("red"))), [BEHIND]);
    let other =
        workload("StatefulSet", "front", "tier: front").replace("app: web}}", "tier: front}}");
    assert_eq!(moved(&(green.clone() + &other + &service("tier: front"))), NONE);
    assert_eq!(moved(&(green.clone() + &other + &to("blue"))), [BEHIND]);
}

#[test]
fn what_states_no_namespace_may_take_the_place_of_pods() {
    let nowhere = |text: String| text.replace(", namespace: shop", "");
    let (web, set) =
        (workload("Deployment", "web", "app: web"), workload("StatefulSet", "db", "app: web"));
    let other = set.replace("app: web", "app: db");
    let of = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(path, text)| ("", *path, *text)).collect();
        snapshot(&files)
    };
    let outages = |service: &str, web: &str, set: &str| -> Vec<String> {
        let before = of(&[("a/service.yaml", service), ("a/web.yaml", web)]);
        let after = of(&[("a/service.yaml", service), ("a/b/set.yaml", set)]);
        let beside = Beside::default();
        let found = changes(&before, &after, pack(NEWEST), &Definitions::default(), &beside);
        let all = found.changes.iter().flat_map(|change| &change.consequences);
        let told = all.map(|one| format!("{}: {}", one.effect.id(), one.text));
        told.filter(|one| one.starts_with("outage")).collect()
    };
    let behind = service("app: web");
    let (free, plain, bare) = (nowhere(behind.clone()), nowhere(web.clone()), nowhere(set.clone()));
    assert_eq!(outages(&free, &plain, &bare), NONE);
    assert_eq!(outages(&free, &plain, &set), NONE);
    assert_eq!(outages(&behind, &web, &bare), NONE);
    assert_eq!(outages(&free, &plain, &nowhere(other.clone())), [BEHIND]);
    assert_eq!(outages(&behind, &web, &other), [BEHIND]);
}

/// What becomes of a Deployment that leaves its Application, which has this sync policy.
fn left(policy: &str, above: impl Fn(&Path)) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "environments/lab/.keep", "");
    let root = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: lab, namespace: argocd}\nspec:\n  project: default\n  \
                source: {repoURL: 'https://git.example.com/a.git', targetRevision: main, path: rendered/lab/web}\n  \
                destination: {name: in-cluster, namespace: shop}\n  syncPolicy: ";
    write(path, "rendered/lab/root.yaml", format!("{root}{policy}\n"));
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n";
    write(path, "rendered/lab/web/config.yaml", config);
    write(path, "rendered/lab/web/web.yaml", workload("Deployment", "web", "app: web"));
    above(path);
    commit(path, "all");
    std::fs::remove_file(path.join("rendered/lab/web/web.yaml")).unwrap();
    let found: Value = serde_json::from_str(&run(path, &["-o", "json"]).out).unwrap();
    let told = found["changes"][0]["consequences"].as_array().unwrap().iter();
    let text = |one: &Value| {
        format!("{}: {}", one["effect"].as_str().unwrap(), one["text"].as_str().unwrap())
    };
    told.map(text).collect()
}

#[test]
fn pods_go_only_where_argo_cd_deletes_them() {
    let nothing = |_: &Path| {};
    assert_eq!(left("{automated: {prune: true}}", nothing), [NOBODY]);
    let policy = |name: &str| {
        format!("{{automated: {{prune: true}}, syncOptions: [PrunePropagationPolicy={name}]}}")
    };
    assert_eq!(left(&policy("orphan"), nothing), NONE);
    assert_eq!(left(&policy("background"), nothing), [NOBODY]);
    let kept = left("{automated: {}}", nothing);
    assert!(kept.len() == 1 && kept[0].starts_with("orphan"), "{kept:?}");
    // Those that take its place are in files that are the same.
    let policy = "{automated: {prune: true}}";
    let beside = |path: &Path| {
        write(path, "rendered/lab/web/b.yaml", workload("Deployment", "blue", "app: web"));
        write(path, "rendered/lab/web/s.yaml", service("app: web"));
    };
    assert_eq!(left(policy, beside), NONE);
    let alone = |path: &Path| write(path, "rendered/lab/web/s.yaml", service("app: web"));
    assert_eq!(left(policy, alone), [BEHIND]);
    let copy = |path: &Path| {
        write(path, "rendered/lab/web/copy.yaml", workload("Deployment", "web", "app: web"));
    };
    let kept = left(policy, copy);
    assert!(kept.iter().all(|one| !one.starts_with("outage")), "{kept:?}");
}

#[test]
fn pods_without_a_deployment_go() {
    let service = service("app: web");
    let set = workload("ReplicaSet", "web", "app: web");
    assert_eq!(told(&set, ""), [NOBODY]);
    assert_eq!(told(&(set.clone() + &service), &service), [BEHIND]);
    let owner = set.replace(
        "namespace: shop",
        "namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: a}]",
    );
    assert_eq!(told(&(owner + &service), &service), NONE);
    let controller = set
        .replace("apps/v1", "v1")
        .replace("ReplicaSet", "ReplicationController")
        .replace("{matchLabels: {app: web}}", "{app: web}");
    assert_eq!(told(&(controller.clone() + &service), &service), [BEHIND]);
    let web = workload("Deployment", "web", "app: web");
    assert_eq!(told(&(controller + &service), &(web.clone() + &service)), NONE);
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n\
               spec: {containers: [{name: web, image: web}]}\n---\n";
    assert_eq!(told(&(pod.to_owned() + &service), &service), [BEHIND]);
    assert_eq!(told(&(pod.to_owned() + &service), &(web + &service)), NONE);
    // It ends by itself, or is behind no Service.
    let once = pod.replace("spec: {", "spec: {restartPolicy: Never, ");
    assert_eq!(told(&(once + &service), &service), NONE);
    assert_eq!(told(pod, ""), NONE);
}

/// What is told of outages.
fn outages(before: &str, after: &str) -> Vec<String> {
    let mut told = told(before, after);
    told.retain(|one| one.starts_with("outage"));
    told
}

#[test]
fn a_service_loses_the_labels_of_its_pods() {
    const LOST: &str =
        "outage: its pods have other labels, and no workload is behind Service `web` any longer";
    let web = workload("Deployment", "web", "app: web, v: a");
    let moved = web.replace("v: a", "v: b");
    let [to_a, to_b] = ["app: web, v: a", "app: web, v: b"].map(service);
    assert_eq!(outages(&(web.clone() + &to_a), &(moved.clone() + &to_a)), [LOST]);
    // It moves with them, or selects what stays.
    assert_eq!(outages(&(web.clone() + &to_a), &(moved.clone() + &to_b)), NONE);
    let wide = service("app: web");
    assert_eq!(outages(&(web.clone() + &wide), &(moved.clone() + &wide)), NONE);
    // It had none, others are there, or nobody knows.
    assert_eq!(outages(&(web.clone() + &to_b), &(web.clone() + &to_a)), NONE);
    let other = workload("StatefulSet", "db", "app: web, v: a");
    let with = |other: &str| {
        let (web, moved) = (web.clone() + other + &to_a, moved.clone() + other + &to_a);
        outages(&web, &moved)
    };
    assert_eq!(with(&other), NONE);
    assert_eq!(with(&other.replace("v: a", "v: '${V}'")), NONE);
    assert_eq!(with(&other.replace(", namespace: shop", "")), NONE);
    assert_eq!(with(&other.replace("v: a", "v: c")), [LOST]);
    for (from, to) in [("replicas: 2", "replicas: 0"), ("replicas: 2", "paused: true")] {
        let change = |text: &str| text.replace(from, to) + &to_a;
        assert_eq!(outages(&change(&web), &change(&moved)), NONE, "{to}");
    }
    let held = workload("StatefulSet", "db", "app: web, v: a")
        .replace("replicas: 2", "updateStrategy: {type: OnDelete}");
    let then = held.replace("v: a", "v: b");
    assert_eq!(outages(&(held + &to_a), &(then + &to_a)), NONE);
}

#[test]
fn a_service_loses_a_port_of_its_pods() {
    const LOST: &str = "outage: Service `web` leads nowhere at port `80/TCP`: no container of its pods has port `http` any longer";
    let with = |port: &str| {
        let ports = format!("image: 'web:1', ports: [{{containerPort: 80, name: {port}}}]");
        workload("Deployment", "web", "app: web").replace("image: 'web:1'", &ports)
    };
    let to = |port: &str| {
        service("app: web").replace("port: 80", &format!("port: 80, targetPort: {port}"))
    };
    let (web, moved) = (with("http"), with("web"));
    assert_eq!(outages(&(web.clone() + &to("http")), &(moved.clone() + &to("http"))), [LOST]);
    assert_eq!(outages(&(web.clone() + &to("http")), &(moved.clone() + &to("web"))), NONE);
    assert_eq!(outages(&(web.clone() + &to("80")), &(moved.clone() + &to("80"))), NONE);
    assert_eq!(outages(&(web.clone() + &to("a")), &(moved.clone() + &to("a"))), NONE);
    let headless = to("http").replace("selector", "clusterIP: None, selector");
    assert_eq!(outages(&(web.clone() + &headless), &(moved.clone() + &headless)), NONE);
    // Some of its pods have it still, or nobody knows.
    let beside = |other: &str| {
        let rest = other.replace("name: web, namespace", "name: b, namespace") + &to("http");
        outages(&(web.clone() + &rest), &(moved.clone() + &rest))
    };
    assert_eq!(beside(&web), NONE);
    assert_eq!(beside(&moved), [LOST]);
    assert_eq!(beside(&with("'${PORT}'")), NONE);
    // The Service itself asks for another.
    let told = |from: &str, to: &str| outages(&(web.clone() + from), &(web.clone() + to));
    const NOWHERE: &str =
        "outage: port `80/TCP` leads nowhere: no container of its pods has port `htp`";
    assert_eq!(told(&to("http"), &to("htp")), [NOWHERE]);
    assert_eq!(told(&to("80"), &to("htp")), [NOWHERE]);
    assert_eq!(told(&to("a"), &to("htp")), NONE);
    assert_eq!(told(&to("htp"), &to("http")), NONE);
    assert_eq!(told(&to("http"), &to("'${PORT}'")), NONE);
}

#[test]
fn files_that_are_the_same_say_who_loses_pods_and_routes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "environments/lab/.keep", "");
    let web = workload("Deployment", "zed", "app: web, tier: front");
    let gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\n\
                   spec: {gatewayClassName: a, listeners: [{name: one, port: 80, protocol: HTTP}]}\n";
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: shop}\n\
                 spec: {parentRefs: [{name: edge, sectionName: one}], hostnames: [e.org]}\n";
    write(path, "rendered/lab/web/web.yaml", &web);
    write(path, "rendered/lab/web/service.yaml", service("tier: front"));
    write(path, "rendered/lab/web/gateway.yaml", gateway);
    write(path, "rendered/lab/web/route.yaml", route);
    commit(path, "all");
    write(path, "rendered/lab/web/web.yaml", web.replace("tier: front", "tier: back"));
    write(path, "rendered/lab/web/gateway.yaml", gateway.replace("name: one", "name: two"));
    let found = run(path, &["-o", "json"]).out;
    assert!(found.contains("no workload is behind Service `web` any longer"), "{found}");
    assert!(found.contains("are detached: HTTPRoute `r` in shop"), "{found}");
}

#[test]
fn claims_stay_under_the_old_name_of_a_set() {
    let set = |name: &str, more: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  serviceName: db\n  {more}\n  \
             selector: {{matchLabels: {{app: db}}}}\n  template:\n    metadata: {{labels: {{app: db}}}}\n    spec: {{containers: \
             [{{name: db, image: 'db:1'}}]}}\n  volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{accessModes: [ReadWriteOnce]}}\n---\n"
        )
    };
    let left = "orphan: the claims `data-db-…` stay with their data, and nobody uses them: the pods start with new, empty ones";
    assert_eq!(told(&set("db", ""), &set("pg", "")), [left]);
    // The same name, claims of the new name, claims that go with the set, and sets that had no pods.
    assert_eq!(told(&set("db", ""), &set("db", "")), NONE);
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data-pg-0, namespace: shop}\nspec: {}\n";
    assert_eq!(told(&set("db", ""), &(set("pg", "") + claim)), NONE);
    let goes = "persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}";
    assert_eq!(
        told(&set("db", goes), &set("pg", goes)),
        ["data-loss: its claims and their volumes are deleted with it"]
    );
    assert_eq!(told(&set("db", "replicas: 0"), &set("pg", "replicas: 0")), NONE);
    assert_eq!(told(&set("db", ""), &set("'${NAME}'", "")), NONE);
}
