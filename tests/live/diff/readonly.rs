//! A user who may only look: what comes of it is worked out, and must be what the server said to one who may apply.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Case, NAME, Repository, by_case};
use crate::plane::ControlPlane;

/// Cases in which only the server knows what it fills in or refuses.
const SERVER_ONLY: [&str; 6] = [
    "replicas that the tree leaves to others",
    "an item more in a list with keys",
    "ports of a NetworkPolicy",
    "a quota",
    "a schedule, and that it stands still, which the tree leaves out",
    "the type of a Service",
];

pub(crate) fn compare(
    plane: &ControlPlane,
    repository: &Repository,
    cases: &[Case],
    asked: &BTreeMap<String, Vec<&Value>>,
) -> Vec<String> {
    let kubeconfig = plane.folder().join("kubeconfig");
    let arguments = [NAME, "--context", "reader", "--force-context", "-o", "json"];
    let ran = repository.diff(&kubeconfig, &arguments);
    let found: Value = match serde_json::from_str(&ran.out) {
        Ok(found) => found,
        Err(_) => return vec![format!("a reader: {} {}", ran.code, ran.err)],
    };
    let mut faults = Vec::new();
    let notes = found["cluster"]["notes"].to_string();
    if !notes.contains("read-only: the user may not try") {
        faults.push(format!("a read-only comparison does not say that it is one: {notes}"));
    }
    let looked = by_case(&found, cases);
    let none = Vec::new();
    for case in cases {
        let [asked, looked] =
            [asked, &looked].map(|all| plain(all.get(&case.namespace).unwrap_or(&none)));
        let is_known = SERVER_ONLY.contains(&case.name.as_str());
        if (asked == looked) == is_known {
            faults.push(format!(
                "{}: read-only: {} where the server says {}",
                case.name,
                json!(only(&looked, &asked)),
                json!(only(&asked, &looked))
            ));
        }
    }
    faults
}

fn only(these: &[Value], those: &[Value]) -> Vec<Value> {
    these.iter().filter(|one| !those.contains(one)).cloned().collect()
}

/// Changes without what only the server can say: who owns what, and why it refuses.
fn plain(changes: &[&Value]) -> Vec<Value> {
    let plain = |change: &&Value| {
        let mut edits = change["edits"].as_array().cloned().unwrap_or_default();
        edits.sort_by_key(|edit| edit["path"].to_string());
        json!([change["change"], change["object"], edits])
    };
    changes.iter().map(plain).collect()
}
