//! Reading a stream of documents.

use super::explain::explain;
use super::fault::{Fault, FaultKind};
use super::indented::Indented;
use super::limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_SIMPLE_KEY};
use super::node::Node;
use super::split::{Chunk, split};
use super::strict::Strict;
use super::tree::{Builder, Scalar};
use crate::source::{FileId, Span};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::ops::Range;

/// One document of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its value; nothing for an empty document, which Kubernetes passes over.
    pub node: Option<Node>,
    /// Its text between the separators, without blank lines around it.
    pub span: Span,
}

/// What came of reading a stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// The documents that could be read, in order. One with a fatal fault is left out.
    pub documents: Vec<Document>,
    /// What is wrong, in order of the text for each document.
    pub faults: Vec<Fault>,
}

/// Reads all documents of a file as Kubernetes does.
///
/// Each document is read by itself, so a broken one leaves the others readable. A fault that
/// [`FaultKind::is_fatal`] keeps its document out of the result. All places are offsets into
/// `text`, of which a byte order mark may be the first character.
#[must_use]
pub fn read(file: FileId, text: &str) -> Read {
    read_as(file, text, Marks::None)
}

/// Reads the documents of a text one after the other, and hands over what came of each with its
/// place: what is done with one can be dropped before the next is read.
pub fn read_each(file: FileId, text: &str, mut take: impl FnMut(Range<usize>, Read)) {
    for chunk in split(file, text) {
        let range = chunk.range.clone();
        let mut read = Read::default();
        read_chunk(file, text, chunk, Marks::None, &mut read);
        take(range, read);
    }
}

/// Reads one document, whose place in the text is known.
#[must_use]
pub fn read_at(file: FileId, text: &str, range: Range<usize>) -> Read {
    let mut read = Read::default();
    let chunk = Chunk { range, fault: None, separator: None };
    read_chunk(file, text, chunk, Marks::None, &mut read);
    read
}

/// Reads as [`read`] does, and tells the style of scalars: one that is plain and has no tag names
/// its own place among its origins. What stands for a value in rendered text keeps the value's
/// type only there, and an alias repeats it with the mark.
pub(crate) fn read_marked(file: FileId, text: &str) -> Read {
    read_as(file, text, Marks::Plain)
}

/// Which scalars are marked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Marks {
    None,
    Plain,
}

fn read_as(file: FileId, text: &str, marks: Marks) -> Read {
    let mut read = Read::default();
    for chunk in split(file, text) {
        read_chunk(file, text, chunk, marks, &mut read);
    }
    read
}

fn read_chunk(file: FileId, text: &str, chunk: Chunk, marks: Marks, read: &mut Read) {
    let part = &text[chunk.range.clone()];
    let start = chunk.range.start + (part.len() - part.trim_start().len());
    let end = chunk.range.start + part.trim_end().len();
    let span = Span::new(file, start.min(end)..end);
    if let Some(fault) = chunk.fault {
        read.faults.push(fault);
        return;
    }
    let (node, mut faults) = match check_text(file, part, chunk.range.start) {
        Ok(()) => read_part(file, part, chunk.range.start, marks),
        Err(fault) => (None, vec![fault]),
    };
    if !faults.iter().any(|fault| fault.kind.is_fatal()) {
        read.documents.push(Document { node, span });
    }
    faults.iter_mut().for_each(|fault| spell(fault, text));
    read.faults.append(&mut faults);
}

/// Names a repeated key as it is written, where Kubernetes gives it another name: `y` is `true`.
fn spell(fault: &mut Fault, text: &str) {
    let written = |span: &Span| {
        let written = text.get(span.start as usize..span.end as usize).unwrap_or_default();
        written.trim_matches(['"', '\'']).to_owned()
    };
    let Some((first, _)) = fault.related.as_ref().filter(|_| fault.kind == FaultKind::DuplicateKey)
    else {
        return;
    };
    let (first, second) = (written(first), written(&fault.span));
    let name = fault.message.strip_prefix("the key `").and_then(|rest| rest.split_once("` is"));
    let Some((name, _)) = name.filter(|(name, _)| *name != first || *name != second) else {
        return;
    };
    let short = super::resolve::short;
    fault.message = if first == second {
        format!("the key `{}` is given twice", short(&second))
    } else {
        let (first, second) = (short(&first), short(&second));
        format!("the keys `{first}` and `{second}` are the same: Kubernetes reads both as `{name}`")
    };
}

