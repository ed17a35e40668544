//! The files in which two states of a repository differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::{
    Delta, DiffOptions, Error, ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult,
};

use super::git::GitRepository;

/// The mode by which git tells a symbolic link.
const LINK: i32 = 0o120_000;

/// How many links a path may lead through, as for Linux.
pub(super) const MAX_LINKS: usize = 40;

/// A state of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A commit, by anything that git takes for one.
    Revision(String),
    /// The files on disk.
    WorkTree,
}

/// A file that differs, with its bytes; nothing where there is none.
#[derive(Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path in the repository.
    pub path: String,
    /// What it held.
    pub before: Option<Vec<u8>>,
    /// What it holds.
    pub after: Option<Vec<u8>>,
}

/// A file of a revision, by its path, and its bytes; nothing where it is a link that leads to none.
pub type Contained = (String, Option<Vec<u8>>);

impl GitRepository {
    /// The files below some directories, or all, in which two states differ, in the order of their
    /// paths. What is the same by its object id is not read. Files that git ignores are not there.
    ///
    /// # Errors
    ///
    /// Where a revision is unknown, or the repository cannot be read.
    pub fn changes(
        &self,
        before: &State,
        after: &State,
        below: &[String],
    ) -> Result<Vec<ChangedFile>, Error> {
        let (State::Revision(old), repository) = (before, self.inner()) else {
            return Ok(Vec::new());
        };
        let old = tree(repository, old)?;
        let mut options = DiffOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .ignore_submodules(true)
            .disable_pathspec_match(true)
            .skip_binary_check(true);
        below.iter().for_each(|path| {
            options.pathspec(path);
        });
        let diff = match after {
            State::Revision(new) => {
                let new = tree(repository, new)?;
                repository.diff_tree_to_tree(Some(&old), Some(&new), Some(&mut options))?
            }
            State::WorkTree => {
                self.index()?;
                repository.diff_tree_to_workdir_with_index(Some(&old), Some(&mut options))?
            }
        };
        // Of a file that a sparse work tree leaves out, what is staged stands for what is on disk.
        let left_out = match after {
            State::Revision(_) => BTreeMap::new(),
            State::WorkTree => self.left_out(below),
        };
        let mut found = Vec::new();
        for (path, &id) in &left_out {
            let entry = old.get_path(Path::new(path)).ok();
            let was = entry.filter(|it| it.kind() == Some(ObjectType::Blob)).map(|it| it.id());
            if was != Some(id) {
                let bytes = |id| repository.find_blob(id).map(|blob| blob.content().to_vec());
                let (before, after) = (was.map(bytes).transpose()?, Some(bytes(id)?));
                found.push(ChangedFile { path: path.clone(), before, after });
            }
        }
        for delta in diff.deltas() {
            let Some(path) = delta.new_file().path().or(delta.old_file().path()) else { continue };
            let path = path.to_string_lossy().into_owned();
            if left_out.contains_key(&path) {
                continue;
            }
            // One that is not there, as in a clone without blobs, must not look like no file.
            let blob = |id: Oid| repository.find_blob(id).map(|blob| Some(blob.content().to_vec()));
            let before = match delta.status() {
                Delta::Added | Delta::Untracked => None,
                // Of a file in a merge that is not finished the difference knows no state before.
                Delta::Conflicted => match old.get_path(Path::new(&path)) {
                    Ok(entry) if entry.kind() == Some(ObjectType::Blob) => blob(entry.id())?,
                    _ => None,
                },
                _ => blob(delta.old_file().id())?,
            };
            let after = match (delta.status(), after) {
                (Delta::Deleted, _) => None,
                (_, State::Revision(_)) => blob(delta.new_file().id())?,
                (_, State::WorkTree) => fs::read(self.root().join(&path)).ok(),
            };
            if before != after {
                found.push(ChangedFile { path, before, after });
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// The files below a directory with `/` at its end, or all, whose paths are wanted, in a state, with
    /// their texts; what is no text is left out.
    ///
    /// # Errors
    ///
    /// Where a revision is unknown, or the repository cannot be read.
    pub fn texts(
        &self,
        state: &State,
        below: &str,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(String, String)>, Error> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
        let State::Revision(revision) = state else {
            let paths = self.files().into_keys().filter(|path| path.starts_with(below));
            let paths = paths.filter(|path| is_wanted(path));
            let read =
                |path: String| Some((path.clone(), text(fs::read(self.root().join(&path)).ok()?)?));
            return Ok(paths.filter_map(read).collect());
        };
        let whole = tree(self.inner(), revision)?;
        let directory = below.trim_end_matches('/');
        let found = match directory {
            "" => Some(whole),
            _ => {
                let entry = whole.get_path(Path::new(directory)).ok();
                entry.and_then(|entry| self.inner().find_tree(entry.id()).ok())
            }
        };
        let Some(found) = found else { return Ok(Vec::new()) };
        let mut files = Vec::new();
        found.walk(TreeWalkMode::PreOrder, |above, entry| {
            let Ok(name) = entry.name() else { return TreeWalkResult::Ok };
            let path = format!("{below}{above}{name}");
            let is_file = entry.kind() == Some(ObjectType::Blob);
            if is_file
                && is_wanted(&path)
                && let Ok(blob) = self.inner().find_blob(entry.id())
                && let Some(text) = text(blob.content().to_vec())
            {
                let slash = if directory.is_empty() { "" } else { "/" };
                files.push((format!("{directory}{slash}{above}{name}"), text));
            }
            TreeWalkResult::Ok
        })?;
        Ok(files)
    }

    /// The files at and below a path in a revision, with their bytes; a link is what it leads to, and
    /// has none where that is no file of the revision below `top`, as on disk.
    ///
    /// # Errors
    ///
    /// Where the revision is unknown, or the repository cannot be read.
    pub fn contents(&self, revision: &str, top: &str, path: &str) -> Result<Vec<Contained>, Error> {
        let repository = self.inner();
        let whole = Whole { repository, tree: tree(repository, revision)?, top };
        let bytes = |id: Oid| repository.find_blob(id).map(|blob| blob.content().to_vec());
        let Some(found) = whole.at(path) else { return Ok(Vec::new()) };
        if found.kind == Some(ObjectType::Blob) {
            return Ok(vec![(path.to_owned(), Some(bytes(found.id)?))]);
        }
        let mut blobs = Vec::new();
        repository.find_tree(found.id)?.walk(TreeWalkMode::PreOrder, |above, entry| {
            if let (Some(ObjectType::Blob), Ok(name)) = (entry.kind(), entry.name()) {
                let is_link = entry.filemode() == LINK;
                blobs.push((format!("{above}{name}"), entry.id(), is_link));
            }
            TreeWalkResult::Ok
        })?;
        let mut files = Vec::new();
        for (below, id, is_link) in blobs {
            let id =
                if is_link { whole.file(&format!("{}/{below}", found.path)) } else { Some(id) };
            files.push((format!("{path}/{below}"), id.map(bytes).transpose()?));
        }
        Ok(files)
    }

    /// The newest commit from which both revisions come; nothing where they have none in common.
    ///
    /// # Errors
    ///
    /// Where a revision is unknown.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, Error> {
        let commit = |name: &str| self.inner().revparse_single(name)?.peel_to_commit();
        let (one, other) = (commit(one)?.id(), commit(other)?.id());
        Ok(self.inner().merge_base(one, other).ok().map(|id| id.to_string()))
    }

    /// What the messages of the commits after one revision, up to another, say in the trailers of a
    /// name.
    ///
    /// # Errors
    ///
    /// Where a revision is unknown, or the repository cannot be read.
    pub fn trailers(&self, after: &str, to: &str, name: &str) -> Result<Vec<String>, Error> {
        let mut walk = self.inner().revwalk()?;
        walk.push(self.inner().revparse_single(to)?.peel_to_commit()?.id())?;
        // Of a tree alone no commit is known.
        if let Ok(known) = self.inner().revparse_single(after)?.peel_to_commit() {
            walk.hide(known.id())?;
        }
        let mut found = Vec::new();
        for id in walk {
            let commit = self.inner().find_commit(id?)?;
            let Ok(message) = commit.message() else { continue };
            let trailers = git2::message_trailers_strs(message)?;
            let of_name = trailers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            found.extend(of_name.map(|(_, value)| value.trim().to_owned()));
        }
        Ok(found)
    }

    /// Whether git knows a revision by a name.
    #[must_use]
    pub fn has_revision(&self, name: &str) -> bool {
        tree(self.inner(), name).is_ok()
    }
}

fn tree<'r>(repository: &'r Repository, revision: &str) -> Result<Tree<'r>, Error> {
    repository.revparse_single(revision)?.peel_to_tree()
}

