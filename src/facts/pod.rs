//! Pods, and the templates that workloads make them from.

use super::host_port::{self, HostPorts};
use super::naming::{self, Naming};
use super::reference::{claims_of_templates, each};
use super::sub_path::{self, StrayPath};
use super::{
    Breach, Level, Needs, Place, Reading, Resources, Run, Variables, needs, run, security,
};
use crate::load::manifest::is_open;
use crate::model::{Field, GroupKind, Labels};
use crate::yaml::{Map, Node};

/// What a workload makes pods from, or a pod itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Pod {
    /// The labels that its pods have.
    pub labels: Labels,
    /// Its containers: init containers first, in the order in which they start.
    pub containers: Box<[Container]>,
    /// Whether it shares the network of its node.
    pub host_network: bool,
    /// Whether its labels or annotations ask somebody to put containers into it.
    pub is_injected: bool,
    /// Whether it asks the DNS of the cluster: not where `dnsPolicy` says otherwise.
    pub asks_cluster: bool,
    /// Names that it resolves itself, by its `hostAliases`.
    pub aliases: Box<[Box<str>]>,
    /// Whether it looks for a word in its own namespace, and nowhere else in the cluster.
    pub searches_namespace: bool,
    /// The ports of nodes that it takes.
    pub host_ports: HostPorts,
    /// What it needs to be let in and to get a node.
    pub needs: Needs,
    /// How many there are, and how they are replaced.
    pub run: Run,
    /// What of it is filled in later.
    pub open: Open,
    /// Their names in DNS.
    pub naming: Option<Box<Naming>>,
    /// Whether its template is that of another workload, which runs too and is told what is wrong
    /// with it.
    pub is_borrowed: bool,
    /// The rules of pod security that it breaks.
    pub breaches: Box<[Breach]>,
    /// Single files that it mounts, and that cannot be in their volumes.
    pub strays: Box<[StrayPath]>,
    /// The level of pod security that it needs, for what a chart declares: nobody sees what it breaks.
    pub level: Option<(Level, Place)>,
}

impl Pod {
    /// The container that a field belongs to, by its number in its list.
    #[must_use]
    pub fn container_of(&self, field: &str) -> Option<&Container> {
        let number = |list: &str| {
            let rest = &field[field.find(list)? + list.len()..];
            rest[..rest.find(']')?].parse::<usize>().ok()
        };
        let mains = self.containers.iter().filter(|it| it.role == Role::Main);
        let first = self.containers.len() - mains.count();
        let index = number(".initContainers[").or_else(|| Some(first + number(".containers[")?))?;
        self.containers.get(index)
    }

    /// The ports of containers that run as long as the pod: `FindPort` of `pkg/api/v1/pod/util.go`
    /// looks at no others.
    pub fn ports(&self) -> impl Iterator<Item = &ContainerPort> {
        let running = self.containers.iter().filter(|container| container.role != Role::Init);
        running.flat_map(|container| &container.ports)
    }
}

/// What of pods is filled in later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Their labels.
    pub labels: bool,
    /// The ports that they declare.
    pub ports: bool,
    /// How many there are, what they request, or where they may go.
    pub demand: bool,
}

/// One container.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name.
    pub name: Box<str>,
    /// When it runs.
    pub role: Role,
    /// The ports that it declares.
    pub ports: Box<[ContainerPort]>,
    /// What it requests, and what is the most that it gets.
    pub resources: Resources,
    /// Its image and where that is written.
    pub image: Option<(Box<str>, Place)>,
    /// When the image is pulled, and where that is written.
    pub pull_policy: Option<(Box<str>, Place)>,
    /// What it takes into its environment.
    pub environment: Variables,
}

/// When a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// To its end, before the next one starts.
    Init,
    /// From its turn among the init containers on, as long as the pod: an init container with
    /// `restartPolicy: Always`.
    Sidecar,
    /// As long as the pod.
    Main,
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerPort {
    /// Its name; empty where it has none.
    pub name: Box<str>,
    /// Its number.
    pub number: i64,
    /// `TCP` where nothing is stated.
    pub protocol: Box<str>,
    /// The port of the node that leads to it.
    pub host: Option<(i64, Place)>,
}

