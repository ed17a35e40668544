//! The Gateway API: which routes a Gateway takes, and what may be named across namespaces.

use super::Reading;
use super::balancing::{self, Balancing};
use super::reference::each;
use crate::model::{Field, GroupKind, Selector};
use crate::source::Span;

/// The group of the Gateway API.
pub(super) const GROUP: &str = "gateway.networking.k8s.io";

/// What a Gateway says.
#[derive(Debug, Clone, PartialEq)]
pub struct Gateway {
    /// What it asks of who gives load-balancer addresses.
    pub balancing: Option<Box<Balancing>>,
    /// Where it takes requests.
    pub listeners: Box<[Listener]>,
}

/// A listener of a Gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// Its name.
    pub name: Box<str>,
    /// Its port.
    pub port: i64,
    /// Its protocol.
    pub protocol: Box<str>,
    /// The host that it is for; empty for all.
    pub hostname: Box<str>,
    /// The namespaces whose routes it takes.
    pub from: From,
    /// The kinds of routes that it takes; nothing where that is up to its protocol.
    pub kinds: Option<Box<[GroupKind]>>,
    /// Where it is written.
    pub span: Span,
}

/// The namespaces whose routes a listener takes.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// Its own.
    Same,
    /// Those with these labels.
    Selected(Selector),
    /// None.
    Nowhere,
    /// All, or it is not known which.
    All,
}

impl Listener {
    /// `UDP` or `TCP`.
    #[must_use]
    pub fn transport(&self) -> &'static str {
        if &*self.protocol == "UDP" { "UDP" } else { "TCP" }
    }

    /// Whether it is the one of a name and a port, where these are stated.
    #[must_use]
    pub fn is(&self, name: Option<&str>, port: Option<i64>) -> bool {
        name.is_none_or(|name| *self.name == *name) && port.is_none_or(|port| self.port == port)
    }

    /// Whether it takes routes of a kind: `apis/v1/gateway_types.go` has a list for each protocol.
    #[must_use]
    pub fn takes_kind(&self, kind: &GroupKind) -> bool {
        match (&self.kinds, &*self.protocol) {
            (Some(kinds), _) => kinds.contains(kind),
            (None, "HTTP" | "HTTPS") => matches!(&*kind.kind, "HTTPRoute" | "GRPCRoute"),
            (None, "TLS") => matches!(&*kind.kind, "TLSRoute" | "TCPRoute"),
            (None, "TCP") => kind.kind == "TCPRoute",
            (None, "UDP") => kind.kind == "UDPRoute",
            // One that a controller adds.
            (None, _) => true,
        }
    }

    /// Whether it takes requests to one of the hosts of a route; a route without any has those of
    /// the listener.
    #[must_use]
    pub fn takes_host(&self, hosts: &[Box<str>]) -> bool {
        let own = self.hostname.to_ascii_lowercase();
        let mut hosts = hosts.iter().map(|host| host.to_ascii_lowercase());
        own.is_empty() || hosts.any(|host| host.is_empty() || has(&own, &host) || has(&host, &own))
    }
}

/// Whether a host, which may begin with `*.` for any names before it, has another among its own.
fn has(one: &str, other: &str) -> bool {
    let is_below = |domain: &str| {
        let rest = other.strip_suffix(domain);
        rest.and_then(|rest| rest.strip_suffix('.')).is_some_and(|rest| !rest.is_empty())
    };
    one == other || one.strip_prefix("*.").is_some_and(is_below)
}

/// A ReferenceGrant: who may name what of its namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Kinds, and the namespaces that they are in.
    pub from: Box<[(GroupKind, Box<str>)]>,
    /// Kinds and the name; nothing for all names.
    pub to: Box<[(GroupKind, Option<Box<str>>)]>,
}

pub(super) fn gateway(reading: &Reading<'_>, root: &Field<'_>) -> Gateway {
    let mut listeners = Vec::new();
    each(root, "spec.listeners[]", &mut |field| {
        if let Some(listener) = listener(reading, field) {
            listeners.push(listener);
        }
    });
    let balancing = balancing::of_gateway(reading, root).map(Box::new);
    Gateway { balancing, listeners: listeners.into() }
}

fn listener(reading: &Reading<'_>, field: &Field<'_>) -> Option<Listener> {
    let mut from = From::Same;
    each(field, "allowedRoutes.namespaces", &mut |namespaces| {
        from = match namespaces.text("from") {
            "" | "Same" => From::Same,
            "Selector" => {
                let selector = namespaces.get("selector");
                let selector = selector.as_ref().and_then(Selector::of);
                selector.map_or(From::All, From::Selected)
            }
            "None" => From::Nowhere,
            _ => From::All,
        };
    });
    let mut kinds = Vec::new();
    each(field, "allowedRoutes.kinds[]", &mut |kind| {
        kinds.push(GroupKind::new(group(kind, GROUP), kind.text("kind")));
    });
    Some(Listener {
        name: field.text("name").into(),
        port: field.get("port")?.node.as_int()?,
        protocol: field.text("protocol").into(),
        hostname: field.text("hostname").into(),
        from,
        kinds: (!kinds.is_empty()).then(|| kinds.into()),
        span: reading.span(field.span()),
    })
}

fn group<'f>(field: &Field<'f>, default: &'f str) -> &'f str {
    field.node.get("group").and_then(|group| group.as_str()).unwrap_or(default)
}

pub(super) fn grant(root: &Field<'_>) -> Grant {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    each(root, "spec.from[]", &mut |one| {
        let kind = GroupKind::new(group(one, ""), one.text("kind"));
        from.push((kind, one.text("namespace").into()));
    });
    each(root, "spec.to[]", &mut |one| {
        let name = Some(one.text("name")).filter(|name| !name.is_empty());
        to.push((GroupKind::new(group(one, ""), one.text("kind")), name.map(Into::into)));
    });
    Grant { from: from.into(), to: to.into() }
}