/// Reads the first document of a part, as it is or with lines inside quotes indented.
fn read_part(file: FileId, part: &str, base: usize, marks: Marks) -> (Option<Node>, Vec<Fault>) {
    let mut builder = Builder::new(file, marks);
    let Err(failure) = build(&mut builder, part, base) else { return builder.finish() };
    let mut next = failure.unindented;
    let mut indented = Indented::new(part);
    while let Some(line) = next.filter(|_| indented.is_bearable()) {
        indented.indent(line);
        let mut builder = Builder::new(file, marks);
        match build(&mut builder, indented.text(), base) {
            Ok(()) => {
                let (node, faults) = builder.finish();
                return indented.places(base, node, faults);
            }
            Err(failure) => next = failure.unindented,
        }
    }
    // What went wrong first says more than what went wrong after guessing.
    let (node, mut faults) = builder.finish();
    faults.push(failure.fault);
    (node, faults)
}

/// Why a document could not be read.
struct Failure {
    fault: Fault,
    /// The start of a line inside quotes that lacks indentation, where that is why.
    unindented: Option<usize>,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { fault, unindented: None }
    }
}

/// The parser with our limits.
pub(super) fn parser(part: &str, comments: bool) -> Parser<'_, granit_parser::StrInput<'_>> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_anchor_events: !comments,
        emit_comments: comments,
        emit_unresolved_aliases: comments,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        simple_key_max_lookahead: MAX_SIMPLE_KEY,
    };
    Parser::new_from_str_with_options(part, options)
}

/// Feeds the first document of a part to the builder.
fn build(builder: &mut Builder, part: &str, base: usize) -> Result<(), Failure> {
    let file = builder.file();
    let at = |span: &granit_parser::Span| {
        let range = span.byte_range().unwrap_or(0..0);
        Span::new(file, base + range.start..base + range.end)
    };
    let mut strict = Strict::new(file, part, base);
    for event in parser(part, false) {
        let (event, place) = match event {
            Ok(found) => found,
            Err(error) => {
                let unindented = matches!(error.kind(), ErrorKind::InvalidQuotedScalarIndent)
                    .then(|| error.marker().byte_offset())
                    .flatten();
                return Err(Failure { fault: explain(file, part, base, &error), unindented });
            }
        };
        strict.check(&event, &place)?;
        let span = at(&place);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                // The parser spells a missing value `~`.
                let missing = plain && span.start == span.end;
                if missing && anchor == 0 && tag.is_none() && builder.is_at_root() {
                    continue;
                }
                let scalar = Scalar {
                    text: if missing { Cow::Borrowed("") } else { text },
                    plain,
                    tag: tag.as_deref().map(suffix),
                    anchor,
                    span: scalar_span(span, style, missing, part, base),
                };
                builder.scalar(scalar)?;
            }
            Event::SequenceStart(_, anchor, _) => builder.start_seq(span, anchor)?,
            Event::MappingStart(_, anchor, _) => builder.start_map(span, anchor)?,
            Event::SequenceEnd | Event::MappingEnd => {
                builder.end((span.start < span.end).then_some(span))?;
            }
            Event::Alias(id) => {
                check_name(part, base, span)?;
                builder.alias(id, span)?;
            }
            Event::Anchor(..) => check_name(part, base, span)?,
            Event::DocumentEnd => {
                let marked = span.start < span.end;
                let end = place.end.byte_offset().unwrap_or(part.len());
                return Ok(check_rest(builder, part, base, end, marked)?);
            }
            _ => {}
        }
    }
    Ok(strict.finish()?)
}

/// The tag as the resolver wants it: the name in YAML's own namespace, or nothing for any other.
fn suffix(tag: &Tag) -> Option<Cow<'_, str>> {
    if tag.parts() == ("", "!") || tag.parts() == ("!", "") {
        return None;
    }
    tag.suffix_in_namespace("tag:yaml.org,2002:")
}

