//! Names to which a controller appends more than a label holds.

use crate::diagnostic::Finding;
use crate::facts::budget::Budget;

/// The most that a label's value holds.
const LABEL: usize = 63;

/// `-` and the hash of a revision, which the label `controller-revision-hash` of a StatefulSet's pods
/// has after its name: `ControllerRevisionName` of `pkg/controller/history/controller_history.go`.
const HASH: usize = 11;

pub(super) fn check(budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for load in budget.loads.iter().filter(|load| !load.is_declared) {
        let key = &load.object.key;
        let length = key.name.len();
        if key.group_kind.kind != "StatefulSet" || length + HASH <= LABEL {
            continue;
        }
        let most = LABEL - HASH;
        let message = format!("the name of {key} has {length} characters, and {most} are the most");
        findings.push(
            Finding::error("stateful-set-name-too-long", message)
                .at(load.object.span, "")
                .about(key.to_string())
                .field("metadata.name")
                .note(format!(
                    "its pods get a label with the name and a hash of {} characters, and a label holds {LABEL}",
                    HASH - 1
                ))
                .help(format!("shorten the name by {}", length - most)),
        );
    }
}
