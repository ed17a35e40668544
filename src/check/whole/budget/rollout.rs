//! Rollouts that have no room to take place.

use std::collections::HashMap;

use super::spread::Spread;
use super::{at_text, beside, by_namespace};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, KeyUse, Line, Load, QuotaUse, Rule};
use crate::facts::{Body, Cluster, Extent, Object, Rollout, RunKind, times};
use crate::model::{GroupKind, Quantity};

pub(super) fn check(
    cluster: &Cluster,
    budget: &Budget<'_>,
    exceeded: &[&Object],
    sharing: &[&Object],
    findings: &mut Vec<Finding>,
) {
    let mut told: Vec<*const Object> = Vec::new();
    let loads = by_namespace(budget);
    for one in &budget.quotas {
        let is_exceeded = exceeded.iter().any(|object| std::ptr::eq(*object, one.object));
        let loads = loads.get(one.object.key.namespace.as_str());
        if let Some(loads) = loads.filter(|_| !is_exceeded) {
            quota(loads, one, &mut told, findings);
        }
    }
    for load in &budget.loads {
        if told.contains(&std::ptr::from_ref(load.object)) || !load.refusals.is_empty() {
            continue;
        }
        if cluster.extent() == Extent::Whole && budget.fleet.is_known {
            findings.extend(nodes(budget, load));
        }
        // Pods that cannot share a volume at rest have been told of.
        if !sharing.iter().any(|object| std::ptr::eq(*object, load.object)) {
            findings.extend(volumes(cluster, budget, load));
        }
    }
}

/// A rollout in a quota, and what of it has no room.
struct Tight<'b, 'c> {
    load: &'b Load<'c>,
    key: &'b KeyUse<'c>,
    each: Quantity,
    is_stuck: bool,
    /// Whether there is room once Jobs have ended.
    ends: bool,
}

/// What one more pod of each workload takes of a bound, by its object: altogether, and in its first
/// line.
type Surges = HashMap<*const Object, (Quantity, Quantity)>;

fn surges(key: &KeyUse<'_>) -> Surges {
    let mut surges = Surges::new();
    for line in key.lines.iter().filter(|line| line.phases.rollout > Quantity::ZERO) {
        let Some(object) = line.object else { continue };
        let (all, _) =
            surges.entry(std::ptr::from_ref(object)).or_insert((Quantity::ZERO, line.each));
        *all = all.checked_add(line.each).unwrap_or(*all);
    }
    surges
}

fn quota<'b, 'c>(
    loads: &[&'b Load<'c>],
    one: &'b QuotaUse<'c>,
    told: &mut Vec<*const Object>,
    findings: &mut Vec<Finding>,
) {
    let mut tight: Vec<Tight<'_, 'c>> = Vec::new();
    let surges: Vec<_> = one.keys.iter().map(|key| (key, surges(key))).collect();
    for &load in loads {
        let (surge, unavailable) = load.bounds();
        if let Some(key) = one.keys.iter().find(|key| refuses_replica_set(key, load)) {
            let each = Quantity::units(1);
            tight.push(Tight { load, key, each, is_stuck: true, ends: false });
            continue;
        }
        if surge == 0 {
            continue;
        }
        // Without room for one there is no progress, unless an old one may go first.
        let in_key = |(key, surges): &(&'b KeyUse<'c>, Surges)| {
            let (all, each) = *surges.get(&std::ptr::from_ref(load.object))?;
            let count = at_once(load);
            let (all, each) = (times(all, count), times(each, count));
            let then = key.sum.steady.checked_add(all)?;
            let ends = then.checked_sub(of_jobs(key)).is_some_and(|then| then <= key.hard.amount);
            (then > key.hard.amount).then_some((*key, each, ends))
        };
        if let Some((key, each, ends)) = surges.iter().find_map(in_key) {
            tight.push(Tight { load, key, each, is_stuck: unavailable == 0, ends });
        }
    }
    let stuck: Vec<&Tight<'_, 'c>> = tight.iter().filter(|tight| tight.is_stuck).collect();
    if !stuck.is_empty() {
        told.extend(stuck.iter().map(|tight| std::ptr::from_ref(tight.load.object)));
        findings.push(stuck_in(one, &stuck));
    } else if let Some(first) = tight.first() {
        findings.push(slow_in(one, first));
    }
}

/// What Jobs take, which end one day and leave it to others.
fn of_jobs(key: &KeyUse<'_>) -> Quantity {
    let is_job = |line: &&Line<'_>| line.object.is_some_and(|it| it.key.group_kind.kind == "Job");
    let jobs = key.lines.iter().filter(is_job).map(|line| line.phases.steady);
    jobs.fold(Quantity::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum))
}

/// Whether others may make room for a pod on the nodes: Jobs, which end, and pods of another priority,
/// which may have to go.
fn may_make_room(budget: &Budget<'_>, load: &Load<'_>) -> bool {
    let class =
        |load: &Load<'_>| load.pod.needs.priority_class.as_ref().map(|(name, _)| name.to_string());
    let own = class(load);
    budget.loads.iter().any(|other| {
        let is_job = other.object.key.group_kind.kind == "Job";
        is_job || (own.is_some() && class(other) != own && other.pod.run.kind != RunKind::EachNode)
    })
}

