//! Writing a tree: all of it or nothing, and nothing that is not the tool's own.
//!
//! What changes is staged in `<base>/.gitopsc-<env>/` first, then moved as the journal says.

use std::collections::BTreeSet;
use std::io;

use rayon::prelude::*;

use super::journal::{Failure, Journal, Left, Move, apply, staging};
use super::{OWNER, Tree, is_ours};
use crate::diagnostic::Finding;
use crate::model::MadeFile;
use crate::world::{EntryKind, World};

/// How the tree on disk differs from the one that was built. Paths are below the environment's
/// directory and ordered.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Files that are not there.
    pub missing: Vec<String>,
    /// Files with other content.
    pub changed: Vec<String>,
    /// Files that the tool wrote before and would not write now.
    pub extra: Vec<String>,
    /// Files in the way that the tool did not write.
    pub foreign: Vec<String>,
}

impl Stale {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many files differ.
    #[must_use]
    pub fn len(&self) -> usize {
        self.missing.len() + self.changed.len() + self.extra.len() + self.foreign.len()
    }
}

/// What writing a tree did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Files that are new or have other content now.
    pub written: usize,
    /// Stale files of the tool that are gone.
    pub removed: usize,
}

/// Compares a tree with what is below `<base>/<env>/`.
///
/// # Errors
///
/// Where the directory or a file of the tool's cannot be read.
pub fn stale(world: &dyn World, base: &str, tree: &Tree) -> io::Result<Stale> {
    enum State {
        Same,
        Changed,
        Extra,
        Foreign,
        NotOurs,
    }
    let root = format!("{base}/{}", tree.environment);
    let entries = world.walk(&root)?;
    let states: Vec<(String, State)> = entries
        .into_par_iter()
        .map(|entry| {
            let path = entry.path[root.len() + 1..].to_owned();
            let wanted = tree.files.get(&path);
            let bytes = match entry.kind {
                EntryKind::File => world.read(&entry.path)?,
                _ => Vec::new(),
            };
            let ours = is_ours(&entry.path[base.len() + 1..], &bytes);
            let state = match wanted {
                Some(file) if file.text().as_bytes() == bytes => State::Same,
                Some(_) if ours => State::Changed,
                Some(_) => State::Foreign,
                None if ours => State::Extra,
                None => State::NotOurs,
            };
            Ok((path, state))
        })
        .collect::<io::Result<_>>()?;
    let mut stale = Stale::default();
    let mut present = BTreeSet::new();
    for (path, state) in states {
        match state {
            State::Same => {}
            State::Changed => stale.changed.push(path.clone()),
            State::Foreign => stale.foreign.push(path.clone()),
            State::Extra => stale.extra.push(path.clone()),
            State::NotOurs => continue,
        }
        present.insert(path);
    }
    stale.missing = tree.files.keys().filter(|path| !present.contains(*path)).cloned().collect();
    Ok(stale)
}

