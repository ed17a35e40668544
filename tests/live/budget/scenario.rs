//! Made-up namespaces with quotas, limit ranges and pods, and made-up nodes with pods; the same for the same seed.

use serde_json::{Map, Value, json};

/// A small generator of numbers that look random.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll()).unwrap() % count
    }

    /// Whether something that happens in so many of a hundred cases happens.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// One scenario: what is there first, and what is created then, in order.
pub(crate) struct Scenario {
    pub(crate) namespace: String,
    pub(crate) first: Vec<Value>,
    pub(crate) then: Vec<Value>,
}

/// What all scenarios share and lives in the cluster as a whole.
pub(crate) fn shared() -> Vec<Value> {
    let class = |name: &str, value: i64| json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value});
    vec![
        class("high", 1000),
        class("low", 10),
        json!({
            "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "boxed"},
            "handler": "boxed", "overhead": {"podFixed": {"cpu": "100m", "memory": "64Mi"}},
        }),
        json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {"name": "usual", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "example.com/disk",
        }),
    ]
}

const CPU: [&str; 8] = ["0", "50m", "100m", "0.25", "500m", "1", "1500m", "0.0005"];
const MEMORY: [&str; 7] = ["0", "64Mi", "128Mi", "256M", "512Mi", "1Gi", "1.5Gi"];
const DISK: [&str; 3] = ["100Mi", "1Gi", "2Gi"];

/// A scenario's namespace: a scenario that is tried once more is another namespace of the same content.
fn title(kind: char, number: u64, attempt: u64) -> String {
    format!("{kind}{}", number + attempt * 100_000)
}

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
