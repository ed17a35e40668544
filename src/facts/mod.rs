//! What objects say of the cluster that they make together: what each refers to, what it makes,
//! what it asks for. Both the checks of whole clusters and the diff read it.
//!
//! An [`Object`] keeps only that, not the manifest, so that a tree of any size can be held at once.

mod address;
mod amounts;
mod answer;
mod autoscaler;
mod balancing;
mod borrow;
pub mod budget;
mod bundled;
mod chart;
mod cluster;
mod company;
mod conversation;
mod delivery;
mod entry;
mod fork;
mod gateway;
mod host;
mod host_file;
mod host_name;
mod host_path;
mod host_port;
mod host_string;
mod host_variable;
mod ingress;
mod kind_rules;
mod made;
mod mention;
mod monitor;
mod named_host;
mod namespace;
mod naming;
mod needs;
mod network;
mod network_policy;
mod node;
mod ownership;
mod place;
mod plan;
mod pod;
mod pool;
mod priority;
mod program;
mod prose;
mod quota;
mod reference;
mod rules;
mod run;
mod secret;
mod security;
mod service;
mod storage;
mod sub_path;
mod surroundings;
mod unseen;
mod variables;

pub(crate) use address::fault as address_fault;
pub use address::{Block, address};
pub use amounts::{Amounts, times};
pub use answer::{Answer, is_slip};
pub use autoscaler::{Autoscaler, Bounds, Clash, Measure, Metrics, Policy};
pub use balancing::{Balancing, Wish};
pub use borrow::Borrowed;
pub use bundled::Bundled;
pub(crate) use cluster::may_be_same;
pub use cluster::{Cluster, Extent};
pub use company::{Company, Meant, Spreading, Term};
pub use conversation::Conversation;
pub use entry::{Entry, Forward, PortForward, ProxyRule, Written};
pub use gateway::{From, Gateway, Grant, Listener};
pub use host_path::HostPath;
pub use host_port::{HostPort, HostPorts, Spread};
pub use ingress::{Ingress, IngressPath, takes};
pub use made::{Made, Name};
pub use monitor::{Monitor, Monitored, MonitoredPort, Namespaces};
pub use named_host::Host;
pub use namespace::is_system;
pub use naming::{Naming, Numbers};
pub use needs::{Asking, Needs, NodeTerm, Placement, Requirement, Resources, Toleration};
pub use network::{Assigned, ChartService, DeclaredPool, Neighbour, Network, Reserved};
pub use network_policy::{IpBlock, NetworkPolicy, Peer, PolicyPort, PolicyRule, Side};
pub use node::{Machine, Taint, Unfit, Unknown};
pub use ownership::Ownership;
pub use place::Place;
pub use plan::{LayerPlan, Plan, Stated};
pub use pod::{Container, ContainerPort, Open, Pod, Role, template_of};
pub use pool::{Clients, Keeper, Pool, PoolBlock};
pub use priority::Priority;
pub use program::{Binding, Role as AccessRole};
pub use quota::{Enforced, Hard, Level, Limit, Quota, QuotaScope};
pub use reference::{Part, Reference, Target};
pub use run::{Claim, Keeps, Rollout, Run, RunKind, Share};
pub use secret::Secret;
pub use security::{Breach, is_default_capability, sysctl_since};
pub use service::{Service, ServicePort, TargetPort};
pub use sub_path::StrayPath;
pub use surroundings::Surroundings;
pub use unseen::Unseen;
pub use variables::{PortBeside, Source, Variables};

use std::ops::Range;
use std::sync::Arc;

use crate::load::manifest::{is_open, is_placeholder};
use crate::model::{Field, Labels, ObjectKey, Selector};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Node};

/// What one object says.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Who it is. Where it states no namespace and is of a kind that has one, that is empty: it
    /// may be in any.
    pub key: ObjectKey,
    /// Whether it lives in the cluster as a whole.
    pub is_cluster_wide: bool,
    /// Where its kind is written.
    pub span: Span,
    /// What it belongs to: an app of an environment, or the directory of its file.
    pub unit: Arc<str>,
    /// Its own labels.
    pub labels: Labels,
    /// What it refers to by name.
    pub references: Box<[Reference]>,
    /// Hosts that its texts name.
    pub hosts: Box<[Host]>,
    /// What comes to be through it, beside itself.
    pub made: Box<[Made]>,
    /// What only its kind says.
    pub body: Body,
}

