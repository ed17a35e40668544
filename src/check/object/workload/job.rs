//! Jobs, and what CronJobs make them from.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::template;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::value::selector;
use crate::check::object::workload::controller::{not_negative, spec};
use crate::check::object::workload::job_policy;
use crate::model::Field;
use crate::yaml::{Key, Map, Node, Value};

pub(crate) const NUMBER: &str = "number-out-of-range";
const INDEXES: &str = "index-limit-missing";
const OWN_SELECTOR: &str = "job-selector-invalid";
const RESTART: &str = "restart-policy-invalid";

/// The labels that the server gives the pods of a Job: the name of the Job.
const NAME_LABELS: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];
/// And its uid, which nobody knows before.
const UID_LABELS: [&str; 2] = ["controller-uid", "batch.kubernetes.io/controller-uid"];

/// `ValidateJob` of `pkg/apis/batch/validation/validation.go`
pub(crate) fn job(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = spec(object, template::CONTAINERS, faults) else { return };
    // Where neither is given, both are 1.
    let completions = match (value::number(&spec, "completions"), spec.get("parallelism")) {
        (None, None) => Some(1),
        (completions, _) => completions,
    };
    let manual = value::is_true(&spec, "manualSelector");
    job_name(object, completions.filter(|_| is_indexed(&spec)), manual, faults);
    job_spec(&spec, completions, faults);
    if manual {
        manual_selector(&spec, faults);
    } else {
        generated_selector(&spec, object.node.pointer("/metadata/name"), faults);
    }
}

fn is_indexed(spec: &Field<'_>) -> bool {
    spec.text("completionMode") == "Indexed"
}

/// The name becomes a label of the pods, and with the index of a pod a host name.
fn job_name(object: &Field<'_>, indexed: Option<i64>, manual: bool, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let Some(field) = metadata.get("name") else { return };
    let text = metadata.text("name");
    if text.is_empty() || name::dns_subdomain(text).is_some() {
        return;
    }
    let last = indexed.filter(|&completions| completions > 0).map(|completions| completions - 1);
    if let Some(last) = last
        && let Some(wrong) = name::dns_label(&format!("{text}-{last}"))
    {
        let message = format!("`{text}-{last}` would be the host name of a pod, but {wrong}");
        faults.at("name-invalid", Reason::Invalid, &field, message);
    } else if text.len() > 63 && !manual {
        let message =
            format!("name `{text}` is longer than 63 characters, as is a label of the pods");
        faults.at("name-invalid", Reason::Invalid, &field, message);
    }
}

/// `validateJobSpec` of the same file.
pub(crate) fn job_spec(spec: &Field<'_>, completions: Option<i64>, faults: &mut Faults) {
    let numbers = [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ];
    not_negative(spec, &numbers, faults);
    if let (Some(field), None) = (spec.get("maxFailedIndexes"), spec.get("backoffLimitPerIndex")) {
        let message = "`maxFailedIndexes` needs `backoffLimitPerIndex`";
        let fault = faults.missing(INDEXES, spec, "backoffLimitPerIndex", message);
        fault.span = field.span();
    }
    managed_by(spec, faults);
    value::word(value::UNKNOWN, spec, "completionMode", &["NonIndexed", "Indexed"], faults);
    if is_indexed(spec) {
        indexed(spec, completions, faults);
    } else {
        not_indexed(spec, faults);
    }
    if let Some(policy) = spec.get("podFailurePolicy") {
        job_policy::failure(spec, &policy, faults);
    }
    if let (Some(policy), true) = (spec.get("successPolicy"), is_indexed(spec)) {
        job_policy::success(&policy, completions, faults);
    }
    replacement(spec, faults);
    template::check(spec, faults);
    restart_policy(spec, faults);
}

/// `IsDomainPrefixedPath` and a limit of 63.
fn managed_by(spec: &Field<'_>, faults: &mut Faults) {
    let Some(field) = spec.get("managedBy") else { return };
    let text = spec.text("managedBy");
    let reason = if text.is_empty() { Reason::Required } else { Reason::Invalid };
    if let Some(wrong) = name::domain_prefixed_path(text) {
        faults.at("name-invalid", reason, &field, format!("`managedBy: {text}` {wrong}"));
    }
    if text.len() > 63 {
        let message = format!("`managedBy: {text}` is longer than 63 characters");
        faults.at("name-invalid", Reason::TooLong, &field, message);
    }
}

/// The limits of Jobs whose pods are numbered.
fn indexed(spec: &Field<'_>, completions: Option<i64>, faults: &mut Faults) {
    const LIMIT: i64 = 100_000;
    const LIMIT_OF_MANY: i64 = 10_000;
    let Some(completions) = completions else {
        let message = "an indexed Job needs `completions`";
        faults
            .missing("completions-missing", spec, "completions", message)
            .help("write how many pods must succeed");
        return;
    };
    let many = completions > LIMIT && spec.get("backoffLimitPerIndex").is_some();
    let limit = if many { LIMIT_OF_MANY } else { LIMIT };
    at_most(spec, "parallelism", limit, faults);
    at_most(spec, "maxFailedIndexes", completions.min(limit), faults);
    if many && spec.get("maxFailedIndexes").is_none() {
        let message = format!("more than {LIMIT} completions need `maxFailedIndexes`");
        faults.missing(INDEXES, spec, "maxFailedIndexes", message);
    }
}

