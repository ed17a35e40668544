//! Volumes that more pods have than can: claims, and directories of nodes.

use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};
use crate::support::whole as clusters;

const NODES: &str = "apiVersion: v1\nkind: Node\nmetadata: {name: one, labels: {kubernetes.io/hostname: one}}\n---\n\
                     apiVersion: v1\nkind: Node\nmetadata: {name: two, labels: {kubernetes.io/hostname: two}}\n---\n";

fn claim(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: shop}}\nspec: {{{spec}, resources: {{requests: {{storage: 1Gi}}}}}}\n---\n"
    )
}

/// A workload whose pods mount the claim `data`: what its spec and its pods have beside.
fn workload(kind: &str, name: &str, spec: &str, pod: &str) -> String {
    let volume = "persistentVolumeClaim: {claimName: data}";
    with_volume(kind, name, spec, pod, volume)
}

fn with_volume(kind: &str, name: &str, spec: &str, pod: &str, volume: &str) -> String {
    let template = format!(
        "{{metadata: {{labels: {{app: {name}}}}}, spec: {{{pod} containers: [{{name: a, image: 'registry.example.com/a:1', volumeMounts: [{{name: d, mountPath: /d}}]}}], volumes: [{{name: d, {volume}}}]}}}}"
    );
    let (version, template) = match kind {
        "CronJob" | "Job" => {
            ("batch/v1", template.replace("{containers", "{restartPolicy: Never, containers"))
        }
        _ => ("apps/v1", template),
    };
    let body = match kind {
        "CronJob" => {
            format!("schedule: '0 3 * * *', jobTemplate: {{spec: {{template: {template}}}}}")
        }
        "Job" => format!("template: {template}"),
        "StatefulSet" => format!(
            "serviceName: {name}, selector: {{matchLabels: {{app: {name}}}}}, template: {template}"
        ),
        _ => format!("selector: {{matchLabels: {{app: {name}}}}}, template: {template}"),
    };
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec} {body}}}\n---\n"
    )
}

fn deployment(name: &str, spec: &str, pod: &str) -> String {
    workload("Deployment", name, &format!("strategy: {{type: Recreate}}, {spec}"), pod)
}

fn scaler(max: u32) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\nspec: {{metrics: [{{type: Pods, pods: {{metric: {{name: hits}}, target: {{type: AverageValue, averageValue: 10}}}}}}], maxReplicas: {max}, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}}}\n---\n"
    )
}

fn class(name: &str, provisioner: &str) -> String {
    format!(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}}}\nprovisioner: {provisioner}\n---\n"
    )
}

fn beside(app: &str) -> String {
    format!(
        "affinity: {{podAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: kubernetes.io/hostname, labelSelector: {{matchLabels: {{app: {app}}}}}}}]}}}},"
    )
}

const ONCE: &str = "accessModes: [ReadWriteOnce]";
const MANY: &str = "accessModes: [ReadWriteMany]";
const ONE_POD: &str = "accessModes: [ReadWriteOncePod]";

