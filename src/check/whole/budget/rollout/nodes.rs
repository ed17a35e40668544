//! Rollouts on nodes that have no room for them.

use super::super::machine::shuns;
use super::super::scaled::beside_rivals;
use super::super::{at_text, beside};
use super::{adds, at_once, more, otherwise, rollout};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load, Rule, Seat};
use crate::facts::{Amounts, RunKind, Unfit, times};
use crate::model::Quantity;

/// Machines without room for one more pod.
pub(super) fn check(budget: &Budget<'_>, load: &Load<'_>) -> Option<Finding> {
    let (surge, unavailable) = load.bounds();
    if surge == 0 || unavailable > 0 {
        return None;
    }
    if load.pod.run.kind == RunKind::EachNode {
        return on_each(budget, load);
    }
    if let Some(finding) = crowded(budget, load) {
        return Some(finding);
    }
    if load.pod.run.kind != RunKind::Replicas
        || !load.unfit.is_empty()
        || load.placed.is_none_or(|it| it < load.steady)
    {
        return None;
    }
    if let Some(finding) = apart(load) {
        return Some(finding);
    }
    let takes = |seat: &&Seat<'_>| is_taken(load, seat);
    let (seats, elsewhere): (Vec<_>, Vec<_>) = budget.fleet.machines.iter().partition(takes);
    let pod = one_pod(load);
    let count = at_once(load);
    let room = |freed: &Amounts| {
        seats.iter().fold(0u32, |sum, seat| sum.saturating_add(room(seat, &pod, freed)))
    };
    // Wherever they are now, all that may go leaves no more than this.
    if room(&freed(budget, load)) >= count {
        return None;
    }
    let room = room(&Amounts::default());
    // What is on these nodes for sure.
    let stays = |other: &&Load<'_>| {
        !may_go(load, other) && !elsewhere.iter().any(|seat| is_taken(other, seat))
    };
    let mut held = Amounts::default();
    for other in budget.loads.iter().filter(stays) {
        held.add(&one_pod(other).times(other.placed.unwrap_or(0)));
    }
    let wanted = pod.times(count);
    let lacking = wanted.iter().filter_map(|(resource, wanted)| {
        let has =
            seats.iter().map(|seat| seat.machine.has(resource)).collect::<Option<Vec<_>>>()?;
        let has = has.into_iter().fold(Quantity::ZERO, sum);
        Some((resource, wanted, has.checked_sub(held.of_resource(resource))?))
    });
    let short = lacking.into_iter().find(|(_, wanted, all)| wanted > all);
    // Who comes first is not known: where that decides, nothing is said.
    if short.is_none() && budget.may_seat(load, count, |other| may_go(load, other)) {
        return None;
    }
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let rollout = rollout(load);
    // Where it would fit in what is left on all nodes together, others may move.
    let finding = if short.is_some() {
        let message = format!("{rollout} never ends: the nodes have no room for {}", more(load));
        Finding::error("rollout-stuck", message)
    } else {
        let message = match count {
            1 => format!("{rollout} may never end: no node has room for one more pod"),
            _ => format!(
                "{rollout} may never end: the nodes have room for {room} of {count} more pods"
            ),
        };
        Finding::warning("rollout-stuck", message)
    };
    let mut finding = at_text(finding, load.object, place);
    match short {
        Some((resource, wanted, all)) => {
            let size = seats.first()?.machine.size(resource);
            let all = all.max(Quantity::ZERO);
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

/// Nodes that others take, which new pods and they shun.
fn crowded(budget: &Budget<'_>, load: &Load<'_>) -> Option<Finding> {
    let rivals = load.rivals_rolling.as_ref().filter(|_| load.unfit.is_empty())?;
    let ceiling = load.ceiling.as_ref();
    // What has no room at rest is told by itself.
    if ceiling.is_some_and(|ceiling| ceiling.pods < load.steady) {
        return None;
    }
    let (surge, _) = load.bounds();
    let message = format!("{} never ends: no nodes take {}", rollout(load), more(load));
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let mut finding = at_text(Finding::error("rollout-stuck", message), load.object, place);
    let all = || rivals.all.iter().rev().map(|(index, _)| &budget.loads[*index]);
    let pairs = all().flat_map(|load| all().map(move |other| (load, other)));
    if let Some(place) = pairs.filter_map(|(load, other)| shuns(load, other, rivals)).next() {
        finding = beside(finding, place, "this keeps them apart");
    }
    let why = format!("while old and new pods are there, {}", beside_rivals(budget, rivals));
    Some(finding.note(adds(load, surge)).note(why).help(otherwise(load)))
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
    let message = format!("{} never ends: no nodes take {}", rollout(load), more(load));
    let finding = Finding::error("rollout-stuck", message);
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let finding = at_text(finding, load.object, place);
    let finding = beside(finding, &ceiling.place, "this counts old and new pods");
    Some(finding.note(adds(load, surge)).note(ceiling.text(then)).help(otherwise(load)))
}

/// Pods of a DaemonSet of which a node never takes two, though a rollout adds a new one beside the
/// old one there.
pub(super) fn alone(load: &Load<'_>) -> Option<Finding> {
    let (surge, unavailable) = load.bounds();
    let is_beside = load.pod.run.kind == RunKind::EachNode && surge > 0 && unavailable == 0;
    if !is_beside || load.is_declared {
        return None;
    }
    let company = &load.pod.needs.placement.company;
    let is_own = |namespaces: &[Box<str>]| {
        namespaces.is_empty() || namespaces.iter().any(|it| **it == *load.namespace())
    };
    let shuns = company.on_other_nodes().find(|term| {
        term.namespace_selector.is_none()
            && is_own(&term.namespaces)
            && !term.meant.is_of_revision
            && term.meant.matches(&load.pod.labels)
    });
    let port = load.pod.host_ports.ports.first();
    let (why, place) = match (port, shuns) {
        (Some(port), _) => {
            (format!("the old pod holds port {} of its node", port.number), &port.place)
        }
        (None, Some(term)) if !company.is_open => {
            ("no node takes a pod beside the old one".to_owned(), &term.place)
        }
        _ => return None,
    };
    let message = format!("{} never ends: {why}", rollout(load));
    let strategy = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let finding = at_text(Finding::error("rollout-stuck", message), load.object, strategy);
    let finding = beside(finding, place, "the new pod asks for this too");
    Some(finding.note(adds(load, surge)).help(otherwise(load)))
}

/// A node that has no room for a new pod of a DaemonSet beside the old one.
fn on_each(budget: &Budget<'_>, load: &Load<'_>) -> Option<Finding> {
    let is_small = |(_, unfit): &(_, Unfit)| matches!(unfit, Unfit::TooSmall { .. });
    let has_all = load.admitted >= load.steady && load.placed.is_none_or(|it| it >= load.steady);
    if load.steady == 0 || !has_all || load.unfit.iter().any(is_small) {
        return None;
    }
    let others = || {
        let others = budget.loads.iter().filter(|other| !std::ptr::eq(other.object, load.object));
        others.filter(|other| !may_go(load, other) && other.admitted == other.steady)
    };
    // A pod of each DaemonSet that asks for nothing else is there for sure.
    let surely = |other: &&Load<'_>| {
        let placement = &other.pod.needs.placement;
        other.pod.run.kind == RunKind::EachNode
            && other.steady > 0
            && placement.company.is_empty()
            && !placement.is_held
    };
    let pod = one_pod(load);
    let short = |(resource, wanted): (&str, Quantity), seats: &[&Seat<'_>], taken: Quantity| {
        let all =
            seats.iter().map(|seat| seat.machine.has(resource)).collect::<Option<Vec<_>>>()?;
        let has = all.into_iter().fold(Quantity::ZERO, sum);
        let is_short = wanted > Quantity::ZERO && taken <= has && sum(taken, wanted) > has;
        is_short.then(|| {
            (
                resource.to_owned(),
                format!("{has} of {resource} are there, {taken} are taken, {wanted} more wanted"),
            )
        })
    };
    let machines = &budget.fleet.machines;
    let mut found = machines.iter().filter(|seat| is_taken(load, seat)).find_map(|seat| {
        let there = others().filter(surely).filter(|other| is_taken(other, seat));
        let mut taken = pod.clone();
        there.for_each(|other| taken.add(&one_pod(other)));
        let of = |one: (&str, Quantity)| short(one, &[seat], taken.of_resource(one.0));
        let what = format!("node `{}` has no room for one more pod", seat.machine.name);
        pod.iter().find_map(of).map(|(resource, text)| (seat, what, resource, text))
    });
    // Where all nodes together have no room, none has, wherever the others are.
    if found.is_none() {
        let all: Vec<&Seat<'_>> = machines.iter().collect();
        let of = |one: (&str, Quantity)| {
            let count = |other: &Load<'_>, pods| times(one_pod(other).of_resource(one.0), pods);
            let others = others().map(|other| count(other, other.placed.unwrap_or(0)));
            short(one, &all, others.fold(count(load, load.steady), sum))
        };
        let what = "the nodes have no room for one more pod".to_owned();
        let first = machines.first()?;
        found = pod.iter().find_map(of).map(|(resource, text)| (first, what, resource, text));
    }
    let (seat, what, resource, text) = found?;
    let message = format!("{} never ends: {what}", rollout(load));
    let strategy = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let finding = at_text(Finding::error("rollout-stuck", message), load.object, strategy);
    let finding = beside(finding, seat.machine.size(&resource), text);
    Some(finding.note(adds(load, load.bounds().0)).help(otherwise(load)))
}

/// What one pod requests of its node, itself with it.
fn one_pod(load: &Load<'_>) -> Amounts {
    let mut pod = load.demand.requests.clone();
    pod.set("pods", Quantity::units(1));
    pod
}

fn sum(one: Quantity, other: Quantity) -> Quantity {
    one.checked_add(other).unwrap_or(one)
}

/// Whether a node takes the pods of a workload, where nothing else runs.
fn is_taken(load: &Load<'_>, seat: &Seat<'_>) -> bool {
    let is_daemon = load.pod.run.kind == RunKind::EachNode;
    seat.machine.refuses(&load.pod.needs.placement, is_daemon).is_none()
}

/// Whether the pods of another make room for those of a workload: they end, or have to go.
fn may_go(load: &Load<'_>, other: &Load<'_>) -> bool {
    !std::ptr::eq(other.object, load.object) && (other.ends() || other.gives_way_to(load))
}

/// What all pods that make room for those of a workload take.
fn freed(budget: &Budget<'_>, load: &Load<'_>) -> Amounts {
    let mut freed = Amounts::default();
    for other in budget.loads.iter().filter(|other| may_go(load, other)) {
        freed.add(&one_pod(other).times(other.admitted));
    }
    freed
}

/// How many more pods a node has room for, with so much more left there.
fn room(seat: &Seat<'_>, pod: &Amounts, freed: &Amounts) -> u32 {
    let counts =
        pod.iter().filter(|(_, wanted)| *wanted > Quantity::ZERO).filter_map(|(name, wanted)| {
            let left = sum(seat.left(name)?, freed.of_resource(name)).milli_value().max(0);
            Some(u32::try_from(left / wanted.milli_value().max(1)).unwrap_or(u32::MAX))
        });
    counts.min().unwrap_or(u32::MAX)
}
