//! Holding the objects of all files against each other, when each was judged by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::object::Denied;
use super::outcome::Outcome;
use super::tree;
use crate::check::registry::Reach;
use crate::check::whole::{self, Told, Whole};
use crate::diagnostic::Finding;
use crate::facts::{self, Cluster, Surroundings};
use crate::load::manifest::{self, File, Piece, Pieces, Reason};
use crate::model::{ObjectKey, items};
use crate::policy::{Extent, Looked, Object, Policy, Sorted};
use crate::source::{FileId, Sources};
use crate::world::named;

/// What the objects of all files say. Their texts are not kept: where a finding needs one, it is
/// read again.
#[derive(Default)]
pub(super) struct Together {
    objects: Vec<facts::Object>,
    /// Directories with files that may hold objects and were not read.
    unseen: BTreeSet<Box<str>>,
    /// Where the text of a source is: the number of the file, and of the piece of it.
    pieces: BTreeMap<FileId, (usize, usize)>,
    /// Texts that can be read but once.
    texts: BTreeMap<FileId, String>,
    /// Sources that silence checks of whole clusters.
    silencing: BTreeSet<FileId>,
    /// What is wrong with single objects, silenced or not.
    told: Told,
}

impl Together {
    /// The number by which facts name the text of a piece.
    pub(super) fn source(
        &mut self,
        sources: &mut Sources,
        file: (usize, &File),
        piece: (usize, usize),
    ) -> FileId {
        let (number, file) = file;
        let (index, first_line) = piece;
        let source = sources.add_part(file.shown.clone(), "", first_line);
        self.pieces.insert(source, (number, index));
        source
    }

    /// Whether there are Applications to follow.
    pub(super) fn has_applications(&self) -> bool {
        tree::is_wanted(&self.objects)
    }

    /// Keeps the text of what can be read but once.
    pub(super) fn keep(&mut self, source: FileId, piece: &Piece) {
        self.texts.insert(source, piece.text.clone());
    }

    /// Takes what the documents of a piece say.
    pub(super) fn take(&mut self, source: FileId, outcome: &mut Outcome) {
        self.objects.append(&mut outcome.facts);
        if outcome.silences_whole {
            self.silencing.insert(source);
        }
        let silenced = outcome.silenced.iter().map(|(kept, _)| kept);
        for kept in outcome.findings.iter().chain(silenced) {
            self.told.add(source, kept.finding());
        }
    }

    /// Notes that a file, or a part of it, was not judged.
    pub(super) fn skip(&mut self, file: &File, reason: Reason) {
        if reason.may_hold_objects() || file.makes_objects {
            self.unseen.insert(unit(&file.shown).into());
        }
    }

    /// Looks at all objects, and sorts what is found. The second part of the answer is the number
    /// of references to what may be made by somebody who is not seen.
    pub(super) fn conclude(
        self,
        files: &[File],
        sources: &mut Sources,
        policy: &Policy,
        extent: facts::Extent,
        denied: Denied,
    ) -> (Sorted, usize) {
        let surroundings =
            Surroundings { unseen: self.unseen.into_iter().collect(), ..Surroundings::unknown() };
        let cluster = Cluster::new(self.objects, surroundings, extent);
        let mut whole = whole::check(&cluster);
        drop(cluster);
        whole.leave_out(&self.told);
        let Whole { mut findings, mut unknown } = whole;
        let count = unknown.len();
        if denied.unknown_references {
            findings.append(&mut unknown);
        }
        drop(unknown);
        let mut wanted = self.silencing;
        let labels = findings.iter().flat_map(|finding| &finding.labels);
        wanted.extend(labels.map(|label| label.span.file));
        let mut records = Vec::new();
        let mut texts = self.texts;
        let mut by_file: BTreeMap<usize, Vec<(usize, FileId)>> = BTreeMap::new();
        for source in wanted {
            if let Some(text) = texts.remove(&source) {
                remember(sources, source, text, &mut records);
            } else if let Some(&(file, piece)) = self.pieces.get(&source) {
                by_file.entry(file).or_default().push((piece, source));
            }
        }
        for (file, pieces) in by_file {
            let Some(path) = &files[file].path else { continue };
            // A file that has changed in between, or is gone, is shown without its lines.
            let Ok(reader) = named::open(path) else { continue };
            let mut reader = Pieces::new(reader);
            for (text, source) in pieces_of(&mut reader, &pieces) {
                remember(sources, source, text, &mut records);
            }
        }
        (sort(policy, findings, &records, sources), count)
    }
}

/// The texts of some pieces of a file.
fn pieces_of<R: std::io::Read>(
    reader: &mut Pieces<R>,
    wanted: &[(usize, FileId)],
) -> Vec<(String, FileId)> {
    let mut found = Vec::new();
    let mut number = 0;
    while found.len() < wanted.len()
        && let Ok(Some(piece)) = reader.read()
    {
        if let Some((_, source)) = wanted.iter().find(|(index, _)| *index == number) {
            found.push((piece.text, *source));
        }
        number += 1;
    }
    found
}

/// Puts a text behind the number that facts name it by, and records its objects.
fn remember(sources: &mut Sources, source: FileId, text: String, records: &mut Vec<Object>) {
    manifest::read_each(source, &text, |_, read| {
        let nodes = read.documents.into_iter().filter_map(|document| document.node);
        for object in nodes.flat_map(items) {
            let about = ObjectKey::of(&object).to_string();
            records.push(Object::judged(&object, about));
        }
    });
    sources.fill(source, text);
}

fn sort(policy: &Policy, findings: Vec<Finding>, records: &[Object], sources: &Sources) -> Sorted {
    let extent = Extent { only: Some(Reach::All), ..Extent::default() };
    policy.sort(findings, Looked { sources, objects: records, extent: &extent })
}

/// What the objects of a file belong to: its directory.
pub(super) fn unit(shown: &str) -> &str {
    shown.rsplit_once('/').map_or("", |(directory, _)| directory)
}
