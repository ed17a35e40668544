//! Lines inside quotes that are not indented.
//!
//! YAML wants them indented, and the parser insists; Kubernetes' scanner does not care, and files
//! like that exist. White space at the start of such a line means nothing, so the text is read
//! again with some put there, and the places are counted back.

use super::fault::Fault;
use super::limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES};
use super::node::{Key, Map, Node, Value};
use crate::source::Span;
use std::borrow::Cow;

/// How many lines are mended in one document: each costs reading it again.
const MOST: usize = 200;

/// A text with some of its lines indented.
pub(super) struct Indented<'t> {
    text: Cow<'t, str>,
    /// Where white space was put, as offsets into the changed text, in any order.
    inserted: Vec<usize>,
}

/// What is put in front of a line: deeper than any collection that the line may stand in.
const WIDTH: usize = 2 * MAX_DEPTH;

impl<'t> Indented<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), inserted: Vec::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether one more line may be mended.
    pub(super) fn is_bearable(&self) -> bool {
        self.inserted.len() < MOST && self.inserted.len() * self.text.len() < MAX_DOCUMENT_BYTES
    }

    /// Indents the line at an offset into the changed text.
    pub(super) fn indent(&mut self, at: usize) {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text.to_mut().insert_str(start, &" ".repeat(WIDTH));
        for earlier in &mut self.inserted {
            if *earlier >= start {
                *earlier += WIDTH;
            }
        }
        self.inserted.push(start);
    }

    /// A tree and faults of the changed text with their places in the text as it was.
    pub(super) fn places(
        &self,
        base: usize,
        node: Option<Node>,
        faults: Vec<Fault>,
    ) -> (Option<Node>, Vec<Fault>) {
        let place = |span: Span| {
            Span::new(span.file, self.back(base, span.start)..self.back(base, span.end))
        };
        let faults = faults.into_iter().map(|fault| Fault {
            span: place(fault.span),
            related: fault.related.map(|(span, why)| (place(span), why)),
            ..fault
        });
        (node.map(|node| moved(node, &place)), faults.collect())
    }

    fn back(&self, base: usize, offset: u32) -> usize {
        let offset = offset as usize - base;
        let before: usize =
            self.inserted.iter().map(|&start| offset.saturating_sub(start).min(WIDTH)).sum();
        base + offset - before
    }
}

/// A tree with other places.
fn moved(node: Node, place: &impl Fn(Span) -> Span) -> Node {
    let value = match node.value {
        Value::Seq(items) => Value::Seq(items.into_iter().map(|item| moved(item, place)).collect()),
        Value::Map(map) => Value::Map(Map::from_unique(
            map.into_iter()
                .map(|(key, node)| {
                    (Key { name: key.name, span: place(key.span) }, moved(node, place))
                })
                .collect(),
        )),
        value => value,
    };
    Node { value, span: place(node.span), origins: node.origins }
}
