//! Routes without hosts, which take what comes to a port of a Gateway.

use super::{items, referred};
use crate::diff::consequence::Subject;
use crate::diff::consequence::words::named;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::load::manifest::is_open;
use crate::yaml::Node;

const GROUP: &str = "gateway.networking.k8s.io";

/// Ports that open with a route that is new, or close with one that is gone.
pub(super) fn of(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let (was, is) = (&subject.whole.before, &subject.whole.after);
    let (route, own, other, is_new) = match (before, after) {
        (None, Some(route)) => (route, is, was, true),
        (Some(route), None) => (route, was, is, false),
        _ => return Vec::new(),
    };
    let mut told = Vec::new();
    for parent in items(&route.node, "/spec/parentRefs") {
        let Some(name) = referred(parent, "Gateway", route, &route.key.namespace) else { continue };
        let Some(gateway) = gateway(own, route, parent) else {
            told.push(match is_new {
                true => format!("it is newly behind {name}"),
                false => format!("it is behind {name} no longer"),
            });
            continue;
        };
        // What the Gateway itself listens at newly or no longer is told of it.
        let Some(twin) = self::gateway(other, route, parent) else { continue };
        let there = ports(route, twin, parent);
        for port in ports(route, gateway, parent).into_iter().filter(|port| there.contains(port)) {
            let [then, now] = [was, is].map(|side| taker(side, route, gateway, &port));
            let at = format!("what comes to port `{port}` of {name}");
            match (is_new, then, now) {
                (true, None, _) => told.push(format!("it newly takes {at}")),
                (true, Some(then), None) => {
                    told.push(format!("it newly takes {at}, which {} did", named(&then.key)));
                }
                // One of both does.
                (true, ..) => {}
                (false, _, None) => told.push(format!("it takes {at} no longer")),
                (false, _, Some(now)) => {
                    told.push(format!("it takes {at} no longer, which {} does", named(&now.key)));
                }
            }
        }
    }
    told.sort();
    told.dedup();
    told
}

/// The Gateway that a route names.
pub(super) fn gateway<'s>(side: &Side<'s>, route: &Object, parent: &Node) -> Option<&'s Object> {
    let text = |field: &str| parent.get(field).and_then(Node::as_str);
    let is_gateway =
        text("kind").unwrap_or("Gateway") == "Gateway" && text("group").unwrap_or(GROUP) == GROUP;
    let namespace = text("namespace").unwrap_or(&route.key.namespace);
    let mut all = side.of_kind(route, GROUP, "Gateway").filter(|_| is_gateway);
    all.find(|one| Some(&*one.key.name) == text("name") && one.key.namespace == namespace)
}

/// The ports with their protocols at which a Gateway gives a route what comes there, for sure.
///
/// Source: `ParentReference` in `apis/v1/shared_types.go`, `Listener` and `AllowedRoutes` in
/// `apis/v1/gateway_types.go` of the Gateway API.
fn ports(route: &Object, gateway: &Object, parent: &Node) -> Vec<String> {
    if is_open(&gateway.node) {
        return Vec::new();
    }
    let kind = &*route.key.group_kind.kind;
    let (section, number) = (parent.get("sectionName"), parent.get("port"));
    let port = |listener: &Node| {
        let text = |at: &str| listener.pointer(at).and_then(Node::as_str);
        let is_meant = section.is_none_or(|name| name.as_str() == text("/name"))
            && number
                .is_none_or(|port| port.as_int() == listener.get("port").and_then(Node::as_int));
        let protocol = text("/protocol")?;
        let is_of_kind = match kind {
            "UDPRoute" => protocol == "UDP",
            _ => protocol == "TCP",
        };
        let from = text("/allowedRoutes/namespaces/from").unwrap_or("Same");
        let is_let_in =
            from == "All" || from == "Same" && route.key.namespace == gateway.key.namespace;
        let mut kinds = items(listener, "/allowedRoutes/kinds").peekable();
        let is_known = kinds.peek().is_none()
            || kinds.any(|one| one.get("kind").and_then(Node::as_str) == Some(kind));
        let number = listener.get("port")?.as_int()?;
        let is_sure = is_meant && is_of_kind && is_let_in && is_known;
        is_sure.then(|| format!("{number}/{protocol}"))
    };
    items(&gateway.node, "/spec/listeners").filter_map(port).collect()
}

/// Another route that takes what comes to a port of a Gateway.
fn taker<'s>(side: &Side<'s>, own: &Object, gateway: &Object, port: &str) -> Option<&'s Object> {
    let takes = |route: &Object| {
        items(&route.node, "/spec/parentRefs").any(|parent| {
            let named = self::gateway(side, route, parent);
            named.is_some_and(|named| {
                named.key == gateway.key && ports(route, named, parent).iter().any(|it| it == port)
            })
        })
    };
    let mut all = side.of_kind(own, GROUP, &own.key.group_kind.kind);
    all.find(|one| one.key != own.key && takes(one))
}
