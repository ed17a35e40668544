//! Ports that every node has for a Service.

use std::collections::HashMap;

use super::Spot;
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::Body;

/// A node port that a Service asks for.
struct Claim<'c> {
    spot: Spot<'c>,
    /// Which Service.
    owner: String,
    /// The port of the Service and its protocol; nothing for the port of health checks.
    port: Option<(i64, &'c str)>,
}

/// Looks at every Service that asks for one.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut claims: HashMap<i64, Vec<Claim<'_>>> = HashMap::new();
    for (number, claim) in all(view) {
        if let Some((first, last)) = view.network.node_ports
            && !(first..=last).contains(&number)
        {
            let message = format!("the cluster has no node port {number}");
            let finding = claim.spot.on(Finding::error("node-port-out-of-range", message));
            let help = format!("take one of {first} to {last}, or none, and the cluster chooses");
            found.push(finding.note("the API server refuses the Service").help(help));
            continue;
        }
        let earlier = claims.entry(number).or_default();
        if let Some(first) = earlier.iter().find(|it| clashes(view, it, &claim)) {
            let message = format!("node port {number} is already that of {}", first.owner);
            let finding = claim.spot.on(Finding::error("node-port-taken", message));
            found.push(
                finding
                    .at(first.spot.span(), "asks for it too")
                    .note("the API server refuses the Service that comes second, whatever its protocol")
                    .help("take another one, or none, and the cluster chooses"),
            );
        }
        earlier.push(claim);
    }
}

/// `initNodePorts` and `allocHealthCheckNodePort` of `pkg/registry/core/service/storage/alloc.go`:
/// numbers are given without regard to the protocol, and twice only within one Service, to one
/// port of it.
fn clashes(view: &View<'_>, first: &Claim<'_>, second: &Claim<'_>) -> bool {
    if let (true, Some(one), Some(other)) = (first.owner == second.owner, first.port, second.port) {
        // Of one protocol it is judged with the Service.
        return one.0 != other.0 && one.1 != other.1;
    }
    first.spot.surely_with(second.spot, view)
}

fn all<'c>(view: &View<'c>) -> Vec<(i64, Claim<'c>)> {
    let mut all = Vec::new();
    for chart in &view.network.services_of_charts {
        if !matches!(&*chart.kind, "NodePort" | "LoadBalancer") {
            continue;
        }
        for port in &chart.node_ports {
            let owner = format!("Service/{} in {}", chart.name.value, chart.namespace);
            all.push((
                port.value,
                Claim { spot: Spot::Stated(port.span), owner, port: Some((0, "")) },
            ));
        }
    }
    for object in view.cluster.objects() {
        let Body::Service(service) = &object.body else { continue };
        if !matches!(&*service.kind, "NodePort" | "LoadBalancer") {
            continue;
        }
        let owner = || object.key.to_string();
        for port in &service.ports {
            if let Some((number, place)) = &port.node {
                let spot = Spot::Field(object, place);
                all.push((
                    *number,
                    Claim { spot, owner: owner(), port: Some((port.number, &*port.protocol)) },
                ));
            }
        }
        let is_checked = &*service.kind == "LoadBalancer" && service.balancing.is_local;
        if let Some((number, place)) = service.health_check.as_ref().filter(|_| is_checked) {
            all.push((
                *number,
                Claim { spot: Spot::Field(object, place), owner: owner(), port: None },
            ));
        }
    }
    all
}