#[test]
fn claims_that_pods_on_several_nodes_mount() {
    let on = |parts: &[&str]| format!("{NODES}{}", parts.concat());
    let (once, many) = (claim(ONCE), claim(MANY));
    let (one, three) = (deployment("web", "", ""), deployment("web", "replicas: 3,", ""));
    let api = deployment("api", "", "");
    let cron = workload("CronJob", "backup", "", "");
    let daemons = workload("DaemonSet", "agent", "", "");
    let ssd = claim("accessModes: [ReadWriteOnce], storageClassName: c");
    let (longhorn, local) = (class("c", "driver.longhorn.io"), class("c", "rancher.io/local-path"));
    let pinned = |name: &str, pod: &str| deployment(name, "replicas: 3,", pod);
    let required = "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [$]}]}]}}},";
    let cases = [
        ("replicas", on(&[&once, &three]), on(&[&once, &one])),
        ("mode", on(&[&once, &three]), on(&[&many, &three])),
        ("node by name", on(&[&once, &three]), on(&[&once, &pinned("web", "nodeName: one,")])),
        (
            "node by label",
            on(&[&once, &pinned("web", "nodeSelector: {kubernetes.io/os: linux},")])
                .replace("hostname: one}", "hostname: one, kubernetes.io/os: linux}")
                .replace("hostname: two}", "hostname: two, kubernetes.io/os: linux}"),
            on(&[&once, &pinned("web", "nodeSelector: {kubernetes.io/hostname: two},")]),
        ),
        (
            "node by affinity",
            on(&[&once, &pinned("web", &required.replace('$', "one, two"))]),
            on(&[&once, &pinned("web", &required.replace('$', "one"))]),
        ),
        ("beside each other", on(&[&once, &three]), on(&[&once, &pinned("web", &beside("web"))])),
        (
            "one node takes them",
            on(&[&once, &three]),
            on(&[&once, &three]).replace(
                "hostname: two}}\n",
                "hostname: two}}\nspec: {taints: [{key: kept, effect: NoSchedule}]}\n",
            ),
        ),
        ("autoscaler", on(&[&once, &one, &scaler(3)]), on(&[&once, &one, &scaler(1)])),
        ("two workloads", on(&[&once, &one, &api]), on(&[&many, &one, &api])),
        (
            "one follows the other",
            on(&[&once, &one, &deployment("api", "", &beside("api"))]),
            on(&[&once, &one, &deployment("api", "", &beside("web"))]),
        ),
        (
            "at rest",
            on(&[&once, &one, &api]),
            on(&[&once, &one, &deployment("api", "replicas: 0,", "")]),
        ),
        ("schedule", on(&[&once, &one, &cron]), on(&[&once, &cron])),
        (
            "a job ends",
            on(&[&once, &one, &cron]),
            on(&[&once, &one, &workload("Job", "seed", "", "")]),
        ),
        ("daemons", on(&[&once, &daemons]), on(&[&many, &daemons])),
        (
            "stateful",
            on(&[&once, &workload("StatefulSet", "db", "replicas: 2,", "")])
                .replace("serviceName: db, ", ""),
            on(&[&once, &workload("StatefulSet", "db", "replicas: 1,", "")])
                .replace("serviceName: db, ", ""),
        ),
        ("class", on(&[&ssd, &longhorn, &three]), on(&[&ssd, &local, &three])),
        (
            "volume beside it",
            on(&[&once, &three]),
            on(&[
                &once,
                &three,
                "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: files}\nspec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, nfs: {server: files.example.com, path: /}}\n---\n",
            ]),
        ),
        (
            "volume that is there",
            on(&[&ssd, &longhorn, &three]),
            on(&[&claim("accessModes: [ReadWriteOnce], volumeName: files"), &three]),
        ),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, broken, mended)| (name, "claim-on-several-nodes", broken, mended))
        .collect();
    pairs(&cases, Extent::Files);
}

/// One fault is told once: pods that cannot share a volume at rest cannot while they are replaced.
#[test]
fn a_rollout_waits_only_where_pods_at_rest_do_not() {
    for (spec, id) in [("replicas: 2,", "claim-on-several-nodes"), ("", "rollout-waits-for-volume")]
    {
        let text = format!("{NODES}{}{}", claim(ONCE), workload("Deployment", "web", spec, ""));
        let found = findings(&text, Extent::Files);
        assert!(found.len() == 1 && found[0].id == id, "{found:#?}");
    }
    // A directory of one node draws the new pod to the old one.
    let local = claim("accessModes: [ReadWriteOnce], storageClassName: local-path");
    let text = format!("{NODES}{local}{}", workload("Deployment", "web", "", ""));
    assert_eq!(findings(&text, Extent::Files), []);
}

#[test]
fn where_nodes_are_not_known_it_is_a_note_and_with_one_it_is_nothing() {
    let text = format!("{}{}", claim(ONCE), deployment("web", "replicas: 3,", ""));
    let found = findings(&text, Extent::Files);
    assert!(found.len() == 1 && found[0].severity == Severity::Note, "{found:#?}");
    let one = NODES.split("---\n").next().unwrap();
    assert_eq!(findings(&format!("{one}---\n{text}"), Extent::Files), []);
}

#[test]
fn claims_that_several_pods_mount() {
    let (pod, many) = (claim(ONE_POD), claim(MANY));
    let (one, two) = (deployment("web", "", ""), deployment("web", "replicas: 2,", ""));
    let api = deployment("api", "", "");
    let cron = workload("CronJob", "backup", "", "");
    let cases = [
        ("replicas", [&*pod, &two].concat(), [&*pod, &one].concat()),
        ("mode", [&*pod, &two].concat(), [&*many, &two].concat()),
        ("workloads", [&*pod, &one, &api].concat(), [&*many, &one, &api].concat()),
        ("schedule", [&*pod, &one, &cron].concat(), [&*pod, &cron].concat()),
        ("autoscaler", [&*pod, &one, &scaler(2)].concat(), [&*pod, &one, &scaler(1)].concat()),
        // On one node as on several.
        (
            "one node",
            [&*pod, &deployment("web", "replicas: 2,", "nodeName: one,")].concat(),
            [&*pod, &deployment("web", "replicas: 1,", "nodeName: one,")].concat(),
        ),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, broken, mended)| (name, "claim-of-several-pods", broken, mended))
        .collect();
    pairs(&cases, Extent::Files);
}

