//! The objects of one state, as far as they can differ from those of another.

use std::sync::Arc;

use rayon::prelude::*;

use super::secret::hide;
use crate::load::manifest::{Content, classify, read_each};
use crate::model::{ObjectKey, items};
use crate::source::FileId;
use crate::yaml::{Fault, Node};

/// Objects of one or several clusters.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// In the order of their files.
    pub objects: Vec<Object>,
    /// What cannot be read.
    pub faults: Vec<Fault>,
}

/// One object. Values of Secrets are hidden.
#[derive(Debug)]
pub struct Object {
    /// The environment whose cluster it is in; empty where nobody says which.
    pub environment: Arc<str>,
    /// The file that it is in.
    pub file: FileId,
    /// The path of that file below the top of what is compared.
    pub path: Arc<str>,
    /// Who it is.
    pub key: ObjectKey,
    /// What it says.
    pub node: Node,
}

/// A file of a state.
#[derive(Debug)]
pub struct File {
    /// The environment that it belongs to; empty where nobody says.
    pub environment: Arc<str>,
    /// Its path below the top of what is compared.
    pub path: Arc<str>,
    /// How places name it.
    pub file: FileId,
    /// All of it.
    pub text: Arc<str>,
}

impl Snapshot {
    /// Reads the objects of files; what is no object is passed over.
    #[must_use]
    pub fn read(files: &[File]) -> Self {
        let parts: Vec<Self> = files.par_iter().map(Self::of_file).collect();
        let mut all = Self::default();
        for part in parts {
            all.objects.extend(part.objects);
            all.faults.extend(part.faults);
        }
        all
    }

    fn of_file(file: &File) -> Self {
        let mut found = Self::default();
        read_each(file.file, &file.text, |_, read| {
            found.faults.extend(read.faults.into_iter().filter(|fault| fault.kind.is_fatal()));
            let nodes = read.documents.into_iter().filter_map(|document| document.node);
            for node in nodes.flat_map(items).filter(|node| classify(node) == Content::Object) {
                found.objects.push(Object::new(file, node));
            }
        });
        found
    }
}

impl Object {
    fn new(file: &File, mut node: Node) -> Self {
        hide(&mut node);
        Self {
            environment: file.environment.clone(),
            file: file.file,
            path: file.path.clone(),
            key: ObjectKey::of(&node),
            node,
        }
    }
}
