//! NetworkPolicies: who may talk to whom.

use super::{ContainerPort, Pod, Reading};
use crate::model::{Field, Labels, Selector};
use crate::source::Span;

/// What a NetworkPolicy permits the pods that it selects; what no policy permits them is forbidden.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkPolicy {
    /// The pods of its namespace that it is for.
    pub selector: Selector,
    /// Who may reach them; nothing where it does not govern that.
    pub ingress: Option<Vec<PolicyRule>>,
    /// Whom they may reach; nothing where it does not govern that.
    pub egress: Option<Vec<PolicyRule>>,
    /// Where its `spec` is written.
    pub span: Span,
}

/// Peers and ports that are permitted together; an empty list is for all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRule {
    /// The other side.
    pub peers: Vec<Peer>,
    /// The ports of the side that is reached.
    pub ports: Vec<PolicyPort>,
}

/// Pods on the other side.
#[derive(Debug, Clone, PartialEq)]
pub enum Peer {
    /// Pods by their labels, of namespaces by theirs or of the policy's own; all pods or all
    /// namespaces where the selector is empty.
    Pods {
        /// Of the pods.
        pods: Option<Selector>,
        /// Of their namespaces; nothing for the policy's own.
        namespaces: Option<Selector>,
    },
    /// A block of addresses, which pods may have or not.
    Block,
}

/// A port of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyPort {
    protocol: Box<str>,
    /// A name or the first number; nothing for all ports.
    port: Option<Port>,
    /// The last number of a range.
    end: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Port {
    Number(i64),
    Name(Box<str>),
}

impl PolicyPort {
    /// Whether it covers a port of a container.
    #[must_use]
    pub fn covers(&self, port: &ContainerPort) -> bool {
        let is_it = match (&self.port, self.end) {
            (None, _) => true,
            (Some(Port::Name(name)), _) => *name == port.name,
            (Some(Port::Number(first)), Some(last)) => (*first..=last).contains(&port.number),
            (Some(Port::Number(number)), None) => *number == port.number,
        };
        is_it && self.protocol == port.protocol
    }
}

impl PolicyRule {
    /// Whether the rule is for a port.
    #[must_use]
    pub fn has_port(&self, port: &ContainerPort) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|one| one.covers(port))
    }

    /// Whether the rule is for pods with these labels; `namespace` holds the labels of theirs, where
    /// these are known, and whether it is the policy's own. Where something is not known, it is.
    #[must_use]
    pub fn has_peer(&self, pod: &Pod, namespace: Option<&Labels>, is_own: bool) -> bool {
        let is_there = |selector: &Option<Selector>| match (selector, namespace) {
            (None, _) => is_own,
            (Some(selector), Some(labels)) => selector.matches(labels),
            (Some(_), None) => true,
        };
        self.peers.is_empty()
            || self.peers.iter().any(|peer| match peer {
                Peer::Block => true,
                Peer::Pods { pods, namespaces } => {
                    is_there(namespaces) && pods.as_ref().is_none_or(|it| it.matches(&pod.labels))
                }
            })
    }
}

pub(super) fn read(reading: &Reading<'_>, root: &Field<'_>) -> Option<NetworkPolicy> {
    let spec = root.get("spec")?;
    let selector = match spec.get("podSelector") {
        Some(selector) => Selector::of(&selector)?,
        None => Selector::default(),
    };
    let rules = |direction: &str, side: &str| match spec.get(direction) {
        Some(rules) => rules.items().map(|one| rule(&one, side)).collect::<Option<Vec<_>>>(),
        None => Some(Vec::new()),
    };
    let (ingress, egress) = (rules("ingress", "from")?, rules("egress", "to")?);
    // `SetDefaults_NetworkPolicy` of `pkg/apis/networking/v1/defaults.go`
    let (governs_ingress, governs_egress) = match spec.get("policyTypes") {
        Some(types) => {
            let has = |kind| types.items().any(|one| one.node.as_str() == Some(kind));
            (has("Ingress"), has("Egress"))
        }
        None => (true, !egress.is_empty()),
    };
    Some(NetworkPolicy {
        selector,
        ingress: governs_ingress.then_some(ingress),
        egress: governs_egress.then_some(egress),
        span: reading.span(spec.key_span()),
    })
}

fn rule(field: &Field<'_>, side: &str) -> Option<PolicyRule> {
    let peers = field.get(side);
    let ports = field.get("ports");
    Some(PolicyRule {
        peers: peers.iter().flat_map(Field::items).map(|one| peer(&one)).collect::<Option<_>>()?,
        ports: ports.iter().flat_map(Field::items).map(|one| port(&one)).collect(),
    })
}

fn peer(field: &Field<'_>) -> Option<Peer> {
    if field.get("ipBlock").is_some() {
        return Some(Peer::Block);
    }
    let selector = |name: &str| match field.get(name) {
        Some(selector) => Selector::of(&selector).map(Some),
        None => Some(None),
    };
    Some(Peer::Pods { pods: selector("podSelector")?, namespaces: selector("namespaceSelector")? })
}

fn port(field: &Field<'_>) -> PolicyPort {
    let protocol = field.text("protocol");
    let number = field.get("port").and_then(|port| port.node.as_int()).map(Port::Number);
    let name = field.text("port");
    PolicyPort {
        protocol: if protocol.is_empty() { "TCP" } else { protocol }.into(),
        port: number.or_else(|| (!name.is_empty()).then(|| Port::Name(name.into()))),
        end: field.get("endPort").and_then(|port| port.node.as_int()),
    }
}
