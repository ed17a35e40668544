//! Where the routes of Traefik lead.

use std::collections::BTreeSet;

use super::items;
use super::rules::{Conditions, Rules};
use super::target::Target;
use crate::diff::snapshot::Object;
use crate::yaml::Node;

/// What the rules of an IngressRoute, IngressRouteTCP or IngressRouteUDP lead to, each by its `match`; nothing
/// is known of a rule that is there twice.
///
/// Source: `Route` and `LoadBalancerSpec` in `pkg/provider/kubernetes/crd/traefikio/v1alpha1/ingressroute.go` of
/// Traefik.
pub(super) fn rules(route: &Object) -> Rules {
    let mut found = Rules::new();
    for rule in items(&route.node, "/spec/routes") {
        let text = rule.get("match").and_then(Node::as_str).unwrap_or_default();
        // Text is quoted in either way.
        let ways =
            found.entry((Conditions::default(), text.trim().replace('`', "\""))).or_default();
        let target = ways.entry(String::new());
        target.and_modify(|it| *it = Target::Unknown).or_insert_with(|| services(route, rule));
    }
    found
}

fn services(route: &Object, rule: &Node) -> Target {
    let mut all = BTreeSet::new();
    for one in items(rule, "/services") {
        let text = |name: &str| one.get(name).and_then(Node::as_str);
        let kind = text("kind").filter(|kind| *kind != "Service").map(|kind| format!("{kind}/"));
        let namespace = text("namespace").filter(|name| **name != *route.key.namespace);
        let namespace = namespace.map(|name| format!("{name}/")).unwrap_or_default();
        let number = one.get("port").and_then(Node::as_int).map(|port| port.to_string());
        let port = number.or_else(|| text("port").map(str::to_owned)).unwrap_or_default();
        // What has weight 0 may have no requests, and a port that is not stated may be any.
        let is_clear = weight(one) != Some(0) && (kind.is_some() || !port.is_empty());
        let Some(name) = text("name").filter(|_| is_clear) else { return Target::Unknown };
        all.insert((format!("{}{namespace}{name}", kind.unwrap_or_default()), port));
    }
    if all.is_empty() { Target::Unknown } else { Target::Backends(all) }
}

fn weight(service: &Node) -> Option<i64> {
    service.get("weight").and_then(Node::as_int)
}
