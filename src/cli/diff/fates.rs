//! What Argo CD does with the objects that are gone from the trees of environments, or move in them, or
//! whose Application differs or is permitted no longer.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sides::{Revisions, Side, Sides, is_manifest};
use crate::argocd::{Followed, GROUP, sync_option};
use crate::check::Judge;
use crate::cli::argocd::{Known, followed};
use crate::diff::{Fates, File, Object, Snapshot};
use crate::load::Checkouts;
use crate::load::manifest::{self, Content, classify};
use crate::model::{GroupKind, MadeFile, items};
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
    let is_project = |object: &&Object| {
        let kind = &object.key.group_kind;
        (&*kind.group, &*kind.kind) == (GROUP, "AppProject")
    };
    let permitting: BTreeSet<Arc<str>> =
        after.objects.iter().filter(is_project).map(|object| object.environment.clone()).collect();
    let rendered = sides.revisions.as_ref().and_then(|it| Some((it, it.rendered.as_ref()?)));
    let Some((revisions, rendered)) = rendered else {
        if !permitting.is_empty() && before.objects.iter().any(|object| is_project(&object)) {
            let mut follow = |side| plain(sides, side, judge, sources);
            fates.add_barred("", &follow(Side::Before)?, &follow(Side::After)?);
        }
        return Ok(fates);
    };
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
    // Of what is rendered anew the errors say what is not permitted.
    let permitting: BTreeSet<Arc<str>> = match revisions.fresh.is_none() {
        true => permitting,
        false => BTreeSet::new(),
    };
    let names = gone.chain(forced).map(|object| object.environment.clone());
    let names: BTreeSet<Arc<str>> = names.chain(permitting.iter().cloned()).collect();
    // Where Applications differ, something may come of it for objects that are the same.
    let both = before.objects.iter().chain(&after.objects);
    let leading: BTreeSet<Arc<str>> =
        both.filter(|one| leads(one)).map(|one| one.environment.clone()).collect();
    for name in &(&names | &leading) {
        let above = format!("{rendered}{name}/");
        let mut follow = |side| tree(revisions, (side, name), &above, judge, sources);
        let (old, new) = (follow(Side::Before)?, follow(Side::After)?);
        fates.add(&old, &new);
        if permitting.contains(name) {
            fates.add_barred(name, &old, &new);
        }
        let mut unread = before.unread.iter().chain(&after.unread);
        if leading.contains(name) && !unread.any(|path| path.starts_with(&above)) {
            fates.add_along(name, (&old, &new), (&mut *before, &mut *after), sources);
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
        let files =
            files.map(|(path, text)| (format!("{above}{path}"), MadeFile::Text(text.clone())));
        checkouts.add_made(url, files, sources);
    }
    followed(&objects, &Known::default(), &mut checkouts, judge, sources)
}

/// What Argo CD makes of manifests without environments, in one state: as far as they lie in their own
/// repository.
fn plain(
    sides: &Sides,
    side: Side,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Followed> {
    let mut checkouts = Checkouts::default();
    let files: Vec<(String, String)> = match &sides.revisions {
        Some(revisions) => revisions.texts(side, "", &is_manifest)?,
        None => {
            let differing = match side {
                Side::Before => &sides.before,
                Side::After => &sides.after,
            };
            let files = differing.iter().chain(&sides.same);
            let file = |file: &File| Some((file.path.to_string(), file.text.as_ref()?.to_string()));
            files.filter_map(file).collect()
        }
    };
    let mut objects = Vec::new();
    for (path, text) in files.iter().filter(|(_, text)| text.contains(GROUP)) {
        let file = sources.add(path.clone(), text.as_str());
        manifest::read_each(file, text, |_, read| {
            let nodes = read.documents.into_iter().filter_map(|document| document.node);
            let nodes = nodes.flat_map(items).filter(|node| classify(node) == Content::Object);
            objects.extend(nodes.filter(|node| GroupKind::stated(node).0 == GROUP));
        });
    }
    for url in sides.revisions.iter().flat_map(|revisions| revisions.repository.remotes()) {
        let files = files.iter().map(|(path, text)| (path.clone(), MadeFile::Text(text.clone())));
        checkouts.add_made(&url, files, sources);
    }
    followed(&objects, &Known::default(), &mut checkouts, judge, sources)
}
