//! Addresses, ports and hosts by which something is reached.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use super::host::hosts;
use super::words::{listed, named};
use crate::diff::snapshot::Object;
use crate::facts::{Body, Reading};
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// What is reached no longer, or newly, or in another way.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let (before, after) = (subject.was(), subject.is());
    let Some(kind) = after.or(before).map(|object| &object.key.group_kind) else {
        return Vec::new();
    };
    let is_unknown = |object: Option<&Object>| object.is_some_and(|object| is_open(&object.node));
    if is_unknown(before) || is_unknown(after) {
        return Vec::new();
    }
    match (&*kind.group, &*kind.kind) {
        ("", "Service") => service(before, after),
        ("gateway.networking.k8s.io", "Gateway") => listeners(before, after),
        _ => routes(subject, before, after),
    }
}

/// How a Service is reached from outside the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outside {
    No,
    Nodes,
    Balancer,
}

fn service(before: Option<&Object>, after: Option<&Object>) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(before), None) = (before, after) {
        told.push(format!("`{}` is reached no longer", reached_as(before)));
    }
    let kinds = [before, after].map(|object| object.map(type_of));
    let outside = kinds.map(|kind| kind.map_or(Outside::No, outside));
    match (kinds, outside) {
        ([Some("ExternalName"), Some("ExternalName")], _) => {
            let [old, new] = [before, after].map(|it| text(it, "/spec/externalName"));
            if old != new {
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
    if kinds.contains(&Some("ExternalName")) {
        return told;
    }
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
        match (old.is_empty(), new.is_empty()) {
            _ if old == new => {}
            (true, _) => told.push(format!("it asks for address {} instead of any", listed(&new))),
            (_, true) => {
                told.push(format!("it asks for any address instead of {}", listed(&old)));
            }
            _ => told.push(format!(
                "it asks for address {} instead of {}",
                listed(&new),
                listed(&old)
            )),
        }
        let [old, new] =
            [before, after].map(|object| texts(Some(object), "/spec/loadBalancerSourceRanges"));
        if new.is_empty() && !old.is_empty() {
            told.push(format!(
                "its load balancer is told to let clients of {} in alone no longer",
                listed(&old)
            ));
        } else {
            told.extend(came("its load balancer newly lets clients in from", &old, &new));
            if !old.is_empty() {
                told.extend(came("its load balancer lets clients in no longer from", &new, &old));
            }
        }
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

fn text<'o>(object: Option<&'o Object>, pointer: &str) -> &'o str {
    object.and_then(|object| object.node.pointer(pointer)?.as_str()).unwrap_or_default()
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

/// The load-balancer addresses that a Service asks for, in its field and in annotations.
fn addresses(object: &Object) -> BTreeSet<String> {
    match body(object) {
        Body::Service(service) => {
            let wishes = service.balancing.wishes.iter();
            wishes.flat_map(|wish| &wish.addresses).map(ToString::to_string).collect()
        }
        _ => BTreeSet::new(),
    }
}

pub(super) fn body(object: &Object) -> Body {
    let unit = "".into();
    let reading = Reading { file: None, unit: &unit, is_cluster_wide: false, sources: None };
    reading.object(&object.node).body
}

/// A sentence about what one has and the other has not.
fn came(what: &str, from: &BTreeSet<String>, to: &BTreeSet<String>) -> Option<String> {
    let new: BTreeSet<String> = to.difference(from).cloned().collect();
    (!new.is_empty()).then(|| format!("{what} {}", listed(&new)))
}

fn listeners(before: Option<&Object>, after: Option<&Object>) -> Vec<String> {
    let all = |object: Option<&Object>| -> BTreeSet<String> {
        let items = object.and_then(|object| object.node.pointer("/spec/listeners")?.as_seq());
        let listener = |item: &Node| {
            let port = item.get("port")?.as_int()?;
            let protocol = item.get("protocol").and_then(Node::as_str)?;
            let host = item.get("hostname").and_then(Node::as_str).unwrap_or("*");
            Some(format!("{host}:{port}/{protocol}"))
        };
        items.into_iter().flatten().filter_map(listener).collect()
    };
    let (old, new) = (all(before), all(after));
    let told =
        [came("it newly listens at", &old, &new), came("it listens no longer at", &new, &old)];
    told.into_iter().flatten().collect()
}

/// Hosts that are routed elsewhere, newly, or here no longer.
fn routes(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let side = |object: Option<&Object>| object.map_or(Some(BTreeSet::new()), hosts);
    let (Some(old), Some(new)) = (side(before), side(after)) else { return Vec::new() };
    let whole = subject.whole;
    let mut told = Vec::new();
    let shown = |host: &str| match host {
        "" => "every host".to_owned(),
        host => format!("host `{host}`"),
    };
    for host in old.difference(&new) {
        let Some(before) = before else { continue };
        let others = whole.after.routes(before, host);
        let others: Vec<&Object> =
            others.into_iter().filter(|one| after.is_none_or(|own| own.key != one.key)).collect();
        told.push(match others.first() {
            Some(other) => {
                format!("it routes {} no longer, which {} does", shown(host), named(&other.key))
            }
            None => format!("it routes {} no longer", shown(host)),
        });
    }
    for host in new.difference(&old) {
        let Some(after) = after else { continue };
        let others = whole.before.routes(after, host);
        let mut others =
            others.into_iter().filter(|one| before.is_none_or(|own| own.key != one.key));
        let still = whole.after.routes(after, host);
        told.push(match others.next() {
            Some(other) if still.iter().any(|one| one.key == other.key) => {
                format!("it newly routes {}, as {} does", shown(host), named(&other.key))
            }
            Some(other) => {
                format!("it newly routes {}, which {} did", shown(host), named(&other.key))
            }
            None => format!("it newly routes {}", shown(host)),
        });
    }
    if let (Some(before), Some(after)) = (before, after) {
        told.extend(paths(before, after));
    }
    told
}

/// Paths of an Ingress for hosts that it keeps, by what they lead to.
fn paths(before: &Object, after: &Object) -> Vec<String> {
    let all = |object: &Object| -> Option<BTreeMap<(String, String), String>> {
        let Body::Ingress(ingress) = body(object) else { return None };
        let path = |path: &crate::facts::IngressPath| {
            let host = path.host.to_lowercase();
            let shown = format!("{host}{}", path.path);
            let key = (host, shown);
            (key, format!("{}:{}", path.service, path.port))
        };
        Some(ingress.paths.iter().map(path).collect())
    };
    let (Some(old), Some(new)) = (all(before), all(after)) else { return Vec::new() };
    let keeps = |paths: &BTreeMap<(String, String), String>, host: &str| {
        paths.keys().any(|(other, _)| other == host)
    };
    let mut told = Vec::new();
    for ((host, path), target) in &old {
        match new.get(&(host.clone(), path.clone())) {
            None if keeps(&new, host) => {
                told.push(format!("it routes path `{path}` of its own no longer"));
            }
            Some(other)
                if other != target && !other.starts_with(':') && !target.starts_with(':') =>
            {
                told.push(format!("`{path}` leads to `{other}` instead of `{target}`"));
            }
            _ => {}
        }
    }
    for (host, path) in new.keys() {
        if keeps(&old, host) && !old.contains_key(&(host.clone(), path.clone())) {
            told.push(format!("it newly routes path `{path}`"));
        }
    }
    told
}
