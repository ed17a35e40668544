//! Hooks after a deletion that need what was deleted.
//!
//! Source: `finalizeApplicationDeletion` and `shouldBeDeleted` in `controller/appcontroller.go`,
//! `executeHooks` in `controller/hook.go` of Argo CD.

use std::collections::BTreeSet;

use super::wave::{Beside, is_there_anyhow, is_waited_for, key};
use super::{by_root, point, read};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::Finding;
use crate::facts::is_system;
use crate::model::{GroupKind, ObjectKey, Scope};
use crate::yaml::Node;

/// With this finalizer an Application takes its objects along.
const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed) {
        for &number in &applications {
            let one = &followed.applications[number];
            let beside = Beside { followed, applications: &applications, number };
            if !cascades(one) {
                continue;
            }
            let mut emptied = BTreeSet::new();
            for hook in one.members().filter(|it| it.hooks.contains(&"PostDelete")) {
                let found = match home(hook, one, &beside) {
                    Some(namespace) => {
                        let is_first = emptied.insert(namespace.span());
                        is_first.then(|| without_home(hook, namespace))
                    }
                    None if is_waited_for(hook) => stuck(hook, one, &beside),
                    None => None,
                };
                findings.extend(found.filter(|finding| told.insert(finding.labels[0].span)));
            }
        }
    }
}

/// The Namespace of a hook, where that is deleted with the Application.
fn home<'f>(
    hook: &Member,
    one: &'f FollowedApplication,
    beside: &Beside<'_>,
) -> Option<&'f Member> {
    let name = Some(&hook.key.namespace).filter(|_| hook.scope == Some(Scope::Namespaced))?;
    let wanted = ObjectKey {
        group_kind: GroupKind::new("", "Namespace"),
        namespace: String::new(),
        name: name.clone(),
    };
    let mut same = one.members().filter(|member| member.key == wanted);
    let namespace = same.next().filter(|_| same.next().is_none())?;
    let is_gone = is_deleted(namespace, one) && !is_system(name);
    (is_gone && !beside.others_have(&wanted)).then_some(namespace)
}

fn without_home(hook: &Member, namespace: &Member) -> Finding {
    let name = &namespace.key.name;
    let message =
        format!("{} needs the Namespace `{name}`, which is deleted before it", hook.title());
    let place = hook.node.pointer("/metadata/namespace").map_or(hook.span(), |it| it.span);
    Finding::error("hook-after-deletion", message)
        .at(place, "a PostDelete hook")
        .at(namespace.span(), "deleted with the Application")
        .about(hook.title())
        .note(
            "a PostDelete hook runs when the objects have gone; the API server makes none in a namespace \
             that is not there, and the Application waits for ever",
        )
        .help("make the hook `PreDelete`, or leave the Namespace to another Application")
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
        let is_gone = is_deleted(object, one) && !beside.may_bring(hook, object, &reference.target);
        is_gone.then_some((reference, object))
    })?;
    let message =
        format!("{} needs {}, which is deleted before it", hook.title(), reference.target);
    let note = format!(
        "a PostDelete hook runs when the objects have gone; the Application waits for it for ever: {}",
        reference.otherwise
    );
    let finding = Finding::error("hook-after-deletion", message);
    Some(
        point(finding, &reference.place, "needed here")
            .at(object.span(), "deleted with the Application")
            .about(hook.title())
            .field(&*reference.place.field)
            .note(note)
            .help("make the hook `PreDelete`, or what it needs `PostDelete` as well, under another name"),
    )
}

/// Whether an object of a sync goes when its Application is deleted.
fn is_deleted(object: &Member, one: &FollowedApplication) -> bool {
    object.hooks.is_empty() && object.step().is_some() && !stays(object, one)
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
