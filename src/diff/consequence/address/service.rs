//! How a Service is reached, and where it leads.

use std::collections::{BTreeMap, BTreeSet};

use super::{addresses, asked, body, came, sources, text};
use crate::diff::consequence::Subject;
use crate::diff::consequence::behind::{selector_of, workloads};
use crate::diff::consequence::words::{joined, listed};
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::facts::{Body, Service, ServicePort, TargetPort};
use crate::model::Selector;
use crate::yaml::Node;

/// How a Service is reached from outside the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outside {
    No,
    Nodes,
    Balancer,
}

/// What is reached of a Service no longer, newly or in another way.
pub(super) fn of(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(before), None) = (before, after) {
        told.push(format!("`{}` is reached no longer", reached_as(before)));
    }
    let kinds = [before, after].map(|object| object.map(type_of));
    let outside = kinds.map(|kind| kind.map_or(Outside::No, outside));
    match (kinds, outside) {
        ([Some("ExternalName"), Some("ExternalName")], _) => {
            let [old, new] = [before, after].map(|it| text(it, "/spec/externalName"));
            // Names of DNS have no case, and a dot at the end says that they are whole, as this one is.
            let plain = |name: &str| name.strip_suffix('.').unwrap_or(name).to_lowercase();
            if plain(old) != plain(new) {
                told.push(format!("it stands for `{new}` instead of `{old}`"));
            }
        }
        (_, [old, new]) if old == new => {}
        (_, [_, Outside::Balancer]) => told.push(
            "it is newly offered outside the cluster by a load balancer: `LoadBalancer`".to_owned(),
        ),
        (_, [Outside::No, Outside::Nodes]) => told.push(
            "it is newly offered outside the cluster at a port of every node: `NodePort`"
                .to_owned(),
        ),
        (_, [Outside::Balancer, Outside::Nodes]) => told
            .push("its load balancer goes, and a port of every node stays: `NodePort`".to_owned()),
        (_, [Outside::Balancer, _]) => {
            told.push(
                "it is offered outside the cluster no longer: its load balancer goes".to_owned(),
            );
        }
        (_, [_, _]) => told.push(
            "it is offered outside the cluster no longer: its ports of the nodes go".to_owned(),
        ),
    }
    let externals = [before, after].map(|object| texts(object, "/spec/externalIPs"));
    told.extend(came("it is newly reached at external address", &externals[0], &externals[1]));
    told.extend(came("it is reached no longer at external address", &externals[1], &externals[0]));
    let (Some(before), Some(after)) = (before, after) else { return told };
    if before.key.name != after.key.name || before.key.namespace != after.key.namespace {
        let (old, new) = (reached_as(before), reached_as(after));
        told.push(format!("it is reached as `{new}`, and as `{old}` no longer"));
    }
    let name = |object| text(Some(object), "/spec/externalName");
    match kinds.map(|kind| kind == Some("ExternalName")) {
        [false, false] => {}
        [true, true] => return told,
        [true, false] => {
            let name = name(before);
            told.push(format!("it stands for `{name}` no longer, and leads to pods instead"));
            return told;
        }
        [false, true] => {
            told.push(format!("it stands for `{}`, and leads to pods no longer", name(after)));
            return told;
        }
    }
    told.extend(pods(subject, before, after));
    told.extend(targets(subject, before, after));
    let [old, new] = [before, after].map(ports);
    let names = |ports: &Ports| ports.keys().cloned().collect::<BTreeSet<String>>();
    told.extend(came("it is newly reached at port", &names(&old), &names(&new)));
    told.extend(came("it is reached no longer at port", &names(&new), &names(&old)));
    for (port, node) in &new {
        if let (Some(node), Some(Some(was))) = (node, old.get(port))
            && node != was
            && outside.iter().all(|one| *one != Outside::No)
        {
            told.push(format!("port `{port}` is at node port {node} instead of {was}"));
        }
    }
    if outside == [Outside::Balancer; 2] {
        let [old, new] = [before, after].map(addresses);
        told.extend(asked(&old, &new));
        told.extend(sources::of(before, after));
    }
    told
}

fn reached_as(object: &Object) -> String {
    match &*object.key.namespace {
        "" => object.key.name.clone(),
        namespace => format!("{}.{namespace}", object.key.name),
    }
}

fn type_of(object: &Object) -> &str {
    object.node.pointer("/spec/type").and_then(Node::as_str).unwrap_or("ClusterIP")
}

