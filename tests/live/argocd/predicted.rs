//! What Argo CD should make of a tree, as this project reads it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use gitopsc::{
    argocd::application_set::{ArgoCdTemplates, World, evaluate},
    source::Sources,
    yaml::{self, Node},
};
use serde_json::Value;

/// Each Application that there should be, by name.
pub(crate) type Predicted = BTreeMap<String, Application>;

/// One Application.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) spec: Value,
    /// The objects that it should have; none where a chart, which is out of reach, has a say in it.
    pub(crate) objects: Option<BTreeSet<Id>>,
}

/// `Kind.group namespace/name`.
pub(crate) type Id = String;

/// Names an object; a cluster-scoped one has no namespace.
pub(crate) fn id(group: &str, kind: &str, namespace: &str, name: &str) -> Id {
    let dot = if group.is_empty() { "" } else { "." };
    let slash = if namespace.is_empty() { "" } else { "/" };
    format!("{kind}{dot}{group} {namespace}{slash}{name}")
}

/// Follows the root Application of the environment whose tree is `tree`; sources' paths start at `top`.
pub(crate) fn predicted(top: &Path, tree: &Path) -> Predicted {
    let mut predicted = Predicted::new();
    let mut sets = Vec::new();
    for node in read(&tree.join("root.yaml")) {
        if text(&node, "kind") == "Application" {
            let object = yaml::to_json(&node);
            let (objects, nodes) = objects(top, &object["spec"]);
            sets.extend(nodes.into_iter().filter(|node| text(node, "kind") == "ApplicationSet"));
            predicted.insert(name(&object), Application { spec: object["spec"].clone(), objects });
        }
    }
    assert_eq!(predicted.len(), 1, "one root in {}", tree.display());
    for set in sets {
        let world = World::default();
        let evaluation = evaluate(&set, &world, &ArgoCdTemplates);
        assert!(evaluation.faults.is_empty(), "{:?}", evaluation.faults);
        for application in evaluation.applications {
            let spec = application.object["spec"].clone();
            let objects = objects(top, &spec).0;
            predicted.insert(application.name().to_owned(), Application { spec, objects });
        }
    }
    predicted
}

/// The objects in the directories of an Application.
fn objects(top: &Path, spec: &Value) -> (Option<BTreeSet<Id>>, Vec<Node>) {
    let one = spec.get("source").into_iter();
    let many = spec["sources"].as_array().into_iter().flatten();
    let mut nodes = Vec::new();
    let mut whole = true;
    for source in one.chain(many) {
        match source["path"].as_str() {
            Some(path) => {
                directory(&top.join(path), source["directory"]["recurse"] == true, &mut nodes)
            }
            None => whole = false,
        }
    }
    let ids = nodes.iter().map(|node| {
        let metadata = node.get("metadata").expect("metadata");
        let group = text(node, "apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        id(group, text(node, "kind"), text(metadata, "namespace"), text(metadata, "name"))
    });
    let ids = ids.collect();
    (whole.then_some(ids), nodes)
}

fn directory(folder: &Path, recurse: bool, nodes: &mut Vec<Node>) {
    for entry in folder.read_dir().unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() && recurse {
            directory(&path, recurse, nodes);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            nodes.extend(read(&path));
        }
    }
}

fn read(path: &Path) -> Vec<Node> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file = Sources::default().add(path.display().to_string(), text.as_str());
    let read = yaml::read(file, &text);
    assert!(read.faults.is_empty(), "{}: {:?}", path.display(), read.faults);
    read.documents.into_iter().filter_map(|document| document.node).collect()
}

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().expect("a name").to_owned()
}
