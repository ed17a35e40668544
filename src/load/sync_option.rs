//! The sync options that an App adds to its Application.

use crate::config::{AppSpec, pointer_span};
use crate::diagnostic::{Finding, suggest};
use crate::yaml::Node;

const SWITCH: &[&str] = &["true", "false"];

/// What Argo CD 3.5 knows, with the values: `gitops-engine/pkg/sync/common/types.go` and
/// `docs/user-guide/sync-options.md` of Argo CD.
const KNOWN: [(&str, &[&str]); 14] = [
    ("ApplyOutOfSyncOnly", SWITCH),
    ("ClientSideApplyMigration", SWITCH),
    ("CreateNamespace", SWITCH),
    ("Delete", &["true", "false", "confirm"]),
    ("FailOnSharedResource", SWITCH),
    ("Force", SWITCH),
    ("Prune", &["true", "false", "confirm"]),
    ("PruneLast", SWITCH),
    ("PrunePropagationPolicy", &["foreground", "background", "orphan"]),
    ("Replace", SWITCH),
    ("RespectIgnoreDifferences", SWITCH),
    ("ServerSideApply", SWITCH),
    ("SkipDryRunOnMissingResource", SWITCH),
    ("Validate", SWITCH),
];

/// Checks `syncOptions`: Argo CD passes over what it does not know without a word.
pub(super) fn check(spec: &AppSpec, node: &Node, findings: &mut Vec<Finding>) {
    let options = spec.sync_options.as_deref().unwrap_or_default();
    for (index, option) in options.iter().enumerate() {
        let place = pointer_span(node, &format!("/syncOptions/{index}"));
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let of_name = |other: &&String| other.split('=').next() == Some(name);
        let finding = match KNOWN.iter().find(|(known, _)| *known == name) {
            None => {
                let message = format!("Argo CD has no sync option `{name}`");
                let help = suggest(name, KNOWN.iter().map(|(known, _)| *known));
                help.into_iter().fold(unknown(message), Finding::help)
            }
            Some((_, values)) if !values.contains(&value) => {
                unknown(format!("`{option}` says nothing to Argo CD"))
                    .help(format!("write `{name}=` and one of {}", values.join(", ")))
            }
            Some(_) if option == "CreateNamespace=true" => {
                conflict("`CreateNamespace=true` takes the namespace from the environment")
                    .note("a pod could start in it before its quota and limits are there")
                    .help("declare it under `namespaces` of the environment")
            }
            Some(_) if option == "ServerSideApply=false" => {
                conflict("all Applications have `ServerSideApply=true`")
                    .note("of two that differ Argo CD takes the one that switches on")
                    .help("annotate the object with `argocd.argoproj.io/sync-options` instead")
            }
            Some(_) if options[..index].iter().any(|other| of_name(&other)) => {
                conflict(&format!("`{name}` is set twice")).help("leave one")
            }
            Some(_) => continue,
        };
        findings.push(finding.at(place, ""));
    }
}

/// Perhaps one of a newer Argo CD, so no error.
fn unknown(message: String) -> Finding {
    Finding::warning("sync-option-unknown", message)
}

fn conflict(message: &str) -> Finding {
    Finding::error("sync-option-conflict", message)
}
