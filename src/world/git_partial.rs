//! Partial clones: objects that were left with the remote, brought when they are needed.
//!
//! The program `git` does that by itself for each object that it reads; libgit2 never does.

use std::collections::BTreeSet;
use std::io::{Error, Result};

use git2::{ErrorCode, ObjectType, Oid};

use super::git::GitRepository;
use super::git_program::{command, finish, succeeded};

impl GitRepository {
    /// Brings what a commit holds and was left with the remote: all its directories, since another tree
    /// is made of them, and the files below one of them, with `/` at its end.
    ///
    /// # Errors
    ///
    /// Where the repository cannot be read, or the remote does not give what it promised.
    pub(super) fn complete(&self, commit: Oid, below: &str) -> Result<()> {
        let promisors = self.promisors();
        if promisors.is_empty() {
            return Ok(());
        }
        let mut asked = BTreeSet::new();
        loop {
            let missing = self.missing(commit, below).map_err(Error::other)?;
            if missing.is_empty() {
                return Ok(());
            }
            // What was promised and did not come would be asked for without end.
            let brought = match missing.is_subset(&asked) {
                true => Err(Error::other("the remote has it no longer")),
                false => self.bring(&promisors, &missing),
            };
            brought.map_err(|error| {
                Error::other(format!(
                    "this is a partial clone, and what it lacks cannot be fetched: {error}; \
                     `git fetch --refetch --no-filter` makes the clone whole"
                ))
            })?;
            asked.extend(missing);
        }
    }

    /// The remotes that this clone left objects with.
    fn promisors(&self) -> Vec<String> {
        let Ok(config) = self.inner().config() else { return Vec::new() };
        let is_one = |name: &String| config.get_bool(&format!("remote.{name}.promisor"));
        self.remote_names().into_iter().filter(|name| is_one(name).unwrap_or(false)).collect()
    }

    /// The directories of a commit, and the files below one, that are not here. What is in a directory
    /// that is not here is not known yet.
    fn missing(&self, commit: Oid, below: &str) -> std::result::Result<BTreeSet<Oid>, git2::Error> {
        let repository = self.inner();
        let objects = repository.odb()?;
        let mut missing = BTreeSet::new();
        let mut left = vec![(String::new(), repository.find_commit(commit)?.tree_id())];
        while let Some((above, id)) = left.pop() {
            let tree = match repository.find_tree(id) {
                Ok(tree) => tree,
                Err(error) if error.code() == ErrorCode::NotFound => {
                    missing.insert(id);
                    continue;
                }
                Err(error) => return Err(error),
            };
            for entry in &tree {
                let path = format!("{above}{}", String::from_utf8_lossy(entry.name_bytes()));
                match entry.kind() {
                    Some(ObjectType::Tree) => left.push((format!("{path}/"), entry.id())),
                    Some(ObjectType::Blob) => {
                        let is_on_the_way = below.starts_with(&format!("{path}/"));
                        let is_wanted = is_on_the_way || path.starts_with(below);
                        if is_wanted && !objects.exists(entry.id()) {
                            missing.insert(entry.id());
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(missing)
    }

    /// Asks each remote in turn, as git does.
    ///
    /// Source: `fetch_objects` in `promisor-remote.c` of git.
    fn bring(&self, promisors: &[String], missing: &BTreeSet<Oid>) -> Result<()> {
        let input: String = missing.iter().map(|id| format!("{id}\n")).collect();
        let mut ended = Ok(());
        for remote in promisors {
            // What is here says nothing of what is missing: that would be left out again.
            let before = ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags"];
            let options = ["--no-write-fetch-head", "--recurse-submodules=no"];
            let rest = ["--filter=blob:none", "--stdin", "--", remote];
            let arguments = [&before[..], &options, &rest].concat();
            let fetched = finish(&mut command(self.root(), &arguments), input.as_bytes())?;
            ended = succeeded("fetch", fetched).map(|_| ());
            if ended.is_ok() {
                break;
            }
        }
        ended
    }
}
