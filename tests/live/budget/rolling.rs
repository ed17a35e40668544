//! Workloads in quotas: how many pods come, what is used, which rollouts end.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use gitopsc::{check::whole, facts::budget, model::Quantity};
use serde_json::Value;

use super::{Score, all_of, cluster, create, group, prepare, scenario::Scenario, settled_quotas};
use crate::{
    plane::ControlPlane,
    settle,
    state::{State, number, text},
};

/// How long nothing may move before it is taken for the end.
const PATIENCE: Duration = Duration::from_secs(12);

/// Runs scenarios with one workload each.
pub(super) fn run(plane: &mut ControlPlane, all: &[Scenario]) -> Vec<Score> {
    prepare(plane, all);
    create(plane, &all_of(all, |scenario| &scenario.then));
    let state = rest(plane);
    let used = settled_quotas(plane);
    let mut scores = Vec::new();
    let mut rolled: BTreeMap<&str, (usize, Rollout)> = BTreeMap::new();
    for one in all {
        scores.push(Score::default());
        let score = scores.last_mut().expect("one was pushed");
        let cluster = cluster(one);
        let budget = budget::of(&cluster);
        let Some(load) = budget.loads.first() else { continue };
        let there = state.each("Pod").filter(|((_, space, _), _)| *space == one.namespace).count();
        let there = u32::try_from(there).unwrap();
        let kind = load.object.key.group_kind.kind.as_str();
        score.count(&format!("pods of {kind}"), load.admitted == there, || {
            let (steady, admitted) = (load.steady, load.admitted);
            format!("{}: {admitted} of {steady} predicted, {there} there", one.namespace)
        });
        for quota in &budget.quotas {
            let Some(seen) = used.iter().find(|it| it["metadata"]["namespace"] == one.namespace)
            else {
                continue;
            };
            for key in &quota.keys {
                let found = seen["status"]["used"][&*key.hard.key].as_str().unwrap_or_default();
                let found: Option<Quantity> = found.parse().ok();
                let rule = format!("used by workloads {}", group(&key.hard.key));
                score.count(&rule, found == Some(key.admitted), || {
                    let (space, key, it) = (&one.namespace, &key.hard.key, key.admitted);
                    format!("{space} {kind} {key}: predicted {it}, the server has {found:?}")
                });
            }
        }
        let is_whole = there == load.steady && load.steady > 0 && load.short.is_none();
        if kind == "Deployment" && is_whole {
            let findings = whole::check(&cluster).findings;
            let is_stuck = findings.iter().any(|finding| finding.id == "rollout-stuck");
            let mut keys = budget.quotas.iter().flat_map(|quota| &quota.keys);
            let is_tight = keys.any(|key| key.sum.rollout > key.hard.amount);
            let rollout = match (is_stuck, is_tight) {
                (true, _) => Rollout::Sticks,
                (false, true) => Rollout::GoesOn,
                (false, false) => Rollout::Ends,
            };
            rolled.insert(&one.namespace, (scores.len() - 1, rollout));
        }
    }
    for namespace in rolled.keys() {
        plane.must(["rollout", "restart", "deployment/work", "--namespace", *namespace]);
    }
    let state = rest(plane);
    for (namespace, (index, predicted)) in rolled {
        let Some(object) = of(&state, namespace) else { continue };
        let wanted = number(object, "/spec/replicas", 1);
        let is_stuck = is_stuck(object);
        let progress = number(object, "/status/updatedReplicas", 0);
        let (rule, holds) = match predicted {
            Rollout::Ends => ("rollouts that end", !is_stuck),
            Rollout::GoesOn => ("rollouts that go on slowly", progress > 0),
            Rollout::Sticks => ("rollouts that stick", is_stuck),
        };
        scores[index].count(rule, holds, || {
            let strategy = &object["spec"]["strategy"];
            let name = text(object, "/metadata/namespace");
            format!("{name}: {wanted} pods, {strategy}: {}", object["status"])
        });
    }
    scores
}

/// What is predicted of a rollout.
#[derive(Clone, Copy)]
enum Rollout {
    Ends,
    /// Some of its pods are refused, and tried again after ever longer waits.
    GoesOn,
    Sticks,
}

fn of<'s>(state: &'s State, namespace: &str) -> Option<&'s Value> {
    state.each("Deployment").find(|((_, space, _), _)| space == namespace).map(|(_, object)| object)
}

fn is_stuck(object: &Value) -> bool {
    let wanted = number(object, "/spec/replicas", 1);
    // Where the new ReplicaSet is refused, the numbers stay those of the old one.
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    let is_refused = conditions.into_iter().any(|it| it["reason"] == "ReplicaSetCreateError");
    is_refused
        || number(object, "/status/updatedReplicas", 0) != wanted
        || number(object, "/status/replicas", 0) != wanted
}

/// Plays the kubelet until nothing moves any more.
fn rest(plane: &mut ControlPlane) -> State {
    let (mut moved, mut before) = (Instant::now(), Vec::new());
    loop {
        let state = State::of(plane);
        settle::help(plane, &state);
        let versions: Vec<String> = state.versions().into_iter().map(str::to_owned).collect();
        if versions != before {
            (moved, before) = (Instant::now(), versions);
        }
        if moved.elapsed() > PATIENCE {
            return state;
        }
        plane.assert_running();
        thread::sleep(Duration::from_millis(300));
    }
}
