//! Addresses that Services ask for, and that nobody gives them.

use core::net::IpAddr;

use super::view::{Balanced, Known, View};
use super::{Spot, is_marked, is_placeholder};
use crate::diagnostic::{Finding, nearest};
use crate::facts::{Body, Extent, Keeper};

/// Looks at everything that asks for an address.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for balanced in &view.balanced {
        let keeper = balanced.keeper;
        let before = found.len();
        if let Some(keeper) = keeper {
            wishes(view, balanced, keeper, found);
            families(view, balanced, keeper, found);
        }
        // One of them is reason enough to get none.
        if found.len() > before {
            continue;
        }
        if let Some(keeper) = keeper.filter(|it| *it != Keeper::KubeVip)
            && let Some(pools) = view.known_pools(keeper, balanced)
        {
            found.extend(pool_wish(view, balanced, &pools));
            for (address, spot) in balanced.wants(Some(keeper)) {
                found.extend(one(view, balanced, &pools, address, spot));
            }
        }
    }
    for object in view.cluster.objects() {
        let Body::Service(service) = &object.body else { continue };
        let Some(wish) = service.balancing.wishes.first() else { continue };
        // Where the way in leads there, that is told instead.
        let leads = |address: &IpAddr| {
            let mut rules =
                view.network.entry.rules.iter().filter_map(|rule| rule.address.as_ref());
            rules.any(|stated| stated.value == *address)
        };
        if &*service.kind == "LoadBalancer" || wish.addresses.iter().any(leads) {
            continue;
        }
        let what = if service.is_headless { "a headless Service" } else { &*service.kind };
        let message = format!(
            "{what} gets no load-balancer address",
            what = match what {
                "a headless Service" => what.to_owned(),
                kind => format!("a Service of `type: {kind}`"),
            }
        );
        let finding = Finding::warning("address-request-ignored", message);
        let help = "write `type: LoadBalancer`, or remove the wish for an address";
        found.push(Spot::Field(object, &wish.place).on(finding).help(help));
    }
}

/// Wishes that cannot be read, or not together: `getDesiredLbIPs` of MetalLB's
/// `controller/service.go`, `Assign` of its `internal/allocator/allocator.go`.
fn wishes(view: &View<'_>, balanced: &Balanced<'_>, keeper: Keeper, found: &mut Vec<Finding>) {
    const ID: &str = "address-request-invalid";
    let (Some(object), Some(balancing)) = (balanced.object, balanced.balancing) else { return };
    if keeper == Keeper::KubeVip {
        return;
    }
    for wish in balancing.asked_of(keeper) {
        let spot = Spot::Field(object, &wish.place);
        if let Some(wrong) = wish.wrong.as_ref().filter(|text| !is_placeholder(view.cluster, text))
        {
            let finding = Finding::error(ID, crate::facts::address_fault(wrong));
            found.push(spot.on(finding).note(match keeper {
                Keeper::MetalLb => "MetalLB gives the Service no address at all",
                _ => "Cilium gives the Service another address",
            }));
        }
        let [first, second, ..] = &*wish.addresses else { continue };
        if keeper == Keeper::MetalLb
            && (first.is_ipv4() == second.is_ipv4() || wish.addresses.len() > 2)
        {
            let message = "MetalLB gives a Service one address of each family";
            let finding = Finding::error(ID, message);
            found.push(spot.on(finding).help("make a Service for each address"));
        }
    }
    let mut places = balancing.asked_of(keeper).map(|wish| (wish.keeper, &wish.place));
    if let (Keeper::MetalLb, Some((_, first)), Some((_, second))) =
        (keeper, places.next(), places.next())
    {
        let message =
            "MetalLB takes an address from the annotation or from `loadBalancerIP`, not both";
        let finding = Spot::Field(object, second).on(Finding::error(ID, message));
        found.push(finding.at(first.span, "the annotation").help("remove `loadBalancerIP`"));
    }
}

/// A Service of one family gets no address of the other.
fn families(view: &View<'_>, balanced: &Balanced<'_>, keeper: Keeper, found: &mut Vec<Finding>) {
    let Some(is_v4) = balanced.is_v4(view.network) else { return };
    if keeper == Keeper::KubeVip {
        return;
    }
    let wants = balanced.wants(Some(keeper));
    if let Some((address, spot)) = wants.into_iter().find(|(it, _)| it.is_ipv4() != is_v4) {
        let (own, other) = if is_v4 { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
        let message = format!("`{address}` is {other}, and the Service is {own} alone");
        let finding = spot.on(Finding::error("address-family-mismatch", message));
        let note = format!("{} gives it no address", keeper.name());
        let help = format!("take an address of {own}, or write `ipFamilyPolicy: PreferDualStack`");
        found.push(finding.note(note).help(help));
    }
}

/// A pool that is asked for by name.
fn pool_wish(view: &View<'_>, balanced: &Balanced<'_>, pools: &[Known<'_>]) -> Option<Finding> {
    let (name, place) = balanced.balancing?.pool.as_ref()?;
    let spot = Spot::Field(balanced.object?, place);
    if let Some(known) = pools.iter().find(|known| known.pool.name == *name) {
        let is_refused = view.fits(known.pool, balanced) == Some(false);
        return is_refused
            .then(|| mismatch(known, spot, format!("pool `{name}` is not for this Service")));
    }
    let names = || pools.iter().map(|known| &*known.pool.name);
    let near = nearest(name, names());
    if is_marked(name) || (view.cluster.extent() != Extent::Whole && near.is_none()) {
        return None;
    }
    let message = format!("there is no pool `{name}`");
    let finding = spot.on(Finding::error("address-pool-missing", message));
    let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    Some(finding.note("the Service gets no address").help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    }))
}

