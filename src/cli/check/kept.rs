//! What is kept of a file when its findings are known: the lines that they speak of.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::source::Sources;

/// Lines that are kept around what a finding speaks of.
const CONTEXT: usize = 2;

/// Bytes that are kept of what a label speaks of.
const KEPT_BYTES: usize = 64 << 10;

/// Labels with no more bytes than these between them are shown in one excerpt.
const NEAR: usize = 4 << 10;

/// A finding with the lines that it speaks of; its places are offsets into them.
#[derive(Debug)]
pub(super) struct Kept {
    finding: Finding,
    parts: Vec<Part>,
}

/// Some lines, and the labels of the finding that lie in them.
#[derive(Debug)]
struct Part {
    text: String,
    first_line: usize,
    labels: Vec<usize>,
}

impl Kept {
    /// Cuts out the lines that a finding speaks of.
    pub(super) fn new(mut finding: Finding, lines: &Lines<'_>) -> Self {
        let labels = &mut finding.labels;
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by_key(|&label| labels[label].span.start);
        let mut groups: Vec<(Range<usize>, Vec<usize>)> = Vec::new();
        for label in order {
            let range = labels[label].span.range();
            match groups.last_mut() {
                Some((known, group)) if range.start <= known.end.saturating_add(NEAR) => {
                    known.end = known.end.max(range.end);
                    group.push(label);
                }
                _ => groups.push((range, vec![label])),
            }
        }
        let parts = groups.into_iter().map(|(range, group)| {
            let kept = lines.around(range);
            let shift = |offset: u32| {
                let offset = (offset as usize).clamp(kept.start, kept.end) - kept.start;
                u32::try_from(offset).unwrap_or(u32::MAX)
            };
            for &label in &group {
                let span = &mut labels[label].span;
                (span.start, span.end) = (shift(span.start), shift(span.end));
            }
            let (text, first_line) = (lines.text[kept.clone()].to_owned(), lines.of(kept.start));
            Part { text, first_line, labels: group }
        });
        let parts = parts.collect();
        Self { finding, parts }
    }

    /// The finding; its places are not those of its file.
    pub(super) fn finding(&self) -> &Finding {
        &self.finding
    }

    /// The finding, with its lines among the sources.
    pub(super) fn place(mut self, path: &Arc<str>, sources: &mut Sources) -> Finding {
        for part in self.parts {
            let file = sources.add_part(path.clone(), part.text, part.first_line);
            for label in part.labels {
                self.finding.labels[label].span.file = file;
            }
        }
        self.finding
    }
}

/// The lines of a piece of a file.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    /// The number of the first one.
    first: usize,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, first: usize) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, first, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The number of the line of a byte.
    pub(super) fn of(&self, at: usize) -> usize {
        self.first + self.index(at)
    }

    /// The first byte of the line of a byte.
    pub(super) fn start(&self, at: usize) -> usize {
        self.starts[self.index(at)]
    }

    fn index(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| start <= at).saturating_sub(1)
    }

    /// The lines of a range with some around it, within limits.
    fn around(&self, range: Range<usize>) -> Range<usize> {
        let start = self.starts[self.index(range.start).saturating_sub(CONTEXT)];
        let last = range.end.min(start + KEPT_BYTES).min(self.text.len());
        let behind = self.starts.get(self.index(last) + CONTEXT + 1).copied();
        let end = behind.unwrap_or(self.text.len()).min(start + 2 * KEPT_BYTES);
        let end = (start..=end).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(start);
        start..end
    }
}
