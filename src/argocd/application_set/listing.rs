//! The directories and files that a git generator lists.

use std::collections::{BTreeMap, BTreeSet};

use super::super::tree::{Found, MAX_LINKS, Text, Tree};
use super::names::clean;
use super::pathspec::Pathspec;
use crate::argocd::glob::{Dialect, Pattern, alternatives};

/// Why files cannot be listed or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeError {
    /// Argo CD fails, too, and this is why.
    Wrong(String),
    /// A pattern with means that are not known here.
    Unknown(String),
}

impl Tree {
    /// The directories from the top down, each before what is in it. The top itself is not among
    /// them, nor is what a link leads to. Hidden ones are left out with all that is in them, unless
    /// they are asked for; then git's own directory is among them, as it is in the checkout of the
    /// repo-server.
    ///
    /// Source: `GetGitDirectories` in `reposerver/repository/repository.go`, `TestGetGitDirectories`.
    #[must_use]
    pub fn directories(&self, hidden: bool) -> Vec<String> {
        let mut found: BTreeSet<Vec<&str>> = BTreeSet::new();
        for path in self.paths() {
            let names: Vec<&str> = path.split('/').collect();
            for depth in 1..names.len() {
                found.insert(names[..depth].to_vec());
            }
        }
        if hidden {
            found.insert(vec![".git"]);
        }
        let shown = |names: &Vec<&str>| hidden || !names.iter().any(|name| name.starts_with('.'));
        found.into_iter().filter(shown).map(|names| names.join("/")).collect()
    }

    /// The files that a pattern of a git generator names, with their text.
    ///
    /// Source: `GetGitFiles` in `reposerver/repository/repository.go`, `LsFiles` in
    /// `util/git/client.go`; `Test_LsFiles`.
    ///
    /// # Errors
    ///
    /// For patterns that cannot be used, and for what is found but is no file.
    pub fn files(
        &self,
        pattern: &str,
        new_globbing: bool,
    ) -> Result<BTreeMap<String, &Text>, TreeError> {
        let paths = if new_globbing { self.glob(pattern)? } else { self.listed(pattern)? };
        let mut files = BTreeMap::new();
        for path in paths {
            match self.find(&path) {
                Some(Found::File(text)) => files.insert(path, text),
                Some(Found::Made(made)) => files.insert(path, made.text()),
                Some(Found::Unread | Found::Elsewhere) => {
                    return Err(TreeError::Unknown(format!("the file `{path}` was not read")));
                }
                Some(Found::Directory(_)) => {
                    return Err(TreeError::Wrong(format!(
                        "the pattern `{pattern}` matches the directory `{path}`, and Argo CD reads all that it matches as files"
                    )));
                }
                None => {
                    return Err(TreeError::Wrong(format!(
                        "the link `{path}` leads to no file of the repository"
                    )));
                }
            };
        }
        Ok(files)
    }

    /// `git ls-files -- PATTERN`
    fn listed(&self, pattern: &str) -> Result<BTreeSet<String>, TreeError> {
        let pathspec = Pathspec::new(pattern)?;
        Ok(self.paths().filter(|path| pathspec.matches(path)).map(str::to_owned).collect())
    }

    /// `doublestar.FilepathGlob` from the top of the tree, which goes through links to directories.
    /// What lies outside of the repository is left out.
    fn glob(&self, pattern: &str) -> Result<BTreeSet<String>, TreeError> {
        let bad = || TreeError::Wrong(format!("`{pattern}` is no valid pattern"));
        let mut found = BTreeSet::new();
        // It is cleaned as a path before it is read as a pattern. Above the top there is nothing.
        let Some(clean) = clean(pattern) else { return Ok(found) };
        for one in alternatives(&clean.join("/")).map_err(|_| bad())? {
            let mut names = Vec::new();
            for name in one.split('/').filter(|name| !name.is_empty()) {
                names.push(match name {
                    "**" => None,
                    name => Some(Pattern::new(name, Dialect::Name).map_err(|_| bad())?),
                });
            }
            self.glob_below("", &names, 0, &mut found);
        }
        Ok(found)
    }

    fn glob_below(
        &self,
        directory: &str,
        names: &[Option<Pattern>],
        links: usize,
        found: &mut BTreeSet<String>,
    ) {
        let Some((first, rest)) = names.split_first() else {
            found.insert(if directory.is_empty() { ".".into() } else { directory.into() });
            return;
        };
        if first.is_none() {
            self.glob_below(directory, rest, links, found);
        }
        for name in self.names_in(directory) {
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            let name = path.rsplit('/').next().unwrap_or_default();
            let links = links + usize::from(self.is_link(&path));
            if links > MAX_LINKS {
                continue;
            }
            let is_directory = matches!(self.find(&path), Some(Found::Directory(_)));
            match first {
                None if is_directory => self.glob_below(&path, names, links, found),
                None if rest.is_empty() => _ = found.insert(path),
                Some(pattern) if pattern.matches(name) && (is_directory || rest.is_empty()) => {
                    self.glob_below(&path, rest, links, found);
                }
                _ => {}
            }
        }
    }
}
