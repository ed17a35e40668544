//! Sync options of objects that those of their Application overrule.

use super::{by_root, title};
use crate::argocd::sync_option::{ANNOTATION, of_object};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::Finding;
use crate::yaml::Node;

/// An option of an Application, and what an object beside it says for nothing.
///
/// Source: `applyObject`, `shouldUseServerSideApply`, `Sync` and `setPruneLast` in
/// `pkg/sync/sync_context.go` of gitops-engine: of these, either of the two being set is enough, and only
/// `ServerSideApply=false`, `Prune` and `Delete` of an object are asked for first.
const OVERRULED: [(&str, &str); 5] = [
    ("PruneLast=true", "PruneLast=false"),
    ("Replace=true", "Replace=false"),
    ("Replace=true", "ServerSideApply=true"),
    ("SkipDryRunOnMissingResource=true", "SkipDryRunOnMissingResource=false"),
    ("Validate=false", "Validate=true"),
];

/// One finding for each option of an Application, and of a set for all that it makes.
pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = Vec::new();
    for number in by_root(followed).into_iter().flatten() {
        let one = &followed.applications[number];
        for (option, own) in OVERRULED {
            let maker = (one.set.is_none().then_some(number), one.set, own);
            if !one.application.has_sync_option(option) || told.contains(&maker) {
                continue;
            }
            let has = |node: &Node, wanted: &str| of_object(node).any(|it| it == wanted);
            // Both on the object is a fault of the object.
            let stated = one.members().filter(|it| has(&it.node, own) && !has(&it.node, option));
            let stated: Vec<&Member> = stated.collect();
            if let Some((first, rest)) = stated.split_first() {
                told.push(maker);
                findings.push(overruled(one, option, own, first, rest.len()));
            }
        }
    }
}

fn overruled(
    one: &FollowedApplication,
    option: &str,
    own: &str,
    first: &Member,
    more: usize,
) -> Finding {
    let message = format!("`{own}` counts for nothing beside `{option}` of its Application");
    let place = first.node.pointer(ANNOTATION).map_or(first.span(), |node| node.span);
    let finding = Finding::warning("sync-option-overruled", message)
        .at(place, "")
        .at(
            one.application.place("/spec/syncPolicy/syncOptions"),
            format!("`{option}` of {}", title(one)),
        )
        .about(first.key.to_string());
    let finding = match more {
        0 => finding,
        count => finding.note(format!("{count} more of its objects have it")),
    };
    finding.help(format!(
        "take `{option}` from the Application, and annotate the objects that need it"
    ))
}
