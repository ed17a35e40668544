//! What Argo CD should make of a tree, as `gitopsc apps` says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
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
    let root = tree.join("root.yaml");
    let stated = fs::read_to_string(&root).unwrap_or_else(|e| panic!("{}: {e}", root.display()));
    let url = stated.lines().find_map(|line| line.trim().strip_prefix("repoURL: "));
    let source = format!("{}={}", url.expect("a URL").trim_matches('"'), top.display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    let command = command.current_dir(top).args(["apps", "--output=json", "--source", &source]);
    let run = command.arg(&root).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(
        said["roots"].as_array().unwrap().len(),
        2,
        "a root and its project: {}",
        said["roots"]
    );
    for set in list(&said["applicationSets"]) {
        assert_eq!(set["faults"], Value::Array(Vec::new()), "{}", set["id"]);
    }
    let application = |one: &Value| {
        assert_eq!(one["dropped"], false, "{one:#}");
        let objects = objects(one);
        let name = one["name"].as_str().expect("a name").to_owned();
        (name, Application { spec: one["object"]["spec"].clone(), objects })
    };
    list(&said["applications"]).map(application).collect()
}

/// The objects in the directories of an Application.
fn objects(application: &Value) -> Option<BTreeSet<Id>> {
    let mut ids = BTreeSet::new();
    let mut whole = true;
    for source in list(&application["sources"]) {
        whole &= source["chart"].is_null();
        if !source["chart"].is_null() {
            continue;
        }
        assert_eq!(source["state"], "read", "{source:#}");
        for field in ["failures", "unknownFiles"] {
            assert_eq!(source[field], Value::Array(Vec::new()), "{source:#}");
        }
        ids.extend(list(&source["objects"]).map(|object| {
            let text = |key: &str| object[key].as_str().unwrap_or_default();
            id(text("group"), text("kind"), text("namespace"), text("name"))
        }));
    }
    whole.then_some(ids)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Every object of the rendered trees is predicted once, of the Application of its directory.
#[test]
fn predictions_are_of_the_rendered_trees() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in top.join("rendered").read_dir().unwrap() {
        let tree = entry.unwrap().path();
        if !tree.join("root.yaml").exists() {
            continue;
        }
        let environment = tree.file_name().unwrap().to_str().unwrap();
        let predicted = predicted(top, &tree);
        let mut applications = 1;
        for layer in tree.join("manifests").read_dir().unwrap() {
            for app in layer.unwrap().path().read_dir().unwrap() {
                let app = app.unwrap().path();
                let name = format!("{environment}-{}", app.file_name().unwrap().to_str().unwrap());
                let one = predicted.get(&name).unwrap_or_else(|| panic!("no {name}"));
                let files = app.read_dir().unwrap().map(|file| file.unwrap().path());
                let manifests = files.filter(|file| file.extension().is_some_and(|e| e == "yaml"));
                let kinds: BTreeSet<String> =
                    manifests.map(|file| named(&fs::read_to_string(file).unwrap())).collect();
                applications += 1;
                let Some(objects) = &one.objects else { continue };
                let predicted: BTreeSet<String> = objects.iter().cloned().collect();
                assert_eq!(predicted, kinds, "{name}");
            }
        }
        assert!(predicted.len() >= applications, "{environment}");
        assert!(predicted.contains_key(&format!("{environment}-root")));
    }
}

/// The name of the object that a rendered file states.
fn named(text: &str) -> Id {
    let at = |indent: &str, key: &str| {
        let start = format!("{indent}{key}: ");
        let line = text.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let version = at("", "apiVersion");
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    let metadata = text.find("\nmetadata:").map_or(text, |start| &text[start..]);
    let of = |key: &str| {
        let start = format!("  {key}: ");
        let lines = metadata.lines().skip(2).take_while(|line| line.starts_with(' '));
        let line = lines.filter_map(|line| line.strip_prefix(&start)).next();
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    id(group, &at("", "kind"), &of("namespace"), &of("name"))
}
