//! Which nodes pods may have, and what that leaves for others.

use gitopsc::check::whole;

use crate::cluster::{shop, told_apart};
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
    let rest = "overcommit: {cpu: 9}\npriorityClasses: {low: {value: 10}, high: {value: 900}}\n\
        layers: {web: {memory: 4Gi}}";
    shop(nodes, rest) + &workloads.concat()
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

/// Affinity that keeps pods with a label `t: x` on nodes of their own, and that label.
fn shy(name: &str, spec: &str, more: &str) -> String {
    let pod = format!(
        "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: \
         [{{topologyKey: kubernetes.io/hostname, labelSelector: {{matchLabels: {{t: x}}}}{more}}}]}}}}"
    );
    let all = workload("Deployment", name, spec, &pod, "100m");
    all.replace(&format!("labels: {{app: {name}}}"), &format!("labels: {{app: {name}, t: x}}"))
}

fn scaler(name: &str, most: &str) -> String {
    format!(
        "---
# apps/web/scaler.yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
  minReplicas: 1
  maxReplicas: {most}
"
    )
}

#[test]
fn workloads_that_shun_each_other_need_nodes_when_they_are_scaled_or_rolled_too() {
    let three = format!("{TWO}, three: {{cpu: 4, memory: 8Gi}}");
    let surge = "strategy: {rollingUpdate: {maxSurge: $1, maxUnavailable: 0}}";
    let either = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: $1}}";
    let (still, rolls) = (shy("other", STILL, ""), "minReadySeconds: 1");
    let scaled =
        |most: &str| environment(TWO, &[shy("web", STILL, ""), scaler("web", most), still.clone()]);
    let rolled = |nodes: &str, spec: &str, more: &str| {
        environment(nodes, &[shy("web", spec, more), still.clone()])
    };
    let urgent = shy("web", STILL, "")
        .replace("      affinity", "      priorityClassName: high\n      affinity");
    let may_go = still.replace("      affinity", "      priorityClassName: $1\n      affinity");
    held(&[
        (
            scaled("$1"),
            ("2", "1"),
            "Warning nodes-exceeded-when-scaled: Deployment/web may be scaled to 2 pods, and the nodes have room for 1",
        ),
        (scaled("$1"), ("9", "1"), "room for 1"),
        (environment(TWO, &[urgent, scaler("web", "2"), may_go]), ("high", "low"), "room for 1"),
        (
            rolled(TWO, either, ""),
            ("0", "1"),
            "Error rollout-stuck: a rollout of Deployment/web never ends: no nodes take one more pod",
        ),
        (
            rolled(&format!("{TWO}$1"), rolls, ""),
            ("", ", three: {cpu: 4, memory: 8Gi}"),
            "Error rollout-stuck",
        ),
        (
            rolled(TWO, rolls, "$1"),
            ("", ", matchLabelKeys: [pod-template-hash]"),
            "Error rollout-stuck",
        ),
        (
            rolled(&three, &format!("replicas: $1\n  {}", surge.replace("$1", "1")), ""),
            ("2", "1"),
            "Error rollout-stuck",
        ),
    ]);
}

#[test]
fn one_fault_of_many_workloads_is_told_once() {
    let many = |nodes: &str, count: usize| {
        let all: Vec<String> = (0..count).map(|at| shy(&format!("w{at:02}"), STILL, "")).collect();
        let (cluster, _) =
            clusters::environment(&clusters::repository(&environment(nodes, &all)), "example");
        let all = whole::check(&cluster).findings;
        all.into_iter().filter(|it| it.id == "pod-fits-no-node").collect::<Vec<_>>()
    };
    let all = many(TWO, 20);
    assert_eq!(all.len(), 1, "{all:#?}");
    let words =
        "pods of Deployment/w02 and 17 more fit no node beside Deployment/w01 and Deployment/w00";
    assert!(all[0].message.starts_with(words), "{}", all[0].message);
    let one = many(ONE, 2);
    assert_eq!(one.len(), 1, "{one:#?}");
    let notes = one[0].notes.join("\n");
    assert!(notes.contains("for all of them there is 1 node: "), "{notes}");
    assert!(many(TWO, 2).is_empty());
}

#[test]
fn no_factor_makes_up_for_nodes_that_have_nothing() {
    let help = |node: &str| {
        let nodes = "one: {cpu: 4, memory: $1}".replace("$1", node);
        let text = environment(&nodes, &[workload("Deployment", "web", STILL, NOTHING, "1m")]);
        let (cluster, _) = clusters::environment(&clusters::repository(&text), "example");
        let all = whole::check(&cluster).findings;
        let over = all
            .into_iter()
            .find(|it| it.id == "nodes-overpromised" && it.message.contains("memory"));
        over.and_then(|it| it.help).unwrap_or_default()
    };
    assert_eq!(help("0"), "promise less, or give the nodes more memory");
    assert_eq!(help("1Ki"), "promise less, or give the nodes more memory");
    assert_eq!(help("3Gi"), "promise less, or state a factor of 1.4 under `overcommit.memory`");
}

/// Who comes first decides where pods go, and nobody knows it: what is told holds in every order, and
/// is told whatever the order in which the files have them.
#[test]
fn the_order_of_documents_decides_nothing() {
    let any = |name: &str, cpu: &str| workload("Deployment", name, STILL, NOTHING, cpu);
    let kept = |name: &str, spec: &str| {
        workload("Deployment", name, spec, "nodeSelector: {disk: ssd}", "1500m")
    };
    let shy = |name: &str| shy(name, STILL, "");
    let nodes = "ssd: {cpu: 4, memory: 8Gi, labels: {disk: ssd}}, two: {cpu: 4, memory: 8Gi}";
    let rolls = "minReadySeconds: 1";
    let cases: [(Vec<String>, &str); 5] = [
        (vec![any("a", "2"), kept("b", rolls)], ""),
        (vec![any("a", "2"), any("c", "1500m"), kept("b", rolls)], ""),
        (vec![any("a", "3"), any("c", "1500m"), kept("b", rolls)], "Warning rollout-stuck"),
        (vec![any("a", "3"), any("b", "3"), any("c", "1500m")], "Warning pod-fits-no-node"),
        (vec![shy("a"), shy("b"), shy("c")], "Error pod-fits-no-node"),
    ];
    for (mut workloads, words) in cases {
        let mut all = Vec::new();
        for _ in 0..workloads.len() {
            all.push(told(&environment(nodes, &workloads)));
            workloads.swap(0, 1);
            all.push(told(&environment(nodes, &workloads)));
            workloads.rotate_left(1);
        }
        let is_right = match &*all[0] {
            [] => words.is_empty(),
            [one] => !words.is_empty() && one.starts_with(words),
            _ => false,
        };
        assert!(is_right && all.iter().all(|one| *one == all[0]), "wanted `{words}`: {all:#?}");
    }
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
