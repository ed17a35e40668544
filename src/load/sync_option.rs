//! The sync options that an App adds to its Application.

use crate::argocd::sync_option::{Level, fault, name};
use crate::config::{AppSpec, pointer_span};
use crate::diagnostic::Finding;
use crate::yaml::Node;

/// Checks `syncOptions`: Argo CD passes over what it does not know without a word.
pub(super) fn check(spec: &AppSpec, node: &Node, findings: &mut Vec<Finding>) {
    let options = spec.sync_options.as_deref().unwrap_or_default();
    for (index, option) in options.iter().enumerate() {
        let place = pointer_span(node, &format!("/syncOptions/{index}"));
        let of_name = |other: &&String| name(other) == name(option);
        let finding = match fault(option, Level::Application) {
            // Perhaps one of a newer Argo CD, so no error.
            Some(wrong) => {
                let finding = Finding::warning("sync-option-unknown", wrong.message);
                wrong.help.into_iter().fold(finding, Finding::help)
            }
            None if option == "CreateNamespace=true" => {
                conflict("`CreateNamespace=true` takes the namespace from the environment")
                    .note("a pod could start in it before its quota and limits are there")
                    .help("declare it under `namespaces` of the environment")
            }
            None if option == "ServerSideApply=false" => {
                conflict("all Applications have `ServerSideApply=true`")
                    .note("of two that differ Argo CD takes the one that switches on")
                    .help("annotate the object with `argocd.argoproj.io/sync-options` instead")
            }
            None if options[..index].iter().any(|other| of_name(&other)) => {
                conflict(&format!("`{}` is set twice", name(option))).help("leave one")
            }
            None => continue,
        };
        findings.push(finding.at(place, ""));
    }
}

fn conflict(message: &str) -> Finding {
    Finding::error("sync-option-conflict", message)
}
