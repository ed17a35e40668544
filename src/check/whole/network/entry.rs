//! The way from outside, hop by hop: public name, router, reverse proxy, address and port, Service,
//! Ingress, Service, pods.

use core::net::IpAddr;

use super::Spot;
use super::public_name::is_of_domain;
use super::route::{self, Way};
use super::view::{Balanced, View};
use crate::diagnostic::{Finding, nearest};
use crate::facts::{
    Body, Forward, Neighbour, Object, PortForward, ProxyRule, Service, ServicePort, Target, Unseen,
    Written,
};
use crate::model::GroupKind;
use crate::source::Span;

const ID: &str = "entry-broken";

/// Follows everything that the environment says of the way in.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let entry = &view.network.entry;
    router(view, found);
    let mut known: Vec<&ProxyRule> = Vec::new();
    for rule in &entry.rules {
        let way = way_of(rule);
        let same = |it: &&&ProxyRule| {
            let names = it.host.as_ref().zip(rule.host.as_ref());
            names.is_some_and(|(it, other)| it.value.eq_ignore_ascii_case(&other.value))
        };
        if let (Some(host), Some(other)) = (&rule.host, known.iter().find(same)) {
            let message = format!("{way} breaks at the reverse proxy: the name is there twice");
            let first = format!("`{}` gets the requests", other.release.value);
            found.push(broken(message, host.span).at(other.release.span, first));
            continue;
        }
        known.push(rule);
    }
    known.retain(|rule| match outside_domain(view, rule) {
        Some(finding) => {
            found.push(finding);
            false
        }
        None => true,
    });
    // What breaks before names matter is one fault for all of them.
    while let Some(&first) = known.first() {
        let place = |rule: &ProxyRule| {
            (rule.address.as_ref().map(|it| it.value), rule.port.as_ref().map(|it| it.value))
        };
        let (together, rest): (Vec<&ProxyRule>, Vec<&ProxyRule>) =
            known.iter().partition(|rule| place(rule) == place(first));
        known = rest;
        follow(view, &together, found);
    }
    found.extend(entry.port_forwards.iter().filter_map(|forward| by_hand(view, forward)));
    local_ports(&entry.port_forwards, found);
}

/// Ports of the person's machine that two forwards take: the second one is refused.
fn local_ports(forwards: &[PortForward], found: &mut Vec<Finding>) {
    for (index, forward) in forwards.iter().enumerate() {
        let Some(port) = &forward.local else { continue };
        let is_same =
            |it: &&PortForward| it.local.as_ref().is_some_and(|it| it.value == port.value);
        let Some(first) = forwards[..index].iter().find(is_same) else { continue };
        let (name, number) = (&forward.name.value, port.value);
        let message = format!("`{name}` takes local port {number}, as `{}` does", first.name.value);
        let finding = Finding::warning("local-port-taken", message).at(port.span, "");
        let finding = finding.at(first.name.span, "this one takes it too");
        found.push(finding.help("give one of them another `localPort`"));
    }
}

/// A finding about a hop.
pub(super) fn broken(message: String, span: Span) -> Finding {
    Finding::error(ID, message).at(span, "")
}

/// What the router forwards.
fn router(view: &View<'_>, found: &mut Vec<Finding>) {
    let entry = &view.network.entry;
    let Some((forwards, place)) = &entry.forwards else { return };
    for (index, forward) in forwards.iter().enumerate() {
        let port = &forward.port;
        if let Some(first) = forwards[..index].iter().find(|it| it.port.value == port.value) {
            let message =
                format!("the way in breaks at the router: port {} is forwarded twice", port.value);
            let finding = broken(message, port.span);
            found.push(finding.at(first.port.span, "forwarded here").help("remove one of the two"));
            continue;
        }
        found.extend(forwarded(view, forward));
    }
    let Some(proxy) = entry.proxy.as_ref().filter(|_| !entry.rules.is_empty()) else { return };
    if forwards.iter().any(|forward| reaches(view, forward, &proxy.value)) {
        return;
    }
    let message =
        format!("the way in breaks at the router: it forwards nothing to `{}`", proxy.value);
    let web = forwards.iter().find(|it| matches!(it.port.value, 80 | 443));
    let finding = broken(message, web.map_or(*place, |forward| forward.host.span));
    let help = format!("forward ports 80 and 443 to `{}`", proxy.value);
    found.push(finding.at(proxy.span, "the reverse proxy").help(help));
}

