//! The metrics that a HorizontalPodAutoscaler looks at.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::workload::autoscaling::{Versions, reference};
use crate::model::Field;
use crate::model::Quantity;

const ID: &str = "scaling-metric-invalid";

/// The types of metrics and the fields that they fill, in the order in which the server looks.
const SOURCES: [(&str, &str); 5] = [
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

/// `validateMetricSpec` of `pkg/apis/autoscaling/validation/validation.go`
pub(crate) fn check(metric: &Field<'_>, versions: Versions, faults: &mut Faults) {
    let kind = metric.text("type");
    let wanted = SOURCES.iter().find(|(known, _)| *known == kind).map(|(_, field)| *field);
    let known = SOURCES.map(|(kind, _)| kind);
    if value::required(ID, metric, "type", faults).is_some() {
        value::word(ID, metric, "type", &known, faults);
    }
    let mut sources = SOURCES.iter().filter_map(|(_, name)| Some((*name, metric.get(name)?)));
    let first = sources.next();
    let more: Vec<_> = sources.collect();
    // Of several the server looks at the first alone.
    if let Some((name, source)) = &first {
        self::source(name, source, versions, faults);
    }
    if let Some(wanted) = wanted.filter(|wanted| metric.get(wanted).is_none()) {
        let message = format!("a metric of type `{kind}` needs `{wanted}`");
        faults.missing(ID, metric, wanted, message);
    }
    if more.is_empty() {
        return;
    }
    for (name, source) in first.iter().chain(&more) {
        if wanted != Some(*name) {
            let message = format!("a metric has one source, so not `{name}` too");
            faults
                .at_key(ID, Reason::Forbidden, source, message)
                .help("make it an item of its own under `metrics`");
        }
    }
}

fn source(name: &str, source: &Field<'_>, versions: Versions, faults: &mut Faults) {
    match name {
        "object" => {
            match source.get("describedObject") {
                Some(object) => reference(&object, versions, faults),
                None => {
                    let message = value::needs(source, "describedObject");
                    faults.missing(ID, source, "describedObject.kind", message);
                }
            }
            identifier(source, faults);
            let target = target(source, faults);
            one_of(source, target.as_ref(), &["averageValue", "value"], false, faults);
        }
        "external" => {
            identifier(source, faults);
            let target = target(source, faults);
            one_of(source, target.as_ref(), &["averageValue", "value"], true, faults);
        }
        "pods" => {
            identifier(source, faults);
            let target = target(source, faults);
            one_of(source, target.as_ref(), &["averageValue"], false, faults);
        }
        _ => {
            value::required(ID, source, "name", faults);
            if name == "containerResource" {
                container_resource(source, faults);
            }
            let target = target(source, faults);
            one_of(source, target.as_ref(), &["averageUtilization", "averageValue"], true, faults);
        }
    }
}

/// `validateMetricIdentifier` of the same file.
fn identifier(source: &Field<'_>, faults: &mut Faults) {
    let Some(metric) = source.get("metric") else {
        let message = value::needs(source, "metric");
        faults.missing(ID, source, "metric.name", message);
        return;
    };
    if value::required(ID, &metric, "name", faults).is_some() {
        value::form(ID, &metric, "name", name::path_segment, faults);
    }
}

/// `validateContainerResourceSource` of the same file.
fn container_resource(source: &Field<'_>, faults: &mut Faults) {
    if value::required(ID, source, "container", faults).is_some() {
        value::form(ID, source, "container", name::dns_label, faults);
    }
    let text = source.text("name");
    let standard = matches!(text, "cpu" | "memory" | "ephemeral-storage" | "")
        || text.starts_with("hugepages-");
    if let Some(field) = source.get("name") {
        if let Some(wrong) = name::qualified_name(text).filter(|_| !text.is_empty()) {
            faults.at(ID, Reason::Invalid, &field, format!("resource `{text}` {wrong}"));
        } else if !standard && !text.contains('/') {
            let message = format!("containers have no resource `{text}`");
            faults
                .at(ID, Reason::Invalid, &field, message)
                .help("write `cpu`, `memory`, `ephemeral-storage` or a name with a domain");
        }
    }
}

/// `validateMetricTarget` of the same file.
fn target<'a>(source: &'a Field<'a>, faults: &mut Faults) -> Option<Field<'a>> {
    let Some(target) = source.get("target") else {
        faults.missing(ID, source, "target.type", value::needs(source, "target"));
        return None;
    };
    if let Some(text) = value::required(ID, &target, "type", faults)
        && !matches!(text, "Utilization" | "Value" | "AverageValue")
        && let Some(field) = target.get("type")
    {
        faults
            .at(ID, Reason::Invalid, &field, format!("`{text}` is no type of target"))
            .help("write `Utilization`, `Value` or `AverageValue`");
    }
    for name in ["value", "averageValue"] {
        if let Some(field) = target.get(name)
            && value::quantity(field.node).is_some_and(|amount| amount <= Quantity::ZERO)
        {
            faults.at(ID, Reason::Invalid, &field, format!("`{name}` must be above 0"));
        }
    }
    value::range(ID, &target, "averageUtilization", 1..=i64::from(i32::MAX), faults);
    Some(target)
}

/// A target has one of a few amounts, and perhaps not two. Of those that are missing the server
/// names the first, of those that are too many the second.
fn one_of(
    source: &Field<'_>,
    target: Option<&Field<'_>>,
    names: &[&str],
    alone: bool,
    faults: &mut Faults,
) {
    // Without a target there is a fault that says so.
    let Some(target) = target else { return };
    let there: Vec<_> = names.iter().filter_map(|name| target.get(name)).collect();
    match there.as_slice() {
        [] => {
            let message = format!("`{source}.target` needs {}", value::or_list(names));
            faults.missing(ID, target, names.first().unwrap_or(&"value"), message);
        }
        [_, second, ..] if alone => {
            let message = format!("a target has {}, not both", value::or_list(names));
            faults.at(ID, Reason::Forbidden, second, message).help("remove one of the two");
        }
        _ => {}
    }
}
