//! Nodes that have no room for what autoscalers may ask for.

use super::machine::shuns;
use super::{at_text, beside};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load, Rivals, Seat};
use crate::facts::{Amounts, Autoscaler, Cluster, Object, times};
use crate::model::{GroupKind, Quantity};

/// Asks for room for each workload at its own maximum, beside all others at rest that neither end
/// nor give way to it.
pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    // Somebody adds nodes where pods are Pending.
    let declared = &cluster.surroundings().workloads;
    if cluster.objects().iter().chain(declared).any(adds_nodes) {
        return;
    }
    for load in &budget.loads {
        let Some((by, scaler)) = load.autoscaler.filter(|(_, scaler)| is_stated(scaler)) else {
            continue;
        };
        let is_whole = load.refusals.is_empty() && load.admitted == load.steady;
        if is_whole && load.most > load.steady && !is_bounded(budget, load) {
            findings.extend(too_many(budget, load, by, scaler));
        }
    }
}

/// Karpenter, the autoscaler of clusters, and machines of the Cluster API.
fn adds_nodes(object: &Object) -> bool {
    const GROUPS: [&str; 3] = ["karpenter.sh", "autoscaling.openshift.io", "cluster.x-k8s.io"];
    let GroupKind { group, kind } = &object.key.group_kind;
    let has = |part| object.key.name.contains(part) || object.unit.contains(part);
    let is_program =
        kind == "Deployment" && (has("karpenter") || (has("cluster") && has("autoscaler")));
    is_program || GROUPS.contains(&&**group)
}

/// Whether the maximum is written, and not what KEDA takes for it.
fn is_stated(scaler: &Autoscaler) -> bool {
    [".maxReplicas", ".maxReplicaCount"].iter().any(|name| scaler.place.field.ends_with(name))
}

/// Whether a quota of its namespace ends it before the nodes do; that is told of the quota.
fn is_bounded(budget: &Budget<'_>, load: &Load<'_>) -> bool {
    let own = budget.quotas.iter().filter(|one| one.object.key.namespace == load.namespace());
    own.flat_map(|one| &one.keys).any(|key| key.sum.autoscaled > key.hard.amount)
}

fn too_many(
    budget: &Budget<'_>,
    load: &Load<'_>,
    by: &Object,
    scaler: &Autoscaler,
) -> Option<Finding> {
    let apart = load.ceiling.as_ref().filter(|ceiling| ceiling.pods < load.most);
    let bounds = [
        load.rivals_at_most.as_ref().map(|(most, rivals)| (*most, beside_rivals(budget, rivals))),
        apart.map(|ceiling| (ceiling.pods, ceiling.text(load.most))),
        room(budget, load),
    ];
    let (most, why) = bounds.into_iter().flatten().min_by_key(|(most, _)| *most)?;
    // What has no room at rest is told by itself.
    if most >= load.most || most < load.steady {
        return None;
    }
    let (all, title) = (load.most, load.title());
    let message =
        format!("{title} may be scaled to {all} pods, and the nodes have room for {most}");
    let finding =
        at_text(Finding::warning("nodes-exceeded-when-scaled", message), by, &scaler.place);
    let size = load.pod.containers.iter().find_map(|it| it.resources.place.as_ref());
    let rival = load.rivals_at_most.as_ref().and_then(|(_, rivals)| {
        let mut others = rivals.all.iter().map(|(index, _)| &budget.loads[*index]);
        others.find_map(|other| shuns(load, other, rivals))
    });
    let finding = match apart.map(|ceiling| &ceiling.place).or(rival).or(size) {
        Some(place) => beside(finding, place, "what each of them asks for"),
        None => finding,
    };
    Some(
        finding
            .note(why)
            .note("pods above that stay Pending just when they are needed")
            .help(format!("lower the maximum to {most}, request less, or add nodes")),
    )
}

/// What workloads that shun each other need, the one that goes without first.
pub(super) fn beside_rivals(budget: &Budget<'_>, rivals: &Rivals) -> String {
    let need = |(index, count): &(usize, u64)| {
        format!("{} needs {}", budget.loads[*index].title(), rivals.words(*count))
    };
    let needs: Vec<String> = rivals.all.iter().rev().map(need).collect();
    let (domain, there) = (rivals.domain(), rivals.there());
    format!("{}; they may not share a {domain}, and {there}", needs.join(", "))
}

/// The most pods of a workload for which there is room in every order, and why: on each node that
/// takes them, and in what all others leave of the nodes together.
fn room(budget: &Budget<'_>, load: &Load<'_>) -> Option<(u32, String)> {
    let machines = &budget.fleet.machines;
    let takes = |seat: &&Seat<'_>| seat.machine.refuses(&load.pod.needs.placement, false).is_none();
    let mut pod: Amounts = load.demand.requests.clone();
    pod.set("pods", Quantity::units(1));
    let on_each = |seat: &Seat<'_>| {
        let fits = |(name, wanted): (&str, Quantity)| fitting(seat.machine.has(name)?, wanted);
        pod.iter().filter_map(fits).min().unwrap_or(u32::MAX)
    };
    let each = machines.iter().filter(takes).map(on_each).fold(0, u32::saturating_add);
    let is_other = |other: &&Load<'_>| {
        !std::ptr::eq(other.object, load.object)
            && !other.ends()
            && !other.gives_way_to(load)
            && other.refusals.is_empty()
    };
    let together = pod.iter().filter_map(|(name, wanted)| {
        let has = machines.iter().map(|seat| seat.machine.has(name)).collect::<Option<Vec<_>>>()?;
        let has = has.into_iter().fold(Quantity::ZERO, sum);
        let of = |other: &Load<'_>| match name {
            "pods" => Quantity::units(i64::from(other.admitted)),
            _ => times(other.demand.requests.of_resource(name), other.admitted),
        };
        let others = budget.loads.iter().filter(is_other).map(of).fold(Quantity::ZERO, sum);
        let count = fitting(has.checked_sub(others)?, wanted)?;
        Some((
            count,
            format!("the nodes have {has} of {name}, others take {others}, and each pod {wanted}"),
        ))
    });
    let together = together.min_by_key(|(count, _)| *count);
    match together {
        Some((count, why)) if count <= each => Some((count, why)),
        _ => {
            let why = "each node by itself has room for so many, beside nothing else".to_owned();
            (each < u32::MAX).then_some((each, why))
        }
    }
}

/// How many times an amount is in another; nothing where that is no bound.
fn fitting(has: Quantity, wanted: Quantity) -> Option<u32> {
    let each = Some(wanted.milli_value()).filter(|wanted| *wanted > 0)?;
    Some(u32::try_from(has.milli_value().max(0) / each).unwrap_or(u32::MAX))
}

fn sum(one: Quantity, other: Quantity) -> Quantity {
    one.checked_add(other).unwrap_or(one)
}
