//! Where a Gateway listens.

use std::collections::{BTreeMap, BTreeSet};

use super::{addresses, asked, came, items, lost, referred, text};
use crate::diff::consequence::Subject;
use crate::diff::consequence::host::covers;
use crate::diff::consequence::words::{joined, listed, named};
use crate::diff::snapshot::Object;
use crate::load::manifest::is_open;
use crate::yaml::Node;

const GROUP: &str = "gateway.networking.k8s.io";

/// Host, and port with protocol.
type Listener = (String, String);

/// What listeners say of TLS: whether they pass it through, and the certificates that they have.
#[derive(Debug, Default, PartialEq)]
struct Tls {
    is_passed: bool,
    certificates: BTreeSet<String>,
}

/// Where it listens newly, no longer or in another way.
pub(super) fn of(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let [was, is] = [before, after].map(|object| object.map(listeners).unwrap_or_default());
    let [old, new] = [&was, &is].map(|all| all.keys().cloned().collect::<BTreeSet<Listener>>());
    let has =
        |one: &Listener, other: &Listener| one.1 == other.1 && covers(GROUP, &one.0, &other.0);
    let shown = |(host, rest): &Listener| {
        let host = if host.is_empty() { "*" } else { host };
        format!("{host}:{rest}")
    };
    let names = |all: Vec<(&Listener, Vec<&Listener>)>| -> BTreeSet<String> {
        all.into_iter().map(|(one, _)| shown(one)).collect()
    };
    let mut told: Vec<String> =
        came("it newly listens at", &BTreeSet::new(), &names(lost(&new, &old, has)))
            .into_iter()
            .collect();
    let mut gone = BTreeSet::new();
    for (one, parts) in lost(&old, &new, has) {
        if parts.is_empty() {
            gone.insert(shown(one));
        } else {
            let parts = listed(&parts.into_iter().map(shown).collect());
            told.push(format!("it listens no longer at `{}`, but for {parts}", shown(one)));
        }
    }
    told.extend(came("it listens no longer at", &BTreeSet::new(), &gone));
    let (Some(before), Some(after)) = (before, after) else { return told };
    told.extend(renamed(subject, before, after));
    let [old, new] = [before, after].map(|object| text(Some(object), "/spec/gatewayClassName"));
    if old != new && !old.is_empty() && !new.is_empty() {
        told.push(format!("it is of GatewayClass `{new}` instead of `{old}`"));
    }
    let wanted = |object: &Object| {
        let stated = items(&object.node, "/spec/addresses");
        let stated = stated.filter_map(|one| one.get("value")?.as_str().map(str::to_owned));
        stated.chain(addresses(object)).collect()
    };
    told.extend(asked(&wanted(before), &wanted(after)));
    let all: BTreeSet<&Listener> = was.keys().chain(is.keys()).collect();
    for listener in all {
        let (Some(then), Some(now)) = (tls(&was, listener), tls(&is, listener)) else { continue };
        let at = shown(listener);
        let list = |all: &BTreeSet<String>| joined(all.iter().cloned().collect(), all.len());
        let (from, to) = (&then.certificates, &now.certificates);
        match (then.is_passed, now.is_passed) {
            (false, true) => told.push(format!("`{at}` passes TLS on instead of ending it")),
            (true, false) => told.push(format!("`{at}` ends TLS instead of passing it on")),
            _ if from.is_empty() || to.is_empty() || from == to => {}
            _ => told.push(format!(
                "`{at}` has its certificate from {} instead of {}",
                list(to),
                list(from)
            )),
        }
    }
    told
}

/// What is said of TLS for the host of a listener, by the most exact one that has it.
///
/// Source: `Listener.Hostname` and `Listener.TLS` in `apis/v1/gateway_types.go` of the Gateway API.
fn tls<'a>(all: &'a BTreeMap<Listener, Tls>, (host, rest): &Listener) -> Option<&'a Tls> {
    let wide = all.iter().filter(|((one, other), _)| other == rest && covers(GROUP, one, host));
    // Of those that cover one host, one that is longer is within the others.
    wide.max_by_key(|((one, _), _)| (one == host, one.len())).map(|(_, tls)| tls)
}

