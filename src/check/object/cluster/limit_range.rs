//! LimitRanges.

use crate::check::object::cluster::quota::{container_name, is_native, standard_name};
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, count};
use crate::model::Field;
use crate::model::Quantity;
use crate::yaml::Node;

const LIMIT: &str = "limit-range-invalid";

/// `ValidateLimitRange` of `pkg/apis/core/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    let Some(limits) = spec.get("limits") else { return };
    let mut kinds: Vec<&str> = Vec::new();
    for limit in limits.items() {
        let kind = limit.text("type");
        limit_type(kind, &limit, faults);
        if kinds.contains(&kind) {
            let message = format!("there are limits of type `{kind}` before");
            value::at_or_under(LIMIT, Reason::Duplicate, &limit, "type", message, faults);
        }
        kinds.push(kind);
        limit_item(kind, &limit, faults);
    }
}

/// `validateLimitRangeTypeName`
fn limit_type(kind: &str, limit: &Field<'_>, faults: &mut Faults) {
    let known = ["Pod", "Container", "PersistentVolumeClaim"];
    let wrong = match name::qualified_name(kind) {
        None if kind.contains('/') || known.contains(&kind) => return,
        None => "is none that Kubernetes knows",
        Some(wrong) => wrong,
    };
    let message = format!("the type `{kind}` of limits {wrong}");
    value::at_or_under(LIMIT, Reason::Invalid, limit, "type", message, faults)
        .help("write `Pod`, `Container` or `PersistentVolumeClaim`");
}

const PARTS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

fn limit_item(kind: &str, limit: &Field<'_>, faults: &mut Faults) {
    for part in PARTS {
        let Some(map) = limit.get(part) else { continue };
        if kind == "Pod" && part.starts_with("default") {
            if count(limit, part) > 0 {
                let message = format!("limits of type `Pod` have no `{part}`");
                faults.at_key(LIMIT, Reason::Forbidden, &map, message);
            }
            continue;
        }
        for (resource, amount) in map.entries() {
            if matches!(kind, "Pod" | "Container") {
                container_name(resource, &amount, faults);
            } else {
                standard_name(resource, &amount, faults);
            }
        }
    }
    let written = |part: &str, resource: &str| -> Option<Quantity> {
        value::quantity(limit.node.get(part)?.get(resource)?)
    };
    if kind == "PersistentVolumeClaim" {
        let is_there = |part: &str| {
            limit
                .node
                .get(part)
                .and_then(|map| map.as_map())
                .is_some_and(|map| map.contains_key("storage"))
        };
        if !is_there("min") && !is_there("max") {
            let message = "limits of claims need a `min` or a `max` of `storage`";
            faults.missing(LIMIT, limit, "limits", message);
        }
    }
    let mut resources: Vec<&str> = PARTS
        .iter()
        .filter_map(|part| limit.node.get(part).and_then(Node::as_map))
        .flat_map(|map| map.iter().map(|(key, _)| &*key.name))
        .collect();
    resources.sort_unstable();
    resources.dedup();
    for resource in resources {
        amounts(kind, resource, limit, &written, faults);
    }
}

/// The rules between the amounts of one resource, after `SetDefaults_LimitRangeItem`.
fn amounts(
    kind: &str,
    resource: &str,
    limit: &Field<'_>,
    written: &dyn Fn(&str, &str) -> Option<Quantity>,
    faults: &mut Faults,
) {
    let (min, max) = (written("min", resource), written("max", resource));
    let (mut default, mut request) = (None, None);
    if kind != "Pod" {
        default = written("default", resource);
        request = written("defaultRequest", resource);
    }
    if kind == "Container" {
        default = default.or(max);
        request = request.or(default).or(min);
    }
    let mut above = |part: &str, low: (&str, Option<Quantity>), high: (&str, Option<Quantity>)| {
        if let (Some(less), Some(more)) = (low.1, high.1)
            && less > more
        {
            let message =
                format!("{} of `{resource}` ({less}) is above {} ({more})", low.0, high.0);
            push(limit, part, resource, message, faults);
        }
    };
    above("min", ("the minimum", min), ("the maximum", max));
    above("defaultRequest", ("the minimum", min), ("the default request", request));
    above("defaultRequest", ("the default request", request), ("the maximum", max));
    above("defaultRequest", ("the default request", request), ("the default limit", default));
    above("default", ("the minimum", min), ("the default limit", default));
    above("default", ("the default limit", default), ("the maximum", max));
    if let Some(ratio) = written("maxLimitRequestRatio", resource) {
        if ratio < Quantity::units(1) {
            let message = format!("the ratio of `{resource}` ({ratio}) is below 1");
            push(limit, "maxLimitRequestRatio", resource, message, faults);
        }
        if let (Some(min), Some(max)) = (min, max)
            && ratio_above(ratio, min, max)
        {
            let message = format!("the ratio of `{resource}` ({ratio}) is above {max} by {min}");
            push(limit, "maxLimitRequestRatio", resource, message, faults);
        }
    }
    let exact = !is_native(resource) || resource.starts_with("hugepages-");
    if exact && default.is_some() && request.is_some() && default != request {
        let message = format!("default and default request of `{resource}` must be the same");
        push(limit, "defaultRequest", resource, message, faults);
    }
}

/// Whether a ratio is more than that of two amounts, counted in thousandths as the server does.
#[expect(clippy::cast_precision_loss, reason = "the server counts in floating point too")]
fn ratio_above(ratio: Quantity, min: Quantity, max: Quantity) -> bool {
    const THOUSANDTHS: i128 = (i64::MAX / 1000) as i128;
    let small = [ratio, min, max].iter().all(|amount| amount.value() < THOUSANDTHS);
    let (ratio, min, max) = if small {
        (ratio.milli_value() as f64 / 1000.0, min.milli_value(), max.milli_value())
    } else {
        (ratio.value() as f64, min.value(), max.value())
    };
    ratio > max as f64 / min as f64
}

/// A fault at the amount, or where the default for it comes from.
fn push(limit: &Field<'_>, part: &str, resource: &str, message: String, faults: &mut Faults) {
    let path = format!("{limit}.{part}[{resource}]");
    let map = limit.get(part);
    let entry = map.as_ref().and_then(|map| map.entries().find(|(name, _)| *name == resource));
    let place = entry.as_ref().map_or(limit, |(_, entry)| entry);
    faults.at(LIMIT, Reason::Invalid, place, message).path = path;
}
