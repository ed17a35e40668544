//! What the server puts into an object that was not in it, where `gitopsc::diff` does not take it for a default.

use gitopsc::diff::{File, Snapshot, What, compare, path};
use gitopsc::schema::{Definitions, Shape, pack};
use gitopsc::source::Sources;
use gitopsc::yaml::to_json_string;
use serde_json::Value;

/// Beginnings of paths at which the server writes what no default tells, with the kind or `*`.
const MADE: &[(&str, &str)] = &[
    // Made anew for each object, or by a controller.
    ("*", "metadata."),
    ("*", "status"),
    ("CronJob", "spec.jobTemplate.metadata."),
    ("CronJob", "spec.jobTemplate.spec.template.metadata."),
    // Allocated.
    ("Service", "spec.clusterIP"),
    ("Service", "spec.healthCheckNodePort"),
    ("Service", "spec.ipFamilies"),
    ("Service", "spec.ipFamilyPolicy"),
    ("Service", "spec.ports.nodePort"),
    // By an admission plugin, from objects beside it.
    ("Pod", "spec.preemptionPolicy"),
    ("Pod", "spec.priority"),
    ("Pod", "spec.tolerations"),
    ("Namespace", "spec"),
    // From a field beside it that goes on to say it, or says it for new objects only.
    ("Job", "spec.completions"),
    ("Job", "spec.selector"),
    ("Job", "spec.template.metadata"),
    ("HorizontalPodAutoscaler", "spec.behavior"),
    ("LimitRange", "spec.limits.default"),
    ("PersistentVolumeClaim", "spec.dataSource"),
    ("Pod", "spec.containers.resources.requests"),
    ("ReplicationController", "spec.selector"),
    ("Service", "spec.sessionAffinityConfig"),
    // Fields of features that the server has switched off.
    ("CSIDriver", "spec.preventPodSchedulingIfMissing"),
    ("CronJob", "spec.jobTemplate.spec.template.spec.containers.lifecycle"),
    ("DaemonSet", "spec.template.spec.containers.lifecycle"),
    ("Deployment", "spec.template.spec.containers.lifecycle"),
    ("Lease", "spec.preferredHolder"),
    ("Lease", "spec.strategy"),
    ("Pod", "spec.containers.lifecycle"),
    ("StatefulSet", "spec.template.spec.containers.lifecycle"),
    ("StatefulSet", "spec.updateStrategy.rollingUpdate.maxUnavailable"),
];

/// What the server filled in or left out, by paths without the names of items.
pub(crate) fn unknown(sent: &Value, answered: &Value) -> Vec<String> {
    let kind = sent["kind"].as_str().unwrap_or_default();
    let definitions = Definitions::default();
    let (before, after) = (read(sent), read(answered));
    let (Some(sent), Some(answered)) = (before.objects.first(), after.objects.first()) else {
        return vec![format!("{kind} cannot be read")];
    };
    let shape = Shape::of(&answered.node, pack(super::MINOR), &definitions);
    let mut found = Vec::new();
    for edit in compare(&sent.node, &answered.node, shape) {
        let at = without_items(&path(&edit.at));
        let is_made =
            |(of, start): &(&str, &str)| (*of == "*" || *of == kind) && at.starts_with(start);
        if MADE.iter().any(is_made) {
            continue;
        }
        found.push(match edit.what {
            What::Added(new) => format!("+ {at}: {}", to_json_string(&new)),
            What::Removed(old) => format!("- {at}: {}", to_json_string(&old)),
            What::Replaced(old, new) => {
                format!("~ {at}: {} → {}", to_json_string(&old), to_json_string(&new))
            }
            What::Reordered(_) => format!("^ {at}"),
        });
    }
    found
}

pub(super) fn read(object: &Value) -> Snapshot {
    let text = object.to_string();
    let file = Sources::default().add("object.json", text.as_str());
    let (environment, path) = ("".into(), "object.json".into());
    Snapshot::read(&[File { environment, path, file, text: Some(text.into()) }])
}

fn without_items(path: &str) -> String {
    let mut depth = 0;
    let keep = |c: &char| {
        depth += i32::from(*c == '[');
        let is_outside = depth == 0;
        depth -= i32::from(*c == ']');
        is_outside
    };
    path.chars().filter(keep).collect()
}
