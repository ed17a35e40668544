//! Networks, pools and the way in, as an environment states them.

use core::net::IpAddr;

use super::address::{self, Block, address};
use super::entry::{self, Entry, Written, entries, text};
use super::{Keeper, Place, Pool, PoolBlock, pool};
use crate::source::Span;
use crate::yaml::Node;

/// What an environment states of its network. Nothing where no environment is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// The nodes' addresses, a block of each family.
    pub nodes: Vec<Written<Block>>,
    /// The pods'.
    pub pods: Vec<Written<Block>>,
    /// The Services'; those of the first family are the usual ones.
    pub services: Vec<Written<Block>>,
    /// First and last node port.
    pub node_ports: Option<(i64, i64)>,
    /// How many nodes there are; nothing where none is stated.
    pub node_count: Option<i64>,
    /// Nodes and other machines whose address is known.
    pub machines: Vec<Neighbour>,
    /// Pools of load-balancer addresses.
    pub pools: Vec<DeclaredPool>,
    /// The way in.
    pub entry: Entry,
    /// Parts of the distribution that run, by the name that switches them off.
    pub bundled: Vec<Box<str>>,
    /// Where parts are switched off, or the distribution is named.
    pub disabled: Option<Span>,
    /// What runs, by name.
    pub releases: Vec<Written<Box<str>>>,
    /// Services that charts bring, as their apps declare them.
    pub services_of_charts: Vec<ChartService>,
    /// Ingress classes that charts bring, by release.
    pub classes_of_charts: Vec<(Box<str>, Written<Box<str>>)>,
    /// Releases of charts, and whether it is not known which Services these bring.
    pub charts: Vec<(Box<str>, bool)>,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name.
    pub name: Box<str>,
    /// Its address.
    pub address: IpAddr,
    /// Where that is stated.
    pub span: Span,
    /// Whether it is a node of the cluster.
    pub is_node: bool,
}

/// A pool that the environment declares.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredPool {
    /// The pool.
    pub pool: Pool,
    /// Addresses that have an owner.
    pub assigned: Vec<Assigned>,
    /// Addresses kept for what does not run yet.
    pub reserved: Vec<Reserved>,
}

/// An address with an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The owner: a release, or any other name.
    pub name: Box<str>,
    /// The address.
    pub address: IpAddr,
    /// Where it is stated.
    pub span: Span,
}

/// Addresses kept for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// What for.
    pub name: Box<str>,
    /// The addresses.
    pub block: Block,
    /// Where they are stated.
    pub span: Span,
}

/// A Service that a chart brings.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartService {
    /// The release.
    pub release: Box<str>,
    /// The namespace of the release.
    pub namespace: Box<str>,
    /// Its name, and where the app declares it.
    pub name: Written<Box<str>>,
    /// Its type.
    pub kind: Box<str>,
    /// The address that it asks for.
    pub address: Option<Written<IpAddr>>,
    /// Its ports.
    pub ports: Vec<i64>,
    /// The node ports that it asks for.
    pub node_ports: Vec<Written<i64>>,
}

impl Network {
    /// The app that makes the environment's pools MetalLB's own objects.
    pub const POOLS_APP: &str = "metallb-config";

    /// What the merged file of an environment states.
    pub(super) fn of(node: &Node) -> Self {
        let cidrs = |pointer| {
            let node = node.pointer(pointer);
            let texts = node.and_then(Node::as_str).into_iter().flat_map(|text| text.split(','));
            let written = |text| Some(Written { value: Block::cidr(text)?, span: node?.span });
            texts.map(written).collect::<Option<Vec<_>>>().unwrap_or_default()
        };
        let count = entries(node.get("nodes")).count();
        let mut network = Self {
            nodes: cidrs("/network/nodes"),
            pods: cidrs("/network/pods"),
            services: cidrs("/network/services"),
            node_ports: Some(node_ports(node).unwrap_or((30000, 32767))),
            node_count: i64::try_from(count).ok().filter(|count| *count > 0),
            machines: machines(node),
            pools: entries(node.get("pools")).map(|(key, it)| declared(&key.name, it)).collect(),
            bundled: bundled(node),
            disabled: disabled(node),
            releases: entries(node.get("apps"))
                .map(|(key, _)| Written { value: key.name.clone(), span: key.span })
                .collect(),
            ..Self::default()
        };
        network.entry = Entry::of(node, |name| network.assigned(name));
        network
    }

    /// The networks that pods may be seen in: the pods', the Services' and the nodes', where all are
    /// known.
    #[must_use]
    pub fn of_pods(&self) -> Option<Vec<Block>> {
        let all = [&self.pods, &self.services, &self.nodes];
        let is_known = all.iter().all(|stated| !stated.is_empty());
        is_known.then(|| all.into_iter().flatten().map(|it| it.value).collect())
    }

