//! The same tree before `kubectl diff --server-side`: both must see the same objects differ, and in these the same
//! values. It hides Secrets in its own way, and stops at what is refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use gitopsc::{
    source::Sources,
    yaml::{self, to_json},
};
use serde_json::{Value, json};

use super::{Case, Repository};
use crate::plane::ControlPlane;

/// Copies what is compared to where the test finds it.
const SCRIPT: &str = "#!/bin/sh\ncp -r \"$1\" FOLDER/live\ncp -r \"$2\" FOLDER/merged\n";

type Objects = BTreeMap<String, Value>;

pub(crate) fn compare(
    plane: &ControlPlane,
    repository: &Repository,
    cases: &[Case],
    changes: &BTreeMap<String, Vec<&Value>>,
) -> Vec<String> {
    let folder = plane.folder().join("kubectl-diff");
    fs::create_dir_all(&folder).unwrap();
    let script = folder.join("copy.sh");
    fs::write(&script, SCRIPT.replace("FOLDER", folder.to_str().unwrap())).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&script, mode).unwrap();
    let stops = |one: &Value| {
        let effects = one["effects"].as_array().into_iter().flatten();
        effects.into_iter().any(|effect| effect == "refused" || effect == "untried")
    };
    let cases: Vec<&Case> = cases
        .iter()
        .filter(|case| case.by_kubectl && !case.expect.iter().any(stops))
        .filter(|case| !case.tree.iter().any(|object| object["kind"] == "Secret"))
        .collect();
    let mut arguments: Vec<String> =
        ["diff", "--server-side", "--force-conflicts", "--field-manager=argocd-controller"]
            .map(Into::into)
            .into();
    for case in &cases {
        arguments.extend(["-f".to_owned(), repository.folder(case).to_str().unwrap().to_owned()]);
    }
    let variables = [("KUBECTL_EXTERNAL_DIFF", script.into_os_string())];
    let answer = plane.kubectl_with(&variables, &arguments);
    let mut faults = Vec::new();
    if !answer.ok {
        faults.push(format!("kubectl diff: {:.1000}", answer.err));
    }
    let (live, merged) = (read(&folder.join("live")), read(&folder.join("merged")));
    let names: BTreeSet<&String> = live.keys().chain(merged.keys()).collect();
    let differ: BTreeSet<String> =
        names.into_iter().filter(|name| live.get(*name) != merged.get(*name)).cloned().collect();
    let mut ours = BTreeSet::new();
    let mut values = 0;
    for case in &cases {
        for change in changes.get(&case.namespace).into_iter().flatten() {
            let name = name(&change["object"]);
            for edit in change["edits"].as_array().into_iter().flatten() {
                values += 1;
                let both = [
                    value_at(live.get(&name), edit, "before"),
                    value_at(merged.get(&name), edit, "after"),
                ];
                let reordered = edit["change"] == "reordered";
                let same =
                    |found: &Option<&Value>, said: &Value| found.unwrap_or(&Value::Null) == said;
                let agrees = same(&both[0], &edit["before"]) && same(&both[1], &edit["after"]);
                if !(reordered || agrees) {
                    faults
                        .push(format!("{}: kubectl sees {both:?} where {edit} is told", case.name));
                }
            }
            ours.insert(name);
        }
    }
    for name in differ.symmetric_difference(&ours) {
        let sees = if ours.contains(name) { "gitopsc" } else { "kubectl" };
        faults.push(format!(
            "only {sees} sees {name} differ: {:.300} {:.300}",
            json!(live.get(name)).to_string(),
            json!(merged.get(name)).to_string()
        ));
    }
    crate::say(format_args!(
        "kubectl diff: {} cases, {} objects that differ, {values} values",
        cases.len(),
        differ.len()
    ));
    faults
}

fn name(object: &Value) -> String {
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    format!("{}/{}/{}", text("kind"), text("namespace"), text("name"))
}

/// The objects in a folder of kubectl, without what the server writes for itself.
fn read(folder: &Path) -> Objects {
    let entries = folder.read_dir().unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut objects = Objects::new();
    for entry in entries {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let file = Sources::default().add("object", text.as_str());
        let Some(document) = yaml::read(file, &text).documents.into_iter().next() else { continue };
        let Some(node) = document.node else { continue };
        let mut object = to_json(&node);
        let mut key = object["metadata"].clone();
        key["kind"] = object["kind"].clone();
        object.as_object_mut().unwrap().remove("status");
        let metadata = object["metadata"].as_object_mut().unwrap();
        for own in ["generation", "resourceVersion", "uid", "creationTimestamp", "managedFields"] {
            metadata.remove(own);
        }
        // It does not know this mark, and would take it away.
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("argocd.argoproj.io/tracking-id");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        objects.insert(name(&key), object);
    }
    objects
}

/// What stands where an edit leads to.
fn value_at<'v>(object: Option<&'v Value>, edit: &Value, side: &str) -> Option<&'v Value> {
    let mut value = object?;
    for step in edit["at"].as_array().unwrap() {
        value = match step.as_str() {
            Some(name) => value.get(name)?,
            None => value.get(usize::try_from(step[side].as_u64()?).unwrap())?,
        };
    }
    Some(value)
}