/// Whether a port is forwarded to a machine, by whichever of its names.
fn reaches(view: &View<'_>, forward: &Forward, name: &str) -> bool {
    *forward.host.value == *name
        || machine(view, &forward.host.value)
            .is_some_and(|address| machine(view, name) == Some(address))
}

/// Whether the router leads to some Service of the cluster past the reverse proxy.
pub(super) fn has_side_door(view: &View<'_>) -> bool {
    let entry = &view.network.entry;
    let forwards = entry.forwards.iter().flat_map(|(forwards, _)| forwards);
    let past =
        forwards.filter(|it| !entry.proxy.as_ref().is_some_and(|p| reaches(view, it, &p.value)));
    past.into_iter().any(|forward| {
        let address = machine(view, &forward.host.value);
        address.is_some_and(|address| {
            let behind = behind(view, "", address, forward.host.span, Some(&forward.target));
            matches!(behind, Behind::Service(_))
        })
    })
}

fn machine(view: &View<'_>, name: &str) -> Option<IpAddr> {
    view.network.machines.iter().find(|it| *it.name == *name).map(|it| it.address)
}

/// A port that the router forwards past the reverse proxy.
fn forwarded(view: &View<'_>, forward: &Forward) -> Option<Finding> {
    let address = machine(view, &forward.host.value)?;
    let way = format!("the way to port {}", forward.port.value);
    match behind(view, &way, address, forward.host.span, Some(&forward.target)) {
        Behind::Broken(finding) => Some(*finding),
        _ => None,
    }
}

/// A Service at which the way from outside comes in.
#[derive(Debug, Clone)]
pub(super) struct Front<'c> {
    /// How people call it.
    pub(super) name: String,
    pub(super) unit: &'c str,
    /// The object, what it says, and the port that is meant, where these are known.
    pub(super) service: Option<(&'c Object, &'c Service, &'c ServicePort)>,
    /// Whether its routes are not the business of Ingresses.
    pub(super) is_gateway: bool,
    pub(super) spot: Option<Spot<'c>>,
}

impl<'c> Front<'c> {
    /// What has a load balancer's address, at a port.
    fn balanced(balanced: &Balanced<'c>, port: Option<i64>) -> Self {
        let service = balanced.object.zip(balanced.service).and_then(|(object, service)| {
            let port = service.ports.iter().find(|it| Some(it.number) == port)?;
            Some((object, service, port))
        });
        Self {
            name: balanced.name.clone(),
            unit: balanced.unit,
            service,
            is_gateway: balanced.service.is_none() && balanced.chart.is_none(),
            spot: balanced.spot(),
        }
    }

    /// A Service by its node port.
    fn of_node_port(view: &View<'c>, number: i64) -> Option<Self> {
        view.cluster.objects().iter().find_map(|object| {
            let Body::Service(service) = &object.body else { return None };
            let is_meant = |it: &&ServicePort| it.node.as_ref().is_some_and(|it| it.0 == number);
            let port = service.ports.iter().find(is_meant)?;
            Some(Self {
                name: object.key.to_string(),
                unit: &object.unit,
                service: Some((object, service, port)),
                is_gateway: false,
                spot: Some(Spot::Object(object)),
            })
        })
    }
}

/// What answers at an address.
enum Behind<'c> {
    /// A Service, at the port.
    Service(Front<'c>),
    /// Nobody; this tells why.
    Broken(Box<Finding>),
    /// Something outside of what is known.
    Unknown,
}

