//! Ports of nodes that K3s's ServiceLB takes for Services.

use std::collections::HashMap;

use super::Spot;
use super::view::{Balanced, View};
use crate::diagnostic::Finding;
use crate::facts::{Body, Spread};
use crate::source::Span;

/// The label that keeps a Service to some nodes.
const POOL: &str = "svccontroller.k3s.cattle.io/lbpool";

/// Where K3s gives Services their addresses, each port of each is one of every node: pods of a
/// DaemonSet take it (`pkg/cloudprovider/servicelb.go` of K3s).
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let network = view.network;
    let is_on = |part: &str| network.bundled.iter().any(|known| &**known == part);
    if !is_on("servicelb") || network.runs("metallb") || !view.pools.is_empty() {
        return;
    }
    let mut taken: HashMap<(i64, &str), (String, Span)> = HashMap::new();
    if let Some(span) = network.disabled.filter(|_| is_on("traefik")) {
        for port in [80, 443] {
            taken.insert((port, "TCP"), ("the Traefik that K3s brings".to_owned(), span));
        }
    }
    for object in view.cluster.objects() {
        let Body::Workload(pod) = &object.body else { continue };
        let ports = pod.host_ports.ports.iter().filter(|it| it.address.is_empty());
        for port in ports.filter(|_| pod.host_ports.spread == Spread::Every) {
            taken.insert((port.number, &port.protocol), (object.key.to_string(), port.place.span));
        }
    }
    for balanced in view.balanced.iter().filter(|balanced| is_served(balanced)) {
        let ports = balanced.ports.iter();
        let ports = ports
            .map(|&(port, protocol)| (port, if protocol.is_empty() { "TCP" } else { protocol }));
        let mut clashes = ports.clone().filter_map(|port| Some((port, taken.get(&port)?)));
        if let Some(((port, protocol), (owner, span))) = clashes.next() {
            let message =
                format!("port {port}/{protocol} of the nodes is already taken by {owner}");
            let finding = Finding::error("host-port-taken", message);
            let Some(spot) = place(balanced, port) else { continue };
            found.push(
                spot.on(finding)
                    .at(*span, "takes it")
                    .note("ServiceLB takes the ports of a Service on every node; its pods stay Pending, and the Service without an address")
                    .help("take another port, or let the ingress controller pass the requests on"),
            );
            continue;
        }
        let Some(spot) = balanced.spot() else { continue };
        for port in ports {
            taken.insert(port, (balanced.name.clone(), spot.span()));
        }
    }
}

fn is_served(balanced: &Balanced<'_>) -> bool {
    let is_kept = balanced.object.is_some_and(|object| object.labels.get(POOL).is_some());
    balanced.balancing.is_none_or(|it| it.class.is_none()) && !is_kept && balanced.keeper.is_none()
}

fn place<'c>(balanced: &Balanced<'c>, number: i64) -> Option<Spot<'c>> {
    let port = balanced.service.and_then(|it| it.ports.iter().find(|port| port.number == number));
    match (balanced.object, port) {
        (Some(object), Some(port)) => Some(Spot::Field(object, &port.place)),
        _ => balanced.spot(),
    }
}
