//! The objects of one state, as far as they can differ from those of another.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::consequence::Consequence;
use crate::load::manifest::{Content, Reason, classify, classify_broken, is_template, read_each};
use crate::model::secret::hide;
use crate::model::{ObjectKey, SecretValues, items, may_hold_secret};
use crate::source::FileId;
use crate::yaml::{Fault, Node};

/// Objects of one or several clusters.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// In the order of their files.
    pub objects: Vec<Object>,
    /// What is wrong with files that are meant to hold objects.
    pub faults: Vec<Unreadable>,
    /// The paths of all files whose objects are not known: those with faults, and templates.
    pub unread: BTreeSet<Arc<str>>,
    /// What its Secrets say.
    pub secrets: SecretValues,
}

/// What is wrong with a file.
#[derive(Debug, Clone)]
pub enum Unreadable {
    /// It is no YAML.
    Yaml(Fault),
    /// The same of a file with a Secret, of which no line may be shown.
    Secret(Fault),
    /// It is no UTF-8.
    Encoding(FileId),
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
    /// What a server said that was asked what it would make of it; nothing where none was, and what
    /// comes of it is worked out.
    pub said: Option<Vec<Consequence>>,
    /// Whether it stands in no file that differs, and is told for what becomes of others: no patch has it.
    pub is_implied: bool,
}

/// An object whose values are not hidden: to be sent to a server, and never shown.
pub struct Plain(pub Node);

/// A file of a state.
#[derive(Debug, Clone)]
pub struct File {
    /// The environment that it belongs to; empty where nobody says.
    pub environment: Arc<str>,
    /// Its path below the top of what is compared.
    pub path: Arc<str>,
    /// How places name it.
    pub file: FileId,
    /// All of it; nothing where it is no UTF-8.
    pub text: Option<Arc<str>>,
}

impl Snapshot {
    /// Reads the objects of files; what is no object is passed over.
    #[must_use]
    pub fn read(files: &[File]) -> Self {
        let parts: Vec<Self> = files.par_iter().map(|file| Self::of_file(file, None)).collect();
        let mut all = Self::default();
        parts.into_iter().for_each(|part| all.extend(part));
        all
    }

    /// The same, with the values that are hidden in it: those of the first object first.
    #[must_use]
    pub fn read_plain(files: &[File]) -> (Self, Vec<Plain>) {
        let mut all = Self::default();
        let mut plain = Vec::new();
        for file in files {
            all.extend(Self::of_file(file, Some(&mut plain)));
        }
        (all, plain)
    }

    /// Hides the values of Secrets in the objects that repeat them, and in what was said of those.
    pub fn hide(&mut self, secrets: &SecretValues) {
        self.objects.par_iter_mut().for_each(|object| {
            secrets.hide(&mut object.node);
            for one in object.said.iter_mut().flatten() {
                one.text = secrets.hide_text(&one.text).into_owned();
            }
        });
    }

    fn extend(&mut self, part: Self) {
        self.objects.extend(part.objects);
        self.faults.extend(part.faults);
        self.unread.extend(part.unread);
        self.secrets.extend(part.secrets);
    }

    fn of_file(file: &File, mut plain: Option<&mut Vec<Plain>>) -> Self {
        let mut found = Self::default();
        let Some(text) = &file.text else {
            found.faults.push(Unreadable::Encoding(file.file));
            found.unread.insert(file.path.clone());
            return found;
        };
        if is_template(text) {
            found.unread.insert(file.path.clone());
            return found;
        }
        let holds_secret = may_hold_secret(text);
        read_each(file.file, text, |range, read| {
            for fault in read.faults.into_iter().filter(|fault| fault.kind.is_fatal()) {
                found.unread.insert(file.path.clone());
                let at = fault.span.range().start.saturating_sub(range.start);
                if classify_broken(&text[range.clone()], at) != Some(Reason::Template) {
                    let kind = if holds_secret { Unreadable::Secret } else { Unreadable::Yaml };
                    found.faults.push(kind(fault));
                }
            }
            let nodes = read.documents.into_iter().filter_map(|document| document.node);
            for node in nodes.flat_map(items) {
                // What is no object may be a part of a Secret.
                found.secrets.learn(&node);
                if classify(&node) != Content::Object {
                    continue;
                }
                let mut object = Object::new(file, node.clone());
                match &mut plain {
                    Some(plain) => plain.push(Plain(node)),
                    None => object.key = ObjectKey::shown(&node),
                }
                found.objects.push(object);
            }
        });
        found
    }
}

impl Object {
    /// The directory that its file is in.
    pub(super) fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    fn new(file: &File, mut node: Node) -> Self {
        hide(&mut node);
        Self {
            environment: file.environment.clone(),
            file: file.file,
            path: file.path.clone(),
            key: ObjectKey::of(&node),
            node,
            said: None,
            is_implied: false,
        }
    }
}
