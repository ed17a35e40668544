//! Kind Environment: one cluster's desired state.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Named;
use super::entry::{Entry, External};
use super::release::ReleaseSpec;
use crate::model::Quantity;

/// One cluster's desired state: nodes, network, layers, namespaces, quotas, and which apps it runs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EnvironmentSpec {
    /// `gitopsc.dev/v1alpha1`.
    pub api_version: Option<String>,
    /// `Environment`.
    pub kind: Option<String>,
    /// Name of an environment that this one changes.
    pub extends: Option<String>,
    /// What this cluster is for, in one sentence.
    pub description: Option<String>,
    /// Version and distribution of Kubernetes.
    pub kubernetes: Option<Kubernetes>,
    /// The cluster as kubectl and Argo CD reach it.
    pub cluster: Option<Cluster>,
    /// Where the repository lives, and the Argo CD that follows it.
    pub gitops: Option<Gitops>,
    /// Machines by node name.
    pub nodes: Option<Named<NodeSpec>>,
    /// Address ranges and node ports.
    pub network: Option<Network>,
    /// Load-balancer address pools by name.
    pub pools: Option<Named<Pool>>,
    /// Storage classes that the cluster has.
    pub storage_classes: Option<Named<StorageClass>>,
    /// Priority classes that the environment makes.
    pub priority_classes: Option<Named<PriorityClass>>,
    /// Groups of apps in order, each with a budget.
    pub layers: Option<Named<Layer>>,
    /// What is kept free for the operating system, the distribution and Argo CD.
    pub buffer: Option<Buffer>,
    /// How many times the nodes' resources may be promised.
    pub overcommit: Option<Overcommit>,
    /// Namespaces by name.
    pub namespaces: Option<Named<Namespace>>,
    /// How Secrets come into the cluster; no value of one is ever in git.
    pub secrets: Option<SecretsSpec>,
    /// The way in from outside.
    pub entry: Option<Entry>,
    /// Services outside this environment that are referred to.
    pub externals: Option<Named<External>>,
    /// What the cluster has already, by kind (`group/Kind`, or `Kind` of the core group): names, or
    /// `namespace/name`; of CustomResourceDefinitions the kinds that they define, as `group/Kind`.
    pub existing: Option<Named<Vec<String>>>,
    /// The one list of what runs here; the key is the release's name.
    pub apps: Option<Named<ReleaseSpec>>,
}

/// Version and distribution of Kubernetes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Kubernetes {
    /// Minor version, for example `"1.34"`.
    #[schemars(extend("pattern" = "^1\\.[0-9]+(\\.[0-9]+)?$"))]
    pub version: Option<String>,
    /// The distribution, since each brings parts of its own.
    pub distribution: Option<Distribution>,
    /// Parts of the distribution that are switched off, for example `traefik` of k3s.
    pub disabled: Option<Vec<String>>,
    /// The driver that minikube runs on, for example `docker`.
    pub driver: Option<String>,
}

/// A Kubernetes distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Plain Kubernetes, as kubeadm or a cloud sets it up.
    #[default]
    Kubernetes,
    /// Rancher's k3s.
    K3s,
    /// minikube.
    Minikube,
    /// kind.
    Kind,
}

/// The cluster as kubectl and Argo CD reach it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cluster {
    /// kubectl context.
    pub context: Option<String>,
    /// Name of the cluster in Argo CD; `in-cluster` is the one that Argo CD runs in.
    pub destination: Option<String>,
    /// Address under which Argo CD knows the cluster, where it runs in another one.
    pub server: Option<String>,
}

/// Where the repository lives, and the Argo CD that follows it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Gitops {
    /// URL of this repository as Argo CD clones it.
    #[serde(rename = "repoURL")]
    #[schemars(extend("pattern" = "^\\S+$"))]
    pub repo_url: Option<String>,
    /// Branch, tag or commit that Argo CD follows.
    #[schemars(extend("pattern" = "\\S"))]
    pub revision: Option<String>,
    /// Where `rendered/` lies in that repository, if this is a part of a larger one.
    pub path: Option<String>,
    /// The Argo CD installation.
    pub argocd: Option<ArgoCd>,
}

/// The Argo CD installation and its budget.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ArgoCd {
    /// Version, for example `"3.5.7"`.
    pub version: Option<String>,
    /// Namespace of its Applications; `argocd` if not set.
    pub namespace: Option<String>,
    /// Memory that all its pods take, out of the buffer.
    pub memory: Option<Quantity>,
    /// CPU that all its pods take, out of the buffer.
    pub cpu: Option<Quantity>,
}

/// One machine.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NodeSpec {
    /// CPU capacity in cores.
    pub cpu: Option<Quantity>,
    /// Memory capacity in bytes.
    pub memory: Option<Quantity>,
    /// Disk for volumes and images in bytes.
    pub disk: Option<Quantity>,
    /// Address in the nodes' network.
    pub address: Option<String>,
    /// Node labels.
    pub labels: Option<IndexMap<String, String>>,
    /// Node taints, as Kubernetes writes them.
    pub taints: Option<Vec<Taint>>,
    /// What the system and the cluster's own pods take; allocatable is capacity less this.
    pub reserved: Option<Reserved>,
    /// How many pods fit; 110 if not set.
    pub pods: Option<u32>,
}

/// A node taint.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Taint {
    /// Taint key.
    pub key: String,
    /// Taint value.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// An amount of CPU and memory.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Reserved {
    /// CPU in cores.
    pub cpu: Option<Quantity>,
    /// Memory in bytes.
    pub memory: Option<Quantity>,
}

