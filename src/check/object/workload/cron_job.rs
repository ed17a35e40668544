//! CronJobs.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::template;
use crate::check::object::value;
use crate::check::object::value::schedule;
use crate::check::object::value::time_zone;
use crate::check::object::workload::controller::{not_negative, spec};
use crate::check::object::workload::job;
use crate::model::Field;

/// What the controller adds to the name of a Job, taken from what its name may have.
const NAME: usize = 52;

/// `ValidateCronJobCreate` of `pkg/apis/batch/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    cron_name(object, faults);
    let Some(spec) = spec(object, "schedule", faults) else { return };
    schedule(&spec, faults);
    zone(&spec, faults);
    let numbers =
        ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"];
    not_negative(&spec, &numbers, faults);
    let policies = ["Allow", "Forbid", "Replace"];
    value::word_or_empty(value::UNKNOWN, &spec, "concurrencyPolicy", &policies, faults);
    match spec.get("jobTemplate") {
        Some(template) => job_template(&template, faults),
        None => {
            let name = format!("jobTemplate.spec.{}", template::CONTAINERS);
            faults.missing("template-missing", &spec, &name, value::needs(&spec, "jobTemplate"));
        }
    }
}

/// A name that is generated has five characters more, after at most 58.
fn cron_name(object: &Field<'_>, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let given = metadata.text("name");
    let generated = metadata.text("generateName");
    let (field, length) = match (given, generated) {
        ("", "") => return,
        ("", _) => (metadata.get("generateName"), generated.len().min(58) + 5),
        _ => (metadata.get("name"), given.len()),
    };
    if let Some(field) = field.filter(|_| length > NAME) {
        let message = format!("the name of a CronJob may have {NAME} characters, not {length}");
        let fault = faults.at("name-invalid", Reason::Invalid, &field, message);
        fault.path = format!("{metadata}.name");
        fault.help("its Jobs have names that are 11 characters longer");
    }
}

/// A schedule without the time zone before it, as `Parse` of `github.com/robfig/cron` reads it.
fn after_zone(text: &str) -> &str {
    let zoned = text.starts_with("TZ=") || text.starts_with("CRON_TZ=");
    text.split_once(' ').filter(|_| zoned).map_or(text, |(_, rest)| rest.trim())
}

/// `validateScheduleFormat` of the same file.
fn schedule(spec: &Field<'_>, faults: &mut Faults) {
    const ID: &str = "schedule-invalid";
    let Some(text) = value::required(ID, spec, "schedule", faults) else { return };
    let Some(field) = spec.get("schedule") else { return };
    // Before 1.29, it may where `timeZone` names none.
    if text.contains("TZ") && (faults.since(29) || spec.get("timeZone").is_some()) {
        let message = "a schedule may not name a time zone";
        faults
            .at(ID, Reason::Invalid, &field, message)
            .help("write the time zone under `timeZone`");
    } else if let Err(wrong) = schedule::check(after_zone(text)) {
        let message = format!("schedule `{text}`: {wrong}");
        faults
            .at(ID, Reason::Invalid, &field, message)
            .help("write minute, hour, day, month and weekday, such as `30 4 * * 1-5`");
    }
}

fn zone(spec: &Field<'_>, faults: &mut Faults) {
    let Some(field) = spec.get("timeZone") else { return };
    let text = spec.text("timeZone");
    if let Err(help) = time_zone::check(text) {
        faults
            .at("time-zone-unknown", Reason::Invalid, &field, format!("`{text}` is no time zone"))
            .help(help);
    }
}

/// `ValidateJobTemplateSpec` of the same file; nothing of a template has a default.
fn job_template(parent: &Field<'_>, faults: &mut Faults) {
    const ID: &str = "job-selector-invalid";
    let Some(spec) = spec(parent, template::CONTAINERS, faults) else { return };
    job::job_spec(&spec, value::number(&spec, "completions"), faults);
    if let Some(selector) = spec.get("selector") {
        let message = "the selector of a CronJob's Jobs is generated";
        faults.at_key(ID, Reason::Invalid, &selector, message).help("remove `selector`");
    }
    if let (Some(manual), true) =
        (spec.get("manualSelector"), value::is_true(&spec, "manualSelector"))
    {
        let message = "the selector of a CronJob's Jobs is generated, so never manual";
        faults.at(ID, Reason::NotSupported, &manual, message).help("remove `manualSelector`");
    }
}
