//! Machines that are too small for what is to run on them.

use super::{at_text, beside, primary, times_of, title};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load, Rivals, Rule};
use crate::facts::{Cluster, Extent, Place, Term, Unfit};
use crate::model::Quantity;

/// Workloads that are shown in a sum.
const SHOWN: usize = 8;

/// Tells of what the nodes have no room for, and gives back the resources of which all that is
/// requested is more than they have.
pub(super) fn check(
    cluster: &Cluster,
    budget: &Budget<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<&'static str> {
    for load in &budget.loads {
        findings.extend(fits_none(load).or_else(|| crowded(load)));
    }
    shunned(budget, findings);
    // Files may hold some of the machines of a cluster, and some of what runs there.
    if cluster.extent() < Extent::Whole || !budget.fleet.is_known {
        return Vec::new();
    }
    let mut exceeded = Vec::new();
    for resource in ["cpu", "memory"] {
        let finding = requests(cluster, budget, resource);
        exceeded.extend(finding.is_some().then_some(resource));
        findings.extend(finding);
    }
    if exceeded.is_empty() {
        findings.extend(full(budget));
    }
    findings.extend(limits(cluster, budget));
    exceeded
}

/// Whether no node is large enough for a pod, which is told of it.
pub(super) fn is_too_large(load: &Load<'_>) -> bool {
    load.unfit.iter().any(|(_, unfit)| matches!(unfit, Unfit::TooSmall { .. }))
        && fits_none(load).is_some()
}

fn fits_none(load: &Load<'_>) -> Option<Finding> {
    let is_daemon = load.pod.run.kind == crate::facts::RunKind::EachNode;
    let is_size = |(_, unfit): &&(_, Unfit)| matches!(unfit, Unfit::TooSmall { .. });
    // A DaemonSet leaves out machines by its selector on purpose.
    let unfit: Vec<_> = if is_daemon {
        load.unfit.iter().filter(is_size).collect()
    } else {
        load.unfit.iter().collect()
    };
    let is_sized = |(machine, _): &&&(&crate::facts::Machine, Unfit)| machine.allocatable.is_some();
    if unfit.is_empty() || unfit.iter().filter(is_sized).count() != unfit.len() {
        return None;
    }
    if !load.refusals.is_empty() || load.steady.max(load.scheduled) == 0 {
        return None;
    }
    let is_too_large = unfit.iter().any(is_size);
    let message = match is_daemon {
        true => format!("a pod of {} does not fit its node", load.title()),
        false => format!("a pod of {} fits no node", load.title()),
    };
    let finding = Finding::error("pod-fits-no-node", message);
    let largest = load.pod.containers.iter().max_by_key(|container| {
        let requests = &container.resources.requests;
        (requests.of_resource("memory"), requests.of_resource("cpu"))
    });
    let resources = largest.and_then(|container| container.resources.place.as_ref());
    let place = if is_too_large { resources } else { asked(load) };
    let mut finding = match place {
        Some(place) => at_text(finding, load.object, place),
        None => finding.at(load.object.span, "").about(load.object.key.to_string()),
    };
    for (machine, unfit) in unfit.iter().take(SHOWN) {
        let why = match unfit {
            Unfit::OtherNode => "another node is named".to_owned(),
            Unfit::Labels => "its labels are not those that the pod asks for".to_owned(),
            Unfit::Taint(taint) => format!("the pod does not tolerate its taint `{taint}`"),
            Unfit::Cordoned => "it is cordoned".to_owned(),
            Unfit::TooSmall { resource, wanted, has } => {
                format!("{wanted} of {resource} are requested, and {has} are allocatable")
            }
        };
        finding = finding.note(format!("node `{}`: {why}", machine.name));
    }
    let help = match is_too_large {
        true => "request less, or add a larger node",
        false => "change the selector, the tolerations, or the labels of a node",
    };
    Some(finding.note("the pods stay Pending").help(help))
}

