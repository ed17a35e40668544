//! Nodes that are full, hooks, default classes, schedules, and other controllers than the server's.

use super::*;

/// A Deployment of pods with these requests, and what else its pods have.
fn pods(name: &str, count: &str, requests: &str, pod: &str) -> String {
    deployment(&format!("replicas: {count}\n  {STILL}"), pod, &resources(requests))
        .replace("name: web, namespace", &format!("name: {name}, namespace"))
        .replace("app: web", &format!("app: {name}"))
}

fn resources(requests: &str) -> String {
    format!("resources: {{requests: {{{requests}}}}}")
}

fn rollout(spec: &str) -> String {
    workload("argoproj.io/v1alpha1", "Rollout", spec, ", template: {spec: POD}")
}

const ADVICE: &str =
    "by a `canary` without `trafficRouting`, with `maxSurge: 0` and `maxUnavailable: 1`";

fn bounded_class(operator: &str) -> String {
    format!(
        "{}  scopeSelector: {{matchExpressions: [{{scopeName: PriorityClass, operator: {operator}, values: [usual]}}]}}\n",
        quota("pods: 1")
    )
}

/// Beside two nodes.
fn with(rest: &[String]) -> Vec<String> {
    let nodes = ["one", "two"].map(|name| node(name, "", "cpu: 4, memory: 4Gi, pods: 110"));
    nodes.into_iter().chain(rest.iter().cloned()).collect()
}

/// The cases of files.
pub(super) fn all() -> Vec<Case> {
    let nodes = || ["one", "two"].map(|name| node(name, "", "cpu: 4, memory: 4Gi, pods: 110"));
    let with =
        |rest: &[String]| nodes().into_iter().chain(rest.iter().cloned()).collect::<Vec<_>>();
    let class = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: usual}\nvalue: 5\nglobalDefault: true\n";
    let schedule = |spec: &str| {
        workload("batch/v1", "CronJob", spec, ", jobTemplate: {spec: {$2template: {spec: POD}}}")
    };
    let job = |annotations: &str| {
        workload("batch/v1", "Job", "", "template: {spec: POD}").replace(
            "namespace: shop}",
            &format!("namespace: shop, annotations: {{{annotations}}}}}"),
        )
    };
    let second = |app: &str| {
        keeper("minAvailable: 50%")
            .replace("name: web", "name: second")
            .replace("app: web", &format!("app: {app}"))
    };
    vec![
        // What a Node object does not list it has not.
        case(
            &with(&[pods("a", "1", "$1: 1", NOTHING)]),
            ("nvidia.com/gpu", "cpu"),
            "pod-fits-no-node",
            "nvidia.com/gpu",
        ),
        case(
            &[quota("pods: 0"), job("$1")],
            ("example.com/x: PreSync", "argocd.argoproj.io/hook: PreSync"),
            "quota-exceeded",
            "1 are asked for",
        ),
        case(
            &[quota("requests.cpu: 1"), job("$1")],
            ("example.com/x: test", "helm.sh/hook: test"),
            "quota-value-missing",
            "CPU request",
        ),
        case(
            &[quota("pods: 0"), schedule("schedule: '0 3 * * *'").replace("$2", "suspend: $1, ")],
            ("false", "true"),
            "quota-exceeded-when-scheduled",
            "1 are asked for",
        ),
        // Three that are kept, and the one that runs.
        case(
            &[quota("count/jobs.batch: $1"), schedule("schedule: '0 3 * * *'").replace("$2", "")],
            ("2", "4"),
            "quota-exceeded",
            "3 are asked for",
        ),
        case(
            &[
                quota("count/jobs.batch: $1"),
                schedule("schedule: '0 3 * * *', successfulJobsHistoryLimit: 1").replace("$2", ""),
            ],
            ("1", "2"),
            "quota-exceeded-when-scheduled",
            "2 are asked for",
        ),
        case(
            &[class.to_owned(), bounded_class("$1"), pods("a", "2", "memory: 1Gi", NOTHING)],
            ("In", "NotIn"),
            "quota-exceeded",
            "2 are asked for",
        ),
        case(
            &[
                quota("pods: $1"),
                rollout("replicas: 2, strategy: {blueGreen: {activeService: web}}"),
            ],
            ("2", "4"),
            "rollout-stuck",
            "it adds 2",
        ),
        case(
            &[quota("pods: 5"), rollout("replicas: 5, strategy: {canary: {$1}}")],
            ("maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 1"),
            "rollout-stuck",
            "it adds 2",
        ),
        // What is advised is what mends it.
        case(
            &[quota("pods: 2"), rollout("replicas: 2, strategy: {$1}")],
            ("blueGreen: {activeService: web}", "canary: {maxSurge: 0, maxUnavailable: 1}"),
            "rollout-stuck",
            ADVICE,
        ),
        case(
            &[quota("pods: 2"), rollout("replicas: 2, strategy: {canary: {$1}}")],
            (
                "dynamicStableScale: true, maxSurge: 0, maxUnavailable: 1, trafficRouting: {}",
                "maxSurge: 0, maxUnavailable: 1",
            ),
            "rollout-stuck",
            ADVICE,
        ),
        case(
            &[
                claim("ReadWriteOncePod", "1Gi"),
                rollout("replicas: 1, strategy: {$1}").replace(
                    "spec: {containers",
                    "spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], containers",
                ),
            ],
            ("canary: {}", "canary: {maxSurge: 0, maxUnavailable: 1}"),
            "rollout-waits-for-volume",
            ADVICE,
        ),
        case(
            &[
                quota("count/replicasets.apps: $1"),
                rollout("replicas: 5, strategy: {canary: {maxSurge: 0, maxUnavailable: 1}}"),
            ],
            ("1", "2"),
            "rollout-stuck",
            "ReplicaSet",
        ),
        case(
            &[
                pods("web", "3", "memory: 1Gi", NOTHING),
                pods("other", "3", "memory: 1Gi", NOTHING),
                keeper("maxUnavailable: 1"),
                second("$1"),
            ],
            ("web", "other"),
            "disruption-budget-blocks",
            "`web` are for the same pods",
        ),
    ]
}

