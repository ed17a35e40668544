//! Services that lose their pods, or a port of them, though the objects stay.

use std::collections::BTreeSet;

use super::address::body;
use super::behind::{pods_of, selector_of};
use super::outage::replicas;
use super::words::listed;
use super::{Consequence, Effect, Subject};
use crate::diff::snapshot::Object;
use crate::diff::whole::{Side, is_beside};
use crate::facts::{Body, Service, ServicePort, TargetPort};
use crate::load::manifest::is_open;
use crate::model::Selector;

/// What nobody answers for any longer since an object has changed: a Service without pods, or a port of it
/// that none of its pods has.
///
/// Source: `getEndpointPorts` and `FindPort` in `utils.go` of
/// `k8s.io/endpointslice`: what no container has under that name and protocol gets no endpoint.
pub(super) fn of(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<Consequence> {
    if is_open(&before.node) || is_open(&after.node) {
        return Vec::new();
    }
    let kind = &after.key.group_kind;
    let told = match (&*kind.group, &*kind.kind) {
        ("", "Service") => service(subject, before, after),
        _ if may_empty(after) => workload(subject, before, after),
        _ => Vec::new(),
    };
    told.into_iter().map(|text| Consequence { effect: Effect::Outage, text }).collect()
}

/// Whether an object's pods are others then, to somebody who looks for them by labels or for their ports.
pub(in crate::diff) fn is_other(before: &Object, after: &Object) -> bool {
    may_empty(after) && (pods_of(before) != pods_of(after) || named(before) != named(after))
}

/// Whether all pods of a workload get what is new in its template. A pod itself may get other labels.
fn may_empty(workload: &Object) -> bool {
    let kind = &workload.key.group_kind;
    let strategy = workload.node.pointer("/spec/updateStrategy");
    let text = strategy.and_then(|it| it.get("type")?.as_str());
    let is_partial = strategy.is_some_and(|it| it.pointer("/rollingUpdate/partition").is_some());
    let is_paused = workload.node.pointer("/spec/paused").is_some();
    matches!(
        (&*kind.group, &*kind.kind),
        ("", "Pod") | ("apps", "DaemonSet" | "Deployment" | "StatefulSet")
    ) && text != Some("OnDelete")
        && !is_partial
        && !is_paused
}

/// The names of the ports of the pods that an object makes, with their protocols.
fn named(object: &Object) -> BTreeSet<(String, String)> {
    let Body::Workload(pod) = body(object) else { return BTreeSet::new() };
    let ports = pod.ports().map(|port| (port.name.to_string(), port.protocol.to_string()));
    ports.filter(|(name, _)| !name.is_empty()).collect()
}

/// Services that have lost the pods of a workload with their labels, and ports with their names.
fn workload(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    let (was, is) = (&subject.whole.before, &subject.whole.after);
    let (Some(old), Some(new)) = (pods_of(before), pods_of(after)) else { return Vec::new() };
    if !is_other(before, after) || replicas(before) == Some(0) || replicas(after) == Some(0) {
        return Vec::new();
    }
    let (mut empty, mut told) = (BTreeSet::new(), Vec::new());
    let mut services: Vec<&Object> = is.beside(after, "", "Service").collect();
    services.sort_by(|one, other| one.key.cmp(&other.key));
    for service in services {
        let mut all = was.beside(before, "", "Service");
        let Some(then) = all.find(|one| one.key == service.key) else { continue };
        let (Some(from), Some(to)) = (selector_of(then), selector_of(service)) else { continue };
        if is_open(&service.node) || !old.iter().any(|labels| from.matches(labels)) {
            continue;
        }
        if !new.iter().any(|labels| to.matches(labels)) {
            // Where it selects others itself, that is told there.
            let is_empty = from == to && behind(is, service, &to).is_some_and(|all| all.is_empty());
            if is_empty {
                empty.insert(service.key.name.clone());
            }
            continue;
        }
        let (Some(then), Some(now)) = (read(then), read(service)) else { continue };
        for port in &now.ports {
            let TargetPort::Name(name) = &port.target else { continue };
            let had = same(&then, port).is_some_and(|was| was.target == port.target)
                && named(before).contains(&(name.to_string(), port.protocol.to_string()));
            if had && serves(is, service, &to, port) == Some(false) {
                told.push(format!(
                    "Service `{}` leads nowhere at port `{}/{}`: no container of its pods has port `{name}` any longer",
                    service.key.name, port.number, port.protocol
                ));
            }
        }
    }
    if !empty.is_empty() {
        let services = if empty.len() == 1 { "Service" } else { "Services" };
        let names = listed(&empty);
        told.push(format!(
            "its pods have other labels, and no workload is behind {services} {names} any longer"
        ));
    }
    told
}

/// Ports of a Service that lead to a name which none of its pods has.
fn service(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    let (Some(from), Some(to)) = (selector_of(before), selector_of(after)) else {
        return Vec::new();
    };
    let (Some(then), Some(now)) = (read(before), read(after)) else { return Vec::new() };
    let mut told = Vec::new();
    for port in &now.ports {
        let TargetPort::Name(name) = &port.target else { continue };
        let Some(was) = same(&then, port).filter(|was| was.target != port.target) else { continue };
        if serves(&subject.whole.before, before, &from, was) == Some(true)
            && serves(&subject.whole.after, after, &to, port) == Some(false)
        {
            told.push(format!(
                "port `{}/{}` leads nowhere: no container of its pods has port `{name}`",
                port.number, port.protocol
            ));
        }
    }
    told
}

/// What leads to ports of pods: in a headless Service these mean nothing.
fn read(service: &Object) -> Option<Service> {
    match body(service) {
        Body::Service(service) if !service.is_headless => Some(*service),
        _ => None,
    }
}

fn same<'s>(service: &'s Service, port: &ServicePort) -> Option<&'s ServicePort> {
    let mut ports = service.ports.iter();
    ports.find(|it| (it.number, &it.protocol) == (port.number, &port.protocol))
}

/// The objects that may make the pods which a Service selects; nothing where that is not known.
fn behind<'s>(side: &Side<'s>, service: &Object, selector: &Selector) -> Option<Vec<&'s Object>> {
    let mut found = Vec::new();
    for object in side.may_be_beside(service) {
        if pods_of(object)?.iter().any(|labels| selector.matches(labels)) {
            found.push(object);
        }
    }
    Some(found)
}

/// Whether some of the pods of a Service have the port that one of its ports leads to; nothing where that is
/// not known, or there are none.
fn serves(
    side: &Side<'_>,
    service: &Object,
    selector: &Selector,
    port: &ServicePort,
) -> Option<bool> {
    let all = behind(side, service, selector)?;
    let runs = |one: &&&Object| is_beside(service, one) && replicas(one) != Some(0);
    all.iter().find(runs)?;
    let TargetPort::Name(name) = &port.target else { return Some(true) };
    let mut is_served = false;
    for one in all {
        let Body::Workload(pod) = body(one) else { return None };
        if is_open(one.node.get("spec").unwrap_or(&one.node)) {
            return None;
        }
        is_served |= pod.ports().any(|it| it.name == *name && it.protocol == port.protocol);
    }
    Some(is_served)
}
