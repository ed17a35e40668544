//! Who finds no place on the nodes: at rest and in a rollout.

use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;

use crate::support::whole as clusters;

/// What is told of a whole cluster: ids with their levels and messages.
pub(crate) fn told(text: &str) -> Vec<(&'static str, Severity, String)> {
    let (findings, _) = clusters::of_text(text, Extent::Whole);
    findings.into_iter().map(|finding| (finding.id, finding.severity, finding.message)).collect()
}

/// A cluster with one fault: what is told of it, and what mends it.
pub(crate) struct Broken {
    pub(crate) text: String,
    pub(crate) told: (&'static str, Severity, &'static str),
    /// What stands in the place of what.
    pub(crate) mended: (&'static str, &'static str),
}

/// Of each exactly the one finding, and nothing of its twin.
pub(crate) fn hold(all: Vec<Broken>) {
    for Broken { text, told: (id, severity, message), mended: (from, to) } in all {
        assert_eq!(told(&text), [(id, severity, message.to_owned())], "{text}");
        assert!(text.contains(from), "`{from}` is there: {text}");
        let mended = text.replace(from, to);
        assert!(told(&mended).is_empty(), "{:?} of {mended}", told(&mended));
    }
}

pub(crate) const SHOP: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";

pub(crate) fn node(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{kubernetes.io/hostname: {name}}}}}\n\
         status: {{allocatable: {{cpu: 4, memory: 8Gi, pods: 110}}}}\n---\n"
    )
}

/// A workload that requests so much CPU; the fields go into its `spec` and its pod.
pub(crate) fn workload(kind: &str, name: &str, cpu: &str, spec: &str, pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  {spec}\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      \
         {pod}\n      containers:\n      - name: c\n        image: registry.example.com/x:1.4.0\n        \
         resources: {{requests: {{cpu: {cpu}}}}}\n---\n"
    )
}

fn class(name: &str, value: u32, fields: &str) -> String {
    format!(
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {{name: {name}}}\nvalue: {value}\n{fields}\n---\n"
    )
}

#[test]
fn the_less_important_stays_pending() {
    let recreate = "strategy: {type: Recreate}";
    let classes = |fields| class("high", 1000, fields) + &class("low", 10, "");
    let shop = |first: &str, second: &str, fields| {
        let batch = format!("replicas: 2\n  {recreate}");
        let one = workload("Deployment", "batch", "3", &batch, first);
        let other = workload("Deployment", "web", "2", recreate, second);
        [SHOP, &node("a"), &node("b"), &classes(fields), &one, &other].concat()
    };
    let (low, high) = ("priorityClassName: low", "priorityClassName: high");
    const ID: &str = "pod-fits-no-node";
    const BATCH: &str =
        "there is no room on any node for 1 of 2 pods of Deployment/batch beside the others";
    const WEB: &str =
        "there is no room on any node for the pod of Deployment/web beside the others";
    let broken = |text, message| Broken {
        text,
        told: (ID, Severity::Warning, message),
        mended: ("cpu: 2}", "cpu: 1}"),
    };
    hold(vec![
        broken(shop(low, high, ""), BATCH),
        broken(shop(high, low, ""), WEB),
        broken(shop("", "", ""), WEB),
        // Who never takes the place of others waits, whatever the priority.
        broken(shop(low, high, "preemptionPolicy: Never"), WEB),
        // The default class is that of who names none.
        broken(shop(low, "", "globalDefault: true"), BATCH),
        // Of a class that nobody sees nothing is known: first come, first served.
        broken(
            shop(low, high, "")
                .replace("name: low}", "name: lower}")
                .replace("priorityClassName: low", "priorityClassName: system-node-critical"),
            WEB,
        ),
    ]);
}