    /// The address that a pool assigns to a name.
    #[must_use]
    pub fn assigned(&self, name: &str) -> Option<IpAddr> {
        let mut all = self.pools.iter().flat_map(|pool| &pool.assigned);
        all.find(|assigned| *assigned.name == *name).map(|assigned| assigned.address)
    }

    /// Whether a release is listed.
    #[must_use]
    pub fn runs(&self, release: &str) -> bool {
        self.releases.iter().any(|known| *known.value == *release)
    }

    /// Adds what the chart of a release brings, as its app declares it.
    pub(super) fn add_chart(&mut self, release: &str, namespace: &str, footprint: Option<&Node>) {
        self.charts.push((release.into(), footprint.is_none()));
        for (key, service) in entries(footprint.and_then(|footprint| footprint.get("services"))) {
            let wish = text(service, "address").filter(|it| !it.value.is_empty());
            let found = ChartService {
                release: release.into(),
                namespace: namespace.into(),
                name: Written { value: key.name.clone(), span: key.span },
                kind: text(service, "type").map_or_else(|| "ClusterIP".into(), |kind| kind.value),
                address: wish.and_then(|Written { value, span }| {
                    let value = address(&value).or_else(|| self.assigned(&value))?;
                    Some(Written { value, span })
                }),
                ports: entries(service.get("ports")).filter_map(|(_, it)| it.as_int()).collect(),
                node_ports: entries(service.get("nodePorts"))
                    .filter_map(|(_, it)| Some(Written { value: it.as_int()?, span: it.span }))
                    .collect(),
            };
            self.services_of_charts.push(found);
        }
        let classes = footprint.and_then(|it| it.get("ingressClasses")).and_then(Node::as_seq);
        for class in classes.unwrap_or_default() {
            if let Some(name) = class.as_str() {
                let class = Written { value: name.into(), span: class.span };
                self.classes_of_charts.push((release.into(), class));
            }
        }
    }
}

fn node_ports(node: &Node) -> Option<(i64, i64)> {
    let text = node.pointer("/network/nodePorts")?.as_str()?;
    let (first, last) = text.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

fn machines(node: &Node) -> Vec<Neighbour> {
    let nodes =
        entries(node.get("nodes")).filter_map(|(key, it)| Some((key, it.get("address")?, true)));
    let hosts = entries(node.pointer("/entry/hosts")).map(|(key, it)| (key, it, false));
    let machine = |(key, stated, is_node): (&crate::yaml::Key, &Node, bool)| {
        let address = address(stated.as_str()?)?;
        Some(Neighbour { name: key.name.clone(), address, span: stated.span, is_node })
    };
    nodes.chain(hosts).filter_map(machine).collect()
}

/// MetalLB reads it as `metallb-config` hands it on.
fn declared(name: &str, node: &Node) -> DeclaredPool {
    let mut pool = pool::empty(Keeper::MetalLb, name);
    for (index, item) in
        node.get("addresses").and_then(Node::as_seq).unwrap_or_default().iter().enumerate()
    {
        let Some(text) = item.as_str() else { continue };
        let field = format!("pools.{name}.addresses[{index}]").into();
        let place = Place { field, span: item.span, origins: Box::default() };
        pool.blocks.push(PoolBlock { text: text.into(), place, block: Block::parse(text) });
    }
    let is_no = |node: &Node| matches!(node.value, crate::yaml::Value::Bool(false));
    pool.is_automatic = !node.get("autoAssign").is_some_and(is_no);
    pool.avoids_buggy = true;
    let assigned = entries(node.get("assigned")).filter_map(|(key, it)| {
        Some(Assigned { name: key.name.clone(), address: address(it.as_str()?)?, span: it.span })
    });
    let mut reserved = Vec::new();
    for (key, kept) in entries(node.get("reserved")) {
        for item in kept.as_seq().unwrap_or(std::slice::from_ref(kept)) {
            let Some(text) = item.as_str() else { continue };
            let block = address::address(text).map(Block::one).or_else(|| Block::parse(text).ok());
            reserved.extend(block.map(|block| Reserved {
                name: key.name.clone(),
                block,
                span: item.span,
            }));
        }
    }
    DeclaredPool { pool, assigned: assigned.collect(), reserved }
}

/// What K3s brings unless it is switched off; of other distributions nothing takes part in this.
fn bundled(node: &Node) -> Vec<Box<str>> {
    if node.pointer("/kubernetes/distribution").and_then(Node::as_str) != Some("k3s") {
        return Vec::new();
    }
    let off = node.pointer("/kubernetes/disabled").and_then(Node::as_seq).unwrap_or_default();
    let is_on = |part: &&str| !off.iter().any(|it| it.as_str() == Some(part));
    ["servicelb", "traefik"].into_iter().filter(is_on).map(Into::into).collect()
}

fn disabled(node: &Node) -> Option<Span> {
    let kubernetes = node.get("kubernetes")?;
    match kubernetes.as_map()?.entry("disabled") {
        Some((key, _)) => Some(key.span),
        None => entry::text(kubernetes, "distribution").map(|it| it.span),
    }
}
