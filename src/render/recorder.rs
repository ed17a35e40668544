//! What a template writes, and where each part of it came from.
//!
//! minijinja hands literal template text to the writer as slices of the template's own memory, so
//! an address tells the offset in the template. An expression writes a sentinel in place of its
//! value: U+FDD0, the number of the captured value, U+FDD1. The text is then parsed as YAML and
//! the sentinels are replaced in the tree, so a value can never change the structure around it.
//! Both rest on how minijinja works today; `tests/provenance.rs` pins it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use minijinja::value::Value as JinjaValue;

use super::analysis::{Emission, Follows, Table};
use super::origins::{Given, Origins, Places};
use super::tracked::{forget_reads, reads_len, reads_since};
use crate::source::{FileId, Span};

/// Begins a sentinel.
pub(super) const OPEN: char = '\u{FDD0}';
/// Ends a sentinel.
pub(super) const CLOSE: char = '\u{FDD1}';

thread_local! {
    /// The templates that are being rendered on this thread, innermost last. The formatter and
    /// the writer are called by minijinja, which has no place to carry them.
    static RECORDERS: RefCell<Vec<Recorder>> = const { RefCell::new(Vec::new()) };
}

/// Where the text of each template lies in memory.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    ranges: Vec<(usize, usize, FileId)>,
}

impl Ranges {
    pub(super) fn new(texts: impl IntoIterator<Item = (usize, usize, FileId)>) -> Self {
        let mut ranges: Vec<_> = texts.into_iter().collect();
        ranges.sort_unstable_by_key(|&(start, ..)| start);
        Self { ranges }
    }

    fn find(&self, bytes: &[u8]) -> Option<(FileId, u32)> {
        let address = bytes.as_ptr().addr();
        let index = self.ranges.partition_point(|&(start, ..)| start <= address).checked_sub(1)?;
        let (start, length, file) = self.ranges[index];
        let offset = address - start;
        (offset + bytes.len() <= length).then_some((file, u32::try_from(offset).ok()?))
    }
}

/// A piece of the output.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Where it begins in the output, in bytes.
    at: usize,
    made_by: MadeBy,
}

#[derive(Debug, Clone, Copy)]
enum MadeBy {
    /// Template text from this offset.
    Literal(FileId, u32),
    /// The expression of this captured value.
    Expression(usize),
}

/// A value that an expression gave.
#[derive(Debug)]
pub(super) struct Captured {
    pub(super) value: JinjaValue,
    /// The file whose expression it was.
    file: FileId,
    /// The expression with its delimiters; known once the text after it is.
    pub(super) expression: Span,
    /// Places of the values that went into it; known with the expression.
    pub(super) origins: Box<[Span]>,
    /// `loop.index0`, where a loop ran.
    round: Option<usize>,
    /// Places read for it.
    read: Box<[Span]>,
    /// Those of them that were read in what a fragment gave.
    picked: Box<[Span]>,
}

/// The output of one template while it grows.
#[derive(Debug)]
pub(super) struct Recorder {
    ranges: Arc<Ranges>,
    pub(super) output: String,
    segments: Vec<Segment>,
    pub(super) captured: Vec<Captured>,
    limit: usize,
    origins: Origins,
    /// Reads before this one belong to the templates around this one. What belongs to what this one
    /// wrote already is forgotten.
    fresh: usize,
    /// Reads after this one are those since a fragment was rendered.
    picked: usize,
    /// Set when a write gets here: tells the outermost level from a capture, where sentinels
    /// would be seen by `length`, `==` and `sha256`.
    reached: bool,
}

/// The [`io::Write`] that minijinja renders to: the innermost recorder of this thread.
pub(super) struct Sink;

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        with_innermost(|recorder| recorder.write(bytes))
            .unwrap_or_else(|| Err(io::Error::other("no template is being rendered")))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn with_innermost<R>(act: impl FnOnce(&mut Recorder) -> R) -> Option<R> {
    RECORDERS.with_borrow_mut(|recorders| recorders.last_mut().map(act))
}

/// Starts recording a template on this thread.
pub(super) fn start(ranges: &Arc<Ranges>, limit: usize, origins: Origins) {
    let fresh = reads_len();
    let recorder = Recorder {
        ranges: Arc::clone(ranges),
        output: String::new(),
        segments: Vec::new(),
        captured: Vec::new(),
        limit,
        origins,
        fresh,
        picked: fresh,
        reached: false,
    };
    RECORDERS.with_borrow_mut(|recorders| recorders.push(recorder));
}

