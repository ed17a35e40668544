//! Pools: what they cannot have, and what others have.

use super::view::{Known, View};
use super::{Spot, is_placeholder};
use crate::diagnostic::Finding;
use crate::facts::{Block, DeclaredPool, Keeper, PoolBlock, Written};

/// Looks at every entry of every pool.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for (index, known) in view.pools.iter().enumerate() {
        for (at, entry) in known.pool.blocks.iter().enumerate() {
            let block = match &entry.block {
                Ok(block) => *block,
                Err(why) => {
                    found.extend(invalid(view, known, entry, why));
                    continue;
                }
            };
            let spot = known.spot(&entry.place);
            let before = view.pools[..index]
                .iter()
                .flat_map(|other| other.pool.blocks.iter().map(move |entry| (other, entry)));
            let own = known.pool.blocks[..at].iter().map(|entry| (known, entry));
            let mut others = before.chain(own).filter(|(other, entry)| {
                may_clash(view, (other, entry), (known, block))
                    && !(other.pool.is_disabled && known.pool.is_disabled)
                    && other.spot(&entry.place).surely_with(spot, view)
            });
            let overlap = others.find_map(|(other, entry)| {
                let common = entry.block.as_ref().ok()?.common(block)?;
                Some((other, entry, common))
            });
            if let Some((other, entry, common)) = overlap {
                found.push(overlapping(known, spot, other, entry, common));
            }
            found.extend(in_cluster_network(view, known, spot, block));
        }
        if let Some(declared) = known.declared {
            assignments(declared, found);
        }
    }
}

