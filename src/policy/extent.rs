//! How far a run went.

use std::collections::BTreeSet;

/// How far a run went: an entry of a baseline, or a silencer, is in vain only where it looked.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    /// The environments whose objects were all judged.
    pub environments: BTreeSet<String>,
    /// Whether these are all environments that there are.
    pub whole: bool,
    /// The files and directories that were judged by themselves, as their findings name them; `.`
    /// is everything.
    pub roots: Vec<String>,
    /// Files below them of which something was not judged.
    pub unread: BTreeSet<String>,
}

impl Extent {
    /// Whether the run looked for what an environment has, or for what a file has by itself.
    pub(super) fn holds(&self, environment: Option<&str>, file: &str) -> bool {
        let inside = |root: &String| {
            let root = root.trim_start_matches("./").trim_end_matches('/');
            let below = || file.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
            matches!(root, "" | ".") || file == root || below()
        };
        match environment {
            Some(name) => self.whole || self.environments.contains(name),
            None => self.roots.iter().any(inside) && !self.unread.contains(file),
        }
    }
}
