//! What an environment says of its cluster: the nodes' sizes, networks, storage classes, namespaces that exist.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::{Map, Value, json};

use crate::plane::ControlPlane;

/// One environment's cluster before anything is deployed to it.
pub(crate) struct Site {
    nodes: Vec<Value>,
    storage_classes: Vec<Value>,
    namespaces: Vec<String>,
    /// Flag values of kube-apiserver.
    pub(crate) services: String,
    pub(crate) node_ports: String,
}

/// Every environment that `gitopsc list` prints, by name.
pub(crate) fn sites(root: &Path) -> BTreeMap<String, Site> {
    let output = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
        .args(["list", "--output", "json", "--repo"])
        .arg(root)
        .output()
        .expect("gitopsc runs");
    let list: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("gitopsc list: {e}\n{}", String::from_utf8_lossy(&output.stderr))
    });
    let environments = list["environments"].as_array().expect("a list of environments");
    let name = |e: &Value| e["name"].as_str().expect("an environment's name").to_owned();
    environments.iter().map(|e| (name(e), Site::of(e))).collect()
}

impl Site {
    /// Reads one environment as `gitopsc list` prints it.
    pub(crate) fn of(environment: &Value) -> Self {
        let text = |pointer: &str, otherwise: &str| {
            environment.pointer(pointer).and_then(Value::as_str).unwrap_or(otherwise).to_owned()
        };
        let existing = |namespace: &(&String, &Value)| namespace.1["existing"] == true;
        let mut namespaces: Vec<_> =
            entries(&environment["namespaces"]).filter(existing).map(|(k, _)| k.clone()).collect();
        namespaces.push(text("/gitops/argocd/namespace", "argocd"));
        // These come with the API server.
        let given = ["default", "kube-system", "kube-public", "kube-node-lease"];
        namespaces.retain(|name| !given.contains(&name.as_str()));
        namespaces.sort();
        namespaces.dedup();
        let nodes: Vec<_> = entries(&environment["nodes"]).map(|(name, n)| node(name, n)).collect();
        assert!(!nodes.is_empty(), "{} has no nodes", environment["name"]);
        Self {
            nodes,
            storage_classes: entries(&environment["storageClasses"])
                .map(|(name, class)| storage_class(name, class))
                .collect(),
            namespaces,
            services: text("/network/services", "10.96.0.0/12"),
            node_ports: text("/network/nodePorts", "30000-32767"),
        }
    }

    /// Creates what is there before the first object of a tree is.
    pub(crate) fn prepare(&self, plane: &ControlPlane) {
        let namespace =
            |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let namespaces = self.namespaces.iter().map(namespace);
        plane.create(namespaces.chain(self.nodes.iter().cloned()).collect());
    }

    /// Creates the storage classes that the cluster has and the tree did not bring.
    pub(crate) fn add_storage_classes(&self, plane: &ControlPlane) {
        let there = plane.must(["get", "storageclasses", "--output=name"]);
        let mut classes = self.storage_classes.clone();
        classes.retain(|class| {
            let name = class["metadata"]["name"].as_str().expect("a class has a name");
            !there.lines().any(|line| line.ends_with(&format!("/{name}")))
        });
        plane.create(classes);
    }
}

fn entries(map: &Value) -> impl Iterator<Item = (&String, &Value)> {
    map.as_object().into_iter().flatten()
}

/// A node as its kubelet would register it. What the system's own pods request is not allocatable.
fn node(name: &str, declared: &Value) -> Value {
    let allocatable = &declared["allocatable"];
    for resource in ["cpu", "memory", "pods"] {
        assert!(!allocatable[resource].is_null(), "node `{name}` has no allocatable {resource}");
    }
    let mut capacity = allocatable.clone();
    for resource in ["cpu", "memory"] {
        capacity[resource] = declared[resource].clone();
    }
    let mut labels = json!({
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
    });
    for (key, value) in entries(&declared["labels"]) {
        labels[key] = value.clone();
    }
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": declared["taints"]},
        "status": {
            "capacity": quantities(&capacity),
            "allocatable": quantities(allocatable),
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        },
    })
}

/// Resources with every number as text.
fn quantities(resources: &Value) -> Map<String, Value> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    entries(resources).map(|(name, value)| (name.clone(), text(value).into())).collect()
}

fn storage_class(name: &str, declared: &Value) -> Value {
    let default = (declared["default"] == true).to_string();
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": name,
            "annotations": {"storageclass.kubernetes.io/is-default-class": default},
        },
        "provisioner": declared["provisioner"],
    })
}
