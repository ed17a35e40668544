//! What the documents of the shipped environments state and cannot hold, put back: each is found, in
//! one finding, at the line that someone must change.

use gitopsc::check::whole;
use gitopsc::diagnostic::Severity;
use gitopsc::world::Memory;

use crate::support::{files, root, whole as clusters};

const K3S: &str = "environments/k3s/environment.yaml";
const MINIKUBE: &str = "environments/minikube/environment.yaml";
const HOME: &str = "environments/home/environment.yaml";

/// A change of a file.
type Change = (&'static str, &'static str, &'static str);

/// The environment, the changes that put the trap back, the check that finds it, and the text of the
/// line where it does.
type Trap = (&'static str, &'static [Change], &'static str, &'static str);

const TRAPS: &[Trap] = &[
    // 250m + 2 × 250m + 1000m for Kubeflow on what two CPUs leave.
    (
        "minikube",
        &[
            (MINIKUBE, "    memory: 2Gi\n    cpu: 500m", "    memory: 2Gi\n    cpu: 1000m"),
            (
                "apps/kubeflow-pipelines/app.yaml",
                "requests: {cpu: 125m, memory: 256Mi}",
                "requests: {cpu: 625m, memory: 256Mi}",
            ),
            (MINIKUBE, "  cpu: 1.0\n", "  cpu: 2.0\n"),
        ],
        "requests-exceed-nodes",
        "    cpu: 2\n",
    ),
    // The same, and nobody said that CPU may be promised twice.
    (
        "minikube",
        &[(MINIKUBE, "    memory: 2Gi\n    cpu: 500m", "    memory: 2Gi\n    cpu: 1000m")],
        "nodes-overpromised",
        "  cpu: 1.0\n",
    ),
    // A pod too many on a node whose CPU is given away.
    (
        "minikube",
        &[
            (
                "apps/ml-api/deployment.yaml",
                "      maxSurge: 0\n      maxUnavailable: 1",
                "      maxSurge: 1\n      maxUnavailable: 0",
            ),
            (MINIKUBE, "    memory: 2Gi\n    cpu: 750m", "    memory: 3Gi\n    cpu: 1000m"),
            (MINIKUBE, "  cpu: 1.0\n", "  cpu: 2.0\n"),
            (MINIKUBE, "memory: 1.35", "memory: 2.0"),
        ],
        "rollout-stuck",
        "  strategy:\n",
    ),
    // A quota of 1G and a pod of 1Gi.
    (
        "k3s",
        &[(K3S, "    quota: {memory: 1Gi, cpu: 1}", "    quota: {memory: 1G, cpu: 1}")],
        "quota-exceeded",
        "    quota: {memory: 1G, cpu: 1}",
    ),
    // Several namespaces have that number: the line is still the one of `data`.
    (
        "k3s",
        &[(K3S, "    quota: {memory: 6Gi, cpu: 3}", "    quota: {memory: 4Gi, cpu: 3}")],
        "quota-exceeded",
        "    quota: {memory: 4Gi, cpu: 3}",
    ),
    // MLflow rolls with a surge of one in a quota that holds one.
    (
        "k3s",
        &[(
            "apps/mlflow/deployment.yaml",
            "      maxSurge: 0\n      maxUnavailable: 1",
            "      maxSurge: 1\n      maxUnavailable: 0",
        )],
        "rollout-stuck",
        "  strategy:\n",
    ),
    // All 40 GB are given away, and the system's share lies outside the buffer.
    (
        "k3s",
        &[(K3S, "reserved: {cpu: 500m, memory: 3Gi}", "reserved: {cpu: 500m, memory: 6Gi}")],
        "buffer-exceeded",
        "buffer: {memory: 5Gi",
    ),
    // Argo CD needs memory too, out of the buffer.
    (
        "k3s",
        &[(K3S, "    memory: 1Gi\n    cpu: 500m", "    memory: 3Gi\n    cpu: 500m")],
        "buffer-exceeded",
        "buffer: {memory: 5Gi",
    ),
    // One gigabyte more than there is.
    (
        "k3s",
        &[(
            K3S,
            "    description: metrics, logs and dashboards\n    memory: 3Gi",
            "    description: metrics, logs and dashboards\n    memory: 4Gi",
        )],
        "nodes-overpromised",
        "  memory: 1.0\n",
    ),
    // 19 CPUs in quotas on 8 threads.
    ("k3s", &[(K3S, "  cpu: 2.8\n", "  cpu: 1.0\n")], "nodes-overpromised", "  cpu: 1.0\n"),
    // A namespace gets more than its layer has.
    (
        "k3s",
        &[(K3S, "    quota: {memory: 6Gi, cpu: 3}", "    quota: {memory: 7Gi, cpu: 3}")],
        "layer-exceeded",
        "    memory: 6Gi\n",
    ),
    // The bundled storage beside Longhorn.
    (
        "k3s",
        &[(K3S, "disabled: [traefik, servicelb, local-storage]", "disabled: [traefik, servicelb]")],
        "storage-class-default-twice",
        "  disabled: [traefik, servicelb]\n",
    ),
    // Promtail reads the node's logs.
    (
        "k3s",
        &[(
            K3S,
            "    podSecurity: privileged\n    quota: {memory: 3Gi, cpu: 2}",
            "    podSecurity: baseline\n    quota: {memory: 3Gi, cpu: 2}",
        )],
        "pod-security-violated",
        "- name: ",
    ),
    // MetalLB's speaker and Longhorn need their nodes.
    (
        "k3s",
        &[(
            K3S,
            "metallb-system: {layer: infrastructure, podSecurity: privileged}",
            "metallb-system: {layer: infrastructure, podSecurity: baseline}",
        )],
        "pod-security-violated",
        "  metallb-system: {layer: infrastructure, podSecurity: baseline}",
    ),
    (
        "home",
        &[(
            HOME,
            "metallb-system: {layer: infrastructure, podSecurity: privileged}",
            "metallb-system: {layer: infrastructure, podSecurity: restricted}",
        )],
        "pod-security-violated",
        "  metallb-system: {layer: infrastructure, podSecurity: restricted}",
    ),
    (
        "k3s",
        &[(
            K3S,
            "longhorn-system: {layer: infrastructure, podSecurity: privileged}",
            "longhorn-system: {layer: infrastructure, podSecurity: restricted}",
        )],
        "pod-security-violated",
        "  longhorn-system: {layer: infrastructure, podSecurity: restricted}",
    ),
    // What charts bring counts: infrastructure has no quota.
    (
        "k3s",
        &[(
            K3S,
            "what the charts declare.\n    memory: 3Gi",
            "what the charts declare.\n    memory: 2Gi",
        )],
        "layer-exceeded",
        "    memory: 2Gi\n",
    ),
    // An image that exists on the node alone.
    (
        "minikube",
        &[("apps/ml-api/app.yaml", "pullPolicy: IfNotPresent", "pullPolicy: Always")],
        "local-image-pulled",
        "pullPolicy: Always",
    ),
    (
        "iris",
        &[
            ("apps/iris-api/app.yaml", "version: \"1.0.0\"", "version: latest"),
            (
                "apps/iris-api/deployment.yaml",
                "          imagePullPolicy: ${{ values.image.pullPolicy }}\n",
                "",
            ),
        ],
        "local-image-pulled",
        "version: latest",
    ),
    // The ingress controller rolls with a second pod.
    (
        "home",
        &[(HOME, "    memory: 768Mi\n", "    memory: 512Mi\n")],
        "layer-exceeded",
        "    memory: 512Mi\n",
    ),
];

/// This repository with some texts changed.
fn changed(changes: &[Change]) -> Memory {
    let mut all = Vec::new();
    for directory in ["applicationsets", "apps", "environments"] {
        for (path, bytes) in files(&root().join(directory)) {
            let path = format!("{directory}/{path}");
            let mut text = String::from_utf8(bytes).unwrap();
            for (file, from, to) in changes.iter().filter(|(file, ..)| *file == path) {
                assert!(text.contains(from), "{file} has no `{from}`");
                text = text.replacen(from, to, 1);
            }
            all.push((path, text));
        }
    }
    Memory::new(all)
}

#[test]
fn each_trap_is_found_once_at_its_line() {
    let mut wrong = Vec::new();
    for (environment, changes, id, line) in TRAPS {
        let (cluster, sources) = clusters::environment(&changed(changes), environment);
        let found = whole::check(&cluster).findings;
        let grave: Vec<_> = found.iter().filter(|it| it.severity > Severity::Note).collect();
        let at = |finding: &gitopsc::diagnostic::Finding| {
            let span = finding.labels[0].span;
            let source = sources.get(span.file);
            let (number, _) = source.line_column(span.start);
            let text = source.text.lines().nth(number - 1).unwrap_or_default();
            format!("{text}\n")
        };
        let is_it = grave.len() == 1 && grave[0].id == *id && at(grave[0]).contains(*line);
        if !is_it {
            let found: Vec<String> = grave
                .iter()
                .map(|it| format!("{}: {} at `{}`", it.id, it.message, at(it).trim()))
                .collect();
            wrong.push(format!(
                "{environment}, {changes:?}: wanted {id} at `{line}`, found {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_shipped_environments_are_clean() {
    for environment in ["home", "iris", "k3s", "minikube", "minikube-lite"] {
        let (cluster, _) = clusters::environment(&changed(&[]), environment);
        let found = whole::check(&cluster).findings;
        let grave: Vec<_> = found.iter().filter(|it| it.severity > Severity::Note).collect();
        assert!(grave.is_empty(), "{environment}: {grave:#?}");
    }
}

#[test]
fn limits_above_the_memory_are_a_note_with_the_factor() {
    let (cluster, _) = clusters::environment(&changed(&[]), "minikube");
    let found = whole::check(&cluster).findings;
    let note = found.iter().find(|it| it.id == "limits-exceed-memory").unwrap();
    assert_eq!(note.severity, Severity::Note);
    assert!(note.message.contains("1.24 times"), "{}", note.message);
}
