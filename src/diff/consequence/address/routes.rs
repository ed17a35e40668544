//! The hosts that routes take requests for, and what takes them there.

use std::collections::{BTreeMap, BTreeSet};

use super::{came, items, lost, parents, paths, ports, shared};
use crate::diff::consequence::Subject;
use crate::diff::consequence::host::{covering, covers, hosts, is_of_mesh};
use crate::diff::consequence::words::{listed, named};
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::facts::Body;
use crate::yaml::Node;

/// Hosts that are routed elsewhere, newly, or here no longer.
pub(super) fn of(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let side = |object: Option<&Object>| object.map_or(Some(BTreeSet::new()), hosts);
    let (Some(old), Some(new)) = (side(before), side(after)) else {
        return without_hosts(subject, before, after);
    };
    let whole = subject.whole;
    let mut told = Vec::new();
    let has = |own: &Object| {
        let group = own.key.group_kind.group.clone();
        move |one: &String, other: &String| covers(&group, one, other)
    };
    if let Some(before) = before {
        for (host, parts) in lost(&old, &new, has(before)) {
            let parts: BTreeSet<String> = parts.into_iter().cloned().collect();
            let rest = match other(&whole.after, before, after, host) {
                _ if !parts.is_empty() => format!(", but for {}", listed(&parts)),
                Some((other, at)) => format!(", which {} does{at}", named(&other.key)),
                None => String::new(),
            };
            told.push(format!("it routes {} no longer{rest}", shown(host)));
        }
    }
    if let Some(after) = after {
        for (host, _) in lost(&new, &old, has(after)) {
            let still = others(&whole.after, after, host);
            let rest = match other(&whole.before, after, before, host) {
                Some((other, at)) if still.iter().any(|one| one.key == other.key) => {
                    format!(", as {} does{at}", named(&other.key))
                }
                Some((other, at)) => format!(", which {} did{at}", named(&other.key)),
                None => String::new(),
            };
            told.push(format!("it newly routes {}{rest}", shown(host)));
        }
    }
    told.extend(paths::of(subject, before, after));
    if let (Some(before), Some(after)) = (before, after) {
        match (super::body(before), super::body(after)) {
            (Body::Ingress(was), Body::Ingress(is)) => {
                // Where none is stated, the default class is meant, whichever that is.
                if let (Some((was, _)), Some((is, _))) = (&was.class, &is.class)
                    && was != is
                {
                    told.push(format!("it is of IngressClass `{is}` instead of `{was}`"));
                }
                told.extend(certificates(before, after, (&old, &new)));
            }
            (Body::Route(_), Body::Route(_)) => told.extend(parents::of(subject, before, after)),
            _ => {}
        }
    }
    told
}

/// Where a route leads that has no hosts, or of which they are not known.
fn without_hosts(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let Some(own) = after.or(before) else { return Vec::new() };
    let kind = &own.key.group_kind;
    let is_of_mesh = [before, after].into_iter().flatten().any(|it| is_of_mesh(&it.node));
    match (&*kind.group, &*kind.kind) {
        ("gateway.networking.k8s.io", "TCPRoute" | "UDPRoute") if !is_of_mesh => {
            let Some((before, after)) = before.zip(after) else {
                return ports::of(subject, before, after);
            };
            let told = paths::of(subject, Some(before), Some(after));
            told.into_iter().chain(parents::of(subject, before, after)).collect()
        }
        ("traefik.io" | "traefik.containo.us", _) => paths::of(subject, before, after),
        _ => Vec::new(),
    }
}

fn shown(host: &str) -> String {
    if host.is_empty() { "every host".to_owned() } else { format!("host `{host}`") }
}

/// Another route that takes all requests to a host, one at the same Gateway first, and where that is.
fn other<'s>(
    side: &Side<'s>,
    own: &Object,
    twin: Option<&Object>,
    host: &str,
) -> Option<(&'s Object, &'static str)> {
    let mut all = others(side, own, host);
    all.retain(|one| twin.is_none_or(|twin| twin.key != one.key));
    let is_elsewhere = |one: &Object| shared::is_elsewhere(own, one);
    match all.iter().find(|one| !is_elsewhere(one)) {
        Some(other) => Some((other, "")),
        None => all.first().map(|other| (*other, " behind another Gateway")),
    }
}

/// The routes that take all requests to a host.
pub(super) fn others<'s>(side: &Side<'s>, with: &Object, host: &str) -> Vec<&'s Object> {
    let mut all = side.routes(with, host);
    for wide in covering(host) {
        let found = side.routes(with, &wide).into_iter();
        all.extend(found.filter(|one| covers(&one.key.group_kind.group, &wide, host)));
    }
    all
}

/// Hosts of an Ingress that lose or get TLS, or another certificate; of those that are routed before and
/// after.
fn certificates(
    before: &Object,
    after: &Object,
    (old, new): (&BTreeSet<String>, &BTreeSet<String>),
) -> Vec<String> {
    let [from, to] = [before, after].map(secrets);
    let is_routed =
        |hosts: &BTreeSet<String>, host: &str| hosts.iter().any(|it| covers("", it, host));
    let hosts = old.union(new).filter(|host| is_routed(old, host) && is_routed(new, host));
    let (mut gone, mut new_ones) = (BTreeSet::new(), BTreeSet::new());
    let mut other: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for host in hosts.filter(|host| !host.is_empty()) {
        match (secret(&from, host), secret(&to, host)) {
            (Some(_), None) => drop(gone.insert(host.clone())),
            (None, Some(_)) => drop(new_ones.insert(host.clone())),
            (Some(was), Some(is)) if was != is && !was.is_empty() && !is.is_empty() => {
                other.entry((was, is)).or_default().insert(host.clone());
            }
            _ => {}
        }
    }
    let none = BTreeSet::new();
    let mut told: Vec<String> =
        came("its `tls` newly names", &none, &new_ones).into_iter().collect();
    told.extend(came("its `tls` no longer names", &none, &gone));
    let moved = other.into_iter().map(|((was, is), hosts)| {
        format!("{} has its certificate from Secret `{is}` instead of `{was}`", listed(&hosts))
    });
    told.extend(moved);
    told
}

/// The Secrets of an Ingress by their hosts, an empty one where it names none.
fn secrets(ingress: &Object) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for one in items(&ingress.node, "/spec/tls") {
        let secret = one.get("secretName").and_then(Node::as_str).unwrap_or_default();
        let hosts: Vec<&str> = items(one, "/hosts").filter_map(Node::as_str).collect();
        let hosts = if hosts.is_empty() { vec![""] } else { hosts };
        for host in hosts {
            found.entry(host.to_lowercase()).or_insert_with(|| secret.to_owned());
        }
    }
    found
}

fn secret<'s>(secrets: &'s BTreeMap<String, String>, host: &str) -> Option<&'s str> {
    let wide = || covering(host).into_iter().find(|wide| covers("", wide, host));
    let found = secrets.get(host).or_else(|| secrets.get(&wide()?)).or_else(|| secrets.get(""));
    found.map(String::as_str)
}
