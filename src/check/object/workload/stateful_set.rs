//! StatefulSets.

use crate::check::object::fault::{Fault, Faults, Reason};
use crate::check::object::pod::template;
use crate::check::object::storage::class;
use crate::check::object::value;
use crate::check::object::value::amount::{self, Amount};
use crate::check::object::value::name;
use crate::check::object::workload::controller::{not_negative, spec, type_unknown};
use crate::model::Field;

const METADATA: &str = "spec.template.metadata";
const STRATEGY: &str = "strategy-invalid";

/// `ValidateStatefulSetSpec` of `pkg/apis/apps/validation/validation.go`. Before 1.33 the server did
/// not look at `serviceName`.
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, "selector", faults) else { return };
    not_negative(&spec, &["replicas", "minReadySeconds"], faults);
    if let Some(ordinals) = spec.get("ordinals") {
        not_negative(&ordinals, &["start"], faults);
    }
    if faults.since(33) {
        value::form("name-invalid", &spec, "serviceName", name::dns_label, faults);
    }
    pod_management(&spec, faults);
    if let Some(strategy) = spec.get("updateStrategy") {
        update_strategy(&strategy, faults);
    }
    if let Some(policy) = spec.get("persistentVolumeClaimRetentionPolicy") {
        for name in ["whenDeleted", "whenScaled"] {
            value::word_or_empty(value::UNKNOWN, &policy, name, &["Retain", "Delete"], faults);
        }
    }
    let before = faults.found.len();
    if let Some(claims) = spec.get("volumeClaimTemplates") {
        for claim in claims.items() {
            claim_name(&claim, faults);
            class::claim(&claim, true, faults);
        }
    }
    template::check_stateful(&spec, faults);
    if !faults.since(34) {
        of_controller(&mut faults.found[before..]);
    }
    template::selected(&spec, faults);
    template::runs_forever(&spec, faults);
}

/// Before 1.34 the server looked at neither claims nor pods of a StatefulSet, but for the metadata
/// of the latter (`ValidatePodTemplateSpecForStatefulSet` there): it takes the StatefulSet, and then
/// refuses what the controller makes from it.
fn of_controller(faults: &mut [Fault]) {
    for fault in faults.iter_mut().filter(|fault| !fault.path.starts_with(METADATA)) {
        fault.reason = None;
    }
}

/// The name of a claim becomes that of a volume of the pods: `volumesToAddForTemplates` of the same
/// file.
fn claim_name(claim: &Field<'_>, faults: &mut Faults) {
    let Some(metadata) = claim.get("metadata") else {
        let message = value::needs(claim, "metadata.name");
        faults.missing("name-missing", claim, "metadata.name", message);
        return;
    };
    if value::required("name-missing", &metadata, "name", faults).is_some() {
        value::form("name-invalid", &metadata, "name", name::dns_label, faults);
    }
}

fn pod_management(spec: &Field<'_>, faults: &mut Faults) {
    let text = spec.text("podManagementPolicy");
    if let Some(field) = spec.get("podManagementPolicy")
        && !matches!(text, "" | "OrderedReady" | "Parallel")
    {
        let message = format!("`podManagementPolicy` may not be `{text}`");
        faults
            .at(value::UNKNOWN, Reason::Invalid, &field, message)
            .help("write `OrderedReady` or `Parallel`");
    }
}

/// The update strategy of the same file.
fn update_strategy(strategy: &Field<'_>, faults: &mut Faults) {
    let rolling = strategy.get("rollingUpdate");
    match (strategy.text("type"), rolling) {
        ("" | "RollingUpdate", Some(rolling)) => rolling_update(&rolling, faults),
        ("OnDelete", Some(rolling)) => {
            let message = "`OnDelete` takes no `rollingUpdate`";
            faults
                .at_key(STRATEGY, Reason::Invalid, &rolling, message)
                .help("remove `rollingUpdate`, or write `type: RollingUpdate`");
        }
        ("" | "RollingUpdate" | "OnDelete", None) => {}
        _ => type_unknown(strategy, &["RollingUpdate", "OnDelete"], Reason::Invalid, faults),
    }
}

/// `validateRollingUpdateStatefulSet` of the same file
fn rolling_update(rolling: &Field<'_>, faults: &mut Faults) {
    not_negative(rolling, &["partition"], faults);
    let Some(unavailable) = rolling.get("maxUnavailable") else { return };
    amount::check(&unavailable, faults);
    if Amount::read(&unavailable).is_zero() {
        let message = "`maxUnavailable` may not be 0: nothing could change";
        faults
            .at(STRATEGY, Reason::Invalid, &unavailable, message)
            .help("write at least 1, which is also what holds without it");
    }
    amount::not_over_all(&unavailable, faults);
}