/// Whether there is no room for the ReplicaSet of a new template, however its pods are replaced.
fn refuses_replica_set(key: &KeyUse<'_>, load: &Load<'_>) -> bool {
    let kind = load.object.key.group_kind.kind.as_str();
    let then = key.sum.steady.checked_add(Quantity::units(1));
    let is_own = |line: &Line<'_>| line.object.is_some_and(|it| std::ptr::eq(it, load.object));
    &*key.hard.key == REPLICA_SETS
        && matches!(kind, "Deployment" | "Rollout")
        && load.steady > 0
        && then.is_some_and(|then| then > key.hard.amount)
        && key.lines.iter().any(is_own)
}

const REPLICA_SETS: &str = "count/replicasets.apps";

fn stuck_in(one: &QuotaUse<'_>, stuck: &[&Tight<'_, '_>]) -> Finding {
    let Tight { load, key, each, ends, .. } = stuck[0];
    let (hard, taken) = (key.hard.amount, key.sum.steady);
    let name = &one.object.key.name;
    let others = match stuck.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let is_of_pods = &*key.hard.key != REPLICA_SETS;
    let what = if is_of_pods { more(load) } else { "one more ReplicaSet".to_owned() };
    let title = load.title();
    let finding = if *ends {
        let message = format!(
            "a rollout of {title}{others} waits until Jobs end: quota `{name}` has no room for {what} beside them"
        );
        Finding::warning("rollout-stuck", message)
    } else {
        let message = format!(
            "a rollout of {title}{others} never ends: quota `{name}` has no room for {what}"
        );
        Finding::error("rollout-stuck", message)
    };
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let finding = at_text(finding, load.object, place);
    let mut finding = beside(
        finding,
        &key.hard.place,
        format!("{taken} of {hard} are taken, {each} more wanted"),
    );
    for other in &stuck[1..] {
        let place = other.load.pod.run.strategy.as_ref().unwrap_or(&other.load.pod.run.place);
        finding = finding.at(place.span, format!("{} too", other.load.title()));
    }
    let (surge, _) = load.bounds();
    let then = taken.checked_add(*each).unwrap_or(taken);
    if !is_of_pods {
        return finding
            .note("each new template gets a ReplicaSet of its own, beside the old one")
            .help(format!(
                "raise `{}` to {then} at least; old ones that are kept count too",
                key.hard.key
            ));
    }
    finding
        .note(format!("{}: {taken} + {each} = {then} of `{}`", adds(load, surge), key.hard.key))
        .help(format!("{}; or raise `{}` to {then}", otherwise(load), key.hard.key))
}

/// The pods that must be there before an old one goes.
fn at_once(load: &Load<'_>) -> u32 {
    load.pod.run.at_once(load.steady)
}

fn more(load: &Load<'_>) -> String {
    match at_once(load) {
        1 => "one more pod".to_owned(),
        count => format!("{count} more pods"),
    }
}

fn adds(load: &Load<'_>, surge: u32) -> String {
    let why = if load.pod.run.rollout == Rollout::Beside {
        "since traffic goes over when all new ones are there"
    } else {
        "since none may be missing"
    };
    format!("it adds {surge} before it takes one away, {why}")
}

