//! The budget for people: nodes, layers, namespaces, quotas, workloads, what does not run.

use super::{Account, Table, reasons, unplaced};
use crate::facts::Amounts;
use crate::facts::budget::{Budget, Load};
use crate::model::Quantity;

/// Cells of a bar.
const BAR: i128 = 20;

/// The tables of one cluster, largest things first.
#[must_use]
pub fn tables(account: Account<'_>) -> Vec<Table> {
    let Account { budget, plan } = account;
    let mut tables = vec![nodes(budget)];
    if plan.is_some() {
        tables.push(layers(account));
    }
    tables.extend([namespaces(budget), quotas(budget), workloads(budget), idle(budget)]);
    tables
}

/// A share of a whole as a bar; what is too much is marked.
fn bar(used: Quantity, of: Quantity) -> String {
    let (used, of) = (used.milli_value(), of.milli_value());
    if of <= 0 {
        return String::new();
    }
    // Rounded, but neither nothing nor the whole where it is not.
    let percent = (used * 200 + of).div_euclid(of * 2);
    let percent = match used {
        0 => 0,
        _ if used < of => percent.clamp(1, 99),
        _ if used > of => percent.max(101),
        _ => percent,
    };
    let full = (used * BAR).div_euclid(of) + i128::from((used * BAR).rem_euclid(of) != 0);
    let full = full.clamp(0, BAR);
    let cells = |cell: &str, count: i128| cell.repeat(usize::try_from(count).unwrap_or(0));
    let mark = if used > of { " !" } else { "" };
    format!("{}{} {percent}%{mark}", cells("█", full), cells("░", BAR - full))
}

fn left(used: Quantity, of: Quantity) -> String {
    of.checked_sub(used).map(|left| left.to_string()).unwrap_or_default()
}

fn nodes(budget: &Budget<'_>) -> Table {
    let mut rows = Vec::new();
    for seat in &budget.fleet.machines {
        let Some(allocatable) = &seat.machine.allocatable else { continue };
        for resource in ["cpu", "memory"] {
            let (has, taken) =
                (allocatable.of_resource(resource), seat.requests.of_resource(resource));
            rows.push(vec![
                seat.machine.name.to_string(),
                resource.to_owned(),
                has.to_string(),
                taken.to_string(),
                left(taken, has),
                seat.limits.of_resource(resource).to_string(),
                bar(taken, has),
            ]);
        }
    }
    let head = &[
        "node",
        "resource",
        ">for pods",
        ">requests",
        ">free",
        ">limits",
        "requests of what is for pods",
    ];
    Table { title: "Nodes", head, rows }
}

fn layers(account: Account<'_>) -> Table {
    let mut rows = Vec::new();
    let Some(plan) = account.plan else {
        return Table { title: "Layers", head: &[], rows };
    };
    for layer in account.budget.layers(plan) {
        let Some(plan) = layer.plan else { continue };
        for (resource, stated, promised) in
            [("cpu", plan.cpu, layer.cpu), ("memory", plan.memory, layer.memory)]
        {
            let budget = stated.map(|stated| stated.amount);
            rows.push(vec![
                plan.name.to_string(),
                resource.to_owned(),
                budget.map_or_else(|| "–".to_owned(), |budget| budget.to_string()),
                promised.to_string(),
                budget.map(|budget| left(promised, budget)).unwrap_or_default(),
                budget.map(|budget| bar(promised, budget)).unwrap_or_default(),
            ]);
        }
    }
    for (name, stated) in &plan.buffer {
        let amount = stated.amount.to_string();
        let empty = String::new;
        rows.push(vec!["(buffer)".into(), (*name).into(), amount, empty(), empty(), empty()]);
    }
    let head = &["layer", "resource", ">budget", ">promised", ">free", "promised of the budget"];
    Table { title: "Layers", head, rows }
}

