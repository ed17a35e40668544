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
    if !edits.iter().any(is_of_template) || is_held(after) {
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
        ("apps", "Deployment") if let Some(limit) = whole_limit(after, count, is_scaled) => {
            outage(&format!("all pods stop before new ones are ready: `maxUnavailable: {limit}`"))
        }
        // Those below the partition stay, and nobody knows how many there are above.
        ("apps", "StatefulSet") if is_scaled && partition(after) > 0 => None,
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
        ("apps", "StatefulSet") if partition(after) > 0 => {
            let some = count - partition(after);
            let are = if some == 1 { "is" } else { "are" };
            restart(format!(
                "{some} of {count} pods {are} replaced: `partition: {}`",
                partition(after)
            ))
        }
        ("apps", "StatefulSet") if count == 1 => {
            outage("the one pod stops before its successor starts")
        }
        ("apps", "StatefulSet") => restart(format!("{count} pods are replaced one by one")),
        // Source: `UnavailableCount` in `pkg/controller/daemon/util/daemonset_util.go` of Kubernetes.
        ("apps", "DaemonSet")
            if let Some(limit) = text("/spec/updateStrategy/rollingUpdate/maxUnavailable")
                && limit.strip_suffix('%').and_then(|it| it.parse().ok()) >= Some(100_u32) =>
        {
            outage(&format!("all pods stop before new ones are ready: `maxUnavailable: {limit}`"))
        }
        ("apps", "DaemonSet") => restart("the pod of each node is replaced".to_owned()),
        _ => None,
    }
}

/// Whether a workload lets no pod of its own go, though its template differs.
///
/// Source: `syncDeployment` in `pkg/controller/deployment/deployment_controller.go` of Kubernetes, which
/// only scales while `paused`; `updateStatefulSet` in
/// `pkg/controller/statefulset/stateful_set_control.go`, which begins at the partition.
pub(super) fn is_held(workload: &Object) -> bool {
    let at = |pointer: &str| workload.node.pointer(pointer);
    match &*workload.key.group_kind.kind {
        "Deployment" | "Rollout" => at("/spec/paused").is_some_and(Node::is_true),
        "StatefulSet" => {
            let count = at("/spec/replicas").and_then(Node::as_int);
            partition(workload) > 0 && partition(workload) >= count.unwrap_or(1)
        }
        _ => false,
    }
}

/// How many pods of a StatefulSet stay as they are.
fn partition(set: &Object) -> i64 {
    let stated = set.node.pointer("/spec/updateStrategy/rollingUpdate/partition");
    stated.and_then(Node::as_int).unwrap_or(0)
}

/// How many pods of a Deployment may be missing, where that is all of them.
///
/// Source: `ResolveFenceposts` in `pkg/controller/deployment/util/deployment_util.go` of Kubernetes.
fn whole_limit(deployment: &Object, count: i64, is_scaled: bool) -> Option<String> {
    let rolling = deployment.node.pointer("/spec/strategy/rollingUpdate")?;
    let field = |name: &str| {
        let text = |node: &Node| node.as_str().map(str::to_owned);
        rolling.get(name).and_then(|it| text(it).or_else(|| it.as_int().map(|it| it.to_string())))
    };
    let stated = field("maxUnavailable").unwrap_or_else(|| "25%".to_owned());
    let number = |text: &str| -> Option<(i64, bool)> {
        let percent = text.strip_suffix('%');
        Some((percent.unwrap_or(text).parse().ok()?, percent.is_some()))
    };
    let (limit, is_percent) = number(&stated)?;
    if is_scaled {
        return (is_percent && limit >= 100).then_some(stated);
    }
    let limit = if is_percent { limit.checked_mul(count)? / 100 } else { limit };
    // Where neither is more than none, one may be missing.
    let is_stuck =
        limit == 0 && field("maxSurge").and_then(|it| number(&it)).is_some_and(|it| it.0 == 0);
    (limit.max(i64::from(is_stuck)) >= count).then_some(stated)
}
