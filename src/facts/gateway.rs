//! The Gateway API: which routes a Gateway takes, and what may be named across namespaces.

use super::Reading;
use super::balancing::{self, Balancing};
use super::reference::each;
use crate::model::{Field, GroupKind, Selector};
use crate::source::Span;

/// The group of the Gateway API.
pub(super) const GROUP: &str = "gateway.networking.k8s.io";

/// The group of what the Gateway API tries out.
pub(super) const TRIED: &str = "gateway.networking.x-k8s.io";

/// Whether a kind is that of sets of listeners, which are added to a Gateway: `ListenerSet`, and before
/// it was standard `XListenerSet`.
pub(super) fn is_listener_set(kind: (&str, &str)) -> bool {
    matches!(kind, (GROUP, "ListenerSet") | (TRIED, "XListenerSet"))
}

/// What a Gateway says, or a set of listeners that is added to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Gateway {
    /// What it asks of who gives load-balancer addresses.
    pub balancing: Option<Box<Balancing>>,
    /// Where it takes requests.
    pub listeners: Box<[Listener]>,
    /// The namespaces whose sets of listeners are added to it.
    pub admits: From,
    /// Where its `spec` is written.
    pub span: Span,
}

/// A listener of a Gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// Its name.
    pub name: Box<str>,
    /// Its port; 0 where the controller chooses one.
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

/// Namespaces: those whose routes a listener takes, or whose listeners a Gateway does.
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
        let has_port = |port| self.port == port || self.port == 0;
        name.is_none_or(|name| *self.name == *name) && port.is_none_or(has_port)
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
    each(root, "spec.listeners[]", &mut |field| listeners.push(listener(reading, field)));
    let mut admits = From::Nowhere;
    each(root, "spec.allowedListeners.namespaces", &mut |all| admits = from(all, From::Nowhere));
    Gateway {
        balancing: balancing::of_gateway(reading, root).map(Box::new),
        listeners: listeners.into(),
        admits,
        span: reading.span(root.get("spec").map_or(root.span(), |spec| spec.key_span())),
    }
}

/// What `namespaces` says.
fn from(namespaces: &Field<'_>, default: From) -> From {
    match namespaces.text("from") {
        "" => default,
        "Same" => From::Same,
        "Selector" => {
            let selector = namespaces.get("selector");
            let selector = selector.as_ref().and_then(Selector::of);
            selector.map_or(From::All, From::Selected)
        }
        "None" => From::Nowhere,
        _ => From::All,
    }
}

fn listener(reading: &Reading<'_>, field: &Field<'_>) -> Listener {
    let mut from = From::Same;
    each(field, "allowedRoutes.namespaces", &mut |all| from = self::from(all, From::Same));
    let mut kinds = Vec::new();
    each(field, "allowedRoutes.kinds[]", &mut |kind| {
        kinds.push(GroupKind::new(group(kind, GROUP), kind.text("kind")));
    });
    Listener {
        name: field.text("name").into(),
        port: field.get("port").and_then(|port| port.node.as_int()).unwrap_or(0),
        protocol: field.text("protocol").into(),
        hostname: field.text("hostname").into(),
        from,
        kinds: (!kinds.is_empty()).then(|| kinds.into()),
        span: reading.span(field.span()),
    }
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
