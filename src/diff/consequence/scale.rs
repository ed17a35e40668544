//! How many pods there are, and who says so.

use super::address::body;
use super::words::named;
use super::{Consequence, Effect, Subject};
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::facts::{Autoscaler, Body, Bounds};
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// Kinds of which `replicas` says how many pods there are.
const SCALED: [(&str, &str); 4] = [
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("argoproj.io", "Rollout"),
];

/// Kinds that scale others.
const SCALERS: [(&str, &str); 2] =
    [("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject")];

/// What comes of a change for the number of pods.
pub(super) fn of(subject: &Subject<'_, '_>) -> Option<Consequence> {
    let (before, after) = (subject.was(), subject.is());
    let object = after.or(before)?;
    let kind = (&*object.key.group_kind.group, &*object.key.group_kind.kind);
    if [before, after].into_iter().flatten().any(|object| is_open(&object.node)) {
        return None;
    }
    if SCALERS.contains(&kind) {
        return scaler(subject, before, after);
    }
    let (before, after) = before.zip(after).filter(|_| SCALED.contains(&kind))?;
    workload(subject, before, after)
}

fn scale(text: String) -> Option<Consequence> {
    Some(Consequence { effect: Effect::Scale, text })
}

/// What an object scales by the number of pods, and how far.
fn bounds(object: &Object) -> Option<(Autoscaler, u32, u32)> {
    let Body::Autoscaler(scaler) = body(object) else { return None };
    let Bounds::Pods { min, max, .. } = scaler.bounds else { return None };
    Some((*scaler, min, max))
}

fn range(min: u32, max: u32) -> String {
    if min == max { super::words::pods(min) } else { format!("{min} to {max} pods") }
}

fn replicas(object: &Object) -> Option<i64> {
    object.node.pointer("/spec/replicas").and_then(Node::as_int)
}

/// An autoscaler that is new, gone or means another workload, or goes less far.
fn scaler(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Option<Consequence> {
    let [mut old, new] = [before, after].map(|object| object.and_then(bounds));
    // Another may have scaled the same.
    if let (None, Some((scaler, ..)), Some(after)) = (&old, &new, after) {
        old = by(&subject.whole.before, after, &scaler.target).and_then(bounds);
    }
    match (old, new) {
        (None, Some(new)) => scale(begins(subject, after?, &new)?),
        (Some(old), None) => scale(ends(subject, before?, &old)?),
        (Some(old), Some(new)) if old.0.target != new.0.target => {
            let texts = [ends(subject, before?, &old), begins(subject, after?, &new)];
            let texts: Vec<String> = texts.into_iter().flatten().collect();
            if texts.is_empty() { None } else { scale(texts.join("; ")) }
        }
        (Some((_, was_min, was_max)), Some((now, min, max))) if max < was_max => {
            let (_, kind, name) = &now.target;
            let (was, is) = (range(was_min, was_max), range(min, max));
            scale(format!("{kind} `{name}` is scaled to {is} instead of {was}"))
        }
        _ => None,
    }
}

/// A workload that is scaled newly.
fn begins(
    subject: &Subject<'_, '_>,
    after: &Object,
    (scaler, min, max): &(Autoscaler, u32, u32),
) -> Option<String> {
    let starts = matches!(scaler.bounds, Bounds::Pods { starts: true, .. });
    if by(&subject.whole.before, after, &scaler.target).is_some() {
        return None;
    }
    let (group, kind, name) = &scaler.target;
    let mut all = subject.whole.after.beside(after, group, kind);
    let rest = match all.find(|one| *one.key.name == **name).and_then(replicas) {
        // Who took all pods away means it.
        Some(0) if !starts => return None,
        Some(count) => format!(", whatever `replicas: {count}` says"),
        None => String::new(),
    };
    Some(format!("{kind} `{name}` is newly scaled to {}{rest}", range(*min, *max)))
}

/// A workload that is there and scaled no longer.
fn ends(
    subject: &Subject<'_, '_>,
    before: &Object,
    (scaler, min, max): &(Autoscaler, u32, u32),
) -> Option<String> {
    if by(&subject.whole.after, before, &scaler.target).is_some() {
        return None;
    }
    let (group, kind, name) = &scaler.target;
    let mut all = subject.whole.after.beside(before, group, kind);
    let target = all.find(|one| *one.key.name == **name)?;
    let was = range(*min, *max);
    let rest = match replicas(target) {
        Some(count) if count < i64::from(*min) => {
            format!("`replicas: {count}` holds, which is fewer than the {was} before")
        }
        Some(count) => format!("`replicas: {count}` holds instead of {was}"),
        None => format!("it keeps the pods that it has then, of {was}"),
    };
    Some(format!("{kind} `{name}` is scaled no longer: {rest}"))
}

/// What scales the pods of a workload, in one state.
pub(super) fn scaler_of<'s>(side: &Side<'s>, object: &Object) -> Option<&'s Object> {
    let kind = &object.key.group_kind;
    by(side, object, &(&*kind.group, &*kind.kind, &*object.key.name))
}

/// What scales a target in the namespace of an object.
fn by<'s, T: AsRef<str>>(
    side: &Side<'s>,
    beside: &Object,
    target: &(T, T, T),
) -> Option<&'s Object> {
    let (group, kind, name) = (target.0.as_ref(), target.1.as_ref(), target.2.as_ref());
    let mut all = SCALERS.iter().flat_map(|(group, name)| side.beside(beside, group, name));
    all.find(|one| {
        bounds(one).is_some_and(|(scaler, ..)| {
            let (its_group, its_kind, its_name) = &scaler.target;
            (&**its_group, &**its_kind, &**its_name) == (group, kind, name)
        })
    })
}

/// A workload that asks for fewer pods.
fn workload(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Option<Consequence> {
    let (old, new) = (replicas(before), replicas(after));
    let (was, is) = (old.unwrap_or(1), new.unwrap_or(1));
    // What is filled in later may scale it.
    let is_unknown = |side: &Side<'_>| {
        let mut all = SCALERS.iter().flat_map(|(group, name)| side.beside(after, group, name));
        all.any(|one| is_open(&one.node))
    };
    if is_unknown(&subject.whole.before) || is_unknown(&subject.whole.after) {
        return None;
    }
    let by_before = scaler_of(&subject.whole.before, before);
    let by_after = scaler_of(&subject.whole.after, after);
    let gone = "`replicas` is gone, and the API server takes 1 for it where nobody else owns it";
    match (by_before, by_after) {
        // The autoscaler begins at what there is then.
        (None, Some(by)) if old.is_some() && new.is_none() && was > 1 => scale(format!(
            "it asks for 1 instead of {was} pods until {} scales it: {gone}",
            named(&by.key)
        )),
        (None, None) if is < was && is == 0 => {
            let text = format!("all of its pods stop: it asks for 0 instead of {was}");
            Some(Consequence { effect: Effect::Outage, text })
        }
        (None, None) if is < was => {
            let why = if new.is_none() { format!(": {gone}") } else { String::new() };
            scale(format!("it asks for {is} instead of {was} pods{why}"))
        }
        _ => None,
    }
}