/// Whether two pools cannot both have an address: those of one keeper, or kube-vip's and another's.
fn may_clash(
    view: &View<'_>,
    (other, entry): (&Known<'_>, &PoolBlock),
    (known, block): (&Known<'_>, Block),
) -> bool {
    let is_kube_vip = |it: &Known<'_>| it.pool.keeper == Keeper::KubeVip;
    match (is_kube_vip(other), is_kube_vip(known)) {
        // It gives an address of several entries once.
        (true, true) => false,
        (false, false) => other.pool.keeper == known.pool.keeper,
        // What the environment plans may be carried out by kube-vip.
        _ => {
            let is_planned = other.declared.is_some() && !view.has_metallb();
            !is_planned || !entry.block.as_ref().is_ok_and(|planned| planned.covers(block))
        }
    }
}

/// An entry that is no addresses. What the environment declares is judged with its file.
fn invalid(view: &View<'_>, known: &Known<'_>, entry: &PoolBlock, why: &str) -> Option<Finding> {
    if known.object.is_none() || is_placeholder(view.cluster, &entry.text) {
        return None;
    }
    let name = &known.pool.name;
    let (message, why) = if entry.text.is_empty() {
        (format!("pool `{name}` has a comma with nothing on one side"), None)
    } else {
        (format!("pool `{name}` cannot have `{}`", entry.text), Some(why))
    };
    let finding = known.spot(&entry.place).on(Finding::error("pool-address-invalid", message));
    let finding = why.into_iter().fold(finding, Finding::note);
    Some(finding.note(match known.pool.keeper {
        Keeper::MetalLb => "MetalLB refuses the pool, and gives none of its addresses",
        Keeper::KubeVip => "kube-vip gives no address of the pool, not even one of other entries",
        Keeper::Cilium => "Cilium gives no addresses of the pool",
    }))
}

/// Addresses that two entries have. Cilium marks a pool whose entries overlap, and the younger one of
/// two that do, as conflicting, and gives none of its addresses; whether a pool is disabled it does not
/// ask: `settleConflicts` of its `operator/pkg/lbipam/lbipam.go`.
fn overlapping(
    known: &Known<'_>,
    spot: Spot<'_>,
    other: &Known<'_>,
    entry: &PoolBlock,
    common: Block,
) -> Finding {
    let whose = match known.pool.name == other.pool.name {
        true => "this pool has".to_owned(),
        false => format!("pool `{}` has", other.pool.name),
    };
    const ID: &str = "pool-overlap";
    if let Some((disabled, enabled)) = match (other.pool.is_disabled, known.pool.is_disabled) {
        (true, _) => Some((other.pool, known.pool)),
        (_, true) => Some((known.pool, other.pool)),
        _ => None,
    } {
        let (enabled, disabled) = (&enabled.name, &disabled.name);
        let message =
            format!("pool `{enabled}` has addresses of `{disabled}`, which is disabled: {common}");
        let finding = spot.on(Finding::warning(ID, message));
        return finding
            .at(other.spot(&entry.place).span(), format!("{whose} them here"))
            .note(format!("if `{enabled}` is the younger, Cilium gives none of its addresses"))
            .help(format!("remove `{disabled}`, or take the addresses out of it"));
    }
    let message = format!("pool `{}` has addresses twice: {common}", known.pool.name);
    let finding = spot.on(Finding::error(ID, message));
    let finding = finding.at(other.spot(&entry.place).span(), format!("{whose} them here"));
    finding.help("take them out of one of the two").note(match known.pool.keeper {
        _ if other.pool.keeper != known.pool.keeper => {
            "each gives such an address without asking the other, and two Services get one"
        }
        Keeper::MetalLb => {
            "MetalLB refuses pools that overlap, and keeps the configuration that it had"
        }
        _ if known.pool.name == other.pool.name => {
            "Cilium gives none of the addresses of a pool that overlaps itself"
        }
        _ => "Cilium gives no addresses of the younger pool",
    })
}

/// Addresses that pods, Services or machines have.
fn in_cluster_network<'c>(
    view: &View<'c>,
    known: &Known<'_>,
    spot: Spot<'_>,
    block: Block,
) -> Option<Finding> {
    const ID: &str = "pool-in-cluster-network";
    let network = view.network;
    let name = &known.pool.name;
    for (what, stated) in [("pods", &network.pods), ("Services", &network.services)] {
        let both = |it: &'c Written<Block>| Some((it, it.value.common(block)?));
        if let Some((stated, common)) = stated.iter().find_map(both) {
            let message = format!("pool `{name}` has addresses of the cluster's {what}: {common}");
            let finding = spot.on(Finding::error(ID, message));
            return Some(
                finding
                    .at(stated.span, format!("the network of the {what}"))
                    .note("who connects to such an address ends within the cluster or nowhere")
                    .help("take addresses of the network that the nodes are in"),
            );
        }
    }
    let is_asked_for = |address| {
        let asked = view.balanced.iter().flat_map(|one| one.wants(None));
        let mut assigned = network.pools.iter().flat_map(|pool| &pool.assigned);
        assigned.any(|it| it.address == address) || asked.into_iter().any(|(it, _)| it == address)
    };
    // A name of a machine may stand for an address of the pool.
    let is_own = |machine: &&crate::facts::Neighbour| {
        block.contains(machine.address)
            && !known.pool.keeps_back(machine.address)
            && (machine.is_node || !is_asked_for(machine.address))
    };
    let machines: Vec<_> = network.machines.iter().filter(is_own).collect();
    if let Some((first, others)) = machines.split_first() {
        let message = match others.len() {
            0 => format!("pool `{name}` has the address of `{}`", first.name),
            count => {
                format!(
                    "pool `{name}` has the address of `{}`, and those of {count} more",
                    first.name
                )
            }
        };
        let mut finding = spot.on(Finding::error(ID, message));
        for machine in &machines {
            finding = finding.at(machine.span, format!("{}", machine.address));
        }
        let note = "two machines would answer for one address";
        return Some(finding.note(note).help("begin or end the range beside it"));
    }
    let nodes = network.nodes.iter().find(|nodes| block.covers(nodes.value))?;
    let message = format!("pool `{name}` has the whole network of the nodes");
    let finding = spot.on(Finding::error(ID, message));
    Some(
        finding
            .at(nodes.span, "the network of the nodes")
            .note("Services would get addresses that machines have")
            .help("take a range of it that nobody else gives away, by DHCP for example"),
    )
}

/// What the environment assigns and reserves must be of the pool, and free.
fn assignments(declared: &DeclaredPool, found: &mut Vec<Finding>) {
    let pool = &declared.pool;
    let is_readable = pool.blocks.iter().all(|entry| entry.block.is_ok());
    let addresses = pool.blocks.first().map(|entry| entry.place.span);
    for assigned in &declared.assigned {
        let (name, address) = (&assigned.name, assigned.address);
        if is_readable && (!pool.contains(address) || pool.keeps_back(address)) {
            let message =
                format!("`{address}`, which `{name}` has, is not in pool `{}`", pool.name);
            let finding = Finding::error("address-outside-pools", message).at(assigned.span, "");
            let finding = match addresses {
                Some(span) => finding.at(span, "the pool's addresses"),
                None => finding,
            };
            found.push(match pool.contains(address) {
                true => {
                    finding.note("of addresses that end in `.0` and `.255` the pool gives none")
                }
                false => finding.help("take an address of the pool, or widen the pool"),
            });
        }
        if let Some(kept) = declared.reserved.iter().find(|kept| kept.block.contains(address)) {
            let message = format!("`{address}`, which `{name}` has, is kept for `{}`", kept.name);
            let finding = Finding::error("address-reserved", message).at(assigned.span, "");
            found.push(
                finding
                    .at(kept.span, "kept here")
                    .help("take another address, or take it out of `reserved`"),
            );
        }
    }
    for (index, kept) in declared.reserved.iter().enumerate() {
        let lies_in = |entry: &PoolBlock| {
            entry.block.as_ref().is_ok_and(|it| it.common(kept.block).is_some())
        };
        if is_readable && !pool.blocks.iter().any(lies_in) {
            let message =
                format!("{}, kept for `{}`, is not in pool `{}`", kept.block, kept.name, pool.name);
            let finding = Finding::error("address-outside-pools", message).at(kept.span, "");
            found.push(match addresses {
                Some(span) => finding.at(span, "the pool's addresses"),
                None => finding,
            });
        }
        let before = &declared.reserved[..index];
        let other =
            before.iter().find(|it| it.name != kept.name && it.block.common(kept.block).is_some());
        if let Some(other) = other {
            let message =
                format!("{} is kept for `{}` and for `{}`", kept.block, other.name, kept.name);
            let finding = Finding::error("address-reserved", message).at(kept.span, "");
            found.push(finding.at(other.span, "kept here").help("take it out of one of the two"));
        }
    }
}
