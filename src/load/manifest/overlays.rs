//! Kustomizations outside of what was named, which may complete what lies in it.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::directory::{is_build, is_entered};
use super::kustomization::{Kustomization, Kustomizations, NAMES};
use crate::world::named::{self, Listed};

/// Directories that are listed in the search of a repository.
const DIRECTORIES: usize = 4000;

/// Directories that are listed in a search where no repository is around.
const NEAR: usize = 500;

/// How far up is looked where no repository is around.
const LEVELS: usize = 2;

/// Looking for them, each directory once.
pub(super) struct Search<'w> {
    /// What was looked through already.
    within: &'w [PathBuf],
    all: &'w mut Kustomizations,
    tops: HashSet<PathBuf>,
}

impl<'w> Search<'w> {
    pub(super) fn new(within: &'w [PathBuf], all: &'w mut Kustomizations) -> Self {
        Self { within, all, tops: HashSet::new() }
    }

    /// Adds the kustomizations of the repository around a directory, or around files in it; where
    /// there is none, and others are known already, of the directories just above it.
    pub(super) fn around(&mut self, directory: &Path, is_part: bool) {
        let is_top = |above: &&Path| named::is_there(&above.join(".git"));
        match directory.ancestors().find(is_top) {
            Some(top) if top == directory && !is_part => {}
            Some(top) => self.below(top, DIRECTORIES),
            None if self.all.is_empty() => {}
            None => {
                let above = directory.ancestors().skip(1).take(LEVELS);
                // All that a system has is no tree of somebody's manifests.
                for above in above.filter(|above| above.parent().is_some()) {
                    self.below(above, NEAR);
                }
            }
        }
    }

    fn below(&mut self, top: &Path, most: usize) {
        if self.tops.insert(top.to_owned()) {
            search(top, most, self.within, self.all);
        }
    }
}

/// Adds the kustomizations below a directory, the nearest first.
fn search(top: &Path, most: usize, within: &[PathBuf], all: &mut Kustomizations) {
    let known: HashSet<&Path> = within.iter().map(PathBuf::as_path).collect();
    let mut open = VecDeque::from([top.to_owned()]);
    for _ in 0..most {
        let Some(directory) = open.pop_front() else { return };
        if known.contains(&*directory) {
            continue;
        }
        let Ok(entries) = named::list(&directory) else { continue };
        let found = NAMES.iter().find(|name| entries.iter().any(|(entry, _)| entry == **name));
        if let Some(bytes) = found.and_then(|name| named::read(&directory.join(name)).ok())
            && let Some(one) = Kustomization::read(&directory, &bytes)
        {
            all.push(one);
        }
        let is_build = is_build(&entries);
        let inner = entries.into_iter().filter(|(name, listed)| {
            *listed == Listed::Directory && is_entered(&name.to_string_lossy(), is_build)
        });
        open.extend(inner.map(|(name, _)| directory.join(name)));
    }
}
