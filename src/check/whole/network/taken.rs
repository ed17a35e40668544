//! One address for several Services, or for a Service and a node.

use core::net::IpAddr;
use std::collections::HashMap;

use super::Spot;
use super::address;
use super::own;
use super::view::{Balanced, View};
use crate::diagnostic::Finding;
use crate::facts::{Balancing, Keeper, Service};

/// What asks for an address.
struct Claim<'v, 'c> {
    address: IpAddr,
    spot: Spot<'c>,
    by: &'v Balanced<'c>,
    keeper: Option<Keeper>,
}

/// Looks at every pair that asks for the same address.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut claims: HashMap<IpAddr, Vec<Claim<'_, '_>>> = HashMap::new();
    for by in &view.balanced {
        let keeper = by.keeper;
        for (address, spot) in by.wants(keeper) {
            let claim = Claim { address, spot, by, keeper };
            if let Some(finding) = of_node(view, &claim) {
                found.push(finding);
                continue;
            }
            let earlier = claims.entry(address).or_default();
            found.extend(earlier.iter().find_map(|earlier| clash(view, earlier, &claim)));
            earlier.push(claim);
        }
    }
}

/// kube-vip announces whatever it is asked for: the address of a node too, whoever has it. Others
/// give addresses of their pools alone.
fn of_node(view: &View<'_>, claim: &Claim<'_, '_>) -> Option<Finding> {
    let is_it = |(_, address, spot): &(&str, IpAddr, Spot<'_>)| {
        *address == claim.address && spot.surely_with(claim.spot, view)
    };
    let mut nodes = own::nodes(view).filter(|_| claim.keeper == Some(Keeper::KubeVip));
    let (name, address, spot) = nodes.find(is_it)?;
    let message = format!("`{address}` is the address of node `{name}`");
    let finding = claim.spot.on(Finding::error("address-taken", message));
    Some(
        finding
            .at(spot.span(), "the node")
            .note("kube-vip announces it from whichever node leads, and the node is cut off")
            .help("take an address that no machine has"),
    )
}

fn clash(view: &View<'_>, first: &Claim<'_, '_>, second: &Claim<'_, '_>) -> Option<Finding> {
    let is_same = match (first.by.object, second.by.object) {
        (Some(first), Some(second)) => first.key == second.key,
        _ => false,
    };
    let is_kept = |it: &Claim<'_, '_>| address::is_kept(view, it.by, it.address, it.spot);
    if is_same || !first.spot.surely_with(second.spot, view) || is_kept(first) || is_kept(second) {
        return None;
    }
    let keeper = match (first.keeper, second.keeper) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.or(other),
    };
    let why = refusal(first.by, second.by, keeper)?;
    let (address, other) = (first.address, &first.by.name);
    let message = format!("`{address}` is already the address of {other}");
    let finding = second.spot.on(Finding::error("address-taken", message));
    Some(finding.at(first.spot.span(), "asks for it too").note(why.0).help(why.1))
}

/// Why two cannot share an address, and what to do; nothing where they can, or where that is not
/// known. `sharingOK` of MetalLB's `internal/allocator/allocator.go` and `BackendKey` beside it,
/// `isCompatible` of Cilium's `operator/pkg/lbipam/service_store.go`.
pub(super) fn refusal(
    first: &Balanced<'_>,
    second: &Balanced<'_>,
    keeper: Option<Keeper>,
) -> Option<(String, String)> {
    let same_port = first.ports.iter().find_map(|(number, protocol)| {
        let clashes = |(other, of): &&(i64, &str)| {
            other == number && (of == protocol || of.is_empty() || protocol.is_empty())
        };
        second.ports.iter().find(clashes).map(|(number, of)| {
            if of.is_empty() { format!("{number}") } else { format!("{number}/{of}") }
        })
    });
    let help_port = "take another address, or another port".to_owned();
    let key = match keeper {
        Some(Keeper::MetalLb) => "metallb.io/allow-shared-ip",
        Some(Keeper::Cilium) => "lbipam.cilium.io/sharing-key",
        Some(Keeper::KubeVip) | None => {
            return same_port.map(|port| (format!("both have port {port}"), help_port));
        }
    };
    let keeper = keeper?;
    let name = keeper.name();
    let keys = [first.sharing_key(keeper), second.sharing_key(keeper)];
    if keys.iter().flatten().any(|key| key.is_empty()) {
        let why = format!("{name} gives an address twice only to Services that both allow it");
        return Some((
            why,
            match &same_port {
                None => format!("take another address, or give both the same `{key}`"),
                Some(_) => help_port,
            },
        ));
    }
    if let [Some(one), Some(other)] = keys
        && one != other
    {
        let why = format!("their keys for sharing differ: `{one}` and `{other}`");
        return Some((why, format!("give both the same `{key}`")));
    }
    if let Some(port) = same_port {
        return Some((format!("both have port {port}"), help_port));
    }
    let (Some(one), Some(other)) = (first.service, second.service) else { return None };
    let is_local = [one.balancing.is_local, other.balancing.is_local];
    if is_local[0] != is_local[1] || (is_local[0] && !may_be_where_both_are([one, other], keeper)) {
        let why = format!(
            "{name} shares an address between Services with `externalTrafficPolicy: Local` only where both have it and \
             select the same pods"
        );
        return Some((why, "take another address, or `externalTrafficPolicy: Cluster`".to_owned()));
    }
    let spaces = [first, second].map(|it| it.namespace().unwrap_or_default());
    let allows = |balancing: &Balancing, space: &str| {
        balancing.shares_with.iter().any(|it| **it == *space || &**it == "*")
    };
    let is_across = spaces[0] == spaces[1]
        || (allows(&one.balancing, spaces[1]) && allows(&other.balancing, spaces[0]));
    if keeper == Keeper::Cilium && !is_across {
        let why = "Cilium shares an address across namespaces only where both Services allow it"
            .to_owned();
        let help = "take another address, or name each other's namespace in \
                    `lbipam.cilium.io/sharing-cross-namespace`";
        return Some((why, help.to_owned()));
    }
    None
}

/// Whether nodes with pods of one of two Services may be those with pods of the other. Cilium knows
/// of no pods without a selector, whatever the Services permit.
fn may_be_where_both_are(services: [&Service; 2], keeper: Keeper) -> bool {
    let is_open = |it: &Service| it.has_selector && it.selector.is_none();
    let is_empty = |it: &Service| {
        let selector = it.selector.as_ref().map(|it| &it.selector);
        !it.has_selector || selector.is_some_and(|it| it.labels().is_empty())
    };
    let is_cilium = keeper == Keeper::Cilium;
    if is_cilium && services.iter().any(|it| is_empty(it)) {
        return false;
    }
    let selectors = services.map(|it| it.selector.as_ref().map(|it| &it.selector));
    services.iter().any(|it| is_open(it))
        || selectors[0] == selectors[1]
        || (is_cilium && services.iter().all(|it| it.balancing.shares_beside_others))
}