/// Address ranges and node ports.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Network {
    /// CIDR of the nodes; of two families one of each, with a comma between them.
    pub nodes: Option<String>,
    /// CIDR of pods, or one of each family: `10.42.0.0/16,fd42::/56`.
    pub pods: Option<String>,
    /// CIDR of Services, or one of each family; the first is that of Services that ask for none.
    pub services: Option<String>,
    /// Node-port range; `30000-32767` if not set.
    #[schemars(extend("pattern" = "^[0-9]+-[0-9]+$"))]
    pub node_ports: Option<String>,
    /// DNS domain of the cluster; `cluster.local` if not set.
    pub cluster_domain: Option<String>,
}

/// A pool of load-balancer addresses.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Pool {
    /// Ranges `a-b` and CIDRs, as MetalLB reads them.
    pub addresses: Option<Vec<String>>,
    /// Whether a Service without a wish gets an address; true if not set.
    pub auto_assign: Option<bool>,
    /// Network interfaces that announce the addresses (layer 2); all if not set.
    pub interfaces: Option<Vec<String>>,
    /// Addresses by the name of the release that has them.
    pub assigned: Option<Named<String>>,
    /// Addresses kept for what does not run yet, by its name.
    pub reserved: Option<Named<OneOrMany>>,
}

/// One text or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A storage class that the cluster has.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StorageClass {
    /// The provisioner that serves it.
    pub provisioner: Option<String>,
    /// Whether claims without a class get this one.
    #[serde(rename = "default")]
    pub is_default: Option<bool>,
}

/// A priority class that the environment makes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PriorityClass {
    /// Higher is more important; at most 1000000000.
    #[schemars(range(max = 1_000_000_000))]
    pub value: Option<i32>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether pods without a class get this one.
    pub global_default: Option<bool>,
    /// Whether its pods may take the place of others; `PreemptLowerPriority` if not set.
    pub preemption_policy: Option<PreemptionPolicy>,
}

/// Whether pods may take the place of less important ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum PreemptionPolicy {
    /// They may.
    PreemptLowerPriority,
    /// They wait for room.
    Never,
}

/// A group of apps with a budget; becomes an ApplicationSet and an AppProject.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Layer {
    /// What the layer is for.
    pub description: Option<String>,
    /// Memory budget in bytes.
    pub memory: Option<Quantity>,
    /// CPU budget in cores.
    pub cpu: Option<Quantity>,
    /// Priority class of its workloads.
    pub priority_class: Option<String>,
    /// Counts in the sums though nothing runs.
    pub reserved: Option<bool>,
    /// What its AppProject permits.
    pub permissions: Option<Permissions>,
}

/// Kinds that an AppProject permits, as `group/Kind`, `Kind` (core group) or `*/*`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Permissions {
    /// Kinds that live in the cluster as a whole.
    pub cluster: Option<Vec<String>>,
    /// Kinds that live in namespaces.
    pub namespaced: Option<Vec<String>>,
}

/// What is kept free.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Buffer {
    /// Memory in bytes.
    pub memory: Option<Quantity>,
    /// CPU in cores.
    pub cpu: Option<Quantity>,
    /// What the buffer is for, for example `os`, `k3s`, `argocd`.
    pub holds: Option<Vec<String>>,
}

/// How many times the nodes' resources may be promised.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Overcommit {
    /// Factor for CPU.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub cpu: Option<f64>,
    /// Factor for memory.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub memory: Option<f64>,
}

/// A namespace.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Namespace {
    /// The layer that may deploy into it.
    pub layer: Option<String>,
    /// Pod-security level that is enforced; no label if not set.
    pub pod_security: Option<PodSecurity>,
    /// Labels.
    pub labels: Option<IndexMap<String, String>>,
    /// Annotations.
    pub annotations: Option<IndexMap<String, String>>,
    /// ResourceQuota: `memory` bounds requests and limits of memory, `cpu` requests of CPU;
    /// further keys as in Kubernetes' `hard`.
    pub quota: Option<Named<Quantity>>,
    /// LimitRange for containers.
    pub limit_range: Option<LimitRange>,
    /// The cluster has it already; no Namespace object is made.
    pub existing: Option<bool>,
}

/// A level of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PodSecurity {
    /// Nothing is refused.
    Privileged,
    /// Known escalations are refused.
    Baseline,
    /// Hardened pods only.
    Restricted,
}

/// Defaults and bounds for containers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LimitRange {
    /// Limits of containers that state none.
    pub default: Option<IndexMap<String, Quantity>>,
    /// Requests of containers that state none.
    pub default_request: Option<IndexMap<String, Quantity>>,
    /// Upper bounds.
    pub max: Option<IndexMap<String, Quantity>>,
    /// Lower bounds.
    pub min: Option<IndexMap<String, Quantity>>,
}

/// How Secrets come into the cluster.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SecretsSpec {
    /// Who makes them.
    pub provider: Option<SecretProvider>,
    /// External Secrets: the store that is asked.
    pub store: Option<SecretStoreRef>,
    /// External Secrets: what stands before `<namespace>/<secret>` in the store's keys.
    pub prefix: Option<String>,
    /// Sealed Secrets: ciphertexts by `<namespace>/<secret>` and key.
    pub sealed: Option<Named<IndexMap<String, String>>>,
}

/// Who makes the Secrets of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretProvider {
    /// A person, by hand, before the first sync.
    #[default]
    Existing,
    /// The External Secrets operator, from a store.
    ExternalSecrets,
    /// The Sealed Secrets controller, from ciphertexts in git.
    SealedSecrets,
}

/// A store of the External Secrets operator.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SecretStoreRef {
    /// `SecretStore` or `ClusterSecretStore`.
    pub kind: Option<String>,
    /// Name of the store.
    pub name: Option<String>,
}
