//! Letting objects and pods in, one after the other, as the quota plugin does.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::count::{JOBS, built_in};
use super::load::{Load, Short};
use super::usage::Defaults;
use super::{Rooms, scope};
use crate::facts::{Amounts, Body, Claim, Cluster, Object, Quota, RunKind, times};
use crate::model::Quantity;

/// What is taken of each quota.
pub(super) type Used = BTreeMap<*const Object, Amounts>;

/// A quota, and what one of something takes of it.
type Charge<'c> = (&'c Object, &'c Quota, Amounts);

/// Lets objects and pods in, one after the other, as `CheckRequest` of the quota plugin does.
pub(super) fn admit<'c>(
    cluster: &'c Cluster,
    rooms: &Rooms<'c>,
    is_refused: &dyn Fn(&Object) -> bool,
    loads: &mut [Load<'c>],
    defaults: &Defaults<'c>,
) -> Used {
    let mut used = Used::new();
    for &(object, quota) in rooms.quotas.values().flatten() {
        let keys = quota.hard.iter().filter(|_| quota.scopes.is_empty());
        let built_in =
            keys.filter_map(|hard| Some((&*hard.key, built_in(cluster, object, &hard.key)?)));
        used.insert(std::ptr::from_ref(object), built_in.collect());
    }
    let mut refused: HashSet<*const Object> = HashSet::new();
    let by_object =
        loads.iter().enumerate().map(|(at, load)| (std::ptr::from_ref(load.object), at));
    let by_object: HashMap<*const Object, usize> = by_object.collect();
    for object in cluster.objects().iter().filter(|object| !object.is_cluster_wide) {
        let load = by_object.get(&std::ptr::from_ref(object)).map(|&at| &mut loads[at]);
        if object.key.group_kind.kind == "Pod" {
            if let Some(load) = load.filter(|load| load.pod.run.kind == RunKind::Pod) {
                pods(cluster, rooms, load, defaults, &mut used);
            }
            continue;
        }
        if matches!(object.body, Body::Claim(_)) && is_refused(object) {
            continue;
        }
        let quotas = rooms.quotas(cluster, object).into_iter();
        let charges: Vec<Charge<'_>> =
            quotas.map(|(by, quota)| (by, quota, defaults.usage(quota, object))).collect();
        if let Err(short) = take(&charges, &mut used) {
            refused.insert(std::ptr::from_ref(object));
            if let Some(load) = load {
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
    defaults: &Defaults<'c>,
    used: &mut Used,
) {
    if !load.refusals.is_empty() {
        return;
    }
    let all = rooms.quotas(cluster, load.object);
    let of_claims = |claims: &[Claim]| -> Vec<Charge<'c>> {
        all.iter().map(|&(by, quota)| (by, quota, defaults.claims(quota, claims))).collect()
    };
    let jobs: Vec<Charge<'c>> = all
        .iter()
        .filter(|(_, quota)| quota.scopes.is_empty())
        .map(|&(by, quota)| (by, quota, [(JOBS, Quantity::units(1))].into_iter().collect()))
        .collect();
    let (kept, no_job) = room(&jobs, load.pod.run.kept_jobs, used);
    add(&jobs, kept, used);
    let claims = of_claims(&load.pod.run.claims);
    let counting = all.iter().filter(|(_, quota)| scope::counts(quota, load.pod, &load.demand));
    let pods: Vec<Charge<'c>> =
        counting.map(|&(by, quota)| (by, quota, load.demand.usage.clone())).collect();
    let (claimed, no_claim) = room(&claims, load.steady, used);
    let (counted, no_pod) = room(&pods, load.steady, used);
    load.admitted = claimed.min(counted);
    load.short = if claimed <= counted { no_claim.or(no_pod) } else { no_pod };
    // The claims of a pod are there before it is refused.
    let claimed = if counted < claimed { counted + 1 } else { claimed };
    add(&claims, claimed, used);
    add(&pods, load.admitted, used);
    // A pod is there before its ephemeral volumes, and waits for their claims.
    let volumes = of_claims(&load.pod.needs.ephemeral);
    let (bound, no_volume) = room(&volumes, load.admitted, used);
    add(&volumes, bound, used);
    load.short = load.short.take().or(no_volume).or(no_job);
}

/// For how many of these there is room, and what keeps one more out where that is fewer than wanted.
fn room<'c>(charges: &[Charge<'c>], wanted: u32, used: &Used) -> (u32, Option<Short<'c>>) {
    let (mut count, mut short) = (wanted, None);
    for &(by, quota, ref usage) in charges {
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

/// Counts what is let in, so many times.
fn add(charges: &[Charge<'_>], times: u32, used: &mut Used) {
    for (by, quota, usage) in charges {
        let usage = usage.times(times);
        let known = used.entry(std::ptr::from_ref(*by)).or_default();
        for hard in &quota.hard {
            if let Some(amount) = usage.get(&hard.key) {
                known.add_one(&hard.key, amount);
            }
        }
    }
}

/// Takes from quotas, from all or from none.
fn take<'c>(charges: &[Charge<'c>], used: &mut Used) -> Result<(), Short<'c>> {
    if let (0, Some(short)) = room(charges, 1, used) {
        return Err(short);
    }
    add(charges, 1, used);
    Ok(())
}
