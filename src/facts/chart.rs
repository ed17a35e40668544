//! What charts bring that are not rendered, as their apps declare it.

use super::amounts::{Amounts, quantity};
use super::plan::at;
use super::{
    Body, Claim, Container, HostPorts, Level, Needs, Object, Open, Pod, Resources, Role, Rollout,
    Run, RunKind, Share, Variables,
};
use crate::model::{GroupKind, Labels, ObjectKey, Quantity};
use crate::resolve::Release;
use crate::source::Span;
use crate::yaml::{Map, Node};

/// The workloads that a chart declares.
pub(super) fn declared(footprint: &Node, release: &Release) -> Vec<Object> {
    let workloads = footprint.get("workloads").and_then(Node::as_map);
    let workloads = workloads.into_iter().flat_map(Map::iter);
    workloads.map(|(key, node)| workload(&key.name, key.span, node, release)).collect()
}

fn workload(name: &str, span: Span, node: &Node, release: &Release) -> Object {
    let text = |field| node.get(field).and_then(Node::as_str).unwrap_or_default();
    let amounts = |field: &str| {
        let map = node.get(field).and_then(Node::as_map).into_iter().flat_map(Map::iter);
        let known = map.filter_map(|(key, value)| Some((&*key.name, quantity(value)?)));
        known.collect::<Amounts>()
    };
    let place = |field: &str| {
        let key = node.as_map().and_then(|map| map.entry(field)).map(|(key, _)| key.span);
        at(field, key.unwrap_or(span))
    };
    let replicas = node.get("replicas");
    let count = replicas.and_then(quantity).map(Quantity::value);
    let count = count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
    let kind = Some(text("kind")).filter(|kind| !kind.is_empty()).unwrap_or("Deployment");
    let (run_kind, group) = match kind {
        "DaemonSet" => (RunKind::EachNode, "apps"),
        "Job" => (RunKind::Job, "batch"),
        "Pod" => (RunKind::Pod, ""),
        _ => (RunKind::Replicas, "apps"),
    };
    let level = Level::parse(text("podSecurity"));
    let requests = amounts("requests");
    let volumes = node.get("volumes").and_then(Node::as_map).into_iter().flat_map(Map::iter);
    let claims = volumes.filter_map(|(key, size)| {
        let requests = [("storage", quantity(size)?)].into_iter().collect();
        Some(Claim { requests, ..Claim::bare(&key.name, at("volumes", size.span)) })
    });
    let class = match text("priorityClass") {
        "" => None,
        class => Some((class.into(), place("priorityClass"))),
    };
    let resources =
        Resources { requests, limits: amounts("limits"), place: Some(place("requests")) };
    let pod = Pod {
        labels: Labels::default(),
        containers: Box::new([Container {
            name: name.into(),
            role: Role::Main,
            ports: Box::default(),
            resources,
            image: None,
            pull_policy: None,
            environment: Variables::default(),
        }]),
        host_network: false,
        is_injected: false,
        asks_cluster: true,
        aliases: Box::default(),
        searches_namespace: true,
        host_ports: HostPorts::none(),
        needs: Needs { priority_class: class, ..Needs::default() },
        run: Run {
            count,
            is_stated: true,
            kind: run_kind,
            // How a chart replaces its pods is not declared: what is declared is its peak.
            rollout: Rollout::Rolling { surge: Share::Number(0), unavailable: Share::Number(1) },
            is_paused: false,
            place: place("replicas"),
            strategy: None,
            kept_jobs: 0,
            claims: claims.collect(),
        },
        open: Open::default(),
        naming: None,
        is_borrowed: false,
        breaches: Box::default(),
        strays: Box::default(),
        level: level.map(|level| (level, place("podSecurity"))),
    };
    Object {
        key: ObjectKey {
            group_kind: GroupKind::new(group, kind),
            namespace: release.namespace.clone(),
            name: name.to_owned(),
        },
        is_cluster_wide: false,
        span,
        unit: release.name.as_str().into(),
        labels: Labels::default(),
        references: Box::default(),
        hosts: Box::default(),
        made: Box::default(),
        body: Body::Workload(Box::new(pod)),
    }
}
