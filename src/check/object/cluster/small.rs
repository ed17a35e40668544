//! Small kinds of the cluster: classes of priority and runtime, leases, namespaces.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::pod::resource;
use crate::check::object::pod::scheduling;
use crate::check::object::value::name;
use crate::check::object::value::{self, is_true, number, required};
use crate::model::Field;

const PRIORITY: &str = "priority-class-invalid";
const RUNTIME: &str = "runtime-class-invalid";
const LEASE: &str = "number-out-of-range";
const TOLERATION: &str = "toleration-invalid";
const SECURITY: &str = "pod-security-label-invalid";

/// `ValidatePriorityClass` of `pkg/apis/scheduling/validation/validation.go`
pub(crate) fn priority_class(object: &Field<'_>, faults: &mut Faults) {
    const MOST: i64 = 1_000_000_000;
    let name = object.get("metadata").map(|metadata| metadata.text("name")).unwrap_or_default();
    let given = number(object, "value").unwrap_or(0);
    if name.starts_with("system-") {
        let own = match name {
            "system-node-critical" => Some(2 * MOST + 1000),
            "system-cluster-critical" => Some(2 * MOST),
            _ => None,
        };
        if own != Some(given) || is_true(object, "globalDefault") {
            system_name(object, name, faults);
        }
    } else if let Some(field) = object.get("value").filter(|_| given > MOST) {
        let message = format!("a priority may be {MOST} at most, not {given}");
        faults.at(PRIORITY, Reason::Forbidden, &field, message);
    }
    let policies = ["PreemptLowerPriority", "Never"];
    if let Some(field) = object.get("preemptionPolicy") {
        if field.node.as_str() == Some("") {
            let message = "`preemptionPolicy` may not be empty";
            faults.at(PRIORITY, Reason::Required, &field, message);
        } else {
            value::item_word(PRIORITY, &field, &policies, faults);
        }
    }
}

fn system_name(object: &Field<'_>, name: &str, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let Some(field) = metadata.get("name") else { return };
    let message = format!("`{name}`: names with `system-` are for the system's own classes");
    faults.at(PRIORITY, Reason::Forbidden, &field, message).help("choose another name");
}

/// `ValidateRuntimeClass` of `pkg/apis/node/validation/validation.go`
pub(crate) fn runtime_class(object: &Field<'_>, faults: &mut Faults) {
    required(RUNTIME, object, "handler", faults);
    value::form(RUNTIME, object, "handler", name::dns_label, faults);
    if let Some(overhead) = object.get("overhead")
        && let Some(fixed) = overhead.get("podFixed")
    {
        overheads(&fixed, faults);
    }
    let Some(scheduling) = object.get("scheduling") else { return };
    if let Some(selector) = scheduling.get("nodeSelector") {
        metadata::labels(&selector, faults);
    }
    if let Some(tolerations) = scheduling.get("tolerations") {
        let mut seen: HashSet<[&str; 4]> = HashSet::new();
        for item in tolerations.items() {
            scheduling::toleration(&item, faults);
            let said = ["key", "operator", "value", "effect"].map(|name| item.text(name));
            if seen.contains(&said) {
                let message = format!("`{item}` is there before");
                faults.at(TOLERATION, Reason::Duplicate, &item, message);
            }
            seen.insert(said);
        }
    }
}

/// What a RuntimeClass adds for each pod, by the rules of a container's limits.
fn overheads(fixed: &Field<'_>, faults: &mut Faults) {
    let before = faults.found.len();
    resource::overhead(fixed, faults);
    // The server names them as those of a container.
    for fault in &mut faults.found[before..] {
        fault.path = fault.path.replacen("podFixed", "limits", 1);
    }
}

/// `ValidateLeaseSpec` of `pkg/apis/coordination/validation/validation.go`
pub(crate) fn lease(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    value::range(LEASE, &spec, "leaseDurationSeconds", 1..=i64::MAX, faults);
    value::range(LEASE, &spec, "leaseTransitions", 0..=i64::MAX, faults);
    // `CoordinatedLeaderElection` is off: the server drops `strategy` and `preferredHolder`.
}

/// `ValidateNamespace` of `pkg/apis/core/validation/validation.go`
pub(crate) fn namespace(object: &Field<'_>, faults: &mut Faults) {
    pod_security(object, faults);
    let Some(spec) = object.get("spec") else { return };
    let Some(finalizers) = spec.get("finalizers") else { return };
    for item in finalizers.items() {
        let text = item.node.as_str().unwrap_or_default();
        let known = ["kubernetes", "orphan", "foregroundDeletion"];
        let wrong = name::qualified_name(text).or_else(|| {
            let owned = text.contains('/') || known.contains(&text);
            (!owned).then_some("must have the domain of its owner before a `/`")
        });
        if let Some(wrong) = wrong {
            let message = format!("finalizer `{text}` {wrong}");
            faults.entry("finalizer-invalid", Reason::Invalid, &finalizers, &item, message);
        }
    }
}

/// `PolicyToEvaluate` of `k8s.io/pod-security-admission/api`, which admission asks of a namespace.
fn pod_security(object: &Field<'_>, faults: &mut Faults) {
    const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];
    let Some(metadata) = object.get("metadata") else { return };
    let Some(labels) = metadata.get("labels") else { return };
    for (key, value) in labels.entries() {
        let text = value.node.as_str().unwrap_or_default();
        let (good, help) = match key.strip_prefix("pod-security.kubernetes.io/") {
            Some("enforce" | "audit" | "warn") => (LEVELS.contains(&text), value::or_list(&LEVELS)),
            Some("enforce-version" | "audit-version" | "warn-version") => {
                (is_policy_version(text), "`latest` or a version such as `v1.36`".to_owned())
            }
            _ => continue,
        };
        if !good {
            let message = format!("label `{key}` may not be `{text}`");
            faults.at(SECURITY, Reason::Invalid, &value, message).help(format!("write {help}"));
        }
    }
}

/// `ParseVersion`
fn is_policy_version(text: &str) -> bool {
    let minor = text.strip_prefix("v1.").unwrap_or_default();
    let digits = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    text == "latest" || (digits && (minor == "0" || !minor.starts_with('0')))
}
