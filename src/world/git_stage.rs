//! Changes of a repository's index: what is staged, and what is in conflict.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use git2::{Index, IndexEntry, IndexEntryExtendedFlag, RepositoryState};

use super::git::{GitRepository, SUBMODULE, lies_at};
use super::git_program::{command, finish, succeeded};

/// A path whose two sides git could not merge.
#[derive(Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path in the repository.
    pub path: String,
    /// What each side made of it; a side that removed it has none.
    pub sides: Vec<Vec<u8>>,
}

impl GitRepository {
    /// The paths that are in conflict, in order.
    ///
    /// # Errors
    ///
    /// Where the index cannot be read.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        let mut index = self.index().map_err(Error::other)?;
        // The program `git` may have written it since.
        index.read(true).map_err(Error::other)?;
        let bytes = |entry: &IndexEntry| {
            // A submodule has no content here.
            let is_blob = entry.mode != SUBMODULE;
            let blob = is_blob.then(|| self.inner().find_blob(entry.id)).transpose();
            let blob = blob.map_err(Error::other)?;
            Ok(blob.map(|blob| blob.content().to_vec()).unwrap_or_default())
        };
        let mut found = Vec::new();
        for conflict in index.conflicts().map_err(Error::other)? {
            let conflict = conflict.map_err(Error::other)?;
            let sides = [&conflict.our, &conflict.their];
            let Some(named) = sides.into_iter().flatten().chain(&conflict.ancestor).next() else {
                continue;
            };
            let path = String::from_utf8_lossy(&named.path).into_owned();
            let sides = sides.into_iter().flatten().map(bytes).collect::<Result<_>>()?;
            found.push(Conflict { path, sides });
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// A tree of all that is staged, by a name under which it is read as a revision is. Hooks of git may
    /// have given an index of their own, which the program `git` alone takes.
    ///
    /// # Errors
    ///
    /// Where something is in conflict, or git cannot write the tree.
    pub fn staged(&self) -> Result<String> {
        let written = finish(&mut command(self.root(), &["write-tree"]), b"")?;
        let written = succeeded("write-tree", written)?;
        Ok(String::from_utf8_lossy(&written.stdout).trim().to_owned())
    }

    /// A tree of what is staged at and below some paths, by a name under which it is read as a revision
    /// is. Conflicts elsewhere are no matter.
    ///
    /// # Errors
    ///
    /// Where the index cannot be read, or the tree not be written.
    pub fn staged_below(&self, paths: &[String]) -> Result<String> {
        let written = || -> std::result::Result<_, git2::Error> {
            let mut index = self.index()?;
            // The program `git` may have written it since.
            index.read(true)?;
            let mut part = Index::new()?;
            for entry in index.iter() {
                let path = String::from_utf8_lossy(&entry.path);
                let flags = IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
                // Of what `git add --intent-to-add` names nothing is staged but the name.
                if lies_at(&path, paths) && !flags.is_intent_to_add() {
                    part.add(&entry)?;
                }
            }
            part.write_tree_to(self.inner())
        };
        written().map(|tree| tree.to_string()).map_err(Error::other)
    }

    /// Whether the program `git` runs a hook of a commit of named paths alone. Such a commit has an
    /// index of its own beside that of the repository, which never sees what is staged there.
    ///
    /// Source: `prepare_index` in `builtin/commit.c` of git.
    #[must_use]
    pub fn is_in_partial_commit() -> bool {
        let index = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
        let name = index.as_deref().and_then(Path::file_name).map(OsStr::to_string_lossy);
        name.is_some_and(|name| name.starts_with("next-index-") && name.ends_with(".lock"))
    }

    /// Stages files as they are, and the removal of those that git knows below these directories
    /// (with `/` at their end) and that are gone. Hooks of git may have given an index of their own,
    /// which the program `git` alone takes.
    ///
    /// # Errors
    ///
    /// Where git refuses one, since it is told to ignore it, or cannot write its index.
    pub fn stage(&self, files: &[String], directories: &[String]) -> Result<()> {
        let mut listed = command(self.root(), &["ls-files", "-z", "--deleted", "--"]);
        let listed = finish(listed.env("GIT_LITERAL_PATHSPECS", "1").args(directories), b"")?;
        let listed = succeeded("ls-files", listed)?;
        let gone = listed.stdout.split(|&byte| byte == 0).filter(|path| !path.is_empty());
        let mut paths: BTreeSet<&[u8]> = files.iter().map(String::as_bytes).collect();
        paths.extend(gone);
        // To git, no path at all would mean all of the work tree.
        if paths.is_empty() {
            return Ok(());
        }
        let input: Vec<u8> = paths.into_iter().collect::<Vec<_>>().join(&0);
        let arguments = ["add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"];
        let mut add = command(self.root(), &arguments);
        let added = finish(add.env("GIT_LITERAL_PATHSPECS", "1"), &input)?;
        succeeded("add", added).map(|_| ())
    }

    /// How a person goes on with what stopped at conflicts; nothing where nothing did.
    #[must_use]
    pub fn next_step(&self) -> Option<&'static str> {
        Some(match self.inner().state() {
            RepositoryState::Merge => "git merge --continue",
            RepositoryState::Revert | RepositoryState::RevertSequence => "git revert --continue",
            RepositoryState::CherryPick | RepositoryState::CherryPickSequence => {
                "git cherry-pick --continue"
            }
            RepositoryState::Rebase
            | RepositoryState::RebaseInteractive
            | RepositoryState::RebaseMerge => "git rebase --continue",
            RepositoryState::Clean => return None,
            _ => "git commit",
        })
    }
}
