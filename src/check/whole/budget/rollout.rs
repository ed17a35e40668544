//! Rollouts that have no room to take place.

mod maximum;
mod nodes;

use std::collections::HashMap;

use super::spread::Spread;
use super::{at_text, beside, by_namespace};
use crate::diagnostic::{Finding, Severity};
use crate::facts::budget::{Budget, KeyUse, Line, Load, QuotaUse};
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
            let before = findings.len();
            quota(loads, one, &mut told, findings);
            if findings.len() == before {
                findings.extend(maximum::check(loads, one));
            }
        }
    }
    for load in &budget.loads {
        if told.contains(&std::ptr::from_ref(load.object)) || !load.refusals.is_empty() {
            continue;
        }
        let before = findings.len();
        findings.extend(nodes::alone(load));
        if findings.len() == before && cluster.extent() == Extent::Whole && budget.fleet.is_known {
            findings.extend(nodes::check(budget, load));
        }
        // Pods that cannot share a volume at rest have been told of.
        if !sharing.iter().any(|object| std::ptr::eq(*object, load.object)) {
            findings.extend(volumes(cluster, budget, load));
        }
        findings[before..].iter_mut().for_each(|finding| when_resumed(load, finding));
    }
}

/// A rollout of a workload, as a finding begins.
fn rollout(load: &Load<'_>) -> String {
    let title = load.title();
    let paused = if load.pod.run.is_paused { ", which is paused now," } else { "" };
    format!("a rollout of {title}{paused}")
}

/// What is told of a workload that is paused does not happen before it goes on.
fn when_resumed(load: &Load<'_>, finding: &mut Finding) {
    if load.pod.run.is_paused {
        finding.severity = Severity::Note;
        finding.notes.push("pods are replaced when `paused` is taken away, and not before".into());
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
    let is_paused = |tight: &Tight<'_, '_>| tight.load.pod.run.is_paused;
    let mut stuck: Vec<&Tight<'_, 'c>> = tight.iter().filter(|tight| tight.is_stuck).collect();
    if stuck.iter().any(|tight| !is_paused(tight)) {
        stuck.retain(|tight| !is_paused(tight));
    }
    if !stuck.is_empty() {
        told.extend(stuck.iter().map(|tight| std::ptr::from_ref(tight.load.object)));
        let mut finding = stuck_in(one, &stuck);
        when_resumed(stuck[0].load, &mut finding);
        findings.push(finding);
    } else if let Some(first) = tight.iter().find(|tight| !is_paused(tight)) {
        findings.push(slow_in(one, first));
    }
}

/// What Jobs take, which end one day and leave it to others.
fn of_jobs(key: &KeyUse<'_>) -> Quantity {
    let is_job = |line: &&Line<'_>| line.object.is_some_and(|it| it.key.group_kind.kind == "Job");
    let jobs = key.lines.iter().filter(is_job).map(|line| line.phases.steady);
    jobs.fold(Quantity::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum))
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
    let rollout = rollout(load);
    let finding = if *ends {
        let message = format!(
            "{rollout}{others} waits until Jobs end: quota `{name}` has no room for {what} beside them"
        );
        Finding::warning("rollout-stuck", message)
    } else {
        let message =
            format!("{rollout}{others} never ends: quota `{name}` has no room for {what}");
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
    if load.object.key.group_kind.kind == "Rollout" {
        // Neither `blueGreen` nor traffic routing asks for these two.
        "replace pods without surge: by a `canary` without `trafficRouting`, with `maxSurge: 0` and \
         `maxUnavailable: 1`"
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

/// Volumes that one node, or one pod, has at a time.
fn volumes(cluster: &Cluster, budget: &Budget<'_>, load: &Load<'_>) -> Option<Finding> {
    let (surge, unavailable) = load.bounds();
    let is_rolling = load.pod.run.rollout != Rollout::Replace;
    let is_daemon = load.pod.run.kind == RunKind::EachNode;
    let is_rolled = (load.pod.run.kind == RunKind::Replicas || is_daemon) && is_rolling;
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
        // A new pod of a DaemonSet is on the node of the old one.
        let may_wait = || {
            !is_daemon
                && cluster.is_attached_to_one(object, claim)
                && Spread::of(budget, &[load]) == Spread::SeveralNodes
        };
        if !is_one_pod && !may_wait() {
            continue;
        }
        let of = if is_one_pod { "pod" } else { "node" };
        let message =
            format!("{} waits for volume `{name}`, which one {of} has at a time", rollout(load));
        let finding = Finding::warning("rollout-waits-for-volume", message);
        let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
        return Some(
            beside(at_text(finding, load.object, place), &claim.place, "the claim")
                .note(
                    "the new pod starts before the old one goes, and the old one holds the volume",
                )
                .help(match &*load.object.key.group_kind.kind {
                    "Deployment" => "set `strategy: {type: Recreate}`",
                    _ => otherwise(load),
                }),
        );
    }
    None
}
