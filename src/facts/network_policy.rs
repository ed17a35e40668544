//! NetworkPolicies: who may talk to whom.

use super::{Block, ContainerPort, Place, Pod, Reading, Selecting};
use crate::model::{Field, Labels, Selector};
use crate::source::Span;

/// What a NetworkPolicy permits the pods that it selects; what no policy permits them is forbidden.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkPolicy {
    /// The pods of its namespace that it is for, and where that is written.
    pub selecting: Selecting,
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

/// Who is on the other side.
#[derive(Debug, Clone, PartialEq)]
pub enum Peer {
    /// Pods by their labels, of namespaces by theirs or of the policy's own; all pods or all
    /// namespaces where the selector is empty.
    Pods {
        /// Of the pods.
        pods: Option<Selector>,
        /// Of their namespaces; nothing for the policy's own.
        namespaces: Option<Selector>,
        /// Where it is written.
        place: Place,
    },
    /// Addresses.
    Addresses(IpBlock),
}

/// A block of addresses but for some.
#[derive(Debug, Clone, PartialEq)]
pub struct IpBlock {
    /// Nothing where it is not known which ones these are.
    block: Option<Block>,
    except: Vec<Block>,
}

impl IpBlock {
    /// Whether it may have an address of a network.
    #[must_use]
    pub fn may_have(&self, network: Block) -> bool {
        let Some(block) = self.block else { return true };
        let common = block.common(network);
        common.is_some_and(|common| !self.except.iter().any(|except| except.covers(common)))
    }
}

/// A pod on one side of a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The pod; nothing where it is not known which labels it has.
    pub pod: Option<&'a Pod>,
    /// The labels of its namespace, where these are known.
    pub namespace: Option<&'a Labels>,
    /// Whether that is the policy's own.
    pub is_own: bool,
    /// The networks that it may be seen in; nothing where they are not known.
    pub networks: Option<&'a [Block]>,
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
    /// Whether it covers a port of the containers of a pod, which may have several names.
    #[must_use]
    pub fn covers(&self, port: &ContainerPort, pod: &Pod) -> bool {
        let is_named = |name: &str, it: &ContainerPort| {
            *it.name == *name && it.number == port.number && it.protocol == port.protocol
        };
        let is_it = match (&self.port, self.end) {
            (None, _) => true,
            (Some(Port::Name(name)), _) => pod.ports().any(|it| is_named(name, it)),
            (Some(Port::Number(first)), Some(last)) => (*first..=last).contains(&port.number),
            (Some(Port::Number(number)), None) => *number == port.number,
        };
        is_it && self.protocol == port.protocol
    }
}

impl PolicyRule {
    /// Whether the rule is for a port of a pod.
    #[must_use]
    pub fn has_port(&self, port: &ContainerPort, pod: &Pod) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|one| one.covers(port, pod))
    }

    /// Whether the rule is for a pod. Where something is not known, it is.
    #[must_use]
    pub fn has_peer(&self, Side { pod, namespace, is_own, networks }: Side<'_>) -> bool {
        let is_there = |selector: &Option<Selector>| match (selector, namespace) {
            (None, _) => is_own,
            (Some(selector), Some(labels)) => selector.matches(labels),
            (Some(_), None) => true,
        };
        self.peers.is_empty()
            || self.peers.iter().any(|peer| match peer {
                // Whether an address is translated before or after policies look at it, to a
                // Service's or a node's, is up to the network.
                Peer::Addresses(block) => {
                    networks.is_none_or(|all| all.iter().any(|one| block.may_have(*one)))
                }
                Peer::Pods { pods, namespaces, .. } => {
                    let is_it = |it: &Selector| pod.is_none_or(|pod| it.matches(&pod.labels));
                    is_there(namespaces) && pods.as_ref().is_none_or(is_it)
                }
            })
    }

    /// Whether the rule may let somebody ask the DNS of the cluster, seen from a namespace. `system`
    /// holds the labels of `kube-system`, as far as they are known.
    #[must_use]
    pub fn may_reach_dns(
        &self,
        namespace: &str,
        system: &Labels,
        networks: Option<&[Block]>,
    ) -> bool {
        const NAME: &str = "kubernetes.io/metadata.name";
        // Others may label it too: only its name is sure.
        let may_be = |selector: &Selector| match selector.labels().get(NAME) {
            Some(name) => name == DNS_NAMESPACE || name.contains("dns"),
            None => selector.keys().any(|key| key != NAME) || selector.matches(system),
        };
        let has_port = |port: &PolicyPort| {
            &*port.protocol == "UDP"
                && match (&port.port, port.end) {
                    (None | Some(Port::Name(_)), _) => true,
                    (Some(Port::Number(first)), last) => DNS_PORTS
                        .iter()
                        .any(|port| (*first..=last.unwrap_or(*first)).contains(port)),
                }
        };
        let has_peer = |peer: &Peer| match peer {
            Peer::Addresses(block) => {
                let local = Block::cidr(NODE_LOCAL).is_some_and(|local| block.may_have(local));
                local || networks.is_none_or(|all| all.iter().any(|one| block.may_have(*one)))
            }
            Peer::Pods { namespaces: None, .. } => namespace == DNS_NAMESPACE,
            Peer::Pods { namespaces: Some(selector), .. } => may_be(selector),
        };
        (self.ports.is_empty() || self.ports.iter().any(has_port))
            && (self.peers.is_empty() || self.peers.iter().any(has_peer))
    }
}

