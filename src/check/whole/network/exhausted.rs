//! More Services than addresses, and Services that no pool serves by itself.

use std::collections::BTreeSet;

use core::net::IpAddr;

use super::view::{Balanced, Known, View};
use crate::diagnostic::Finding;
use crate::facts::{Keeper, Pool};

/// Looks at the pools of MetalLB and of Cilium.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for keeper in [Keeper::MetalLb, Keeper::Cilium] {
        of_keeper(view, keeper, found);
    }
}

/// What takes one address: a Service, or several that may share one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Taken<'a> {
    Address(IpAddr),
    Key(&'a str),
    Alone(usize),
}

fn of_keeper(view: &View<'_>, keeper: Keeper, found: &mut Vec<Finding>) {
    let is_served = |balanced: &&Balanced<'_>| view.keeper(balanced) == Some(keeper);
    let waiting: Vec<&Balanced<'_>> =
        view.balanced.iter().filter(is_served).filter(|balanced| balanced.takes_any()).collect();
    for (index, &balanced) in waiting.iter().enumerate() {
        let Some(pools) = view.known_pools(keeper, balanced) else { continue };
        let asked = balanced.balancing.and_then(|it| it.pool.as_ref());
        let open: Vec<Known<'_>> = pools
            .iter()
            .copied()
            .filter(|known| match asked {
                Some((name, _)) => known.pool.name == *name,
                None => serves(view, known.pool, balanced),
            })
            .collect();
        if open.is_empty() {
            if asked.is_none() {
                found.extend(unassigned(balanced, &pools, keeper));
            }
            continue;
        }
        // Who comes before it takes what it could have.
        let before = &waiting[..index];
        if let Some(finding) = exhausted(view, keeper, balanced, before, &open) {
            found.push(finding);
        }
    }
}

/// Whether a Service without a wish gets an address of a pool: MetalLB's `Allocate`.
fn serves(view: &View<'_>, pool: &Pool, balanced: &Balanced<'_>) -> bool {
    pool.is_automatic && !pool.is_disabled && view.fits(pool, balanced) != Some(false)
}

fn unassigned(balanced: &Balanced<'_>, pools: &[Known<'_>], keeper: Keeper) -> Option<Finding> {
    let spot = balanced.spot()?;
    let message = format!("{} asks for no address, and no pool gives one by itself", balanced.name);
    let finding = spot.on(Finding::error("address-unassigned", message));
    let finding = match pools.first().and_then(Known::addresses) {
        Some(spot) => {
            finding.at(spot.span(), "this pool gives only what is asked for, or to others")
        }
        None => finding,
    };
    let finding = finding.note("the Service stays without an address");
    Some(match keeper {
        Keeper::MetalLb => finding.help(
            "ask for an address in `metallb.io/loadBalancerIPs`, or let the pool `autoAssign`",
        ),
        _ => finding.help("compare its labels with the `serviceSelector` of the pools"),
    })
}

/// Whether what comes before takes all addresses of the pools that are open to one. Only what is
/// sure to take one of these counts.
fn exhausted(
    view: &View<'_>,
    keeper: Keeper,
    balanced: &Balanced<'_>,
    before: &[&Balanced<'_>],
    open: &[Known<'_>],
) -> Option<Finding> {
    let sum = |of: &dyn Fn(&Known<'_>) -> u128| open.iter().map(of).fold(0, u128::saturating_add);
    let all = sum(&|known| known.pool.capacity());
    if all > 100_000 {
        return None;
    }
    let holds = |address: IpAddr| open.iter().any(|known| known.pool.contains(address));
    let mut taken: BTreeSet<Taken<'_>> = BTreeSet::new();
    for one in view.balanced.iter().filter(|one| view.keeper(one).is_none_or(|it| it == keeper)) {
        for (address, _) in one.wants(Some(keeper)) {
            if holds(address) {
                taken.insert(Taken::Address(address));
            }
        }
    }
    let asked = taken.len();
    // What the environment keeps is free for MetalLB, and not for whoever wrote it.
    let declared = open.iter().filter_map(|known| known.declared);
    let mut kept = 0_u128;
    for declared in declared {
        let pool = &declared.pool;
        kept += declared.reserved.iter().map(|it| it.block.count()).fold(0, u128::saturating_add);
        for assigned in declared.assigned.iter().filter(|it| pool.contains(it.address)) {
            kept += u128::from(taken.insert(Taken::Address(assigned.address)));
        }
    }
    let fixed = taken.len();
    for (index, one) in before.iter().chain([&balanced]).enumerate() {
        let pool = one.balancing.and_then(|it| it.pool.as_ref()).map(|(name, _)| name);
        let is_open = |known: &Known<'_>| open.iter().any(|it| it.pool.name == known.pool.name);
        // One that may have an address of another pool is not counted.
        let mut others = view.pools_of(keeper).filter(|known| !is_open(known));
        let is_bound = match pool {
            Some(name) => open.iter().any(|known| known.pool.name == *name),
            None => !others.any(|known| serves(view, known.pool, one)),
        };
        if is_bound {
            let key = one.sharing_key(keeper).filter(|key| !key.is_empty());
            taken.insert(key.map_or(Taken::Alone(index), Taken::Key));
        }
    }
    let free = all.saturating_sub(kept).saturating_sub(asked as u128);
    let wanted = (taken.len() - fixed) as u128;
    if wanted <= free {
        return None;
    }
    let names: Vec<String> = open.iter().map(|known| format!("`{}`", known.pool.name)).collect();
    let message = format!("no address is left in {} for {}", names.join(", "), balanced.name);
    let finding = balanced.spot()?.on(Finding::error("pool-exhausted", message));
    let finding = match open.first().and_then(Known::addresses) {
        Some(spot) => finding.at(spot.span(), "the addresses"),
        None => finding,
    };
    let sum = format!(
        "{all} addresses: {asked} asked for by name, {kept} kept for others, {} for Services before it",
        wanted - 1
    );
    Some(finding.note(sum).help("widen the pool, or let Services share an address"))
}
