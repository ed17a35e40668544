//! Letting objects and pods in, one after the other, as the quota plugin does.

use std::collections::BTreeMap;

use super::count::{Defaults, built_in};
use super::load::{Load, Short};
use super::{Rooms, scope, usage};
use crate::facts::{Amounts, Body, Cluster, Object, Quota, RunKind, times};
use crate::model::Quantity;

/// What is taken of each quota.
pub(super) type Used = BTreeMap<*const Object, Amounts>;

/// Lets objects and pods in, one after the other, as `CheckRequest` of the quota plugin does.
pub(super) fn admit<'c>(
    cluster: &'c Cluster,
    rooms: &Rooms<'c>,
    is_refused: &dyn Fn(&Object) -> bool,
    loads: &mut [Load<'c>],
    defaults: &Defaults,
) -> Used {
    let mut used = Used::new();
    for &(object, quota) in rooms.quotas.values().flatten() {
        let keys = quota.hard.iter().filter(|_| quota.scopes.is_empty());
        let built_in =
            keys.filter_map(|hard| Some((&*hard.key, built_in(cluster, object, &hard.key)?)));
        used.insert(std::ptr::from_ref(object), built_in.collect());
    }
    let mut refused: Vec<*const Object> = Vec::new();
    for object in cluster.objects().iter().filter(|object| !object.is_cluster_wide) {
        let is_pod = |load: &Load<'_>| load.pod.run.kind == RunKind::Pod;
        if object.key.group_kind.kind == "Pod" {
            let same = |load: &&mut Load<'c>| std::ptr::eq(load.object, object) && is_pod(load);
            if let Some(load) = loads.iter_mut().find(same) {
                pods(cluster, rooms, load, defaults, &mut used);
            }
            continue;
        }
        if matches!(object.body, Body::Claim(_)) && is_refused(object) {
            continue;
        }
        let quotas = rooms.quotas(cluster, object);
        let open: Vec<_> = quotas.into_iter().filter(|(_, it)| it.scopes.is_empty()).collect();
        if open.is_empty() {
            continue;
        }
        if let Err(short) = take(&open, &defaults.usage(object), &mut used) {
            refused.push(std::ptr::from_ref(object));
            if let Some(load) = loads.iter_mut().find(|load| std::ptr::eq(load.object, object)) {
                load.short = Some(short);
            }
        }
    }
    for load in loads.iter_mut() {
        let is_direct = load.pod.run.kind == RunKind::Pod && !load.is_declared;
        if !is_direct && !refused.contains(&std::ptr::from_ref(load.object)) {
            pods(cluster, rooms, load, defaults, &mut used);
        }
    }
    used
}

/// Lets the pods of one workload in, as many as there is room for.
fn pods<'c>(
    cluster: &'c Cluster,
    rooms: &Rooms<'c>,
    load: &mut Load<'c>,
    defaults: &Defaults,
    used: &mut Used,
) {
    if !load.refusals.is_empty() {
        return;
    }
    let all = rooms.quotas(cluster, load.object);
    let open: Vec<_> = all.iter().copied().filter(|(_, it)| it.scopes.is_empty()).collect();
    let counting = |(_, quota): &(&Object, &Quota)| scope::counts(quota, load.pod, &load.demand);
    let quotas: Vec<_> = all.iter().copied().filter(counting).collect();
    let claims = usage::claims(&load.pod.run.claims, 1, defaults.class.as_deref());
    let (claimed, no_claim) = room(&open, &claims, load.steady, used);
    let (counted, no_pod) = room(&quotas, &load.demand.usage, load.steady, used);
    load.admitted = claimed.min(counted);
    load.short = if claimed <= counted { no_claim.or(no_pod) } else { no_pod };
    // The claims of a pod are there before it is refused.
    let claimed = if counted < claimed { counted + 1 } else { claimed };
    add(&open, &claims.times(claimed), used);
    add(&quotas, &load.demand.usage.times(load.admitted), used);
}

/// For how many of these there is room, and what keeps one more out where that is fewer than wanted.
fn room<'c>(
    quotas: &[(&'c Object, &'c Quota)],
    usage: &Amounts,
    wanted: u32,
    used: &Used,
) -> (u32, Option<Short<'c>>) {
    let (mut count, mut short) = (wanted, None);
    for &(by, quota) in quotas {
        let known = used.get(&std::ptr::from_ref(by));
        for hard in &quota.hard {
            let each = usage.of_resource(&hard.key);
            let taken = known.map_or(Quantity::ZERO, |known| known.of_resource(&hard.key));
            if each <= Quantity::ZERO {
                continue;
            }
            let left = hard.amount.checked_sub(taken).map_or(0, Quantity::milli_value).max(0);
            let fits = u32::try_from(left / each.milli_value().max(1)).unwrap_or(u32::MAX);
            if fits < count {
                count = fits;
                let used = taken.checked_add(times(each, fits)).unwrap_or(taken);
                short = Some(Short { by, hard, used, each });
            }
        }
    }
    (count, short)
}

/// Counts what is let in.
fn add(quotas: &[(&Object, &Quota)], usage: &Amounts, used: &mut Used) {
    for (by, quota) in quotas {
        let known = used.entry(std::ptr::from_ref(*by)).or_default();
        for hard in &quota.hard {
            if let Some(amount) = usage.get(&hard.key) {
                known.add_one(&hard.key, amount);
            }
        }
    }
}

/// Takes from quotas, from all or from none.
fn take<'c>(
    quotas: &[(&'c Object, &'c Quota)],
    usage: &Amounts,
    used: &mut Used,
) -> Result<(), Short<'c>> {
    if let (0, Some(short)) = room(quotas, usage, 1, used) {
        return Err(short);
    }
    add(quotas, usage, used);
    Ok(())
}
