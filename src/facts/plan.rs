//! What an environment promises to whom: layers, buffer, factors, machines.

use super::amounts::{Amounts, quantity};
use super::bundled::Bundled;
use super::node::{Machine, PODS, Taint};
use super::{Body, Object, Place};
use crate::config::{Distribution, EnvironmentSpec, NodeSpec};
use crate::model::Quantity;
use crate::resolve::{Environment, Release};
use crate::source::Span;
use crate::yaml::{Map, Node};

/// What an environment promises.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Its layers, in order.
    pub layers: Vec<LayerPlan>,
    /// What is kept free, by resource.
    pub buffer: Vec<(&'static str, Stated)>,
    /// What Argo CD takes out of the buffer, by resource.
    pub argocd: Vec<(&'static str, Stated)>,
    /// How many times the machines' CPU may be promised, and where that is written.
    pub cpu_factor: Option<(f64, Span)>,
    /// The same of memory.
    pub memory_factor: Option<(f64, Span)>,
    /// What the system takes of each machine, by machine and resource.
    pub reserved: Vec<(Box<str>, &'static str, Stated)>,
    /// Disk of each machine.
    pub disks: Vec<(Box<str>, Stated)>,
    /// The layer of each namespace.
    pub namespaces: Vec<(Box<str>, Box<str>)>,
    /// Where quotas, levels of pod security and limit ranges of namespaces are written, by namespace
    /// and field: `quota.memory`, `podSecurity`, `limitRange`.
    pub stated: Vec<(Box<str>, Box<str>, Span)>,
    /// Storage classes that claims without a class get, each with the line that makes it so.
    pub default_classes: Vec<(Box<str>, Span)>,
    /// Parts of the distribution that are switched off, each with its name and the line that does so.
    pub disabled: Vec<(Bundled, Box<str>, Span)>,
    /// Parts of the distribution that a release brings too: the part, the line that leaves it
    /// switched on, the release and its line.
    pub doubled: Vec<(&'static str, Span, Box<str>, Span)>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerPlan {
    /// Its name.
    pub name: Box<str>,
    /// Its budget of memory.
    pub memory: Option<Stated>,
    /// Its budget of CPU.
    pub cpu: Option<Stated>,
    /// Whether it counts though nothing runs.
    pub is_reserved: bool,
    /// The priority class of its workloads.
    pub priority_class: Option<Box<str>>,
    /// The releases in it.
    pub releases: Vec<Box<str>>,
    /// Where it is written.
    pub span: Span,
}

/// An amount and where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// The amount.
    pub amount: Quantity,
    /// Where it is written.
    pub span: Span,
}

/// Reads what an environment promises.
pub(super) fn plan(environment: &Environment) -> Plan {
    let root = &*environment.node;
    let spec = &environment.spec;
    let nodes = root.get("nodes").and_then(Node::as_map);
    let of_nodes = |field: &'static str| {
        let entries = nodes.into_iter().flat_map(Map::iter);
        entries.filter_map(move |(key, node)| Some((key.name.clone(), node.pointer(field)?)))
    };
    let reserved = |name: &'static str, field| {
        of_nodes(field).filter_map(move |(node, value)| Some((node, name, stated(value)?)))
    };
    Plan {
        layers: layers(environment),
        buffer: both(root, "/buffer"),
        argocd: both(root, "/gitops/argocd"),
        cpu_factor: factor(spec, root, "cpu"),
        memory_factor: factor(spec, root, "memory"),
        reserved: reserved("cpu", "/reserved/cpu")
            .chain(reserved("memory", "/reserved/memory"))
            .collect(),
        disks: of_nodes("/disk").filter_map(|(node, value)| Some((node, stated(value)?))).collect(),
        namespaces: namespaces(spec),
        stated: of_namespaces(root),
        default_classes: default_classes(environment),
        disabled: disabled(environment),
        doubled: doubled(environment),
    }
}

fn of_namespaces(root: &Node) -> Vec<(Box<str>, Box<str>, Span)> {
    let mut all: Vec<(Box<str>, Box<str>, Span)> = Vec::new();
    let namespaces = root.get("namespaces").and_then(Node::as_map);
    for (key, namespace) in namespaces.into_iter().flat_map(Map::iter) {
        let quota = namespace.get("quota").and_then(Node::as_map);
        for (resource, amount) in quota.into_iter().flat_map(Map::iter) {
            all.push((key.name.clone(), format!("quota.{}", resource.name).into(), amount.span));
        }
        for field in ["podSecurity", "limitRange"] {
            let entry = namespace.as_map().and_then(|map| map.entry(field));
            all.extend(entry.map(|(name, value)| {
                let span = if value.as_map().is_some() { name.span } else { value.span };
                (key.name.clone(), field.into(), span)
            }));
        }
    }
    all
}

