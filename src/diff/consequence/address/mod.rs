//! Addresses, ports and hosts by which something is reached.

mod answer;
mod gateway;
mod parents;
mod paths;
mod ports;
mod routes;
mod rules;
mod service;
mod shared;
mod sources;
mod target;
mod traefik;

use std::collections::BTreeSet;

use super::Subject;
use super::host::{covering, hosts};
use super::words::listed;
use crate::diff::snapshot::Object;
use crate::facts::{Body, Reading};
use crate::load::manifest::is_open;
use crate::model::Labels;
use crate::yaml::Node;

/// What is reached no longer, or newly, or in another way.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let (before, after) = (subject.was(), subject.is());
    let Some(kind) = after.or(before).map(|object| &object.key.group_kind) else {
        return Vec::new();
    };
    let is_unknown = |object: Option<&Object>| object.is_some_and(|object| is_open(&object.node));
    if is_unknown(before) || is_unknown(after) {
        return Vec::new();
    }
    match (&*kind.group, &*kind.kind) {
        ("", "Service") => service::of(subject, before, after),
        ("gateway.networking.k8s.io", "Gateway") => gateway::of(subject, before, after),
        _ => routes::of(subject, before, after),
    }
}

/// The words that tell in which files those objects are that say where an object leads, or who else leads
/// there.
pub(in crate::diff) fn words(object: &Object) -> Vec<String> {
    let kind = &object.key.group_kind;
    let mut words: Vec<String> = hosts(object).into_iter().flatten().collect();
    if !words.is_empty() {
        // Those without a host have it, too.
        words.push(format!("kind: {}", kind.kind));
    }
    words.extend(words.iter().flat_map(|host| covering(host)).collect::<Vec<_>>());
    match (&*kind.group, &*kind.kind) {
        ("", "Service") => {
            let labels = Labels::of(object.node.pointer("/spec/selector"));
            words.extend(labels.iter().map(|(_, value)| value.to_owned()));
        }
        ("networking.k8s.io", "Ingress") => {
            let Body::Ingress(ingress) = body(object) else { return words };
            words.extend(ingress.paths.iter().map(|path| path.service.to_string()));
        }
        ("gateway.networking.k8s.io", "Gateway") => words.push(object.key.name.clone()),
        ("gateway.networking.k8s.io", "TCPRoute" | "UDPRoute") => {
            words.extend(["Gateway", &kind.kind].map(|kind| format!("kind: {kind}")));
        }
        ("gateway.networking.k8s.io", _) => words.push("kind: Gateway".to_owned()),
        _ => {}
    }
    words
}

pub(super) fn body(object: &Object) -> Body {
    let unit = "".into();
    let reading = Reading { file: None, unit: &unit, is_cluster_wide: false, sources: None };
    reading.object(&object.node).body
}

/// A sentence about what one has and the other has not.
fn came(what: &str, from: &BTreeSet<String>, to: &BTreeSet<String>) -> Option<String> {
    let new: BTreeSet<String> = to.difference(from).cloned().collect();
    (!new.is_empty()).then(|| format!("{what} {}", listed(&new)))
}

/// The load-balancer addresses that a Service asks for, in its field and in annotations, or a Gateway in
/// annotations of what is made for it.
fn addresses(object: &Object) -> BTreeSet<String> {
    let balancing = match body(object) {
        Body::Service(service) => Some(service.balancing),
        Body::Gateway(gateway) => gateway.balancing.map(|it| *it),
        _ => None,
    };
    let wishes = balancing.iter().flat_map(|balancing| &balancing.wishes);
    wishes.flat_map(|wish| &wish.addresses).map(ToString::to_string).collect()
}

/// A change of addresses that somebody is asked for.
fn asked(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Option<String> {
    match (old.is_empty(), new.is_empty()) {
        _ if old == new => None,
        (true, _) => Some(format!("it asks for address {} instead of any", listed(new))),
        (_, true) => Some(format!("it asks for any address instead of {}", listed(old))),
        _ => Some(format!("it asks for address {} instead of {}", listed(new), listed(old))),
    }
}

/// What one has and the other has not, not even within something else, with those parts of it that the
/// other has.
fn lost<'s, T: Ord>(
    from: &'s BTreeSet<T>,
    to: &'s BTreeSet<T>,
    covers: impl Fn(&T, &T) -> bool,
) -> Vec<(&'s T, Vec<&'s T>)> {
    let is_left = |one: &&T| !to.contains(one) && !to.iter().any(|other| covers(other, one));
    let parts = |one: &T| to.iter().filter(|other| covers(one, other)).collect();
    from.iter().filter(is_left).map(|one| (one, parts(one))).collect()
}

fn text<'o>(object: Option<&'o Object>, pointer: &str) -> &'o str {
    object.and_then(|object| object.node.pointer(pointer)?.as_str()).unwrap_or_default()
}

fn items<'n>(node: &'n Node, pointer: &str) -> impl Iterator<Item = &'n Node> + use<'n> {
    node.pointer(pointer).and_then(Node::as_seq).into_iter().flatten()
}

/// What a reference of the Gateway API names, where it states no kind one of this: "Secret `web` in shop",
/// without the namespace that is spoken of.
fn referred(reference: &Node, kind: &str, own: &Object, within: &str) -> Option<String> {
    let text = |name: &str| reference.get(name).and_then(Node::as_str);
    let (kind, name) = (text("kind").unwrap_or(kind), text("name")?);
    let namespace = text("namespace").unwrap_or(&own.key.namespace);
    let other = (namespace != within).then(|| format!(" in {namespace}"));
    Some(format!("{kind} `{name}`{}", other.unwrap_or_default()))
}
