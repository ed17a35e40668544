//! A mapping while it is read: keys given twice, and merge keys.

use super::fault::{Fault, FaultKind};
use super::node::{Key, Map, Node, Value};
use super::resolve;
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// From how many entries on a mapping finds its keys by hash.
const INDEXED: usize = 24;

/// A mapping that is not finished.
pub(super) struct MapFrame {
    pub(super) entries: Vec<(Key, Node)>,
    pub(super) slot: Slot,
    index: HashMap<Box<str>, usize>,
    /// The keys that only a merge has set so far.
    merged: HashSet<Box<str>>,
    pub(super) start: Span,
    pub(super) anchor: usize,
}

/// What a mapping waits for.
pub(super) enum Slot {
    Key,
    Value(Key),
    /// The value of `<<` at this place.
    Merge(Span),
    /// The value of a key that cannot be.
    Skipped,
}

impl MapFrame {
    pub(super) fn new(start: Span, anchor: usize) -> Self {
        Self {
            entries: Vec::new(),
            slot: Slot::Key,
            index: HashMap::new(),
            merged: HashSet::new(),
            start,
            anchor,
        }
    }

    /// The entries as a mapping.
    pub(super) fn finish(self) -> Map {
        Map::from_unique(self.entries)
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.entries.len() < INDEXED {
            return self.entries.iter().position(|(key, _)| &*key.name == name);
        }
        self.index.get(name).copied()
    }

    fn push(&mut self, key: Key, node: Node) {
        if self.entries.len() + 1 >= INDEXED {
            if self.index.is_empty() {
                let names = self.entries.iter().enumerate();
                self.index = names.map(|(at, (key, _))| (key.name.clone(), at)).collect();
            }
            self.index.insert(key.name.clone(), self.entries.len());
        }
        self.entries.push((key, node));
    }

    /// Sets a key that is written out; the last one counts, as for Kubernetes.
    pub(super) fn set(&mut self, key: Key, node: Node) -> Option<Fault> {
        let Some(at) = self.position(&key.name) else {
            self.push(key, node);
            return None;
        };
        let merged = !self.merged.is_empty() && self.merged.remove(&key.name);
        let fault = (!merged).then(|| {
            Fault::new(
                FaultKind::DuplicateKey,
                key.span,
                format!("the key `{}` is given twice", resolve::short(&key.name)),
            )
            .related(self.entries[at].0.span, "first given here")
            .help("Kubernetes takes the last one in silence; remove one of them")
        });
        self.entries[at] = (key, node);
        fault
    }

    /// Merges the value of `<<`: a mapping, or a sequence of mappings where the first counts most
    /// (goyaml.v2, `decoder.merge`).
    pub(super) fn merge(&mut self, span: Span, node: Node, faults: &mut Vec<Fault>) {
        let place = node.span;
        let sources = match node.value {
            Value::Map(map) => vec![map],
            Value::Seq(items) => {
                let mut maps = Vec::with_capacity(items.len());
                for item in items {
                    let Value::Map(map) = item.value else {
                        faults.push(no_map(item.span));
                        return;
                    };
                    maps.push(map);
                }
                maps
            }
            _ => {
                faults.push(no_map(place));
                return;
            }
        };
        for (key, node) in sources.into_iter().rev().flatten() {
            let Some(at) = self.position(&key.name) else {
                self.merged.insert(key.name.clone());
                self.push(key, node);
                continue;
            };
            if self.merged.insert(key.name.clone()) {
                faults.push(
                    Fault::new(
                        FaultKind::DuplicateKey,
                        span,
                        format!(
                            "the merge key overwrites the key `{}` above it",
                            resolve::short(&key.name)
                        ),
                    )
                    .related(self.entries[at].0.span, "overwritten, though written out")
                    .help("put `<<` first: for Kubernetes the last one counts"),
                );
            }
            self.entries[at] = (key, node);
        }
    }
}

fn no_map(span: Span) -> Fault {
    Fault::new(FaultKind::Reference, span, "the merge key `<<` needs a map or a list of maps")
        .help("merge an anchored map, as in `<<: *name`, or put quotes around the key `<<`")
}
