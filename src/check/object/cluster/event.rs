//! Events, in both their groups.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;

const ID: &str = "event-invalid";

/// `legacyValidateEvent` of `pkg/apis/core/validation/events.go`
pub(crate) fn core(object: &Field<'_>, faults: &mut Faults) {
    common(object, "involvedObject", "reportingComponent", "message", faults);
}

/// `ValidateEventCreate` of the same file
pub(crate) fn event(object: &Field<'_>, faults: &mut Faults) {
    common(object, "regarding", "reportingController", "note", faults);
    if let Some(series) = object.get("series") {
        if value::number(&series, "count").unwrap_or(0) < 2 {
            let message = "a series has at least two events".to_owned();
            value::at_or_under(ID, Reason::Invalid, &series, "count", message, faults);
        }
        if !value::has(&series, "lastObservedTime") {
            value::missing(ID, &series, "lastObservedTime", faults);
        }
    }
    if !value::has(object, "eventTime") {
        value::missing(ID, object, "eventTime", faults);
    }
    if !matches!(object.text("type"), "Normal" | "Warning") {
        let message = "`type` must be `Normal` or `Warning`".to_owned();
        value::at_or_under(ID, Reason::Invalid, object, "type", message, faults);
    }
    for (ours, theirs) in [
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
        ("deprecatedSource", "source"),
    ] {
        let Some(field) = object.get(ours) else { continue };
        let empty = value::number(object, ours) == Some(0)
            || (ours == "deprecatedSource"
                && ["component", "host"].iter().all(|name| field.text(name).is_empty()));
        if !empty {
            let message = format!("`{ours}` has no place in `events.k8s.io`");
            let fault = faults.at(ID, Reason::Invalid, &field, message);
            fault.path = theirs.to_owned();
        }
    }
}

fn common(object: &Field<'_>, regarding: &str, controller: &str, note: &str, faults: &mut Faults) {
    let own = object.node.pointer("/metadata/namespace").and_then(|node| node.as_str());
    let own = own.filter(|own| !own.is_empty()).unwrap_or("default");
    let regarded = object.get(regarding);
    let other = regarded.as_ref().map(|field| field.text("namespace")).unwrap_or_default();
    let is_new = value::has(object, "eventTime");
    let agree = match other {
        "" => own == "default" || (is_new && own == "kube-system"),
        other => is_new || other == own,
    };
    if !agree {
        let message = format!("the event lies in `{own}`, what it regards in `{other}`");
        let place = regarded.as_ref().unwrap_or(object);
        let fault = faults.at(ID, Reason::Invalid, place, message);
        fault.path = "involvedObject.namespace".to_owned();
    }
    if !is_new {
        return;
    }
    value::text_of_form(ID, object, controller, name::qualified_name, faults);
    for name in ["reportingInstance", "action", "reason"] {
        value::required(ID, object, name, faults);
        longest(object, name, 128, faults);
    }
    longest(object, note, 1024, faults);
}

fn longest(object: &Field<'_>, name: &str, most: usize, faults: &mut Faults) {
    if let Some(field) = object.get(name).filter(|_| object.text(name).len() > most) {
        let message = format!("`{name}` may have {most} characters at most");
        let fault = faults.at(ID, Reason::Invalid, &field, message);
        if name == "note" {
            fault.path = "message".to_owned();
        }
    }
}