#[test]
fn any_number_of_pods_is_placed_at_once() {
    let node = node("one", "", "cpu: 4, memory: 8Gi, pods: 999999999999");
    let none = pods("a", "2000000000", "memory: 0", NOTHING);
    let text = [node, none].join("---\n");
    let (cluster, _) = clusters::cluster(&text, Extent::Files);
    let budget = gitopsc::facts::budget::of(&cluster);
    assert_eq!(budget.loads[0].placed, Some(2_000_000_000));
}

#[test]
fn pods_without_room_beside_others_are_found() {
    let cases = [
        // Each fits a node, and all together are less than the nodes have.
        case(
            &with(&[pods("a", "2", "memory: 3Gi", NOTHING), pods("b", "1", "memory: $1", NOTHING)]),
            ("1500Mi", "1Gi"),
            "pod-fits-no-node",
            "1Gi of memory",
        ),
        // Where pods shun each other nobody places them but the scheduler.
        case(
            &with(&[
                pods("a", "2", "memory: 3Gi", NOTHING),
                pods("b", "1", "memory: 1500Mi", "$1: 30"),
            ]),
            (
                "terminationGracePeriodSeconds",
                "schedulerName: other\n      terminationGracePeriodSeconds",
            ),
            "pod-fits-no-node",
            "Deployment/b",
        ),
        case(
            &with(&[
                deployment("replicas: 1", NOTHING, &resources("memory: $1")),
                pods("b", "1", "memory: 2500Mi", NOTHING),
            ]),
            ("2500Mi", "1Gi"),
            "rollout-stuck",
            "no node has room",
        ),
    ];
    for Case { text, broken, repaired, id, says: words } in cases {
        let found = |word: &str| {
            let (mut found, _) = clusters::of_text(&text.replace("$1", word), Extent::Whole);
            found.retain(|one| matches!(one.id, "pod-fits-no-node" | "rollout-stuck"));
            found
        };
        let all = found(broken);
        assert!(!all.is_empty() && all.iter().all(|one| one.id == id), "{id}: {all:#?}");
        assert!(all.iter().any(|one| says(one, words)), "{words}: {all:#?}");
        let left = found(repaired);
        assert!(left.is_empty(), "{left:#?} in {text}");
    }
}
