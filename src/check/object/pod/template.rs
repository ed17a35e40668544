//! What ties the template of pods to the workload that makes them: selectors and how pods run.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::spec;
use crate::check::object::value;
use crate::check::object::value::selector;
use crate::model::Field;
use crate::yaml::Node;

/// What the server misses first where there is no template.
pub(crate) const CONTAINERS: &str = "template.spec.containers";

/// `spec.template` of a workload: `ValidatePodTemplateSpec` of
/// `pkg/apis/core/validation/validation.go`.
pub(crate) fn check(spec: &Field<'_>, faults: &mut Faults) {
    match spec.get("template") {
        Some(template) => spec::template(&template, faults),
        None => missing(spec, faults),
    }
}

/// `spec.template` of a StatefulSet, whose pods have its claims as volumes.
pub(crate) fn check_stateful(spec: &Field<'_>, faults: &mut Faults) {
    let Some(template) = spec.get("template") else { return missing(spec, faults) };
    let claims = spec.node.get("volumeClaimTemplates").and_then(Node::as_seq).unwrap_or_default();
    let names: Vec<&str> = claims
        .iter()
        .map(|claim| claim.pointer("/metadata/name").and_then(Node::as_str).unwrap_or_default())
        .collect();
    spec::stateful_template(&template, &names, faults);
}

fn missing(spec: &Field<'_>, faults: &mut Faults) {
    let message = value::needs(spec, "template");
    faults.missing("template-missing", spec, CONTAINERS, message);
}

/// What must hold of pods that are replaced when they end; the second half of
/// `ValidatePodTemplateSpecForReplicaSet` of `pkg/apis/apps/validation/validation.go`.
pub(crate) fn runs_forever(spec: &Field<'_>, faults: &mut Faults) {
    let Some(template) = spec.get("template") else { return };
    let Some(pod) = template.get("spec") else { return };
    // What is no policy at all is a fault of any pod.
    if let (Some(policy), text @ ("OnFailure" | "Never")) =
        (pod.get("restartPolicy"), pod.text("restartPolicy"))
    {
        let message = format!("pods of this kind are always restarted, so not `{text}`");
        faults
            .at("restart-policy-invalid", Reason::NotSupported, &policy, message)
            .help("leave `restartPolicy` out, or use a Job for pods that end");
    }
    if let Some(deadline) = pod.get("activeDeadlineSeconds") {
        let message = "pods of this kind have no deadline";
        faults
            .at_key("pod-deadline-refused", Reason::Forbidden, &deadline, message)
            .help("leave `activeDeadlineSeconds` out, or use a Job for pods that end");
    }
}

/// The selector of a workload must be there, be good, and select the labels of its template; and
/// an empty one selects too much: `ValidateDeploymentSpec` and its siblings.
pub(crate) fn selected(spec: &Field<'_>, faults: &mut Faults) {
    let Some(selector) = spec.get("selector") else {
        missing_selector(spec, faults);
        return;
    };
    let before = faults.found.len();
    selector::check(&selector, faults);
    if faults.found.len() > before {
        return;
    }
    if selector::is_empty(&selector) {
        let message = "an empty selector would select every pod of the namespace";
        faults
            .at_key("selector-invalid", Reason::Invalid, &selector, message)
            .help("write the labels of the template under `matchLabels`");
        return;
    }
    matches(spec, &selector, faults);
}

/// What is said where there is no selector.
pub(crate) fn missing_selector(spec: &Field<'_>, faults: &mut Faults) {
    faults
        .missing("selector-missing", spec, "selector", value::needs(spec, "selector"))
        .help("select the labels of the template, such as `matchLabels: {app: name}`");
}

/// A label selector must select the labels of the template.
pub(crate) fn matches(spec: &Field<'_>, selector: &Field<'_>, faults: &mut Faults) {
    let labels = labels(spec);
    if !selector::selects(selector, &labels) {
        let wanted = selector.get("matchLabels");
        let lacks = wanted.as_ref().and_then(|wanted| lacks(wanted, &labels));
        mismatch(spec, lacks, faults);
    }
}

/// A plain map of labels must select those of the template.
pub(crate) fn contains(spec: &Field<'_>, wanted: &Field<'_>, faults: &mut Faults) {
    let lacks = lacks(wanted, &labels(spec));
    if lacks.is_some() {
        mismatch(spec, lacks, faults);
    }
}

/// The labels of the template.
pub(crate) fn labels(spec: &Field<'_>) -> Node {
    let labels = spec.node.pointer("/template/metadata/labels");
    labels.cloned().unwrap_or_else(|| Node::new(crate::yaml::Value::Null, spec.node.span))
}

/// The first of the wanted labels that are not there.
fn lacks<'a>(wanted: &Field<'a>, labels: &Node) -> Option<(&'a str, &'a str)> {
    let map = wanted.node.as_map()?;
    map.iter().map(|(key, value)| (&*key.name, value.as_str().unwrap_or_default())).find(
        |(key, value)| {
            labels.get(key).is_none_or(|label| label.as_str().unwrap_or_default() != *value)
        },
    )
}

fn mismatch(spec: &Field<'_>, lacks: Option<(&str, &str)>, faults: &mut Faults) {
    const ID: &str = "selector-mismatch";
    let message = match lacks {
        Some((key, value)) => format!("the selector wants `{key}: {value}`, but the pods lack it"),
        None => "the selector does not select the pods of the template".to_owned(),
    };
    let fault = match spec.get("template") {
        Some(template) => match template.get("metadata") {
            Some(metadata) => {
                value::at_or_under(ID, Reason::Invalid, &metadata, "labels", message, faults)
            }
            None => value::at_or_under(
                ID,
                Reason::Invalid,
                &template,
                "metadata.labels",
                message,
                faults,
            ),
        },
        None => {
            let name = "template.metadata.labels";
            value::at_or_under(ID, Reason::Invalid, spec, name, message, faults)
        }
    };
    fault.help("make the labels of the template and the selector agree");
}
