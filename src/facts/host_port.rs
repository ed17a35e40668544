//! Ports that pods take of their nodes.

use super::{Place, Reading};
use crate::model::Field;
use crate::yaml::Node;

/// Ports of nodes that the pods of a workload take.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPorts {
    /// The ports.
    pub ports: Vec<HostPort>,
    /// On which nodes they are taken.
    pub spread: Spread,
    /// Whether a rollout starts a pod before it ends one.
    pub has_surge: bool,
}

impl HostPorts {
    /// Those of pods that take none.
    #[must_use]
    pub fn none() -> Self {
        Self { ports: Vec::new(), spread: Spread::Elsewhere, has_surge: false }
    }
}

/// One port of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPort {
    /// Its number.
    pub number: i64,
    /// `TCP` where nothing is stated.
    pub protocol: Box<str>,
    /// The address of the node that it is taken at; empty for all.
    pub address: Box<str>,
    /// Where it is written.
    pub place: Place,
}

/// On which nodes pods run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// One on every node that takes any pod.
    Every,
    /// So many, wherever there is room.
    Anywhere(i64),
    /// Only where labels, taints or names lead them, or not all the time.
    Elsewhere,
}

impl HostPort {
    /// Whether no node has room for both: `HostPortInfo.CheckConflict` of `k8s.io/kube-scheduler`.
    #[must_use]
    pub fn clashes(&self, other: &Self) -> bool {
        let is_any = |address: &str| matches!(address, "" | "0.0.0.0" | "::");
        let is_same = self.address == other.address;
        let meets = is_same || is_any(&self.address) || is_any(&other.address);
        self.number == other.number && self.protocol == other.protocol && meets
    }
}

/// Of the pods that a workload with this `spec` of its template starts.
pub(super) fn read(
    reading: &Reading<'_>,
    (_, kind): (&str, &str),
    root: &Field<'_>,
    spec: &Field<'_>,
) -> HostPorts {
    let is_host = spec.node.get("hostNetwork").is_some_and(Node::is_true);
    let mut ports = Vec::new();
    for (list, is_init) in [("initContainers", true), ("containers", false)] {
        let Some(list) = spec.get(list) else { continue };
        for container in list.items() {
            // An init container that ends takes no port: `GetHostPorts` of `pkg/scheduler/util`.
            let ends = is_init && container.text("restartPolicy") != "Always";
            let Some(declared) = container.get("ports").filter(|_| !ends) else { continue };
            ports.extend(declared.items().filter_map(|port| host_port(reading, &port, is_host)));
        }
    }
    HostPorts { ports, spread: spread(kind, root, spec), has_surge: has_surge(kind, root) }
}

/// With the network of its node, a pod's ports are the node's.
fn host_port(reading: &Reading<'_>, port: &Field<'_>, is_host: bool) -> Option<HostPort> {
    let stated = port.get("hostPort").filter(|it| it.node.as_int().is_some_and(|it| it != 0));
    let field = match stated {
        Some(field) => field,
        None if is_host => port.get("containerPort")?,
        None => return None,
    };
    let protocol = port.text("protocol");
    Some(HostPort {
        number: field.node.as_int()?,
        protocol: if protocol.is_empty() { "TCP" } else { protocol }.into(),
        address: port.text("hostIP").into(),
        place: reading.place(&field),
    })
}

fn spread(kind: &str, root: &Field<'_>, spec: &Field<'_>) -> Spread {
    const LED: [&str; 4] = ["nodeSelector", "affinity", "tolerations", "nodeName"];
    let is_led = |name: &str| match spec.node.get(name) {
        Some(node) => !node.is_null() && node.as_seq().is_none_or(|it| !it.is_empty()),
        None => false,
    };
    if LED.iter().any(|name| is_led(name)) {
        return Spread::Elsewhere;
    }
    match kind {
        "DaemonSet" => Spread::Every,
        "Pod" => Spread::Anywhere(1),
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => {
            let replicas = root.node.pointer("/spec/replicas");
            Spread::Anywhere(replicas.and_then(Node::as_int).unwrap_or(1))
        }
        _ => Spread::Elsewhere,
    }
}

/// Whether a Deployment rolls with pods beyond its replicas: none may be missing by default where
/// there are less than four.
fn has_surge(kind: &str, root: &Field<'_>) -> bool {
    if kind != "Deployment" {
        return false;
    }
    let strategy = root.node.pointer("/spec/strategy");
    let text = |pointer| strategy.and_then(|it| it.pointer(pointer));
    if text("/type").and_then(Node::as_str) == Some("Recreate") {
        return false;
    }
    let replicas = root.node.pointer("/spec/replicas").and_then(Node::as_int).unwrap_or(1);
    match text("/rollingUpdate/maxUnavailable") {
        None => replicas < 4,
        Some(node) => match (node.as_int(), node.as_str()) {
            (Some(number), _) => number == 0,
            (_, Some(share)) => {
                let percent: i64 = share.trim_end_matches('%').parse().unwrap_or(100);
                replicas * percent < 100
            }
            _ => false,
        },
    }
}
