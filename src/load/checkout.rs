//! Repositories as Argo CD would check them out: those that lie on this disk, by their URLs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use rayon::prelude::*;

use crate::argocd::application_set::{Lacking, Repositories};
use crate::argocd::repository_url::same_place;
use crate::argocd::tree::{Entry, Made, Text, Tree};
use crate::gotemplate::VersionRange;
use crate::model::MadeFile;
use crate::source::Sources;
use crate::world::git::{GitEntry, GitRepository, plain_files};
use crate::world::git_revision::is_commit;
use crate::world::named;

/// Files that are larger are not read.
const MAX_BYTES: usize = 10 << 20;

/// Repositories, and where they are.
#[derive(Default)]
pub struct Checkouts {
    checkouts: Vec<Checkout>,
    /// Revisions that were asked for and are not read, by URL.
    missed: RefCell<BTreeSet<(String, String)>>,
}

/// One repository.
struct Checkout {
    /// Where it lies; nothing for what is not on disk.
    root: Option<PathBuf>,
    /// The URLs by which it is known.
    urls: Vec<String>,
    /// What lies there now.
    work_tree: Tree,
    /// Git's own, which has more revisions; for what has none the work tree is all revisions.
    repository: Option<GitRepository>,
    /// Other revisions that were asked for.
    revisions: BTreeMap<String, Tree>,
}

impl Checkouts {
    /// Adds what a directory holds as the repository of a URL: that of git whose top it is, else its
    /// files, at every revision. One that is here already gets that URL, too. `shown` is how people
    /// read the paths of its files.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be listed.
    pub fn add_directory(
        &mut self,
        url: Option<&str>,
        directory: &Path,
        shown: &dyn Fn(&str) -> String,
        sources: &mut Sources,
    ) -> anyhow::Result<()> {
        let root = Some(named::real_path(directory));
        let urls: Vec<String> = url.into_iter().map(str::to_owned).collect();
        if let Some(known) = self.checkouts.iter_mut().find(|checkout| checkout.root == root) {
            known.urls.extend(urls);
            return Ok(());
        }
        let of_git =
            GitRepository::around(directory).filter(|it| Some(it.root()) == root.as_deref());
        if let Some(repository) = of_git {
            self.push_repository(repository, urls, shown, sources);
            return Ok(());
        }
        let files = plain_files(directory)
            .with_context(|| format!("cannot list `{}`", directory.display()))?;
        let read = |path: &str| named::read(&directory.join(path)).ok();
        let work_tree = tree(&files, read, shown, sources);
        let revisions = BTreeMap::new();
        self.checkouts.push(Checkout { root, urls, work_tree, repository: None, revisions });
        Ok(())
    }

    /// Adds a repository of git under the URLs of its remotes. `shown` is how people read the paths
    /// of its files.
    pub fn add_repository(
        &mut self,
        repository: GitRepository,
        shown: &dyn Fn(&str) -> String,
        sources: &mut Sources,
    ) {
        let urls = repository.remotes();
        self.push_repository(repository, urls, shown, sources);
    }

    fn push_repository(
        &mut self,
        repository: GitRepository,
        urls: Vec<String>,
        shown: &dyn Fn(&str) -> String,
        sources: &mut Sources,
    ) {
        let root = repository.root().to_owned();
        let read = |path: &str| named::read(&root.join(path)).ok();
        let work_tree = tree(&repository.files(), read, shown, sources);
        let revisions = BTreeMap::new();
        self.checkouts.push(Checkout {
            root: Some(root),
            urls,
            work_tree,
            repository: Some(repository),
            revisions,
        });
    }

    /// Adds files that are not on disk, by their paths, as the repository of a URL. Those of objects
    /// have no text in `sources` until [`Self::fill`].
    pub fn add_made(
        &mut self,
        url: &str,
        files: impl IntoIterator<Item = (String, MadeFile)>,
        sources: &mut Sources,
    ) {
        let entries = files.into_iter().map(|(path, file)| {
            let entry = match file {
                MadeFile::Text(text) => {
                    let text: Arc<str> = text.into();
                    Entry::File(Text { file: sources.add(path.clone(), text.clone()), text })
                }
                file @ MadeFile::Objects { .. } => {
                    Entry::Made(Made::new(sources.add(path.clone(), ""), file))
                }
            };
            (path, entry)
        });
        self.checkouts.push(Checkout {
            root: None,
            urls: vec![url.to_owned()],
            work_tree: Tree::new(entries),
            repository: None,
            revisions: BTreeMap::new(),
        });
    }

    /// Gives `sources` the texts of made files that somebody has read: places may lie in them.
    pub fn fill(&self, sources: &mut Sources) {
        let entries = self.checkouts.iter().flat_map(|checkout| checkout.work_tree.below(""));
        for (_, entry) in entries {
            if let Entry::Made(made) = entry
                && let Some(text) = made.read_text()
            {
                sources.fill(text.file, text.text.clone());
            }
        }
    }

    /// Reads the revisions that were asked for since and that repositories here have; says whether
    /// there are any.
    pub fn read_missed(&mut self, sources: &mut Sources) -> bool {
        let missed = std::mem::take(self.missed.get_mut());
        missed.iter().filter(|(url, revision)| self.read_revision(url, revision, sources)).count()
            > 0
    }

