//! Writing a tree: all of it or nothing, and nothing that is not the tool's own.
//!
//! What changes is staged in `<base>/.gitopsc-<env>/` first. Then a journal is written, which is
//! the point of no return for a run that is killed: the next run finishes what it lists. Then the
//! old files are moved into the staging directory and the new ones out of it; where that fails,
//! the moves are undone.

use std::io;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{OWNER, Tree};
use crate::diagnostic::Finding;
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

/// One file of a change: what was there before is kept until all is done.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    path: String,
    had_old: bool,
    has_new: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    environment: String,
    moves: Vec<Move>,
}

fn staging(base: &str, environment: &str) -> String {
    format!("{base}/.gitopsc-{environment}")
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
            let state = match wanted {
                Some(text) if text.as_bytes() == bytes => State::Same,
                Some(_) if is_ours(&bytes) => State::Changed,
                Some(_) => State::Foreign,
                None if is_ours(&bytes) => State::Extra,
                None => State::NotOurs,
            };
            Ok((path, state))
        })
        .collect::<io::Result<_>>()?;
    let mut stale = Stale::default();
    let mut present = std::collections::BTreeSet::new();
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

/// Whether the tool wrote a file: its first line says so.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let comment = line.trim_start_matches(['#', ' ', '<', '!', '-']);
    comment.starts_with(OWNER) && (line.starts_with('#') || line.starts_with("<!--"))
}

/// Brings `<base>/<env>/` to the tree.
///
/// # Errors
///
/// A finding where it cannot be written; the old tree is then as it was.
pub fn write(world: &dyn World, base: &str, tree: &Tree) -> Result<Outcome, Box<Finding>> {
    let failed = |error: &io::Error| Box::new(not_written(base, tree, error));
    let stale = stale(world, base, tree).map_err(|error| failed(&error))?;
    if let Some(path) = stale.foreign.first() {
        let path = format!("{base}/{}/{path}", tree.environment);
        return Err(Box::new(
            Finding::error("file-in-the-way", format!("`{path}` is not gitopsc's"))
                .in_file(path)
                .note(format!("its first line does not say `{OWNER}`; nothing was written"))
                .help("move the file away, or delete it")
                .in_environment(&tree.environment),
        ));
    }
    if stale.is_empty() {
        return Ok(Outcome::default());
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
        return Err(failed(&error));
    }
    apply(world, base, &journal).map_err(|error| failed(&error))?;
    Ok(outcome)
}

fn not_written(base: &str, tree: &Tree, error: &io::Error) -> Finding {
    let path = format!("{base}/{}", tree.environment);
    Finding::error("tree-not-written", format!("`{path}` cannot be written: {error}"))
        .in_file(path)
        .note("the tree is as it was before")
        .help("make the directory writable and see that the disk has room, then build again")
        .in_environment(&tree.environment)
}

fn stage(world: &dyn World, directory: &str, tree: &Tree, journal: &Journal) -> io::Result<()> {
    journal.moves.par_iter().enumerate().filter(|(_, change)| change.has_new).try_for_each(
        |(index, change)| {
            let text = tree.files.get(&change.path).map(String::as_bytes).unwrap_or_default();
            world.write(&format!("{directory}/{index}.new"), text)
        },
    )?;
    let text = serde_json::to_vec(journal)?;
    // A journal counts only once it is whole, so it gets its name last.
    world.write(&format!("{directory}/journal.part"), &text)?;
    world.rename(&format!("{directory}/journal.part"), &format!("{directory}/journal"))
}

/// Makes all moves, or undoes those that were made.
fn apply(world: &dyn World, base: &str, journal: &Journal) -> io::Result<()> {
    let root = format!("{base}/{}", journal.environment);
    let directory = staging(base, &journal.environment);
    let results: Vec<io::Result<()>> = journal
        .moves
        .par_iter()
        .enumerate()
        .map(|(index, change)| forward(world, &root, &directory, index, change))
        .collect();
    if let Some(Err(error)) = results.into_iter().find(Result::is_err) {
        let undone = journal
            .moves
            .iter()
            .enumerate()
            .try_for_each(|(index, change)| backward(world, &root, &directory, index, change));
        if undone.is_ok() {
            let _ = world.remove_all(&directory);
        }
        return Err(error);
    }
    for change in journal.moves.iter().filter(|change| !change.has_new) {
        world.remove_empty_parents(&format!("{root}/{}", change.path), base);
    }
    world.remove_all(&directory)
}

fn forward(
    world: &dyn World,
    root: &str,
    directory: &str,
    index: usize,
    change: &Move,
) -> io::Result<()> {
    let target = format!("{root}/{}", change.path);
    let (old, new) = (format!("{directory}/{index}.old"), format!("{directory}/{index}.new"));
    if change.has_new && !world.exists(&new) {
        return Ok(());
    }
    if change.had_old && !world.exists(&old) && world.exists(&target) {
        world.rename(&target, &old)?;
    }
    if change.has_new { world.rename(&new, &target) } else { Ok(()) }
}

fn backward(
    world: &dyn World,
    root: &str,
    directory: &str,
    index: usize,
    change: &Move,
) -> io::Result<()> {
    let target = format!("{root}/{}", change.path);
    let (old, new) = (format!("{directory}/{index}.old"), format!("{directory}/{index}.new"));
    if change.has_new && !world.exists(&new) {
        world.rename(&target, &new)?;
    }
    if change.had_old && world.exists(&old) {
        world.rename(&old, &target)?;
    }
    Ok(())
}

/// Finishes what a run that was killed had begun, and clears what it had only staged.
///
/// # Errors
///
/// Where files cannot be moved; nothing is lost, and the next run tries again.
pub fn recover(world: &dyn World, base: &str) -> io::Result<()> {
    for name in world.directories(base)? {
        let Some(environment) = name.strip_prefix(".gitopsc-") else { continue };
        let directory = staging(base, environment);
        let journal = world.read(&format!("{directory}/journal")).ok();
        match journal.and_then(|text| serde_json::from_slice::<Journal>(&text).ok()) {
            Some(journal) if journal.environment == environment => apply(world, base, &journal)?,
            _ => world.remove_all(&directory)?,
        }
    }
    Ok(())
}
