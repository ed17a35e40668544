//! What is to be known of an object that was judged.

use std::ops::Range;

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
    /// Where its keys and values, and what went into them, begin; in order.
    places: Box<[(FileId, u32)]>,
    was_judged: bool,
    annotation: Option<(Box<str>, Span)>,
}

impl Object {
    /// Whether all rules had a look at an object: rules look only at what could be read.
    #[must_use]
    pub fn is_judged(verdict: &Verdict) -> bool {
        let is_unread = |reason| matches!(reason, Some(Reason::Unknown | Reason::Type));
        verdict.has_schema
            && verdict.unknown.is_empty()
            && !verdict.faults.iter().any(|fault| is_unread(fault.reason))
    }

    /// The record of an object, by the name that its findings have, with what came of judging it.
    #[must_use]
    pub fn new(node: &Node, name: String, environment: Option<&str>, verdict: &Verdict) -> Self {
        let mut places = Vec::new();
        collect(node, &mut places);
        places.sort_unstable();
        places.dedup();
        let annotation = node.pointer("/metadata/annotations").and_then(|all| all.get(ANNOTATION));
        Self {
            name: name.into(),
            environment: environment.map(Into::into),
            start: node.get("kind").unwrap_or(node).span,
            whole: node.span,
            places: places.into(),
            was_judged: Self::is_judged(verdict),
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

    /// The files that it was made from.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.places.chunk_by(|one, other| one.0 == other.0).map(|places| places[0].0)
    }

    /// Whether something of it comes from a line. A line that no object has was not rendered.
    pub(super) fn has_part_in(&self, file: FileId, line: &Range<usize>) -> bool {
        let whole = self.whole.range();
        if self.environment.is_none() && self.whole.file == file {
            return whole.start < line.end && line.start < whole.end;
        }
        let is_before = |place: &(FileId, u32)| (place.0, place.1 as usize) < (file, line.start);
        let next = self.places.get(self.places.partition_point(is_before));
        next.is_some_and(|(other, start)| *other == file && line.contains(&(*start as usize)))
    }

    pub(super) fn annotation(&self) -> Option<(&str, Span)> {
        self.annotation.as_ref().map(|(text, span)| (&**text, *span))
    }
}

fn collect(node: &Node, places: &mut Vec<(FileId, u32)>) {
    let place = |span: &Span| (span.file, span.start);
    places.push(place(&node.span));
    places.extend(node.origins.iter().map(place));
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(key, child)| {
            places.push(place(&key.span));
            collect(child, places);
        }),
        Value::Seq(items) => items.iter().for_each(|item| collect(item, places)),
        _ => {}
    }
}
