//! The routes that have a host together.

use std::collections::BTreeSet;

use super::answer::Table;
use super::rules::{Path, rules};
use super::target::Target;
use super::{body, items, routes};
use crate::diff::consequence::Subject;
use crate::diff::consequence::host::{covers, is_of_mesh};
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::facts::Body;
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// What answers the requests to a host, before and after.
pub(super) struct Shared<'s> {
    pub(super) before: Table<'s>,
    pub(super) after: Table<'s>,
    /// Whether no other route has the host.
    pub(super) is_alone: bool,
}

/// All routes of a host; nothing where another one may have it in a way that is not known: behind another
/// Gateway, of another class, with an asterisk, for a share of the requests, or with a host that somebody fills
/// in later.
pub(super) fn of<'a>(
    subject: &Subject<'a, '_>,
    before: Option<&'a Object>,
    after: Option<&'a Object>,
    host: &str,
) -> Option<Shared<'a>> {
    let whole = subject.whole;
    let own = after.or(before)?;
    let within = &*own.key.namespace;
    if before.is_some_and(|before| before.key.namespace != within) {
        return None;
    }
    let sides = [(&whole.before, before), (&whole.after, after)];
    let mut tables = [Table::default(), Table::default()];
    let mut places = Vec::new();
    for (table, (side, own_then)) in tables.iter_mut().zip(sides) {
        if let Some(route) = own_then {
            table.routes.extend(rules(side, route, host, within).map(|rules| (route, rules)));
            places.push(place(route));
        }
        for other in others(side, own, host) {
            if [before, after].into_iter().flatten().any(|own| own.key == other.key) {
                continue;
            }
            if own_then.is_some_and(|own| is_apart(subject, own, other, host)) {
                continue;
            }
            let is_known = is_plain(other, host)
                && other.key.group_kind == own.key.group_kind
                && other.key.namespace.is_empty() == within.is_empty();
            if !is_known {
                return None;
            }
            table.routes.push((other, rules(side, other, host, within)?));
            places.push(place(other));
        }
        let kind = &own.key.group_kind;
        let mut all = side.of_kind(own, &kind.group, &kind.kind);
        if all.any(|one| is_open(&one.node) && may_have(one, host)) {
            return None;
        }
    }
    let [mut old, mut new] = tables;
    let is_there = |table: &Table<'_>, route: &Object| {
        table.routes.iter().any(|(one, _)| one.key == route.key)
    };
    let is_own =
        |route: &Object| own.key == route.key || before.is_some_and(|it| it.key == route.key);
    let stays =
        |route: &Object| !is_own(route) && !is_there(&new, route) && !whole.is_deleted(route);
    if old.routes.iter().any(|(route, _)| stays(route)) {
        return None;
    }
    let is_alone = [&old, &new].into_iter().all(|it| it.routes.iter().all(|(one, _)| is_own(one)));
    if is_alone {
        for (table, (side, route)) in [&mut old, &mut new].into_iter().zip(sides) {
            table.fallback = route.and_then(|route| fallback(side, route, within));
        }
    } else {
        let first = places.first()?.as_ref()?;
        if !places.iter().all(|place| place.as_ref() == Some(first)) {
            return None;
        }
        let routes = new.routes.iter().map(|(route, _)| &route.key);
        let was = |key: &&_| old.routes.iter().any(|(route, _)| route.key == **key);
        new.newcomers = routes.filter(|key| !was(key)).collect();
    }
    Some(Shared { before: old, after: new, is_alone })
}

/// What an Ingress leads to where none of its paths does.
///
/// Source: `IngressSpec.DefaultBackend` in `networking/v1/types.go` of `k8s.io/api`.
fn fallback(side: &Side<'_>, route: &Object, within: &str) -> Option<(Path, Target)> {
    let backend = route.node.pointer("/spec/defaultBackend");
    let backend = backend.filter(|_| &*route.key.group_kind.kind == "Ingress")?;
    Some((Path::default(), Target::of_ingress(side, route, Some(backend), within)))
}

/// The routes that take requests to a host, if only among others.
fn others<'s>(side: &Side<'s>, with: &Object, host: &str) -> Vec<&'s Object> {
    let mut all = routes::others(side, with, host);
    if !host.is_empty() {
        all.extend(side.routes(with, ""));
    }
    all
}

