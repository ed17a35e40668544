//! Which nodes pods may have, and what that leaves for others.

use gitopsc::check::whole;

use crate::cluster::told_apart;
use crate::support::whole as clusters;

/// A workload of one container, with what its spec and its pod have beside that.
fn workload(kind: &str, name: &str, spec: &str, pod: &str, cpu: &str) -> String {
    format!(
        "---
# apps/web/{name}.yaml
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}}}
spec:
  {spec}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      {pod}
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          resources: {{requests: {{cpu: {cpu}, memory: 64Mi}}, limits: {{memory: 64Mi}}}}
"
    )
}

/// An environment with these nodes and workloads.
fn environment(nodes: &str, workloads: &[String]) -> String {
    format!(
        "apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {{version: '1.36'}}
gitops: {{repoURL: https://git.example.com/acme/platform.git, revision: main}}
nodes: {{{nodes}}}
overcommit: {{cpu: 9}}
priorityClasses: {{low: {{value: 10}}, high: {{value: 900}}}}
layers: {{web: {{memory: 4Gi}}}}
namespaces:
  shop: {{layer: web}}
apps:
  web: {{}}
---
# apps/web/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A shop
version: '1.0'
layer: web
namespace: shop
{}",
        workloads.concat()
    )
}

/// What is told of an environment as a warning or an error.
fn told(text: &str) -> Vec<String> {
    let (cluster, _) = clusters::environment(&clusters::repository(text), "example");
    let all = whole::check(&cluster).findings;
    let all = all.iter().filter(|it| it.severity >= gitopsc::diagnostic::Severity::Warning);
    all.map(|it| format!("{:?} {}: {}", it.severity, it.id, it.message)).collect()
}

const ONE: &str = "one: {cpu: 4, memory: 8Gi}";
const TWO: &str = "one: {cpu: 4, memory: 8Gi}, two: {cpu: 4, memory: 8Gi}";
const STILL: &str = "strategy: {type: Recreate}";
const NOTHING: &str = "terminationGracePeriodSeconds: 30";

/// Holds environments in which one text of two makes the fault: it is told once, by these words,
/// and nothing is told with the other.
fn held(cases: &[(String, (&str, &str), &str)]) {
    let mut wrong = Vec::new();
    for (text, (broken, right), words) in cases {
        let found = told(&text.replace("$1", broken));
        if found.len() != 1 || !found[0].contains(words) {
            wrong.push(format!("`{broken}`: wanted {words}, found {found:#?}"));
        }
        let found = told(&text.replace("$1", right));
        if !found.is_empty() {
            wrong.push(format!("`{right}`: found {found:#?}"));
        }
    }
    told_apart(cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn labels_that_no_node_states_are_not_taken_for_any_value() {
    let each =
        |pod: &str, cpu: &str| workload("DaemonSet", "agent", "minReadySeconds: 1", pod, cpu);
    let named = |kind: &str, spec: &str| {
        workload(kind, "web", spec, "nodeSelector: {kubernetes.io/hostname: $1}", "3")
    };
    let two_of = |key: &str, one: &str, other: &str| {
        let of = |name, value: &str| {
            let pod = format!("nodeSelector: {{{key}: {value}}}");
            workload("DaemonSet", name, "minReadySeconds: 1", &pod, "3")
        };
        environment(TWO, &[of("a", one), of("b", other)])
    };
    let surge = "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    let small = "one: {cpu: 4, memory: 8Gi}, two: {cpu: 1, memory: 8Gi}";
    held(&[
        (two_of("kubernetes.io/os", "linux", "$1"), ("linux", "windows"), "requests-exceed-nodes"),
        (environment(TWO, &[named("Deployment", STILL)]), ("three", "one"), "pod-fits-no-node"),
        (
            environment(
                "one: {cpu: 2, memory: 8Gi, labels: {kubernetes.io/arch: $1}}",
                &[each("nodeSelector: {kubernetes.io/arch: arm64}", "3")],
            ),
            ("arm64", "amd64"),
            "does not fit its node",
        ),
        (
            environment(
                small,
                &[workload(
                    "DaemonSet",
                    "agent",
                    surge,
                    "nodeSelector: {kubernetes.io/hostname: $1}",
                    "600m",
                )],
            ),
            ("two", "one"),
            "rollout-stuck",
        ),
    ]);
    assert_eq!(told(&two_of("kubernetes.io/arch", "arm64", "amd64")), Vec::<String>::new());
}

#[test]
fn what_ends_or_gives_way_makes_room() {
    let scaled = |class: &str, filler: &str| {
        let scaler = "---
# apps/web/scaler.yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 4
";
        let web = workload("Deployment", "web", STILL, class, "1");
        environment(ONE, &[web, scaler.to_owned(), filler.to_owned()])
    };
    let filler = workload("Deployment", "filler", STILL, "priorityClassName: $1", "1");
    let pod = "---
# apps/web/once.yaml
apiVersion: v1
kind: Pod
metadata: {name: once}
spec:
  restartPolicy: $1
  containers: [{name: a, image: 'registry.example.com/a:1.4.0', resources: {requests: {cpu: 1}}}]
";
    let job = |cpu: &str| {
        format!(
            "---
# apps/web/job.yaml
apiVersion: batch/v1
kind: Job
metadata: {{name: once}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{{name: a, image: 'registry.example.com/a:1.4.0', resources: {{requests: {{cpu: {cpu}}}}}}}]
"
        )
    };
    let rolled = workload("Deployment", "web", "minReadySeconds: 1", NOTHING, "$1");
    held(&[
        (scaled(NOTHING, pod), ("Always", "Never"), "nodes-exceeded-when-scaled"),
        (scaled("priorityClassName: high", &filler), ("high", "low"), "nodes-exceeded-when-scaled"),
        (environment(ONE, &[rolled, job("100m")]), ("2100m", "2"), "Error rollout-stuck"),
    ]);
}

#[test]
fn nodes_with_a_label_are_left_to_others_or_not() {
    let any = |name: &str| workload("Deployment", name, STILL, NOTHING, "2");
    let kept = |name: &str, spec: &str| {
        workload("Deployment", name, spec, "nodeSelector: {disk: ssd}", "1500m")
    };
    let nodes = "ssd: {cpu: 4, memory: 8Gi, labels: {disk: ssd}}, two: {cpu: 4, memory: 8Gi}";
    let rolls = "minReadySeconds: 1";
    let one = told(&environment(nodes, &[any("a"), kept("b", rolls)]));
    assert!(one.len() == 1 && one[0].starts_with("Warning rollout-stuck"), "{one:?}");
}

#[test]
fn pods_without_a_node_take_no_room_from_a_rollout() {
    let surge = "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    let agent = workload("DaemonSet", "agent", surge, NOTHING, "1500m");
    let of = |node: &str| {
        let nodes = "one: {cpu: 4, memory: 8Gi, labels: {gpu: $1}}".replace("$1", node);
        let pod = "nodeSelector: {gpu: present}";
        let big = workload("Deployment", "big", STILL, pod, "2");
        told(&environment(&nodes, &[agent.clone(), big]))
    };
    let (there, gone) = (of("present"), of("absent"));
    assert!(there.len() == 1 && there[0].starts_with("Error rollout-stuck"), "{there:?}");
    assert!(gone.len() == 1 && gone[0].starts_with("Error pod-fits-no-node"), "{gone:?}");
}
