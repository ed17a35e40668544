//! Services.

use core::net::IpAddr;

use super::address::address;
use super::balancing::{self, Balancing};
use super::{Place, Reading, Selecting};
use crate::load::manifest::{is_open, is_placeholder};
use crate::model::{Field, Labels, Selector};
use crate::yaml::{Node, Value};

/// What a Service says.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its type; `ClusterIP` where none is stated.
    pub kind: Box<str>,
    /// Whether it has no address of its own.
    pub is_headless: bool,
    /// The pods that it leads to; nothing where somebody else says so, in endpoints.
    pub selector: Option<Selecting>,
    /// Whether it states one, even one that is filled in later.
    pub has_selector: bool,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// Whether some of these are filled in later.
    pub has_open_ports: bool,
    /// Addresses of the cluster that it asks for.
    pub cluster_ips: Vec<(IpAddr, Place)>,
    /// The families that it asks for, as `IPv4`.
    pub families: Box<[(Box<str>, Place)]>,
    /// Whether it may have addresses of both families.
    pub is_dual: bool,
    /// Where it says that it must have both.
    pub needs_both: Option<Place>,
    /// The node port that says whether a node has pods of it.
    pub health_check: Option<(i64, Place)>,
    /// What it asks of who gives load-balancer addresses, whatever its type.
    pub balancing: Balancing,
    /// How many ports of the nodes a quota counts for it.
    pub counted_node_ports: u32,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePort {
    /// Its name; empty where it has none.
    pub name: Box<str>,
    /// Its number.
    pub number: i64,
    /// `TCP` where nothing is stated.
    pub protocol: Box<str>,
    /// The port of the pods.
    pub target: TargetPort,
    /// Where that is written, or the port where it is not.
    pub place: Place,
    /// The port of every node that leads to it.
    pub node: Option<(i64, Place)>,
}

/// A port of pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPort {
    /// By number.
    Number(i64),
    /// By the name that containers give it.
    Name(Box<str>),
}

pub(super) fn read(reading: &Reading<'_>, root: &Field<'_>) -> Service {
    let balancing = balancing::of_service(reading, root);
    let Some(spec) = root.get("spec") else {
        return Service {
            kind: "ClusterIP".into(),
            is_headless: false,
            selector: None,
            has_selector: false,
            ports: Vec::new(),
            has_open_ports: false,
            cluster_ips: Vec::new(),
            families: Box::default(),
            is_dual: false,
            needs_both: None,
            health_check: None,
            balancing,
            counted_node_ports: 0,
        };
    };
    let kind = spec.text("type");
    let selector = spec.get("selector").and_then(|selector| {
        let labels = Labels::of(Some(selector.node));
        let place = reading.place(&selector);
        // What is filled in later may select anything.
        (!labels.is_empty() && !is_open(selector.node))
            .then(|| Selecting { selector: Selector::exact(labels), place })
    });
    let ports = spec.get("ports");
    Service {
        kind: if kind.is_empty() { "ClusterIP" } else { kind }.into(),
        // What is filled in later may be that, and of a headless one less must hold.
        is_headless: spec.text("clusterIP") == "None" || is_placeholder(spec.text("clusterIP")),
        selector,
        has_selector: spec
            .get("selector")
            .is_some_and(|it| it.node.as_map().is_none_or(|map| !map.is_empty())),
        ports: ports.iter().flat_map(Field::items).map(|port| port_of(reading, &port)).collect(),
        has_open_ports: ports.as_ref().is_some_and(|ports| is_open(ports.node)),
        cluster_ips: cluster_ips(reading, &spec),
        families: {
            let families = spec.get("ipFamilies");
            let of =
                |family: Field<'_>| Some((family.node.as_str()?.into(), reading.place(&family)));
            families.iter().flat_map(Field::items).filter_map(of).collect()
        },
        is_dual: spec.text("ipFamilyPolicy").ends_with("DualStack"),
        needs_both: spec
            .get("ipFamilyPolicy")
            .filter(|policy| policy.node.as_str() == Some("RequireDualStack"))
            .map(|policy| reading.place(&policy)),
        health_check: number(reading, &spec, "healthCheckNodePort"),
        balancing,
        counted_node_ports: counted_node_ports(&spec),
    }
}

/// A number that is not zero, which stands for none.
fn number(reading: &Reading<'_>, holder: &Field<'_>, name: &str) -> Option<(i64, Place)> {
    let field = holder.get(name)?;
    let number = field.node.as_int().filter(|number| *number != 0)?;
    Some((number, reading.place(&field)))
}

/// `clusterIPs`, whose first is `clusterIP` too.
fn cluster_ips(reading: &Reading<'_>, spec: &Field<'_>) -> Vec<(IpAddr, Place)> {
    let mut found: Vec<(IpAddr, Place)> = Vec::new();
    let mut add = |field: &Field<'_>| {
        let Some(address) = field.node.as_str().and_then(address) else { return };
        if !found.iter().any(|(known, _)| *known == address) {
            found.push((address, reading.place(field)));
        }
    };
    if let Some(first) = spec.get("clusterIP") {
        add(&first);
    }
    if let Some(all) = spec.get("clusterIPs") {
        all.items().for_each(|one| add(&one));
    }
    found
}

/// `serviceEvaluator.Usage` of `pkg/quota/v1/evaluator/core/services.go`
fn counted_node_ports(spec: &Field<'_>) -> u32 {
    let ports = spec.node.get("ports").and_then(Node::as_seq).unwrap_or_default();
    let is_stated = |port: &&Node| {
        port.get("nodePort").and_then(Node::as_int).is_some_and(|number| number != 0)
    };
    let allocates = spec.node.get("allocateLoadBalancerNodePorts");
    let allocates = !allocates.is_some_and(|it| matches!(it.value, Value::Bool(false)));
    let count = match spec.text("type") {
        "LoadBalancer" if !allocates => ports.iter().filter(is_stated).count(),
        "NodePort" | "LoadBalancer" => ports.len(),
        _ => 0,
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn port_of(reading: &Reading<'_>, port: &Field<'_>) -> ServicePort {
    let number = port.get("port").and_then(|number| number.node.as_int()).unwrap_or(0);
    let target = port.get("targetPort");
    let protocol = port.text("protocol");
    ServicePort {
        name: port.text("name").into(),
        number,
        protocol: if protocol.is_empty() { "TCP" } else { protocol }.into(),
        target: match target.as_ref().map(|target| (target.node.as_str(), target.node.as_int())) {
            Some((Some(name), _)) if !name.is_empty() => TargetPort::Name(name.into()),
            // No target port, and zero, mean the port's own number.
            Some((_, Some(number))) if number != 0 => TargetPort::Number(number),
            _ => TargetPort::Number(number),
        },
        place: target.as_ref().map_or_else(|| reading.place(port), |target| reading.place(target)),
        node: self::number(reading, port, "nodePort"),
    }
}
