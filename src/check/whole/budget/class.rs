//! Classes that only one object can be the default of.

use super::at_text;
use crate::diagnostic::Finding;
use crate::facts::budget::together;
use crate::facts::{Body, Cluster, Object, Place};

pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let of = |default: fn(&Object) -> Option<&Place>| {
        let objects = cluster.objects().iter();
        objects.filter_map(|object| Some((object, default(object)?))).collect::<Vec<_>>()
    };
    let storage = of(|object| match &object.body {
        Body::StorageClass(place) => place.as_ref(),
        _ => None,
    });
    let priority = of(|object| match &object.body {
        Body::PriorityClass(_, place) => place.as_ref(),
        _ => None,
    });
    for (first, second) in pairs(cluster, &storage) {
        let message = "a claim without a class gets the one of the two that was made last";
        findings.push(twice("storage-class-default-twice", false, first, second).note(message));
    }
    for (first, second) in pairs(cluster, &priority) {
        let message = "the API server refuses the second one";
        findings.push(twice("priority-class-default-twice", true, first, second).note(message));
    }
}

type Default<'c> = (&'c Object, &'c Place);

/// Each one but the first, with the first that surely is in the same cluster.
fn pairs<'c>(cluster: &Cluster, all: &[Default<'c>]) -> Vec<(Default<'c>, Default<'c>)> {
    let mut pairs = Vec::new();
    for (index, second) in all.iter().enumerate() {
        let other = |first: &&Default<'c>| {
            first.0.key.name != second.0.key.name && together(cluster, first.0, second.0)
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
