//! More Services than addresses, and Services that no pool serves by itself.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use super::Spot;
use super::taken;
use super::view::{Balanced, Known, View};
use crate::diagnostic::Finding;
use crate::facts::{Keeper, Object, Pool};
use crate::source::Span;

/// Looks at the pools of each keeper.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for keeper in [Keeper::MetalLb, Keeper::Cilium] {
        of_keeper(view, keeper, found);
    }
    of_kube_vip(view, found);
}

/// The pools of kube-vip's cloud provider, of which a Service has that of its namespace or else the
/// global one, CIDRs before ranges: `discoverPool` of its `pkg/provider/loadBalancer.go`.
fn of_kube_vip<'c>(view: &View<'c>, found: &mut Vec<Finding>) {
    let keeper = Keeper::KubeVip;
    let mut waiting: BTreeMap<Span, (Known<'c>, Vec<&Balanced<'c>>)> = BTreeMap::new();
    for one in view.balanced.iter().filter(|it| it.keeper == Some(keeper) && it.takes_any()) {
        let Some(pools) = view.known_pools(keeper, one) else { continue };
        let Some(namespace) = one.namespace().filter(|name| !name.is_empty()) else { continue };
        let own = pools.iter().filter(|known| {
            let is_sure =
                |it: &Object| one.object.is_none_or(|by| view.cluster.surely_share(it, by));
            known.object.is_some_and(is_sure)
        });
        let named = |name: &str| own.clone().find(|known| *known.pool.name == *name);
        let names = [namespace, "global"].map(|it| [format!("cidr-{it}"), format!("range-{it}")]);
        let Some(known) = names.iter().flatten().find_map(|name| named(name)) else { continue };
        if let Some(spot) = known.addresses().filter(|_| !known.pool.is_shared) {
            waiting.entry(spot.span()).or_insert((*known, Vec::new())).1.push(one);
        }
    }
    for (known, all) in waiting.into_values() {
        let has_both = known.pool.has_family(true) && known.pool.has_family(false);
        let families = if has_both { vec![Some(true), Some(false)] } else { vec![None] };
        for family in families {
            let of = all.iter().copied();
            let of = of.filter(|it| family.is_none() || it.is_v4(view.network) == family).collect();
            let usage = Use::of(view, keeper, &[known], family, of);
            found.extend(usage.exhausted(&[known]));
        }
    }
}

fn of_keeper(view: &View<'_>, keeper: Keeper, found: &mut Vec<Finding>) {
    let is_waiting = |it: &&Balanced<'_>| it.keeper == Some(keeper) && it.takes_any();
    let waiting: Vec<&Balanced<'_>> = view.balanced.iter().filter(is_waiting).collect();
    // Pools that some of them may have an address of, and of which family, each with the first of
    // these.
    type Set<'n> = (Vec<&'n str>, Option<bool>);
    let mut open: BTreeMap<Set<'_>, (Vec<Known<'_>>, &Balanced<'_>)> = BTreeMap::new();
    for &balanced in &waiting {
        let Some(pools) = view.known_pools(keeper, balanced) else { continue };
        let family = balanced.is_v4(view.network);
        let mut of = pools.clone();
        of.retain(|known| may_have(view, balanced, known));
        let has_any = !of.is_empty();
        if let Some(finding) = without_both(view, balanced, keeper, &of) {
            found.push(finding);
            continue;
        }
        of.retain(|known| family.is_none_or(|is_v4| known.pool.has_family(is_v4)));
        if of.is_empty() {
            if has_any || balanced.balancing.is_none_or(|it| it.pool.is_none()) {
                let family = family.filter(|_| has_any);
                found.extend(unassigned(balanced, &pools, keeper, family));
            }
            continue;
        }
        let names = of.iter().map(|known| &*known.pool.name).collect();
        open.entry((names, family)).or_insert((of, balanced));
    }
    let mut sets: Vec<_> = open.into_iter().collect();
    sets.sort_by_key(|((names, _), _)| names.len());
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for ((names, family), (pools, first)) in sets {
        // A pool that is too small is so for whoever may have its addresses among others.
        if names.iter().any(|name| told.contains(name)) {
            continue;
        }
        let bound = waiting.iter().copied().filter(|it| {
            let own = it.is_v4(view.network);
            let mut all = view.pools_of(keeper).filter(|known| {
                let has = |is_v4| known.pool.has_family(is_v4);
                may_have(view, it, known) && own.is_none_or(has)
            });
            (family.is_none() || own == family)
                && all.all(|known| names.contains(&&*known.pool.name))
        });
        let usage = Use::of(view, keeper, &pools, family, bound.collect());
        let findings = match usage.exhausted(&pools) {
            Some(finding) => vec![finding],
            None => usage.unguarded(&pools, first),
        };
        if !findings.is_empty() {
            told.extend(names);
        }
        found.extend(findings);
    }
}

