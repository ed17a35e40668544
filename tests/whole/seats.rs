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