/// Whether it has just this host among others.
fn is_plain(route: &Object, host: &str) -> bool {
    super::hosts(route).is_some_and(|hosts| hosts.contains(host))
}

/// Where a route takes requests from: the class of an Ingress with what tells it apart, or the Gateways and
/// listeners of another route; nothing where that is a share of the requests, or a balancer of its own.
type Place = BTreeSet<Vec<String>>;

fn place(route: &Object) -> Option<Place> {
    if let Body::Ingress(ingress) = body(route) {
        let class = ingress.class.map(|(class, _)| class.to_string()).unwrap_or_default();
        let group = ingress.apart.last().map(|group| !group.is_empty());
        let has_own = class.starts_with("gce") || class == "alb" && group != Some(true);
        let apart = ingress.apart.iter().map(ToString::to_string);
        let place = [class].into_iter().chain(apart).collect();
        return (!ingress.is_canary && !has_own).then(|| [place].into());
    }
    let parent = |one: &Node| {
        let text = |name: &str, default: &str| {
            one.get(name).and_then(Node::as_str).unwrap_or(default).to_owned()
        };
        let port = one.get("port").and_then(Node::as_int).map(|port| port.to_string());
        vec![
            text("kind", "Gateway"),
            text("namespace", &route.key.namespace),
            text("name", ""),
            text("sectionName", ""),
            port.unwrap_or_default(),
        ]
    };
    Some(items(&route.node, "/spec/parentRefs").map(parent).collect())
}

/// Whether another route is behind none of the Gateways of a route, for sure.
pub(super) fn is_elsewhere(own: &Object, other: &Object) -> bool {
    const GROUP: &str = "gateway.networking.k8s.io";
    let gateways = |route: &Object| {
        let place = place(route).filter(|_| &*route.key.group_kind.group == GROUP)?;
        // Listeners that are added to a Gateway are its own, and of a namespace that is not stated nothing is known.
        let is_known = |one: &Vec<String>| one[0] == "Gateway" && !one[1].is_empty();
        let is_known = !place.is_empty() && place.iter().all(is_known);
        is_known.then(|| place.iter().map(|one| one[..3].to_vec()).collect::<Place>())
    };
    let (own, other) = (gateways(own), gateways(other));
    own.zip(other).is_some_and(|(own, other)| own.is_disjoint(&other))
}

/// Whether another route is behind other listeners of the same Gateways, and the same before and after, as one
/// that redirects requests to the listener with TLS.
fn is_apart(subject: &Subject<'_, '_>, own: &Object, other: &Object, host: &str) -> bool {
    let kind = &other.key.group_kind;
    if &*kind.group != "gateway.networking.k8s.io" || *kind != own.key.group_kind {
        return false;
    }
    let sides = [&subject.whole.before, &subject.whole.after];
    let states = sides.map(|side| {
        let mut all = side.of_kind(other, &kind.group, &kind.kind);
        let one = all.find(|one| one.key == other.key)?;
        Some((place(one)?, rules(side, one, host, "")?))
    });
    let [Some(was), Some(is)] = states else { return false };
    let Some(own) = place(own) else { return false };
    let is_other = |one: &Vec<String>, other: &Vec<String>| {
        one[..3] == other[..3] && !one[3].is_empty() && !other[3].is_empty() && one[3] != other[3]
    };
    was == is && own.iter().all(|one| is.0.iter().all(|other| is_other(one, other)))
}

/// Whether a route that somebody fills in later may have a host.
fn may_have(route: &Object, host: &str) -> bool {
    if is_of_mesh(&route.node) {
        return false;
    }
    let group = &*route.key.group_kind.group;
    let takes = |one: Option<&Node>| {
        let text = one.and_then(Node::as_str).unwrap_or_default().to_lowercase();
        one.is_some_and(is_open) || covers(group, &text, host) || covers(group, host, &text)
    };
    let rules: Vec<Option<&Node>> =
        items(&route.node, "/spec/rules").map(|rule| rule.get("host")).collect();
    let names: Vec<Option<&Node>> = items(&route.node, "/spec/hostnames").map(Some).collect();
    let all = if group == "networking.k8s.io" { rules } else { names };
    all.is_empty() || all.into_iter().any(takes)
}