/// What of a pod no node gives it, where none is too small.
fn asked<'l>(load: &'l Load<'_>) -> Option<&'l Place> {
    let placement = &load.pod.needs.placement;
    let places = &placement.places;
    let selects = || places.selector.as_ref().or(places.affinity.as_ref());
    let mut unfit = load.unfit.iter();
    let place = if unfit.clone().any(|(_, unfit)| *unfit == Unfit::OtherNode) {
        places.node.as_ref()
    } else if unfit.clone().any(|(_, unfit)| matches!(unfit, Unfit::Taint(_))) {
        places.tolerations.as_ref().or_else(selects)
    } else if unfit.any(|(machine, unfit)| {
        *unfit == Unfit::Labels && machine.is_labelled(placement) != Some(false)
    }) {
        places.affinity.as_ref()
    } else {
        selects()
    };
    place.or(places.spec.as_ref())
}

/// Pods that shun or follow others, and for which there are too few nodes whatever else runs there.
fn crowded(load: &Load<'_>) -> Option<Finding> {
    let ceiling = load.ceiling.as_ref().filter(|ceiling| ceiling.pods < load.admitted)?;
    if !load.refusals.is_empty() || !load.unfit.is_empty() {
        return None;
    }
    let (all, most) = (load.admitted, ceiling.pods);
    let title = load.title();
    let message = match (all, most) {
        (1, _) => format!("the pod of {title} fits no node"),
        (_, 0) => format!("the pods of {title} fit no node"),
        _ => format!("{} of {all} pods of {title} fit no node", all - most),
    };
    let finding = Finding::error("pod-fits-no-node", message);
    let mut finding = at_text(finding, load.object, &ceiling.place);
    if load.pod.run.is_stated && load.pod.run.place.span != load.object.span {
        finding = beside(finding, &load.pod.run.place, "the number of its pods");
    }
    let help = match ceiling.why {
        Rule::Apart(_) => "run fewer pods, add nodes, or make the rule a preferred one",
        Rule::Spread(..) | Rule::Few(..) => {
            "run fewer pods, add nodes, or set `whenUnsatisfiable: ScheduleAnyway`"
        }
        Rule::Together(_) | Rule::Beside(_) => "request less, or make the rule a preferred one",
        Rule::Alone => "select pods that are there, or make the rule a preferred one",
    };
    Some(finding.note(ceiling.text(all)).note("the others stay Pending").help(help))
}

/// Workloads that shun each other, and for which there are too few nodes together: once for all that
/// go without beside the same others.
fn shunned<'c>(budget: &'c Budget<'c>, findings: &mut Vec<Finding>) {
    type Group<'c> = (&'c Rivals, Vec<(&'c Load<'c>, u64)>);
    let mut groups: Vec<Group<'c>> = Vec::new();
    for rivals in &budget.fleet.rivals {
        let Some((&(index, count), others)) = rivals.all.split_last() else { continue };
        let load = &budget.loads[index];
        if fits_none(load).or_else(|| crowded(load)).is_some() {
            continue;
        }
        let is_same = |(known, _): &&mut Group<'_>| {
            let others_of_known = known.all.split_last().map(|(_, others)| others);
            known.label == rivals.label && others_of_known == Some(others)
        };
        match groups.iter_mut().find(is_same) {
            Some((_, without)) => without.push((load, count)),
            None => groups.push((rivals, vec![(load, count)])),
        }
    }
    findings.extend(groups.iter().filter_map(|(rivals, without)| among(budget, rivals, without)));
}

/// The term by which one of the workloads shuns another.
pub(super) fn shuns<'c>(load: &Load<'c>, other: &Load<'c>, rivals: &Rivals) -> Option<&'c Place> {
    let mut terms = load.pod.needs.placement.company.apart.iter();
    let is_meant =
        |term: &&Term| term.domain == rivals.label && term.meant.matches(&other.pod.labels);
    terms.find(is_meant).map(|term| &term.place)
}