/// Stops recording and gives what the innermost template wrote.
pub(super) fn stop() -> Option<Recorder> {
    RECORDERS.with_borrow_mut(Vec::pop)
}

/// Before a probe write: whether it arrives tells the level.
pub(super) fn expect_probe() {
    with_innermost(|recorder| recorder.reached = false);
}

/// After a probe write that arrived: captures the value and gives the sentinel to write.
/// Nothing where the write went into a capture.
pub(super) fn capture(value: &JinjaValue, file: FileId, round: Option<usize>) -> Option<String> {
    with_innermost(|recorder| {
        if !recorder.reached {
            return None;
        }
        let index = recorder.captured.len();
        recorder.captured.push(Captured {
            value: value.clone(),
            file,
            expression: Span::new(file, 0..0),
            origins: Box::default(),
            round,
            read: reads_since(recorder.fresh),
            picked: reads_since(recorder.picked),
        });
        recorder
            .segments
            .push(Segment { at: recorder.output.len(), made_by: MadeBy::Expression(index) });
        recorder.forget_reads();
        Some(format!("{OPEN}{index}{CLOSE}"))
    })
    .flatten()
}

/// The places of what the innermost template hands to a fragment.
pub(super) fn arguments(
    table: &Table,
    fragment: &str,
    arguments: &BTreeMap<String, JinjaValue>,
    round: Option<usize>,
) -> Places {
    with_innermost(|recorder| {
        let (read, none) = (reads_since(recorder.fresh), JinjaValue::UNDEFINED);
        let given = Given { value: &none, round, read: &read, picked: &[] };
        recorder.origins.arguments(table, fragment, arguments, given)
    })
    .unwrap_or_default()
}

/// After a fragment was rendered: what it read is its own, not that of the template around it.
pub(super) fn leave_fragment(reads_before: usize) {
    forget_reads(reads_before);
    with_innermost(|recorder| recorder.picked = reads_before);
}

/// Forgets templates that were left half rendered.
pub(super) fn reset() {
    RECORDERS.with_borrow_mut(Vec::clear);
    forget_reads(0);
}

