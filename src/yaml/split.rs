//! Splitting a stream into documents before it is parsed, as
//! `k8s.io/apimachinery/pkg/util/yaml.YAMLReader` does.

use super::fault::{Fault, FaultKind};
use crate::source::{FileId, Span};
use std::ops::Range;

/// A part of a stream that is parsed by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Its bytes; it may start with a `---` of its own.
    pub(super) range: Range<usize>,
    /// Why it cannot be read, where its separator is wrong already.
    pub(super) fault: Option<Fault>,
    /// Its line of dashes, where that is not part of `range`.
    pub(super) separator: Option<Range<usize>>,
}

/// The documents of a stream.
///
/// A separator is a line that starts with `---`, whatever it stands in. One that follows on
/// nothing belongs to the text after it.
pub(super) fn split(file: FileId, text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut fault = None;
    let mut separator = None;
    let mut search = 0;
    while let Some(at) = next_separator(text, search) {
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
        search = end;
        let rest = text[at + 3..end].trim();
        let wrong = !rest.is_empty() && !rest.starts_with('#');
        if at == start && !wrong && fault.is_none() {
            continue;
        }
        if at > start || fault.is_some() {
            chunks.push(Chunk { range: start..at, fault: fault.take(), separator });
        }
        separator = Some(at..end);
        start = end;
        if wrong {
            // The text on this line is lost to Kubernetes, so what follows makes no sense either.
            start = at;
            separator = None;
            let line = at..at + text[at..end].trim_end().len();
            fault = Some(wrong_separator(Span::new(file, line), rest));
        }
    }
    if start < text.len() || fault.is_some() {
        chunks.push(Chunk { range: start..text.len(), fault, separator });
    }
    chunks
}

/// The next line that starts with `---`.
fn next_separator(text: &str, from: usize) -> Option<usize> {
    // `from` is always the start of a line.
    if text[from..].starts_with("---") {
        return Some(from);
    }
    text[from..].find("\n---").map(|at| from + at + 1)
}

fn wrong_separator(span: Span, rest: &str) -> Fault {
    let help = if rest.starts_with('-') {
        "separate documents by exactly three dashes; indent or quote dashes that are text"
    } else {
        "put what follows `---` on a line of its own"
    };
    Fault::new(
        FaultKind::Syntax,
        span,
        format!("text after the separator `---`: `{}`", super::resolve::short(rest)),
    )
    .help(help)
}