/// A Service that must have both families, where no pool has both: MetalLB takes all its addresses
/// of one pool (`Allocate` of its `internal/allocator/allocator.go`).
fn without_both(
    view: &View<'_>,
    balanced: &Balanced<'_>,
    keeper: Keeper,
    pools: &[Known<'_>],
) -> Option<Finding> {
    let object = balanced.object?;
    let place = balanced.service?.needs_both.as_ref()?;
    let has_both = |known: &Known<'_>| known.pool.has_family(true) && known.pool.has_family(false);
    // What the API server refuses is told as that.
    let is_refused = view.network.services.len() == 1;
    if keeper != Keeper::MetalLb || is_refused || pools.iter().any(has_both) {
        return None;
    }
    let first = pools.first()?;
    let message = format!("{} must have both families, and no pool has both", balanced.name);
    let finding = Spot::Field(object, place).on(Finding::error("address-unassigned", message));
    let finding = match first.addresses() {
        Some(spot) => finding.at(spot.span(), "this pool has one family"),
        None => finding,
    };
    let help = "give the pool addresses of both families, or write `PreferDualStack`";
    Some(finding.note("the Service stays without an address").help(help))
}

/// Whether a Service without a wish for an address may get one of a pool.
fn may_have(view: &View<'_>, balanced: &Balanced<'_>, known: &Known<'_>) -> bool {
    match balanced.balancing.and_then(|it| it.pool.as_ref()) {
        Some((name, _)) => known.pool.name == *name,
        None => serves(view, known.pool, balanced),
    }
}

/// Whether a Service without a wish gets an address of a pool: MetalLB's `Allocate`.
fn serves(view: &View<'_>, pool: &Pool, balanced: &Balanced<'_>) -> bool {
    pool.is_automatic && !pool.is_disabled && view.fits(pool, balanced) != Some(false)
}

fn unassigned(
    balanced: &Balanced<'_>,
    pools: &[Known<'_>],
    keeper: Keeper,
    family: Option<bool>,
) -> Option<Finding> {
    let spot = balanced.spot()?;
    let message = match family {
        Some(is_v4) => {
            let family = if is_v4 { "IPv4" } else { "IPv6" };
            format!("{} is of {family}, and no pool has such an address for it", balanced.name)
        }
        None => format!("{} asks for no address, and no pool gives one by itself", balanced.name),
    };
    let finding = spot.on(Finding::error("address-unassigned", message));
    let finding = match pools.first().and_then(Known::addresses) {
        Some(spot) => {
            let text = match family {
                Some(_) => "this pool has others",
                None => "this pool gives only what is asked for, or to others",
            };
            finding.at(spot.span(), text)
        }
        None => finding,
    };
    let finding = finding.note("the Service stays without an address");
    Some(match keeper {
        _ if family.is_some() => finding.help("give the pool addresses of that family"),
        Keeper::MetalLb => finding.help(
            "ask for an address in `metallb.io/loadBalancerIPs`, or let the pool `autoAssign`",
        ),
        _ => finding.help("compare its labels with the `serviceSelector` of the pools"),
    })
}

/// What becomes of the addresses of some pools.
struct Use<'v, 'c> {
    /// How many there are.
    all: u128,
    /// How many are asked for.
    asked: u128,
    /// How many the environment keeps beside those.
    kept: u128,
    /// Who takes one of the rest; of those with one key, such that no two can share.
    waiting: Vec<&'v Balanced<'c>>,
    /// Addresses that are asked for.
    taken: BTreeSet<IpAddr>,
}

impl<'v, 'c> Use<'v, 'c> {
    fn of(
        view: &View<'c>,
        keeper: Keeper,
        pools: &[Known<'c>],
        family: Option<bool>,
        bound: Vec<&'v Balanced<'c>>,
    ) -> Self {
        let holds = |address: &IpAddr| {
            let is_meant = family.is_none_or(|is_v4| address.is_ipv4() == is_v4);
            is_meant && pools.iter().any(|known| known.pool.gives(*address))
        };
        let mut taken: BTreeSet<IpAddr> = BTreeSet::new();
        let mut sharing: Vec<&Balanced<'_>> = Vec::new();
        for one in view.balanced.iter().filter(|it| it.keeper.is_none_or(|it| it == keeper)) {
            let before = taken.len();
            taken.extend(one.wants(Some(keeper)).into_iter().map(|it| it.0).filter(holds));
            // Whoever has the same key may share its address.
            if taken.len() > before {
                sharing.push(one);
            }
        }
        // What the environment keeps is free for MetalLB, and not for whoever wrote it.
        let mut kept = 0_u128;
        for declared in pools.iter().filter_map(|known| known.declared) {
            let reserved = declared.reserved.iter().filter(|it| holds(&it.block.first));
            let reserved = reserved.map(|it| it.block.count());
            kept = reserved.fold(kept, u128::saturating_add);
            let assigned = declared.assigned.iter().map(|it| it.address).filter(holds);
            kept += assigned.filter(|address| !taken.contains(address)).count() as u128;
        }
        let may_share = |one: &Balanced<'_>, other: &Balanced<'_>| {
            taken::refusal(one, other, Some(keeper)).is_none()
        };
        let has_key = |it: &Balanced<'_>| it.sharing_key(keeper).is_some_and(|key| !key.is_empty());
        let is_waiting =
            |it: &&Balanced<'_>| !has_key(it) || !sharing.iter().any(|one| may_share(one, it));
        let bound: Vec<&'v Balanced<'c>> = bound.into_iter().filter(is_waiting).collect();
        let mut keys: BTreeMap<&str, Vec<&'v Balanced<'c>>> = BTreeMap::new();
        for one in bound.iter().filter(|it| has_key(it)) {
            keys.entry(one.sharing_key(keeper).unwrap_or_default()).or_default().push(one);
        }
        let apart: Vec<_> = keys.values().flat_map(|all| apart(all, &may_share)).collect();
        let takes_one = |it: &&'v Balanced<'c>| {
            !has_key(it) || apart.iter().any(|other| std::ptr::eq(*other, *it))
        };
        Self {
            all: pools.iter().map(|it| it.pool.capacity(family)).fold(0, u128::saturating_add),
            asked: taken.len() as u128,
            kept,
            waiting: bound.into_iter().filter(takes_one).collect(),
            taken,
        }
    }

    /// More Services than addresses.
    fn exhausted(&self, pools: &[Known<'_>]) -> Option<Finding> {
        let Self { all, asked, kept, waiting, .. } = self;
        let free = all.saturating_sub(*kept).saturating_sub(*asked);
        let first = waiting.get(usize::try_from(free).ok()?)?;
        let names: Vec<String> = pools.iter().map(|it| format!("`{}`", it.pool.name)).collect();
        let others = match waiting.len() as u128 - free - 1 {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let message =
            format!("no address is left in {} for {}{others}", names.join(", "), first.name);
        let finding = first.spot()?.on(Finding::error("pool-exhausted", message));
        let finding = match pools.first().and_then(Known::addresses) {
            Some(spot) => finding.at(spot.span(), "the addresses"),
            None => finding,
        };
        let sum = format!(
            "{all} addresses: {asked} asked for by name, {kept} kept for others, {free} for the {} Services that take any",
            waiting.len()
        );
        Some(finding.note(sum).help("widen the pool, or let Services share an address"))
    }

    /// Addresses that the environment keeps, and that MetalLB, which does not know, may give away.
    fn unguarded(&self, pools: &[Known<'_>], first: &Balanced<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        for known in pools {
            let Some(declared) = known.declared else { continue };
            let assigned = declared.assigned.iter().filter(|it| !self.taken.contains(&it.address));
            let assigned = assigned.map(|it| (it.address.to_string(), &it.name, it.span));
            let reserved = declared.reserved.iter();
            let reserved = reserved.map(|it| (it.block.to_string(), &it.name, it.span));
            let Some((address, owner, span)) = reserved.chain(assigned).next() else { continue };
            let Some(spot) = first.spot() else { continue };
            let message = format!(
                "{} asks for no address and may get {address}, which is kept for `{owner}`",
                first.name
            );
            let finding =
                spot.on(Finding::warning("address-unguarded", message)).at(span, "kept here");
            found.push(
                finding
                    .note("MetalLB gives any address of the pool that nobody has yet")
                    .help("ask for an address, and write `autoAssign: false` for the pool"),
            );
        }
        found
    }
}

/// As many of some as are found of whom no two can share an address: they take no fewer addresses.
fn apart<'v, 'c>(
    all: &[&'v Balanced<'c>],
    may_share: &impl Fn(&Balanced<'_>, &Balanced<'_>) -> bool,
) -> Vec<&'v Balanced<'c>> {
    let mut most: Vec<&Balanced<'_>> = Vec::new();
    for start in 0..all.len() {
        let mut found: Vec<&Balanced<'_>> = Vec::new();
        for &one in all[start..].iter().chain(&all[..start]) {
            if !found.iter().any(|other| may_share(other, one)) {
                found.push(one);
            }
        }
        if found.len() > most.len() {
            most = found;
        }
    }
    most
}
