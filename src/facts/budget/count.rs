//! What quotas count, bound by bound.

use std::collections::BTreeMap;

use super::load::Load;
use super::usage::{Defaults, is_of_devices, rolled};
use super::{Demand, RefusedClaim, Rooms, admit, scope};
use crate::facts::{Amounts, Body, Cluster, Hard, Name, Object, Quota, RunKind, times};
use crate::model::{GroupKind, Quantity};

/// A quota and what it counts.
#[derive(Debug)]
pub struct QuotaUse<'c> {
    /// The ResourceQuota.
    pub object: &'c Object,
    /// What it says.
    pub quota: &'c Quota,
    /// Its bounds, in the order of the text.
    pub keys: Vec<KeyUse<'c>>,
    /// The keys of bounds that are not counted, each with the reason.
    pub uncounted: Vec<(&'c str, &'static str)>,
}

/// A bound of a quota and what it counts.
#[derive(Debug)]
pub struct KeyUse<'c> {
    /// The bound.
    pub hard: &'c Hard,
    /// The sum line by line.
    pub lines: Vec<Line<'c>>,
    /// The sums.
    pub sum: Phases,
    /// The line that is the largest rollout.
    pub largest: Option<usize>,
    /// What the server would let in, one object after the other: `status.used`.
    pub admitted: Quantity,
}

/// One line of a sum.
#[derive(Debug)]
pub struct Line<'c> {
    /// What takes it; nothing where the server makes it in every namespace.
    pub object: Option<&'c Object>,
    /// How many at any time.
    pub count: u32,
    /// What one takes.
    pub each: Quantity,
    /// What one takes at the most that autoscalers ask for.
    pub raised: Quantity,
    /// What all take, and what comes on top.
    pub phases: Phases,
}

/// Amounts in the states of a cluster. In a line, those beside the first two are what comes on top;
/// in a sum they are what there is altogether.
#[derive(Debug, Clone, Copy)]
pub struct Phases {
    /// At rest.
    pub steady: Quantity,
    /// With every autoscaler at its maximum.
    pub autoscaled: Quantity,
    /// While one workload is rolled out, the one that takes most.
    pub rollout: Quantity,
    /// While all are rolled out at once.
    pub rollouts: Quantity,
    /// With every autoscaler at its maximum, while the workload is rolled out that takes most then.
    pub autoscaled_rollout: Quantity,
    /// With every schedule's pods running.
    pub scheduled: Quantity,
}

impl KeyUse<'_> {
    /// Whether the bound holds what there is at rest.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.sum.steady <= self.hard.amount
    }

    /// Whether the bound holds whatever happens, all rollouts at once left out.
    #[must_use]
    pub fn always_fits(&self) -> bool {
        let Phases { steady, autoscaled, rollout, scheduled, .. } = self.sum;
        [steady, autoscaled, rollout, scheduled].iter().all(|sum| *sum <= self.hard.amount)
    }
}

/// Works out what every quota counts, and how many pods quotas let in.
pub(super) fn all<'c>(
    cluster: &'c Cluster,
    rooms: &Rooms<'c>,
    refused: &[RefusedClaim<'c>],
    loads: &mut [Load<'c>],
) -> Vec<QuotaUse<'c>> {
    let defaults = Defaults::of(cluster);
    let is_refused = |object: &Object| refused.iter().any(|one| is(one.object, object));
    let mut by_namespace: BTreeMap<&str, Vec<&'c Object>> = BTreeMap::new();
    for object in cluster.objects() {
        let namespace = object.key.namespace.as_str();
        let is_claim = matches!(object.body, Body::Claim(_));
        if !rooms.quotas.contains_key(namespace) || (is_claim && is_refused(object)) {
            continue;
        }
        if !object.is_cluster_wide {
            by_namespace.entry(namespace).or_default().push(object);
        }
    }
    let mut running: BTreeMap<&str, Vec<&Load<'c>>> = BTreeMap::new();
    for load in loads.iter() {
        running.entry(load.namespace()).or_default().push(load);
    }
    let mut uses = Vec::new();
    for (namespace, quotas) in &rooms.quotas {
        let running = running.get(namespace).map_or(&[][..], Vec::as_slice);
        let objects = by_namespace.remove(namespace).unwrap_or_default();
        for &(object, quota) in quotas {
            let own = |other: &&&'c Object| cluster.surely_share(object, other);
            let objects: Vec<&'c Object> = objects.iter().filter(own).copied().collect();
            uses.push(one(cluster, (object, quota), &objects, running, &defaults));
        }
    }
    let used = admit::admit(cluster, rooms, &is_refused, loads, &defaults);
    for one in &mut uses {
        for key in &mut one.keys {
            let known = used.get(&std::ptr::from_ref(one.object));
            key.admitted = known.map_or(Quantity::ZERO, |it| it.of_resource(&key.hard.key));
        }
    }
    uses
}

