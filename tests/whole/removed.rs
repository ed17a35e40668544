//! The shipped environments: every object that another one needs is missed when it is gone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gitopsc::facts::Extent;
use gitopsc::yaml::Node;

use crate::cluster::{nodes, whole_of};

fn collect(directory: &Path, found: &mut Vec<Node>) {
    let mut entries: Vec<_> =
        fs::read_dir(directory).unwrap().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.extend(nodes(&fs::read_to_string(&path).unwrap()));
        }
    }
}

fn name(node: &Node) -> String {
    let text = |pointer| node.pointer(pointer).and_then(Node::as_str).unwrap_or_default();
    format!("{} {} {}", text("/kind"), text("/metadata/name"), text("/metadata/namespace"))
}

/// Kinds of which there is no object that nobody names.
const NEEDED: [&str; 6] = [
    "ClusterRole",
    "IngressClass",
    "PersistentVolumeClaim",
    "Role",
    "ServiceAccount",
    "StatefulSet",
];

#[test]
fn what_is_needed_is_missed() {
    for environment in ["home", "iris", "k3s", "minikube", "minikube-lite"] {
        let mut all = Vec::new();
        collect(&Path::new("rendered").join(environment).join("manifests"), &mut all);
        let messages = |nodes: &[Node]| -> BTreeSet<String> {
            // Of what a program may make nobody knows whether it is there.
            let whole = whole_of(nodes, Extent::Whole);
            whole.findings.into_iter().chain(whole.unknown).map(|it| it.message).collect()
        };
        // Secrets are made by hand, and charts bring what is not seen here.
        let before = messages(&all);
        for index in 0..all.len() {
            let gone = all.remove(index);
            let name = name(&gone);
            let is_missed = messages(&all).difference(&before).next().is_some();
            let kind = name.split(' ').next().unwrap();
            assert!(is_missed || !NEEDED.contains(&kind), "{environment}: nobody misses {name}");
            all.insert(index, gone);
        }
    }
}
