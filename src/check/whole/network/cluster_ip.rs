//! Addresses of Services within the cluster: fixed ones, and their families.

use core::net::IpAddr;
use std::collections::HashMap;

use super::Spot;
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::{Block, Body, Object, Service, Written};

/// Looks at every Service.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut claims: HashMap<IpAddr, Vec<Spot<'_>>> = HashMap::new();
    for object in view.cluster.objects() {
        let Body::Service(service) = &object.body else { continue };
        found.extend(family(view, object, service));
        if &*service.kind == "ExternalName" || service.is_headless {
            continue;
        }
        for (address, place) in &service.cluster_ips {
            let spot = Spot::Field(object, place);
            if let Some(finding) = refused(view, *address, spot) {
                found.push(finding);
                continue;
            }
            let earlier = claims.entry(*address).or_default();
            let clashes = |it: &&Spot<'_>| {
                it.object().is_some_and(|it| it.key != object.key) && it.surely_with(spot, view)
            };
            if let Some(first) = earlier.iter().find(clashes)
                && let Some(owner) = first.object()
            {
                let message = format!("`{address}` is already the address of {}", owner.key);
                let finding = spot.on(Finding::error("cluster-ip-taken", message));
                found.push(
                    finding
                        .at(first.span(), "asks for it too")
                        .note("the API server refuses the Service that comes second")
                        .help("leave `clusterIP` out, and the cluster chooses"),
                );
            }
            earlier.push(spot);
        }
    }
}

/// A family that the cluster's Services do not have: `initIPFamilyFields` of
/// `pkg/registry/core/service/storage/alloc.go`.
fn family(view: &View<'_>, object: &Object, service: &Service) -> Option<Finding> {
    let [only] = &*view.network.services else { return None };
    // A headless Service whose endpoints somebody else states may have both anywhere.
    let is_free = service.is_headless && !service.has_selector;
    if &*service.kind == "ExternalName" || is_free {
        return None;
    }
    let is_v4 = only.value.first.is_ipv4();
    let (own, other) = if is_v4 { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
    let stated = service.families.iter().find(|it| *it.0 == *other).map(|it| &it.1);
    let address = || service.cluster_ips.iter().find(|it| it.0.is_ipv4() != is_v4);
    let stated = stated.or_else(|| address().map(|it| &it.1));
    let (place, message) = match (&service.needs_both, stated) {
        (Some(place), _) => {
            (place, format!("the Service must have {other} too, and the cluster has {own} alone"))
        }
        (None, Some(place)) => {
            (place, format!("the Service is of {other}, and the cluster has {own} alone"))
        }
        (None, None) => return None,
    };
    let finding = Spot::Field(object, place).on(Finding::error("address-family-mismatch", message));
    let help = format!("take {own} alone, or state the network of {other} if the cluster has one");
    let finding = finding.at(only.span, "the network of the cluster's Services");
    Some(finding.note("the API server refuses the Service").help(help))
}

/// An address that no Service of ours can have.
fn refused(view: &View<'_>, address: IpAddr, spot: Spot<'_>) -> Option<Finding> {
    let is_of_family = |stated: &&Written<Block>| address.is_ipv4() == stated.value.first.is_ipv4();
    let all = &view.network.services;
    let services = all.iter().find(is_of_family)?;
    let block = services.value;
    let help = "leave `clusterIP` out, and the cluster chooses";
    let is_end = address == block.first || (address.is_ipv4() && address == block.last);
    if is_end && block.count() > 2 {
        let message = format!("`{address}` is an end of the network of the cluster's Services");
        let finding = spot.on(Finding::error("cluster-ip-outside", message));
        let finding = finding.at(services.span, "its first and last address are given to nobody");
        return Some(finding.note("the API server refuses the Service").help(help));
    }
    if !block.contains(address) {
        let message = format!("`{address}` is not in the network of the cluster's Services");
        let finding = spot.on(Finding::error("cluster-ip-outside", message));
        return Some(
            finding
                .at(services.span, format!("{block}"))
                .note("the API server refuses the Service")
                .help(help),
        );
    }
    let is_system =
        spot.object().is_some_and(|it| matches!(&*it.key.namespace, "kube-system" | "default"));
    // The first goes to the API server, the tenth to DNS: `kubeadm`, K3s and the clouds agree. They
    // are of the first family.
    let owner = [(1, "the API server, Service/kubernetes in default"), (10, "the cluster's DNS")]
        .into_iter()
        .find(|(index, _)| block.nth(*index) == Some(address))
        .filter(|_| !is_system && all.first() == Some(services))?;
    let message = format!("`{address}` is the address of {}", owner.1);
    let finding = spot.on(Finding::error("cluster-ip-taken", message));
    Some(
        finding
            .at(services.span, "addresses are counted from the first of these")
            .note("the API server refuses the Service")
            .help(help),
    )
}