fn is(one: &Object, other: &Object) -> bool {
    std::ptr::eq(one, other)
}

const NONE: Phases = Phases {
    steady: Quantity::ZERO,
    autoscaled: Quantity::ZERO,
    rollout: Quantity::ZERO,
    rollouts: Quantity::ZERO,
    autoscaled_rollout: Quantity::ZERO,
    scheduled: Quantity::ZERO,
};

fn one<'c>(
    cluster: &'c Cluster,
    (object, quota): (&'c Object, &'c Quota),
    objects: &[&'c Object],
    loads: &[&Load<'c>],
    defaults: &Defaults<'c>,
) -> QuotaUse<'c> {
    let there = |load: &&&Load<'c>| cluster.surely_share(object, load.object);
    let loads: Vec<&Load<'c>> = loads.iter().filter(there).copied().collect();
    let (unknown, known): (Vec<&Hard>, Vec<&Hard>) =
        quota.hard.iter().partition(|hard| defaults.is_unknown(&hard.key, objects));
    let objects: Vec<(&Object, Amounts)> =
        objects.iter().map(|object| (*object, defaults.usage(quota, object))).collect();
    let key = |hard: &'c Hard| {
        let mut lines = Vec::new();
        let is_open = quota.scopes.is_empty();
        for (object, usage) in &objects {
            lines.extend(of_object(object, usage, &hard.key));
        }
        for amount in built_in(cluster, object, &hard.key).into_iter().filter(|_| is_open) {
            let phases = Phases { steady: amount, autoscaled: amount, ..NONE };
            lines.push(Line { object: None, count: 1, each: amount, raised: amount, phases });
        }
        for load in loads.iter().filter(|_| is_open && &*hard.key == JOBS) {
            lines.extend(of_schedule(load));
        }
        for load in &loads {
            let claims = |claims| defaults.claims(quota, claims).get(&hard.key);
            lines.extend(of_claims(load, claims(&load.pod.run.claims)));
            if !load.refusals.is_empty() {
                continue;
            }
            let volumes = claims(&load.pod.needs.ephemeral);
            lines.extend(of_pods(load, volumes, volumes));
            if scope::counts(quota, load.pod, &load.demand) {
                let usage = |demand: &Demand| demand.usage.get(&hard.key);
                lines.extend(of_pods(load, usage(&load.demand), usage(load.at_most())));
            }
        }
        sum(hard, lines)
    };
    let unread = quota.unread.iter().map(|key| (&**key, "it is no quantity of zero or more"));
    let unknown = unknown.iter().map(|hard| (&*hard.key, unknown_why(&hard.key)));
    QuotaUse {
        object,
        quota,
        keys: known.into_iter().map(key).collect(),
        uncounted: unread.chain(unknown).collect(),
    }
}

fn unknown_why(key: &str) -> &'static str {
    match is_of_devices(key) {
        true => "what is claimed of devices is not counted",
        false => "which objects are meant is not known",
    }
}

fn of_object<'c>(object: &'c Object, usage: &Amounts, key: &str) -> Option<Line<'c>> {
    let each = usage.get(key).filter(|each| *each > Quantity::ZERO)?;
    let rolls = matches!(&object.body, Body::Workload(pod) if pod.run.kind != RunKind::Never);
    let surge = if rolls { rolled(object).of_resource(key) } else { Quantity::ZERO };
    let phases = Phases {
        steady: each,
        autoscaled: each,
        rollout: surge,
        autoscaled_rollout: surge,
        ..NONE
    };
    Some(Line { object: Some(object), count: 1, each, raised: each, phases })
}

/// What counts the Jobs of schedules.
pub(super) const JOBS: &str = "count/jobs.batch";