#[test]
fn a_daemon_set_with_surge_needs_a_second_place() {
    let surge = "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    let replaced = ("{maxSurge: 1, maxUnavailable: 0}", "{maxUnavailable: 1}");
    let daemon = |cpu, pod: &str| workload("DaemonSet", "agent", cpu, surge, pod);
    let cluster = |rest: &[&str]| [SHOP, &node("a"), &node("b"), &rest.concat()].concat();
    let stuck = |text, message| Broken {
        text,
        told: ("rollout-stuck", Severity::Error, message),
        mended: replaced,
    };
    let shuns = "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [\
        {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: agent}}}]}}";
    let ports = |text: String| {
        text.replace(
            "resources:",
            "ports: [{containerPort: 80, hostPort: 9100}]\n        resources:",
        )
    };
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n\
        spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}\n---\n";
    let node_alone =
        "a rollout of DaemonSet/agent never ends: node `a` has no room for one more pod";
    let log = workload("DaemonSet", "log", "2500m", "", "");
    let web = workload("Deployment", "web", "3", "replicas: 2\n  strategy: {type: Recreate}", "");
    hold(vec![
        stuck(cluster(&[&daemon("3", "")]), node_alone),
        stuck(cluster(&[&daemon("1", ""), &log]), node_alone),
        stuck(
            cluster(&[&daemon("1", ""), &web]),
            "a rollout of DaemonSet/agent never ends: the nodes have no room for one more pod",
        ),
        stuck(
            cluster(&[&daemon("1", shuns)]),
            "a rollout of DaemonSet/agent never ends: no node takes a pod beside the old one",
        ),
        stuck(
            cluster(&[&ports(daemon("1", ""))]),
            "a rollout of DaemonSet/agent never ends: the old pod holds port 9100 of its node",
        ),
        Broken {
            text: [
                SHOP,
                &node("a"),
                claim,
                &daemon("1", "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"),
            ]
            .concat(),
            told: (
                "rollout-waits-for-volume",
                Severity::Warning,
                "a rollout of DaemonSet/agent waits for volume `data`, which one pod has at a time",
            ),
            mended: replaced,
        },
    ]);
    // There is room for two, and for two beside the others wherever these are; one that matters less
    // makes room.
    let small = workload("DaemonSet", "log", "2", "", "");
    let sound = [
        cluster(&[&daemon("2", "")]),
        cluster(&[&daemon("1", ""), &small]),
        cluster(&[&daemon("500m", ""), &web]),
        cluster(&[&daemon("1", "priorityClassName: system-node-critical"), &log]),
    ];
    for text in sound {
        assert_eq!(told(&text), []);
    }
}

#[test]
fn a_rollout_that_is_paused_is_a_note() {
    let shuns = "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [\
        {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}";
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\nspec: {hard: {requests.cpu: 2}}\n---\n";
    let web = |paused: &str, pod| {
        let spec = format!("paused: {paused}\n  replicas: 2");
        [SHOP, &node("a"), &node("b"), quota, &workload("Deployment", "web", "1", &spec, pod)]
            .concat()
    };
    let nodes = web("true", shuns).replace(quota, "");
    let two = web("true", "") + &workload("Deployment", "api", "1m", "", "");
    let roomy = two.replace("requests.cpu: 2", "requests.cpu: 2001m");
    let stuck = "rollout-stuck";
    let cases = [
        (
            web("true", ""),
            Severity::Note,
            "a rollout of Deployment/web, which is paused now, never ends: quota `q` has no room for one more pod",
        ),
        (
            web("false", ""),
            Severity::Error,
            "a rollout of Deployment/web never ends: quota `q` has no room for one more pod",
        ),
        (
            nodes.clone(),
            Severity::Note,
            "a rollout of Deployment/web, which is paused now, never ends: no nodes take one more pod",
        ),
        (
            nodes.replace("paused: true", "paused: false"),
            Severity::Error,
            "a rollout of Deployment/web never ends: no nodes take one more pod",
        ),
        // One that rolls is told, and not with one that does not.
        (
            roomy,
            Severity::Error,
            "a rollout of Deployment/api never ends: quota `q` has no room for one more pod",
        ),
    ];
    for (text, severity, message) in cases {
        assert_eq!(told(&text), [(stuck, severity, message.to_owned())], "{text}");
    }
}

fn shuns(label: &str, app: &str, fields: &str) -> String {
    format!(
        "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [\
         {{topologyKey: {label}, labelSelector: {{matchLabels: {{{app}}}}}{fields}}}]}}}}"
    )
}

