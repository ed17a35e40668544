//! The networks that an environment states: what they have in common, nodes outside of theirs, and
//! two nodes at one address.

use core::net::IpAddr;
use std::collections::HashMap;

use super::Spot;
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::{Block, Body, Neighbour, Written};

/// Looks at the networks of nodes, pods and Services, and at the addresses of the nodes.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let network = view.network;
    twice(view, found);
    let networks =
        [("nodes", &network.nodes), ("pods", &network.pods), ("Services", &network.services)];
    let stated = networks.into_iter().flat_map(|(name, all)| all.iter().map(move |it| (name, it)));
    let stated: Vec<_> = stated.collect();
    for (index, (name, one)) in stated.iter().enumerate() {
        for (other_name, other) in &stated[..index] {
            let Some(common) = one.value.common(other.value) else { continue };
            // With some clouds' networks pods have addresses of the nodes.
            let is_shared =
                (*other_name, *name) == ("nodes", "pods") && other.value.covers(one.value);
            if is_shared {
                continue;
            }
            let message = format!("the networks of {other_name} and {name} overlap: {common}");
            let finding = Finding::error("cluster-network-overlap", message).at(one.span, "");
            let finding = finding.at(other.span, format!("the network of the {other_name}"));
            let finding = finding.note("what is sent to such an address ends at one of two places");
            found.push(finding.help("take networks apart from each other"));
        }
    }
    for machine in network.machines.iter().filter(|machine| machine.is_node) {
        let Some(nodes) = outside(machine, &network.nodes) else { continue };
        let message = format!("`{}` is not in the network of the nodes", machine.name);
        let finding = Finding::warning("node-outside-network", message).at(machine.span, "");
        let finding = finding.at(nodes.span, format!("{}", nodes.value));
        found.push(finding.help("correct the address of the node, or the network"));
    }
}

/// The network that a node should be in, where it is in none: that of its family if there is one.
fn outside<'n>(node: &Neighbour, networks: &'n [Written<Block>]) -> Option<&'n Written<Block>> {
    if networks.iter().any(|network| network.value.contains(node.address)) {
        return None;
    }
    let is_v4 = node.address.is_ipv4();
    networks.iter().find(|it| it.value.first.is_ipv4() == is_v4).or(networks.first())
}

/// The nodes with their addresses.
pub(super) fn nodes<'c>(view: &View<'c>) -> impl Iterator<Item = (&'c str, IpAddr, Spot<'c>)> {
    let stated = view.network.machines.iter().filter(|machine| machine.is_node);
    let stated = stated.map(|it| (&*it.name, it.address, Spot::Stated(it.span)));
    let of_objects = view.cluster.objects().iter().flat_map(|object| {
        let addresses = match &object.body {
            Body::Node(machine) => machine.addresses.as_slice(),
            _ => &[],
        };
        let spot = |place| Spot::Field(object, place);
        addresses.iter().map(move |(it, place)| (&*object.key.name, *it, spot(place)))
    });
    stated.chain(of_objects)
}

/// Nodes that have one address.
fn twice(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut known: HashMap<IpAddr, Vec<(&str, Spot<'_>)>> = HashMap::new();
    for (name, address, spot) in nodes(view) {
        let earlier = known.entry(address).or_default();
        let mut others = earlier.iter().filter(|(other, _)| *other != name);
        if let Some((other, first)) = others.find(|(_, it)| it.surely_with(spot, view)) {
            let message = format!("nodes `{other}` and `{name}` have one address, `{address}`");
            let finding = spot.on(Finding::error("node-address-taken", message));
            found.push(
                finding
                    .at(first.span(), format!("`{other}` has it"))
                    .note("what is sent to one of them ends at the other")
                    .help("correct one of the two"),
            );
        }
        earlier.push((name, spot));
    }
}
