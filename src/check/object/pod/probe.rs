//! Probes of containers, and what runs after their start and before their stop.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::container::Pod;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;
use crate::yaml::Value;

const HANDLER: &str = "handler-invalid";
const PROBE: &str = "probe-invalid";

/// Probes of a container, and whether one success must be enough for each.
pub(crate) const PROBES: [(&str, bool); 3] =
    [("livenessProbe", true), ("readinessProbe", false), ("startupProbe", true)];

/// `validateLivenessProbe`, `validateReadinessProbe`, `validateStartupProbe` and
/// `validateLifecycle` of `pkg/apis/core/validation/validation.go`
pub(crate) fn check(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    for (name, once) in PROBES {
        if let Some(probe) = container.get(name) {
            self::probe(&probe, name, once, pod, faults);
        }
    }
    let Some(lifecycle) = container.get("lifecycle") else { return };
    for name in ["postStart", "preStop"] {
        if let Some(hook) = lifecycle.get(name) {
            handler(&hook, name, &["exec", "httpGet", "tcpSocket", "sleep"], pod, faults);
        }
    }
}

/// `validateProbe`
fn probe(probe: &Field<'_>, name: &str, once: bool, pod: &Pod<'_>, faults: &mut Faults) {
    handler(probe, name, &["exec", "httpGet", "tcpSocket", "grpc"], pod, faults);
    for number in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        value::range(PROBE, probe, number, 0..=i64::MAX, faults);
    }
    // Zero is the default, which is one.
    if let Some(field) = probe.get("successThreshold")
        && once
        && value::number(probe, "successThreshold").is_some_and(|number| number > 1)
    {
        let message = format!("`successThreshold` of a `{name}` must be 1");
        faults.at(PROBE, Reason::Invalid, &field, message).help("leave it out");
    }
    let Some(field) = probe.get("terminationGracePeriodSeconds") else { return };
    if once {
        value::range(PROBE, probe, "terminationGracePeriodSeconds", 1..=i64::MAX, faults);
    } else {
        let message = format!("a `{name}` ends no container, so it has no grace period");
        faults
            .at_key(PROBE, Reason::Invalid, &field, message)
            .help("remove `terminationGracePeriodSeconds`");
    }
}

/// `validateHandler`
fn handler(parent: &Field<'_>, name: &str, kinds: &[&str], pod: &Pod<'_>, faults: &mut Faults) {
    let mut found = None;
    for kind in kinds {
        let Some(action) = parent.get(kind) else { continue };
        if let Some(first) = found {
            let message = format!("`{name}` has both `{first}` and `{kind}`");
            faults.at_key(HANDLER, Reason::Forbidden, &action, message).help("keep one of them");
            continue;
        }
        found = Some(*kind);
        match *kind {
            "exec" if value::list(&action, "command").is_empty() => {
                value::missing(HANDLER, &action, "command", faults);
            }
            "httpGet" => http_get(&action, faults),
            "tcpSocket" | "grpc" => port(&action, faults),
            "sleep" => sleep(&action, pod, faults),
            _ => {}
        }
    }
    if found.is_none() {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        faults
            .at_key(HANDLER, Reason::Required, parent, format!("`{name}` does not say what to do"))
            .help(format!("write one of {}", kinds.join(", ")));
    }
}

/// `validateHTTPGetAction`
fn http_get(action: &Field<'_>, faults: &mut Faults) {
    port(action, faults);
    value::word_or_empty(value::UNKNOWN, action, "scheme", &["HTTP", "HTTPS"], faults);
    let Some(headers) = action.get("httpHeaders") else { return };
    for header in headers.items() {
        let name = header.text("name");
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if name.is_empty() || !name.bytes().all(good) {
            let message = format!("header `{name}` must be letters, digits and `-`");
            faults.entry(HANDLER, Reason::Invalid, &headers, &header, message);
        }
    }
}

/// `ValidatePortNumOrName`
fn port(action: &Field<'_>, faults: &mut Faults) {
    let Some(field) = action.get("port") else {
        // To the server it is 0.
        let message = format!("`{action}` needs `port`");
        faults.missing(HANDLER, action, "port", message).reason = Some(Reason::Invalid);
        return;
    };
    let (said, wrong) = match &field.node.value {
        Value::Int(number) if (1..=65535).contains(number) => return,
        Value::Int(number) => (number.to_string(), Some("must be between 1 and 65535")),
        Value::String(text) => (text.to_string(), name::port_name(text)),
        _ => return,
    };
    if let Some(wrong) = wrong {
        faults.at("port-invalid", Reason::Invalid, &field, format!("port `{said}` {wrong}"));
    }
}

/// `validateSleepAction`
fn sleep(action: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    let seconds = value::number(action, "seconds").unwrap_or_default();
    // `PodLifecycleSleepActionAllowZero`
    let least = if faults.since(33) { 0 } else { 1 };
    if seconds < least {
        let message = format!("a sleep must take at least {least} seconds, not {seconds}");
        faults.at(HANDLER, Reason::Invalid, action, message).help("sleep longer, or not at all");
    } else if seconds > pod.grace {
        let message = format!(
            "a sleep of {seconds} seconds does not fit into the pod's grace period of {}",
            pod.grace
        );
        faults
            .at(HANDLER, Reason::Invalid, action, message)
            .help("sleep less, or raise `terminationGracePeriodSeconds`");
    }
}
