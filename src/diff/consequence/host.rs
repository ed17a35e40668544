//! The hosts that routes take requests for.

use std::collections::BTreeSet;

use super::address::body;
use crate::diff::snapshot::Object;
use crate::facts::{Body, takes};
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// Kinds of routes.
const ROUTES: [(&str, &str); 7] = [
    ("gateway.networking.k8s.io", "GRPCRoute"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("gateway.networking.k8s.io", "TLSRoute"),
    ("networking.k8s.io", "Ingress"),
    ("projectcontour.io", "HTTPProxy"),
    ("traefik.containo.us", "IngressRoute"),
    ("traefik.io", "IngressRoute"),
];

/// The hosts of a route in lower case, an empty one for all; nothing of what is no route, or where
/// they are not known.
pub(in crate::diff) fn hosts(object: &Object) -> Option<BTreeSet<String>> {
    let kind = &object.key.group_kind;
    let is_route = ROUTES.contains(&(&*kind.group, &*kind.kind));
    if !is_route || is_open(&object.node) || is_of_mesh(&object.node) {
        return None;
    }
    match body(object) {
        Body::Ingress(ingress) => {
            let hosts = ingress.paths.iter().map(|path| path.host.to_lowercase());
            Some(hosts.chain(ingress.has_default.then(String::new)).collect())
        }
        Body::Route(texts) if kind.group.starts_with("traefik") => {
            let mut hosts = BTreeSet::new();
            for text in &texts {
                hosts.extend(of_rule(text)?);
            }
            Some(hosts)
        }
        Body::Route(hosts) => Some(hosts.iter().map(|host| host.to_lowercase()).collect()),
        _ => None,
    }
}

/// Whether a host of a route, or of a listener, takes all requests to another. A `*` before a domain is for
/// one name, and in the Gateway API for several.
///
/// Source: `Hostnames` in `apis/v1/httproute_types.go` of the Gateway API, `IngressRule` in
/// `k8s.io/api/networking/v1/types.go`.
pub(super) fn covers(group: &str, one: &str, other: &str) -> bool {
    if group != "gateway.networking.k8s.io" {
        return takes(one, other);
    }
    let has = |domain: &str| {
        let rest = other.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
        rest.is_some_and(|rest| !rest.is_empty())
    };
    one.is_empty() || one == other || one.strip_prefix("*.").is_some_and(has)
}

/// The hosts with `*` that may cover a host.
pub(super) fn covering(host: &str) -> Vec<String> {
    let host = host.strip_prefix("*.").unwrap_or(host);
    host.match_indices('.').map(|(at, _)| format!("*{}", &host[at..])).collect()
}

/// A route of a Service is for requests within a mesh, whatever their host.
pub(super) fn is_of_mesh(node: &Node) -> bool {
    let parents = node.pointer("/spec/parentRefs").and_then(Node::as_seq).unwrap_or_default();
    parents.iter().any(|one| one.get("kind").and_then(Node::as_str) == Some("Service"))
}

/// The hosts of a rule of Traefik that has nothing but plain hosts and what goes on top.
fn of_rule(rule: &str) -> Option<Vec<String>> {
    if rule.contains('!') || rule.contains("HostRegexp") || rule.contains("HostSNI") {
        return None;
    }
    let mut hosts = Vec::new();
    for part in rule.split("Host(").skip(1) {
        let names = part.split_once(')')?.0;
        hosts.extend(names.split('`').skip(1).step_by(2).map(str::to_lowercase));
    }
    if hosts.is_empty() || hosts.iter().any(String::is_empty) { None } else { Some(hosts) }
}
