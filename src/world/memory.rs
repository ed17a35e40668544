//! A file tree in memory, with the faults of real disks: it can be full or refuse to be written.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Entry, EntryKind, Lock, World};

/// Files by path.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    links: BTreeSet<String>,
    capacity: Option<usize>,
    read_only: Vec<String>,
    steps: Option<usize>,
}

impl State {
    /// Counts one change; fails where the fault that was asked for strikes.
    fn change(&mut self, path: &str) -> io::Result<()> {
        if self.read_only.iter().any(|prefix| path.starts_with(prefix.as_str())) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match &mut self.steps {
            Some(0) => Err(io::Error::other("the world ended here")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Memory {
    /// A tree of these files.
    #[must_use]
    pub fn new<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let world = Self::default();
        world.lock().files =
            files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect();
        world
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a link there that leads out of the tree.
    pub fn link(&self, path: &str) {
        self.lock().links.insert(path.to_owned());
    }

    /// Bytes that all files together may take; what goes beyond is "no space left".
    pub fn set_capacity(&self, bytes: Option<usize>) {
        self.lock().capacity = bytes;
    }

    /// Refuses every change below this prefix.
    pub fn make_read_only(&self, prefix: &str) {
        self.lock().read_only.push(prefix.to_owned());
    }

    /// Allows this many changes and refuses all that follow, as a killed process would.
    pub fn stop_after(&self, changes: Option<usize>) {
        self.lock().steps = changes;
    }

    /// All files, to compare.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.lock().files.clone()
    }
}

fn below(directory: &str) -> String {
    if directory.is_empty() { String::new() } else { format!("{directory}/") }
}

impl World for Memory {
    fn walk(&self, directory: &str) -> io::Result<Vec<Entry>> {
        let prefix = below(directory);
        let state = self.lock();
        let files = state.files.keys().map(|path| (path, EntryKind::File));
        let links = state.links.iter().map(|path| (path, EntryKind::BadLink));
        let entries = files.chain(links).filter(|(path, _)| path.starts_with(&prefix));
        let mut entries: Vec<Entry> =
            entries.map(|(path, kind)| Entry { path: path.clone(), kind }).collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn directories(&self, directory: &str) -> io::Result<Vec<String>> {
        let prefix = below(directory);
        let names: BTreeSet<String> = self
            .lock()
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix)?.split_once('/'))
            .map(|(name, _)| name.to_owned())
            .collect();
        Ok(names.into_iter().collect())
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.lock().files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &str) -> bool {
        let (state, prefix) = (self.lock(), below(path));
        state.files.contains_key(path)
            || state.links.contains(path)
            || state.files.keys().any(|file| file.starts_with(&prefix))
    }

    fn link_above(&self, path: &str) -> Option<String> {
        let state = self.lock();
        let mut directories = path.match_indices('/').map(|(at, _)| &path[..at]);
        directories.find(|directory| state.links.contains(*directory)).map(str::to_owned)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        state.change(path)?;
        if let Some(capacity) = state.capacity {
            let old = state.files.get(path).map_or(0, Vec::len);
            let used: usize = state.files.values().map(Vec::len).sum::<usize>() - old;
            if used + bytes.len() > capacity {
                let room = capacity.saturating_sub(used);
                state.files.insert(path.to_owned(), bytes[..room.min(bytes.len())].to_vec());
                return Err(io::ErrorKind::StorageFull.into());
            }
        }
        state.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.change(from)?;
        state.change(to)?;
        let bytes = state.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove_empty_parents(&self, _path: &str, _keep: &str) {}

    fn lock(&self, _path: &str, _patience: Duration) -> io::Result<Lock> {
        Ok(Lock(None))
    }

    fn remove_all(&self, directory: &str) -> io::Result<()> {
        let prefix = below(directory);
        let mut state = self.lock();
        if state.files.keys().any(|path| path.starts_with(&prefix)) {
            state.change(directory)?;
        }
        state.files.retain(|path, _| !path.starts_with(&prefix));
        Ok(())
    }
}