/// Workloads that go without a node beside the same others.
fn among<'c>(
    budget: &'c Budget<'c>,
    rivals: &Rivals,
    without: &[(&'c Load<'c>, u64)],
) -> Option<Finding> {
    let (&(load, count), too) = without.split_first()?;
    let others = rivals.all.split_last()?.1.iter();
    let others: Vec<_> = others.map(|(index, count)| (&budget.loads[*index], *count)).collect();
    let titles: Vec<String> = others.iter().map(|(other, _)| other.title()).collect();
    let title = match too.len() {
        0 => load.title(),
        more => format!("{} and {more} more", load.title()),
    };
    let (whom, domain) = (titles.join(" and "), rivals.domain());
    let message =
        format!("pods of {title} fit no node beside {whom}: they may not share a {domain}");
    let finding = Finding::error("pod-fits-no-node", message);
    let own = others.iter().find_map(|(other, _)| shuns(load, other, rivals));
    let theirs =
        || others.iter().find_map(|(other, _)| Some((*other, shuns(other, load, rivals)?)));
    let mut finding = match (own, theirs()) {
        (Some(place), _) => at_text(finding, load.object, place),
        (None, Some((other, place))) => {
            at_text(finding, other.object, place).at(load.object.span, "this goes without")
        }
        (None, None) => finding.at(load.object.span, "").about(load.object.key.to_string()),
    };
    for (other, _) in too.iter().take(SHOWN) {
        finding = finding.at(other.object.span, format!("{} too", other.title()));
    }
    for (load, count) in std::iter::once(&(load, count)).chain(others.iter().rev()) {
        finding = finding.note(format!("{} needs {} at least", load.title(), rivals.words(*count)));
    }
    let is_more = |other: &Load<'_>| {
        other.priority.zip(load.priority).is_some_and(|(theirs, own)| theirs.value > own.value)
    };
    let who = match others.iter().all(|(other, _)| is_more(other)) {
        true => "the less important one",
        false => "who comes later",
    };
    Some(
        finding
            .note(format!("for all of them {}: {who} stays Pending", rivals.there()))
            .help("run fewer pods, add nodes, or make the rule a preferred one"),
    )
}

