//! Workloads that go with all of their pods.

use std::collections::BTreeSet;

use super::address::body;
use super::words::listed;
use super::{Consequence, Effect, Subject, scale};
use crate::argocd::is_made_anew;
use crate::diff::snapshot::Object;
use crate::facts::Body;
use crate::load::manifest::is_open;
use crate::model::{Field, Labels, Selector};
use crate::yaml::Node;

/// Kinds whose pods are meant to run on.
const RUNNING: [(&str, &str); 4] = [
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("argoproj.io", "Rollout"),
];

/// What it means that a workload is deleted: nothing where it had no pods, or others take their place.
/// The Services that had them decide; where none had, those do that have their labels, or the workload's
/// own successor under another name.
pub(super) fn of(subject: &Subject<'_, '_>, before: &Object) -> Option<Consequence> {
    let kind = &before.key.group_kind;
    let has_none = replicas(before) == Some(0);
    if !RUNNING.contains(&(&*kind.group, &*kind.kind))
        || has_none
        || !subject.whole.takes_pods_along(before)
        || is_made_anew(&before.node)
        || is_open(before.node.get("metadata")?)
    {
        return None;
    }
    let template = before.node.pointer("/spec/template/metadata/labels")?;
    let root = Field::root(&before.node);
    let spec = root.get("spec")?;
    let selector = spec.get("selector")?;
    if is_open(template) || is_open(selector.node) {
        return None;
    }
    let (labels, selector) = (Labels::of(Some(template)), Selector::of(&selector)?);
    let side = &subject.whole.after;
    let mut others: Vec<Labels> = Vec::new();
    for other in side.all_beside(before).filter(|other| is_there(subject, other)) {
        let found = pods_of(other);
        // What is filled in later may be anything.
        if found.is_none() {
            return None;
        }
        others.extend(found.into_iter().flatten());
    }
    let services = side.beside(before, "", "Service");
    let services: Vec<(&Object, Selector)> =
        services.filter_map(|service| Some((service, selector_of(service)?))).collect();
    let mut had = services.iter().filter(|(_, selector)| selector.matches(&labels)).peekable();
    let text = if had.peek().is_some() {
        let empty = had.filter(|(_, selector)| !others.iter().any(|other| selector.matches(other)));
        let empty: BTreeSet<String> = empty.map(|(one, _)| one.key.name.clone()).collect();
        let services = if empty.len() == 1 { "Service" } else { "Services" };
        (!empty.is_empty()).then(|| format!("is behind {services} {}", listed(&empty)))?
    } else {
        let is_followed =
            subject.after.is_some() || others.iter().any(|other| selector.matches(other));
        (!is_followed).then(|| "has their labels".to_owned())?
    };
    let text = format!("all of its pods stop, and no other workload {text}");
    Some(Consequence { effect: Effect::Outage, text })
}

fn replicas(workload: &Object) -> Option<i64> {
    workload.node.pointer("/spec/replicas").and_then(Node::as_int)
}

/// Whether a workload may have pods.
fn is_there(subject: &Subject<'_, '_>, workload: &Object) -> bool {
    replicas(workload) != Some(0) || scale::scaler_of(&subject.whole.after, workload).is_some()
}

/// The labels of the pods that an object makes, and of a pod itself, if it is to run on; nothing where
/// they are not known.
fn pods_of(object: &Object) -> Option<Vec<Labels>> {
    let kind = &object.key.group_kind;
    let at = match (&*kind.group, &*kind.kind) {
        ("batch", _) => return Some(Vec::new()),
        ("", "Pod") => "/metadata/labels",
        _ => "/spec/template/metadata/labels",
    };
    if let Some(labels) = object.node.pointer(at) {
        return (!is_open(labels)).then(|| vec![Labels::of(Some(labels))]);
    }
    let is_rollout = (&*kind.group, &*kind.kind) == ("argoproj.io", "Rollout");
    match body(object) {
        // The pods of another workload, which may be anywhere.
        _ if is_rollout => None,
        Body::Templates(labels) => Some(labels.into()),
        _ => Some(Vec::new()),
    }
}

/// What a Service selects; nothing where that is none, or not known.
fn selector_of(service: &Object) -> Option<Selector> {
    match body(service) {
        Body::Service(service) if &*service.kind != "ExternalName" => {
            service.selector.map(|it| it.selector)
        }
        _ => None,
    }
}