/// How else pods can be replaced.
fn otherwise(load: &Load<'_>) -> &'static str {
    if load.pod.run.rollout == Rollout::Beside {
        "replace pods in steps, by a `canary` without `trafficRouting`"
    } else {
        "replace pods without surge: `maxSurge: 0` and `maxUnavailable: 1`"
    }
}

fn slow_in(one: &QuotaUse<'_>, tight: &Tight<'_, '_>) -> Finding {
    let Tight { load, key, each, .. } = tight;
    let (hard, taken) = (key.hard.amount, key.sum.steady);
    let message = format!(
        "a rollout of {} passes quota `{}`: {taken} of {hard} are taken, {each} more wanted",
        load.title(),
        one.object.key.name
    );
    let finding = Finding::info("quota-exceeded-in-rollout", message);
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let finding = at_text(finding, load.object, place);
    beside(finding, &key.hard.place, format!("`{}` is {hard}", key.hard.key))
        .note("it gets through, since old pods may go first, but each refused pod waits longer than the last")
        .help("set `maxSurge: 0`, which asks for nothing that is refused")
}

/// Machines without room for one more pod.
fn nodes(budget: &Budget<'_>, load: &Load<'_>) -> Option<Finding> {
    let (surge, unavailable) = load.bounds();
    let is_rolled = load.pod.run.kind == RunKind::Replicas && surge > 0 && unavailable == 0;
    if !is_rolled || !load.unfit.is_empty() || load.placed.is_none_or(|it| it < load.steady) {
        return None;
    }
    if let Some(finding) = apart(load) {
        return Some(finding);
    }
    let takes = |seat: &&crate::facts::budget::Seat<'_>| {
        seat.machine.refuses(&load.pod.needs.placement, false).is_none()
    };
    if may_make_room(budget, load) {
        return None;
    }
    let seats: Vec<_> = budget.fleet.machines.iter().filter(takes).collect();
    let mut pod = load.demand.requests.clone();
    pod.set("pods", Quantity::units(1));
    let count = at_once(load);
    let room = seats.iter().fold(0u32, |sum, seat| sum.saturating_add(seat.room(&pod)));
    if room >= count {
        return None;
    }
    let wanted = pod.times(count);
    let mut lacking = wanted.iter().map(|(resource, wanted)| {
        let left = seats.iter().filter_map(|seat| seat.left(resource));
        let all = left.fold(Quantity::ZERO, |sum, left| sum.checked_add(left).unwrap_or(sum));
        (resource, wanted, all)
    });
    let short = lacking.find(|(_, wanted, all)| wanted > all);
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let title = load.title();
    // Where it would fit in what is left on all nodes together, others may move.
    let finding = if short.is_some() {
        let message =
            format!("a rollout of {title} never ends: the nodes have no room for {}", more(load));
        Finding::error("rollout-stuck", message)
    } else {
        let message = match count {
            1 => format!("a rollout of {title} may never end: no node has room for one more pod"),
            _ => format!(
                "a rollout of {title} may never end: the nodes have room for {room} of {count} more pods"
            ),
        };
        Finding::warning("rollout-stuck", message)
    };
    let mut finding = at_text(finding, load.object, place);
    match short {
        Some((resource, wanted, all)) => {
            let size = seats.first()?.machine.size(resource);
            finding =
                beside(finding, size, format!("{all} of {resource} are left, {wanted} wanted"));
        }
        None => {
            for seat in seats.iter().take(4) {
                let lacks = |(name, wanted)| {
                    let left = seat.left(name).filter(|left| wanted > *left)?;
                    Some(format!("{left} of {name} are left, {wanted} wanted"))
                };
                let text = pod.iter().find_map(lacks).unwrap_or_default();
                finding = beside(finding, &seat.machine.place, text);
            }
        }
    }
    Some(finding.note(adds(load, surge)).help(otherwise(load)))
}

/// Nodes for too few more pods, since old ones and new ones shun each other or must be spread alike.
fn apart(load: &Load<'_>) -> Option<Finding> {
    let (surge, _) = load.bounds();
    let ceiling = load.ceiling.as_ref().filter(|ceiling| !ceiling.is_of_revision)?;
    let then = load.steady.saturating_add(at_once(load));
    if ceiling.pods >= then
        || !matches!(ceiling.why, Rule::Apart(_) | Rule::Spread(..) | Rule::Few(..))
    {
        return None;
    }
    let title = load.title();
    let message = format!("a rollout of {title} never ends: no nodes take {}", more(load));
    let finding = Finding::error("rollout-stuck", message);
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let mut finding = at_text(finding, load.object, place);
    if let Some(place) = &load.pod.needs.placement.company.place {
        finding = beside(finding, place, "this counts old and new pods");
    }
    Some(finding.note(adds(load, surge)).note(ceiling.text(then)).help(otherwise(load)))
}

/// Volumes that one node, or one pod, has at a time.
fn volumes(cluster: &Cluster, budget: &Budget<'_>, load: &Load<'_>) -> Option<Finding> {
    let (surge, unavailable) = load.bounds();
    let is_rolling = load.pod.run.rollout != Rollout::Replace;
    let is_rolled = load.pod.run.kind == RunKind::Replicas && is_rolling;
    if !is_rolled || load.is_declared || surge == 0 || unavailable > 0 {
        return None;
    }
    let kind = GroupKind::new("", "PersistentVolumeClaim");
    for name in &load.pod.needs.claims {
        let same = |claim: &&Object| {
            claim.key.namespace == load.namespace() && cluster.surely_share(claim, load.object)
        };
        let Some(object) = cluster.named(&kind, name).find(same) else { continue };
        let Body::Claim(claim) = &object.body else { continue };
        let is_one_pod = claim.is_of_one_pod();
        let may_wait = || {
            cluster.is_attached_to_one(object, claim)
                && Spread::of(budget, &[load]) == Spread::SeveralNodes
        };
        if !is_one_pod && !may_wait() {
            continue;
        }
        let of = if is_one_pod { "pod" } else { "node" };
        let message = format!(
            "a rollout of {} waits for volume `{name}`, which one {of} has at a time",
            load.title()
        );
        let finding = Finding::warning("rollout-waits-for-volume", message);
        let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
        return Some(
            beside(at_text(finding, load.object, place), &claim.place, "the claim")
                .note(
                    "the new pod starts before the old one goes, and the old one holds the volume",
                )
                .help("set `strategy: {type: Recreate}`"),
        );
    }
    None
}
