//! Files that a user names, wherever they are; only read.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a path that a user has named leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// An open pipe of this process, as shells make for `<(…)`.
    Stream,
    /// A pipe, socket or device, which might never end.
    Other,
}

/// What an entry of a directory is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// A file.
    File,
    /// A link to a file, which is really this one.
    FileLink(PathBuf),
    /// A directory.
    Directory,
    /// A link to a directory.
    DirectoryLink,
    /// A link to nothing, or in a circle.
    BrokenLink,
    /// A pipe, socket or device.
    Other,
}

/// What a path leads to, links followed.
///
/// # Errors
///
/// Where there is nothing, or it may not be looked at.
pub fn examine(path: &Path) -> io::Result<Named> {
    let kind = fs::metadata(path)?.file_type();
    let is_stream = || {
        path == Path::new("/dev/stdin")
            || ["/dev/fd", "/proc/self/fd"].iter().any(|directory| path.starts_with(directory))
    };
    Ok(if kind.is_file() {
        Named::File
    } else if kind.is_dir() {
        Named::Directory
    } else if is_stream() {
        Named::Stream
    } else {
        Named::Other
    })
}

/// The entries of a directory, ordered by name.
///
/// # Errors
///
/// Where it cannot be listed.
pub fn list(directory: &Path) -> io::Result<Vec<(OsString, Listed)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let listed = if kind.is_file() {
            Listed::File
        } else if kind.is_dir() {
            Listed::Directory
        } else if kind.is_symlink() {
            link(&entry.path())
        } else {
            Listed::Other
        };
        entries.push((entry.file_name(), listed));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(entries)
}

fn link(path: &Path) -> Listed {
    match path.canonicalize() {
        Ok(target) if target.is_file() => Listed::FileLink(target),
        Ok(target) if target.is_dir() => Listed::DirectoryLink,
        Ok(_) => Listed::Other,
        Err(_) => Listed::BrokenLink,
    }
}

/// Whether something is there, be it a link to nothing.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The path without links, or as it is where that cannot be said.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Opens a file.
///
/// # Errors
///
/// Where it is missing or cannot be read.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(fs::File::open(path)?))
}

/// Reads a file whole.
///
/// # Errors
///
/// Where it is missing or cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// What comes in on standard input.
#[must_use]
pub fn standard_input() -> Box<dyn Read + Send> {
    Box::new(io::stdin())
}
