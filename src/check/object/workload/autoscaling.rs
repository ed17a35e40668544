//! HorizontalPodAutoscalers.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::workload::controller::spec;
use crate::check::object::workload::metric;
use crate::model::Field;
use crate::model::Quantity;
use crate::yaml::Node;

const REPLICAS: &str = "replicas-invalid";
const TARGET: &str = "reference-invalid";
const BEHAVIOR: &str = "scaling-behavior-invalid";

/// What may stand as `apiVersion` of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    /// Group and version, which the server wants of a target since 1.34.
    Grouped,
    /// The same, or a version of the core group.
    Any,
    /// Anything, as before.
    Unread,
}

/// `validateHorizontalPodAutoscalerSpec` of `pkg/apis/autoscaling/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, "maxReplicas", faults) else { return };
    replicas(&spec, faults);
    match spec.get("scaleTargetRef") {
        Some(target) => {
            let versions = match target.text("kind") {
                _ if !faults.since(34) => Versions::Unread,
                "ReplicationController" => Versions::Any,
                _ => Versions::Grouped,
            };
            reference(&target, versions, faults);
        }
        None => {
            let message = value::needs(&spec, "scaleTargetRef");
            faults.missing(TARGET, &spec, "scaleTargetRef.kind", message);
        }
    }
    // Of autoscaling/v1, which becomes a metric.
    let all = i64::from(i32::MAX);
    value::range(
        "scaling-metric-invalid",
        &spec,
        "targetCPUUtilizationPercentage",
        1..=all,
        faults,
    );
    let of_metrics = if !faults.since(34) { Versions::Unread } else { Versions::Any };
    if let Some(metrics) = spec.get("metrics") {
        metrics.items().for_each(|item| metric::check(&item, of_metrics, faults));
    }
    if object.text("apiVersion") != "autoscaling/v1" && faults.since(37) {
        to_zero(&spec, faults);
    }
    if let Some(behavior) = spec.get("behavior") {
        for direction in ["scaleUp", "scaleDown"] {
            if let Some(rules) = behavior.get(direction) {
                scaling_rules(&rules, faults);
            }
        }
    }
}

/// Without `HPAScaleToZero`, which is on since 1.37, nothing scales to 0.
fn replicas(spec: &Field<'_>, faults: &mut Faults) {
    let least = value::number(spec, "minReplicas").unwrap_or(1);
    let most = value::number(spec, "maxReplicas").unwrap_or(0);
    let lowest = if faults.since(37) { 0 } else { 1 };
    value::range(REPLICAS, spec, "minReplicas", lowest..=i64::from(i32::MAX), faults);
    if most == 0 {
        let message = "`maxReplicas` must be there and above 0".to_owned();
        value::at_or_under(REPLICAS, Reason::Required, spec, "maxReplicas", message, faults);
    } else if most < least {
        let message = format!("`maxReplicas` is {most}, but `minReplicas` is {least}");
        value::at_or_under(REPLICAS, Reason::Invalid, spec, "maxReplicas", message, faults)
            .help("`maxReplicas` must be at least `minReplicas`, which is 1 when it is left out");
    }
}

/// What runs in no pod must tell when there is work: `validateMetrics` of the same file.
fn to_zero(spec: &Field<'_>, faults: &mut Faults) {
    let outside = |metric: &Node| {
        let kind = metric.get("type").and_then(Node::as_str);
        matches!(kind, Some("Object" | "External"))
    };
    let metrics = spec.node.get("metrics").and_then(Node::as_seq).unwrap_or_default();
    if value::number(spec, "minReplicas") == Some(0) && !metrics.iter().any(outside) {
        let message = "`minReplicas: 0` needs a metric of type `Object` or `External`".to_owned();
        value::at_or_under(REPLICAS, Reason::Forbidden, spec, "metrics", message, faults)
            .help("add such a metric, or write `minReplicas: 1`");
    }
}

/// `ValidateCrossVersionObjectReference` of the same file.
pub(crate) fn reference(reference: &Field<'_>, versions: Versions, faults: &mut Faults) {
    for name in ["kind", "name"] {
        if value::required(TARGET, reference, name, faults).is_some() {
            value::form(TARGET, reference, name, name::path_segment, faults);
        }
    }
    if versions == Versions::Unread {
        return;
    }
    let version = reference.text("apiVersion");
    let group = match version.matches('/').count() {
        0 => "",
        1 => version.split('/').next().unwrap_or_default(),
        _ => {
            if let Some(field) = reference.get("apiVersion") {
                let message = format!("`{version}` is no API version");
                faults.at(TARGET, Reason::Invalid, &field, message);
            }
            return;
        }
    };
    if group.is_empty() && versions == Versions::Grouped {
        let message = format!("`apiVersion: {version}` must have the API group of the target");
        value::at_or_under(TARGET, Reason::Invalid, reference, "apiVersion", message, faults)
            .help("write group and version, such as `apps/v1`");
    }
}

/// `validateScalingRules` of the same file. Rules without policies get those of the server, an
/// empty list does not.
fn scaling_rules(rules: &Field<'_>, faults: &mut Faults) {
    value::range(BEHAVIOR, rules, "stabilizationWindowSeconds", 0..=3600, faults);
    value::word(BEHAVIOR, rules, "selectPolicy", &["Max", "Min", "Disabled"], faults);
    if let Some(policies) = rules.get("policies") {
        if policies.items().next().is_none() {
            faults
                .at_key(BEHAVIOR, Reason::Required, &policies, "`policies` may not be empty")
                .help("leave `policies` out to get those of the server");
        }
        policies.items().for_each(|item| scaling_policy(&item, faults));
    }
    if let Some(tolerance) = rules.get("tolerance")
        && value::quantity(tolerance.node).is_some_and(|amount| amount < Quantity::ZERO)
    {
        let message = "`tolerance` may not be below 0";
        faults.at(BEHAVIOR, Reason::Invalid, &tolerance, message);
    }
}

/// `validateScalingPolicy` of the same file.
fn scaling_policy(policy: &Field<'_>, faults: &mut Faults) {
    let known = ["Pods", "Percent"];
    if let Some(field) = policy.get("type") {
        value::item_word(BEHAVIOR, &field, &known, faults);
    } else {
        let message = format!("a policy needs `type`: {}", value::or_list(&known));
        value::at_or_under(BEHAVIOR, Reason::NotSupported, policy, "type", message, faults);
    }
    for (name, most) in [("value", i64::from(i32::MAX)), ("periodSeconds", 1800)] {
        match policy.get(name) {
            Some(_) => value::range(BEHAVIOR, policy, name, 1..=most, faults),
            None => {
                let message = format!("a policy needs `{name}` above 0");
                value::at_or_under(BEHAVIOR, Reason::Invalid, policy, name, message, faults);
            }
        }
    }
}