/// What objects of a kind say.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// What starts pods, and a pod itself.
    Workload(Box<Pod>),
    /// What starts the pods of another workload, before that is found.
    Borrowed(Box<Borrowed>),
    /// A Service.
    Service(Box<Service>),
    /// A NetworkPolicy.
    NetworkPolicy(Box<NetworkPolicy>),
    /// A pool of load-balancer addresses.
    Pool(Box<Pool>),
    /// The pools of kube-vip, which are in one ConfigMap.
    Pools(Box<[Pool]>),
    /// What an Ingress says.
    Ingress(Box<Ingress>),
    /// The hosts of another kind of route, or texts that hold them.
    Route(Box<[Box<str>]>),
    /// A Gateway, or a set of listeners for one.
    Gateway(Box<Gateway>),
    /// A ReferenceGrant.
    Grant(Box<Grant>),
    /// A Role or ClusterRole.
    Role(Box<AccessRole>),
    /// What binds a role to a program.
    Binding(Box<Binding>),
    /// What a PodDisruptionBudget selects, and how many of these it keeps.
    DisruptionBudget(Box<Selecting>, Option<Box<Keeps>>),
    /// What tells Prometheus whom to ask.
    Monitor(Box<Monitor>),
    /// The keys of a ConfigMap.
    Keys(Box<[Box<str>]>),
    /// A Secret.
    Secret(Box<Secret>),
    /// A ResourceQuota.
    Quota(Box<Quota>),
    /// A LimitRange.
    Limits(Vec<Limit>),
    /// A Namespace, with what its labels enforce.
    Namespace(Option<Box<Enforced>>),
    /// A Node.
    Node(Box<Machine>),
    /// A PersistentVolumeClaim.
    Claim(Box<Claim>),
    /// A HorizontalPodAutoscaler, a VerticalPodAutoscaler or a ScaledObject of KEDA.
    Autoscaler(Box<Autoscaler>),
    /// A StorageClass with its provisioner; the place says that it is the default one.
    StorageClass(Box<str>, Option<Place>),
    /// A PriorityClass; the place says that it is the default one.
    PriorityClass(Priority, Option<Place>),
    /// A RuntimeClass, with what its pods take beside their containers.
    RuntimeClass(Amounts),
    /// The labels of the pods that a custom object of another kind makes.
    Templates(Box<[Labels]>),
    /// The charts that a custom object of another kind is told to bring, and nothing else.
    Charts(Box<[Box<str>]>),
    /// Nothing that is needed.
    Other,
}

/// A selector and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Selecting {
    /// The selector.
    pub selector: Selector,
    /// Where it is written.
    pub place: Place,
}

/// What is to be known to read an object.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The file that its places lie in, where its nodes do not say so.
    pub file: Option<FileId>,
    /// What it belongs to.
    pub unit: &'a Arc<str>,
    /// Whether its kind lives in the cluster as a whole.
    pub is_cluster_wide: bool,
    /// The texts that it is written in, to point at single lines; not needed for more.
    pub sources: Option<&'a Sources>,
}

