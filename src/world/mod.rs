//! The only door to files. Everything else in this crate is a function of what comes through here.
//!
//! Paths are relative to the world's root and written with `/`.

mod disk;
mod memory;

pub use disk::Disk;
pub use memory::Memory;

use std::io;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, or a link to a file inside the root.
    File,
    /// A link that leads out of the root, to nothing, or to a directory.
    BadLink,
    /// A socket, pipe or device.
    Other,
}

/// One entry of a directory walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the root.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// A tree of files that can be read and changed.
pub trait World: Send + Sync {
    /// All entries below a directory that are no directories, ordered by path; nothing where the
    /// directory does not exist.
    ///
    /// # Errors
    ///
    /// Where a directory cannot be listed.
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

    /// Removes a file, and then the directories above it that are empty, up to `keep`.
    ///
    /// # Errors
    ///
    /// Where the file cannot be removed.
    fn remove(&self, path: &str, keep: &str) -> io::Result<()>;

    /// Removes a directory and everything below it; nothing where it does not exist.
    ///
    /// # Errors
    ///
    /// Where something in it cannot be removed.
    fn remove_all(&self, directory: &str) -> io::Result<()>;
}
