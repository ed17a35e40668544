//! Annotations of pods that the server itself reads.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::container::each;
use crate::check::object::pod::file_path;
use crate::check::object::value;
use crate::model::Field;
use crate::yaml::Node;

const ID: &str = "pod-annotation-invalid";
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
const MIRROR: &str = "kubernetes.io/config.mirror";

/// `ValidatePodSpecificAnnotations` of `pkg/apis/core/validation/validation.go`, for the metadata
/// of a pod or of a template of pods.
pub(crate) fn check(owner: &Field<'_>, faults: &mut Faults) {
    let Some(metadata) = owner.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    for (key, field) in annotations.entries() {
        let value = field.node.as_str().unwrap_or_default();
        let wrong = if key == COST {
            deletion_cost(value)
        } else if let Some(name) = key.strip_prefix(APP_ARMOR) {
            if has_container(owner, name) { app_armor(value) } else { Some("is for no container") }
        } else if key == SECCOMP_POD || key.starts_with(SECCOMP) {
            seccomp(value)
        } else if key == TOLERATIONS && !value.is_empty() {
            tolerations(value)
        } else if key == MIRROR && !has_node(owner) {
            Some("needs `spec.nodeName`")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let message = format!("annotation `{key}: {value}` {wrong}");
            let fault = faults.at(ID, Reason::Invalid, &field, message);
            if key == TOLERATIONS {
                fault.path = annotations.to_string();
            } else if key.contains("seccomp") {
                fault.path = format!("{annotations}.{key}");
            }
        }
    }
    differing(owner, &annotations, faults);
}

/// `GetDeletionCostFromPodAnnotations` of `pkg/apis/core/helper/helpers.go`
fn deletion_cost(value: &str) -> Option<&'static str> {
    let first = value.starts_with(|c: char| c == '-' || ('1'..='9').contains(&c)) || value == "0";
    (!first || value.parse::<i32>().is_err()).then_some("must be a whole number of 32 bits")
}

/// `GetTolerationsFromPodAnnotations` of the same file: it must at least be a list in JSON.
fn tolerations(value: &str) -> Option<&'static str> {
    let parsed: Result<Option<Vec<serde_json::Value>>, _> = serde_json::from_str(value);
    parsed.is_err().then_some("must be a list of tolerations in JSON")
}

/// `ValidateAppArmorProfileFormat`
fn app_armor(value: &str) -> Option<&'static str> {
    let good = matches!(value, "" | "runtime/default" | "unconfined");
    (!good && !value.starts_with("localhost/"))
        .then_some("must be `runtime/default`, `unconfined` or `localhost/` and a profile")
}

/// `ValidateSeccompProfile`
fn seccomp(value: &str) -> Option<&'static str> {
    match value.strip_prefix("localhost/") {
        Some(path) => file_path::descending(path),
        None => (!matches!(value, "runtime/default" | "docker/default" | "unconfined"))
            .then_some("must be `runtime/default`, `unconfined` or `localhost/` and a path"),
    }
}

/// `validateSeccompAnnotationsAndFields` and `validateAppArmorAnnotationsAndFieldsMatchOnCreate`:
/// an annotation from before there was a field must say the same.
fn differing(owner: &Field<'_>, annotations: &Field<'_>, faults: &mut Faults) {
    const APP: &str = "/securityContext/appArmorProfile";
    const SEC: &str = "/securityContext/seccompProfile";
    let Some(spec) = owner.get("spec") else { return };
    let mut pairs = vec![(SECCOMP_POD.to_owned(), spec.node.pointer(SEC))];
    let windows = spec.node.pointer("/os/name").and_then(Node::as_str) == Some("windows");
    let lists = ["initContainers", "containers"];
    for container in lists.iter().flat_map(|list| value::list(&spec, list)) {
        let name = container.get("name").and_then(Node::as_str).unwrap_or_default();
        pairs.push((format!("{SECCOMP}{name}"), container.pointer(SEC)));
        if !windows {
            let own = container.pointer(APP).filter(|node| !node.is_null());
            pairs.push((format!("{APP_ARMOR}{name}"), own.or_else(|| spec.node.pointer(APP))));
        }
    }
    for (key, field) in annotations.entries() {
        let profile = pairs.iter().find(|(known, _)| known == key).and_then(|(_, node)| *node);
        let value = field.node.as_str().unwrap_or_default();
        if profile.is_some_and(|profile| differs(value, profile)) {
            let message = format!("annotation `{key}: {value}` is not what the field says");
            faults
                .at("annotation-mismatch", Reason::Forbidden, &field, message)
                .help("remove the annotation: the field in `securityContext` is enough");
        }
    }
}

fn differs(value: &str, profile: &Node) -> bool {
    let text = |name: &str| profile.get(name).and_then(Node::as_str);
    match text("type") {
        Some("Unconfined") => value != "unconfined",
        Some("RuntimeDefault") => !["runtime/default", "docker/default"].contains(&value),
        Some("Localhost") => value.strip_prefix("localhost/") != text("localhostProfile"),
        _ => false,
    }
}

fn has_container(owner: &Field<'_>, name: &str) -> bool {
    let mut found = false;
    if let Some(spec) = owner.get("spec") {
        each(&spec, |container| found |= container.text("name") == name);
    }
    found
}

fn has_node(owner: &Field<'_>) -> bool {
    let node = owner.node.pointer("/spec/nodeName").and_then(Node::as_str);
    node.is_some_and(|name| !name.is_empty())
}