fn namespaces(budget: &Budget<'_>) -> Table {
    let mut rows = Vec::new();
    for (name, namespace) in budget.namespaces() {
        for resource in ["cpu", "memory"] {
            let of = |amounts: &Amounts| amounts.of_resource(resource);
            let limits = |amounts: &Amounts| {
                let limit = of(amounts);
                if resource == "cpu" { String::new() } else { limit.to_string() }
            };
            let keys: &[&str] = match resource {
                "cpu" => &["requests.cpu", "cpu"],
                _ => &["limits.memory", "requests.memory", "memory"],
            };
            let hard = keys.iter().find_map(|key| namespace.quota.get(key));
            let is_of_limits = hard.is_some_and(|hard| hard.key.starts_with("limits."));
            let used = if is_of_limits { of(&namespace.limits) } else { of(&namespace.requests) };
            // What the quota bounds; without one pods take up to their limit, or what they request.
            let peak = match hard {
                Some(_) if is_of_limits => of(&namespace.peak_limits),
                None if resource == "memory" => of(&namespace.peak),
                _ => of(&namespace.peak_requests),
            };
            rows.push(vec![
                name.to_owned(),
                resource.to_owned(),
                of(&namespace.requests).to_string(),
                limits(&namespace.limits),
                peak.to_string(),
                hard.map_or_else(|| "–".to_owned(), |hard| hard.amount.to_string()),
                hard.map(|hard| left(used, hard.amount)).unwrap_or_default(),
                hard.map(|hard| bar(used, hard.amount)).unwrap_or_default(),
            ]);
        }
    }
    let head = &[
        "namespace",
        "resource",
        ">requests",
        ">limits",
        ">peak",
        ">quota",
        ">free",
        "of the quota at rest",
    ];
    Table { title: "Namespaces", head, rows }
}

fn quotas(budget: &Budget<'_>) -> Table {
    let mut rows = Vec::new();
    for one in &budget.quotas {
        for key in &one.keys {
            let (hard, sum) = (key.hard.amount, key.sum);
            rows.push(vec![
                format!("{}/{}", one.object.key.namespace, one.object.key.name),
                key.hard.key.to_string(),
                hard.to_string(),
                sum.steady.to_string(),
                sum.autoscaled.to_string(),
                sum.rollout.to_string(),
                left(sum.steady, hard),
                bar(sum.steady, hard),
            ]);
        }
        for (key, why) in &one.uncounted {
            let quota = format!("{}/{}", one.object.key.namespace, one.object.key.name);
            let mut row = vec![quota, (*key).to_owned()];
            row.extend(std::iter::repeat_n("–".to_owned(), 5));
            row.push(format!("not counted: {why}"));
            rows.push(row);
        }
    }
    let head =
        &["quota", "key", ">hard", ">used", ">autoscaled", ">rollout", ">free", "used of hard"];
    Table { title: "Quotas", head, rows }
}

fn workloads(budget: &Budget<'_>) -> Table {
    let row = |load: &Load<'_>| {
        let of = |amounts: &Amounts, resource| {
            let amount = amounts
                .get(resource)
                .map(|amount| crate::facts::times(amount, load.steady.max(load.scheduled)));
            amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string())
        };
        let (surge, unavailable) = load.bounds();
        let changes = [('+', surge), ('−', unavailable)].into_iter().filter(|(_, it)| *it > 0);
        let changes: Vec<String> = changes.map(|(sign, count)| format!("{sign}{count}")).collect();
        let pods = match (load.scheduled, load.most > load.steady) {
            (0, false) => load.steady.to_string(),
            (0, true) => format!("{}–{}", load.steady, load.most),
            (scheduled, _) => format!("({scheduled})"),
        };
        vec![
            load.namespace().to_owned(),
            load.title(),
            pods,
            changes.join(" "),
            of(&load.demand.requests, "cpu"),
            of(&load.demand.requests, "memory"),
            of(&load.demand.limits, "cpu"),
            of(&load.demand.limits, "memory"),
            match (load.is_declared, load.unbounded.as_slice()) {
                (true, _) => "declared".to_owned(),
                (false, []) => String::new(),
                (false, free) => format!("scaled without bound: {}", free.join(", ")),
            },
        ]
    };
    let head = &[
        "namespace",
        "workload",
        ">pods",
        ">rollout",
        ">cpu",
        ">memory",
        ">cpu limit",
        ">memory limit",
        "",
    ];
    Table {
        title: "Workloads, all pods together",
        head,
        rows: budget.loads.iter().map(row).collect(),
    }
}

/// What does not run, and why.
fn idle(budget: &Budget<'_>) -> Table {
    let mut rows = Vec::new();
    for load in &budget.loads {
        for (_, why) in reasons(load) {
            let pods = format!("{} of {}", load.admitted, load.steady);
            rows.push(vec![load.namespace().to_owned(), load.title(), pods, why]);
        }
        if let Some((_, nodes)) = unplaced(load) {
            let placed = load.placed.unwrap_or(0);
            for (node, why) in nodes {
                let why = if node == "*" { why } else { format!("{node}: {why}") };
                let pods = format!("{placed} of {}", load.steady);
                rows.push(vec![load.namespace().to_owned(), load.title(), pods, why]);
            }
        }
    }
    let head = &["namespace", "workload", ">pods that run", "why not all"];
    Table { title: "What does not run", head, rows }
}
