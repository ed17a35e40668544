//! What a template writes, and where each part of it came from.
//!
//! minijinja hands literal template text to the writer as slices of the template's own memory, so
//! an address tells the offset in the template. An expression writes a sentinel in place of its
//! value: U+FDD0, the number of the captured value, U+FDD1. The text is then parsed as YAML and
//! the sentinels are replaced in the tree, so a value can never change the structure around it.
//! Both rest on how minijinja works today; `tests/provenance.rs` pins it.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use minijinja::value::Value as JinjaValue;

use super::tracked::{last_read_of, reads_len, reads_since};
use crate::source::{FileId, Sources, Span};

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
    /// Places of the values that went into it.
    pub(super) origins: Box<[Span]>,
    /// How many leaves had been read by then.
    reads: usize,
}

/// The output of one template while it grows.
#[derive(Debug)]
pub(super) struct Recorder {
    ranges: Arc<Ranges>,
    pub(super) output: String,
    segments: Vec<Segment>,
    pub(super) captured: Vec<Captured>,
    limit: usize,
    /// Reads before this one belong to what was written already.
    fresh: usize,
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
pub(super) fn start(ranges: &Arc<Ranges>, limit: usize) {
    let recorder = Recorder {
        ranges: Arc::clone(ranges),
        output: String::new(),
        segments: Vec::new(),
        captured: Vec::new(),
        limit,
        fresh: reads_len(),
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
pub(super) fn capture(value: &JinjaValue, file: FileId) -> Option<String> {
    with_innermost(|recorder| {
        if !recorder.reached {
            return None;
        }
        let index = recorder.captured.len();
        let reads = reads_len();
        recorder.captured.push(Captured {
            value: value.clone(),
            file,
            expression: Span::new(file, 0..0),
            origins: reads_since(recorder.fresh),
            reads,
        });
        recorder
            .segments
            .push(Segment { at: recorder.output.len(), made_by: MadeBy::Expression(index) });
        recorder.fresh = reads;
        Some(format!("{OPEN}{index}{CLOSE}"))
    })
    .flatten()
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
            self.fresh = reads_len();
        }
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.output.push_str(text);
        Ok(())
    }

    /// Finds the expression behind each captured value, now that the text around it is known.
    pub(super) fn locate(&mut self, sources: &Sources) {
        let segments = std::mem::take(&mut self.segments);
        let mut index = 0;
        while index < segments.len() {
            let MadeBy::Expression(_) = segments[index].made_by else {
                index += 1;
                continue;
            };
            let group_end = segments[index..]
                .iter()
                .position(|segment| matches!(segment.made_by, MadeBy::Literal(..)))
                .map_or(segments.len(), |length| index + length);
            for position in index..group_end {
                let MadeBy::Expression(number) = segments[position].made_by else { continue };
                let file = self.captured[number].file;
                let text = &sources.get(file).text;
                let in_file = |segment: Option<&Segment>| match segment.map(|s| s.made_by) {
                    Some(MadeBy::Literal(literal, offset)) if literal == file => {
                        Some(offset as usize)
                    }
                    _ => None,
                };
                let next = in_file(segments.get(group_end));
                let previous = index.checked_sub(1).and_then(|before| {
                    let start = in_file(segments.get(before))?;
                    Some(start + segments[index].at - segments[before].at)
                });
                let start = match (next, previous) {
                    (Some(next), _) => nth_back(text, next, group_end - position),
                    (None, Some(previous)) => nth_forward(text, previous, position - index),
                    (None, None) => nth_forward(text, 0, 0),
                };
                if let Some(start) = start {
                    let end = text[start..].find("}}").map_or(text.len(), |end| start + end + 2);
                    let captured = &mut self.captured[number];
                    captured.expression = Span::new(file, start..end);
                    if captured.origins.is_empty() && names_a_local(&text[start..end]) {
                        let read = last_read_of(&captured.value, captured.reads);
                        captured.origins = read.into_iter().collect();
                    }
                }
            }
            index = group_end;
        }
        self.segments = segments;
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

fn nth_back(text: &str, before: usize, nth: usize) -> Option<usize> {
    text.get(..before)?.rmatch_indices("${{").nth(nth - 1).map(|(at, _)| at)
}

fn nth_forward(text: &str, after: usize, nth: usize) -> Option<usize> {
    text.get(after..)?.match_indices("${{").nth(nth).map(|(at, _)| after + at)
}

/// Whether an expression begins with a name that `set`, `for` or an argument bound. What a function
/// returns is none of these.
fn names_a_local(expression: &str) -> bool {
    let expression = expression.trim_start_matches("${{").trim_start_matches(['-', ' ']);
    let rest = expression.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    let name = &expression[..expression.len() - rest.len()];
    !name.is_empty() && !rest.trim_start().starts_with('(') && !super::ROOTS.contains(&name)
}
