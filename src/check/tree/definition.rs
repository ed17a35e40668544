//! Custom objects whose definition comes later than the sync that has them.

use std::collections::{BTreeMap, BTreeSet};

use super::title;
use crate::argocd::{Followed, GROUP, Member, Thing};
use crate::diagnostic::Finding;
use crate::model::GroupKind;
use crate::yaml::Node;

/// The kinds of Argo CD itself are there wherever it syncs.
const OWN: [&str; 3] = ["AppProject", "Application", "ApplicationSet"];

const SKIP: &str = "SkipDryRunOnMissingResource=true";

/// Applications with an object of a kind that an Application below them defines: before anything is
/// applied, Argo CD asks for the kinds of all objects, and gives up where one is not there.
///
/// Source: `getSyncTasks` and `hasCRDOfGroupKind` in `pkg/sync/sync_context.go` of gitops-engine.
pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut defined: BTreeMap<GroupKind, Vec<usize>> = BTreeMap::new();
    for (number, one) in followed.applications.iter().enumerate() {
        for kind in one.members().filter_map(defines) {
            defined.entry(kind).or_default().push(number);
        }
    }
    if defined.is_empty() {
        return;
    }
    let mut told = BTreeSet::new();
    for (number, one) in followed.applications.iter().enumerate() {
        if one.is_dropped
            || one.application.has_sync_option(SKIP)
            || one.children().next().is_none()
        {
            continue;
        }
        for member in one.members().filter(|member| member.step().is_some()) {
            let kind = &member.key.group_kind;
            let Some(by) = defined.get(kind).filter(|by| !by.contains(&number)) else { continue };
            let is_own = kind.group == GROUP && OWN.contains(&kind.kind.as_str());
            let mut is_told = || !told.insert((number, kind.clone()));
            if is_own || skips(&member.node) || is_told() || !come_with(followed, number, by) {
                continue;
            }
            let by = &followed.applications[by[0]];
            let (above, below) = (one.application.name(), by.application.name());
            let message = format!(
                "`{above}` has a {} and brings the Application that defines the kind",
                kind.kind
            );
            let note = format!(
                "a sync with a kind that the API server does not know applies nothing, not even `{below}`"
            );
            let help = format!(
                "move it to {}, or annotate it with `argocd.argoproj.io/sync-options: {SKIP}`",
                title(by)
            );
            findings.push(
                Finding::error("definition-comes-later", message)
                    .at(member.span(), format!("`{above}` applies it"))
                    .at(by.application.place("/metadata/name"), "this brings its definition")
                    .about(member.key.to_string())
                    .note(note)
                    .help(help),
            );
        }
    }
}

/// The kind that an object defines.
fn defines(member: &Member) -> Option<GroupKind> {
    let text = |pointer| member.node.pointer(pointer).and_then(Node::as_str);
    (member.key.group_kind.kind == "CustomResourceDefinition")
        .then(|| Some(GroupKind::new(text("/spec/group")?, text("/spec/names/kind")?)))?
}

fn skips(node: &Node) -> bool {
    let annotations = node.pointer("/metadata/annotations");
    let options = annotations.and_then(|it| it.get("argocd.argoproj.io/sync-options")?.as_str());
    options.is_some_and(|options| options.split(',').any(|option| option.trim() == SKIP))
}

/// Whether nothing but an Application brings these others, which deploy to its cluster.
fn come_with(followed: &Followed, number: usize, others: &[usize]) -> bool {
    let destination = |at: usize| followed.applications[at].destination.as_ref();
    let mut without = vec![Thing::Application(number)];
    for &root in &followed.roots {
        followed.reach(root, &mut without);
    }
    others.iter().all(|&at| {
        let is_below = !without.contains(&Thing::Application(at));
        is_below && destination(at).is_some() && destination(at) == destination(number)
    })
}
