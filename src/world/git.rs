//! Git repositories on disk; only read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use git2::{
    ErrorCode, Index, ObjectType, Oid, Repository, StatusOptions, TreeWalkMode, TreeWalkResult,
};

/// The mode by which git tells a submodule.
pub(super) const SUBMODULE: u32 = 0o160_000;

/// What a path of a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitEntry {
    /// A file.
    File,
    /// A symbolic link and the path that it holds.
    Link(String),
    /// A submodule: another repository, in this directory.
    Submodule,
}

/// A git repository with a work tree.
pub struct GitRepository {
    repository: Repository,
    root: PathBuf,
}

impl GitRepository {
    /// The repository that a path lies in; nothing where it is in none, or in one without files.
    #[must_use]
    pub fn around(path: &Path) -> Option<Self> {
        let repository = Repository::discover(path).ok()?;
        let root = repository.workdir()?.canonicalize().ok()?;
        Some(Self { repository, root })
    }

    /// Whether a path lies in the directory in which git itself keeps a repository, with or without files.
    #[must_use]
    pub fn keeps(path: &Path) -> bool {
        let Ok(repository) = Repository::discover(path) else { return false };
        let own = repository.path().canonicalize();
        own.is_ok_and(|own| path.canonicalize().is_ok_and(|path| path.starts_with(own)))
    }

    /// As [`around`](Self::around), where there has to be one.
    ///
    /// # Errors
    ///
    /// Where there is none, or one that cannot be read: the two are told apart.
    pub fn needed(path: &Path) -> io::Result<Self> {
        let path_name = path.display();
        let none = || io::Error::other(format!("`{path_name}` is in no repository of git"));
        match Repository::discover(path) {
            Ok(_) => Self::around(path).ok_or_else(none),
            Err(error) if error.code() == ErrorCode::NotFound => Err(none()),
            Err(error) => Err(io::Error::other(format!(
                "the repository of git that `{path_name}` is in cannot be read: {}",
                error.message()
            ))),
        }
    }

    pub(super) fn inner(&self) -> &Repository {
        &self.repository
    }

    /// What is staged.
    ///
    /// # Errors
    ///
    /// Where it cannot be read; the way out of a form that is unknown here is told.
    pub(super) fn index(&self) -> Result<Index, git2::Error> {
        self.repository.index().map_err(|error| {
            let (form, way_out) = match error.message() {
                it if it.ends_with("extension: 'link'") => {
                    ("split", "git update-index --no-split-index")
                }
                it if it.ends_with("extension: 'sdir'") => {
                    ("sparse", "git sparse-checkout reapply --no-sparse-index")
                }
                _ => return error,
            };
            git2::Error::from_str(&format!(
                "a {form} index cannot be read; `{way_out}` writes it in one piece"
            ))
        })
    }

    /// The top of its work tree, without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A directory of the work tree, without links, as paths in the repository begin: empty, or with
    /// `/` at its end.
    #[must_use]
    pub fn path_of(&self, directory: &Path) -> String {
        let rest = directory.strip_prefix(&self.root).unwrap_or(Path::new(""));
        rest.iter().map(|part| format!("{}/", part.to_string_lossy())).collect()
    }

    /// The branch that is checked out, be there a commit on it or not.
    #[must_use]
    pub fn branch(&self) -> Option<String> {
        let head = self.repository.find_reference("HEAD").ok()?;
        let name = head.symbolic_target().ok().flatten()?;
        name.strip_prefix("refs/heads/").map(str::to_owned)
    }

    pub(super) fn remote_names(&self) -> Vec<String> {
        let names = self.repository.remotes();
        let names = names.iter().flat_map(git2::string_array::StringArray::iter);
        names.filter_map(|name| name.ok().flatten().map(str::to_owned)).collect()
    }

    /// The URLs of its remotes.
    #[must_use]
    pub fn remotes(&self) -> Vec<String> {
        let names = self.remote_names();
        let remotes = names.iter().filter_map(|name| self.repository.find_remote(name).ok());
        remotes.filter_map(|remote| remote.url().ok().map(str::to_owned)).collect()
    }