fn mismatch(known: &Known<'_>, spot: Spot<'_>, message: String) -> Finding {
    let finding = spot.on(Finding::error("pool-mismatch", message));
    let finding = match known.addresses() {
        Some(spot) => finding.at(spot.span(), format!("pool `{}`", known.pool.name)),
        None => finding,
    };
    finding.note("the Service gets no address").help(match known.pool.keeper {
        Keeper::Cilium => "compare its labels with the `serviceSelector` of the pool",
        _ => "compare its namespace and labels with the `serviceAllocation` of the pool",
    })
}

/// One address that is asked for.
fn one(
    view: &View<'_>,
    balanced: &Balanced<'_>,
    pools: &[Known<'_>],
    address: IpAddr,
    spot: Spot<'_>,
) -> Option<Finding> {
    let gives = |known: &&Known<'_>| !known.pool.is_disabled && known.pool.gives(address);
    let containing: Vec<&Known<'_>> = pools.iter().filter(gives).collect();
    if containing.is_empty() {
        return outside(view, pools, address, spot);
    }
    if let Some(known) = containing.first()
        && containing.iter().all(|known| view.fits(known.pool, balanced) == Some(false))
    {
        let message =
            format!("`{address}` is of pool `{}`, which is not for this Service", known.pool.name);
        return Some(mismatch(known, spot, message));
    }
    let wanted = balanced.balancing.and_then(|it| it.pool.as_ref());
    if let (Some((name, place)), Some(known)) = (wanted, containing.first())
        && !containing.iter().any(|known| known.pool.name == *name)
        && pools.iter().any(|known| known.pool.name == *name)
    {
        let message = format!("`{address}` is of pool `{}`, not of `{name}`", known.pool.name);
        let finding = spot.on(Finding::error("pool-mismatch", message));
        let finding = finding.at(place.span, format!("asks for `{name}`"));
        return Some(
            finding.note("MetalLB gives the Service no address").help("remove one of the two"),
        );
    }
    kept_for_others(view, balanced, address, spot)
}

fn outside(
    view: &View<'_>,
    pools: &[Known<'_>],
    address: IpAddr,
    spot: Spot<'_>,
) -> Option<Finding> {
    let mut assigned = view.network.pools.iter().flat_map(|pool| &pool.assigned);
    // Then the environment itself assigns it wrongly, which is told there.
    if assigned.any(|assigned| assigned.address == address) {
        return None;
    }
    let message = format!("`{address}` is in no pool");
    let finding = spot.on(Finding::error("address-outside-pools", message));
    let finding = finding.note("nobody gives it, and the Service stays without an address");
    let holding = pools.iter().find(|known| known.pool.contains(address));
    let shown: Vec<String> = pools
        .iter()
        .filter(|known| !known.pool.is_disabled)
        .flat_map(|known| &known.pool.blocks)
        .map(|entry| format!("`{}`", entry.text))
        .take(6)
        .collect();
    Some(match holding {
        Some(known) if known.pool.is_disabled => {
            finding.help(format!("pool `{}` has it and is disabled", known.pool.name))
        }
        Some(known) if known.pool.is_end(address) => finding.help(format!(
            "pool `{}` keeps back the first and the last address of each CIDR (`allowFirstLastIPs`)",
            known.pool.name
        )),
        Some(known) => finding.help(format!(
            "pool `{}` keeps back addresses that end in `.0` and `.255` (`avoidBuggyIPs`)",
            known.pool.name
        )),
        None => finding.help(format!("the pools have {}", shown.join(", "))),
    })
}

/// Whether the environment keeps an address for something else.
pub(super) fn is_kept(view: &View<'_>, by: &Balanced<'_>, address: IpAddr, spot: Spot<'_>) -> bool {
    kept_for_others(view, by, address, spot).is_some()
}

/// An address that the environment keeps for something else.
fn kept_for_others(
    view: &View<'_>,
    balanced: &Balanced<'_>,
    address: IpAddr,
    spot: Spot<'_>,
) -> Option<Finding> {
    const ID: &str = "address-reserved";
    let own = [balanced.unit, balanced.object.map_or("", |object| &object.key.name)];
    let pools = || view.network.pools.iter();
    let mut reserved = pools().flat_map(|pool| &pool.reserved);
    let kept = reserved.find(|it| it.block.contains(address) && !own.contains(&&*it.name));
    let mut assigned: Vec<_> =
        pools().flat_map(|pool| &pool.assigned).filter(|it| it.address == address).collect();
    if let Some(kept) = kept {
        // What is assigned and kept at once is told where it is stated.
        if !assigned.is_empty() {
            return None;
        }
        let finding = Finding::error(ID, format!("`{address}` is kept for `{}`", kept.name));
        let help = "take another address, or take it out of `reserved`";
        return Some(spot.on(finding).at(kept.span, "kept here").help(help));
    }
    let is_shared = [Keeper::MetalLb, Keeper::Cilium]
        .into_iter()
        .any(|keeper| balanced.sharing_key(keeper).is_some_and(|key| !key.is_empty()));
    if is_shared || assigned.iter().any(|it| own.contains(&&*it.name)) {
        return None;
    }
    assigned.retain(|it| view.network.runs(&it.name));
    let owner = assigned.first()?;
    let finding = Finding::error(ID, format!("`{address}` is the address of `{}`", owner.name));
    Some(
        spot.on(finding)
            .at(owner.span, "assigned here")
            .help("take the address that is assigned to it"),
    )
}