/// The place of a scalar: without the line breaks after a block, after the colon where the value
/// is missing.
fn scalar_span(span: Span, style: ScalarStyle, missing: bool, part: &str, base: usize) -> Span {
    let start = span.start as usize - base;
    match style {
        ScalarStyle::Literal | ScalarStyle::Folded => {
            let end = span.end as usize - base;
            let text = part.get(start..end).unwrap_or("").trim_end();
            Span::new(span.file, base + start..base + start + text.len())
        }
        _ if missing && part.as_bytes().get(start) == Some(&b':') => {
            Span::new(span.file, base + start + 1..base + start + 1)
        }
        _ => span,
    }
}

/// Refuses names of anchors and aliases that Kubernetes' scanner ends earlier (`is_alpha`).
fn check_name(part: &str, base: usize, span: Span) -> Result<(), Fault> {
    let name = part.get(span.start as usize - base + 1..span.end as usize - base).unwrap_or("");
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Syntax,
        span,
        format!("`{name}` is no name of an anchor for Kubernetes"),
    )
    .help("use letters, digits, `_` and `-`"))
}

/// Reports text after the first document of a part, which Kubernetes does not read, and refuses it
/// where no `...` stands before it: it belongs to the value then, or should.
fn check_rest(
    builder: &mut Builder,
    part: &str,
    base: usize,
    end: usize,
    marked: bool,
) -> Result<(), Fault> {
    let mut at = end;
    for line in part.get(end..).unwrap_or("").split_inclusive('\n') {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') || (at > end && line.trim_end() == "...") {
            at += line.len();
            continue;
        }
        let start = base + at + (line.len() - line.trim_start().len());
        let span = Span::new(builder.file(), start..start + text.len());
        if !marked {
            return Err(Fault::new(
                FaultKind::Syntax,
                span,
                "text after the value of the document",
            )
            .help("put the whole value into quotes, or remove the text"));
        }
        let message = "text after the end of the document is not read";
        builder.faults.push(
            Fault::new(FaultKind::Unread, span, message)
                .help("separate documents by a line `---`; `...` ends the last one"),
        );
        break;
    }
    Ok(())
}

/// Refuses what Kubernetes' reader refuses before it parses, and what it breaks lines at but we
/// do not.
pub(super) fn check_text(file: FileId, part: &str, base: usize) -> Result<(), Fault> {
    if part.len() > MAX_DOCUMENT_BYTES {
        let span = Span::new(file, base..base);
        let limit = MAX_DOCUMENT_BYTES >> 20;
        return Err(Fault::new(FaultKind::Limit, span, format!("a document above {limit} MiB"))
            .help("split it by lines of `---`"));
    }
    // One pass that the compiler can do many bytes at a time; nearly all text ends here.
    let odd =
        |byte: u8| (byte < 0x20 && byte != b'\n' && byte != b'\t' && byte != b'\r') || byte >= 0x7f;
    if !part
        .as_bytes()
        .chunks(4096)
        .any(|block| block.iter().fold(false, |any, &byte| any | odd(byte)))
    {
        return Ok(());
    }
    for (at, character) in part.char_indices() {
        let fault = |message: String| {
            let span = Span::new(file, base + at..base + at + character.len_utf8());
            Err(Fault::new(FaultKind::Syntax, span, message))
        };
        let code = u32::from(character);
        match character {
            '\t' | '\n' | '\r' => {}
            '\u{85}' | '\u{2028}' | '\u{2029}' => {
                return fault(format!("the character U+{code:04X} breaks the line for Kubernetes"))
                    .map_err(|fault| {
                        fault.help(format!(
                            "write it as `\\u{code:04X}` in double quotes, or remove it"
                        ))
                    });
            }
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                return fault(format!("the control character U+{code:04X} is not allowed in YAML"))
                    .map_err(|fault| {
                        fault.help(format!(
                            "write it as `\\u{code:04X}` in double quotes, or remove it"
                        ))
                    });
            }
            _ => {}
        }
    }
    Ok(())
}
