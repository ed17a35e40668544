//! Pods that must be near others, away from them, or spread: how many get a node.

use std::{collections::BTreeMap, thread, time::Duration};

use gitopsc::facts::budget;
use serde_json::Value;

use super::{Score, all_of, cluster, create, get, scenario::Scenario, wait};
use crate::{plane::ControlPlane, say};

/// Pods by namespace and workload: how many there are, and how many of them have a node.
type Counts = BTreeMap<(String, String), (u32, u32)>;

/// Creates all workloads, waits until nothing changes, and compares.
pub(super) fn run(plane: &mut ControlPlane, scenarios: &[Scenario], score: &mut Score) {
    let refused = create(plane, &all_of(scenarios, |scenario| &scenario.then));
    assert!(refused.is_empty(), "{refused:#?}");
    let wanted: u64 = scenarios
        .iter()
        .flat_map(|scenario| &scenario.then)
        .map(|work| work["spec"]["replicas"].as_u64().unwrap())
        .sum();
    wait(plane, "pods that the scheduler has looked at", |plane| {
        let told = pods(plane, scenarios).into_iter().filter(is_told).count();
        u64::try_from(told).unwrap() == wanted
    });
    // A pod that found no room is looked at again when others have come, ten seconds later at most.
    let mut last = counts(plane, scenarios);
    for _ in 0..12 {
        thread::sleep(Duration::from_secs(12));
        let now = counts(plane, scenarios);
        if now == last {
            break;
        }
        last = now;
    }
    let (mut told, mut all) = (0, 0);
    for scenario in scenarios {
        let cluster = cluster(scenario);
        for load in &budget::of(&cluster).loads {
            let name = &load.object.key.name;
            let (pods, placed) = last[&(scenario.namespace.clone(), name.clone())];
            if let Some(most) = &load.ceiling {
                score.count("no more than rules between pods let in", placed <= most.pods, || {
                    format!(
                        "{}/{name}: {}, and {placed} are placed",
                        scenario.namespace,
                        most.text(pods)
                    )
                });
            }
            all += 1;
            let Some(predicted) = load.placed else { continue };
            told += 1;
            let is_one = predicted == placed;
            let rule =
                if placed == pods { "all beside each other" } else { "not all beside each other" };
            score.count(rule, is_one, || {
                format!(
                    "{}/{name}: predicted {predicted} of {pods}, {placed} are placed",
                    scenario.namespace
                )
            });
        }
    }
    say(format_args!("budget: of {all} workloads with rules between pods {told} are worked out"));
}

fn pods(plane: &ControlPlane, scenarios: &[Scenario]) -> Vec<Value> {
    let mut pods = get(plane, "pods");
    let is_ours = |pod: &Value| {
        scenarios.iter().any(|scenario| pod["metadata"]["namespace"] == scenario.namespace)
    };
    pods.retain(is_ours);
    pods
}

fn is_told(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "PodScheduled"))
}

fn counts(plane: &ControlPlane, scenarios: &[Scenario]) -> Counts {
    let mut counts = Counts::new();
    for pod in pods(plane, scenarios) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key = (text(&pod["metadata"]["namespace"]), text(&pod["metadata"]["labels"]["app"]));
        let count = counts.entry(key).or_default();
        count.0 += 1;
        count.1 += u32::from(pod["spec"]["nodeName"].is_string());
    }
    counts
}
