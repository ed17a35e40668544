//! Workloads that go with all of their pods.

use std::collections::BTreeSet;

use super::behind::{pods_of, selector_of};
use super::words::listed;
use super::{Consequence, Effect, Subject, scale};
use crate::argocd::is_made_anew;
use crate::diff::snapshot::Object;
use crate::diff::whole::{Side, is_beside};
use crate::load::manifest::is_open;
use crate::model::{Field, Labels, ObjectKey, Selector};
use crate::yaml::Node;

/// Kinds whose pods are meant to run on, and pods themselves.
const RUNNING: [(&str, &str); 7] = [
    ("", "Pod"),
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("argoproj.io", "Rollout"),
];

/// What it means that a workload is deleted: nothing where it had no pods, or others take their place.
/// The Services that had them decide, by what they select then; where none had, those do that have their
/// labels, or the workload's own successor under another name. What may be in another namespace may take
/// their place, too. What somebody else owns goes and comes with that, and a pod that may end by itself, or
/// that no Service has, is not missed for sure.
pub(super) fn of(subject: &Subject<'_, '_>, before: &Object) -> Option<Consequence> {
    let kind = &before.key.group_kind;
    let kind = (&*kind.group, &*kind.kind);
    let is_pod = kind == ("", "Pod");
    let has_none = replicas(before) == Some(0);
    let goes = match is_pod {
        true => subject.whole.is_deleted(before) && runs_on(before),
        false => subject.whole.takes_pods_along(before),
    };
    if !RUNNING.contains(&kind)
        || has_none
        || !goes
        || is_made_anew(&before.node)
        || is_open(before.node.get("metadata")?)
        || before.node.pointer("/metadata/ownerReferences").is_some()
    {
        return None;
    }
    let labels = pods_of(before)?.pop()?;
    let selector = match kind.0 {
        // What a ReplicationController selects is like the labels of its pods.
        "" => Selector::exact(labels.clone()),
        _ => {
            let root = Field::root(&before.node);
            let spec = root.get("spec")?;
            let selector = spec.get("selector")?;
            (!is_open(selector.node)).then(|| Selector::of(&selector))??
        }
    };
    let side = &subject.whole.after;
    let mut others: Vec<Labels> = Vec::new();
    for other in side.may_be_beside(before).filter(|other| is_there(subject, other)) {
        // What is filled in later may be anything.
        others.extend(pods_of(other)?);
    }
    let had_before: BTreeSet<&ObjectKey> = services(&subject.whole.before, before)
        .filter(|(_, selector)| selector.matches(&labels))
        .map(|(service, _)| &service.key)
        .collect();
    let had = services(side, before).filter(|(service, selector)| {
        had_before.contains(&service.key) || selector.matches(&labels)
    });
    let has_pods =
        |(_, selector): &(&Object, Selector)| others.iter().any(|other| selector.matches(other));
    let (full, empty): (Vec<_>, Vec<_>) = had.partition(has_pods);
    let empty = empty.iter().filter(|(service, _)| is_beside(before, service));
    let empty: BTreeSet<String> = empty.map(|(one, _)| one.key.name.clone()).collect();
    let text = if !empty.is_empty() {
        let services = if empty.len() == 1 { "Service" } else { "Services" };
        format!("is behind {services} {}", listed(&empty))
    } else {
        let is_followed = !full.is_empty()
            || subject.after.is_some()
            || is_pod
            || others.iter().any(|other| selector.matches(other));
        (!is_followed).then(|| "has their labels".to_owned())?
    };
    let text = format!("all of its pods stop, and no other workload {text}");
    Some(Consequence { effect: Effect::Outage, text })
}

/// The Services that may be in the namespace of a workload, with what they select.
fn services<'s, 'w>(
    side: &'w Side<'s>,
    workload: &'w Object,
) -> impl Iterator<Item = (&'s Object, Selector)> + use<'s, 'w> {
    side.may_be_beside(workload).filter_map(|service| Some((service, selector_of(service)?)))
}

/// Whether a pod is meant to run until it is deleted: `restartPolicy` is `Always` where none is stated.
fn runs_on(pod: &Object) -> bool {
    let policy = pod.node.pointer("/spec/restartPolicy");
    policy.is_none_or(|policy| policy.as_str() == Some("Always"))
}

pub(super) fn replicas(workload: &Object) -> Option<i64> {
    workload.node.pointer("/spec/replicas").and_then(Node::as_int)
}

/// Whether a workload may have pods.
fn is_there(subject: &Subject<'_, '_>, workload: &Object) -> bool {
    replicas(workload) != Some(0) || scale::scaler_of(&subject.whole.after, workload).is_some()
}
