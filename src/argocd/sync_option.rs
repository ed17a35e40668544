//! The sync options that Argo CD 3.5 knows. It passes over all others without a word.
//!
//! Source: `pkg/sync/common/types.go` and `pkg/sync/sync_context.go` of gitops-engine,
//! `controller/sync.go` and `controller/appcontroller.go` of Argo CD.

use crate::diagnostic::suggest;
use crate::yaml::Node;

/// The annotation of an object, as a JSON pointer.
pub const ANNOTATION: &str = "/metadata/annotations/argocd.argoproj.io~1sync-options";

/// Where a sync option is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `spec.syncPolicy.syncOptions` of an Application: one option an item, as it is.
    Application,
    /// The annotation `argocd.argoproj.io/sync-options` of an object: options between commas, where
    /// blanks around them do not matter.
    Object,
}

/// What is wrong with an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// As one sentence without a final period.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

struct Known {
    name: &'static str,
    values: &'static [&'static str],
    /// The only level at which Argo CD looks for it; nothing where it does at both.
    only: Option<Level>,
}

const SWITCH: &[&str] = &["true", "false"];
const REMOVAL: &[&str] = &["true", "false", "confirm"];
const PROPAGATION: &[&str] = &["foreground", "background", "orphan"];

const fn known(name: &'static str, values: &'static [&'static str], only: Option<Level>) -> Known {
    Known { name, values, only }
}

const KNOWN: [Known; 14] = [
    known("ApplyOutOfSyncOnly", SWITCH, Some(Level::Application)),
    known("ClientSideApplyMigration", SWITCH, Some(Level::Application)),
    known("CreateNamespace", SWITCH, Some(Level::Application)),
    known("Delete", REMOVAL, None),
    known("FailOnSharedResource", SWITCH, Some(Level::Application)),
    known("Force", SWITCH, Some(Level::Object)),
    known("Prune", REMOVAL, None),
    known("PruneLast", SWITCH, None),
    known("PrunePropagationPolicy", PROPAGATION, Some(Level::Application)),
    known("Replace", SWITCH, None),
    known("RespectIgnoreDifferences", SWITCH, Some(Level::Application)),
    known("ServerSideApply", SWITCH, None),
    known("SkipDryRunOnMissingResource", SWITCH, None),
    known("Validate", SWITCH, None),
];

/// The name of an option: what stands before `=`.
#[must_use]
pub fn name(option: &str) -> &str {
    option.split('=').next().unwrap_or_default()
}

/// The options of an object: what stands between the commas of its annotation.
///
/// Source: `GetAnnotationCSVs` in `pkg/sync/resource/annotations.go` of gitops-engine.
pub fn of_object(object: &Node) -> impl Iterator<Item = &str> {
    let list = object.pointer(ANNOTATION).and_then(Node::as_str).unwrap_or_default();
    list.split(',').map(str::trim).filter(|option| !option.is_empty())
}

/// What the first option of this name says.
pub fn value<'o>(mut options: impl Iterator<Item = &'o str>, name: &str) -> Option<&'o str> {
    options.find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
}

/// Why Argo CD passes over an option.
#[must_use]
pub fn fault(option: &str, level: Level) -> Option<Wrong> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let Some(known) = KNOWN.iter().find(|known| known.name == name) else {
        let here = KNOWN.iter().filter(|known| known.only.is_none_or(|only| only == level));
        return Some(Wrong {
            message: format!("Argo CD has no sync option `{name}`"),
            help: suggest(name, here.map(|known| known.name)),
        });
    };
    if known.only.is_some_and(|only| only != level) {
        let (place, help) = match level {
            Level::Application => (
                "for an Application",
                "annotate the objects with `argocd.argoproj.io/sync-options`",
            ),
            Level::Object => {
                ("on an object", "write it under `spec.syncPolicy.syncOptions` of the Application")
            }
        };
        let message = format!("Argo CD does not look for `{name}` {place}");
        return Some(Wrong { message, help: Some(help.to_owned()) });
    }
    if known.values.contains(&value) {
        return None;
    }
    let help = if value.trim().contains([',', ' ']) && level == Level::Application {
        "write each option as an item of its own".to_owned()
    } else {
        format!("write `{name}=` and one of {}", known.values.join(", "))
    };
    Some(Wrong { message: format!("`{option}` says nothing to Argo CD"), help: Some(help) })
}