pub(crate) fn at_most(parent: &Field<'_>, name: &str, limit: i64, faults: &mut Faults) {
    if let (Some(field), Some(number)) = (parent.get(name), value::number(parent, name))
        && number > limit
    {
        let message = format!("`{name}` may be at most {limit} here, not {number}");
        faults.at(NUMBER, Reason::Invalid, &field, message);
    }
}

/// What only Jobs with numbered pods may have.
fn not_indexed(spec: &Field<'_>, faults: &mut Faults) {
    // What is no mode at all is a fault of its own.
    let plain = spec.get("completionMode").is_none() || spec.text("completionMode") == "NonIndexed";
    let names: &[&str] = if plain {
        &["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"]
    } else {
        &["successPolicy"]
    };
    for name in names {
        if let Some(field) = spec.get(name) {
            let message = format!("`{name}` needs `completionMode: Indexed`");
            faults
                .at_key("completion-mode-mismatch", Reason::Invalid, &field, message)
                .help("write `completionMode: Indexed`, or remove it");
        }
    }
}

/// `validatePodReplacementPolicy` of the same file.
fn replacement(spec: &Field<'_>, faults: &mut Faults) {
    let known: &[&str] = match spec.get("podFailurePolicy") {
        Some(_) => &["Failed"],
        None => &["Failed", "TerminatingOrFailed"],
    };
    value::word(value::UNKNOWN, spec, "podReplacementPolicy", known, faults);
}

/// The pods of a Job end, so they must not be restarted always, which they are without a word.
fn restart_policy(spec: &Field<'_>, faults: &mut Faults) {
    let Some(template) = spec.get("template") else { return };
    let Some(pod) = template.get("spec") else { return };
    let help = "write `restartPolicy: Never` or `restartPolicy: OnFailure`";
    match (pod.get("restartPolicy"), pod.text("restartPolicy")) {
        (Some(field), "Always") => {
            let message = "the pods of a Job may not be restarted always";
            faults.at(RESTART, Reason::Required, &field, message).help(help);
        }
        (_, "") => {
            let message = "the pods of a Job need `restartPolicy`, which is `Always` without";
            faults.missing(RESTART, &pod, "restartPolicy", message).help(help);
        }
        (Some(field), "OnFailure") if spec.get("podFailurePolicy").is_some() => {
            let message = "with `podFailurePolicy` the pods may not be restarted";
            faults
                .at(RESTART, Reason::Invalid, &field, message)
                .help("write `restartPolicy: Never`");
        }
        _ => {}
    }
}

/// A selector that is not generated, as `ValidateJobSpec` of the same file has it.
fn manual_selector(spec: &Field<'_>, faults: &mut Faults) {
    let Some(selector) = spec.get("selector") else {
        return template::missing_selector(spec, faults);
    };
    let before = faults.found.len();
    selector::check(&selector, faults);
    if faults.found.len() == before {
        template::matches(spec, &selector, faults);
    }
}

/// `validateGeneratedSelector` of the same file: nobody may interfere with what the server adds.
fn generated_selector(spec: &Field<'_>, name: Option<&Node>, faults: &mut Faults) {
    let own = own_labels(spec, name);
    if let Some(selector) = spec.get("selector") {
        let before = faults.found.len();
        selector::check(&selector, faults);
        if faults.found.len() > before {
            return;
        }
        if !selector::selects(&selector, &own) {
            let message = "the selector of a Job is generated, and this one adds to it";
            faults
                .at_key(OWN_SELECTOR, Reason::Invalid, &selector, message)
                .help("remove `selector`, or write `manualSelector: true`");
        }
    }
    let Some(template) = spec.get("template") else { return };
    let Some(metadata) = template.get("metadata") else { return };
    let Some(labels) = metadata.get("labels") else { return };
    for (key, label) in labels.entries() {
        let text = label.node.as_str().unwrap_or_default();
        if own.get(key).and_then(Node::as_str).is_some_and(|own| own != text) {
            let message = format!("label `{key}` is the server's own");
            faults.at(OWN_SELECTOR, Reason::Invalid, &label, message).help("remove the label");
        }
    }
}

/// The labels that the server gives the pods. What nobody knows before is here what no label can be.
fn own_labels(spec: &Field<'_>, name: Option<&Node>) -> Node {
    const UNKNOWN: &str = "\0";
    let span = spec.node.span;
    let name = name.and_then(Node::as_str).filter(|name| !name.is_empty()).unwrap_or(UNKNOWN);
    let names = NAME_LABELS.map(|key| (key, name));
    let uids = UID_LABELS.map(|key| (key, UNKNOWN));
    let labels = names.into_iter().chain(uids);
    let entry =
        |(key, value): (&str, &str)| (Key { name: key.into(), span }, Node::string(value, span));
    Node::new(Value::Map(Map::from_unique(labels.map(entry).collect())), span)
}
