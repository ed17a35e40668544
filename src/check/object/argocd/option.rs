//! Options for syncing and comparing, each in a list in which Argo CD looks for exact texts.

use super::annotation::{COMPARE_OPTIONS, SYNC_OPTIONS, find, items};
use crate::argocd::sync_option::{self, Level, Wrong};
use crate::check::object::fault::Faults;
use crate::diagnostic::suggest;
use crate::model::Field;

const SYNC: &str = "sync-option-invalid";
const OVERRIDDEN: &str = "sync-option-overridden";
const COMPARE: &str = "compare-option-invalid";

/// The options of one object.
pub(super) fn of_object(annotations: &Field<'_>, faults: &mut Faults) {
    let Some((text, field)) = find(annotations, SYNC_OPTIONS) else { return };
    list(items(text).map(|item| (item, field)), Level::Object, faults);
}

/// `spec.syncPolicy.syncOptions` of an Application.
pub(super) fn of_application(spec: &Field<'_>, faults: &mut Faults) {
    let Some(policy) = spec.get("syncPolicy") else { return };
    let Some(options) = policy.get("syncOptions") else { return };
    let texts = options.items().filter_map(|field| Some((field.node.as_str()?, field)));
    list(texts, Level::Application, faults);
}

fn list<'a>(
    options: impl Iterator<Item = (&'a str, Field<'a>)>,
    level: Level,
    faults: &mut Faults,
) {
    let mut known: Vec<(&str, Field<'_>)> = Vec::new();
    for (option, field) in options {
        if let Some(Wrong { message, help }) = sync_option::fault(option, level) {
            faults.warn(SYNC, &field, message).help = help;
            continue;
        }
        let name = sync_option::name(option);
        let other = known.iter().find(|(other, _)| sync_option::name(other) == name);
        if let Some((other, _)) = other.filter(|(other, _)| *other != option) {
            let message = format!("`{other}` and `{option}` exclude each other");
            faults.warn(OVERRIDDEN, &field, message).help("leave one of them");
        }
        known.push((option, field));
    }
    let of = |wanted: &str| known.iter().find(|(option, _)| *option == wanted);
    if let (Some(_), Some((_, field))) = (of("Replace=true"), of("ServerSideApply=true")) {
        let message = "`ServerSideApply=true` counts for nothing beside `Replace=true`";
        faults.warn(OVERRIDDEN, field, message).help("leave one of them");
    }
}

/// `argocd.argoproj.io/compare-options`: `controller/state.go` of Argo CD.
pub(super) fn of_comparison(annotations: &Field<'_>, is_application: bool, faults: &mut Faults) {
    const OF_ANY: &str = "IgnoreExtraneous";
    const OF_APPLICATIONS: [&str; 4] = [
        "ServerSideDiff=true",
        "ServerSideDiff=false",
        "IncludeMutationWebhook=true",
        "IncludeMutationWebhook=false",
    ];
    let Some((text, field)) = find(annotations, COMPARE_OPTIONS) else { return };
    for item in items(text).filter(|item| *item != OF_ANY) {
        match (OF_APPLICATIONS.contains(&item), is_application) {
            (true, true) => {}
            (true, false) => {
                let message = format!("Argo CD looks for `{item}` on Applications alone");
                faults.warn(COMPARE, &field, message).help("annotate the Application with it");
            }
            (false, _) => {
                let message = format!("Argo CD has no compare option `{item}`");
                let known = [OF_ANY].into_iter().chain(OF_APPLICATIONS);
                faults.warn(COMPARE, &field, message).help = suggest(item, known);
            }
        }
    }
}
