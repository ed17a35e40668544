//! What is to be known of an object that was judged.

use crate::check::{Reason, Verdict};
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

    /// The record of an object that was judged by all rules.
    #[must_use]
    pub fn judged(node: &Node, name: String) -> Self {
        Self::new(node, name, None, &Verdict { has_schema: true, ..Verdict::default() })
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

    /// Whether it is an object of this name, and a place lies in it.
    pub(super) fn holds(&self, name: &str, place: Span) -> bool {
        *self.name == *name
            && place.file == self.whole.file
            && (self.whole.start..=self.whole.end).contains(&place.start)
    }

    /// Whether all rules had a look at it.
    #[must_use]
    pub fn was_judged(&self) -> bool {
        self.was_judged
    }

    /// Whether it is an ApplicationSet.
    pub(super) fn is_set(&self) -> bool {
        self.name.starts_with("ApplicationSet/")
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    pub(super) fn whole(&self) -> Span {
        self.whole
    }

    /// Where its keys and values, and what went into them, begin; in order.
    pub(super) fn places(&self) -> impl Iterator<Item = (FileId, u32)> {
        self.places.iter().copied()
    }

    pub(super) fn start(&self) -> Span {
        self.start
    }

    /// The files that it was made from.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.places.chunk_by(|one, other| one.0 == other.0).map(|places| places[0].0)
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