impl Plan {
    /// Adds to what the environment's own objects say where it is stated: a value that several
    /// namespaces have does not tell by itself.
    pub(super) fn complete(&self, objects: &mut [Object]) {
        let own = objects.iter_mut().filter(|object| &*object.unit == CLUSTER_APP);
        for object in own {
            let Object { key, body, .. } = object;
            let add = |namespace: &str, field: &str, place: &mut Place| {
                let is_it = |(of, name, _): &&(Box<str>, Box<str>, Span)| {
                    **of == *namespace && **name == *field
                };
                if let Some((_, _, span)) = self.stated.iter().find(is_it) {
                    place.origins = [*span].into();
                }
            };
            match body {
                Body::Quota(quota) => {
                    for hard in &mut quota.hard {
                        let field = match &*hard.key {
                            "requests.memory" | "limits.memory" => "quota.memory".to_owned(),
                            "requests.cpu" => "quota.cpu".to_owned(),
                            other => format!("quota.{other}"),
                        };
                        add(&key.namespace, &field, &mut hard.place);
                    }
                }
                Body::Limits(limits) => {
                    limits
                        .iter_mut()
                        .for_each(|it| add(&key.namespace, "limitRange", &mut it.place));
                }
                Body::Namespace(Some(enforced)) => {
                    add(&key.name, "podSecurity", &mut enforced.place);
                }
                _ => {}
            }
        }
    }
}

/// The app of the objects that environments declare.
const CLUSTER_APP: &str = "cluster";

/// The line that says which parts of the distribution are on, where this part is.
fn switched_on(environment: &Environment, part: &str) -> Option<Span> {
    let kubernetes = environment.node.get("kubernetes")?.as_map()?;
    let disabled = environment.spec.kubernetes.as_ref()?.disabled.as_deref().unwrap_or_default();
    if disabled.iter().any(|known| known == part) {
        return None;
    }
    let (key, _) = kubernetes.entry("disabled").or_else(|| kubernetes.entry("distribution"))?;
    Some(key.span)
}

fn disabled(environment: &Environment) -> Vec<(Bundled, Box<str>, Span)> {
    let kubernetes = environment.spec.kubernetes.as_ref();
    let distribution = kubernetes.and_then(|kubernetes| kubernetes.distribution);
    let parts = environment.node.pointer("/kubernetes/disabled").and_then(Node::as_seq);
    let parts = parts.unwrap_or_default().iter().filter_map(|part| {
        let name = part.as_str()?;
        Some((Bundled::named(distribution, name)?, name.into(), part.span))
    });
    parts.collect()
}

/// The classes that the environment and its distribution make the default ones.
fn default_classes(environment: &Environment) -> Vec<(Box<str>, Span)> {
    let declared = environment.spec.storage_classes.iter().flatten();
    let mut classes: Vec<(Box<str>, Span)> = declared
        .filter(|(_, class)| class.as_ref().is_some_and(|class| class.is_default == Some(true)))
        .filter_map(|(name, _)| {
            let written = environment.node.get("storageClasses")?.get(name)?.get("default")?;
            Some((name.as_str().into(), written.span))
        })
        // That an environment states two is told where it is read.
        .take(1)
        .collect();
    let kubernetes = environment.spec.kubernetes.as_ref();
    let (class, part) = match kubernetes.and_then(|kubernetes| kubernetes.distribution) {
        Some(Distribution::K3s) => ("local-path", "local-storage"),
        Some(Distribution::Minikube) => ("standard", "default-storageclass"),
        Some(Distribution::Kind) => ("standard", "-"),
        _ => return classes,
    };
    // What the environment says of it holds, be it that it is not the default.
    let is_stated = environment.node.get("storageClasses").and_then(|all| all.get(class)).is_some();
    if let Some(span) = switched_on(environment, part).filter(|_| !is_stated) {
        classes.push((class.into(), span));
    }
    classes
}

/// Parts of k3s that apps of the same name bring too. Those that serve the network are told by what
/// they do to it.
fn doubled(environment: &Environment) -> Vec<(&'static str, Span, Box<str>, Span)> {
    const PARTS: [&str; 1] = ["metrics-server"];
    let kubernetes = environment.spec.kubernetes.as_ref();
    if kubernetes.and_then(|kubernetes| kubernetes.distribution) != Some(Distribution::K3s) {
        return Vec::new();
    }
    let doubled = PARTS.into_iter().filter_map(|part| {
        let release = environment.releases.iter().find(|release| release.app == part)?;
        let span = switched_on(environment, part)?;
        Some((part, span, release.name.as_str().into(), release.span))
    });
    doubled.collect()
}

