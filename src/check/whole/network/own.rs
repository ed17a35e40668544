//! The networks that an environment states: what they have in common, and nodes outside of theirs.

use super::view::View;
use crate::diagnostic::Finding;

/// Looks at the networks of nodes, pods and Services.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let network = view.network;
    let networks =
        [("nodes", &network.nodes), ("pods", &network.pods), ("Services", &network.services)];
    let stated: Vec<_> =
        networks.into_iter().filter_map(|(name, it)| Some((name, it.as_ref()?))).collect();
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
    let Some(nodes) = &network.nodes else { return };
    for machine in network.machines.iter().filter(|machine| machine.is_node) {
        if nodes.value.contains(machine.address) {
            continue;
        }
        let message = format!("`{}` is not in the network of the nodes", machine.name);
        let finding = Finding::warning("node-outside-network", message).at(machine.span, "");
        let finding = finding.at(nodes.span, format!("{}", nodes.value));
        found.push(finding.help("correct the address of the node, or the network"));
    }
}