fn outside(kind: &str) -> Outside {
    match kind {
        "NodePort" => Outside::Nodes,
        "LoadBalancer" => Outside::Balancer,
        _ => Outside::No,
    }
}

fn texts(object: Option<&Object>, pointer: &str) -> BTreeSet<String> {
    let items = object.and_then(|object| object.node.pointer(pointer)?.as_seq());
    items.into_iter().flatten().filter_map(Node::as_str).map(str::to_owned).collect()
}

/// Ports by number and protocol, with the ports of the nodes that are asked for.
type Ports = BTreeMap<String, Option<i64>>;

fn ports(object: &Object) -> Ports {
    let items = object.node.pointer("/spec/ports").and_then(Node::as_seq);
    let port = |item: &Node| {
        let protocol = item.get("protocol").and_then(Node::as_str).unwrap_or("TCP");
        let number = item.get("port")?.as_int()?;
        Some((format!("{number}/{protocol}"), item.get("nodePort").and_then(Node::as_int)))
    };
    items.into_iter().flatten().filter_map(port).collect()
}

fn read(object: &Object) -> Option<Service> {
    match body(object) {
        Body::Service(service) => Some(*service),
        _ => None,
    }
}

/// Other pods behind it: by the workloads that make them where some are in the files of both states, else
/// by their labels.
fn pods(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    let whole = subject.whole;
    let labels = |selector: &Option<Selector>| -> BTreeSet<String> {
        let labels = selector.iter().flat_map(|selector| selector.labels().iter());
        labels.map(|(key, value)| format!("{key}={value}")).collect()
    };
    let [old, new] = [before, after].map(|object| labels(&selector_of(object)));
    if old == new {
        return Vec::new();
    }
    match (old.is_empty(), new.is_empty()) {
        (true, _) => return vec![format!("it newly selects pods, with {}", listed(&new))],
        (_, true) => {
            return vec![format!("it selects pods no longer, as those with {}", listed(&old))];
        }
        _ => {}
    }
    let behind = |side: &Side<'_>, object: &Object| -> Option<BTreeSet<String>> {
        let name = |one: &Object| format!("{} `{}`", one.key.group_kind.kind, one.key.name);
        Some(workloads(side, object)?.into_iter().map(name).collect())
    };
    let (was, is) = (behind(&whole.before, before), behind(&whole.after, after));
    let (Some(was), Some(is)) = (was, is) else { return Vec::new() };
    if was.is_empty() || is.is_empty() {
        return vec![format!("it selects pods with {} instead of {}", listed(&new), listed(&old))];
    }
    let names = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        let names: Vec<String> = one.difference(other).cloned().collect();
        let count = names.len();
        (count > 0).then(|| joined(names, count))
    };
    let came = names(&is, &was).map(|who| format!("it newly leads to pods of {who}"));
    let left = names(&was, &is).map(|who| format!("it leads to pods of {who} no longer"));
    came.into_iter().chain(left).collect()
}

/// Other ports of the pods behind its ports.
///
/// Source: `TargetPort` in `k8s.io/api/core/v1/types.go`, which means nothing in a headless Service.
fn targets(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    let (Some(old), Some(new)) = (read(before), read(after)) else { return Vec::new() };
    let leads = |service: &Service| service.selector.is_some() && !service.is_headless;
    if !leads(&old) || !leads(&new) {
        return Vec::new();
    }
    let mut told = Vec::new();
    for port in &new.ports {
        let is_it =
            |other: &&ServicePort| (other.number, &other.protocol) == (port.number, &port.protocol);
        let Some(was) = old.ports.iter().find(is_it).filter(|was| was.target != port.target) else {
            continue;
        };
        let from = number(&subject.whole.before, before, was);
        let to = number(&subject.whole.after, after, port);
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            let shown = format!("{}/{}", port.number, port.protocol);
            told.push(format!("port `{shown}` leads to port {to} of its pods instead of {from}"));
        }
    }
    told
}

/// The number of the port of the pods; nothing where it is not known, or not the same in all.
fn number(side: &Side<'_>, service: &Object, port: &ServicePort) -> Option<i64> {
    let name = match &port.target {
        TargetPort::Number(number) => return Some(*number),
        TargetPort::Name(name) => name,
    };
    let mut numbers = BTreeSet::new();
    for workload in workloads(side, service)? {
        let Body::Workload(pod) = body(workload) else { return None };
        let mut ports = pod.ports();
        let found = ports.find(|it| it.name == *name && it.protocol == port.protocol);
        numbers.insert(found?.number);
    }
    numbers.pop_first().filter(|_| numbers.is_empty())
}
