//! The Gateways that a route is behind, or their listeners.

use std::collections::BTreeSet;

use super::{body, items, lost, ports, referred};
use crate::diff::consequence::Subject;
use crate::diff::consequence::host::hosts;
use crate::diff::snapshot::Object;
use crate::diff::whole::{Side, is_beside};
use crate::facts::{self, Body};
use crate::yaml::Node;

const GROUP: &str = "gateway.networking.k8s.io";

/// Gateway, and the listener of it in words.
type Parent = (String, String);

/// Its name, and where it listens.
type Listener = (String, String);

/// The Gateways, or their listeners, that it is behind newly or no longer.
pub(super) fn of(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    if &*after.key.group_kind.group != GROUP {
        return Vec::new();
    }
    let within = &*after.key.namespace;
    let [mut old, mut new] = [before, after].map(|route| parents(route, within));
    let mut told = Vec::new();
    let both: BTreeSet<String> = old
        .iter()
        .filter(|one| new.iter().any(|other| one.0 == other.0))
        .map(|(gateway, _)| gateway.clone())
        .collect();
    // A change of hosts is told of them.
    let hosts: Option<Vec<BTreeSet<String>>> = [before, after].into_iter().map(hosts).collect();
    let hosts: Vec<Box<str>> = match hosts {
        Some(hosts) => hosts.into_iter().flatten().map(String::into_boxed_str).collect(),
        None => vec!["".into()],
    };
    for gateway in both {
        let of = |all: &BTreeSet<Parent>| -> BTreeSet<Parent> {
            all.iter().filter(|one| one.0 == gateway).cloned().collect()
        };
        let (was, is) = (&subject.whole.before, &subject.whole.after);
        if of(&old) == of(&new) {
            continue;
        }
        let (Some(from), Some(to)) = (
            listeners(was, before, &hosts, (&gateway, within)),
            listeners(is, after, &hosts, (&gateway, within)),
        ) else {
            continue;
        };
        // One that has another name now, or listens elsewhere, is told of the Gateway.
        let is_same = |one: &Listener, other: &Listener| one.0 == other.0 || one.1 == other.1;
        for ((name, _), _) in lost(&to, &from, is_same) {
            told.push(format!("it is newly behind listener `{name}` of {gateway}"));
        }
        for ((name, _), _) in lost(&from, &to, is_same) {
            told.push(format!("it is behind listener `{name}` of {gateway} no longer"));
        }
        old.retain(|one| one.0 != gateway);
        new.retain(|one| one.0 != gateway);
    }
    told.extend(worded(&old, &new));
    told
}

/// What is told of references by their words alone.
fn worded(old: &BTreeSet<Parent>, new: &BTreeSet<Parent>) -> Vec<String> {
    let has = |one: &Parent, other: &Parent| one.0 == other.0 && one.1.is_empty();
    let name = |(gateway, listener): &Parent| format!("{listener}{gateway}");
    let mut told = Vec::new();
    for (parent, _) in lost(new, old, has) {
        told.push(format!("it is newly behind {}", name(parent)));
    }
    for (parent, parts) in lost(old, new, has) {
        let parts: Vec<String> = parts.into_iter().map(name).collect();
        let but = if parts.is_empty() {
            String::new()
        } else {
            format!(", but for {}", parts.join(", "))
        };
        told.push(format!("it is behind {} no longer{but}", name(parent)));
    }
    told
}

fn parents(route: &Object, within: &str) -> BTreeSet<Parent> {
    let parent = |one: &Node| {
        let section = one.get("sectionName").and_then(Node::as_str);
        let section = section.map(|name| format!("listener `{name}` of "));
        let port = one.get("port").and_then(Node::as_int).map(|port| format!("port {port} of "));
        let listener: String = section.into_iter().chain(port).collect();
        Some((referred(one, "Gateway", route, within)?, listener))
    };
    items(&route.node, "/spec/parentRefs").filter_map(parent).collect()
}

/// The listeners that the references of a route to a Gateway mean, without those that take none of its kind or
/// of its hosts; nothing where the Gateway is not known.
///
/// Source: `ParentReference.SectionName` and `ParentReference.Port` in `apis/v1/shared_types.go` of the Gateway
/// API.
fn listeners(
    side: &Side<'_>,
    route: &Object,
    hosts: &[Box<str>],
    (gateway, within): (&str, &str),
) -> Option<BTreeSet<Listener>> {
    let mut found = BTreeSet::new();
    for parent in items(&route.node, "/spec/parentRefs") {
        if referred(parent, "Gateway", route, within).as_deref() != Some(gateway) {
            continue;
        }
        let gateway = ports::gateway(side, route, parent)?;
        let is_known = !gateway.key.namespace.is_empty() || is_beside(route, gateway);
        let Body::Gateway(stated) = body(gateway) else { return None };
        let all = &stated.listeners;
        if !is_known || all.is_empty() || all.iter().any(|one| one.port == 0) {
            return None;
        }
        let section = parent.get("sectionName").and_then(Node::as_str);
        let port = parent.get("port").and_then(Node::as_int);
        let kind = &route.key.group_kind;
        let is_meant = |one: &&facts::Listener| {
            one.is(section, port) && one.takes_kind(kind) && one.takes_host(hosts)
        };
        found.extend(all.iter().filter(is_meant).map(|one| {
            let at = format!("{}:{}/{}", one.hostname.to_lowercase(), one.port, one.protocol);
            (one.name.to_string(), at)
        }));
    }
    Some(found)
}
