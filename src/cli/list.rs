//! `gitopsc list`: environments, layers, apps.

use std::io::Write;

use serde_json::{Value, json};

use super::Streams;
use super::args::{Args, Selection};
use super::output::{exit_code, grave, print_findings, write_all};
use super::session::{Session, select};
use crate::config::{NodeSpec, State};
use crate::diagnostic::fold;
use crate::model::Quantity;
use crate::resolve::{Environment, Request, resolve};
use crate::yaml;

/// Pods that fit a node where the environment does not say: the kubelet's own default.
const PODS: u32 = 110;

/// Prints what there is.
pub(super) fn run(
    session: &mut Session,
    args: &Args,
    selection: &Selection,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let request =
        Request { only: select(&session.world, &selection.environments)?, ..Request::default() };
    let mut plan = resolve(&session.repo, &request);
    let findings = fold(std::mem::take(&mut plan.findings));
    write_all(
        args,
        streams,
        |stream, _| {
            for environment in &plan.environments {
                describe(session, environment, stream)?;
            }
            Ok(())
        },
        || {
            let environments: Vec<_> = plan.environments.iter().map(as_json).collect();
            json!({"version": 1, "environments": environments})
        },
    )?;
    let errors = grave(args, findings, &session.repo.sources);
    print_findings(args, &errors, &session.repo.sources, false, streams.err)?;
    Ok(exit_code(&errors))
}

fn describe(
    session: &Session,
    environment: &Environment,
    stream: &mut dyn Write,
) -> anyhow::Result<()> {
    let spec = &environment.spec;
    let kubernetes = spec.kubernetes.clone().unwrap_or_default();
    let distribution = kubernetes.distribution.unwrap_or_default();
    writeln!(
        stream,
        "{}: {distribution:?} {}{}",
        environment.name,
        kubernetes.version.unwrap_or_default(),
        spec.description.as_ref().map(|text| format!(", {}", text.trim())).unwrap_or_default()
    )?;
    let declared = spec.layers.iter().flatten();
    let reserved = declared.filter_map(|(name, layer)| {
        layer.as_ref().filter(|layer| layer.reserved == Some(true)).map(|_| name.as_str())
    });
    for layer in environment.live_layers().chain(reserved) {
        let budget = spec.layers.as_ref().and_then(|layers| layers.get(layer)?.as_ref());
        let memory = budget.and_then(|layer| layer.memory);
        let note = match (memory, budget.and_then(|layer| layer.reserved)) {
            (Some(memory), Some(true)) => format!(" ({memory}, reserved)"),
            (Some(memory), _) => format!(" ({memory})"),
            (None, _) => String::new(),
        };
        writeln!(stream, "  {layer}{note}")?;
        for release in environment.releases.iter().filter(|release| release.layer == layer) {
            let app = session.repo.apps.get(&release.app);
            let description = app.and_then(|app| app.spec.description.as_deref()).unwrap_or("");
            let version = release.version.as_deref().unwrap_or("");
            let absent = if release.state == State::Absent { " [absent]" } else { "" };
            let chart = app.is_some_and(|app| app.spec.chart.is_some());
            let chart = if chart { " [chart: declared, not proven]" } else { "" };
            writeln!(
                stream,
                "    {:<22} {:<16} {version:<14} {}{chart}{absent}",
                release.name,
                release.namespace,
                description.trim()
            )?;
        }
    }
    writeln!(stream)?;
    Ok(())
}

fn as_json(environment: &Environment) -> Value {
    let mut whole = yaml::to_json(&environment.node);
    let nodes: serde_json::Map<String, Value> = environment
        .spec
        .nodes
        .iter()
        .flatten()
        .filter_map(|(name, node)| Some((name.clone(), node_json(node.as_ref()?))))
        .collect();
    let releases: Vec<_> = environment
        .releases
        .iter()
        .map(|release| {
            json!({
                "name": release.name,
                "app": release.app,
                "layer": release.layer,
                "namespace": release.namespace,
                "version": release.version,
                "state": if release.state == State::Absent { "absent" } else { "present" },
            })
        })
        .collect();
    if let Some(fields) = whole.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
        fields.remove("apps");
        fields.insert("nodes".to_owned(), Value::Object(nodes));
        fields.insert("releases".to_owned(), Value::Array(releases));
    }
    whole
}

/// A node with what is left of it for pods: capacity less what is reserved.
fn node_json(node: &NodeSpec) -> Value {
    let reserved = node.reserved.clone().unwrap_or_default();
    let left = |capacity: Option<Quantity>, reserved: Option<Quantity>| {
        let capacity = capacity?;
        capacity.checked_sub(reserved.unwrap_or(Quantity::ZERO)).map(|left| left.to_string())
    };
    let taints: Vec<_> = node
        .taints
        .iter()
        .flatten()
        .map(|taint| json!({"key": taint.key, "value": taint.value, "effect": taint.effect}))
        .collect();
    let mut allocatable = json!({"pods": node.pods.unwrap_or(PODS)});
    for (name, amount) in [
        ("cpu", left(node.cpu, reserved.cpu)),
        ("memory", left(node.memory, reserved.memory)),
        ("ephemeral-storage", left(node.disk, None)),
    ] {
        if let Some(amount) = amount {
            allocatable[name] = json!(amount);
        }
    }
    json!({
        "cpu": node.cpu,
        "memory": node.memory,
        "disk": node.disk,
        "address": node.address,
        "labels": node.labels.clone().unwrap_or_default(),
        "taints": taints,
        "allocatable": allocatable,
    })
}
