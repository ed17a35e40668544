//! Small broken environments, one fault each, and their repaired twins.

use gitopsc::check::whole;
use gitopsc::diagnostic::{Finding, Severity};

use crate::cluster::{shop, told_apart};
use crate::support::whole as clusters;

/// An environment: its nodes, what else it states, and what the spec of its one Deployment has.
fn environment(nodes: &str, rest: &str, spec: &str, pod: &str) -> String {
    let head = shop(nodes, rest);
    format!(
        "{head}---
# apps/web/claim.yaml
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data}}
spec:
  accessModes: [ReadWriteOnce]
  resources: {{requests: {{storage: 10Gi}}}}
---
# apps/web/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  {spec}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {pod}
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          resources: {{requests: {{cpu: 500m, memory: 1Gi}}, limits: {{memory: 1Gi}}}}
"
    )
}

const ONE: &str = "one: {cpu: 2, memory: 8Gi}";
const TWO: &str = "one: {cpu: 2, memory: 8Gi}, two: {cpu: 2, memory: 8Gi}";
const LAYER: &str = "layers: {web: {memory: 4Gi}}";
const STILL: &str = "strategy: {type: Recreate}";
const PLAIN: &str = "terminationGracePeriodSeconds: 30";

const SECURITY: &str = "pod-security-violated";

/// An environment with a chart in a namespace of a level, and the level that a workload of it needs.
fn chart(level: &str, needs: &str) -> String {
    let head = shop(ONE, LAYER).replace("{layer: web}", &format!("{{layer: web{level}}}"));
    format!(
        "{head}chart: {{repoURL: https://charts.example.com, name: web, version: '1.0'}}
footprint:
  workloads:
    console: {{podSecurity: restricted}}
    agent: {{kind: DaemonSet, podSecurity: {needs}}}
    unstated: {{}}
"
    )
}

