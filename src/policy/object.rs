//! What is to be known of an object that was judged.

use std::collections::BTreeSet;

use crate::check::{Reason, Verdict};
use crate::diagnostic::Finding;
use crate::source::{FileId, Span};
use crate::yaml::{Node, Value};

/// The annotation that silences checks of the object that has it.
pub const ANNOTATION: &str = "gitopsc.dev/ignore";

/// An object that was judged: who it is, where its text lies, what its annotation says. It keeps
/// no part of the object itself.
#[derive(Debug, Clone)]
pub struct Object {
    name: Box<str>,
    environment: Option<Box<str>>,
    /// A place in it that is literal text even in a template.
    start: Span,
    whole: Span,
    /// All files that it was made from.
    files: Box<[FileId]>,
    was_judged: bool,
    annotation: Option<(Box<str>, Span)>,
}

impl Object {
    /// The record of an object, by the name that its findings have, with what came of judging it.
    #[must_use]
    pub fn new(node: &Node, name: String, environment: Option<&str>, verdict: &Verdict) -> Self {
        let mut files = BTreeSet::new();
        collect(node, &mut files);
        let annotation = node.pointer("/metadata/annotations").and_then(|all| all.get(ANNOTATION));
        // Rules look only at what could be read.
        let is_unread = |reason| matches!(reason, Some(Reason::Unknown | Reason::Type));
        Self {
            name: name.into(),
            environment: environment.map(Into::into),
            start: node.get("kind").unwrap_or(node).span,
            whole: node.span,
            files: files.into_iter().collect(),
            was_judged: verdict.has_schema
                && verdict.unknown.is_empty()
                && !verdict.faults.iter().any(|fault| is_unread(fault.reason)),
            annotation: annotation.and_then(|node| Some((node.as_str()?.into(), node.span))),
        }
    }

    /// Whether a finding is about this object.
    pub(super) fn has(&self, finding: &Finding) -> bool {
        if finding.object.as_deref() != Some(&*self.name) {
            return false;
        }
        match (&self.environment, finding.labels.first()) {
            (Some(environment), _) => {
                finding.environments.iter().any(|name| **name == **environment)
            }
            (None, Some(label)) => {
                label.span.file == self.whole.file
                    && (self.whole.start..=self.whole.end).contains(&label.span.start)
            }
            (None, None) => true,
        }
    }

    /// Whether it is the object of this name and environment.
    pub(super) fn is(&self, name: Option<&str>, environment: Option<&str>) -> bool {
        Some(&*self.name) == name && self.environment.as_deref() == environment
    }

    /// Whether all rules had a look at it.
    #[must_use]
    pub fn was_judged(&self) -> bool {
        self.was_judged
    }

    pub(super) fn is_of_environment(&self) -> bool {
        self.environment.is_some()
    }

    pub(super) fn start(&self) -> Span {
        self.start
    }

    pub(super) fn files(&self) -> &[FileId] {
        &self.files
    }

    pub(super) fn annotation(&self) -> Option<(&str, Span)> {
        self.annotation.as_ref().map(|(text, span)| (&**text, *span))
    }
}

fn collect(node: &Node, files: &mut BTreeSet<FileId>) {
    files.insert(node.span.file);
    files.extend(node.origins.iter().map(|origin| origin.file));
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(_, child)| collect(child, files)),
        Value::Seq(items) => items.iter().for_each(|item| collect(item, files)),
        _ => {}
    }
}
