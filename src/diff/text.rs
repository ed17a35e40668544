//! What differs within texts: the fields of YAML and JSON in strings, the lines of others.

use similar::{ChangeTag, TextDiff};

use super::compare::compare;
use super::edit::{Edit, What};
use crate::schema::Shape;
use crate::source::{Sources, Span};
use crate::yaml::{self, Node, Value, to_json_string};

/// Lines that are shown around one that differs.
const AROUND: usize = 3;
/// Texts that are longer are not read for their fields.
const MAX_BYTES: usize = 1 << 20;

/// How the difference of two texts is told best.
#[derive(Debug, PartialEq)]
pub enum Within {
    /// Both hold fields, of which these differ, all of them shown as they are written. Where none does, it
    /// is all in spaces, comments, quotes and the order of keys.
    Fields(Vec<Edit>),
    /// Both have lines.
    Lines(Vec<Hunk>),
    /// One text in place of another.
    Whole,
}

/// Lines that differ, with some around them.
#[derive(Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The number of its first line before, from 1.
    pub before: usize,
    /// The number of its first line after, from 1.
    pub after: usize,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// It stands in both.
    Same(Box<str>),
    /// It is gone.
    Removed(Box<str>),
    /// It is new.
    Added(Box<str>),
}

/// Looks into two texts.
#[must_use]
pub fn within(before: &str, after: &str) -> Within {
    if let (Some(mut old), Some(mut new)) = (fields(before), fields(after))
        && tags(before) == tags(after)
        && odd_keys(&old, before) == odd_keys(&new, after)
    {
        let edits = compare(&old, &new, Shape::Unknown);
        let is_plain = edits.iter().all(|edit| match &edit.what {
            What::Replaced(old, new) => is_plain(old, before) && is_plain(new, after),
            What::Removed(old) => is_plain(old, before),
            What::Added(new) => is_plain(new, after),
            What::Reordered(_) => true,
        });
        // Whoever reads the text may tell numbers and switches apart that Kubernetes takes for the same.
        spell(&mut old, before);
        spell(&mut new, after);
        if is_plain && compare(&old, &new, Shape::Unknown).len() == edits.len() {
            return Within::Fields(edits);
        }
    }
    if [before, after].iter().any(|text| text.trim_end_matches('\n').contains('\n')) {
        return Within::Lines(hunks(before, after));
    }
    Within::Whole
}

/// The value in a text, where it is one map or list in YAML or JSON. A line `a: b` alone is text.
fn fields(text: &str) -> Option<Node> {
    let start = text.trim_start();
    let is_json = start.starts_with(['{', '[']);
    if text.len() > MAX_BYTES || !(is_json || text.trim_end().contains('\n')) {
        return None;
    }
    let file = Sources::default().add("text", text);
    let read = yaml::read(file, text);
    let mut documents = read.documents.into_iter();
    let node = documents.next()?.node?;
    let is_one = read.faults.is_empty() && documents.next().is_none();
    let has_parts = node.as_map().is_some() || node.as_seq().is_some();
    (is_one && has_parts).then_some(node)
}

/// Whether numbers and switches are shown as the text spells them.
fn is_plain(node: &Node, text: &str) -> bool {
    match &node.value {
        Value::Map(map) => map.iter().all(|(_, node)| is_plain(node, text)),
        Value::Seq(items) => items.iter().all(|item| is_plain(item, text)),
        Value::Null | Value::String(_) => true,
        _ => text.get(node.span.range()) == Some(&to_json_string(node)),
    }
}

/// Puts numbers and switches as the text spells them in their places, apart from strings, which hold no NUL.
fn spell(node: &mut Node, text: &str) {
    match &mut node.value {
        Value::Map(map) => map.iter_mut().for_each(|(_, node)| spell(node, text)),
        Value::Seq(items) => items.iter_mut().for_each(|item| spell(item, text)),
        Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
            let written = text.get(node.span.range()).unwrap_or_default();
            node.value = Value::String(format!("\0{written}").into());
        }
        // Some read a time or a date in what has no quotes.
        Value::String(string) if is_odd(text, node.span) => {
            node.value = Value::String(format!("\0{string}").into());
        }
        Value::Null | Value::String(_) => {}
    }
}

/// Whether what stands somewhere is no quoted text, and may be a number to some.
fn is_odd(text: &str, span: Span) -> bool {
    let written = text.get(span.range()).unwrap_or_default();
    written.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
}

/// The keys that are no text to some, as they are written.
fn odd_keys<'t>(node: &Node, text: &'t str) -> Vec<&'t str> {
    let mut found = Vec::new();
    add_odd_keys(node, text, &mut found);
    found.sort_unstable();
    found
}

fn add_odd_keys<'t>(node: &Node, text: &'t str, found: &mut Vec<&'t str>) {
    match &node.value {
        Value::Map(map) => {
            for (key, node) in map.iter() {
                let written = text.get(key.span.range()).unwrap_or_default();
                let is_quoted = written.starts_with(['"', '\'']);
                if !is_quoted && (*written != *key.name || is_odd(text, key.span)) {
                    found.push(written);
                }
                add_odd_keys(node, text, found);
            }
        }
        Value::Seq(items) => items.iter().for_each(|item| add_odd_keys(item, text, found)),
        _ => {}
    }
}

/// What may be tags, which mean something to whoever reads the text.
fn tags(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "[]{},".contains(c));
    words.filter(|word| word.starts_with('!')).collect()
}

fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let diff = TextDiff::from_lines(before, after);
    let mut found = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        let first = group.first().map(|op| (op.old_range().start, op.new_range().start));
        let (old, new) = first.unwrap_or_default();
        let changes = group.iter().flat_map(|op| diff.iter_changes(op));
        let lines = changes.map(|change| {
            let text: Box<str> = change.value().trim_end_matches(['\n', '\r']).into();
            match change.tag() {
                ChangeTag::Equal => Line::Same(text),
                ChangeTag::Delete => Line::Removed(text),
                ChangeTag::Insert => Line::Added(text),
            }
        });
        found.push(Hunk { before: old + 1, after: new + 1, lines: lines.collect() });
    }
    found
}