#[test]
fn workloads_that_shun_each_other_need_nodes_together() {
    const HOST: &str = "kubernetes.io/hostname";
    const ID: &str = "pod-fits-no-node";
    let recreate = |replicas: u32| format!("replicas: {replicas}\n  strategy: {{type: Recreate}}");
    let two = |pod: &str, other: &str| {
        let (a, b) = (
            workload("Deployment", "a", "1", &recreate(1), pod),
            workload("Deployment", "b", "1", &recreate(2), other),
        );
        [SHOP, &node("a"), &node("b"), &a, &b].concat()
    };
    let beside =
        |text, message, mended| Broken { text, told: (ID, Severity::Error, message), mended };
    let b = "pods of Deployment/b fit no node beside Deployment/a: they may not share a node";
    let a = "pods of Deployment/a fit no node beside Deployment/b: they may not share a node";
    let classes = class("high", 1000, "") + &class("low", 10, "");
    let zoned = |text: String| text.replace("kubernetes.io/hostname: ", "zone: ");
    let both = shuns(HOST, "app: b", "");
    let large = two(&shuns(HOST, "app: b", ""), "").replace("replicas: 2", "replicas: 5");
    let daemon = workload("DaemonSet", "log", "1", "", &shuns(HOST, "app: web", ""));
    let web = workload("Deployment", "web", "1", "strategy: {type: Recreate}", "");
    let tier = shuns(HOST, "tier: x", "");
    let apart = |name: &str| {
        workload("Deployment", name, "1", "strategy: {type: Recreate}", &tier)
            .replace("labels: {app", "labels: {tier: x, app")
    };
    let one = ("replicas: 2", "replicas: 1");
    hold(vec![
        // Pods of b are on two nodes, each on its own, and none is left for a.
        beside(two(&both, &both), b, one),
        beside(
            classes.clone()
                + "---\n"
                + &two(
                    &format!("priorityClassName: low\n      {both}"),
                    &format!("priorityClassName: high\n      {both}"),
                ),
            a,
            one,
        ),
        // Five of them take two nodes by their size.
        beside(large, b, ("replicas: 5", "replicas: 4")),
        beside(
            [SHOP, &node("a"), &node("b"), &daemon, &web].concat(),
            "pods of Deployment/web fit no node beside DaemonSet/log: they may not share a node",
            ("app: web}}}]", "app: none}}}]"),
        ),
        beside(
            [SHOP, &node("a"), &node("b"), &apart("a"), &apart("b"), &apart("c")].concat(),
            "pods of Deployment/c fit no node beside Deployment/b and Deployment/a: they may not share a node",
            ("matchLabels: {tier: x}", "matchLabels: {tier: none}"),
        ),
        beside(
            zoned(two(&shuns("zone", "app: b", ""), "")).replace("zone: b", "zone: a"),
            "pods of Deployment/b fit no node beside Deployment/a: they may not share a `zone`",
            ("app: b}}}]", "app: c}}}]"),
        ),
    ]);
    let sound = [
        two(&both, ""),
        two(&shuns(HOST, "app: b", ", namespaces: [other]"), &both),
        two(&both, &format!("schedulingGates: [{{name: x}}]\n      {both}")),
        two(&both, &both).replace(
            "kind: Node\nmetadata: {name: a, labels: {kubernetes.io/hostname: a}}",
            "kind: Node\nmetadata: {name: a}",
        ),
        two(&both, &both).replace("replicas: 1", "replicas: 0"),
    ];
    for text in sound {
        assert_eq!(told(&text), [], "{text}");
    }
}

#[test]
fn what_an_autoscaler_may_ask_for_has_room() {
    let web = workload("Deployment", "web", "1", "strategy: {type: Recreate}", "");
    let scaler = |kind: &str, most: &str| {
        format!(
            "{kind}\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  {most}\n---\n"
        )
    };
    let hpa = |most: u32| {
        let kind = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler";
        scaler(kind, &format!("minReplicas: 2\n  maxReplicas: {most}"))
    };
    let keda = |most: &str| {
        let kind = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject";
        let made = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: scaledobjects.keda.sh}\n\
            spec: {group: keda.sh, scope: Namespaced, names: {kind: ScaledObject, plural: scaledobjects}, versions: []}\n---\n";
        made.to_owned() + &scaler(kind, most)
    };
    let cluster = |rest: &[&str]| [SHOP, &node("a"), &node("b"), &rest.concat()].concat();
    let other = |kind, cpu| workload(kind, "log", cpu, "", "");
    let apart = shuns("kubernetes.io/hostname", "app: web", "");
    let apart = workload("Deployment", "web", "1", "strategy: {type: Recreate}", &apart);
    let broken = |text, message, mended| Broken {
        text,
        told: ("nodes-exceeded-when-scaled", Severity::Warning, message),
        mended,
    };
    let eight = "Deployment/web may be scaled to 9 pods, and the nodes have room for 8";
    let large = web.replace("cpu: 1}", "cpu: 1500m}");
    hold(vec![
        broken(cluster(&[&web, &hpa(9)]), eight, ("maxReplicas: 9", "maxReplicas: 8")),
        broken(
            cluster(&[&web, &keda("maxReplicaCount: 9")]),
            eight,
            ("maxReplicaCount: 9", "maxReplicaCount: 8"),
        ),
        // Each node has room for two, though both together for five.
        broken(
            cluster(&[&large, &hpa(5)]),
            "Deployment/web may be scaled to 5 pods, and the nodes have room for 4",
            ("maxReplicas: 5", "maxReplicas: 4"),
        ),
        broken(
            cluster(&[&web, &other("DaemonSet", "2"), &hpa(5)]),
            "Deployment/web may be scaled to 5 pods, and the nodes have room for 4",
            ("maxReplicas: 5", "maxReplicas: 4"),
        ),
        broken(
            cluster(&[&apart, &hpa(3)]),
            "Deployment/web may be scaled to 3 pods, and the nodes have room for 2",
            ("maxReplicas: 3", "maxReplicas: 2"),
        ),
    ]);
    let karpenter = workload("Deployment", "karpenter", "1", "strategy: {type: Recreate}", "");
    for text in [
        cluster(&[&web, &hpa(9), &karpenter]),
        cluster(&[&web, &keda("minReplicaCount: 1")]),
        [SHOP, &web, &hpa(9)].concat(),
    ] {
        assert_eq!(told(&text), [], "{text}");
    }
}
