//! Where the links of a work tree lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::git::{GitRepository, lies_at};
use super::git_changes::MAX_LINKS;

/// The mode by which git tells a symbolic link.
const LINK: u32 = 0o120_000;

impl GitRepository {
    /// The paths elsewhere in the work tree that links which git knows at or below some paths lead to,
    /// and those of the links on the way.
    #[must_use]
    pub fn led_to(&self, paths: &[String]) -> BTreeSet<String> {
        let index = self.inner().index().ok();
        let links: Vec<String> = index
            .iter()
            .flat_map(git2::Index::iter)
            .filter(|entry| entry.mode == LINK)
            .map(|entry| String::from_utf8_lossy(&entry.path).into_owned())
            .collect();
        let (mut all, mut found) = (paths.to_vec(), BTreeSet::new());
        // A directory that a link leads to may hold links as well.
        loop {
            let below = links.iter().filter(|link| lies_at(link, &all));
            let mut new: BTreeSet<String> = below.flat_map(|link| self.way(link)).collect();
            new.retain(|path| !lies_at(path, &all));
            if new.is_empty() {
                return found;
            }
            all.extend(new.iter().cloned());
            found.extend(new);
        }
    }

    /// Those of some paths, and of what they lead to as links, that git is told to ignore and does not
    /// know; nothing where it knows none of the paths, since the whole directory is none of its business
    /// then.
    #[must_use]
    pub fn ignored(&self, paths: &[&str]) -> BTreeSet<String> {
        let Ok(index) = self.inner().index() else { return BTreeSet::new() };
        let known: BTreeMap<Vec<u8>, u32> =
            index.iter().map(|entry| (entry.path, entry.mode)).collect();
        if paths.iter().all(|path| !known.contains_key(path.as_bytes())) {
            return BTreeSet::new();
        }
        // Git knows nothing beyond a link.
        let may_lead =
            paths.iter().filter(|path| known.get(path.as_bytes()).is_none_or(|&mode| mode == LINK));
        let mut asked: BTreeSet<String> = may_lead.flat_map(|path| self.way(path)).collect();
        asked.retain(|path| {
            !known.contains_key(path.as_bytes())
                && self.inner().is_path_ignored(path).unwrap_or(false)
        });
        asked
    }

    /// The links of the work tree that a path leads through, and where it ends; as far as that is in the
    /// work tree.
    fn way(&self, path: &str) -> Vec<String> {
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let (mut parts, mut way) = (Vec::new(), Vec::new());
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." if parts.pop().is_some() => continue,
                ".." => return way,
                _ => parts.push(part),
            }
            let here = parts.join("/");
            let Ok(target) = fs::read_link(self.root().join(&here)) else { continue };
            way.push(here);
            parts.pop();
            let below = match target.is_absolute() {
                true => {
                    parts.clear();
                    let below = target.strip_prefix(self.root()).ok();
                    below.and_then(|below| below.to_str())
                }
                false => target.to_str(),
            };
            let Some(below) = below.filter(|_| way.len() <= MAX_LINKS) else { return way };
            left.extend(below.split('/').rev().map(str::to_owned));
        }
        if !parts.is_empty() {
            way.push(parts.join("/"));
        }
        way
    }
}