    /// The URL of the remote `origin`, or of the only one.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let names = self.remote_names();
        let name = match names.as_slice() {
            [one] => one.as_str(),
            _ => "origin",
        };
        self.repository.find_remote(name).ok()?.url().ok().map(str::to_owned)
    }

    /// The files and links of the work tree that git knows or would add, by their paths.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, GitEntry> {
        let mut files = BTreeMap::new();
        let mut paths: Vec<String> = Vec::new();
        let index = self.index().ok();
        for entry in index.iter().flat_map(Index::iter) {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            let flags = git2::IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
            if entry.mode == SUBMODULE {
                files.insert(path, GitEntry::Submodule);
            } else if flags.is_skip_worktree() {
                // Left out of a sparse work tree: it is there for all others.
                files.insert(path, GitEntry::File);
            } else {
                paths.push(path);
            }
        }
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .exclude_submodules(true)
            .no_refresh(true);
        if let Ok(statuses) = self.repository.statuses(Some(&mut options)) {
            let new = statuses.iter().filter(|one| one.status().is_wt_new());
            paths.extend(new.filter_map(|one| one.path().ok().map(str::to_owned)));
        }
        files.extend(paths.into_iter().filter_map(|path| Some((path.clone(), self.entry(&path)?))));
        files
    }

    /// The files at and below some paths, or all, that the work tree leaves out, with what is staged of
    /// them.
    ///
    /// Source: "Skip-worktree bit" in git-update-index(1).
    #[must_use]
    pub fn left_out(&self, paths: &[String]) -> BTreeMap<String, Oid> {
        let paths: Vec<String> =
            paths.iter().map(|path| path.trim_end_matches('/').to_owned()).collect();
        let left_out = |entry: git2::IndexEntry| {
            let flags = git2::IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
            let is_file = flags.is_skip_worktree() && entry.mode != SUBMODULE;
            let path = is_file.then(|| String::from_utf8_lossy(&entry.path).into_owned())?;
            let is_wanted = paths.is_empty() || lies_at(&path, &paths);
            (is_wanted && self.entry(&path).is_none()).then_some((path, entry.id))
        };
        let index = self.index().ok();
        index.iter().flat_map(Index::iter).filter_map(left_out).collect()
    }

    fn entry(&self, path: &str) -> Option<GitEntry> {
        entry(&self.root.join(path))
    }

    /// The files and links of a commit, with their bytes or what they hold; nothing where there is no
    /// such revision.
    #[must_use]
    pub fn revision(&self, revision: &str) -> Option<BTreeMap<String, (GitEntry, Vec<u8>)>> {
        let found = self.resolved(revision)?;
        let mut files = BTreeMap::new();
        let walked = found.walk(TreeWalkMode::PreOrder, |above, entry| {
            if let (Some(ObjectType::Commit), Ok(name)) = (entry.kind(), entry.name()) {
                files.insert(format!("{above}{name}"), (GitEntry::Submodule, Vec::new()));
            }
            let is_blob = entry.kind() == Some(ObjectType::Blob);
            let object = is_blob.then(|| entry.to_object(&self.repository).ok()).flatten();
            if let (Some(blob), Ok(name)) =
                (object.as_ref().and_then(|it| it.as_blob()), entry.name())
            {
                let bytes = blob.content().to_vec();
                let kind = match entry.filemode() {
                    0o120_000 => GitEntry::Link(String::from_utf8_lossy(&bytes).into_owned()),
                    _ => GitEntry::File,
                };
                files.insert(format!("{above}{name}"), (kind, bytes));
            }
            TreeWalkResult::Ok
        });
        walked.ok().map(|()| files)
    }
}

/// Whether a path is one of some, or below one.
#[must_use]
pub fn lies_at(path: &str, paths: &[String]) -> bool {
    let rest = paths.iter().filter_map(|above| path.strip_prefix(&**above));
    rest.into_iter().any(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The files and links below a directory that is no repository of git, by their paths.
///
/// # Errors
///
/// Where it cannot be listed.
pub fn plain_files(root: &Path) -> io::Result<BTreeMap<String, GitEntry>> {
    let mut files = BTreeMap::new();
    let is_git = |entry: &walkdir::DirEntry| entry.file_name() == ".git";
    for found in walkdir::WalkDir::new(root).into_iter().filter_entry(|entry| !is_git(entry)) {
        let found = found?;
        let below = found.path().strip_prefix(root).unwrap_or(found.path());
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        if let Some(kind) = entry(found.path()) {
            files.insert(parts.join("/"), kind);
        }
    }
    Ok(files)
}

fn entry(path: &Path) -> Option<GitEntry> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    if kind.is_symlink() {
        let target = fs::read_link(path).ok()?;
        return Some(GitEntry::Link(target.to_string_lossy().into_owned()));
    }
    kind.is_file().then_some(GitEntry::File)
}
