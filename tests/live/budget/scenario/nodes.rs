//! Nodes, and pods that look for one.

use serde_json::{Value, json};

use super::{CPU, Dice, MEMORY, Scenario};

/// Some nodes, and pods that can go to these alone.
pub(crate) fn nodes(number: u64) -> Scenario {
    let dice = &mut Dice::new(number + 100_001);
    let name = format!("n{number}");
    let mut first =
        vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})];
    for index in 0..1 + dice.below(3) {
        first.push(node(&format!("{name}-{index}"), &name, dice));
    }
    let count = 1 + dice.below(5);
    let then = (0..count).map(|index| placed(&format!("{name}-p{index}"), &name, dice)).collect();
    Scenario { namespace: name, first, then }
}

fn node(name: &str, scenario: &str, dice: &mut Dice) -> Value {
    let size = json!({
        "cpu": *dice.pick(&["1", "2", "4"]), "memory": *dice.pick(&["1Gi", "2Gi", "4Gi"]),
        "pods": *dice.pick(&["1", "3", "110"]), "ephemeral-storage": "10Gi",
    });
    let mut spec = json!({});
    if dice.chance(30) {
        let effect = *dice.pick(&["NoSchedule", "NoExecute", "PreferNoSchedule"]);
        spec["taints"] =
            json!([{"key": "kept", "value": *dice.pick(&["db", "web"]), "effect": effect}]);
    }
    if dice.chance(8) {
        spec["unschedulable"] = json!(true);
    }
    let mut labels = json!({"scenario": scenario, "disk": *dice.pick(&["ssd", "hdd"])});
    if dice.chance(50) {
        labels["rank"] = json!(*dice.pick(&["1", "5", "9"]));
    }
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": spec,
        "status": {"capacity": size, "allocatable": size, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]},
    })
}

fn placed(name: &str, scenario: &str, dice: &mut Dice) -> Value {
    let requests = json!({"cpu": *dice.pick(&CPU), "memory": *dice.pick(&MEMORY)});
    let container = json!({"name": "main", "image": "registry.example.com/main:1", "resources": {"requests": requests}});
    let mut spec = json!({"containers": [container], "nodeSelector": {"scenario": scenario}});
    if dice.chance(25) {
        spec["nodeSelector"]["disk"] = json!(*dice.pick(&["ssd", "hdd"]));
    }
    if dice.chance(35) {
        let mut one = json!({"key": "kept", "operator": *dice.pick(&["Exists", "Equal"])});
        if one["operator"] == "Equal" {
            one["value"] = json!(*dice.pick(&["db", "web"]));
        }
        if dice.chance(40) {
            one["effect"] = json!(*dice.pick(&["NoSchedule", "NoExecute"]));
        }
        spec["tolerations"] = json!([one]);
    }
    if dice.chance(25) {
        let operator = *dice.pick(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);
        let mut one = json!({"key": "rank", "operator": operator});
        match operator {
            "In" | "NotIn" => one["values"] = json!(["5", "9"]),
            "Gt" | "Lt" => one["values"] = json!(["4"]),
            _ => {}
        }
        spec["affinity"] = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [one]}]}}});
    }
    if dice.chance(15) {
        spec["initContainers"] = json!([{"name": "first", "image": "registry.example.com/main:1", "resources": {"requests": {"memory": "1Gi"}}}]);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": scenario}, "spec": spec})
}
