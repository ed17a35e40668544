//! Findings with the lines that they speak of, of texts that are not kept.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Finding, Label};
use crate::load::manifest::Piece;
use crate::source::Sources;

/// Lines that are kept around what a finding speaks of.
const CONTEXT: usize = 2;

/// Bytes that are kept of what a finding speaks of.
const KEPT_BYTES: usize = 64 << 10;

/// A finding with the lines that it speaks of; the places are offsets into them.
#[derive(Debug)]
pub(super) struct Kept {
    finding: Finding,
    text: String,
    first_line: usize,
}

impl Kept {
    /// The finding, with its lines among the sources.
    pub(super) fn place(mut self, path: &Arc<str>, sources: &mut Sources) -> Finding {
        let file = sources.add_part(path.clone(), self.text, self.first_line);
        for label in &mut self.finding.labels {
            label.span.file = file;
        }
        self.finding
    }
}

/// Numbers of lines, quick where they are asked for in order.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    /// Those of a piece of a file.
    pub(super) fn new(piece: &'t Piece) -> Self {
        Self { text: &piece.text, at: 0, line: piece.first_line }
    }

    /// The number of the line at an offset.
    pub(super) fn of(&mut self, at: usize) -> usize {
        let count = |range: Range<usize>| {
            self.text.as_bytes()[range].iter().filter(|&&byte| byte == b'\n').count()
        };
        if at >= self.at {
            self.line += count(self.at..at);
        } else {
            self.line -= count(at..self.at);
        }
        self.at = at;
        self.line
    }
}

/// Cuts out the lines that a finding speaks of.
pub(super) fn keep(mut finding: Finding, lines: &mut Lines<'_>) -> Kept {
    let text = lines.text;
    let first = finding.labels.iter().map(|label| label.span.start).min().unwrap_or(0) as usize;
    let last = finding.labels.iter().map(|label| label.span.end).max().unwrap_or(0) as usize;
    let bytes = text.as_bytes();
    let mut start = first.min(text.len());
    for _ in 0..=CONTEXT {
        start = bytes[..start].iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
    }
    if start > 0 {
        start += 1;
    }
    let mut end = last.min(start + KEPT_BYTES).min(text.len());
    for _ in 0..=CONTEXT {
        let next = bytes[end..].iter().position(|&byte| byte == b'\n');
        end = next.map_or(text.len(), |length| end + length + 1);
    }
    let end = end.min(start + 2 * KEPT_BYTES);
    let end = (start..=end).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(start);
    let shift = |offset: u32| {
        let offset = (offset as usize).saturating_sub(start).min(end - start);
        u32::try_from(offset).unwrap_or(u32::MAX)
    };
    for Label { span, .. } in &mut finding.labels {
        (span.start, span.end) = (shift(span.start), shift(span.end));
    }
    let first_line = lines.of(start);
    Kept { finding, text: text[start..end].to_owned(), first_line }
}
