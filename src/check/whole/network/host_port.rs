//! Ports of nodes that pods take.

use std::collections::{BTreeSet, HashMap};

use super::Spot;
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::{Body, HostPort, HostPorts, Object, Pod, Spread};

const ID: &str = "host-port-taken";

/// Looks at every pair of workloads whose pods take one port of a node.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut all: Vec<(&Object, &HostPorts)> = Vec::new();
    let mut by_port: HashMap<(i64, &str), Vec<usize>> = HashMap::new();
    for object in view.cluster.objects() {
        let Body::Workload(pod) = &object.body else { continue };
        let ports = &pod.host_ports;
        if ports.ports.is_empty() || ports.spread == Spread::Elsewhere {
            continue;
        }
        found.extend(alone(view, object, pod));
        let keys = || ports.ports.iter().map(|port| (port.number, &*port.protocol));
        let others = keys().filter_map(|key| by_port.get(&key)).flatten();
        let others: BTreeSet<usize> = others.copied().collect();
        found.extend(others.into_iter().find_map(|at| {
            let (other, taken) = all[at];
            let spot = Spot::Object(object);
            if other.key == object.key || !spot.surely_with(Spot::Object(other), view) {
                return None;
            }
            let (first, second) = clash(view, taken, ports)?;
            let (number, protocol) = (second.number, &second.protocol);
            let message =
                format!("port {number}/{protocol} of the nodes is already taken by {}", other.key);
            let finding = Spot::Field(object, &second.place).on(Finding::error(ID, message));
            Some(
                finding
                    .at(first.place.span, "takes it too")
                    .note("pods that find no node with the port free stay Pending")
                    .help("take another port, or reach the pods by a Service"),
            )
        }));
        for key in keys() {
            by_port.entry(key).or_default().push(all.len());
        }
        all.push((object, ports));
    }
}

/// A port that both take on some node for sure.
fn clash<'p>(
    view: &View<'_>,
    one: &'p HostPorts,
    other: &'p HostPorts,
) -> Option<(&'p HostPort, &'p HostPort)> {
    let nodes = view.network.node_count.unwrap_or(i64::MAX);
    let is_full = match (one.spread, other.spread) {
        (Spread::Every, Spread::Every) => true,
        (Spread::Every, Spread::Anywhere(count)) | (Spread::Anywhere(count), Spread::Every) => {
            count > 0
        }
        (Spread::Anywhere(one), Spread::Anywhere(other)) => {
            one > 0 && other > 0 && one + other > nodes
        }
        _ => false,
    };
    let mut pairs = one.ports.iter().flat_map(|it| other.ports.iter().map(move |of| (it, of)));
    pairs.find(|(one, other)| is_full && one.clashes(other))
}

/// A workload that has more pods than there are nodes.
fn alone(view: &View<'_>, object: &Object, pod: &Pod) -> Option<Finding> {
    let ports = &pod.host_ports;
    let (Spread::Anywhere(replicas), Some(nodes)) = (ports.spread, view.network.node_count) else {
        return None;
    };
    let port = ports.ports.first()?;
    let spot = Spot::Field(object, &port.place);
    let (number, protocol) = (port.number, &port.protocol);
    let shown = if nodes == 1 {
        "there is one node".to_owned()
    } else {
        format!("there are {nodes} nodes")
    };
    if replicas > nodes {
        let message =
            format!("{replicas} pods take port {number}/{protocol} of a node each, and {shown}");
        let finding = spot.on(Finding::error(ID, message)).note("the others stay Pending");
        return Some(finding.help(format!("start {nodes}, or reach the pods by a Service")));
    }
    if ports.has_surge && replicas == nodes {
        let is_paused = pod.run.is_paused;
        let rollout = if is_paused { "a rollout, which is paused now," } else { "a rollout" };
        let message = format!(
            "{rollout} starts a pod more, which takes port {number}/{protocol} too, and {shown}"
        );
        let finding = match is_paused {
            true => Finding::info(ID, message),
            false => Finding::error(ID, message),
        };
        let finding = spot.on(finding);
        return Some(
            finding
                .note("the new pod stays Pending, and the old one runs on: the rollout never ends")
                .help("write `strategy: {type: Recreate}`"),
        );
    }
    None
}
