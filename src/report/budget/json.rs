//! The budget for programs.

use serde_json::{Map, Value, json};

use super::{Account, reasons, unplaced};
use crate::facts::Amounts;
use crate::facts::budget::{KeyUse, Line, Load, QuotaUse};
use crate::model::Quantity;

/// The budget of one cluster.
#[must_use]
pub fn json(account: Account<'_>) -> Value {
    let Account { budget, plan } = account;
    let loads = &budget.loads;
    let cannot_start = loads.iter().filter(|load| !reasons(load).is_empty());
    let fit_no_node = loads.iter().filter_map(|load| {
        let (pods, nodes) = unplaced(load)?;
        let nodes = nodes.iter().map(|(node, why)| json!({"node": node, "why": why}));
        let mut value = named(load);
        value.insert("pods".into(), json!(pods));
        value.insert("nodes".into(), Value::Array(nodes.collect()));
        Some(Value::Object(value))
    });
    let nodes = budget.fleet.machines.iter().map(|seat| {
        let allocatable = seat.machine.allocatable.as_ref();
        let free = allocatable.map(|has| {
            let left = has.iter().map(|(name, has)| {
                let taken = seat.requests.of_resource(name);
                (name, has.checked_sub(taken).unwrap_or(Quantity::ZERO))
            });
            amounts(&left.collect())
        });
        json!({
            "name": seat.machine.name,
            "allocatable": allocatable.map(amounts),
            "requests": amounts(&seat.requests),
            "limits": amounts(&seat.limits),
            "free": free,
        })
    });
    let mut value = json!({
        "quotas": budget.quotas.iter().map(quota).collect::<Vec<_>>(),
        "workloads": loads.iter().map(workload).collect::<Vec<_>>(),
        "cannotStart": cannot_start.map(stopped).collect::<Vec<_>>(),
        "fitNoNode": fit_no_node.collect::<Vec<_>>(),
        "nodes": nodes.collect::<Vec<_>>(),
        "namespaces": namespaces(account),
    });
    if let Some(plan) = plan {
        let layers = budget.layers(plan).into_iter().filter_map(|layer| {
            let plan = layer.plan?;
            Some(json!({
                "name": plan.name,
                "reserved": plan.is_reserved,
                "namespaces": layer.namespaces,
                "memory": {"budget": plan.memory.map(|it| it.amount), "promised": layer.memory},
                "cpu": {"budget": plan.cpu.map(|it| it.amount), "promised": layer.cpu},
            }))
        });
        value["layers"] = Value::Array(layers.collect());
    }
    value
}

fn amounts(amounts: &Amounts) -> Value {
    let entries = amounts.iter().map(|(name, amount)| (name.to_owned(), json!(amount)));
    Value::Object(entries.collect())
}

fn quota(one: &QuotaUse<'_>) -> Value {
    let scopes = one.quota.scopes.iter().map(
        |scope| json!({"name": scope.name, "operator": scope.operator, "values": scope.values}),
    );
    let uncounted = one.uncounted.iter().map(|(key, why)| json!({"key": key, "why": why}));
    json!({
        "namespace": one.object.key.namespace,
        "name": one.object.key.name,
        "scopes": scopes.collect::<Vec<_>>(),
        "keys": one.keys.iter().map(key).collect::<Vec<_>>(),
        "notCounted": uncounted.collect::<Vec<_>>(),
    })
}

fn key(one: &KeyUse<'_>) -> Value {
    let (hard, sum) = (one.hard.amount, one.sum);
    let largest = one.largest.and_then(|index| one.lines[index].object);
    json!({
        "key": one.hard.key,
        "hard": hard,
        "used": sum.steady,
        "autoscaled": sum.autoscaled,
        "rollout": sum.rollout,
        "rollouts": sum.rollouts,
        "autoscaledRollout": sum.autoscaled_rollout,
        "scheduled": sum.scheduled,
        "admitted": one.admitted,
        "free": hard.checked_sub(sum.steady),
        "fits": one.fits(),
        "fitsAutoscaled": sum.autoscaled <= hard,
        "fitsRollout": sum.rollout <= hard,
        "fitsRollouts": sum.rollouts <= hard,
        "fitsAutoscaledRollout": sum.autoscaled_rollout <= hard,
        "fitsScheduled": sum.scheduled <= hard,
        "largestRollout": largest.map(|object| object.key.to_string()),
        "sum": one.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &Line<'_>) -> Value {
    json!({
        "object": line.object.map(|object| object.key.to_string()),
        "count": line.count,
        "each": line.each,
        "used": line.phases.steady,
    })
}

fn named(load: &Load<'_>) -> Map<String, Value> {
    let key = &load.object.key;
    let mut value = Map::new();
    value.insert("kind".into(), json!(key.group_kind.kind));
    value.insert("namespace".into(), json!(key.namespace));
    value.insert("name".into(), json!(key.name));
    value
}

fn workload(load: &Load<'_>) -> Value {
    let (surge, unavailable) = load.bounds();
    let mut value = named(load);
    let rest = json!({
        "pods": load.steady,
        "autoscaled": load.most,
        "scheduled": load.scheduled,
        "surge": surge,
        "unavailable": unavailable,
        "requests": amounts(&load.demand.requests),
        "limits": amounts(&load.demand.limits),
        "unbounded": load.unbounded,
        "declared": load.is_declared,
        "admitted": load.admitted,
        "placed": load.placed,
        "starts": reasons(load).is_empty(),
    });
    if let Value::Object(rest) = rest {
        value.extend(rest);
    }
    Value::Object(value)
}

fn stopped(load: &Load<'_>) -> Value {
    let mut value = named(load);
    value.insert("pods".into(), json!(load.steady));
    value.insert("admitted".into(), json!(load.admitted));
    let reasons = reasons(load);
    let reasons = reasons.iter().map(|(reason, text)| json!({"reason": reason, "text": text}));
    value.insert("reasons".into(), Value::Array(reasons.collect()));
    Value::Object(value)
}

fn namespaces(account: Account<'_>) -> Value {
    let all = account.budget.namespaces();
    let all = all.iter().map(|(name, namespace)| {
        let quota =
            namespace.quota.iter().map(|(key, hard)| ((*key).to_owned(), json!(hard.amount)));
        json!({
            "name": name,
            "pods": namespace.pods,
            "requests": amounts(&namespace.requests),
            "limits": amounts(&namespace.limits),
            "peak": {
                "requests": amounts(&namespace.peak_requests),
                "limits": amounts(&namespace.peak_limits),
            },
            "storage": namespace.storage,
            "quota": quota.collect::<Map<_, _>>(),
        })
    });
    Value::Array(all.collect())
}
