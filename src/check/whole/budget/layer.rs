//! What an environment promises, against what it has.

use super::{beside, machine, times_of};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Demand, LayerUse};
use crate::facts::{Plan, Stated, times};
use crate::model::Quantity;
use crate::source::Span;

/// `short` are resources of which more is requested than the nodes have, as is told of them.
pub(super) fn check(plan: &Plan, budget: &Budget<'_>, short: &[&str], findings: &mut Vec<Finding>) {
    let layers = budget.layers(plan);
    let before = findings.len();
    for layer in &layers {
        findings.extend(within(budget, layer, "memory"));
        findings.extend(within(budget, layer, "cpu"));
    }
    let fits = findings.len() == before;
    for resource in ["memory", "cpu"] {
        let of_buffer = buffer(plan, resource);
        let is_held = of_buffer.is_none();
        findings.extend(of_buffer);
        // What is wrong with a part is wrong with the whole.
        if fits && is_held && !short.contains(&resource) {
            findings.extend(promised(plan, budget, &layers, resource));
        }
    }
    findings.extend(disks(plan, budget));
    classes(plan, budget, findings);
}

fn add(sum: Quantity, amount: Quantity) -> Quantity {
    sum.checked_add(amount).unwrap_or(sum)
}

/// Whether a layer's namespaces are within its budget.
fn within(budget: &Budget<'_>, layer: &LayerUse<'_>, resource: &str) -> Option<Finding> {
    let plan = layer.plan?;
    let (stated, used) = match resource {
        "memory" => (plan.memory?, layer.memory),
        _ => (plan.cpu?, layer.cpu),
    };
    if used <= stated.amount {
        return None;
    }
    let message = format!(
        "layer `{}` has {} of {resource}, and its namespaces may take {used}",
        plan.name, stated.amount
    );
    let mut finding = Finding::error("layer-exceeded", message).at(stated.span, "");
    let namespaces = budget.namespaces();
    for name in &layer.namespaces {
        let Some(namespace) = namespaces.get(name) else { continue };
        let (amount, keys) = match resource {
            "memory" => (namespace.memory(), ["limits.memory", "requests.memory"]),
            _ => (namespace.cpu(), ["requests.cpu", "cpu"]),
        };
        if amount <= Quantity::ZERO {
            continue;
        }
        let quota = keys.iter().find_map(|key| namespace.quota.get(key));
        finding = match quota {
            Some(hard) => beside(finding, &hard.place, format!("{amount} for `{name}`")),
            None => finding.note(format!("`{name}`: {amount} at the peak, without a quota")),
        };
    }
    Some(finding.help(format!("raise the layer's {resource} to {used}, or lower a quota")))
}

