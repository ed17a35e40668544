//! Pods that must be near others, away from them, or spread; and pods that a Rollout borrows.

use super::*;

const HOST: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// Nodes by their names and zones.
fn nodes(all: &[(&str, &str)]) -> Vec<String> {
    let one = |(name, zone): &(&str, &str)| {
        node(name, "", "cpu: 4, memory: 8Gi, pods: 110")
            .replace("disk: ssd", &format!("{HOST}: {name}, {ZONE}: {zone}"))
    };
    all.iter().map(one).collect()
}

/// A Deployment of so many pods of one CPU, with a rule.
fn pods(name: &str, count: u32, rule: &str) -> String {
    deployment(&format!("replicas: {count}\n  {STILL}"), rule, "resources: {requests: {cpu: 1}}")
        .replace("name: web, namespace", &format!("name: {name}, namespace"))
        .replace("app: web", &format!("app: {name}"))
}

fn near(kind: &str, app: &str, label: &str) -> String {
    format!(
        "affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: {label}, labelSelector: {{matchLabels: {{app: {app}}}}}}}]}}}}"
    )
}

fn apart(app: &str, label: &str) -> String {
    near("podAntiAffinity", app, label)
}

fn beside(app: &str, label: &str) -> String {
    near("podAffinity", app, label)
}

fn spread(label: &str, more: &str) -> String {
    format!(
        "topologySpreadConstraints: [{{topologyKey: {label}, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: web}}}}, {more}}}]"
    )
}

fn beyond(nodes: Vec<String>, rest: &[String]) -> Vec<String> {
    nodes.into_iter().chain(rest.iter().cloned()).collect()
}

/// The cases of files.
pub(super) fn all() -> Vec<Case> {
    let (two, three) = ([("a", "one"), ("b", "two")], [("a", "one"), ("b", "one"), ("c", "two")]);
    let times = |count: &str, rule: &str| {
        pods("web", 1, rule).replace("replicas: 1", &format!("replicas: {count}"))
    };
    let lent = |scale: &str| {
        workload(
            "argoproj.io/v1alpha1",
            "Rollout",
            &format!(
                "replicas: 2, workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: web{scale}}}, "
            ),
            "strategy: {canary: {maxSurge: 0, maxUnavailable: 1}}",
        )
    };
    vec![
        case(
            &beyond(nodes(&two), &[times("$1", &apart("web", HOST))]),
            ("3", "2"),
            "pod-fits-no-node",
            "3 pods, each on a node of its own, and 2 nodes",
        ),
        case(
            &beyond(nodes(&three), &[times("$1", &apart("web", ZONE))]),
            ("3", "2"),
            "pod-fits-no-node",
            "3 pods, each in a `topology.kubernetes.io/zone` of its own, and 2 of these",
        ),
        case(
            &beyond(nodes(&two), &[pods("web", 4, &spread(HOST, "maxSkew: 1, minDomains: $1"))]),
            ("3", "2"),
            "pod-fits-no-node",
            "room for 2",
        ),
        case(
            &beyond(nodes(&three), &[times("$1", &spread(ZONE, "maxSkew: 1"))]),
            ("10", "9"),
            "pod-fits-no-node",
            "and so room for 9",
        ),
        // Each ReplicaSet shuns itself, and a rollout needs no node more.
        case(
            &beyond(
                nodes(&two),
                &[times("3", &apart("web", HOST))
                    .replace(
                        "matchLabels: {app: web}}}]",
                        "matchLabels: {app: web}}, matchLabelKeys: [pod-template-hash]}]",
                    )
                    .replace("replicas: 3", "replicas: $1")],
            ),
            ("3", "2"),
            "pod-fits-no-node",
            "and 2 nodes",
        ),
        // The pods of a Rollout are those of the Deployment.
        case(
            &[quota("pods: 3"), pods("web", 2, NOTHING), lent("$1")],
            ("", ", scaleDown: onsuccess"),
            "quota-exceeded",
            "Rollout/other: 2 × 1 = 2",
        ),
        case(
            &[
                quota("requests.memory: 1Gi"),
                pods("web", 2, NOTHING),
                lent(", scaleDown: progressively"),
            ]
            .map(|text| text.replace("cpu: 1}", "$1: 1}")),
            ("cpu", "memory"),
            "quota-value-missing",
            "Rollout/other states no memory request",
        ),
    ]
}

