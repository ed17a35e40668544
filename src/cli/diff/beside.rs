//! What of the files that are the same on both sides tells what changes bring about.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;

use super::sides::{Side, Sides, file_of, is_manifest};
use crate::diff::{Beside, Fates, File, Needed, Snapshot};
use crate::model::SecretValues;
use crate::source::Sources;

/// Reads what is needed of files that are the same: with all objects of one name, where they are numbered.
pub(super) fn beside(
    sides: &mut Sides,
    (before, after): (&Snapshot, &Snapshot),
    fates: Fates,
    secrets: &SecretValues,
    are_numbered: bool,
    sources: &mut Sources,
) -> anyhow::Result<Beside> {
    let mut files: Vec<File> = Vec::new();
    let mut whole: BTreeSet<Arc<str>> = BTreeSet::new();
    for (environment, needed) in Needed::of(before, after, are_numbered) {
        let (chosen, is_whole) = needed.choose(same(sides, &environment, sources)?);
        files.extend(chosen);
        whole.extend(is_whole.then_some(environment));
    }
    let mut same = Snapshot::read(&files);
    same.hide(secrets);
    Ok(Beside { same, whole, fates })
}

/// The files of an environment that are the same on both sides.
fn same(sides: &mut Sides, environment: &str, sources: &mut Sources) -> anyhow::Result<Vec<File>> {
    let Some(revisions) = &sides.revisions else { return Ok(std::mem::take(&mut sides.same)) };
    let texts = match (&revisions.rendered, environment) {
        (Some(_), "") => return Ok(Vec::new()),
        (Some(rendered), name) => {
            let files = revisions.tree(Side::Before, name)?.into_iter();
            files.map(|(path, text)| (format!("{rendered}{name}/{path}"), text)).collect()
        }
        (None, _) => {
            let texts = revisions.repository.texts(&revisions.before, "", &is_manifest);
            texts.context("git cannot read a tree")?
        }
    };
    let differ: BTreeSet<&str> =
        sides.before.iter().chain(&sides.after).map(|file| &*file.path).collect();
    let files = texts.into_iter();
    let files = files.filter(|(path, _)| is_manifest(path) && !differ.contains(path.as_str()));
    Ok(files.map(|(path, text)| file_of(environment, &path, &path, text.into(), sources)).collect())
}
