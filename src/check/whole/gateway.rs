//! Routes that no listener of their Gateway takes, listeners that no Gateway takes, and names across namespaces that nobody grants.

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{
    Answer, Body, Cluster, From, Gateway, Grant, Listener, Object, Part, Reference, Target, Unseen,
    may_be_same,
};
use crate::model::GroupKind;

const GROUP: &str = "gateway.networking.k8s.io";

/// The group of what is tried out.
const TRIED: &str = "gateway.networking.x-k8s.io";

/// Looks at every route and every Gateway.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    let is_ours = |object: &&Object| [GROUP, TRIED].contains(&&*object.key.group_kind.group);
    for object in cluster.objects().iter().filter(is_ours) {
        for reference in &object.references {
            let found = match cluster.follow(object, &reference.target) {
                Answer::Found(found) => found,
                // Who may name it is asked of what makes it, too.
                Answer::Made => match cluster.maker(&reference.target) {
                    Some(maker) => maker,
                    None => continue,
                },
                _ => continue,
            };
            if !cluster.surely_share(object, found) {
                continue;
            }
            let finding = match &found.body {
                Body::Gateway(gateway) if matches!(object.body, Body::Gateway(_)) => {
                    added(cluster, object, reference, (found, gateway))
                }
                Body::Gateway(gateway) => parent(cluster, object, reference, (found, gateway)),
                // A route of a mesh, which is for callers in its own namespace alone.
                _ if reference.place.field.contains("parentRefs") => None,
                _ => granted(cluster, object, reference, found),
            };
            whole.findings.extend(finding);
        }
    }
    whole
}

/// Tells of a route that none of the listeners that it asks for takes.
fn parent(
    cluster: &Cluster,
    route: &Object,
    reference: &Reference,
    (found, gateway): (&Object, &Gateway),
) -> Option<Finding> {
    let asked = |listener: &&Listener| match &reference.target.part {
        Some(Part::Listener(name, port)) => listener.is(name.as_deref(), *port),
        _ => true,
    };
    let asked: Vec<&Listener> = gateway.listeners.iter().filter(asked).collect();
    let kind = &route.key.group_kind;
    let of_kind: Vec<&Listener> = asked.iter().copied().filter(|it| it.takes_kind(kind)).collect();
    let open: Vec<&Listener> =
        of_kind.iter().copied().filter(|it| lets_in(cluster, &it.from, found, route)).collect();
    let hosts: &[Box<str>] = match &route.body {
        Body::Route(hosts) => hosts,
        _ => &[],
    };
    let (gateway, namespace) = (&found.key, &route.key.namespace);
    let (id, message, left) = match (asked.as_slice(), of_kind.as_slice(), open.as_slice()) {
        ([], ..) => return None,
        (all, [], _) => {
            let message = format!("no listener of {gateway} takes a {}", kind.kind);
            ("route-not-allowed", message, all)
        }
        (_, all, []) => {
            let message = format!("no listener of {gateway} takes routes of `{namespace}`");
            ("route-not-allowed", message, all)
        }
        (.., all) if !hosts.is_empty() && !all.iter().any(|it| it.takes_host(hosts)) => {
            let message = format!("no listener of {gateway} is for a host of the route");
            ("route-host-mismatch", message, all)
        }
        _ => return None,
    };
    let mut finding = at(Finding::error(id, message), route, &reference.place);
    for listener in left {
        let says = match id {
            "route-host-mismatch" => format!("for `{}`", listener.hostname),
            _ if of_kind.is_empty() => format!("its protocol is {}", listener.protocol),
            _ => format!("for routes of {}", namespaces(&listener.from)),
        };
        finding = finding.at(listener.span, says);
    }
    let finding = finding.note("no request comes to the route");
    Some(match id {
        "route-host-mismatch" => finding.help("give both a host in common"),
        _ => finding.help("say so in `allowedRoutes` of the listener, or name another one"),
    })
}

/// Tells of a set of listeners that its Gateway does not take.
fn added(
    cluster: &Cluster,
    set: &Object,
    reference: &Reference,
    (found, gateway): (&Object, &Gateway),
) -> Option<Finding> {
    // A Gateway names none.
    let is_set = reference.place.field.starts_with("spec.parentRef");
    if !is_set || lets_in(cluster, &gateway.admits, found, set) {
        return None;
    }
    let (gateway_name, namespace) = (&found.key, &set.key.namespace);
    let message = format!("{gateway_name} takes no listeners of `{namespace}`");
    let finding = at(Finding::error("listener-set-not-allowed", message), set, &reference.place);
    let says = format!("for listeners of {}", namespaces(&gateway.admits));
    let finding = finding.at(gateway.span, says).note("nobody listens, and no request comes");
    Some(finding.help("say so in `allowedListeners` of the Gateway"))
}

/// Those that something is for, as one says it.
fn namespaces(from: &From) -> &'static str {
    match from {
        From::Same => "its own namespace",
        From::Nowhere => "no namespace",
        From::Selected(_) | From::All => "namespaces with other labels",
    }
}

/// Whether something that a Gateway says is for the namespace of another object.
fn lets_in(cluster: &Cluster, from: &From, gateway: &Object, other: &Object) -> bool {
    let (own, other) = (&gateway.key.namespace, &other.key.namespace);
    match from {
        From::All => true,
        From::Nowhere => false,
        From::Same => may_be_same(own, other),
        From::Selected(selector) => {
            let labels = cluster.namespace_labels(other);
            labels.is_none_or(|labels| selector.matches(&labels))
        }
    }
}

/// Tells of what is named in another namespace, where nobody there grants it.
fn granted(
    cluster: &Cluster,
    object: &Object,
    Reference { target, place, named, .. }: &Reference,
    found: &Object,
) -> Option<Finding> {
    let Target { group_kind, namespace: Some(namespace), name, .. } = target else { return None };
    let own = &object.key.namespace;
    // What is not of Kubernetes is not a backend, or has rules of its own.
    if may_be_same(own, namespace)
        || !group_kind.group.is_empty()
        || cluster.may_hold(Unseen::Beside(found))
    {
        return None;
    }
    let grants_kind = GroupKind::new(GROUP, "ReferenceGrant");
    let grants = |grant: &Object| match &grant.body {
        Body::Grant(grant) => {
            let Grant { from, to } = &**grant;
            from.iter().any(|(kind, of)| *kind == object.key.group_kind && **of == **own)
                && to.iter().any(|(kind, named)| {
                    kind == group_kind && named.as_ref().is_none_or(|named| named == name)
                })
        }
        // One that is filled in later may grant anything.
        _ => true,
    };
    let mut there = cluster.of_kind(&grants_kind).filter(|grant| {
        may_be_same(&grant.key.namespace, namespace) && cluster.may_share(grant, object)
    });
    if there.any(grants) {
        return None;
    }
    let kind = &object.key.group_kind.kind;
    let message = format!("nothing in `{namespace}` grants a {kind} of `{own}` its {}", target);
    let stated = named.as_deref().unwrap_or(place);
    let finding = at(Finding::error("reference-not-granted", message), object, stated);
    let is_it = found.key.group_kind == *group_kind;
    let which = if is_it { "this one" } else { "this one makes it" };
    let finding = finding.at(found.span, which).note(match &*group_kind.kind {
        "Secret" => "the listener is not ready",
        _ if place.field.contains(".requestMirror.") => "no request is mirrored",
        _ => "requests end in an error of the proxy",
    });
    let help = format!("a ReferenceGrant in `{namespace}` from {kind} in `{own}`");
    Some(finding.help(help))
}