#[test]
fn rules_between_pods_are_worked_out_where_every_order_gives_the_same() {
    let two = || nodes(&[("a", "one"), ("b", "two")]);
    let three = || nodes(&[("a", "one"), ("b", "one"), ("c", "two")]);
    let spreads = |more: &str| spread(HOST, "maxSkew: 1").replace("}]", &format!("}}, {more}]"));
    let zone = format!(
        "{{topologyKey: {ZONE}, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: web}}}}, maxSkew: 1}}"
    );
    let db = |count| pods("db", count, NOTHING);
    type Row = (Vec<String>, Vec<String>, &'static [Option<u32>]);
    let table: Vec<Row> = vec![
        (two(), vec![pods("web", 2, &apart("web", HOST))], &[Some(2)]),
        (two(), vec![pods("web", 3, &apart("web", HOST))], &[Some(2)]),
        // One may be put where the other must not be, or beside it.
        (two(), vec![pods("web", 1, &apart("db", HOST)), db(1)], &[Some(1), Some(1)]),
        (two(), vec![pods("web", 1, &apart("db", HOST)), db(2)], &[None, Some(2)]),
        (two(), vec![pods("web", 1, &beside("db", HOST))], &[Some(0)]),
        (two(), vec![pods("web", 3, &beside("web", HOST))], &[Some(3)]),
        (two(), vec![pods("web", 5, &beside("web", HOST))], &[Some(4)]),
        (two(), vec![pods("web", 2, &beside("db", HOST)), db(1)], &[Some(2), Some(1)]),
        // Where the one is put there may be room for three, or for none beside four of the other.
        (two(), vec![pods("web", 3, &beside("db", HOST)), db(4)], &[None, None]),
        (three(), vec![pods("web", 6, &spread(ZONE, "maxSkew: 1"))], &[Some(6)]),
        (three(), vec![pods("web", 10, &spread(ZONE, "maxSkew: 1"))], &[Some(9)]),
        (three(), vec![pods("web", 4, &spread(ZONE, "maxSkew: 1, minDomains: 3"))], &[Some(2)]),
        // Nodes as many in each zone: no order gets stuck. Otherwise some do.
        (two(), vec![pods("web", 4, &spreads(&zone))], &[Some(4)]),
        (three(), vec![pods("web", 6, &spreads(&zone))], &[None]),
        // A selector that means the pods of others, too.
        (
            two(),
            vec![pods("web", 2, &spread(HOST, "maxSkew: 1").replace("{app: web}", "{}")), db(1)],
            &[Some(2), Some(1)],
        ),
    ];
    let mut wrong = Vec::new();
    for (nodes, rest, wanted) in table {
        let text = beyond(nodes, &rest).join("---\n");
        let (cluster, _) = clusters::cluster(&text, Extent::Whole);
        let budget = gitopsc::facts::budget::of(&cluster);
        let placed: Vec<Option<u32>> = budget.loads.iter().map(|load| load.placed).collect();
        if placed != wanted {
            wrong.push(format!("{placed:?}, wanted {wanted:?} in\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_rollout_of_pods_that_shun_each_other_needs_one_more_node() {
    let text = |strategy: &str, count: u32, keys: &str| {
        let web = pods("web", count, &apart("web", HOST))
            .replace(STILL, strategy)
            .replace("{app: web}}}]", &format!("{{app: web}}}}{keys}}}]"));
        beyond(nodes(&[("a", "one"), ("b", "two"), ("c", "two")]), &[web]).join("---\n")
    };
    let found = |text: &str| {
        let (mut found, _) = clusters::of_text(text, Extent::Whole);
        found.retain(|one| matches!(one.id, "pod-fits-no-node" | "rollout-stuck"));
        found
    };
    let surge = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    let stuck = found(&text(surge, 3, ""));
    assert!(matches!(stuck.as_slice(), [one] if one.id == "rollout-stuck"), "{stuck:#?}");
    assert!(says(&stuck[0], "4 pods, each on a node of its own, and 3 nodes"), "{stuck:#?}");
    let revised = ", matchLabelKeys: [pod-template-hash]";
    for text in [text(surge, 2, ""), text(STILL, 3, ""), text(surge, 3, revised)] {
        let left = found(&text);
        assert!(left.is_empty(), "{left:#?} in {text}");
    }
}
