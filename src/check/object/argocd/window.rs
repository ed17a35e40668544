//! Windows of an AppProject in which Applications sync: `SyncWindow` in
//! `pkg/apis/application/v1alpha1/types.go` of Argo CD.

use crate::cel::clock::parse_duration;
use crate::check::object::fault::Faults;
use crate::check::object::value::{schedule, time_zone};
use crate::load::manifest::is_placeholder;
use crate::model::Field;
use crate::yaml::Node;

const INVALID: &str = "sync-window-invalid";
const IDLE: &str = "sync-window-idle";

/// Checks the windows of an AppProject.
pub(super) fn check(spec: &Field<'_>, faults: &mut Faults) {
    let Some(windows) = spec.get("syncWindows") else { return };
    for window in windows.items().filter(|it| it.node.as_map().is_some()) {
        when(&window, faults);
        what(&window, faults);
    }
}

/// `active`: a window that cannot be read fails every sync that it is asked about.
fn when(window: &Field<'_>, faults: &mut Faults) {
    let text = |name: &str| window.text(name);
    let schedule = text("schedule");
    // A time zone at its head is read, and from elsewhere than the others.
    if !is_placeholder(schedule)
        && !schedule.starts_with("TZ=")
        && !schedule.starts_with("CRON_TZ=")
    {
        let wrong = match schedule::check(schedule) {
            _ if schedule.is_empty() => Some("it is empty".to_owned()),
            _ if schedule.starts_with('@') => {
                Some("words that begin with `@` are not read here".to_owned())
            }
            read => read.err(),
        };
        if let Some(wrong) = wrong {
            let message = format!("schedule `{schedule}`: {wrong}");
            let help = "write five fields, such as `0 22 * * *`";
            told(window, "schedule", message, help, faults);
        }
    }
    let duration = text("duration");
    if !is_placeholder(duration) && parse_duration(duration).is_none() {
        let message = format!("`{duration}` is no duration");
        told(
            window,
            "duration",
            message,
            "write it with its unit, such as `8h` or `1h30m`",
            faults,
        );
    }
    let zone = text("timeZone");
    if let Some(field) = window.get("timeZone")
        // Go takes this one for that of the machine.
        && !["", "Local"].contains(&zone)
        && !is_placeholder(zone)
        && time_zone::check(zone).is_err()
    {
        let message = format!("there is no time zone `{zone}`, so the window counts in UTC");
        let help = time_zone::check(zone).err().unwrap_or_default();
        faults.warn(IDLE, &field, message).help(help);
    }
}

/// `Matches`, `hasDeny` and `hasAllow`: a window of no such kind, or for nothing, is passed over.
fn what(window: &Field<'_>, faults: &mut Faults) {
    let kind = window.text("kind");
    if !["allow", "deny"].contains(&kind) && !is_placeholder(kind) {
        let message = format!("a window is of kind `allow` or `deny`, not `{kind}`");
        told(window, "kind", message, "write `allow` or `deny`", faults);
    }
    let is_empty = |name: &&str| {
        let list = window.node.get(name);
        list.is_none_or(|list| list.is_null() || list.as_seq().is_some_and(<[Node]>::is_empty))
    };
    if ["applications", "namespaces", "clusters"].iter().all(is_empty) {
        let message = "a window for no application, namespace or cluster holds for nothing";
        let fault = faults.warn(IDLE, window, message);
        fault.help("write `applications: [\"*\"]` for all of the project");
    }
}

fn told(window: &Field<'_>, name: &str, message: String, help: &str, faults: &mut Faults) {
    let fault = match window.get(name) {
        Some(field) => faults.warn(INVALID, &field, message),
        None => {
            let fault = faults.missing(INVALID, window, name, format!("a window needs `{name}`"));
            // It is Argo CD that cannot read it: the API server takes it.
            fault.reason = None;
            fault
        }
    };
    fault.help(help);
}