fn find(list: &[(&'static str, Stated)], resource: &str) -> Option<Stated> {
    list.iter().find(|(name, _)| *name == resource).map(|(_, stated)| *stated)
}

/// Whether the buffer holds what the system and Argo CD take.
fn buffer(plan: &Plan, resource: &str) -> Option<Finding> {
    let buffer = find(&plan.buffer, resource)?;
    let reserved = plan.reserved.iter().filter(|(_, name, _)| *name == resource);
    let argocd = find(&plan.argocd, resource);
    let system = reserved.clone().fold(Quantity::ZERO, |sum, (_, _, one)| add(sum, one.amount));
    let sum = add(system, argocd.map_or(Quantity::ZERO, |one| one.amount));
    if sum <= buffer.amount {
        return None;
    }
    let message = format!(
        "the buffer has {} of {resource}, and the system and Argo CD take {sum}",
        buffer.amount
    );
    let mut finding = Finding::error("buffer-exceeded", message).at(buffer.span, "");
    for (node, _, one) in reserved {
        finding = finding.at(one.span, format!("{} of node `{node}`", one.amount));
    }
    if let Some(argocd) = argocd {
        finding = finding.at(argocd.span, format!("{} for Argo CD", argocd.amount));
    }
    Some(
        finding
            .note("what is reserved of a node, and Argo CD, come out of the buffer")
            .help(format!("raise the buffer's {resource} to {sum}")),
    )
}

/// Whether the machines have what layers and buffer promise.
fn promised(
    plan: &Plan,
    budget: &Budget<'_>,
    layers: &[LayerUse<'_>],
    resource: &str,
) -> Option<Finding> {
    if !budget.fleet.is_known {
        return None;
    }
    let mut finding_lines = Vec::new();
    let mut sum = Quantity::ZERO;
    for layer in layers {
        let plan = layer.plan?;
        let (stated, used) = match resource {
            "memory" => (plan.memory, layer.memory),
            _ => (plan.cpu, layer.cpu),
        };
        let amount = stated.map_or(used, |stated| stated.amount);
        sum = add(sum, amount);
        if amount > Quantity::ZERO {
            finding_lines.push(format!("layer `{}`: {amount}", plan.name));
        }
    }
    // Requests of CPU are for what the system leaves; memory is given away whole.
    let (has, extra, factor, what) = match resource {
        "memory" => {
            let buffer = find(&plan.buffer, resource);
            (budget.fleet.capacity(resource), buffer, plan.memory_factor, "buffer")
        }
        _ => {
            let argocd = find(&plan.argocd, resource);
            (budget.fleet.allocatable(resource), argocd, plan.cpu_factor, "Argo CD")
        }
    };
    if let Some(extra) = extra {
        sum = add(sum, extra.amount);
        finding_lines.push(format!("{what}: {}", extra.amount));
    }
    let most = has.checked_mul(factor.map_or(1.0, |(factor, _)| factor)).unwrap_or(has);
    // What is promised to pods that no node takes is told of them.
    let rest = sum.checked_sub(too_large(budget, resource)).unwrap_or(sum);
    if sum <= most || rest <= most {
        return None;
    }
    let machine = budget.fleet.machines.first()?.machine;
    let of = match factor {
        Some((factor, _)) if most != has => format!("{factor} times {has}, which is {most}"),
        _ => has.to_string(),
    };
    let whose = if resource == "memory" { "the nodes have" } else { "the nodes have for pods" };
    let message = format!("{sum} of {resource} are promised, and {whose} {of}");
    let finding = Finding::error("nodes-overpromised", message);
    // Where no factor is stated, what one alone is promised can be no slip of the others.
    let mut alone = layers.iter().filter_map(|layer| alone(budget, layer, resource, most));
    let alone = alone.next().filter(|_| factor.is_none());
    let mut finding = match (alone, factor) {
        (Some(place), _) => finding.at(place, "").at(machine.size(resource).span, "the node"),
        (None, Some((_, span))) => finding.at(span, "").at(machine.size(resource).span, "the node"),
        (None, None) => finding.at(machine.size(resource).span, ""),
    };
    for line in finding_lines {
        finding = finding.note(line);
    }
    Some(finding.help(match times_of(sum, has, 10) {
        Some(factor) => {
            format!("promise less, or state a factor of {factor} under `overcommit.{resource}`")
        }
        None => format!("promise less, or give the nodes more {resource}"),
    }))
}

/// What pods may take of which each is larger than any node.
fn too_large(budget: &Budget<'_>, resource: &str) -> Quantity {
    let loads = budget.loads.iter().filter(|load| machine::is_too_large(load));
    let taken = loads.map(|load| {
        let Demand { requests, limits, .. } = load.at_most();
        let each = match resource {
            "memory" => limits.get(resource).unwrap_or_else(|| requests.of_resource(resource)),
            _ => requests.of_resource(resource),
        };
        times(each, load.most.max(load.scheduled).saturating_add(load.bounds_of(load.most).0))
    });
    taken.fold(Quantity::ZERO, add)
}

/// Where a layer is promised more than there is by itself: its budget, or the quota of a namespace.
fn alone(
    budget: &Budget<'_>,
    layer: &LayerUse<'_>,
    resource: &str,
    most: Quantity,
) -> Option<Span> {
    let plan = layer.plan?;
    let (stated, keys) = match resource {
        "memory" => (plan.memory, ["limits.memory", "requests.memory"]),
        _ => (plan.cpu, ["requests.cpu", "cpu"]),
    };
    if let Some(stated) = stated {
        return (stated.amount > most).then_some(stated.span);
    }
    let namespaces = budget.namespaces();
    let quotas = layer.namespaces.iter().filter_map(|name| {
        let quota = &namespaces.get(name)?.quota;
        keys.iter().find_map(|key| quota.get(key)).copied()
    });
    let mut large = quotas.filter(|hard| hard.amount > most);
    large.next().map(|hard| hard.place.origins.first().copied().unwrap_or(hard.place.span))
}

/// Whether the disks hold the volumes.
fn disks(plan: &Plan, budget: &Budget<'_>) -> Option<Finding> {
    let has = plan.disks.iter().fold(Quantity::ZERO, |sum, (_, disk)| add(sum, disk.amount));
    let mut volumes: Vec<(Quantity, String)> = Vec::new();
    let mut sum = Quantity::ZERO;
    for volume in &budget.volumes {
        let size = times(volume.claim.requests.of_resource("storage"), volume.count);
        sum = add(sum, size);
        let key = &volume.object.key;
        volumes.push((size, format!("`{}` of {key}: {size}", volume.claim.name)));
    }
    if plan.disks.is_empty() || sum <= has {
        return None;
    }
    let message = format!("the volumes ask for {sum}, and the nodes have {has} of disk");
    let (_, first) = plan.disks.first()?;
    let mut finding = Finding::warning("volumes-exceed-disk", message).at(first.span, "");
    volumes.sort();
    for (_, line) in volumes.iter().rev().take(8) {
        finding = finding.note(line.clone());
    }
    let over = sum.checked_sub(has).unwrap_or(Quantity::ZERO);
    Some(finding.help(format!("ask for {over} less, or add disk")))
}

/// Workloads without a priority class in a layer that has one.
fn classes(plan: &Plan, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for load in &budget.loads {
        let of = |layer: &&crate::facts::LayerPlan| {
            layer.releases.iter().any(|release| **release == *load.object.unit)
        };
        let Some(layer) = plan.layers.iter().find(of) else { continue };
        let Some(class) = &layer.priority_class else { continue };
        if load.pod.needs.priority_class.is_some() {
            continue;
        }
        let message = format!(
            "{} has no priority class, and its layer `{}` has `{class}`",
            load.title(),
            layer.name
        );
        findings.push(
            Finding::info("priority-class-of-layer-missing", message)
                .at(load.object.span, "")
                .at(layer.span, "the layer")
                .about(load.object.key.to_string())
                .note("its pods give way to all that have a class")
                .help(format!("set `priorityClassName: {class}`")),
        );
    }
}
