//! Classes that only one object can be the default of.

use super::at_text;
use crate::diagnostic::Finding;
use crate::facts::{Body, Cluster, Extent, Object, Place, Plan};
use crate::source::Span;

pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let of = |default: fn(&Object) -> Option<&Place>| {
        let objects = cluster.objects().iter();
        objects.filter_map(|object| Some((object, default(object)?))).collect::<Vec<_>>()
    };
    let storage = of(|object| match &object.body {
        Body::StorageClass(_, place) => place.as_ref(),
        _ => None,
    });
    let priority = of(|object| match &object.body {
        Body::PriorityClass(_, place) => place.as_ref(),
        _ => None,
    });
    if let Some(plan) = cluster.surroundings().plan.as_deref() {
        of_environment(plan, &storage, findings);
    }
    for (first, second) in pairs(cluster, &storage) {
        let message = "a claim without a class gets the one of the two that was made last";
        findings.push(twice("storage-class-default-twice", false, first, second).note(message));
    }
    // That an environment states two is told where it is read.
    let is_stated = |(object, _): &Default<'_>| &*object.unit == "cluster";
    let is_whole = cluster.extent() == Extent::Whole;
    for (first, second) in pairs(cluster, &priority) {
        if is_whole && is_stated(&first) && is_stated(&second) {
            continue;
        }
        let message = "the API server refuses the second one";
        findings.push(twice("priority-class-default-twice", true, first, second).note(message));
    }
}

/// Defaults that the environment, its distribution and its objects make, and parts that come twice.
fn of_environment(plan: &Plan, objects: &[Default<'_>], findings: &mut Vec<Finding>) {
    let declared = plan.default_classes.iter().map(|(name, span)| (&**name, *span));
    let objects = objects.iter().map(|(object, place)| (object.key.name.as_str(), place.span));
    let mut all: Vec<(&str, Span)> = declared.collect();
    let first = all.first().copied();
    // An object that the environment declares as a class is that class.
    all.extend(
        objects.filter(|(name, _)| plan.default_classes.iter().all(|(it, _)| **it != **name)),
    );
    if let (Some((one, at)), Some((other, span))) = (first, all.get(1).copied()) {
        let message = format!("both StorageClass `{one}` and `{other}` are the default");
        findings.push(
            Finding::warning("storage-class-default-twice", message)
                .at(span, "")
                .at(at, "the other default")
                .note("a claim without a class gets the one of the two that was made last")
                .help(format!("switch `{other}` off, or let `{one}` not be the default")),
        );
    }
    for (part, span, release, place) in &plan.doubled {
        let message =
            format!("k3s brings `{part}`, and the release `{release}` brings another one");
        findings.push(
            Finding::error("distribution-part-twice", message)
                .at(*span, "")
                .at(*place, "the other one")
                .note("both want the same names, and each undoes what the other did")
                .help(format!("add `{part}` to `disabled`, or take the release away")),
        );
    }
}

type Default<'c> = (&'c Object, &'c Place);

/// Each one but the first, with the first that surely is in the same cluster.
fn pairs<'c>(cluster: &Cluster, all: &[Default<'c>]) -> Vec<(Default<'c>, Default<'c>)> {
    let mut pairs = Vec::new();
    for (index, second) in all.iter().enumerate() {
        let other = |first: &&Default<'c>| {
            first.0.key.name != second.0.key.name && cluster.surely_share(first.0, second.0)
        };
        if let Some(first) = all[..index].iter().find(other) {
            pairs.push((*first, *second));
        }
    }
    pairs
}

fn twice(
    id: &'static str,
    is_error: bool,
    (first, at): Default<'_>,
    (second, place): Default<'_>,
) -> Finding {
    let kind = &second.key.group_kind.kind;
    let (one, other) = (&first.key.name, &second.key.name);
    let message = format!("both {kind} `{one}` and `{other}` are the default");
    let finding =
        if is_error { Finding::error(id, message) } else { Finding::warning(id, message) };
    at_text(finding, second, place)
        .at(at.span, "the other default")
        .help(format!("let `{one}` or `{other}` be the default, not both"))
}
