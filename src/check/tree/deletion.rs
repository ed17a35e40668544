//! Hooks after a deletion that need what was deleted.
//!
//! Source: `finalizeApplicationDeletion` and `shouldBeDeleted` in `controller/appcontroller.go`,
//! `executeHooks` in `controller/hook.go` of Argo CD.

use std::collections::BTreeSet;

use super::wave::{Beside, is_there_anyhow, is_waited_for, key};
use super::{by_root, point, read};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::Finding;
use crate::yaml::Node;

/// With this finalizer an Application takes its objects along.
const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed) {
        for &number in &applications {
            let one = &followed.applications[number];
            let beside = Beside { followed, applications: &applications, number };
            let is_hook = |it: &&Member| it.hooks.contains(&"PostDelete") && is_waited_for(it);
            let hooks: Vec<&Member> = one.members().filter(is_hook).collect();
            if hooks.is_empty() || !cascades(one) {
                continue;
            }
            let found = hooks.into_iter().filter_map(|hook| stuck(hook, one, &beside));
            findings.extend(found.filter(|finding| told.insert(finding.labels[0].span)));
        }
    }
}

fn cascades(one: &FollowedApplication) -> bool {
    let finalizers = one.application.object.pointer("/metadata/finalizers");
    let mut names = finalizers.and_then(|it| it.as_array()).into_iter().flatten();
    names.any(|name| name.as_str().is_some_and(|name| name.starts_with(CASCADE)))
}

/// The first thing that a hook needs and that is deleted before.
fn stuck(hook: &Member, one: &FollowedApplication, beside: &Beside<'_>) -> Option<Finding> {
    let references = read(hook).references.into_vec().into_iter();
    let mut references = references.filter(|it| !it.is_optional && !it.is_mild);
    let (reference, object) = references.find_map(|reference| {
        let key = key(&reference.target, hook);
        let mut same = one.members().filter(|member| member.key == key);
        let object = same.next().filter(|_| same.next().is_none() && !is_there_anyhow(&key))?;
        let goes = object.hooks.is_empty() && object.step().is_some() && !stays(object, one);
        let is_gone = goes && !beside.may_bring(hook, object, &reference.target);
        is_gone.then_some((reference, object))
    })?;
    let message = format!("{} needs {}, which is deleted before it", hook.key, reference.target);
    let note = format!(
        "a PostDelete hook runs when the objects have gone; the Application waits for it for ever: {}",
        reference.otherwise
    );
    let finding = Finding::error("hook-after-deletion", message);
    Some(
        point(finding, &reference.place, "needed here")
            .at(object.span(), "deleted with the Application")
            .about(hook.key.to_string())
            .field(&*reference.place.field)
            .note(note)
            .help("make the hook `PreDelete`, or what it needs `PostDelete` as well, under another name"),
    )
}

/// Whether an object is left alone when its Application is deleted.
fn stays(object: &Member, one: &FollowedApplication) -> bool {
    let annotations = object.node.pointer("/metadata/annotations");
    let has = |name: &str, wanted: &str| {
        let text = annotations.and_then(|it| it.get(name)).and_then(Node::as_str);
        text.is_some_and(|text| text.split(',').any(|item| item.trim() == wanted))
    };
    one.application.has_sync_option("Delete=false")
        || has("argocd.argoproj.io/sync-options", "Delete=false")
        || has("helm.sh/resource-policy", "keep")
}
