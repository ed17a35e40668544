//! Nodes in zones, and workloads whose pods must be near others, away from them, or spread.

use serde_json::{Value, json};

use super::{Dice, Scenario};

/// Some nodes, and workloads that can go to these alone.
pub(crate) fn apart(number: u64) -> Scenario {
    let dice = &mut Dice::new(number + 300_001);
    let name = format!("a{number}");
    let mut first =
        vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})];
    for index in 0..2 + dice.below(4) {
        first.push(node(&format!("{name}-{index}"), &name, dice));
    }
    let names = ["web", "db", "cache"];
    let count = 1 + dice.below(3);
    let mut then: Vec<Value> =
        names.iter().take(count).map(|work| workload(work, &name, dice)).collect();
    let asks = |work: &Value| {
        let pod = &work["spec"]["template"]["spec"];
        pod["affinity"] != json!({}) || pod["topologySpreadConstraints"].is_array()
    };
    if !then.iter().any(asks) {
        let term = json!([term(names[0], &name, dice)]);
        then[0]["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"] =
            json!({"requiredDuringSchedulingIgnoredDuringExecution": term});
    }
    Scenario { namespace: name, first, then }
}

/// Labels of one scenario alone, since nodes that a pod does not select may be domains too.
fn label(scenario: &str, name: &str) -> String {
    format!("example.com/{name}-{scenario}")
}

fn node(name: &str, scenario: &str, dice: &mut Dice) -> Value {
    let size = json!({
        "cpu": *dice.pick(&["1", "2", "4"]), "memory": "8Gi", "pods": *dice.pick(&["1", "2", "110", "110"]),
    });
    let mut labels = json!({"scenario": scenario, "disk": *dice.pick(&["ssd", "ssd", "hdd"])});
    if dice.chance(92) {
        labels[label(scenario, "host")] = json!(name);
        labels["kubernetes.io/hostname"] = json!(name);
    }
    if dice.chance(92) {
        labels[label(scenario, "zone")] = json!(*dice.pick(&["one", "two", "three"]));
    }
    let mut spec = json!({});
    if dice.chance(15) {
        spec["taints"] = json!([{"key": "kept", "value": "db", "effect": *dice.pick(&["NoSchedule", "NoExecute"])}]);
    }
    if dice.chance(5) {
        spec["unschedulable"] = json!(true);
    }
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": spec,
        "status": {"capacity": size, "allocatable": size, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]},
    })
}

fn workload(name: &str, scenario: &str, dice: &mut Dice) -> Value {
    let resources =
        json!({"requests": {"cpu": *dice.pick(&["10m", "10m", "300m", "1"]), "memory": "16Mi"}});
    let container =
        json!({"name": "main", "image": "registry.example.com/main:1", "resources": resources});
    let mut pod = json!({
        "containers": [container], "nodeSelector": {"scenario": scenario}, "terminationGracePeriodSeconds": 0,
    });
    if dice.chance(15) {
        pod["nodeSelector"]["disk"] = json!("ssd");
    }
    if dice.chance(30) {
        pod["tolerations"] = json!([{"key": "kept", "operator": "Exists"}]);
    }
    let mut affinity = json!({});
    for (kind, percent) in [("podAntiAffinity", 45), ("podAffinity", 20)] {
        if dice.chance(percent) {
            let term = term(name, scenario, dice);
            affinity[kind] = json!({"requiredDuringSchedulingIgnoredDuringExecution": [term]});
        }
    }
    pod["affinity"] = affinity;
    if dice.chance(40) {
        let mut spread = vec![spreading(name, scenario, dice)];
        if dice.chance(30) {
            spread.push(spreading(name, scenario, dice));
        }
        let label = |one: &Value| one["topologyKey"].clone();
        if spread.len() < 2 || label(&spread[0]) != label(&spread[1]) {
            pod["topologySpreadConstraints"] = json!(spread);
        }
    }
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": scenario},
        "spec": {
            "replicas": 1 + dice.below(5),
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name, "of": "shop"}}, "spec": pod},
        },
    })
}

/// The pods of the workload itself most of the time, those of another else, or of all.
fn selector(name: &str, dice: &mut Dice) -> Value {
    match dice.below(10) {
        0..6 => json!({"matchLabels": {"app": name}}),
        6..8 => json!({"matchLabels": {"app": *dice.pick(&["web", "db", "cache", "gone"])}}),
        8 => json!({"matchExpressions": [{"key": "of", "operator": "Exists"}]}),
        _ => json!({}),
    }
}

fn term(name: &str, scenario: &str, dice: &mut Dice) -> Value {
    let domain = match dice.below(3) {
        0 => "kubernetes.io/hostname".to_owned(),
        1 => label(scenario, "host"),
        _ => label(scenario, "zone"),
    };
    let mut term = json!({"topologyKey": domain, "labelSelector": selector(name, dice)});
    if dice.chance(15) {
        term["matchLabelKeys"] = json!(["pod-template-hash"]);
    }
    if dice.chance(10) {
        term["namespaces"] = json!([scenario]);
    }
    term
}

fn spreading(name: &str, scenario: &str, dice: &mut Dice) -> Value {
    let kind = *dice.pick(&["host", "zone"]);
    let mut one = json!({
        "topologyKey": label(scenario, kind), "maxSkew": 1 + dice.below(2),
        "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector(name, dice),
    });
    if dice.chance(25) {
        one["minDomains"] = json!(1 + dice.below(4));
    }
    if dice.chance(20) {
        one["nodeTaintsPolicy"] = json!(*dice.pick(&["Honor", "Ignore"]));
    }
    if dice.chance(20) {
        one["nodeAffinityPolicy"] = json!(*dice.pick(&["Honor", "Ignore"]));
    }
    if dice.chance(20) {
        one["matchLabelKeys"] = json!(["pod-template-hash"]);
    }
    one
}
