//! The real file system below a root directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use walkdir::WalkDir;

use super::{Entry, EntryKind, Lock, World};

/// How long to wait between two looks at a lock.
const POLL: Duration = Duration::from_millis(50);

/// Files below one directory of the disk.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// A world below `root`; links are resolved once, so that links inside can be judged.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.canonicalize().unwrap_or_else(|_| root.to_owned()) }
    }

    /// The directory that paths are relative to, whole and without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, relative: &str) -> PathBuf {
        if relative.is_empty() { self.root.clone() } else { self.root.join(relative) }
    }

    /// Where a change may be made.
    fn place(&self, relative: &str) -> io::Result<PathBuf> {
        if relative.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(io::Error::other(format!("`{relative}` is no path below the root")));
        }
        match self.link_above(relative) {
            Some(link) => Err(io::Error::other(format!("`{link}` is a symbolic link"))),
            None => Ok(self.path(relative)),
        }
    }

    /// A path below the root, with `/`.
    fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> =
            relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    fn link_kind(&self, path: &Path) -> EntryKind {
        match path.canonicalize() {
            Ok(target) if target.starts_with(&self.root) && target.is_file() => EntryKind::File,
            _ => EntryKind::BadLink,
        }
    }
}

fn make_parents(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

impl World for Disk {
    fn walk(&self, directory: &str) -> io::Result<Vec<Entry>> {
        let top = self.path(directory);
        if !top.is_dir() {
            return Ok(Vec::new());
        }
        let mut entries = Vec::new();
        for entry in WalkDir::new(&top).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) if entry.file_type().is_dir() => continue,
                Ok(entry) => entry,
                Err(error) => match error.path().filter(|_| error.depth() > 0) {
                    Some(closed) => {
                        entries
                            .push(Entry { path: self.relative(closed), kind: EntryKind::Closed });
                        continue;
                    }
                    None => return Err(error.into()),
                },
            };
            let kind = if entry.file_type().is_file() {
                EntryKind::File
            } else if entry.file_type().is_symlink() {
                self.link_kind(entry.path())
            } else {
                EntryKind::Other
            };
            entries.push(Entry { path: self.relative(entry.path()), kind });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn directories(&self, directory: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        match fs::read_dir(self.path(directory)) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry?;
                    if entry.path().is_dir() {
                        names.push(entry.file_name().to_string_lossy().into_owned());
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(path))
    }

    fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    fn link_above(&self, path: &str) -> Option<String> {
        let directories = path.match_indices('/').map(|(at, _)| &path[..at]);
        let is_link = |directory: &&str| self.path(directory).is_symlink();
        directories.into_iter().find(is_link).map(str::to_owned)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.place(path)?;
        match fs::write(&path, bytes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_parents(&path)?;
                fs::write(&path, bytes)
            }
            other => other,
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_parents(&to)?;
                fs::rename(&from, &to)
            }
            other => other,
        }
    }

    fn remove_empty_parents(&self, path: &str, keep: &str) {
        let keep = self.path(keep);
        for parent in self.path(path).ancestors().skip(1) {
            if parent == keep || !parent.starts_with(&keep) || fs::remove_dir(parent).is_err() {
                break;
            }
        }
    }

    fn lock(&self, path: &str, patience: Duration) -> io::Result<Lock> {
        let path = self.place(path)?;
        make_parents(&path)?;
        // Never emptied: it may be a link to a file that somebody needs.
        let file = fs::OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
        let watch = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(Some(file))),
                Err(fs::TryLockError::WouldBlock) if watch.elapsed() < patience => {
                    std::thread::sleep(POLL.min(patience));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn remove_all(&self, directory: &str) -> io::Result<()> {
        match fs::remove_dir_all(self.place(directory)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}
