//! How syncs that failed are tried again: `NextRetryAt` and `parseStringToDuration` in
//! `pkg/apis/application/v1alpha1/types.go` of Argo CD.

use crate::cel::clock::parse_duration;
use crate::check::object::fault::Faults;
use crate::load::manifest::is_placeholder;
use crate::model::Field;
use crate::yaml::Value;

const ID: &str = "retry-duration-invalid";

/// Checks the durations of an Application that has syncs tried again: where a sync fails first, one that
/// cannot be read ends the operation (`processRequestedAppOperation` in `controller/appcontroller.go`).
pub(super) fn check(spec: &Field<'_>, faults: &mut Faults) {
    let Some(policy) = spec.get("syncPolicy") else { return };
    let Some(retry) = policy.get("retry") else { return };
    let is_off = retry.get("limit").is_none_or(|limit| match &limit.node.value {
        Value::Int(count) => *count == 0,
        _ => false,
    });
    let Some(backoff) = retry.get("backoff").filter(|_| !is_off) else { return };
    for name in ["duration", "maxDuration"] {
        let Some(field) = backoff.get(name) else { continue };
        let text = field.node.as_str().unwrap_or_default();
        let is_open = text.is_empty() || is_placeholder(text);
        if is_open || text.parse::<i64>().is_ok() || parse_duration(text).is_some() {
            continue;
        }
        let fault = faults.warn(ID, &field, format!("`{text}` is no duration"));
        fault.note = Some("then Argo CD does not try a sync again that failed");
        fault.help("write numbers with `s`, `m` or `h`, such as `90s` or `1h30m`");
    }
}