impl Recorder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reached = true;
        if bytes.is_empty() {
            return Ok(());
        }
        if self.output.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if let Some((file, offset)) = self.ranges.find(bytes) {
            self.segments
                .push(Segment { at: self.output.len(), made_by: MadeBy::Literal(file, offset) });
            self.forget_reads();
        }
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.output.push_str(text);
        Ok(())
    }

    fn forget_reads(&mut self) {
        forget_reads(self.fresh);
        self.picked = self.fresh;
    }

    /// Finds the expression behind each captured value, now that the text around it is known.
    pub(super) fn locate(&mut self, tables: &BTreeMap<FileId, Table>) {
        let segments = std::mem::take(&mut self.segments);
        let file_of = |segment: &Segment| match segment.made_by {
            MadeBy::Expression(number) => Some(self.captured[number].file),
            MadeBy::Literal(..) => None,
        };
        let mut start = 0_usize;
        let runs = segments.chunk_by(|one, two| file_of(one) == file_of(two));
        let runs: Vec<_> = runs.map(|run| (run.len(), run.first().and_then(file_of))).collect();
        for (length, file) in runs {
            if let Some((file, table)) = file.and_then(|file| Some((file, tables.get(&file)?))) {
                let literal = |segment: Option<&Segment>| match segment?.made_by {
                    MadeBy::Literal(of, offset) => (of == file).then_some(offset as usize),
                    MadeBy::Expression(_) => None,
                };
                let last = start.checked_sub(1).and_then(|before| segments.get(before));
                let after = literal(last)
                    .zip(last)
                    .map(|(offset, last)| offset + segments[start].at - last.at);
                let before = literal(segments.get(start + length));
                let run = segments[start..start + length].iter();
                let numbers = run.filter_map(|segment| match segment.made_by {
                    MadeBy::Expression(number) => Some(number),
                    MadeBy::Literal(..) => None,
                });
                self.assign(&numbers.collect::<Vec<_>>(), table, after, before);
            }
            start += length;
        }
        self.segments = segments;
    }

    /// Gives values that were written one after the other to the expressions that stand there,
    /// between two pieces of text; none is known at the ends of a template and beside another one.
    fn assign(
        &mut self,
        numbers: &[usize],
        table: &Table,
        after: Option<usize>,
        before: Option<usize>,
    ) {
        let all = &table.emissions[..];
        let around = match (after, before) {
            (None, _) | (_, None) if table.mixes => all,
            _ => table.between(after.unwrap_or(0), before.unwrap_or(usize::MAX)),
        };
        let mut known: Vec<Option<&Emission>> = vec![None; numbers.len()];
        // What follows text or another expression without a statement between them always does.
        if let Some(first) = after.and_then(|text| table.right_after(text)) {
            let joined = all[first + 1..].iter().take_while(|one| one.follows == Follows::Emission);
            known
                .iter_mut()
                .zip(all[first..=first].iter().chain(joined))
                .for_each(|(known, emission)| *known = Some(emission));
        }
        if let Some(last) = before.and_then(|text| table.right_before(text)) {
            for (back, known) in known.iter_mut().rev().enumerate() {
                let Some(emission) = last.checked_sub(back).map(|index| &all[index]) else { break };
                *known = Some(emission);
                if emission.follows != Follows::Emission {
                    break;
                }
            }
        }
        for (&number, known) in numbers.iter().zip(known) {
            let captured = &self.captured[number];
            let given = Given {
                value: &captured.value,
                round: captured.round,
                read: &captured.read,
                picked: &captured.picked,
            };
            let mut possible = around.iter().filter(|one| self.origins.can_give(one, given));
            let emission = match (known, around) {
                (Some(known), _) => Some(known),
                (None, [only]) => Some(only),
                // Conditions and loops without text between them leave a choice.
                _ => possible.next().filter(|_| possible.next().is_none()),
            };
            let (first, last) = (around.first(), around.last());
            let whole = first.zip(last).map(|(first, last)| first.range.start..last.range.end);
            let range = emission.map(|one| one.range.clone()).or(whole).unwrap_or(0..0);
            let origins = emission.map(|emission| self.origins.of(emission, given));
            let captured = &mut self.captured[number];
            captured.expression = Span::new(captured.file, range);
            captured.origins = origins.unwrap_or_default();
        }
    }

    /// The place in the sources of a range of the output.
    pub(super) fn place(&self, range: std::ops::Range<usize>, fallback: FileId) -> Span {
        let start = self.place_of(range.start, fallback);
        let end = self.place_of(range.end.max(range.start + 1) - 1, fallback);
        match (start, end) {
            (Place::At(from), Place::At(to)) if from.file == to.file && from.start <= to.start => {
                Span { file: from.file, start: from.start, end: to.start + 1 }
            }
            (Place::At(from), Place::Within(to))
                if from.file == to.file && from.start <= to.start =>
            {
                from.to(to)
            }
            (Place::Within(from), Place::At(to))
                if from.file == to.file && from.start <= to.start =>
            {
                Span { file: from.file, start: from.start, end: to.start + 1 }
            }
            (Place::Within(from), Place::Within(to))
                if from.file == to.file && from.start <= to.start =>
            {
                from.to(to)
            }
            (Place::At(from), _) => from,
            (Place::Within(expression), _) => expression,
        }
    }

    /// How far the template came: the last of its text that was written.
    pub(super) fn last_place(&self, fallback: FileId) -> Span {
        let literal = self.segments.iter().rev().find_map(|segment| match segment.made_by {
            MadeBy::Literal(file, start) => Some(Span::new(file, start as usize..start as usize)),
            MadeBy::Expression(_) => None,
        });
        literal.unwrap_or(Span::new(fallback, 0..0))
    }

    fn place_of(&self, offset: usize, fallback: FileId) -> Place {
        let index = self.segments.partition_point(|segment| segment.at <= offset);
        match index.checked_sub(1).map(|index| self.segments[index]) {
            Some(Segment { at, made_by: MadeBy::Literal(file, start) }) => {
                let place = start as usize + (offset - at);
                Place::At(Span::new(file, place..place + 1))
            }
            Some(Segment { made_by: MadeBy::Expression(number), .. }) => {
                Place::Within(self.captured[number].expression)
            }
            None => Place::At(Span::new(fallback, 0..0)),
        }
    }
}

enum Place {
    At(Span),
    Within(Span),
}