/// The environment, what is broken and repaired, and the check.
fn cases() -> Vec<(String, &'static str, &'static str, &'static str)> {
    let mounted = "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]";
    let class =
        "priorityClasses: {web: {value: 900}}\nlayers: {web: {memory: 4Gi, priorityClass: web}}";
    vec![
        // What a node does not state is unknown.
        (
            environment("one: {cpu: 2, memory: 8Gi$1}", LAYER, STILL, PLAIN)
                .replace("requests: {cpu: 500m", "requests: {ephemeral-storage: 20Gi, cpu: 500m"),
            ", disk: 10Gi",
            "",
            "pod-fits-no-node",
        ),
        (
            environment(
                ONE,
                "layers: {web: {memory: $1}}",
                "replicas: 3\n  strategy: {type: Recreate}",
                PLAIN,
            ),
            "2Gi",
            "3Gi",
            "layer-exceeded",
        ),
        (
            environment(ONE, "layers: {web: {memory: $1}}", "replicas: 2", PLAIN),
            "2Gi",
            "3Gi",
            "layer-exceeded",
        ),
        (
            environment(
                ONE,
                "layers: {web: {memory: 4Gi, cpu: $1}}",
                "replicas: 3\n  strategy: {type: Recreate}",
                PLAIN,
            ),
            "1",
            "1500m",
            "layer-exceeded",
        ),
        (
            environment(
                ONE,
                "layers: {web: {memory: 4Gi}, other: {memory: $1, reserved: true}}",
                STILL,
                PLAIN,
            ),
            "5Gi",
            "4Gi",
            "nodes-overpromised",
        ),
        (
            environment(ONE, "layers: {web: {memory: 4Gi}}\nbuffer: {memory: $1}", STILL, PLAIN),
            "5Gi",
            "4Gi",
            "nodes-overpromised",
        ),
        (
            environment(
                ONE,
                "layers: {web: {memory: 12Gi}}\novercommit: {memory: $1}",
                STILL,
                PLAIN,
            ),
            "1.4",
            "1.5",
            "nodes-overpromised",
        ),
        (
            environment(ONE, "layers: {web: {memory: 4Gi, cpu: $1}}", STILL, PLAIN),
            "3",
            "2",
            "nodes-overpromised",
        ),
        (
            environment(
                "one: {cpu: 2, memory: 8Gi, reserved: {cpu: $1}}",
                "layers: {web: {memory: 4Gi}}\nbuffer: {cpu: 500m}",
                STILL,
                PLAIN,
            ),
            "1",
            "500m",
            "buffer-exceeded",
        ),
        (
            environment(
                ONE,
                "layers: {web: {memory: 8Gi}}\novercommit: {cpu: 4.0}",
                "replicas: $1\n  strategy: {type: Recreate}",
                PLAIN,
            ),
            "5",
            "4",
            "requests-exceed-nodes",
        ),
        // More is requested than there is: that as much is promised follows from it.
        (
            environment(
                ONE,
                "layers: {web: {memory: 8Gi}}",
                "replicas: $1\n  strategy: {type: Recreate}",
                PLAIN,
            ),
            "5",
            "4",
            "requests-exceed-nodes",
        ),
        (
            environment(ONE, "layers: {web: {}}", STILL, PLAIN).replace("cpu: 500m", "cpu: $1"),
            "3",
            "2",
            "pod-fits-no-node",
        ),
        // The budget of a layer is promised whatever runs.
        (
            environment(
                ONE,
                "layers: {web: {}, other: {memory: $1, reserved: true}}",
                STILL,
                PLAIN,
            )
            .replace("memory: 1Gi", "memory: 7Gi"),
            "2Gi",
            "1Gi",
            "nodes-overpromised",
        ),
        (
            environment(
                ONE,
                "layers: {web: {}, other: {memory: $1, reserved: true}}",
                STILL,
                PLAIN,
            ),
            "8Gi",
            "7Gi",
            "nodes-overpromised",
        ),
        // A rollout adds a pod for which the node has no CPU.
        (
            environment(
                ONE,
                "layers: {web: {memory: 8Gi}}\novercommit: {cpu: 4.0}",
                "replicas: 4\n  strategy: {rollingUpdate: {$1}}",
                PLAIN,
            ),
            "maxSurge: 1, maxUnavailable: 0",
            "maxSurge: 0, maxUnavailable: 1",
            "rollout-stuck",
        ),
        (
            environment(
                "one: {cpu: 2, memory: 8Gi, labels: {disk: $1}}",
                LAYER,
                STILL,
                "nodeSelector: {disk: ssd}",
            ),
            "hdd",
            "ssd",
            "pod-fits-no-node",
        ),
        (
            environment(
                "one: {cpu: 2, memory: 8Gi, taints: [{key: kept, effect: $1}]}",
                LAYER,
                STILL,
                PLAIN,
            ),
            "NoSchedule",
            "PreferNoSchedule",
            "pod-fits-no-node",
        ),
        (
            environment(
                "one: {cpu: $1, memory: 8Gi}, two: {cpu: 250m, memory: 8Gi}",
                LAYER,
                STILL,
                PLAIN,
            ),
            "400m",
            "500m",
            "pod-fits-no-node",
        ),
        (
            environment(TWO, LAYER, "strategy: {type: $1}", mounted),
            "RollingUpdate",
            "Recreate",
            "rollout-waits-for-volume",
        ),
        (
            environment("one: {cpu: 2, memory: 8Gi, disk: $1}", LAYER, STILL, PLAIN),
            "5Gi",
            "10Gi",
            "volumes-exceed-disk",
        ),
        (
            environment(ONE, class, STILL, "$1"),
            PLAIN,
            "priorityClassName: web",
            "priority-class-of-layer-missing",
        ),
        (
            environment(ONE, LAYER, STILL, PLAIN)
                .replace("shop: {layer: web}", "shop: {layer: web, quota: {memory: $1}}"),
            "512Mi",
            "1Gi",
            "quota-exceeded",
        ),
        (
            environment(ONE, LAYER, STILL, PLAIN)
                .replace("shop: {layer: web}", "shop: {layer: web, podSecurity: $1}"),
            "restricted",
            "baseline",
            "pod-security-violated",
        ),
        (
            environment(ONE, LAYER, STILL, PLAIN).replace(
                "shop: {layer: web}",
                "shop: {layer: web, limitRange: {max: {memory: $1}}}",
            ),
            "512Mi",
            "1Gi",
            "limit-range-violated",
        ),
        // Of two workloads of a chart one needs less than the namespace enforces, or both do.
        (chart(", podSecurity: $1", "privileged"), "baseline", "privileged", SECURITY),
        (chart(", podSecurity: $1", "privileged"), "restricted", "privileged", SECURITY),
        (chart("$1", "privileged"), ", podSecurity: baseline", "", SECURITY),
        (chart(", podSecurity: restricted", "$1"), "baseline", "restricted", SECURITY),
        (
            chart(", podSecurity: restricted", "restricted$1"),
            "}\n    more: {podSecurity: baseline",
            "",
            SECURITY,
        ),
    ]
}

fn found(text: &str) -> Vec<Finding> {
    let (cluster, _) = clusters::environment(&clusters::repository(text), "example");
    whole::check(&cluster).findings
}

#[test]
fn each_fault_is_found_once_and_its_repaired_twin_is_clean() {
    let mut wrong = Vec::new();
    for (text, broken, repaired, id) in cases() {
        let all = found(&text.replace("$1", broken));
        if all.len() != 1 || all[0].id != id || all[0].labels.is_empty() {
            let all: Vec<String> =
                all.iter().map(|it| format!("{}: {}", it.id, it.message)).collect();
            wrong.push(format!("wanted {id} with `{broken}`, found {all:#?}"));
        }
        let left = found(&text.replace("$1", repaired));
        let left: Vec<_> = left.iter().filter(|it| it.severity >= Severity::Note).collect();
        if !left.is_empty() {
            wrong.push(format!("{id} repaired with `{repaired}`, and still {left:#?}"));
        }
    }
    told_apart(cases().len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
