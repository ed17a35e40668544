//! What is wrong with ApplicationSets.

use crate::argocd::Followed;
use crate::argocd::application_set::{Effect, FaultKind};
use crate::diagnostic::Finding;
use crate::model::ObjectKey;

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    for set in &followed.sets {
        let about = ObjectKey::of(&set.stated.node).to_string();
        for fault in &set.evaluation.faults {
            // The schema says these.
            if matches!(fault.kind, FaultKind::InvalidField | FaultKind::UnknownField) {
                continue;
            }
            let message = fault.message.clone();
            let finding = match fault.effect {
                Effect::SetStops => Finding::error("application-set-stopped", message)
                    .note("until that is mended, nothing of the set is made, changed or deleted"),
                Effect::ApplicationDropped => Finding::error("application-dropped", message).note(
                    "this Application is neither made nor changed; the others of the set are",
                ),
                Effect::Ignored => Finding::warning("application-set-part-ignored", message),
                Effect::Unknown => continue,
            };
            let finding = match fault.kind {
                FaultKind::NothingMatched => finding.help(
                    "write paths from the top of the repository, without `/` at either end; in those of `directories` `*` is one step",
                ),
                _ => finding,
            };
            findings.push(finding.at(fault.span, "").about(about.clone()));
        }
    }
}
