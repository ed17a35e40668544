//! What is asked of the documents of a file, and what came of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kept::Kept;
use super::object::{Denied, Tally};
use crate::facts;
use crate::load::manifest::{self, Changes, File, Reason};
use crate::model::ObjectKey;
use crate::policy::Object;
use crate::report;
use crate::source::FileId;

/// What is wanted beside findings, and what is known of the file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) denied: Denied,
    /// Whether the objects that were judged are shown.
    pub(super) objects: bool,
    /// What kustomize changes of the objects.
    pub(super) changes: Changes,
    /// Whether the file is a kustomization.
    pub(super) is_kustomization: bool,
    /// The number by which facts name the text; nothing where no facts are wanted.
    pub(super) source: Option<FileId>,
    /// Whether the file holds patches by its name.
    pub(super) is_patch: bool,
}

impl Options {
    /// The same for one file.
    pub(super) fn of(self, file: &File, source: Option<FileId>) -> Self {
        Self {
            source,
            changes: file.changes,
            is_kustomization: file.is_kustomization,
            is_patch: manifest::is_patch_file(&file.shown),
            ..self
        }
    }
}

/// An object that was judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) key: ObjectKey,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) verdict: report::Verdict,
}

impl Judged {
    /// The object as reports show it.
    pub(super) fn of(self, file: &Arc<str>) -> report::Object {
        let Self { key, line, column, verdict } = self;
        report::Object { key, file: file.clone(), line, column, environment: None, verdict }
    }
}

/// What came of some documents.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) tally: Tally,
    pub(super) findings: Vec<Kept>,
    /// What is wrong with silencers.
    pub(super) remarks: Vec<Kept>,
    /// Findings with the place of the silencer as their last label, and its reason.
    pub(super) silenced: Vec<(Kept, String)>,
    /// Objects of which not all rules had a look.
    pub(super) unjudged: Vec<Object>,
    /// The objects, where they are wanted.
    pub(super) objects: Vec<Judged>,
    /// What the objects say of the cluster.
    pub(super) facts: Vec<facts::Object>,
    /// Whether checks of whole clusters are silenced in the text.
    pub(super) silences_whole: bool,
    /// Documents that were not judged, by reason: how many, and the line of the first.
    pub(super) skipped: BTreeMap<Reason, (usize, usize)>,
}
