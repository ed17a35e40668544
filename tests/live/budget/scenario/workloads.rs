//! Workloads that roll in namespaces with quotas.

use serde_json::{Value, json};

use super::{Dice, Scenario, title};

/// The node that all workloads go to.
pub(crate) fn workbench() -> Value {
    let size = json!({"cpu": "1000", "memory": "4000Gi", "pods": "2000"});
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "workbench", "labels": {"scenario": "work"}},
        "status": {"capacity": size, "allocatable": size, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]},
    })
}

const ROOM: [(&str, &[&str]); 10] = [
    ("requests.memory", &["256Mi", "512Mi", "768Mi", "1Gi", "1280Mi"]),
    ("requests.cpu", &["100m", "300m", "400m", "500m"]),
    ("limits.memory", &["512Mi", "1Gi", "2Gi"]),
    ("pods", &["1", "2", "3", "4", "5"]),
    ("pods", &["2", "3", "4", "6"]),
    ("count/replicasets.apps", &["1", "2"]),
    ("persistentvolumeclaims", &["1", "2", "3"]),
    ("count/jobs.batch", &["1"]),
    ("count/deployments.apps", &["0", "1"]),
    ("requests.storage", &["1Gi", "2Gi", "3Gi"]),
];

/// A namespace with a quota and one workload.
pub(crate) fn workload(number: u64, attempt: u64) -> Scenario {
    let dice = &mut Dice::new(number + 200_001);
    let name = title('w', number, attempt);
    let mut hard = json!({});
    for _ in 0..1 + dice.below(2) {
        let (key, bounds) = *dice.pick(&ROOM);
        hard[key] = json!(dice.pick(bounds));
    }
    let mut then = vec![controller(&name, dice)];
    if then[0]["kind"] == "Deployment" && dice.chance(60) {
        // Just enough, or one more.
        let room = then[0]["spec"]["replicas"].as_u64().unwrap_or(1) + u64::from(dice.chance(30));
        hard = match dice.below(4) {
            0 => json!({"count/replicasets.apps": "1"}),
            1 => json!({"requests.cpu": format!("{room}00m")}),
            _ => json!({"pods": room.to_string()}),
        };
    }
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q0", "namespace": name}, "spec": {"hard": hard}});
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    if then[0]["kind"] == "Deployment" && dice.chance(35) {
        let min = 1 + dice.below(3);
        then.push(json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "work", "namespace": name},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "work"},
                "minReplicas": min, "maxReplicas": min + dice.below(3),
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}],
            },
        }));
    }
    Scenario { namespace: name, first: vec![space, quota], then }
}

fn controller(namespace: &str, dice: &mut Dice) -> Value {
    let kind = *dice.pick(&[
        "Deployment",
        "Deployment",
        "Deployment",
        "Deployment",
        "StatefulSet",
        "Job",
        "DaemonSet",
        "ReplicaSet",
    ]);
    let resources = json!({
        "requests": {"memory": *dice.pick(&["128Mi", "256Mi"]), "cpu": "100m"},
        "limits": {"memory": "512Mi"},
    });
    let mut pod = json!({
        "nodeSelector": {"scenario": "work"},
        "containers": [{"name": "main", "image": "registry.example.com/main:1", "resources": resources}],
        "terminationGracePeriodSeconds": 0,
    });
    if kind == "Job" {
        pod["restartPolicy"] = json!("Never");
    }
    let template = json!({"metadata": {"labels": {"app": "work"}}, "spec": pod});
    let mut spec = json!({"template": template});
    if kind != "Job" {
        spec["selector"] = json!({"matchLabels": {"app": "work"}});
    }
    match kind {
        "Job" => {
            spec["parallelism"] = json!(1 + dice.below(4));
            if dice.chance(50) {
                spec["completions"] = json!(1 + dice.below(4));
            }
        }
        "DaemonSet" => {}
        _ => {
            if dice.chance(90) {
                spec["replicas"] = json!(dice.below(5));
            }
        }
    }
    if kind == "Deployment" && dice.chance(75) {
        spec["strategy"] = match dice.below(5) {
            0 => json!({"type": "Recreate"}),
            1 => json!({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}),
            2 => json!({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}),
            3 => json!({"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": "50%"}}),
            _ => json!({"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}),
        };
    }
    if kind == "StatefulSet" {
        spec["serviceName"] = json!("");
        if dice.chance(60) {
            let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
            spec["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}, "spec": claim}]);
        }
    }
    let version = if kind == "Job" { "batch/v1" } else { "apps/v1" };
    json!({"apiVersion": version, "kind": kind, "metadata": {"name": "work", "namespace": namespace}, "spec": spec})
}