fn stated(node: &Node) -> Option<Stated> {
    Some(Stated { amount: quantity(node)?, span: node.span })
}

fn both(root: &Node, pointer: &str) -> Vec<(&'static str, Stated)> {
    let one = |name: &'static str| Some((name, stated(root.pointer(pointer)?.get(name)?)?));
    ["cpu", "memory"].into_iter().filter_map(one).collect()
}

fn factor(spec: &EnvironmentSpec, root: &Node, name: &str) -> Option<(f64, Span)> {
    let factors = spec.overcommit.as_ref()?;
    let factor = if name == "cpu" { factors.cpu } else { factors.memory };
    Some((factor?, root.pointer("/overcommit")?.get(name)?.span))
}

fn layers(environment: &Environment) -> Vec<LayerPlan> {
    let layers = environment.node.get("layers").and_then(Node::as_map);
    let entries = layers.into_iter().flat_map(Map::iter).filter(|(_, layer)| !layer.is_null());
    let layer = |(key, layer): (&crate::yaml::Key, &Node)| {
        let of_layer = |release: &&Release| *release.layer == *key.name;
        let releases = environment.releases.iter().filter(of_layer);
        LayerPlan {
            name: key.name.clone(),
            memory: layer.get("memory").and_then(stated),
            cpu: layer.get("cpu").and_then(stated),
            is_reserved: layer.get("reserved").is_some_and(Node::is_true),
            priority_class: layer.get("priorityClass").and_then(Node::as_str).map(Into::into),
            releases: releases.map(|release| release.name.as_str().into()).collect(),
            span: key.span,
        }
    };
    entries.map(layer).collect()
}

fn namespaces(spec: &EnvironmentSpec) -> Vec<(Box<str>, Box<str>)> {
    let declared = spec.namespaces.iter().flatten();
    let of_layer = declared.filter_map(|(name, namespace)| {
        let layer = namespace.as_ref()?.layer.as_deref()?;
        Some((name.as_str().into(), layer.into()))
    });
    of_layer.collect()
}

/// The machines of an environment: capacity less what is reserved is for pods.
pub(super) fn machines(environment: &Environment) -> Vec<Machine> {
    let root = environment.node.get("nodes").and_then(Node::as_map);
    let declared = environment.spec.nodes.iter().flatten();
    let machines = declared.filter_map(|(name, node)| {
        let (key, written) = root?.entry(name)?;
        Some(machine(name, node.as_ref()?, key.span, written))
    });
    machines.collect()
}

fn machine(name: &str, node: &NodeSpec, span: Span, written: &Node) -> Machine {
    let reserved = node.reserved.clone().unwrap_or_default();
    let left = |capacity: Option<Quantity>, reserved: Option<Quantity>| {
        capacity?.checked_sub(reserved.unwrap_or(Quantity::ZERO))
    };
    let pods = Quantity::units(node.pods.map_or(PODS, i64::from));
    let amounts = [
        ("cpu", node.cpu, left(node.cpu, reserved.cpu)),
        ("memory", node.memory, left(node.memory, reserved.memory)),
        ("ephemeral-storage", node.disk, node.disk),
        ("pods", Some(pods), Some(pods)),
    ];
    let taints = node.taints.iter().flatten().map(|taint| Taint {
        key: taint.key.as_str().into(),
        value: taint.value.as_deref().unwrap_or_default().into(),
        effect: taint.effect.as_str().into(),
    });
    let has: Amounts = amounts.iter().filter_map(|one| Some((one.0, one.1?))).collect();
    let left: Amounts = amounts.iter().filter_map(|one| Some((one.0, one.2?))).collect();
    // Without CPU and memory nothing can be said.
    let is_known = node.cpu.is_some() && node.memory.is_some();
    Machine {
        name: name.into(),
        allocatable: is_known.then_some(left),
        capacity: has,
        labels: node.labels.iter().flatten().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
        is_complete: false,
        addresses: Vec::new(),
        taints: taints.collect(),
        is_cordoned: false,
        place: at("", span),
        sizes: ["cpu", "memory"]
            .into_iter()
            .filter_map(|name| Some((name.into(), at("", written.get(name)?.span))))
            .collect(),
    }
}

pub(super) fn at(field: &str, span: Span) -> Place {
    Place { field: field.into(), span, origins: Box::default() }
}
