//! Kind App: one deployable unit.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::PodSecurity;

/// One deployable unit with its sources and default values.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AppSpec {
    /// `gitopsc.dev/v1alpha1`.
    pub api_version: Option<String>,
    /// `App`.
    pub kind: Option<String>,
    /// What it is, in one line.
    pub description: Option<String>,
    /// Version of the software; templates read it as `release.version`.
    pub version: Option<String>,
    /// The layer that it belongs to, unless an environment says otherwise.
    pub layer: Option<String>,
    /// The namespace that it goes to, unless an environment says otherwise.
    pub namespace: Option<String>,
    /// What a user should know, for example that upstream has retired it; reported as a note.
    pub note: Option<String>,
    /// Templates, as globs; every `*.yaml` beside `app.yaml` if not set.
    pub templates: Option<Vec<String>>,
    /// Plain YAML that is taken as it is, as globs.
    pub manifests: Option<Vec<String>>,
    /// A Helm chart that Argo CD renders.
    pub chart: Option<Chart>,
    /// What a chart brings, declared because its objects are not visible here.
    pub footprint: Option<Footprint>,
    /// Default values.
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub values: Option<serde_json::Value>,
    /// What it serves: Service ports by name.
    pub ports: Option<IndexMap<String, u16>>,
    /// What it talks to.
    pub peers: Option<Vec<Peer>>,
    /// Secrets that it needs, by name; never their values.
    pub secrets: Option<IndexMap<String, SecretNeed>>,
    /// Argo CD's `ignoreDifferences`, for fields that a controller owns.
    #[schemars(with = "Option<Vec<serde_json::Map<String, serde_json::Value>>>")]
    pub ignore_differences: Option<Vec<serde_json::Value>>,
    /// Further Argo CD sync options.
    pub sync_options: Option<Vec<String>>,
}

/// A Helm chart from a repository or an OCI registry.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Chart {
    /// Chart repository, or OCI registry and path without `oci://`.
    #[serde(rename = "repoURL")]
    #[schemars(extend("pattern" = "^(?!oci://)\\S+$"))]
    pub repo_url: Option<String>,
    /// Chart name.
    #[schemars(extend("pattern" = "^\\S+$"))]
    pub name: Option<String>,
    /// Chart version.
    pub version: Option<String>,
    /// Helm release name; the release's name if not set.
    pub release_name: Option<String>,
    /// The key of the values that goes to the chart; all values if not set.
    pub values: Option<String>,
}

/// What a chart brings. Counted as declared, not proven.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Footprint {
    /// Workloads by name.
    pub workloads: Option<IndexMap<String, Workload>>,
    /// Services by name.
    pub services: Option<IndexMap<String, FootprintService>>,
    /// CustomResourceDefinitions, as `group/Kind`.
    pub crds: Option<Vec<String>>,
    /// Priority classes that it makes.
    pub priority_classes: Option<Vec<String>>,
    /// Storage classes that it makes.
    pub storage_classes: Option<Vec<String>>,
    /// Ingress classes that it makes.
    pub ingress_classes: Option<Vec<String>>,
    /// Service accounts that it makes.
    pub service_accounts: Option<Vec<String>>,
}

/// A workload of a chart.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Workload {
    /// Deployment, StatefulSet, DaemonSet, Job, or Pod for what a controller starts.
    pub kind: Option<String>,
    /// Pods; one if not set, one a node for a DaemonSet. May be an expression.
    pub replicas: Option<serde_json::Value>,
    /// Requests of one pod; each may be an expression.
    pub requests: Option<IndexMap<String, Scalar>>,
    /// Limits of one pod; each may be an expression.
    pub limits: Option<IndexMap<String, Scalar>>,
    /// Priority class of its pods.
    pub priority_class: Option<String>,
    /// Pod-security level that its pods need: the strictest that lets them in. Not judged if not set.
    pub pod_security: Option<PodSecurity>,
    /// Volume claims of one pod by name, in bytes.
    pub volumes: Option<IndexMap<String, String>>,
    /// What it is.
    pub description: Option<String>,
}

/// A number, or a text that may hold an expression.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// A quantity, or an expression that gives one.
    Text(String),
}

/// A Service of a chart.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FootprintService {
    /// ClusterIP, NodePort or LoadBalancer.
    #[serde(rename = "type")]
    pub service_type: Option<String>,
    /// Name of its address in a pool, or the address.
    pub address: Option<String>,
    /// Ports by name.
    pub ports: Option<IndexMap<String, u16>>,
    /// Node ports by port name.
    pub node_ports: Option<IndexMap<String, u16>>,
}

/// A conversation: whom the app talks to, and why.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Peer {
    /// Another App.
    pub app: Option<String>,
    /// A host name instead.
    pub host: Option<String>,
    /// A service of the environment's `externals` instead.
    pub external: Option<String>,
    /// Port name of the other App, or a number.
    #[schemars(with = "Option<PortRef>")]
    pub port: Option<PortRef>,
    /// What is said.
    pub purpose: Option<String>,
    /// Protocol above TCP, for example HTTP.
    pub protocol: Option<String>,
    /// Expression that says whether it takes place.
    pub when: Option<String>,
    /// Where the conversation begins, if it is not this app: for example `browser`.
    pub from: Option<String>,
}

/// A port by name or number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PortRef {
    /// By number.
    Number(u16),
    /// By name.
    Name(String),
}

/// A Secret that an app needs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SecretNeed {
    /// What it is for.
    pub description: Option<String>,
    /// Expression that says whether it is needed.
    pub when: Option<String>,
    /// Secret type; `Opaque` if not set.
    #[serde(rename = "type")]
    pub secret_type: Option<String>,
    /// What each key holds.
    pub keys: Option<IndexMap<String, String>>,
}