/// Where the DNS of a cluster runs.
const DNS_NAMESPACE: &str = "kube-system";

/// Where its pods listen: CoreDNS, and that of OpenShift.
const DNS_PORTS: [i64; 2] = [53, 5353];

/// Where a cache on each node listens.
const NODE_LOCAL: &str = "169.254.0.0/16";

pub(super) fn read(reading: &Reading<'_>, root: &Field<'_>) -> Option<NetworkPolicy> {
    let spec = root.get("spec")?;
    let selecting = match spec.get("podSelector") {
        Some(selector) => {
            Selecting { selector: Selector::of(&selector)?, place: reading.place(&selector) }
        }
        None => Selecting { selector: Selector::default(), place: reading.place(&spec) },
    };
    let rules = |direction: &str, side: &str| match spec.get(direction) {
        Some(rules) => {
            rules.items().map(|one| rule(reading, &one, side)).collect::<Option<Vec<_>>>()
        }
        None => Some(Vec::new()),
    };
    let (ingress, egress) = (rules("ingress", "from")?, rules("egress", "to")?);
    // `SetDefaults_NetworkPolicy` of `pkg/apis/networking/v1/defaults.go`
    let (governs_ingress, governs_egress) = match spec.get("policyTypes") {
        Some(types) if types.items().next().is_some() => {
            let has = |kind| types.items().any(|one| one.node.as_str() == Some(kind));
            (has("Ingress"), has("Egress"))
        }
        _ => (true, !egress.is_empty()),
    };
    Some(NetworkPolicy {
        selecting,
        ingress: governs_ingress.then_some(ingress),
        egress: governs_egress.then_some(egress),
        span: reading.span(spec.key_span()),
    })
}

fn rule(reading: &Reading<'_>, field: &Field<'_>, side: &str) -> Option<PolicyRule> {
    let peers = field.get(side);
    let ports = field.get("ports");
    Some(PolicyRule {
        peers: peers
            .iter()
            .flat_map(Field::items)
            .map(|one| peer(reading, &one))
            .collect::<Option<_>>()?,
        ports: ports.iter().flat_map(Field::items).map(|one| port(&one)).collect(),
    })
}

fn peer(reading: &Reading<'_>, field: &Field<'_>) -> Option<Peer> {
    if let Some(block) = field.get("ipBlock") {
        let except = block.get("except");
        let except = except.iter().flat_map(Field::items);
        return Some(Peer::Addresses(IpBlock {
            block: Block::cidr(block.text("cidr")),
            except: except.filter_map(|one| Block::cidr(one.node.as_str()?)).collect(),
        }));
    }
    let selector = |name: &str| match field.get(name) {
        Some(selector) => Selector::of(&selector).map(Some),
        None => Some(None),
    };
    Some(Peer::Pods {
        pods: selector("podSelector")?,
        namespaces: selector("namespaceSelector")?,
        place: reading.place(field),
    })
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