    fn read_revision(&mut self, url: &str, revision: &str, sources: &mut Sources) -> bool {
        for checkout in self.checkouts.iter_mut().filter(|checkout| checkout.is_of(url)) {
            let of = |repository: &GitRepository| repository.revision(revision);
            let Some(files) = checkout.repository.as_ref().and_then(of) else { continue };
            let kinds = files.iter().map(|(path, (kind, _))| (path.clone(), kind.clone()));
            let read = |path: &str| files.get(path).map(|(_, bytes)| bytes.clone());
            let found = tree(&kinds.collect(), read, &|path| format!("{revision}:{path}"), sources);
            return checkout.revisions.insert(revision.to_owned(), found).is_none();
        }
        false
    }

    /// The work tree that was added first.
    #[must_use]
    pub fn first(&self) -> Option<&Tree> {
        self.checkouts.first().map(|checkout| &checkout.work_tree)
    }
}

impl Checkout {
    fn is_of(&self, url: &str) -> bool {
        self.urls.iter().any(|own| same_place(own, url))
    }

    fn tree(&self, revision: &str) -> Option<&Tree> {
        match &self.repository {
            Some(repository) if !repository.stands_for(revision) => self.revisions.get(revision),
            _ => Some(&self.work_tree),
        }
    }
}

impl Repositories for Checkouts {
    fn tree(&self, url: &str, revision: &str) -> Option<&Tree> {
        let mut known = self.checkouts.iter().filter(|checkout| checkout.is_of(url));
        let found = known.find_map(|checkout| checkout.tree(revision));
        if found.is_none() {
            self.missed.borrow_mut().insert((url.to_owned(), revision.to_owned()));
        }
        found
    }

    fn work_tree(&self, url: &str, revision: &str) -> Option<&Tree> {
        let may_be = |it: &&Checkout| {
            it.is_of(url) && it.repository.as_ref().is_some_and(|git| git.may_stand_for(revision))
        };
        self.checkouts.iter().find(may_be).map(|checkout| &checkout.work_tree)
    }

    fn lacking(&self, url: &str, revision: &str) -> Option<Lacking> {
        let mut known = self.checkouts.iter().filter(|checkout| checkout.is_of(url)).peekable();
        let first = known.peek()?.repository.as_ref()?;
        let is_there = known.any(|checkout| checkout.tree(revision).is_some());
        (!is_there && is_name(revision))
            .then(|| Lacking { is_complete: first.is_complete(), names: first.names() })
    }
}

/// Whether a revision must be the name of a branch or a tag of the repository: no commit, no range of
/// versions, and nothing that only the server has, as what it makes of a request to merge.
fn is_name(revision: &str) -> bool {
    let of_server = ["refs/", "pull/", "pull-requests/", "merge-requests/", "changes/", "notes/"];
    let known = ["refs/heads/", "refs/tags/"];
    let begins = |with: &[&str]| with.iter().any(|with| revision.starts_with(with));
    !is_commit(revision)
        && VersionRange::read(revision).is_none()
        && (begins(&known) || !begins(&of_server))
}

/// A tree of files, of which those are read that can hold manifests or parameters.
fn tree(
    files: &BTreeMap<String, GitEntry>,
    read: impl Fn(&str) -> Option<Vec<u8>> + Sync,
    shown: &dyn Fn(&str) -> String,
    sources: &mut Sources,
) -> Tree {
    let is_wanted = |path: &str| {
        let suffix = path.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        ["yaml", "yml", "json"].iter().any(|known| suffix.eq_ignore_ascii_case(known))
    };
    let text = |path: &String| -> Option<Arc<str>> {
        let bytes = read(path).filter(|bytes| bytes.len() <= MAX_BYTES)?;
        String::from_utf8(bytes).ok().map(Into::into)
    };
    let files: Vec<(&String, &GitEntry)> = files.iter().collect();
    let texts: Vec<Option<Arc<str>>> = files
        .par_iter()
        .map(|(path, kind)| (**kind == GitEntry::File && is_wanted(path)).then(|| text(path))?)
        .collect();
    let entries = files.into_iter().zip(texts).map(|((path, kind), text)| {
        let entry = match (kind, text) {
            (GitEntry::Link(target), _) => Entry::Link(target.clone()),
            (GitEntry::Submodule, _) => Entry::Elsewhere,
            (GitEntry::File, Some(text)) => {
                let file = sources.add(shown(path), text.clone());
                Entry::File(Text { file, text })
            }
            (GitEntry::File, None) => Entry::Unread,
        };
        (path.clone(), entry)
    });
    Tree::new(entries)
}

/// How a path below a directory reads from where the user is.
#[must_use]
pub fn prefix(root: &Path, here: &Path) -> String {
    let here: PathBuf = named::real_path(here);
    if let Ok(below) = root.strip_prefix(&here) {
        return match below.to_string_lossy() {
            path if path.is_empty() => String::new(),
            path => format!("{path}/"),
        };
    }
    match here.strip_prefix(root) {
        Ok(below) => "../".repeat(below.iter().count()),
        Err(_) => format!("{}/", root.display()),
    }
}
