//! A repository of a size, the same each time: every environment runs every app, and every app is
//! ten objects.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// How large a repository is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) environments: usize,
    pub(crate) apps: usize,
}

/// Objects of one app: one in each of its templates.
pub(crate) const OBJECTS: usize = TEMPLATES.len();

pub(crate) const LAYERS: [&str; 5] = ["platform", "data", "backends", "frontends", "jobs"];

const TEMPLATES: [(&str, &str); 10] = [
    ("config-map.yaml", include_str!("app/config-map.yaml")),
    ("deployment.yaml", include_str!("app/deployment.yaml")),
    ("horizontal-pod-autoscaler.yaml", include_str!("app/horizontal-pod-autoscaler.yaml")),
    ("ingress.yaml", include_str!("app/ingress.yaml")),
    ("network-policy.yaml", include_str!("app/network-policy.yaml")),
    ("pod-disruption-budget.yaml", include_str!("app/pod-disruption-budget.yaml")),
    ("role-binding.yaml", include_str!("app/role-binding.yaml")),
    ("role.yaml", include_str!("app/role.yaml")),
    ("service-account.yaml", include_str!("app/service-account.yaml")),
    ("service.yaml", include_str!("app/service.yaml")),
];

const BESIDE: [(&str, &str); 3] = [
    ("files/logging.json", include_str!("app/files/logging.json")),
    ("fragments/config.yaml", include_str!("app/fragments/config.yaml")),
    ("values.schema.json", include_str!("app/values.schema.json")),
];

const LIBRARY: [(&str, &str); 3] = [
    ("container-security.yaml", include_str!("app/lib/container-security.yaml")),
    ("http-probe.yaml", include_str!("app/lib/http-probe.yaml")),
    ("pod-security.yaml", include_str!("app/lib/pod-security.yaml")),
];

const SETS: [(&str, &str); 3] = [
    ("application.yaml", include_str!("../../applicationsets/_lib/application.yaml")),
    ("patch.yaml", include_str!("../../applicationsets/_lib/patch.yaml")),
    ("set.yaml", include_str!("../../applicationsets/_lib/set.yaml")),
];
const CLUSTER_SET: &str = include_str!("../../applicationsets/cluster.yaml");

/// Writes the repository into a directory.
pub(crate) fn generate(root: &Path, size: Size) -> io::Result<()> {
    for (path, text) in LIBRARY {
        put(root, &format!("apps/_lib/{path}"), text)?;
    }
    for (path, text) in SETS {
        put(root, &format!("applicationsets/_lib/{path}"), text)?;
    }
    for layer in LAYERS.iter().chain(&["cluster"]) {
        put(root, &format!("applicationsets/{layer}.yaml"), CLUSTER_SET)?;
    }
    for app in 0..size.apps {
        let folder = format!("apps/{}", app_name(app));
        put(root, &format!("{folder}/app.yaml"), &app_yaml(app, size.apps))?;
        for (path, text) in TEMPLATES.iter().chain(&BESIDE) {
            put(root, &format!("{folder}/{path}"), text)?;
        }
    }
    for environment in 0..size.environments {
        let path = environment_path(environment);
        put(root, &path, &environment_yaml(environment, size.apps, 0))?;
    }
    Ok(())
}

/// Changes one value of one release in the first environment; another `turn` is another value.
pub(crate) fn change_one_value(root: &Path, size: Size, turn: usize) -> io::Result<()> {
    put(root, &environment_path(0), &environment_yaml(0, size.apps, turn))
}

