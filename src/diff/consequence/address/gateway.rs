//! Where a Gateway listens.

use std::collections::{BTreeMap, BTreeSet};

use super::{addresses, asked, came, items, lost, referred, text};
use crate::diff::consequence::host::covers;
use crate::diff::consequence::words::{joined, listed};
use crate::diff::snapshot::Object;
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
pub(super) fn of(before: Option<&Object>, after: Option<&Object>) -> Vec<String> {
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
    for (listener, now) in &is {
        let Some(then) = was.get(listener).filter(|then| *then != now) else { continue };
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

fn listeners(gateway: &Object) -> BTreeMap<Listener, Tls> {
    let mut found: BTreeMap<Listener, Tls> = BTreeMap::new();
    for item in items(&gateway.node, "/spec/listeners") {
        let text = |name: &str| item.get(name).and_then(Node::as_str);
        let port = item.get("port").and_then(Node::as_int);
        let (Some(port), Some(protocol)) = (port, text("protocol")) else { continue };
        let host = text("hostname").unwrap_or_default().to_lowercase();
        let tls = found.entry((host, format!("{port}/{protocol}"))).or_default();
        let mode = item.pointer("/tls/mode").and_then(Node::as_str);
        tls.is_passed |= mode == Some("Passthrough");
        let references = items(item, "/tls/certificateRefs");
        tls.certificates.extend(references.filter_map(|one| referred(one, "Secret", gateway)));
    }
    found
}
