//! Deployments, DaemonSets, ReplicaSets and ReplicationControllers.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::template;
use crate::check::object::value;
use crate::check::object::value::amount::{self, Amount};
use crate::model::Field;

const STRATEGY: &str = "strategy-invalid";
const NUMBER: &str = "number-out-of-range";

/// `ValidateDeploymentSpec` of `pkg/apis/apps/validation/validation.go`
pub(crate) fn deployment(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, "selector", faults) else { return };
    not_negative(&spec, &["replicas", "minReadySeconds", "revisionHistoryLimit"], faults);
    template::selected(&spec, faults);
    template::check(&spec, faults);
    template::runs_forever(&spec, faults);
    if let Some(strategy) = spec.get("strategy") {
        deployment_strategy(&strategy, faults);
    }
    progress_deadline(&spec, faults);
}

/// `ValidateControllerRevisionCreate` of the same file.
pub(crate) fn revision(object: &Field<'_>, faults: &mut Faults) {
    const ID: &str = "revision-invalid";
    let data = object.get("data");
    // Not looked at before 1.31.
    if faults.since(31) && data.is_none_or(|data| data.node.as_map().is_none()) {
        let message = "`data` must be an object".to_owned();
        value::at_or_under(ID, Reason::Required, object, "data", message, faults);
    }
    value::range(ID, object, "revision", 0..=i64::MAX, faults);
}

fn progress_deadline(spec: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "progressDeadlineSeconds";
    let ready = value::number(spec, "minReadySeconds").unwrap_or(0);
    let deadline = value::number(spec, NAME).unwrap_or(600);
    if deadline <= ready {
        let message =
            format!("the deadline for progress, {deadline} s, must be above `minReadySeconds`");
        value::at_or_under(NUMBER, Reason::Invalid, spec, NAME, message, faults)
            .help(format!("write `{NAME}` with more than {ready}"));
    } else if deadline < 0 {
        not_negative(spec, &[NAME], faults);
    }
}

/// `ValidateDeploymentStrategy` of the same file.
fn deployment_strategy(strategy: &Field<'_>, faults: &mut Faults) {
    let rolling = strategy.get("rollingUpdate");
    match (strategy.text("type"), rolling) {
        ("" | "RollingUpdate", Some(rolling)) => rolling_update(&rolling, faults),
        ("Recreate", Some(rolling)) => {
            let message = "`Recreate` takes no `rollingUpdate`";
            faults
                .at_key(STRATEGY, Reason::Forbidden, &rolling, message)
                .help("remove `rollingUpdate`, or write `type: RollingUpdate`");
        }
        ("" | "RollingUpdate" | "Recreate", None) => {}
        _ => type_unknown(strategy, &["RollingUpdate", "Recreate"], Reason::NotSupported, faults),
    }
}

/// `ValidateRollingUpdateDeployment` of the same file, with the defaults of 25 %.
fn rolling_update(rolling: &Field<'_>, faults: &mut Faults) {
    let unavailable = rolling.get("maxUnavailable");
    let surge = rolling.get("maxSurge");
    for field in unavailable.iter().chain(&surge) {
        amount::check(field, faults);
    }
    if let (Some(unavailable), Some(surge)) = (&unavailable, &surge)
        && Amount::read(unavailable).is_zero()
        && Amount::read(surge).is_zero()
    {
        let message = "`maxUnavailable` and `maxSurge` may not both be 0: nothing could change";
        faults
            .at(STRATEGY, Reason::Invalid, unavailable, message)
            .help("raise one of the two, or write `type: Recreate`");
    }
    if let Some(unavailable) = &unavailable {
        amount::not_over_all(unavailable, faults);
    }
}

/// `ValidateDaemonSetSpec` of the same file.
pub(crate) fn daemon_set(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, "template.metadata.labels", faults) else { return };
    template::selected(&spec, faults);
    // Without a selector no labels are selected, and that is what the server says.
    if spec.get("selector").is_none()
        && let Some(fault) = faults.found.last_mut()
    {
        fault.reason = Some(Reason::Invalid);
        fault.path = format!("{spec}.template.metadata.labels");
    }
    template::check(&spec, faults);
    template::runs_forever(&spec, faults);
    not_negative(&spec, &["minReadySeconds", "revisionHistoryLimit"], faults);
    if let Some(strategy) = spec.get("updateStrategy") {
        daemon_set_strategy(&strategy, faults);
    }
}

