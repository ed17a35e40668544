//! The only door to files. Everything else in this crate is a function of what comes through here.
//!
//! Paths are relative to the world's root and written with `/`.

mod disk;
pub mod git;
pub mod git_changes;
mod git_links;
pub mod git_output;
mod git_partial;
mod git_program;
pub mod git_revision;
pub mod git_stage;
pub mod kubeconfig;
mod memory;
pub mod named;

pub use disk::Disk;
pub use memory::Memory;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, or a link to a file inside the root.
    File,
    /// A link that leads out of the root, to nothing, or to a directory.
    BadLink,
    /// A socket, pipe or device.
    Other,
    /// A directory that may not be listed.
    Closed,
}

/// One entry of a directory walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the root.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// A lock that is held while this lives; a process that ends lets go of it.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing the file unlocks it")] Option<std::fs::File>);

/// A tree of files that can be read and changed. Changes never go through a directory that is a
/// symbolic link, nor above the root: what is written is where its path says.
pub trait World: Send + Sync {
    /// All entries below a directory that are no directories, or that may not be listed, ordered by
    /// path; nothing where the directory does not exist.
    ///
    /// # Errors
    ///
    /// Where the directory itself cannot be listed.
    fn walk(&self, directory: &str) -> io::Result<Vec<Entry>>;

    /// The names of the directories directly below a directory, ordered.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be listed.
    fn directories(&self, directory: &str) -> io::Result<Vec<String>>;

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// Where it is missing or cannot be read.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Whether a file is there.
    fn exists(&self, path: &str) -> bool;

    /// The first directory on the way to a path that is a symbolic link.
    fn link_above(&self, path: &str) -> Option<String>;

    /// Makes or overwrites a file, with the directories above it.
    ///
    /// # Errors
    ///
    /// Where it cannot be written whole; what is then left of it is undefined.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Moves a file over another, with the directories above the new place.
    ///
    /// # Errors
    ///
    /// Where it cannot be moved; then nothing has changed.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes the directories above a path that are empty, up to `keep`.
    fn remove_empty_parents(&self, path: &str, keep: &str);

    /// Holds the lock of this file until the result is dropped. The file stays. Where another
    /// process holds it, tries again until this much time has passed.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] where another process still holds it, another where the file
    /// cannot be made.
    fn lock(&self, path: &str, patience: Duration) -> io::Result<Lock>;

    /// Removes a directory and everything below it; nothing where it does not exist.
    ///
    /// # Errors
    ///
    /// Where something in it cannot be removed.
    fn remove_all(&self, directory: &str) -> io::Result<()>;
}

/// Time since a moment, for the account of a run; nothing that is rendered depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn elapsed_milliseconds(self) -> u128 {
        self.0.elapsed().as_millis()
    }
}

/// The directory that the process was started in.
///
/// # Errors
///
/// Where it does not exist any more or cannot be read.
pub fn current_directory() -> io::Result<PathBuf> {
    std::env::current_dir()
}

/// Whether a directory is there.
#[must_use]
pub fn is_directory(path: &Path) -> bool {
    path.is_dir()
}

/// Makes a directory and gives the one above it and its own name.
///
/// # Errors
///
/// Where it cannot be made.
pub fn make_directory(directory: &Path) -> io::Result<(PathBuf, String)> {
    std::fs::create_dir_all(directory)?;
    let whole = directory.canonicalize()?;
    match (whole.parent(), whole.file_name()) {
        (Some(parent), Some(name)) => Ok((parent.to_owned(), name.to_string_lossy().into_owned())),
        _ => Err(io::Error::other("a directory with a name is needed")),
    }
}

/// The text of a file that the user named.
///
/// # Errors
///
/// Where it is missing, cannot be read or is not UTF-8.
pub fn read_input(file: &Path) -> io::Result<String> {
    std::fs::read_to_string(file)
}

/// Writes a result to a file that the user named, whole or not at all: into a new file beside it,
/// which then takes its place. What is no ordinary file, such as `/dev/null` or a pipe, is written
/// to directly.
///
/// # Errors
///
/// Where it cannot be written; what was there before is then still there.
pub fn write_result(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays one: what it leads to is written.
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let known = std::fs::metadata(file).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return std::fs::write(file, bytes);
    }
    let Some(name) = file.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a file is needed"));
    };
    let mut new_name = OsString::from(".");
    new_name.push(name);
    new_name.push(format!(".{}.new", std::process::id()));
    let new = file.with_file_name(new_name);
    let written = std::fs::write(&new, bytes)
        .and_then(|()| match &known {
            Some(known) => std::fs::set_permissions(&new, known.permissions()),
            None => Ok(()),
        })
        .and_then(|()| std::fs::rename(&new, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}