/// Where kinds that start pods have their template or, in a pod itself, its parts.
const WORKLOADS: [(&str, &str, &[&str]); 12] = [
    ("", "Pod", &[]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    ("argoproj.io", "Rollout", &["spec", "template"]),
    ("keda.sh", "ScaledJob", &["spec", "jobTargetRef", "template"]),
    ("serving.knative.dev", "Service", &["spec", "template"]),
];

/// Whether objects of a kind start pods.
pub(super) fn is_workload((group, kind): (&str, &str)) -> bool {
    template_path((group, kind)).is_some()
}

fn template_path((group, kind): (&str, &str)) -> Option<&'static [&'static str]> {
    let found = WORKLOADS.iter().find(|(g, k, _)| (*g, *k) == (group, kind));
    found.map(|(_, _, path)| *path)
}

/// The template of an object that starts pods: what has their `metadata` and `spec`.
#[must_use]
pub fn template_of(object: &Node) -> Option<&Node> {
    let path = template_path(GroupKind::stated(object))?;
    path.iter().try_fold(object, |node, name| node.get(name))
}

/// Calls with the template of a workload: what has a pod's `metadata` and `spec`.
pub(super) fn with_template<T>(
    kind: (&str, &str),
    root: &Field<'_>,
    then: impl FnOnce(&Field<'_>) -> T,
) -> Option<T> {
    fn descend<T>(
        field: &Field<'_>,
        path: &[&str],
        then: impl FnOnce(&Field<'_>) -> T,
    ) -> Option<T> {
        match path.split_first() {
            None => Some(then(field)),
            Some((first, rest)) => descend(&field.get(first)?, rest, then),
        }
    }
    descend(root, template_path(kind)?, then)
}

pub(super) fn read(reading: &Reading<'_>, kind: (&str, &str), root: &Field<'_>) -> Option<Pod> {
    with_template(kind, root, |template| {
        let spec = template.get("spec")?;
        let mut containers = Vec::new();
        for (list, role) in [("initContainers", Role::Init), ("containers", Role::Main)] {
            if let Some(list) = spec.get(list) {
                containers.extend(list.items().map(|one| container(reading, &one, role)));
            }
        }
        let labels = Labels::of(template.node.pointer("/metadata/labels"));
        Some(Pod {
            containers: containers.into(),
            host_network: spec.node.get("hostNetwork").is_some_and(Node::is_true),
            is_injected: is_injected(template.node),
            asks_cluster: matches!(
                spec.text("dnsPolicy"),
                "" | "ClusterFirst" | "ClusterFirstWithHostNet"
            ) && spec.node.pointer("/dnsConfig/nameservers").is_none()
                && spec.node.pointer("/dnsConfig/options").is_none_or(is_over_udp),
            aliases: aliases(&spec),
            searches_namespace: searches_namespace(&spec),
            host_ports: host_port::read(reading, kind, root, &spec),
            needs: needs::read(reading, root, &spec, &labels),
            labels,
            run: run::read(reading, kind, root),
            open: open(root, template, &spec),
            naming: naming::read(kind, root, &spec).map(Box::new),
            is_borrowed: false,
            breaches: security::breaches(reading, template, &spec),
            strays: sub_path::strays(reading, &spec, &claims_of_templates(root)),
            level: None,
        })
    })?
}

fn open(root: &Field<'_>, template: &Field<'_>, spec: &Field<'_>) -> Open {
    let is_any =
        |of: &Node, names: &[&str]| names.iter().any(|name| of.get(name).is_some_and(is_open));
    let containers = ["initContainers", "containers"].into_iter();
    let containers = containers.filter_map(|list| spec.node.get(list)?.as_seq()).flatten();
    let in_containers = |names: &[&str]| containers.clone().any(|one| is_any(one, names));
    let workload = root.node.get("spec");
    Open {
        labels: template.node.pointer("/metadata/labels").is_some_and(is_open),
        ports: in_containers(&["ports"]),
        demand: workload.is_some_and(|spec| is_any(spec, &OPEN_OF_WORKLOADS))
            || is_any(spec.node, &OPEN_OF_PODS)
            || in_containers(&["resources", "securityContext"]),
    }
}

/// Fields of workloads that say how many pods there are.
const OPEN_OF_WORKLOADS: [&str; 9] = [
    "replicas",
    "strategy",
    "updateStrategy",
    "ordinals",
    "parallelism",
    "completions",
    "suspend",
    "paused",
    "volumeClaimTemplates",
];

/// Fields of pods that say what they need.
const OPEN_OF_PODS: [&str; 10] = [
    "resources",
    "overhead",
    "nodeName",
    "nodeSelector",
    "affinity",
    "tolerations",
    "topologySpreadConstraints",
    "priorityClassName",
    "schedulerName",
    "securityContext",
];

/// The names that a pod with this `spec` resolves itself.
pub(super) fn aliases(spec: &Field<'_>) -> Box<[Box<str>]> {
    let mut all = Vec::new();
    each(spec, "hostAliases[]", &mut |alias| {
        let names = alias.get("hostnames");
        let names = names.iter().flat_map(Field::items);
        all.extend(names.filter_map(|name| Some(name.node.as_str()?.to_ascii_lowercase().into())));
    });
    all.into()
}

/// Whether a pod with this `spec` looks for a word in its own namespace and nowhere else in the
/// cluster: `getPodDNSType` and `GetPodDNS` of Kubernetes' `pkg/kubelet/network/dns/dns.go`. On the
/// network of its node it asks the DNS of that, unless it says otherwise.
pub(super) fn searches_namespace(spec: &Field<'_>) -> bool {
    let is_host = spec.node.get("hostNetwork").is_some_and(Node::is_true);
    let asks_cluster = match spec.text("dnsPolicy") {
        "" | "ClusterFirst" => !is_host,
        policy => policy == "ClusterFirstWithHostNet",
    };
    let adds =
        |name: &str| spec.node.pointer("/dnsConfig").is_some_and(|it| it.get(name).is_some());
    asks_cluster && !adds("searches") && !adds("nameservers")
}

/// As `sidecar.istio.io/inject`, `vault.hashicorp.com/agent-inject` and `dapr.io/enabled`.
fn is_injected(template: &Node) -> bool {
    let maps = ["/metadata/labels", "/metadata/annotations"];
    let maps = maps.into_iter().filter_map(|at| template.pointer(at)?.as_map());
    maps.flat_map(Map::iter).any(|(key, _)| asks_for_injection(&key.name))
}

/// Whether a label or an annotation, of pods or of their namespace, makes somebody put containers into
/// pods.
pub(super) fn asks_for_injection(key: &str) -> bool {
    ["inject", "sidecar", "istio.io/rev", "dapr.io/"].iter().any(|part| key.contains(part))
}

fn container(reading: &Reading<'_>, field: &Field<'_>, role: Role) -> Container {
    let role = match field.text("restartPolicy") {
        "Always" if role == Role::Init => Role::Sidecar,
        _ => role,
    };
    let ports = field.get("ports");
    let ports = ports.iter().flat_map(Field::items).map(|port| port_of(reading, &port));
    let text = |name: &str| {
        let field = field.get(name)?;
        Some((field.node.as_str()?.into(), reading.place(&field)))
    };
    Container {
        name: field.text("name").into(),
        role,
        ports: ports.collect(),
        resources: needs::resources(reading, field),
        image: text("image"),
        pull_policy: text("imagePullPolicy"),
        environment: Variables::of(field),
    }
}

fn port_of(reading: &Reading<'_>, port: &Field<'_>) -> ContainerPort {
    let protocol = port.text("protocol");
    let host =
        port.get("hostPort").and_then(|host| Some((host.node.as_int()?, reading.place(&host))));
    ContainerPort {
        name: port.text("name").into(),
        number: port.get("containerPort").and_then(|number| number.node.as_int()).unwrap_or(0),
        protocol: if protocol.is_empty() { "TCP" } else { protocol }.into(),
        host,
    }
}

/// Whether the options of a resolver leave it at UDP.
fn is_over_udp(options: &Node) -> bool {
    let options = options.as_seq().unwrap_or_default();
    !options.iter().any(|one| one.get("name").and_then(Node::as_str) == Some("use-vc"))
}