/// The files of a revision, in which links are followed.
struct Whole<'r> {
    repository: &'r Repository,
    tree: Tree<'r>,
    /// The directory that links must not leave, with `/` at its end.
    top: &'r str,
}

/// What lies at a path.
struct Found {
    /// The path, without links.
    path: String,
    kind: Option<ObjectType>,
    id: Oid,
}

impl Whole<'_> {
    /// What a path leads to, if it is there.
    fn at(&self, path: &str) -> Option<Found> {
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut parts: Vec<String> = Vec::new();
        let mut links = 0;
        let mut last = (Some(ObjectType::Tree), self.tree.id());
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    parts.pop()?;
                    last = (Some(ObjectType::Tree), self.id(&parts)?);
                    continue;
                }
                _ => parts.push(part),
            }
            let entry = self.tree.get_path(Path::new(&parts.join("/"))).ok()?;
            if entry.filemode() == LINK {
                links += 1;
                let blob = self.repository.find_blob(entry.id()).ok()?;
                let target = std::str::from_utf8(blob.content()).ok()?;
                if links > MAX_LINKS || target.starts_with('/') {
                    return None;
                }
                parts.pop();
                left.extend(target.split('/').rev().map(str::to_owned));
                last = (Some(ObjectType::Tree), self.id(&parts)?);
                continue;
            }
            last = (entry.kind(), entry.id());
        }
        Some(Found { path: parts.join("/"), kind: last.0, id: last.1 })
    }

    fn id(&self, directory: &[String]) -> Option<Oid> {
        if directory.is_empty() {
            return Some(self.tree.id());
        }
        Some(self.tree.get_path(Path::new(&directory.join("/"))).ok()?.id())
    }

    /// The file that a path leads to, if it is one below the top.
    fn file(&self, path: &str) -> Option<Oid> {
        let found = self.at(path)?;
        let is_file = found.kind == Some(ObjectType::Blob) && found.path.starts_with(self.top);
        is_file.then_some(found.id)
    }
}
