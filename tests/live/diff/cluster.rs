//! What happens in the cluster.

use std::{collections::BTreeMap, fs, thread, time::Duration};

use serde_json::{Value, json};

use super::{APPLICATION, Case, ROOT, Repository, SET};
use crate::{apply::unestablished, plane::ControlPlane};

const DEFINITION: &str = include_str!("definition.yaml");

/// A user who may only look.
const READER: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "look"},
   "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}]},
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "look"},
   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "look"},
   "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"}]}]}"#;

fn file(plane: &ControlPlane, name: &str, text: &str) -> String {
    let path = plane.folder().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Puts the mark on an object that Argo CD writes when it applies it.
fn marked(object: &Value, application: &str) -> Value {
    let mut object = object.clone();
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let group = text("/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    let namespace = text("/metadata/namespace");
    let namespace = if namespace.is_empty() { "default" } else { namespace };
    let id =
        format!("{application}:{group}/{}:{namespace}/{}", text("/kind"), text("/metadata/name"));
    if object["kind"] != "CustomResourceDefinition" {
        object["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = json!(id);
    }
    object
}

/// Applies what the tree says, as Argo CD does.
pub(crate) fn prepare(plane: &ControlPlane, repository: &Repository, cases: &[Case]) {
    let mut definitions = vec!["apply".to_owned(), "--server-side".to_owned()];
    let ours = file(plane, "definition.yaml", DEFINITION);
    for path in plane.crds().iter().map(|path| path.to_str().unwrap()).chain([ours.as_str()]) {
        definitions.extend(["-f".to_owned(), path.to_owned()]);
    }
    plane.must(&definitions);
    assert!(unestablished(plane).is_empty());
    plane.must(["create", "-f", &file(plane, "reader.json", READER)]);
    if !plane.kubectl(["get", "namespace", "argocd"]).ok {
        plane.must(["create", "namespace", "argocd"]);
    }
    let ignored = cases.iter().find(|case| case.ignored).unwrap();
    let application = APPLICATION.replace("IGNORED", &ignored.namespace);
    let apply = ["apply", "--server-side", "--field-manager=argocd-controller", "-f"];
    for (name, text) in [("root.yaml", ROOT), ("apps.yaml", &application), ("sets.yaml", SET)] {
        plane.must([&apply[..], &[&file(plane, name, text)]].concat());
    }
    plane.must([
        "annotate",
        "applicationset",
        "--namespace=argocd",
        "sets",
        "argocd.argoproj.io/tracking-id=live-root:argoproj.io/ApplicationSet:argocd/sets",
    ]);
    let (mut items, mut client) = (Vec::new(), Vec::new());
    for case in cases {
        repository.put(case, &case.base);
        let (namespace, others) = case.base.split_first().unwrap();
        items.push(marked(namespace, "apps"));
        let into = if case.client { &mut client } else { &mut items };
        into.extend(others.iter().map(|object| marked(object, "apps")));
    }
    // Namespaces first.
    items.sort_by_key(|item| item["kind"] != "Namespace");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    plane.must([&apply[..], &[&file(plane, "base.json", &list.to_string())]].concat());
    let list = json!({"apiVersion": "v1", "kind": "List", "items": client});
    plane.must(["apply", "-f", &file(plane, "client.json", &list.to_string())]);
    plane.create(vec![json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "namespace": "argocd"},
        "data": {"resource.customizations.ignoreDifferences._LimitRange": "jsonPointers: [/spec/limits]"},
    })]);
    let loose: Vec<Value> = cases.iter().flat_map(|case| case.loose.clone()).collect();
    plane.create(loose);
}

/// Does in the cluster what a case says.
pub(crate) fn edit(plane: &ControlPlane, case: &Case) {
    for step in &case.cluster {
        if let Some(kind) = step["delete"].as_str() {
            let name = named(case, kind);
            plane.must(["delete", kind, &name, "--namespace", &case.namespace]);
            continue;
        }
        let by = format!("--field-manager={}", step["by"].as_str().unwrap());
        if step["apply"].is_object() {
            let path = file(plane, "edit.json", &step["apply"].to_string());
            plane.must(["apply", "--server-side", &by, "-f", &path]);
            continue;
        }
        let form = if step["strategic"] == json!(true) { "strategic" } else { "merge" };
        let fields = step.as_object().unwrap().iter();
        for (kind, patch) in
            fields.filter(|(kind, _)| !["by", "strategic"].contains(&kind.as_str()))
        {
            let name = named(case, kind);
            let (form, patch) = (format!("--type={form}"), patch.to_string());
            let namespace = format!("--namespace={}", case.namespace);
            plane.must(["patch", kind, &name, &namespace, &form, &by, "--patch", &patch]);
        }
    }
}

fn named(case: &Case, kind: &str) -> String {
    let object = case.base.iter().find(|object| object["kind"] == kind).unwrap();
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

/// An Application that its set no longer makes, and an object of it.
pub(crate) fn leave_behind(plane: &ControlPlane) {
    let uid = plane.must([
        "get",
        "applicationset",
        "sets",
        "--namespace=argocd",
        "--output=jsonpath={.metadata.uid}",
    ]);
    plane.create(vec![
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "old", "namespace": "argocd", "ownerReferences": [
                {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": "sets", "uid": uid}]},
            "spec": {"project": "default", "destination": {"name": "in-cluster"},
                "source": {"repoURL": "https://git.example.com/live.git", "path": "x"}},
        }),
        marked(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old-data", "namespace": "argocd"}}), "old"),
    ]);
}

/// Takes away what makes pods, since they would fill the nodes of whoever comes next.
pub(crate) fn leave(plane: &ControlPlane) {
    let makers = "horizontalpodautoscalers,deployments,statefulsets,cronjobs,jobs";
    plane.must(["delete", makers, "--all", "--all-namespaces"]);
    let gone = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        plane.must(["get", "pods", "--all-namespaces", "--output=name"]).is_empty()
    });
    assert!(gone, "pods stay");
}

/// Quotas forbid only what has been counted.
pub(crate) fn wait_for_quotas(plane: &ControlPlane, cases: &[Case]) {
    for case in cases.iter().filter(|case| case.settles) {
        let status = [
            "get",
            "resourcequota",
            "--namespace",
            &case.namespace,
            "--output=jsonpath={.items[*].status.hard}",
        ];
        let counted = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(100));
            !plane.must(status).is_empty()
        });
        assert!(counted, "nobody counts the quota of {}", case.name);
    }
}

/// The version of every object of the kinds that the cases are of, and how many of each kind there are at all.
pub(crate) fn versions(plane: &ControlPlane) -> BTreeMap<String, String> {
    let kinds = plane.must(["api-resources", "--verbs=list", "--output=name"]);
    // Programs of the cluster write these all the time.
    let busy = ["events", "leases.", "componentstatuses", "replicasets.", "pods"];
    let kinds: Vec<&str> =
        kinds.lines().filter(|kind| !busy.iter().any(|busy| kind.starts_with(busy))).collect();
    let template = "{{range .items}}{{.kind}}/{{.metadata.namespace}}/{{.metadata.name}} {{.metadata.resourceVersion}}{{\"\\n\"}}{{end}}";
    let printed = plane.must([
        "get",
        &kinds.join(","),
        "--all-namespaces",
        &format!("--output=go-template={template}"),
    ]);
    printed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect()
}