/// What is requested at rest, workload by workload, the largest first.
fn sorted<'b, 'c>(
    budget: &'b Budget<'c>,
    of: impl Fn(&Load<'_>) -> Quantity,
) -> Vec<(Quantity, &'b Load<'c>)> {
    let loads = budget.loads.iter().filter(|load| load.refusals.is_empty());
    let mut all: Vec<_> = loads
        .map(|load| (crate::facts::times(of(load), load.steady), load))
        .filter(|(amount, _)| *amount > Quantity::ZERO)
        .collect();
    all.sort_by_key(|(amount, _)| std::cmp::Reverse(*amount));
    all
}

fn total(all: &[(Quantity, &Load<'_>)]) -> Quantity {
    all.iter().fold(Quantity::ZERO, |sum, (amount, _)| sum.checked_add(*amount).unwrap_or(sum))
}

fn requests(cluster: &Cluster, budget: &Budget<'_>, resource: &str) -> Option<Finding> {
    let all = sorted(budget, |load| load.demand.requests.of_resource(resource));
    let plan = cluster.surroundings().plan.as_deref();
    let argocd = plan.into_iter().flat_map(|plan| &plan.argocd);
    let argocd =
        argocd.clone().find(|(name, _)| *name == resource).map(|(_, stated)| stated.amount);
    let sum = total(&all);
    let sum = sum.checked_add(argocd.unwrap_or(Quantity::ZERO)).unwrap_or(sum);
    let has = budget.fleet.allocatable(resource);
    // One that fits nowhere is told by itself.
    if sum <= has || all.iter().any(|(_, load)| fits_none(load).is_some()) {
        return None;
    }
    let machine = budget.fleet.machines.first()?.machine;
    let message = format!("{sum} of {resource} are requested, and the nodes have {has} for pods");
    let finding = Finding::error("requests-exceed-nodes", message);
    let mut finding = primary(finding, machine.size(resource), "");
    for (amount, load) in all.iter().take(SHOWN) {
        finding = finding.note(format!("{} in {}: {amount}", load.title(), load.namespace()));
    }
    if all.len() > SHOWN {
        finding = finding.note(format!("and {} smaller ones", all.len() - SHOWN));
    }
    if let Some(argocd) = argocd.filter(|amount| *amount > Quantity::ZERO) {
        finding = finding.note(format!("Argo CD: {argocd}"));
    }
    let over = sum.checked_sub(has).unwrap_or(Quantity::ZERO);
    Some(
        finding
            .note("pods that find no room stay Pending")
            .help(format!("request {over} less, or give the nodes as much more")),
    )
}

/// Pods that a free machine would take, and that find none with room beside the others.
fn full(budget: &Budget<'_>) -> Option<Finding> {
    let running = || budget.loads.iter().filter(|load| load.admitted > 0);
    // One pod that goes elsewhere than is thought makes room for others, or takes it.
    let is_told = |load: &Load<'_>| fits_none(load).or_else(|| crowded(load)).is_some();
    if running().any(|load| load.placed.is_none() || is_told(load)) {
        return None;
    }
    let missing = |load: &Load<'_>| load.admitted - load.placed.unwrap_or(0).min(load.admitted);
    let is_daemon = |load: &Load<'_>| load.pod.run.kind == crate::facts::RunKind::EachNode;
    let left: Vec<&Load<'_>> = running()
        .filter(|load| load.unfit.is_empty() || is_daemon(load))
        .filter(|it| missing(it) > 0)
        .collect();
    let (load, others) = left.split_first()?;
    let (count, all) = (missing(load), load.admitted);
    let pods = if all == 1 { "the pod".to_owned() } else { format!("{count} of {all} pods") };
    let title = load.title();
    let message = format!("there is no room on any node for {pods} of {title} beside the others");
    let finding = Finding::warning("pod-fits-no-node", message);
    let resources = load.pod.containers.iter().find_map(|it| it.resources.place.as_ref());
    let mut finding = match resources {
        Some(place) => at_text(finding, load.object, place),
        None => finding.at(load.object.span, "").about(load.object.key.to_string()),
    };
    for other in others.iter().take(SHOWN) {
        finding =
            finding.at(other.object.span, format!("{} of {} too", missing(other), other.title()));
    }
    if let Some(own) = load.priority {
        let is_less =
            |other: &Load<'_>| other.priority.is_some_and(|other| other.value > own.value);
        if running().any(is_less) {
            let value = own.value;
            finding =
                finding.note(format!("its priority is {value}: pods of a higher one go first"));
        }
    }
    let wanted = &load.demand.requests;
    for seat in budget.fleet.machines.iter().take(SHOWN) {
        let left = |name| Some(format!("{} of {name}", seat.left(name)?));
        let names = ["cpu", "memory", "pods"].into_iter();
        let names = names.filter(|name| *name == "pods" || wanted.get(name).is_some());
        let left: Vec<String> = names.filter_map(left).collect();
        finding =
            finding.note(format!("node `{}`: {} are left", seat.machine.name, left.join(", ")));
    }
    Some(
        finding
            .note("placed as the scheduler does, the largest first, or the smallest, or those that fewest nodes take: no order finds room for all")
            .note("the pods stay Pending")
            .help("request less, run fewer pods, or add a node"),
    )
}

/// Limits may pass what is there; then whoever uses most is killed when all use theirs.
fn limits(cluster: &Cluster, budget: &Budget<'_>) -> Option<Finding> {
    let limit = |load: &Load<'_>| {
        let limit = load.demand.limits.get("memory");
        limit.unwrap_or_else(|| load.demand.requests.of_resource("memory"))
    };
    let all = sorted(budget, limit);
    let (sum, has) = (total(&all), budget.fleet.allocatable("memory"));
    if sum <= has || has <= Quantity::ZERO {
        return None;
    }
    let requested = sorted(budget, |load| load.demand.requests.of_resource("memory"));
    let requested = total(&requested);
    let machine = budget.fleet.machines.first()?.machine;
    let message = match times_of(sum, has, 100) {
        Some(factor) => format!(
            "the limits of memory add up to {sum}: {factor} times the {has} that the nodes have for pods"
        ),
        None => {
            format!("the limits of memory add up to {sum}, and the nodes have {has} for pods")
        }
    };
    let finding = Finding::info("limits-exceed-memory", message);
    let finding = primary(finding, machine.size("memory"), "");
    let stated = cluster.surroundings().plan.as_deref().and_then(|plan| plan.memory_factor);
    let finding = match stated {
        Some((factor, span)) => finding.at(span, format!("a factor of {factor} is stated")),
        None => finding,
    };
    let largest = all.first().map(|(amount, load)| format!("{} with {amount}", title(load.object)));
    Some(
        finding
            .note(format!("requests, which decide where pods go, add up to {requested}"))
            .note("when all use what they may, pods above their request are evicted")
            .help(format!("the largest limit is that of {}", largest.unwrap_or_default())),
    )
}
