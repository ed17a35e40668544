//! Namespaces with quotas, limit ranges and what is let into them.

use serde_json::{Map, Value, json};

use super::{CPU, DISK, Dice, MEMORY, Scenario, title};

/// A namespace with quotas and limit ranges, and what is created in it.
pub(crate) fn namespace(number: u64, attempt: u64) -> Scenario {
    let dice = &mut Dice::new(number + 1);
    let name = title('s', number, attempt);
    let mut first = vec![of_namespace(&name, dice)];
    for index in 0..dice.pick(&[0, 0, 1, 1, 1, 2]).to_owned() {
        first.push(limit_range(&format!("l{index}"), &name, dice, index));
    }
    for index in 0..dice.pick(&[0, 1, 1, 1, 2]).to_owned() {
        first.push(quota(&format!("q{index}"), &name, dice));
    }
    let count = 1 + dice.below(5);
    let then = (0..count).map(|index| match dice.below(10) {
        0 => service(&format!("{name}-o{index}"), &name, dice),
        1 => claim(&format!("{name}-o{index}"), &name, dice),
        2 => small(&format!("{name}-o{index}"), &name, dice),
        _ => pod(&format!("{name}-p{index}"), &name, dice),
    });
    let then = then.collect();
    Scenario { namespace: name, first, then }
}

