//! Pods that a change replaces.

use super::fields;
use super::{Consequence, Effect};
use crate::diff::edit::Edit;
use crate::diff::snapshot::Object;
use crate::yaml::Node;

/// What becomes of the pods of a workload whose template differs. How many there are is not known where
/// something scales them.
pub(super) fn replaced(after: &Object, edits: &[Edit], is_scaled: bool) -> Option<Consequence> {
    let kind = &after.key.group_kind;
    let text = |pointer: &str| after.node.pointer(pointer).and_then(Node::as_str);
    let is_of_template = |edit: &Edit| matches!(fields(edit).as_slice(), ["spec", "template", ..]);
    if !edits.iter().any(is_of_template) {
        return None;
    }
    let replicas = after.node.pointer("/spec/replicas").and_then(Node::as_int);
    let count = replicas.unwrap_or(1);
    let restart = |text: String| Some(Consequence { effect: Effect::Restart, text });
    let outage = |text: &str| Some(Consequence { effect: Effect::Outage, text: text.to_owned() });
    let on_delete = "the pods go on as they are until somebody deletes them: `OnDelete`";
    match (&*kind.group, &*kind.kind) {
        ("apps" | "argoproj.io", "Deployment" | "StatefulSet" | "Rollout")
            if count == 0 && !is_scaled =>
        {
            None
        }
        ("apps", "Deployment") if text("/spec/strategy/type") == Some("Recreate") => {
            outage("all pods stop before new ones start: `Recreate`")
        }
        // Nobody knows how many there are.
        ("apps", "Deployment" | "StatefulSet") | ("argoproj.io", "Rollout") if is_scaled => {
            restart("its pods are replaced".to_owned())
        }
        ("apps", "Deployment") | ("argoproj.io", "Rollout") => {
            let pods = if count == 1 { "1 pod is" } else { &format!("{count} pods are") };
            restart(format!("{pods} replaced"))
        }
        ("apps", "StatefulSet" | "DaemonSet")
            if text("/spec/updateStrategy/type") == Some("OnDelete") =>
        {
            restart(on_delete.to_owned())
        }
        ("apps", "StatefulSet") if count == 1 => {
            outage("the one pod stops before its successor starts")
        }
        ("apps", "StatefulSet") => restart(format!("{count} pods are replaced one by one")),
        ("apps", "DaemonSet") => restart("the pod of each node is replaced".to_owned()),
        _ => None,
    }
}
