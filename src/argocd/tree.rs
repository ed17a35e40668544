//! The files of one revision of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::model::MadeFile;
use crate::source::FileId;
use crate::yaml::Node;

/// More steps through links are taken for a circle, as the operating system does.
pub(super) const MAX_LINKS: usize = 40;

/// The files and links of one revision, by path. Submodules are not among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    entries: BTreeMap<String, Entry>,
    /// The first link that leads out of the repository.
    link_outside: Option<String>,
}

/// What git keeps at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A file that was read.
    File(Text),
    /// A file that was made of objects, which know where they come from.
    Made(Made),
    /// A file that was not: it is too large, or no text.
    Unread,
    /// A directory whose files are those of another repository, which is not here: a submodule.
    Elsewhere,
    /// A symbolic link and the path that it holds.
    Link(String),
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// How places name the file.
    pub file: FileId,
    /// All of it.
    pub text: Arc<str>,
}

/// A file that was made of objects. Its text is written where somebody reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    id: FileId,
    file: MadeFile,
    text: OnceLock<Text>,
}

/// What a path leads to, through links.
pub(super) enum Found<'t> {
    /// A file that was read.
    File(&'t Text),
    /// One that was made of objects.
    Made(&'t Made),
    /// One that was not.
    Unread,
    /// Something in another repository.
    Elsewhere,
    /// The path without links.
    Directory(String),
}

impl Made {
    /// A file that places name so.
    #[must_use]
    pub fn new(id: FileId, file: MadeFile) -> Self {
        Self { id, file, text: OnceLock::new() }
    }

    /// How places name it.
    #[must_use]
    pub fn id(&self) -> FileId {
        self.id
    }

    /// Its objects.
    #[must_use]
    pub fn objects(&self) -> &[Arc<Node>] {
        self.file.objects()
    }

    /// Its text, as it would be written.
    pub(super) fn text(&self) -> &Text {
        self.text.get_or_init(|| Text { file: self.id, text: self.file.text().into() })
    }

    /// Its text, where somebody has read it.
    #[must_use]
    pub fn read_text(&self) -> Option<&Text> {
        self.text.get()
    }
}

impl Tree {
    /// A tree of files and links, by paths that use `/`.
    pub fn new(entries: impl IntoIterator<Item = (String, Entry)>) -> Self {
        let entries: BTreeMap<String, Entry> = entries.into_iter().collect();
        let is_outside = |(path, entry): &(&String, &Entry)| match entry {
            Entry::Link(target) => leads_outside(path, target),
            _ => false,
        };
        let link_outside = entries.iter().find(is_outside).map(|(path, _)| path.clone());
        Self { entries, link_outside }
    }

    /// The paths of all files and links.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// All that is directly in a directory and is no directory, with its name, in order.
    pub fn entries_of(&self, directory: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let below = self.below(directory);
        below.filter_map(|(path, entry)| (!path.contains('/')).then_some((path, entry)))
    }

    /// All that is in a directory or below it and is no directory, by its path from there, in order;
    /// what links to directories lead to is not among it.
    pub fn below(&self, directory: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let entries = self.entries.range(prefix.clone()..);
        entries.map_while(move |(path, entry)| Some((path.strip_prefix(&prefix)?, entry)))
    }

    /// The text of a file, through links; nothing where there is none, or it was not read.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&Text> {
        match self.find(path) {
            Some(Found::File(text)) => Some(text),
            Some(Found::Made(made)) => Some(made.text()),
            _ => None,
        }
    }

    /// The objects of a file that was made of them.
    #[must_use]
    pub fn made(&self, path: &str) -> Option<&[Arc<Node>]> {
        match self.find(path) {
            Some(Found::Made(made)) => Some(made.objects()),
            _ => None,
        }
    }

    /// Whether nothing is there under a path, be it a file or a directory.
    #[must_use]
    pub fn lacks(&self, path: &str) -> bool {
        self.find(path).is_none()
    }

    /// A link that leads out of the repository, or says where it leads from the top of the disk.
    pub(super) fn link_outside(&self) -> Option<&str> {
        self.link_outside.as_deref()
    }

    /// Whether a path leads through links to no end.
    pub(super) fn is_circle(&self, path: &str) -> bool {
        matches!(self.walk(path), Err(Lost::InCircle))
    }

    pub(super) fn is_link(&self, path: &str) -> bool {
        matches!(self.entries.get(path), Some(Entry::Link(_)))
    }

    /// The names directly in a directory, which may be reached through links.
    pub fn names_in(&self, directory: &str) -> BTreeSet<String> {
        let real = match self.find(directory) {
            Some(Found::Directory(real)) => real,
            _ => return BTreeSet::new(),
        };
        let prefix = if real.is_empty() { String::new() } else { format!("{real}/") };
        let below = self.entries.range(prefix.clone()..).map(|(path, _)| path);
        below
            .map_while(|path| path.strip_prefix(&prefix))
            .filter_map(|rest| rest.split('/').next().map(str::to_owned))
            .collect()
    }

    pub(super) fn find(&self, path: &str) -> Option<Found<'_>> {
        self.walk(path).ok()
    }

    fn walk(&self, path: &str) -> Result<Found<'_>, Lost> {
        let mut pending: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut real: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(name) = pending.pop() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    // Above the top of the repository nothing is known.
                    real.pop().ok_or(Lost::Nowhere)?;
                    continue;
                }
                _ => real.push(name),
            }
            match self.entries.get(&real.join("/")) {
                Some(Entry::Link(target)) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Lost::InCircle);
                    }
                    if target.starts_with('/') {
                        return Err(Lost::Nowhere);
                    }
                    real.pop();
                    pending.extend(target.split('/').rev().map(str::to_owned));
                }
                Some(Entry::Elsewhere) => return Ok(Found::Elsewhere),
                Some(entry) => {
                    let found = match entry {
                        Entry::File(text) => Found::File(text),
                        Entry::Made(made) => Found::Made(made),
                        _ => Found::Unread,
                    };
                    let is_last = pending.iter().all(String::is_empty);
                    return if is_last { Ok(found) } else { Err(Lost::Nowhere) };
                }
                None => {}
            }
        }
        let real = real.join("/");
        let prefix = format!("{real}/");
        let known = real.is_empty()
            || self
                .entries
                .range(prefix.clone()..)
                .next()
                .is_some_and(|(path, _)| path.starts_with(&prefix));
        if known { Ok(Found::Directory(real)) } else { Err(Lost::Nowhere) }
    }
}

/// Why a path leads to nothing.
enum Lost {
    Nowhere,
    InCircle,
}

/// Source: `CheckOutOfBoundsSymlinks` in `util/app/path/path.go`; a link that comes back counts, too.
fn leads_outside(path: &str, target: &str) -> bool {
    let mut depth = path.matches('/').count();
    target.starts_with('/')
        || target.split('/').any(|name| {
            match name {
                "" | "." => {}
                ".." if depth == 0 => return true,
                ".." => depth -= 1,
                _ => depth += 1,
            }
            false
        })
}