/// `ValidateDaemonSetUpdateStrategy` of the same file.
fn daemon_set_strategy(strategy: &Field<'_>, faults: &mut Faults) {
    match strategy.text("type") {
        "" | "RollingUpdate" => {
            if let Some(rolling) = strategy.get("rollingUpdate") {
                daemon_set_rolling_update(&rolling, faults);
            }
        }
        "OnDelete" => {}
        _ => {
            type_unknown(strategy, &["RollingUpdate", "OnDelete"], Reason::NotSupported, faults);
        }
    }
}

/// `ValidateRollingUpdateDaemonSet` of the same file, with the defaults of 1 and 0.
fn daemon_set_rolling_update(rolling: &Field<'_>, faults: &mut Faults) {
    let unavailable = rolling.get("maxUnavailable");
    let surge = rolling.get("maxSurge");
    for field in unavailable.iter().chain(&surge) {
        amount::check(field, faults);
        amount::not_over_all(field, faults);
    }
    let has_unavailable = unavailable.is_none_or(|field| !Amount::read(&field).is_zero());
    let has_surge = surge.is_some_and(|field| !Amount::read(&field).is_zero());
    if has_unavailable && has_surge {
        let message = "`maxSurge` takes `maxUnavailable: 0`".to_owned();
        value::at_or_under(STRATEGY, Reason::Invalid, rolling, "maxSurge", message, faults)
            .help("write `maxUnavailable: 0`, which is 1 when it is left out");
    } else if !has_unavailable && !has_surge {
        let message = "`maxUnavailable` and `maxSurge` may not both be 0: nothing could change";
        let message = message.to_owned();
        value::at_or_under(STRATEGY, Reason::Required, rolling, "maxUnavailable", message, faults)
            .help("raise one of the two");
    }
}

/// `ValidateReplicaSetSpec` of the same file.
pub(crate) fn replica_set(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, "selector", faults) else { return };
    not_negative(&spec, &["replicas", "minReadySeconds"], faults);
    template::selected(&spec, faults);
    template::check(&spec, faults);
    template::runs_forever(&spec, faults);
}

/// `ValidateReplicationControllerSpec` of `pkg/apis/core/validation/validation.go`; where there is
/// no selector, the labels of the template are it.
pub(crate) fn replication_controller(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, "selector", faults) else { return };
    not_negative(&spec, &["replicas", "minReadySeconds"], faults);
    if spec.get("template").is_none() {
        let message = value::needs(&spec, "template");
        faults.missing("template-missing", &spec, "template", message);
        return;
    }
    if value::count(&spec, "selector") > 0 {
        if let Some(selector) = spec.get("selector") {
            template::contains(&spec, &selector, faults);
        }
    } else if template::labels(&spec).as_map().is_none_or(|labels| labels.is_empty()) {
        template::missing_selector(&spec, faults);
    }
    template::check(&spec, faults);
    template::runs_forever(&spec, faults);
}

/// The spec of an object, and a fault where it has none: for the server, what is missing is the
/// first field that it needs of it.
pub(crate) fn spec<'a>(
    object: &'a Field<'a>,
    first: &str,
    faults: &mut Faults,
) -> Option<Field<'a>> {
    let spec = object.get("spec");
    if spec.is_none() {
        let name = format!("spec.{first}");
        faults.missing("spec-missing", object, &name, value::needs(object, "spec"));
    }
    spec
}

/// `ValidateNonnegativeField` of `k8s.io/apimachinery/pkg/api/validation`
pub(crate) fn not_negative(parent: &Field<'_>, names: &[&str], faults: &mut Faults) {
    for name in names {
        value::range(NUMBER, parent, name, 0..=i64::MAX, faults);
    }
}

/// A strategy of a type that the server does not know, which it ascribes to the strategy.
pub(crate) fn type_unknown(
    strategy: &Field<'_>,
    known: &[&str],
    reason: Reason,
    faults: &mut Faults,
) {
    let text = strategy.text("type");
    let message = format!("`{text}` is no strategy of this kind");
    if let Some(kind) = strategy.get("type") {
        faults
            .entry(STRATEGY, reason, strategy, &kind, message)
            .help(format!("write {}", value::or_list(known)));
    }
}