fn behind<'c>(
    view: &View<'c>,
    way: &str,
    address: IpAddr,
    span: Span,
    port: Option<&Written<i64>>,
) -> Behind<'c> {
    let asks = |it: &&Balanced<'_>| it.wants(None).iter().any(|(wanted, _)| *wanted == address);
    let there: Vec<&Balanced<'_>> = view.balanced.iter().filter(asks).collect();
    if let (Some(first), Some(port)) = (there.first(), port) {
        let has = |it: &&&Balanced<'_>| it.ports.iter().any(|(number, _)| *number == port.value);
        if let Some(found) = there.iter().find(has) {
            return Behind::Service(Front::balanced(found, Some(port.value)));
        }
        if first.ports.is_empty() {
            return Behind::Unknown;
        }
        let message = format!("{way} breaks at {}: it has no port {}", first.name, port.value);
        let known: Vec<String> = first.ports.iter().map(|(number, _)| number.to_string()).collect();
        let finding = broken(message, port.span).help(format!("it has {}", known.join(", ")));
        return Behind::Broken(Box::new(match first.spot() {
            Some(spot) => finding.at(spot.span(), "this one"),
            None => finding,
        }));
    }
    if let Some(first) = there.first() {
        return Behind::Service(Front::balanced(first, None));
    }
    let is_node = |it: &&Neighbour| it.is_node && it.address == address;
    if let (Some(_), Some(port)) = (view.network.machines.iter().find(is_node), port)
        && let Some(front) = Front::of_node_port(view, port.value)
    {
        return Behind::Service(front);
    }
    match nobody(view, way, address, span, port) {
        Some(finding) => Behind::Broken(Box::new(finding)),
        None => Behind::Unknown,
    }
}

/// An address that no Service has.
fn nobody(
    view: &View<'_>,
    way: &str,
    address: IpAddr,
    span: Span,
    port: Option<&Written<i64>>,
) -> Option<Finding> {
    let network = view.network;
    for (what, stated) in [("pods", &network.pods), ("Services", &network.services)] {
        if stated.iter().any(|stated| stated.value.contains(address)) {
            let message =
                format!("{way} breaks at `{address}`: nobody outside reaches the cluster's {what}");
            return Some(broken(message, span).help("take the address of a pool, or of a node"));
        }
    }
    let node = network.machines.iter().find(|it| it.is_node && it.address == address);
    let is_open = network.charts.iter().any(|(_, is_open)| *is_open);
    if let (Some(node), Some(port), Some((first, last))) = (node, port, network.node_ports) {
        // Below, any program of the machine may answer.
        if is_open || !(first..=last).contains(&port.value) || has_port(view, port.value) {
            return None;
        }
        let message = format!(
            "{way} breaks at node `{}`: no Service has node port {}",
            node.name, port.value
        );
        let known: Vec<String> = node_ports(view).iter().map(i64::to_string).collect();
        let finding = broken(message, port.span);
        return Some(match known.is_empty() {
            true => finding.help("give a Service that node port"),
            false => finding.help(format!("node ports are {}", known.join(", "))),
        });
    }
    let pool = view.pools.iter().find(|known| known.pool.contains(address))?;
    // A machine answers itself; that its address is in a pool is a fault of the pool.
    if is_open || network.machines.iter().any(|it| it.address == address) {
        return None;
    }
    let message = format!("{way} breaks at `{address}`: no Service has the address");
    let finding = broken(message, span);
    let asking = view.cluster.objects().iter().find_map(|object| match &object.body {
        Body::Service(service) => {
            let mut wishes = service.balancing.wishes.iter();
            wishes.any(|wish| wish.addresses.contains(&address)).then_some((object, service))
        }
        _ => None,
    });
    Some(match asking {
        Some((object, service)) => finding
            .at(object.span, format!("asks for it, and is `type: {}`", service.kind))
            .help("write `type: LoadBalancer`"),
        None => finding.help(format!(
            "ask for it in a Service of type LoadBalancer; it is of pool `{}`",
            pool.pool.name
        )),
    })
}