/// Brings `<base>/<env>/` to the tree.
///
/// # Errors
///
/// A finding where it cannot be written. The old tree is then as it was, or the finding says what
/// is left.
pub fn write(world: &dyn World, base: &str, tree: &Tree) -> Result<Outcome, Box<Finding>> {
    let failed = |error| Box::new(not_written(base, tree, &Failure { error, tree: Left::Old }));
    if let Some(link) = linked(world, base, tree) {
        return Err(Box::new(
            Finding::error("file-in-the-way", format!("`{link}` is a symbolic link"))
                .in_file(link)
                .note("what is written there would be somewhere else; nothing was written")
                .help("put a directory in its place, or name another one with `--out`")
                .in_environment(&tree.environment),
        ));
    }
    let stale = stale(world, base, tree).map_err(failed)?;
    if let Some(path) = stale.foreign.first() {
        let path = format!("{base}/{}/{path}", tree.environment);
        return Err(Box::new(
            Finding::error("file-in-the-way", format!("`{path}` is not gitopsc's"))
                .in_file(path)
                .note(format!(
                    "its first line does not say `{OWNER}` and its path; nothing was written"
                ))
                .help("move the file away, or delete it")
                .in_environment(&tree.environment),
        ));
    }
    if stale.is_empty() {
        return Ok(Outcome::default());
    }
    if let Some((path, what)) = in_the_way(world, base, tree, &stale) {
        return Err(Box::new(
            Finding::error("file-in-the-way", format!("`{path}` is {what}"))
                .in_file(path)
                .note("nothing was written")
                .help("move it away, or delete it")
                .in_environment(&tree.environment),
        ));
    }
    let outcome =
        Outcome { written: stale.missing.len() + stale.changed.len(), removed: stale.extra.len() };
    let moved = |paths: Vec<String>, had_old, has_new| {
        paths.into_iter().map(move |path| Move { path, had_old, has_new })
    };
    let journal = Journal {
        environment: tree.environment.clone(),
        moves: moved(stale.missing, false, true)
            .chain(moved(stale.changed, true, true))
            .chain(moved(stale.extra, true, false))
            .collect(),
    };
    let directory = staging(base, &tree.environment);
    let staged = stage(world, &directory, tree, &journal);
    if let Err(error) = staged {
        // Nothing has been moved yet. What cannot be cleared now, the next run clears.
        let _ = world.remove_all(&directory);
        return Err(failed(error));
    }
    apply(world, base, &journal).map_err(|failure| Box::new(not_written(base, tree, &failure)))?;
    Ok(outcome)
}

/// A directory of the tree that is a symbolic link.
fn linked(world: &dyn World, base: &str, tree: &Tree) -> Option<String> {
    let tree_files = tree.files.keys().map(|path| format!("{base}/{}/{path}", tree.environment));
    let journal = format!("{}/journal", staging(base, &tree.environment));
    tree_files.chain([journal]).find_map(|path| world.link_above(&path))
}

/// A directory where a file must go, or a file where a directory must be, and which of them.
fn in_the_way(
    world: &dyn World,
    base: &str,
    tree: &Tree,
    stale: &Stale,
) -> Option<(String, &'static str)> {
    let root = format!("{base}/{}", tree.environment);
    let new = || stale.missing.iter().map(|path| format!("{root}/{path}"));
    let prepared = format!("{}/journal", staging(base, &tree.environment));
    let mut directories = BTreeSet::new();
    for path in new().chain([prepared]) {
        directories.extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
    }
    // Only a file can be read, and what is missing and still there is none.
    let file = directories.into_iter().find(|path| world.read(path).is_ok());
    let directory = || new().find(|path| world.exists(path));
    file.map(|path| (path, "a file, and the tree needs a directory there"))
        .or_else(|| directory().map(|path| (path, "a directory, and the tree needs a file there")))
}

fn not_written(base: &str, tree: &Tree, failure: &Failure) -> Finding {
    let path = format!("{base}/{}", tree.environment);
    let staging = staging(base, &tree.environment);
    let (note, then) = match failure.tree {
        Left::Old => ("the tree is as it was before".to_owned(), "build again"),
        Left::Mixed => (
            format!("some of its files are new and some old; `{staging}` has the others"),
            "build again, which finishes this first",
        ),
        Left::New => {
            (format!("the new tree is whole; `{staging}` cannot be cleared away"), "build again")
        }
    };
    Finding::error("tree-not-written", format!("`{path}` cannot be written: {}", failure.error))
        .in_file(path)
        .note(note)
        .help(format!("make the directory writable and see that the disk has room, then {then}"))
        .in_environment(&tree.environment)
}

fn stage(world: &dyn World, directory: &str, tree: &Tree, journal: &Journal) -> io::Result<()> {
    journal.moves.par_iter().enumerate().filter(|(_, change)| change.has_new).try_for_each(
        |(index, change)| {
            let text = tree.files.get(&change.path).map(MadeFile::text).unwrap_or_default();
            world.write(&format!("{directory}/{index}.new"), text.as_bytes())
        },
    )?;
    let text = serde_json::to_vec(journal)?;
    // A journal counts only once it is whole, so it gets its name last.
    world.write(&format!("{directory}/journal.part"), &text)?;
    world.rename(&format!("{directory}/journal.part"), &format!("{directory}/journal"))
}
