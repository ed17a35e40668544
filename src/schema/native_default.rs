//! What the API server puts where a field of its own kinds is not there, beside what the served
//! schemas say: the functions `SetDefaults_…` in `pkg/apis/*/*/defaults.go` of Kubernetes.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde_json::{Value as Json, json};

use crate::yaml::{Node, Value, to_json};

/// The fields that are pointers in Go, by the full names of their schemas.
const POINTERS: &str = include_str!("../../schemas/kubernetes/pointers.tsv");
/// Schema, field, value as JSON; separated by tabs.
const TABLE: &str = include_str!("native_defaults.tsv");

/// The default of a field of a schema, which is named without its package. The object around is
/// looked at, since some defaults depend on it.
pub(super) fn of(schema: &str, object: &Node, field: &str) -> Option<Json> {
    let text = |name: &str| object.get(name).and_then(Node::as_str);
    match (schema, field) {
        // `SetDefaults_Container`: the newest one is asked for again each time.
        ("Container" | "EphemeralContainer", "imagePullPolicy") => {
            let newest = text("image").is_some_and(is_newest);
            Some(json!(if newest { "Always" } else { "IfNotPresent" }))
        }
        ("ServicePort", "targetPort") => object.get("port").map(to_json),
        ("ServiceSpec", "externalTrafficPolicy") => {
            let is_outside = matches!(text("type"), Some("NodePort" | "LoadBalancer"));
            (is_outside || object.get("externalIPs").is_some()).then(|| json!("Cluster"))
        }
        ("ServiceSpec", "allocateLoadBalancerNodePorts") => {
            (text("type") == Some("LoadBalancer")).then(|| json!(true))
        }
        ("ServiceSpec", "internalTrafficPolicy") => {
            (text("type") != Some("ExternalName")).then(|| json!("Cluster"))
        }
        ("ServiceSpec", "sessionAffinityConfig") => (text("sessionAffinity") == Some("ClientIP"))
            .then(|| json!({"clientIP": {"timeoutSeconds": 10_800}})),
        (
            "DeploymentStrategy" | "DaemonSetUpdateStrategy" | "StatefulSetUpdateStrategy",
            "rollingUpdate",
        ) => matches!(text("type"), None | Some("RollingUpdate")).then(|| json!({})),
        // `SetDefaults_Job`: one, unless only the other is stated.
        ("JobSpec", "completions") => object.get("parallelism").is_none().then(|| json!(1)),
        ("JobSpec", "backoffLimit") => {
            let is_per_index = object.get("backoffLimitPerIndex").is_some();
            Some(json!(if is_per_index { i32::MAX } else { 6 }))
        }
        ("JobSpec", "podReplacementPolicy") => {
            let has_policy = object.get("podFailurePolicy").is_some();
            Some(json!(if has_policy { "Failed" } else { "TerminatingOrFailed" }))
        }
        ("PodSpec", "serviceAccount" | "serviceAccountName") => {
            text(other_name(schema, field)?).map(|name| json!(name))
        }
        ("Volume", "emptyDir") => {
            let is_alone = object.as_map().is_some_and(|map| {
                map.iter()
                    .all(|(key, node)| node.is_null() || ["name", "emptyDir"].contains(&&*key.name))
            });
            is_alone.then(|| json!({}))
        }
        ("NetworkPolicySpec", "policyTypes") => {
            let has_egress = object.get("egress").and_then(Node::as_seq);
            Some(match has_egress.is_some_and(|rules| !rules.is_empty()) {
                true => json!(["Ingress", "Egress"]),
                false => json!(["Ingress"]),
            })
        }
        ("CustomResourceDefinitionNames", "listKind") => {
            text("kind").map(|kind| json!(format!("{kind}List")))
        }
        ("CustomResourceDefinitionNames", "singular") => {
            text("kind").map(|kind| json!(kind.to_lowercase()))
        }
        ("Subject", "apiGroup") => match text("kind") {
            Some("User" | "Group") => Some(json!("rbac.authorization.k8s.io")),
            _ => None,
        },
        _ => table().get(&(schema, field)).cloned(),
    }
}

/// The other name of a field that has two: `Convert_v1_PodSpec_To_core_PodSpec` in
/// `pkg/apis/core/v1/conversion.go` takes the old one where the new one is empty, and its counterpart writes
/// both.
pub(super) fn other_name(schema: &str, field: &str) -> Option<&'static str> {
    match (schema, field) {
        ("PodSpec", "serviceAccount") => Some("serviceAccountName"),
        ("PodSpec", "serviceAccountName") => Some("serviceAccount"),
        _ => None,
    }
}

/// Whether a field says nothing, since its other name says something else.
pub(super) fn is_overruled(schema: &str, object: &Node, field: &str) -> bool {
    let newer = object.get("serviceAccountName").and_then(Node::as_str);
    (schema, field) == ("PodSpec", "serviceAccount") && newer.is_some_and(|name| !name.is_empty())
}

fn table() -> &'static HashMap<(&'static str, &'static str), Json> {
    static READ: OnceLock<HashMap<(&str, &str), Json>> = OnceLock::new();
    READ.get_or_init(|| {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
        let row = |line: &'static str| {
            let mut columns = line.split('\t');
            let key = (columns.next()?, columns.next()?);
            Some((key, serde_json::from_str(columns.next()?).ok()?))
        };
        rows.filter_map(row).collect()
    })
}

/// Whether an image has the tag `latest`, or neither tag nor digest: `ParseImageName` of
/// `pkg/util/parsers`. Of what is no image it knows no tag.
fn is_newest(image: &str) -> bool {
    let (path, name) = image.rsplit_once('/').unwrap_or(("", image));
    let (name, tag) = name.split_once(':').unwrap_or((name, "latest"));
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let is_image = !name.is_empty() && name.chars().all(is_part) && !path.contains(' ');
    is_image && tag == "latest"
}

/// Whether the server keeps a value of a field apart from none: of what is no pointer in Go neither
/// its JSON nor its protobuf has a zero, an empty list or an empty map.
pub(super) fn is_nothing(schema: &str, field: &str, value: &Node) -> bool {
    let is_zero = match &value.value {
        Value::Null => return true,
        Value::Bool(value) => !value,
        Value::Int(number) => *number == 0,
        Value::String(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::UInt(_) | Value::Float(_) => false,
    };
    is_zero && !is_pointer(schema, field)
}

/// Whether a field is a pointer in Go.
pub(super) fn is_pointer(schema: &str, field: &str) -> bool {
    pointers().contains(&(schema, field))
}

fn pointers() -> &'static HashSet<(&'static str, &'static str)> {
    static READ: OnceLock<HashSet<(&str, &str)>> = OnceLock::new();
    READ.get_or_init(|| {
        let rows = POINTERS.lines().filter_map(|line| line.split_once('\t'));
        rows.flat_map(|(schema, fields)| fields.split(' ').map(move |field| (schema, field)))
            .collect()
    })
}
