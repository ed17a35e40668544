//! Entries of `ignoreDifferences` that are for no object.

use std::collections::{BTreeMap, BTreeSet};

use super::{at, title};
use crate::argocd::ignored::Ignored;
use crate::argocd::source::Tool;
use crate::argocd::{Contents, Followed, FollowedApplication, State};
use crate::diagnostic::{Finding, suggest};
use crate::model::{GroupKind, ObjectKey};
use crate::source::Span;

/// An entry that several Applications of one set may have.
struct Entry<'f> {
    one: &'f FollowedApplication,
    ignored: Ignored<'f>,
    is_used: bool,
}

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut entries: BTreeMap<(Span, usize), Entry<'_>> = BTreeMap::new();
    for one in &followed.applications {
        let is_known = is_known(followed, one);
        // A group with a version is told as such.
        let all = Ignored::of(&one.application);
        for ignored in all.filter(|it| !it.text("group").contains('/')) {
            let place = one.application.place(&pointer(&ignored));
            let entry = entries.entry((place, ignored.index));
            let entry = entry.or_insert(Entry { one, ignored, is_used: false });
            entry.is_used |= !is_known || is_used(one, &ignored);
        }
    }
    findings.extend(entries.values().filter(|entry| !entry.is_used).map(unused));
}

fn pointer(ignored: &Ignored<'_>) -> String {
    format!("/spec/ignoreDifferences/{}", ignored.index)
}

/// Whether all objects of an Application are known, and all that its set makes.
fn is_known(followed: &Followed, one: &FollowedApplication) -> bool {
    let is_read = |contents: &Contents| match &contents.state {
        State::Read(manifests) => manifests.failures.is_empty() && manifests.unknown.is_empty(),
        State::NotRendered => contents.tool == Tool::Values,
        State::NotAtHand | State::Wrong(_) => false,
    };
    let is_whole = |set: usize| followed.sets[set].evaluation.faults.is_empty();
    !one.is_dropped
        && one.set.is_none_or(is_whole)
        && one.contents.iter().all(is_read)
        && one.members().next().is_some()
}

fn is_used(one: &FollowedApplication, ignored: &Ignored<'_>) -> bool {
    // Argo CD compares the Namespace that it makes, where that has labels or annotations.
    let makes_namespace = one.application.has_sync_option("CreateNamespace=true");
    (makes_namespace && ignored.is_of_kind(&namespace()))
        || one.members().any(|member| ignored.is_of(&member.key))
}

fn namespace() -> ObjectKey {
    let group_kind = GroupKind::new("", "Namespace");
    ObjectKey { group_kind, namespace: String::new(), name: String::new() }
}

fn unused(entry: &Entry<'_>) -> Finding {
    let Entry { one, ignored, .. } = entry;
    let [group, kind, name, namespace] =
        ["group", "kind", "name", "namespace"].map(|it| ignored.text(it));
    let keys: Vec<&ObjectKey> = one.members().map(|member| &member.key).collect();
    let of_kind: Vec<_> = keys.iter().filter(|key| ignored.is_of_kind(key)).collect();
    let of_name: Vec<_> =
        of_kind.iter().filter(|key| name.is_empty() || key.name == name).collect();
    let other_group = keys.iter().map(|key| &key.group_kind).find(|it| it.kind == kind);
    let (field, what, help) = match (of_kind.as_slice(), of_name.as_slice(), other_group) {
        ([], _, other) => {
            let of = if group.is_empty() { String::new() } else { format!(" of `{group}`") };
            let right = other.map(|it| format!("write `group: {:?}`", it.group));
            let known: BTreeSet<&str> =
                keys.iter().map(|key| key.group_kind.kind.as_str()).collect();
            let field = if right.is_some() { "group" } else { "kind" };
            (field, format!("{kind}{of}"), right.or_else(|| suggest(kind, known)))
        }
        (_, [], _) => {
            let known: BTreeSet<&str> = of_kind.iter().map(|key| key.name.as_str()).collect();
            ("name", format!("{kind} `{name}`"), suggest(name, known))
        }
        _ => {
            let known: BTreeSet<&str> = of_name.iter().map(|key| key.namespace.as_str()).collect();
            ("namespace", format!("{kind} in `{namespace}`"), suggest(namespace, known))
        }
    };
    let message = match one.set {
        Some(_) => {
            format!("`ignoreDifferences` of the set is for {what}, and no Application has one")
        }
        None => format!("`ignoreDifferences` is for {what}, and {} has none", title(one)),
    };
    let field = format!("{}/{field}", pointer(ignored));
    let finding = at(Finding::warning("ignore-difference-unused", message), one, &field);
    help.into_iter().fold(finding, Finding::help)
}
