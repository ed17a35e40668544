//! What Argo CD does with the objects that are gone from the trees of environments, or move in them, or
//! whose Application differs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sides::{Revisions, Side, Sides};
use crate::argocd::{Followed, GROUP, sync_option};
use crate::check::Judge;
use crate::cli::argocd::{Known, followed};
use crate::diff::{Fates, Object, Snapshot};
use crate::load::Checkouts;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// What a person applies of a tree.
const ROOT: &str = "root.yaml";

/// Follows the trees of those environments in which an object is gone or in another file, or one may be
/// made anew, before and after.
pub(super) fn fates(
    sides: &Sides,
    (before, after): (&mut Snapshot, &mut Snapshot),
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Fates> {
    let mut fates = Fates::default();
    let Some(revisions) = &sides.revisions else { return Ok(fates) };
    let Some(rendered) = &revisions.rendered else { return Ok(fates) };
    // What is in another file may belong to another Application.
    let there: BTreeSet<_> = after
        .objects
        .iter()
        .map(|object| (&object.environment, &object.key, &object.path))
        .collect();
    let gone = before.objects.iter();
    let gone =
        gone.filter(|object| !there.contains(&(&object.environment, &object.key, &object.path)));
    // Whether it is says its Application, too.
    let is_forced = |object: &&Object| {
        sync_option::of_object(&object.node).any(|option| option == "Force=true")
    };
    let forced = before.objects.iter().chain(&after.objects).filter(is_forced);
    let names: BTreeSet<Arc<str>> =
        gone.chain(forced).map(|object| object.environment.clone()).collect();
    // Where Applications differ, something may come of it for objects that are the same.
    let both = before.objects.iter().chain(&after.objects);
    let leading: BTreeSet<Arc<str>> =
        both.filter(|one| leads(one)).map(|one| one.environment.clone()).collect();
    for name in &(&names | &leading) {
        let mut follow =
            |side| tree(revisions, (side, name), &format!("{rendered}{name}/"), judge, sources);
        let followed = (follow(Side::Before)?, follow(Side::After)?);
        fates.add(&followed.0, &followed.1);
        let above = format!("{rendered}{name}/");
        let is_read =
            before.unread.iter().chain(&after.unread).all(|path| !path.starts_with(&above));
        if is_read && leading.contains(name) {
            let (old, new) = (&followed.0, &followed.1);
            fates.add_along(name, (old, new), (&mut *before, &mut *after), sources);
        }
    }
    Ok(fates)
}

/// Whether an object leads Argo CD to others.
fn leads(object: &Object) -> bool {
    let kind = &object.key.group_kind;
    &*kind.group == GROUP && ["Application", "ApplicationSet"].contains(&&*kind.kind)
}

/// What Argo CD makes of a tree, in one state.
fn tree(
    revisions: &Revisions,
    (side, name): (Side, &str),
    above: &str,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Followed> {
    let files = revisions.tree(side, name)?;
    let root = files.iter().find(|(path, _)| path == ROOT);
    let text = root.map(|(_, text)| text.as_str()).unwrap_or_default();
    let file = sources.add(format!("{above}{ROOT}"), text);
    let documents = yaml::read(file, text).documents.into_iter();
    let objects: Vec<Node> = documents.filter_map(|document| document.node).collect();
    let urls = objects.iter().filter_map(|node| node.pointer("/spec/source/repoURL")?.as_str());
    let mut checkouts = Checkouts::default();
    for url in urls {
        let files = files.iter();
        let files = files.map(|(path, text)| (format!("{above}{path}"), text.clone(), None));
        checkouts.add_texts(url, files, sources);
    }
    followed(&objects, &Known::default(), &mut checkouts, judge, sources)
}