impl Reading<'_> {
    /// What an object says.
    #[must_use]
    pub fn object(&self, node: &Node) -> Object {
        let root = Field::root(node);
        let mut key = ObjectKey::of(node);
        if self.is_cluster_wide {
            key.namespace.clear();
        }
        let body = self.body(&key, &root);
        Object {
            is_cluster_wide: self.is_cluster_wide,
            span: self.span(node.get("kind").map_or(node.span, |kind| kind.span)),
            unit: Arc::clone(self.unit),
            labels: Labels::of(node.pointer("/metadata/labels")),
            references: reference::all(self, &key, &root).into(),
            hosts: host::all(self, &key, &root).into(),
            made: made::all(&key, &root).into(),
            body,
            key,
        }
    }

    fn body(&self, key: &ObjectKey, root: &Field<'_>) -> Body {
        let kind = (key.group_kind.group.as_str(), key.group_kind.kind.as_str());
        if pod::is_workload(kind) {
            let borrowed = || borrow::read(self, kind, root).map(Box::new).map(Body::Borrowed);
            let pod = pod::read(self, kind, root).map(Box::new).map(Body::Workload);
            return pod.or_else(borrowed).unwrap_or(Body::Other);
        }
        match kind {
            ("", "Service") => Body::Service(Box::new(service::read(self, root))),
            // A value that is filled in later may select anything.
            ("networking.k8s.io", "NetworkPolicy") if is_open(root.node) => Body::Other,
            ("networking.k8s.io", "NetworkPolicy") => network_policy::read(self, root)
                .map_or(Body::Other, |policy| Body::NetworkPolicy(Box::new(policy))),
            ("metallb.io", "IPAddressPool") => {
                Body::Pool(Box::new(pool::metallb(self, &key.name, root)))
            }
            ("cilium.io", "CiliumLoadBalancerIPPool") => {
                Body::Pool(Box::new(pool::cilium(self, &key.name, root)))
            }
            ("networking.k8s.io", "Ingress") => Body::Ingress(Box::new(ingress::read(self, root))),
            (gateway::GROUP, "Gateway" | "ReferenceGrant") if is_open(root.node) => Body::Other,
            kind if gateway::is_listener_set(kind) && is_open(root.node) => Body::Other,
            kind if kind == (gateway::GROUP, "Gateway") || gateway::is_listener_set(kind) => {
                Body::Gateway(Box::new(gateway::gateway(self, root)))
            }
            (gateway::GROUP, "ReferenceGrant") => Body::Grant(Box::new(gateway::grant(root))),
            (program::GROUP, "Role" | "ClusterRole") => Body::Role(Box::new(program::role(root))),
            (program::GROUP, "RoleBinding" | "ClusterRoleBinding") => {
                program::binding(root).map_or(Body::Other, |it| Body::Binding(Box::new(it)))
            }
            ("policy", "PodDisruptionBudget") => {
                let keeps = run::keeps(self, root).map(Box::new);
                let budget = |selecting| Body::DisruptionBudget(Box::new(selecting), keeps);
                self.selecting(root).map_or(Body::Other, budget)
            }
            ("monitoring.coreos.com", "ServiceMonitor" | "PodMonitor") if !is_open(root.node) => {
                monitor::read(self, &key.namespace, kind.1, root)
                    .map_or(Body::Other, |monitor| Body::Monitor(Box::new(monitor)))
            }
            ("", "ConfigMap" | "Secret") if secret::is_filled_by_others(root) => Body::Other,
            ("", "ConfigMap") if (&*key.namespace, &*key.name) == pool::KUBE_VIP => {
                Body::Pools(pool::kube_vip(self, root).into())
            }
            ("", "ConfigMap") => Body::Keys(keys(root)),
            ("", "Secret") => Body::Secret(Box::new(secret::read(self, root))),
            ("", "ResourceQuota") => Body::Quota(Box::new(quota::quota(self, root))),
            ("", "LimitRange") => Body::Limits(quota::limits(self, root)),
            ("", "Namespace") => Body::Namespace(quota::enforced(self, root).map(Box::new)),
            ("", "Node") => Body::Node(Box::new(node::read(self, root, &key.name))),
            ("", "PersistentVolumeClaim") => Body::Claim(Box::new(run::claim(self, root))),
            ("autoscaling", "HorizontalPodAutoscaler")
            | ("autoscaling.k8s.io", "VerticalPodAutoscaler")
            | ("keda.sh", "ScaledObject") => autoscaler::read(self, kind, root)
                .map_or(Body::Other, |autoscaler| Body::Autoscaler(Box::new(autoscaler))),
            ("storage.k8s.io", "StorageClass") => {
                Body::StorageClass(root.text("provisioner").into(), self.default_class(root))
            }
            ("scheduling.k8s.io", "PriorityClass") => {
                let value = root.node.get("value").and_then(Node::as_int).unwrap_or(0);
                let default = root.get("globalDefault").filter(|field| field.node.is_true());
                let preempts = root.text("preemptionPolicy") != "Never";
                let priority = Priority { value, preempts };
                Body::PriorityClass(priority, default.map(|field| self.place(&field)))
            }
            ("node.k8s.io", "RuntimeClass") => {
                let overhead = root.get("overhead");
                let overhead = overhead.as_ref().and_then(|overhead| overhead.get("podFixed"));
                Body::RuntimeClass(Amounts::of(overhead))
            }
            _ => match ingress::hosts(kind, root) {
                Some(hosts) => Body::Route(hosts),
                None if !made::is_custom(kind.0) => Body::Other,
                None => match mention::templates(root.node) {
                    labels if labels.is_empty() => {
                        delivery::charts(kind, root).map_or(Body::Other, Body::Charts)
                    }
                    labels => Body::Templates(labels.into()),
                },
            },
        }
    }

    /// Where an annotation makes a StorageClass the default one.
    fn default_class(&self, root: &Field<'_>) -> Option<Place> {
        const KEYS: [&str; 2] = [
            "storageclass.kubernetes.io/is-default-class",
            "storageclass.beta.kubernetes.io/is-default-class",
        ];
        let metadata = root.get("metadata")?;
        let annotations = metadata.get("annotations")?;
        let mut entries = annotations.entries();
        let default = |(key, field): &(&str, Field<'_>)| {
            KEYS.contains(key) && field.node.as_str() == Some("true")
        };
        entries.find(default).map(|(_, field)| self.place(&field))
    }

    /// The selector in `spec.selector`; nothing where there is none, which selects nothing.
    fn selecting(&self, root: &Field<'_>) -> Option<Selecting> {
        let spec = root.get("spec")?;
        let field = spec.get("selector")?;
        // What is filled in later may select anything.
        let selector = Selector::of(&field).filter(|_| !is_open(field.node))?;
        Some(Selecting { selector, place: self.place(&field) })
    }

    fn place(&self, field: &Field<'_>) -> Place {
        Place {
            field: place::path(field),
            span: self.span(field.span()),
            origins: field.node.origins.iter().map(|&origin| self.span(origin)).collect(),
        }
    }

    /// Where a part of a text is written: the line of it, where the text has several.
    fn place_in(&self, field: &Field<'_>, part: Range<usize>) -> Place {
        let narrow = |span: Span| {
            let is_long = self.sources.is_some_and(|sources| sources.slice(span).contains('\n'));
            let found = is_long.then(|| self.part(field, span, part.clone())).flatten();
            found.unwrap_or_else(|| self.span(span))
        };
        let origins = field.node.origins.iter().map(|&origin| narrow(origin)).collect();
        Place { field: place::path(field), span: narrow(field.span()), origins }
    }

    /// Where a part of a text is written in a scalar.
    fn part(&self, field: &Field<'_>, scalar: Span, part: Range<usize>) -> Option<Span> {
        let written = self.sources?.slice(scalar);
        let Range { start, end } = yaml::written(written, field.node.as_str()?, part)?;
        let before = scalar.start as usize;
        Some(self.span(Span::new(scalar.file, before + start..before + end)))
    }

    fn span(&self, span: Span) -> Span {
        Span { file: self.file.unwrap_or(span.file), ..span }
    }
}

/// The keys that a ConfigMap or Secret has.
fn keys(root: &Field<'_>) -> Box<[Box<str>]> {
    let maps = ["data", "binaryData", "stringData"].into_iter().filter_map(|name| root.get(name));
    let mut keys: Vec<Box<str>> = Vec::new();
    for map in maps {
        keys.extend(map.entries().map(|(key, _)| Box::from(key)));
    }
    // One that is filled in later may be any.
    if keys.iter().any(|key| is_placeholder(key)) {
        return Box::default();
    }
    keys.into()
}