fn of_namespace(name: &str, dice: &mut Dice) -> Value {
    let mut labels = Map::new();
    if dice.chance(30) {
        let level = *dice.pick(&["baseline", "restricted", "restricted", "privileged"]);
        labels.insert("pod-security.kubernetes.io/enforce".into(), json!(level));
        if dice.chance(40) {
            let version = *dice.pick(&["v1.20", "v1.24", "v1.28", "v1.33", "v1.36", "latest"]);
            labels.insert("pod-security.kubernetes.io/enforce-version".into(), json!(version));
        }
    }
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

fn limit_range(name: &str, namespace: &str, dice: &mut Dice, index: i32) -> Value {
    let mut limits = Vec::new();
    if dice.chance(80) && index == 0 {
        let mut limit = json!({"type": "Container"});
        match dice.below(6) {
            0 => limit["default"] = json!({"memory": "512Mi"}),
            1 => limit["defaultRequest"] = json!({"cpu": "100m", "memory": "128Mi"}),
            2 => limit["max"] = json!({"memory": *dice.pick(&["512Mi", "1Gi"])}),
            3 => limit["min"] = json!({"cpu": *dice.pick(&["50m", "100m"])}),
            4 => {
                limit["default"] = json!({"cpu": "500m", "memory": "256Mi"});
                limit["defaultRequest"] = json!({"cpu": "100m", "memory": "128Mi"});
                limit["max"] = json!({"cpu": "1", "memory": "1Gi"});
            }
            _ => limit["maxLimitRequestRatio"] = json!({"memory": "2"}),
        }
        limits.push(limit);
    }
    if dice.chance(30) {
        let bound = *dice.pick(&["max", "min"]);
        limits.push(
            json!({"type": "Pod", bound: {"memory": if bound == "max" { "1Gi" } else { "64Mi" }}}),
        );
    }
    limits.push(json!({"type": "PersistentVolumeClaim", "max": {"storage": "2Gi"}}));
    json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": name, "namespace": namespace}, "spec": {"limits": limits}})
}

fn quota(name: &str, namespace: &str, dice: &mut Dice) -> Value {
    const COMPUTE: [(&str, &[&str]); 8] = [
        ("cpu", &["500m", "1", "2"]),
        ("requests.cpu", &["600m", "1", "2"]),
        ("memory", &["512Mi", "1Gi", "2Gi"]),
        ("requests.memory", &["600M", "1Gi", "2Gi"]),
        ("limits.cpu", &["1", "2", "4"]),
        ("limits.memory", &["1Gi", "2Gi", "4Gi"]),
        ("pods", &["1", "2", "3"]),
        ("pods", &["2", "4", "10"]),
    ];
    const OTHERS: [(&str, &[&str]); 17] = [
        ("requests.ephemeral-storage", &["1Gi", "4Gi"]),
        ("limits.ephemeral-storage", &["2Gi", "4Gi"]),
        ("requests.example.com/gpu", &["1", "3"]),
        ("count/pods", &["1", "3"]),
        ("services", &["1", "2"]),
        ("services.nodeports", &["1", "3"]),
        ("services.loadbalancers", &["0", "1"]),
        ("persistentvolumeclaims", &["1", "2"]),
        ("requests.storage", &["1Gi", "3Gi"]),
        ("usual.storageclass.storage.k8s.io/requests.storage", &["1Gi", "3Gi"]),
        ("usual.storageclass.storage.k8s.io/persistentvolumeclaims", &["0", "1"]),
        ("configmaps", &["1", "2", "3"]),
        ("count/configmaps", &["1", "2"]),
        ("secrets", &["0", "1"]),
        ("count/services", &["1", "2"]),
        ("resourcequotas", &["2", "3"]),
        ("count/secrets", &["1", "2"]),
    ];
    let mut spec = json!({"hard": {}});
    let is_scoped = dice.chance(25);
    for _ in 0..1 + dice.below(3) {
        let (key, bounds) = *dice.pick(&COMPUTE);
        spec["hard"][key] = json!(dice.pick(bounds));
    }
    if is_scoped {
        match dice.below(5) {
            0 => {
                spec["hard"] = json!({"pods": "1"});
                spec["scopes"] = json!(["BestEffort"]);
            }
            1 => spec["scopes"] = json!(["NotBestEffort"]),
            2 => spec["scopes"] = json!([*dice.pick(&["Terminating", "NotTerminating"])]),
            3 => spec["scopes"] = json!(["CrossNamespacePodAffinity"]),
            _ => {
                let operator = *dice.pick(&["In", "NotIn", "Exists", "DoesNotExist"]);
                let mut one = json!({"scopeName": "PriorityClass", "operator": operator});
                if operator.ends_with("In") {
                    one["values"] = json!(["high"]);
                }
                spec["scopeSelector"] = json!({"matchExpressions": [one]});
            }
        }
    } else {
        for _ in 0..dice.below(3) {
            let (key, bounds) = *dice.pick(&OTHERS);
            spec["hard"][key] = json!(dice.pick(bounds));
        }
    }
    json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

fn service(name: &str, namespace: &str, dice: &mut Dice) -> Value {
    let kind = *dice.pick(&["ClusterIP", "NodePort", "LoadBalancer"]);
    let ports: Vec<_> = (0..1 + dice.below(2))
        .map(|index| json!({"name": format!("p{index}"), "port": 80 + index}))
        .collect();
    let mut spec = json!({"type": kind, "ports": ports});
    if kind == "LoadBalancer" && dice.chance(50) {
        spec["allocateLoadBalancerNodePorts"] = json!(false);
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

fn claim(name: &str, namespace: &str, dice: &mut Dice) -> Value {
    let mut spec = json!({
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": *dice.pick(&["512Mi", "1Gi", "2Gi", "3Gi"])}},
    });
    match dice.below(3) {
        0 => spec["storageClassName"] = json!("usual"),
        1 => spec["storageClassName"] = json!(""),
        _ => {}
    }
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

fn small(name: &str, namespace: &str, dice: &mut Dice) -> Value {
    let kind = *dice.pick(&["ConfigMap", "Secret"]);
    json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}})
}

fn amounts(dice: &mut Dice, percent: usize) -> Map<String, Value> {
    let mut amounts = Map::new();
    for (name, from, percent) in [
        ("cpu", &CPU[..], percent),
        ("memory", &MEMORY[..], percent),
        ("ephemeral-storage", &DISK[..], percent / 6),
    ] {
        if dice.chance(percent) {
            amounts.insert(name.to_owned(), json!(*dice.pick(from)));
        }
    }
    amounts
}

/// Resources whose limits are not below the requests: what is refused for that is another matter.
fn resources(dice: &mut Dice) -> Value {
    let requests = amounts(dice, 65);
    let mut limits = amounts(dice, 45);
    for (name, request) in &requests {
        if limits.contains_key(name) {
            let above = match name.as_str() {
                "cpu" => ["1500m", "2"],
                "memory" => ["1.5Gi", "2Gi"],
                _ => ["2Gi", "3Gi"],
            };
            let limit = if dice.chance(30) { request.clone() } else { json!(*dice.pick(&above)) };
            limits.insert(name.clone(), limit);
        }
    }
    if dice.chance(6) {
        limits.insert("example.com/gpu".into(), json!("1"));
    }
    json!({"requests": requests, "limits": limits})
}

fn security(dice: &mut Dice) -> Value {
    let mut context = json!({
        "allowPrivilegeEscalation": false,
        "runAsNonRoot": true,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    });
    match dice.below(14) {
        0 => context["privileged"] = json!(true),
        1 => {
            context["capabilities"]["add"] =
                json!([*dice.pick(&["NET_ADMIN", "CHOWN", "NET_BIND_SERVICE"])])
        }
        2 => context["capabilities"] = json!({}),
        3 => context["allowPrivilegeEscalation"] = Value::Null,
        4 => context["runAsNonRoot"] = Value::Null,
        5 => context["seccompProfile"] = Value::Null,
        6 => context["seccompProfile"] = json!({"type": "Unconfined"}),
        7 => context["runAsUser"] = json!(0),
        8 => context["procMount"] = json!("Unmasked"),
        9 => {
            context["seLinuxOptions"] =
                json!({"type": *dice.pick(&["container_engine_t", "container_t", "spc_t"])})
        }
        _ => {}
    }
    if context["privileged"] == true {
        context["allowPrivilegeEscalation"] = json!(true);
    }
    context
}

fn container(name: &str, dice: &mut Dice) -> Value {
    let mut container =
        json!({"name": name, "image": "registry.example.com/main:1", "resources": resources(dice)});
    if dice.chance(75) {
        container["securityContext"] = security(dice);
    }
    if dice.chance(4) {
        container["ports"] = json!([{"containerPort": 80, "hostPort": 8080}]);
    }
    if dice.chance(4) && name.starts_with('c') {
        container["livenessProbe"] = json!({"tcpSocket": {"port": 80, "host": "192.0.2.1"}});
    }
    container
}

/// A pod in a namespace.
fn pod(name: &str, namespace: &str, dice: &mut Dice) -> Value {
    let containers: Vec<_> =
        (0..1 + dice.below(2)).map(|index| container(&format!("c{index}"), dice)).collect();
    // Nothing of these scenarios is to be placed.
    let mut spec = json!({"containers": containers, "schedulerName": "nobody"});
    if dice.chance(35) {
        let inits = (0..1 + dice.below(2)).map(|index| {
            let mut init = container(&format!("i{index}"), dice);
            if dice.chance(45) {
                init["restartPolicy"] = json!("Always");
            }
            init
        });
        spec["initContainers"] = inits.collect();
    }
    if dice.chance(12) {
        spec["resources"] = json!({"requests": {"cpu": "4", "memory": "8Gi"}, "limits": {"cpu": "5", "memory": "9Gi"}});
        match dice.below(4) {
            0 => spec["resources"] = json!({"limits": {"memory": "9Gi"}}),
            1 => spec["resources"] = json!({"requests": {"cpu": "4"}}),
            _ => {}
        }
    }
    if dice.chance(12) {
        spec["runtimeClassName"] = json!("boxed");
    }
    if dice.chance(25) {
        spec["priorityClassName"] = json!(*dice.pick(&["high", "low", "nonesuch", "high", "low"]));
    }
    if dice.chance(25) {
        spec["activeDeadlineSeconds"] = json!(3600);
    }
    if dice.chance(8) {
        spec["securityContext"] =
            json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    }
    if dice.chance(5) {
        spec["securityContext"] = json!({"sysctls": [{"name": *dice.pick(&["net.ipv4.tcp_rmem", "kernel.msgmax", "net.ipv4.tcp_syncookies"]), "value": "1"}]});
    }
    let is_unmasked = ["containers", "initContainers"].iter().any(|list| {
        let list = spec[*list].as_array().into_iter().flatten();
        list.into_iter().any(|it| it["securityContext"]["procMount"] == "Unmasked")
    });
    let has_sysctls = spec.pointer("/securityContext/sysctls").is_some();
    match if is_unmasked { 3 } else { dice.below(20) } {
        0 if !has_sysctls => spec["hostNetwork"] = json!(true),
        1 => spec["volumes"] = json!([{"name": "v", "hostPath": {"path": "/tmp"}}]),
        2 => {
            spec["volumes"] = json!([{"name": "v", "emptyDir": {}}, {"name": "n", "nfs": {"server": "192.0.2.1", "path": "/"}}])
        }
        3 => spec["hostUsers"] = json!(false),
        4 => {
            let term = json!({"topologyKey": "kubernetes.io/hostname", "namespaceSelector": {}, "labelSelector": {}});
            spec["affinity"] = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
        }
        _ => {}
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}
