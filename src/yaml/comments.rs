//! Where the comments of a text are.

use super::explain::explain;
use super::fault::Fault;
use super::read::{check_text, parser};
use super::split::split;
use crate::source::{FileId, Span};
use granit_parser::Event;
use std::ops::Range;

/// The places of all comments of a file, from `#` to the end of the line without the line break,
/// in order. Text inside scalars is never one.
///
/// The text may be a template: only its syntax matters, not whether keys repeat or aliases lead
/// anywhere.
///
/// Who blanks a comment keeps its `#`: spaces alone after a block scalar would become part of the
/// block.
///
/// # Errors
/// The first fault of a text that is not YAML, since what a comment is depends on the syntax.
pub fn comments(file: FileId, text: &str) -> Result<Vec<Span>, Fault> {
    let mut found = Vec::new();
    for chunk in split(file, text) {
        if let Some(line) = chunk.separator
            && let Some(at) = text[line.clone()].find('#')
        {
            let end = line.start + text[line.clone()].trim_end_matches(['\r', '\n']).len();
            found.push(Span::new(file, line.start + at..end));
        }
        if let Some(fault) = chunk.fault {
            return Err(fault);
        }
        let part = &text[chunk.range.clone()];
        let base = chunk.range.start;
        check_text(file, part, base)?;
        let first = found.len();
        for event in parser(part, true) {
            let (event, span) = event.map_err(|error| explain(file, part, base, &error))?;
            if let (Event::Comment(..), Some(range)) = (event, span.byte_range()) {
                found.push(Span::new(file, base + range.start..base + range.end));
            }
        }
        // The parser gives comments before a key after the key's place is known.
        found[first..].sort_unstable_by_key(|span| span.start);
    }
    Ok(found)
}

/// Where the documents of a stream lie, each with the line of dashes before it. Comments alone
/// before the first such line are a part too.
#[must_use]
pub fn parts(file: FileId, text: &str) -> Vec<Range<usize>> {
    let whole = |chunk: super::split::Chunk| {
        let start = chunk.separator.map_or(chunk.range.start, |separator| separator.start);
        start..chunk.range.end
    };
    split(file, text).into_iter().map(whole).collect()
}
