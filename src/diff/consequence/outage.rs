//! Workloads that go with all of their pods.

use std::collections::BTreeSet;

use super::behind::{pods_of, selector_of};
use super::words::listed;
use super::{Consequence, Effect, Subject, scale};
use crate::argocd::is_made_anew;
use crate::diff::snapshot::Object;
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
        // What is filled in later may be anything.
        others.extend(pods_of(other)?);
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