fn node_ports(view: &View<'_>) -> Vec<i64> {
    let mut found = Vec::new();
    for object in view.cluster.objects() {
        if let Body::Service(service) = &object.body {
            found.extend(service.ports.iter().filter_map(|port| Some(port.node.as_ref()?.0)));
        }
    }
    let charts = view.network.services_of_charts.iter();
    found.extend(charts.flat_map(|it| &it.node_ports).map(|stated| stated.value));
    found.sort_unstable();
    found.dedup();
    found
}

fn has_port(view: &View<'_>, number: i64) -> bool {
    let is_taken = view.cluster.objects().iter().any(|object| match &object.body {
        Body::Workload(pod) => pod.host_ports.ports.iter().any(|port| port.number == number),
        _ => false,
    });
    is_taken || node_ports(view).contains(&number)
}

/// How findings call the way of a rule.
fn way_of(rule: &ProxyRule) -> String {
    match &rule.host {
        Some(host) => format!("the way to `{}`", host.value),
        None => format!("the way to `{}`", rule.release.value),
    }
}

fn outside_domain(view: &View<'_>, rule: &ProxyRule) -> Option<Finding> {
    let (host, domain) = (rule.host.as_ref()?, view.network.entry.domain.as_ref()?);
    if is_of_domain(&host.value, &domain.value) {
        return None;
    }
    let way = way_of(rule);
    let message = format!("{way} breaks at its name: it does not end in `{}`", domain.value);
    Some(broken(message, host.span).at(domain.span, "the public domain"))
}

/// Rules of the reverse proxy that lead to one address and port.
fn follow(view: &View<'_>, rules: &[&ProxyRule], found: &mut Vec<Finding>) {
    let Some(first) = rules.first() else { return };
    let Some(address) = &first.address else { return };
    let way = match rules.len() {
        1 => way_of(first),
        2 => format!("{} and one other", way_of(first)),
        count => format!("{} and {} others", way_of(first), count - 1),
    };
    match behind(view, &way, address.value, address.span, first.port.as_ref()) {
        Behind::Broken(finding) => found.push(*finding),
        Behind::Unknown => {}
        Behind::Service(front) => {
            for rule in rules {
                let span = rule.address.as_ref().map_or(address.span, |it| it.span);
                let way = Way { text: way_of(rule), rule, address: address.value, span };
                found.extend(route::follow(view, &way, &front));
            }
        }
    }
}

/// A port that a person forwards to a Service.
fn by_hand(view: &View<'_>, forward: &PortForward) -> Option<Finding> {
    let PortForward { name, namespace, service, port, .. } = forward;
    let way = format!("the port-forward `{}` breaks", name.value);
    let kind = GroupKind::new("", "Service");
    let is_there = |object: &&Object| *object.key.namespace == *namespace.value;
    if let Some(object) = view.cluster.named(&kind, &service.value).find(is_there) {
        let (Body::Service(service), Some(port)) = (&object.body, port) else { return None };
        let known: Vec<String> = service.ports.iter().map(|it| it.number.to_string()).collect();
        if service.ports.iter().any(|it| it.number == port.value) {
            return None;
        }
        let message = format!("{way} at {}: it has no port {}", object.key, port.value);
        let finding = broken(message, port.span).at(object.span, "this one");
        return Some(finding.help(format!("it has {}", known.join(", "))));
    }
    let target = Target {
        group_kind: kind.clone(),
        namespace: Some(namespace.value.clone()),
        name: service.value.clone(),
        part: None,
    };
    if view.cluster.is_made(&target) || view.cluster.may_hold(Unseen::Named(&target)) {
        return None;
    }
    let message =
        format!("{way}: there is no Service `{}` in `{}`", service.value, namespace.value);
    let finding = broken(message, service.span);
    if let Some(other) = view.cluster.named(&kind, &service.value).next() {
        return Some(finding.help(format!("there is one in `{}`", other.key.namespace)));
    }
    let there = view.cluster.of_kind(&kind).filter(is_there).map(|object| &*object.key.name);
    Some(match nearest(&service.value, there) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("correct the name, or render the Service"),
    })
}
