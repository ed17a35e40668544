//! The way into a cluster from outside, as its environment states it.

use core::net::IpAddr;

use super::address::address;
use crate::source::Span;
use crate::yaml::{Key, Map, Node};

/// A value and where it is stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// The way in, hop by hop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// The domain of public names.
    pub domain: Option<Written<Box<str>>>,
    /// What the router forwards, and where that is stated; nothing where it is not.
    pub forwards: Option<(Vec<Forward>, Span)>,
    /// The machine of the reverse proxy.
    pub proxy: Option<Written<Box<str>>>,
    /// What the reverse proxy passes on.
    pub rules: Vec<ProxyRule>,
    /// Ports that a person forwards.
    pub port_forwards: Vec<PortForward>,
}

/// One port that the router forwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Forward {
    /// The port outside.
    pub port: Written<i64>,
    /// The machine.
    pub host: Written<Box<str>>,
    /// The port of the machine.
    pub target: Written<i64>,
}

/// What the reverse proxy passes on to one release.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxyRule {
    /// The release.
    pub release: Written<Box<str>>,
    /// The public name; nothing where requests come without one.
    pub host: Option<Written<Box<str>>>,
    /// The address; nothing where it is a name that stands for none.
    pub address: Option<Written<IpAddr>>,
    /// The port.
    pub port: Option<Written<i64>>,
}

/// A port that a person forwards with kubectl.
#[derive(Debug, Clone, PartialEq)]
pub struct PortForward {
    /// Its name.
    pub name: Written<Box<str>>,
    /// The namespace of the Service.
    pub namespace: Written<Box<str>>,
    /// The Service.
    pub service: Written<Box<str>>,
    /// The port of the Service.
    pub port: Option<Written<i64>>,
    /// The port of the person's machine; nothing where any free one will do.
    pub local: Option<Written<i64>>,
}

impl Entry {
    /// What `entry` of an environment states; `named` gives the address that a pool assigns to a
    /// name.
    pub(super) fn of(node: &Node, named: impl Fn(&str) -> Option<IpAddr>) -> Self {
        let Some(entry) = node.get("entry") else { return Self::default() };
        let router = entry.get("router").and_then(Node::as_map);
        let forwards = router.and_then(|router| router.entry("forwards"));
        let proxy = entry.get("reverseProxy");
        Self {
            domain: text(entry, "domain"),
            forwards: forwards.map(|(key, list)| {
                let list = list.as_seq().unwrap_or_default();
                (list.iter().filter_map(forward).collect(), key.span)
            }),
            proxy: proxy.and_then(|proxy| text(proxy, "host")),
            rules: entries(proxy.and_then(|proxy| proxy.get("rules")))
                .map(|(key, rule)| ProxyRule {
                    release: Written { value: key.name.clone(), span: key.span },
                    host: text(rule, "host"),
                    address: text(rule, "address").and_then(|Written { value, span }| {
                        let value = address(&value).or_else(|| named(&value))?;
                        Some(Written { value, span })
                    }),
                    port: number(rule, "port"),
                })
                .collect(),
            port_forwards: entries(entry.get("portForwards"))
                .filter_map(|(key, forward)| {
                    Some(PortForward {
                        name: Written { value: key.name.clone(), span: key.span },
                        namespace: text(forward, "namespace")?,
                        service: text(forward, "service")?,
                        port: number(forward, "port"),
                        local: number(forward, "localPort")
                            .or_else(|| number(forward, "port"))
                            .filter(|port| port.value != 0),
                    })
                })
                .collect(),
        }
    }
}

fn forward(node: &Node) -> Option<Forward> {
    let port = number(node, "port")?;
    let target = number(node, "targetPort").unwrap_or_else(|| port.clone());
    Some(Forward { host: text(node, "host")?, target, port })
}

/// The entries of a map.
pub(super) fn entries(node: Option<&Node>) -> impl Iterator<Item = (&Key, &Node)> {
    node.and_then(Node::as_map).into_iter().flat_map(Map::iter)
}

/// The text of a field, where it has one.
pub(super) fn text(node: &Node, field: &str) -> Option<Written<Box<str>>> {
    let node = node.get(field)?;
    Some(Written { value: node.as_str()?.into(), span: node.span })
}

/// The number of a field.
pub(super) fn number(node: &Node, field: &str) -> Option<Written<i64>> {
    let node = node.get(field)?;
    Some(Written { value: node.as_int()?, span: node.span })
}