/// The Jobs that a schedule keeps, and the one that it starts.
fn of_schedule<'c>(load: &Load<'c>) -> Option<Line<'c>> {
    let each = Quantity::units(1);
    let count = load.pod.run.kept_jobs;
    let kept = times(each, count);
    let phases = Phases { steady: kept, autoscaled: kept, scheduled: each, ..NONE };
    let line = Line { object: Some(load.object), count, each, raised: each, phases };
    (load.scheduled > 0).then_some(line)
}

/// Claims that stay while pods are replaced.
fn of_claims<'c>(load: &Load<'c>, each: Option<Quantity>) -> Option<Line<'c>> {
    let each = each.filter(|each| *each > Quantity::ZERO)?;
    let of = |count| times(each, count);
    let phases = Phases { steady: of(load.steady), autoscaled: of(load.most), ..NONE };
    Some(Line { object: Some(load.object), count: load.steady, each, raised: each, phases })
}

/// What comes and goes with pods.
fn of_pods<'c>(
    load: &Load<'c>,
    each: Option<Quantity>,
    raised: Option<Quantity>,
) -> Option<Line<'c>> {
    let (each, raised) = (each.unwrap_or(Quantity::ZERO), raised.unwrap_or(Quantity::ZERO));
    if each.max(raised) <= Quantity::ZERO {
        return None;
    }
    let of = |count| times(each, count);
    let phases = Phases {
        steady: of(load.steady),
        autoscaled: times(raised, load.most),
        rollout: of(load.bounds().0),
        rollouts: Quantity::ZERO,
        autoscaled_rollout: times(raised, load.bounds_of(load.most).0),
        scheduled: of(load.scheduled),
    };
    let line = Line { object: Some(load.object), count: load.steady, each, raised, phases };
    let is_there = load.steady > 0 || load.most > 0 || load.scheduled > 0;
    is_there.then_some(line)
}

/// What every namespace gets from the server's controllers, and what is known to be made in it.
pub(super) fn built_in(cluster: &Cluster, quota: &Object, key: &str) -> Option<Quantity> {
    let (kind, own) = match key {
        "configmaps" | "count/configmaps" => ("ConfigMap", 1),
        "count/serviceaccounts" => ("ServiceAccount", 1),
        "secrets" | "count/secrets" => ("Secret", 0),
        _ => return None,
    };
    let namespace = quota.key.namespace.as_str();
    let made = cluster.objects().iter().flat_map(|object| &object.made);
    let made = made.chain(&cluster.surroundings().made).filter(|made| {
        let is_kind =
            made.group_kind.as_ref().is_some_and(|it| it.group.is_empty() && it.kind == kind);
        let is_new = |name: &str| {
            let group_kind = GroupKind::new("", kind);
            !cluster.named(&group_kind, name).any(|it| it.key.namespace == namespace)
        };
        let is_there = is_kind && made.namespace.as_deref() == Some(namespace);
        is_there && matches!(&made.name, Name::Is(name) if is_new(name))
    });
    let count = own + i64::try_from(made.count()).unwrap_or(0);
    (count > 0).then(|| Quantity::units(count))
}

fn sum<'c>(hard: &'c Hard, lines: Vec<Line<'c>>) -> KeyUse<'c> {
    let mut sum = NONE;
    let add = |to: &mut Quantity, amount: Quantity| {
        *to = to.checked_add(amount).unwrap_or(*to);
    };
    let mut largest: Option<(Quantity, usize)> = None;
    let (mut surges, mut most) = (Quantity::ZERO, Quantity::ZERO);
    for (index, line) in lines.iter().enumerate() {
        add(&mut sum.steady, line.phases.steady);
        add(&mut sum.autoscaled, line.phases.autoscaled);
        add(&mut sum.scheduled, line.phases.scheduled);
        add(&mut surges, line.phases.rollout);
        most = most.max(line.phases.autoscaled_rollout);
        let surge = line.phases.rollout;
        if surge > Quantity::ZERO && largest.is_none_or(|(most, _)| surge > most) {
            largest = Some((surge, index));
        }
    }
    let steady = sum.steady;
    let over = |more| steady.checked_add(more).unwrap_or(steady);
    sum.rollout = over(largest.map_or(Quantity::ZERO, |(surge, _)| surge));
    sum.rollouts = over(surges);
    sum.autoscaled_rollout = sum.autoscaled.checked_add(most).unwrap_or(sum.autoscaled);
    sum.scheduled = over(sum.scheduled);
    let largest = largest.map(|(_, index)| index);
    KeyUse { hard, lines, sum, largest, admitted: Quantity::ZERO }
}