#[test]
fn directories_of_nodes_that_pods_share() {
    let with = |kind: &str, name: &str, spec: &str, pod: &str, path: &str| {
        with_volume(kind, name, spec, pod, &format!("hostPath: {{path: {path}}}"))
    };
    let on = |parts: &[String]| format!("{NODES}{}", parts.concat());
    let web = |spec: &str, pod: &str, path: &str| with("Deployment", "web", spec, pod, path);
    let three = || on(&[web("replicas: 3,", "", "/srv/data")]);
    let api = || with("Deployment", "api", "", "", "/srv/data/");
    let one = || web("", "", "/srv/data");
    let read = |text: String| text.replace("mountPath: /d", "mountPath: /d, readOnly: true");
    let cases = [
        ("replicas", three(), on(&[one()])),
        ("pinned", three(), on(&[web("replicas: 3,", "nodeName: one,", "/srv/data")])),
        ("read", three(), three().replace("mountPath: /d", "mountPath: /d, readOnly: true")),
        ("system", three(), on(&[web("replicas: 3,", "", "/var/log/web")])),
        ("socket", three(), three().replace("/srv/data", "/srv/data, type: Socket")),
        ("two", on(&[one(), api()]), on(&[one(), api()]).replace("/srv/data/", "/srv/api")),
        ("reader", on(&[one(), read(api())]), on(&[read(one()), read(api())])),
        (
            "daemons",
            on(&[one(), api()]),
            on(&[one(), api(), with("DaemonSet", "a", "", "", "/srv/data")]),
        ),
        ("nodes", three(), three().replace(NODES, "")),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, broken, mended)| (name, "host-path-on-several-nodes", broken, mended))
        .collect();
    pairs(&cases, Extent::Files);
}

/// What is below `/tmp` is no place to keep data, and for one workload alone it is of no other matter.
#[test]
fn directories_that_are_emptied() {
    let web = |kind: &str, path: &str| {
        with_volume(kind, "web", "", "", &format!("hostPath: {{path: {path}}}"))
    };
    let tmp = || web("Deployment", "/tmp/runs");
    let cases = [
        ("path", tmp(), web("Deployment", "/srv/runs")),
        ("read", tmp(), tmp().replace("mountPath: /d", "mountPath: /d, readOnly: true")),
        ("all of it", tmp(), web("Deployment", "/tmp")),
        ("daemon", tmp(), web("DaemonSet", "/tmp/runs")),
        ("job", tmp(), web("Job", "/tmp/runs")),
        (
            "several nodes",
            format!(
                "{NODES}{}",
                with_volume("Deployment", "web", "replicas: 3,", "", "hostPath: {path: /tmp/runs}")
            ),
            format!("{NODES}{}", web("Deployment", "/srv/runs")),
        ),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, broken, mended)| (name, "host-path-emptied", broken, mended))
        .collect();
    pairs(&cases, Extent::Files);
}

/// The class of a claim without one is the one of the distribution, and the environment's nodes count.
#[test]
fn an_environment_knows_its_nodes_and_classes() {
    let environment = |kubernetes: &str| {
        format!(
            "apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\nkubernetes: {{version: '1.36'{kubernetes}}}\n\
             gitops: {{repoURL: https://git.example.com/acme/platform.git, revision: main}}\n\
             nodes: {{one: {{cpu: 2, memory: 8Gi}}, two: {{cpu: 2, memory: 8Gi}}}}\n\
             layers: {{web: {{memory: 4Gi}}}}\nnamespaces: {{shop: {{layer: web}}}}\napps: {{web: {{}}}}\n---\n\
             # apps/web/app.yaml\napiVersion: gitopsc.dev/v1alpha1\nkind: App\ndescription: A shop\n\
             version: '1.0'\nlayer: web\nnamespace: shop\n---\n\
             # apps/web/claim.yaml\n{}# apps/web/web.yaml\n{}",
            claim(ONCE).replace(", namespace: shop", ""),
            deployment("web", "replicas: 2,", "").replace(", namespace: shop", ""),
        )
    };
    let found = |text: &str| {
        let (cluster, _) = clusters::environment(&clusters::repository(text), "example");
        gitopsc::check::whole::check(&cluster).findings
    };
    let broken = found(&environment(""));
    assert!(broken.len() == 1 && broken[0].id == "claim-on-several-nodes", "{broken:#?}");
    assert_eq!(broken[0].severity, Severity::Warning);
    assert_eq!(found(&environment(", distribution: k3s")), []);
}
