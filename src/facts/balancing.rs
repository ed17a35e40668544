//! What a Service, or a Gateway, asks of who gives load-balancer addresses.

use core::net::IpAddr;

use super::address::address;
use super::{Keeper, Place, Reading};
use crate::load::manifest::is_placeholder;
use crate::model::Field;
use crate::yaml::{Node, Value};

/// Wishes for an address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Balancing {
    /// `spec.loadBalancerClass`: whose Service it is.
    pub class: Option<Box<str>>,
    /// Addresses that are asked for.
    pub wishes: Vec<Wish>,
    /// The pool that an address is asked of.
    pub pool: Option<(Box<str>, Place)>,
    /// MetalLB's sharing key; empty where there is none.
    pub metallb_key: Box<str>,
    /// Cilium's sharing key; empty where there is none.
    pub cilium_key: Box<str>,
    /// The namespaces, or `*`, with whose Services Cilium may share its address.
    pub shares_with: Box<[Box<str>]>,
    /// Whether Cilium may share its address with Services that select other pods.
    pub shares_beside_others: bool,
    /// Whether it takes requests on nodes with its pods only (`externalTrafficPolicy: Local`).
    pub is_local: bool,
    /// Whether it has no ports on nodes (`allocateLoadBalancerNodePorts: false`).
    pub has_no_node_ports: bool,
    /// Whether kube-vip gets its address by DHCP.
    pub by_dhcp: bool,
}

/// One place that asks for addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Whom it asks; nothing where whoever gives addresses.
    pub keeper: Option<Keeper>,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// What is no address among them.
    pub wrong: Option<Box<str>>,
    /// Where they are written.
    pub place: Place,
}

/// Annotations that ask for addresses; of those of one keeper the first counts.
const ADDRESSES: [(&str, Keeper); 5] = [
    ("metallb.io/loadBalancerIPs", Keeper::MetalLb),
    ("metallb.universe.tf/loadBalancerIPs", Keeper::MetalLb),
    ("lbipam.cilium.io/ips", Keeper::Cilium),
    ("io.cilium/lb-ipam-ips", Keeper::Cilium),
    ("kube-vip.io/loadbalancerIPs", Keeper::KubeVip),
];
const POOL: [&str; 2] = ["metallb.io/address-pool", "metallb.universe.tf/address-pool"];
const METALLB_KEY: [&str; 2] =
    ["metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip"];
const CILIUM_KEY: [&str; 2] = ["lbipam.cilium.io/sharing-key", "io.cilium/lb-ipam-sharing-key"];
const CILIUM_ACROSS: [&str; 2] =
    ["lbipam.cilium.io/sharing-cross-namespace", "io.cilium/lb-ipam-sharing-cross-namespace"];
/// `isCompatible` of Cilium's `operator/pkg/lbipam/service_store.go` asks for it since 1.21.
const CILIUM_OTHERS: &str = "lbipam.cilium.io/sharing-permit-different-pods";

impl Balancing {
    /// The wishes that somebody listens to.
    pub fn asked_of(&self, keeper: Keeper) -> impl Iterator<Item = &Wish> {
        self.wishes.iter().filter(move |wish| wish.keeper.is_none_or(|of| of == keeper))
    }
}

/// Of a Service.
pub(super) fn of_service(reading: &Reading<'_>, root: &Field<'_>) -> Balancing {
    let mut found = Balancing::default();
    if let Some(metadata) = root.get("metadata")
        && let Some(annotations) = metadata.get("annotations")
    {
        annotated(reading, &annotations, &mut found);
    }
    let Some(spec) = root.get("spec") else { return found };
    let class = spec.text("loadBalancerClass");
    found.class = (!class.is_empty()).then(|| class.into());
    found.is_local = spec.text("externalTrafficPolicy") == "Local";
    let allocates = spec.node.get("allocateLoadBalancerNodePorts");
    found.has_no_node_ports = allocates.is_some_and(|it| it.value == Value::Bool(false));
    if let Some(field) = spec.get("loadBalancerIP") {
        wish(reading, &field, None, &mut found);
    }
    found
}

/// Of a Gateway, whose controller makes a Service with the annotations of its infrastructure.
pub(super) fn of_gateway(reading: &Reading<'_>, root: &Field<'_>) -> Option<Balancing> {
    let mut found = Balancing::default();
    let spec = root.get("spec")?;
    let infrastructure = spec.get("infrastructure")?;
    annotated(reading, &infrastructure.get("annotations")?, &mut found);
    (!found.wishes.is_empty()).then_some(found)
}

fn annotated(reading: &Reading<'_>, annotations: &Field<'_>, found: &mut Balancing) {
    let first = |names: &[&str]| {
        let text = names.iter().find_map(|name| annotations.node.get(name)?.as_str());
        Box::<str>::from(text.unwrap_or_default())
    };
    found.metallb_key = first(&METALLB_KEY);
    found.cilium_key = first(&CILIUM_KEY);
    let across = first(&CILIUM_ACROSS);
    found.shares_with = across.split(',').filter(|it| !it.is_empty()).map(Into::into).collect();
    let others = annotations.node.get(CILIUM_OTHERS).and_then(Node::as_str);
    // As Go reads them; what is filled in later may permit it.
    let is_true = |text: &str| matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True");
    found.shares_beside_others = others.is_some_and(|it| is_true(it) || is_placeholder(it));
    let entry = |name: &str, then: &mut dyn FnMut(&Field<'_>)| {
        if let Some((_, field)) = annotations.entries().find(|(key, _)| *key == name) {
            then(&field);
        }
    };
    for (name, keeper) in ADDRESSES {
        if !found.wishes.iter().any(|wish| wish.keeper == Some(keeper)) {
            entry(name, &mut |field| wish(reading, field, Some(keeper), found));
        }
    }
    for name in POOL {
        entry(name, &mut |field| {
            let pool = field.node.as_str().filter(|name| !name.is_empty());
            if let (Some(pool), None) = (pool, &found.pool) {
                found.pool = Some((pool.into(), reading.place(field)));
            }
        });
    }
}

fn wish(reading: &Reading<'_>, field: &Field<'_>, keeper: Option<Keeper>, found: &mut Balancing) {
    let Some(text) = field.node.as_str().filter(|text| !text.is_empty()) else { return };
    let mut addresses = Vec::new();
    let mut wrong = None;
    for part in text.split(',').map(str::trim) {
        match address(part) {
            Some(address) if address.is_unspecified() => found.by_dhcp = true,
            Some(address) => addresses.push(address),
            None => wrong = wrong.or_else(|| Some(part.into())),
        }
    }
    found.wishes.push(Wish { keeper, addresses, wrong, place: reading.place(field) });
}
