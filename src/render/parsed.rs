//! Texts that templates gave, parsed once.
//!
//! Sentinels stand where values will, so what a template writes does not depend on them: it is the
//! same text for each environment that takes the same branches and turns of loops. Most of the
//! time of a build would go into parsing it again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::FileId;
use crate::yaml::{self, Document, Fault};

/// How many texts of one template are kept: environments that differ are few kinds of them.
const KEPT: usize = 4;
/// Bytes of the longest text that is kept; its tree takes several times as much.
const LONGEST: usize = 64 << 10;

/// The last texts of each template of an engine.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    by_template: Mutex<HashMap<FileId, Vec<Known>>>,
}

#[derive(Debug)]
struct Known {
    text: String,
    documents: Arc<[Document]>,
}

impl Parsed {
    /// The documents of a text that a template wrote, and what is wrong with it.
    pub(super) fn read(&self, file: FileId, text: &str) -> (Arc<[Document]>, Vec<Fault>) {
        if let Some(documents) = self.find(file, text) {
            return (documents, Vec::new());
        }
        let read = yaml::read_marked(file, text);
        let documents: Arc<[Document]> = read.documents.into();
        // One with a fault is not kept: each release that writes it must say so.
        if read.faults.is_empty() && text.len() <= LONGEST {
            self.keep(file, text, &documents);
        }
        (documents, read.faults)
    }

    fn find(&self, file: FileId, text: &str) -> Option<Arc<[Document]>> {
        let by_template = self.by_template.lock().unwrap_or_else(PoisonError::into_inner);
        let known = by_template.get(&file)?.iter().find(|known| known.text == text)?;
        Some(Arc::clone(&known.documents))
    }

    fn keep(&self, file: FileId, text: &str, documents: &Arc<[Document]>) {
        let mut by_template = self.by_template.lock().unwrap_or_else(PoisonError::into_inner);
        let known = by_template.entry(file).or_default();
        if known.iter().any(|known| known.text == text) {
            return;
        }
        if known.len() == KEPT {
            known.remove(0);
        }
        known.push(Known { text: text.to_owned(), documents: Arc::clone(documents) });
    }
}
