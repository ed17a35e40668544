//! What Argo CD does with the objects that are gone from the trees of environments.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;

use super::sides::{Revisions, Sides};
use crate::argocd::Followed;
use crate::check::Judge;
use crate::cli::argocd::{Known, followed};
use crate::diff::{Fates, Snapshot};
use crate::load::Checkouts;
use crate::source::Sources;
use crate::world::git_changes::State;
use crate::yaml::{self, Node};

/// What a person applies of a tree.
const ROOT: &str = "root.yaml";

/// Follows the trees of those environments from which an object is gone, before and after.
pub(super) fn fates(
    sides: &Sides,
    (before, after): (&Snapshot, &Snapshot),
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Fates> {
    let mut fates = Fates::default();
    let Some(revisions) = &sides.revisions else { return Ok(fates) };
    let Some(rendered) = &revisions.rendered else { return Ok(fates) };
    let there: BTreeSet<_> =
        after.objects.iter().map(|object| (&object.environment, &object.key)).collect();
    let gone = before.objects.iter();
    let gone = gone.filter(|object| !there.contains(&(&object.environment, &object.key)));
    let names: BTreeSet<&Arc<str>> = gone.map(|object| &object.environment).collect();
    for name in names {
        let mut follow =
            |state| tree(revisions, state, &format!("{rendered}{name}/"), judge, sources);
        fates.add(&follow(&revisions.before)?, &follow(&revisions.after)?);
    }
    Ok(fates)
}

/// What Argo CD makes of a tree, in one state.
fn tree(
    revisions: &Revisions,
    state: &State,
    above: &str,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Followed> {
    let files =
        revisions.repository.texts(state, above, &|_| true).context("git cannot read a tree")?;
    let root = files.iter().find(|(path, _)| path.strip_prefix(above) == Some(ROOT));
    let text = root.map(|(_, text)| text.as_str()).unwrap_or_default();
    let file = sources.add(format!("{above}{ROOT}"), text);
    let documents = yaml::read(file, text).documents.into_iter();
    let objects: Vec<Node> = documents.filter_map(|document| document.node).collect();
    let urls = objects.iter().filter_map(|node| node.pointer("/spec/source/repoURL")?.as_str());
    let mut checkouts = Checkouts::default();
    for url in urls {
        let files = files.iter().map(|(path, text)| (path.clone(), text.clone(), None));
        checkouts.add_texts(url, files, sources);
    }
    Ok(followed(&objects, &Known::default(), &mut checkouts, judge, sources))
}