fn put(root: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = root.join(path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

fn app_name(number: usize) -> String {
    format!("service-{number:02}")
}

fn environment_path(number: usize) -> String {
    format!("environments/{}/environment.yaml", environment_name(number))
}

pub(crate) fn environment_name(number: usize) -> String {
    format!("cluster-{number:02}")
}

fn app_yaml(number: usize, apps: usize) -> String {
    let name = app_name(number);
    let mut text = format!(
        "apiVersion: gitopsc.dev/v1alpha1
kind: App
description: The service {name}
version: \"1.{number}.0\"
layer: {layer}
namespace: {layer}

values:
  image:
    repository: registry.example.com/team/{name}
    pullPolicy: IfNotPresent
  replicas: 2
  peer: {peer}
  caller: {caller}
  user: {user}
  arguments: [serve, --config, /etc/{name}/server.properties]
  metrics: {{enabled: true, path: /metrics}}
  probes: {{readiness: /health/ready, liveness: /health/live}}
  autoscaling:
    enabled: true
    targets: {{cpu: 80, memory: 75}}
  ingress:
    domain: example.com
    bodySize: 8m
    paths: [/api/{name}, /events]
  rules:
    - {{group: \"\", resources: [configmaps, endpoints], verbs: [get, list, watch]}}
    - {{group: coordination.k8s.io, resources: [leases], verbs: [get, create, update]}}
  resources:
    requests: {{cpu: 50m, memory: 64Mi}}
    limits: {{memory: 128Mi}}
",
        layer = LAYERS[number % LAYERS.len()],
        // The next one of its layer, and the one before.
        peer = app_name((number + LAYERS.len()) % apps),
        caller = app_name((number + apps - LAYERS.len()) % apps),
        user = 1000 + number,
    );
    text.push_str("  environment:\n");
    for variable in 0..4 + number % 5 {
        let _ = writeln!(text, "    SERVICE_OPTION_{variable}: value {variable} of {name}");
    }
    text.push_str("  settings:\n");
    for setting in 0..6 + number % 7 {
        let _ = writeln!(text, "    service.pool.{setting}.size: {}", 10 + setting);
    }
    text.push_str("\nports: {http: 8080, metrics: 9090}\n");
    text
}

fn environment_yaml(number: usize, apps: usize, turn: usize) -> String {
    let name = environment_name(number);
    let mut text = format!(
        "apiVersion: gitopsc.dev/v1alpha1
kind: Environment
description: Cluster {number} of the benchmark
kubernetes: {{version: \"1.34\", distribution: kubernetes}}
cluster: {{context: {name}, destination: {name}}}
gitops:
  repoURL: https://git.example.com/acme/platform.git
  revision: main
  argocd: {{version: \"3.5.7\", namespace: argocd, memory: 1Gi, cpu: 500m}}
nodes:
"
    );
    for node in 1..=3 {
        let _ = writeln!(
            text,
            "  {name}-{node}: {{cpu: 32, memory: 128Gi, disk: 500Gi, pods: 500, address: 10.{number}.0.{node}}}"
        );
    }
    let _ = write!(
        text,
        "network:
  nodes: 10.{number}.0.0/16
  pods: 172.16.0.0/14
  services: 172.20.0.0/16
  nodePorts: 30000-32767
  clusterDomain: cluster.local
priorityClasses:
  normal: {{value: 1000, description: What the services run with}}
layers:
"
    );
    for layer in LAYERS {
        let _ = write!(
            text,
            "  {layer}:
    description: The services of {layer}
    memory: 64Gi
    cpu: 26
    priorityClass: normal
    permissions:
      namespaced:
        - ConfigMap
        - Service
        - ServiceAccount
        - apps/Deployment
        - autoscaling/HorizontalPodAutoscaler
        - networking.k8s.io/Ingress
        - networking.k8s.io/NetworkPolicy
        - policy/PodDisruptionBudget
        - rbac.authorization.k8s.io/Role
        - rbac.authorization.k8s.io/RoleBinding
"
        );
    }
    text.push_str("buffer: {memory: 8Gi, cpu: 2, holds: [os, argocd]}\n");
    text.push_str("overcommit: {cpu: 2.0, memory: 1.0}\n");
    text.push_str("namespaces:\n");
    for layer in LAYERS {
        let _ = writeln!(
            text,
            "  {layer}: {{layer: {layer}, podSecurity: restricted, quota: {{memory: 64Gi, cpu: 26}}}}"
        );
    }
    // Each app brings an Ingress; who serves it, and its certificates, come with the cluster.
    text.push_str("  argocd: {existing: true}\nexisting:\n");
    text.push_str("  networking.k8s.io/IngressClass: [nginx]\n  Secret:\n");
    for app in 0..apps {
        let _ = writeln!(text, "    - {}/{}-tls", LAYERS[app % LAYERS.len()], app_name(app));
    }
    text.push_str("apps:\n");
    for app in 0..apps {
        let app_name = app_name(app);
        let replicas = 2 + (number + app) % 3 + if app == 0 { turn } else { 0 };
        let _ = writeln!(
            text,
            "  {app_name}: {{version: \"1.{app}.{number}\", values: {{replicas: {replicas}}}}}"
        );
    }
    text
}