/// Kinds of routes that name listeners.
const ROUTES: [&str; 5] = ["GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/// Listeners under another name, of which routes have the first one.
///
/// Source: `SectionName` of `ParentReference` in `apis/v1/shared_types.go` of the Gateway API: a route is
/// detached where no listener has the name.
fn renamed(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    let names = |object: &Object| -> BTreeMap<String, Listener> {
        let name = |item: &Node| Some((item.get("name")?.as_str()?.to_owned(), listener(item)?));
        items(&object.node, "/spec/listeners").filter_map(name).collect()
    };
    let (old, new) = (names(before), names(after));
    let mut told = Vec::new();
    for (name, at) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let Some((now, _)) = new.iter().find(|(now, it)| *it == at && !old.contains_key(*now))
        else {
            continue;
        };
        let mut left = BTreeSet::new();
        for kind in ROUTES {
            let (was, is) = (&subject.whole.before, &subject.whole.after);
            for route in is.of_kind(after, GROUP, kind) {
                let is_left = |sections: Option<Vec<Option<&str>>>| {
                    // One without name is for all listeners.
                    sections.is_some_and(|all| all.contains(&Some(name)) && !all.contains(&None))
                };
                let mut all = was.of_kind(before, GROUP, kind);
                let then = all.find(|one| one.key == route.key);
                let is_there = sections(route, after).is_some_and(|all| all.contains(&Some(now)));
                if is_left(sections(route, after))
                    && !is_there
                    && then.is_some_and(|then| is_left(sections(then, before)))
                {
                    left.insert(named(&route.key));
                }
            }
        }
        if !left.is_empty() {
            let count = left.len();
            let left = joined(left.into_iter().collect(), count);
            told.push(format!(
                "listener `{name}` is called `{now}` now, and routes that name `{name}` are detached: {left}"
            ));
        }
    }
    told
}

/// The listeners of a Gateway that a route names; nothing where that is not known.
fn sections<'r>(route: &'r Object, gateway: &Object) -> Option<Vec<Option<&'r str>>> {
    if is_open(&route.node) || route.key.namespace.is_empty() || gateway.key.namespace.is_empty() {
        return None;
    }
    let is_it = |one: &&Node| {
        let text = |field: &str| one.get(field).and_then(Node::as_str);
        text("name") == Some(&*gateway.key.name)
            && text("namespace").unwrap_or(&route.key.namespace) == &*gateway.key.namespace
            && text("kind").unwrap_or("Gateway") == "Gateway"
            && text("group").unwrap_or(GROUP) == GROUP
    };
    let parents = items(&route.node, "/spec/parentRefs").filter(is_it);
    Some(parents.map(|one| one.get("sectionName").and_then(Node::as_str)).collect())
}

/// Where a listener listens.
fn listener(item: &Node) -> Option<Listener> {
    let text = |name: &str| item.get(name).and_then(Node::as_str);
    let (port, protocol) = (item.get("port")?.as_int()?, text("protocol")?);
    let host = text("hostname").unwrap_or_default().to_lowercase();
    Some((host, format!("{port}/{protocol}")))
}

fn listeners(gateway: &Object) -> BTreeMap<Listener, Tls> {
    let mut found: BTreeMap<Listener, Tls> = BTreeMap::new();
    for item in items(&gateway.node, "/spec/listeners") {
        let Some(listener) = listener(item) else { continue };
        let tls = found.entry(listener).or_default();
        let mode = item.pointer("/tls/mode").and_then(Node::as_str);
        tls.is_passed |= mode == Some("Passthrough");
        let references = items(item, "/tls/certificateRefs");
        tls.certificates.extend(
            references.filter_map(|one| referred(one, "Secret", gateway, &gateway.key.namespace)),
        );
    }
    found
}
