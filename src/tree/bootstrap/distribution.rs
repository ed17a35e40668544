//! How each Kubernetes distribution is told what an environment states.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::super::OWNER;
use crate::config::{NodeSpec, Taint};
use crate::model::Quantity;
use crate::resolve::Environment;
use crate::yaml;

/// Writes the command that starts the cluster.
pub(super) fn minikube(text: &mut String, environment: &Environment, context: &str) {
    let spec = &environment.spec;
    let kubernetes = spec.kubernetes.clone().unwrap_or_default();
    let network = spec.network.clone().unwrap_or_default();
    let mut options = vec![format!("--profile {context}")];
    let driver = kubernetes.driver.unwrap_or_else(|| "docker".to_owned());
    options.push(format!("--driver {driver}"));
    if let Some(version) = &kubernetes.version {
        // minikube wants a patch level, and the first of a minor version always exists.
        let patch = if version.split('.').count() < 3 { ".0" } else { "" };
        options.push(format!("--kubernetes-version v{version}{patch}"));
    }
    let count = nodes(environment).count();
    if count > 1 {
        // They are all alike: minikube has one size for its nodes.
        options.push(format!("--nodes {count}"));
    }
    if let Some((_, node)) = nodes(environment).next() {
        options.extend(node.cpu.map(|cpu| format!("--cpus {}", cpu.value())));
        let mebibytes = |q: Quantity| q.value().div_euclid(1 << 20);
        options.extend(node.memory.map(|memory| format!("--memory {}mb", mebibytes(memory))));
        options.extend(node.disk.map(|disk| format!("--disk-size {}mb", mebibytes(disk))));
    }
    options.extend(network.services.map(|cidr| format!("--service-cluster-ip-range {cidr}")));
    options
        .extend(network.pods.map(|cidr| format!("--extra-config kubeadm.pod-network-cidr={cidr}")));
    let _ = writeln!(text, "```console\n$ minikube start {}\n```\n", options.join(" \\\n    "));
    if driver == "docker" {
        let _ = writeln!(
            text,
            "With Docker on macOS or Windows the node's address cannot be reached from the host: \
             `minikube service --profile {context} --all -n <namespace>` opens node ports, \
             `minikube tunnel --profile {context}` serves load-balancer addresses.\n"
        );
    }
}

/// Says where the files of [`k3s_configs`] go.
pub(super) fn k3s(text: &mut String, environment: &Environment) {
    text.push_str(
        "Put [`k3s-config.yaml`](k3s-config.yaml) on the server node as \
         `/etc/rancher/k3s/config.yaml` before k3s is installed: it switches off what this tree \
         brings itself and reserves the system's share of the node.\n\n",
    );
    for (name, _) in nodes(environment).skip(1) {
        let _ = writeln!(
            text,
            "[`{file}`]({file}) goes to the same place on `{name}`, which joins as an agent.\n",
            file = agent_config(name)
        );
    }
}

/// The configuration files of the nodes by name: the first node is the server, all others are its
/// agents.
pub(super) fn k3s_configs(environment: &Environment) -> Vec<(String, String)> {
    let mut fields = Map::new();
    let kubernetes = environment.spec.kubernetes.clone().unwrap_or_default();
    let disabled = kubernetes.disabled.unwrap_or_default();
    if !disabled.is_empty() {
        fields.insert("disable".to_owned(), json!(disabled));
    }
    let network = environment.spec.network.clone().unwrap_or_default();
    for (key, value) in [
        ("cluster-cidr", network.pods),
        ("service-cidr", network.services),
        ("service-node-port-range", network.node_ports),
        ("cluster-domain", network.cluster_domain),
    ] {
        fields.extend(value.map(|value| (key.to_owned(), Value::String(value))));
    }
    let mut nodes = nodes(environment);
    fields.extend(nodes.next().into_iter().flat_map(node_fields));
    let server = config(environment, "the server node", fields);
    let agent = |(name, node): (&str, &NodeSpec)| {
        let text = config(environment, &format!("the agent `{name}`"), node_fields((name, node)));
        (agent_config(name), text)
    };
    std::iter::once(("k3s-config.yaml".to_owned(), server)).chain(nodes.map(agent)).collect()
}

fn nodes(environment: &Environment) -> impl Iterator<Item = (&str, &NodeSpec)> {
    let nodes = environment.spec.nodes.iter().flatten();
    nodes.filter_map(|(name, node)| Some((name.as_str(), node.as_ref()?)))
}

fn agent_config(name: &str) -> String {
    format!("k3s-config-{name}.yaml")
}

fn config(environment: &Environment, place: &str, fields: Map<String, Value>) -> String {
    let node = yaml::from_json(&Value::Object(fields), environment.node.span);
    format!(
        "# {OWNER} from environments/{}/environment.yaml; changes made here are lost.\n\
         # For /etc/rancher/k3s/config.yaml of {place}.\n{}",
        environment.name,
        yaml::emit(&node)
    )
}

fn node_fields((name, node): (&str, &NodeSpec)) -> Map<String, Value> {
    let mut fields = Map::from_iter([("node-name".to_owned(), json!(name))]);
    if let Some(labels) = &node.labels {
        let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        fields.insert("node-label".to_owned(), json!(labels));
    }
    if let Some(taints) = &node.taints {
        let taint = |taint: &Taint| {
            let value = taint.value.as_deref().map(|value| format!("={value}"));
            format!("{}{}:{}", taint.key, value.unwrap_or_default(), taint.effect)
        };
        fields.insert("node-taint".to_owned(), taints.iter().map(taint).collect());
    }
    let mut arguments: Vec<String> = Vec::new();
    let reserved = node.reserved.clone().unwrap_or_default();
    let parts: Vec<_> = [("cpu", reserved.cpu), ("memory", reserved.memory)]
        .into_iter()
        .filter_map(|(resource, amount)| Some(format!("{resource}={}", amount?)))
        .collect();
    if !parts.is_empty() {
        arguments.push(format!("system-reserved={}", parts.join(",")));
    }
    arguments.extend(node.pods.map(|pods| format!("max-pods={pods}")));
    if !arguments.is_empty() {
        fields.insert("kubelet-arg".to_owned(), json!(arguments));
    }
    fields
}
