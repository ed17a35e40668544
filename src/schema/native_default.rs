//! What the API server puts where a field of its own kinds is not there, beside what the served
//! schemas say: the functions `SetDefaults_…` in `pkg/apis/*/*/defaults.go` of Kubernetes.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Value as Json, json};

use crate::yaml::{Node, to_json};

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
            matches!(text("type"), Some("NodePort" | "LoadBalancer")).then(|| json!("Cluster"))
        }
        ("ServiceSpec", "allocateLoadBalancerNodePorts") => {
            (text("type") == Some("LoadBalancer")).then(|| json!(true))
        }
        ("ServiceSpec", "internalTrafficPolicy") => {
            (text("type") != Some("ExternalName")).then(|| json!("Cluster"))
        }
        ("DeploymentStrategy" | "DaemonSetUpdateStrategy" | "StatefulSetUpdateStrategy", "rollingUpdate") => {
            matches!(text("type"), None | Some("RollingUpdate")).then(|| json!({}))
        }
        // `SetDefaults_Job`: one, unless only the other is stated.
        ("JobSpec", "completions") => object.get("parallelism").is_none().then(|| json!(1)),
        ("Subject", "apiGroup") => match text("kind") {
            Some("User" | "Group") => Some(json!("rbac.authorization.k8s.io")),
            _ => None,
        },
        _ => table().get(&(schema, field)).cloned(),
    }
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
/// `pkg/util/parsers`.
fn is_newest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
