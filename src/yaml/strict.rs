//! What the parser, a reader of YAML 1.2, lets pass but Kubernetes' scanner (libyaml's, in Go)
//! refuses or reads as something else.
//!
//! Each rule here turns a silent difference into a fault. The places come from goyaml.v2's
//! `scannerc.go`.

use super::fault::{Fault, FaultKind};
use crate::source::{FileId, Span};
use granit_parser::{Event, ScalarStyle, StructureStyle};
use std::ops::Range;

/// Follows the events of one document and looks at the text behind them.
pub(super) struct Strict<'t> {
    file: FileId,
    part: &'t str,
    base: usize,
    /// Whether gaps are looked at: nearly no text has a tab.
    tabs: bool,
    /// JSON is read by a JSON reader, which knows its own escapes.
    json: bool,
    flow: usize,
    /// Columns of the open block collections.
    columns: Vec<usize>,
    /// The end of the token before.
    end: usize,
    after_plain: bool,
}

impl<'t> Strict<'t> {
    pub(super) fn new(file: FileId, part: &'t str, base: usize) -> Self {
        let content = part.trim_start_matches('\u{feff}');
        Self {
            file,
            part,
            base,
            tabs: part.contains('\t'),
            json: content.trim_start().starts_with('{'),
            flow: 0,
            columns: Vec::new(),
            end: part.len() - content.len(),
            after_plain: false,
        }
    }

    /// Looks at an event before it is taken; `range` is its place in the part.
    pub(super) fn check(
        &mut self,
        event: &Event<'_>,
        place: &granit_parser::Span,
    ) -> Result<(), Fault> {
        let range = place.byte_range().unwrap_or(0..0);
        if let Some(tag) = place.tag_span().and_then(|tag| tag.byte_range())
            && (self.byte(tag.end).is_some_and(|byte| !byte.is_ascii_whitespace())
                || self.part[tag.clone()].contains('#'))
        {
            return Err(self.fault(tag, "a tag without a space after it"));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                self.gap(range.start)?;
                match style {
                    ScalarStyle::Plain if self.flow > 0 => self.plain_in_flow(&range)?,
                    ScalarStyle::DoubleQuoted => self.escapes(&range)?,
                    ScalarStyle::Literal | ScalarStyle::Folded => {
                        self.block(&range)?;
                        if self.columns.is_empty() && place.start.col() == 0 && !text.is_empty() {
                            return Err(self
                                .fault(range, "a block at the top that is not indented")
                                .help("indent the lines of the block"));
                        }
                    }
                    _ => {}
                }
                let tag = place.tag_start().and_then(|tag| tag.byte_offset());
                self.key_over_lines(&(tag.unwrap_or(range.start)..range.end))?;
                self.after_plain = *style == ScalarStyle::Plain && !range.is_empty();
                self.end = self.end.max(range.end);
            }
            Event::Alias(_) => self.token(&range)?,
            Event::SequenceStart(StructureStyle::Flow, ..)
            | Event::MappingStart(StructureStyle::Flow, ..) => {
                self.token(&range)?;
                self.flow += 1;
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if self.flow == 0 => {
                // Only tabs need the column.
                self.columns.push(if self.tabs { place.start.col() } else { 0 });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if range.is_empty() {
                    if self.flow == 0 {
                        self.columns.pop();
                    }
                } else {
                    self.token(&range)?;
                    self.flow = self.flow.saturating_sub(1);
                }
            }
            Event::DocumentStart(..) | Event::StreamEnd => {
                let mut at = 0;
                for line in self.part[..range.start].split_inclusive('\n') {
                    if line.starts_with("...") {
                        return Err(self
                            .fault(at..at + 3, "`...` before a document")
                            .help("remove the line"));
                    }
                    at += line.len();
                }
            }
            Event::DocumentEnd => {
                self.columns.clear();
                self.gap(range.start)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A text without a document may still have tabs.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        self.gap(self.part.len())
    }

    fn token(&mut self, range: &Range<usize>) -> Result<(), Fault> {
        self.gap(range.start)?;
        self.after_plain = false;
        self.end = self.end.max(range.end);
        Ok(())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.part.as_bytes().get(at).copied()
    }

    fn fault(&self, range: Range<usize>, message: &str) -> Fault {
        let span = Span::new(self.file, self.base + range.start..self.base + range.end);
        Fault::new(FaultKind::Syntax, span, message).help("put quotes around the value")
    }

    /// Tabs in the indentation, and after the `-` and `?` that indentation goes on behind
    /// (`yaml_parser_scan_to_next_token`, `yaml_parser_scan_plain_scalar`).
    fn gap(&mut self, to: usize) -> Result<(), Fault> {
        if !self.tabs || self.flow > 0 || to <= self.end {
            return Ok(());
        }
        let gap = self.part.get(self.end..to).unwrap_or("");
        if !gap.contains('\t') {
            return Ok(());
        }
        let mut at = self.end;
        for line in gap.split_inclusive('\n') {
            let line_at = at;
            at += line.len();
            let code = line.split('#').next().unwrap_or("");
            let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
            let mut rest = code;
            // The first piece goes on with the line of the token before it.
            let starts_line = line_at == 0 || self.byte(line_at - 1) == Some(b'\n') || {
                line_at == self.end && self.part[..line_at] == *"\u{feff}"
            };
            if !starts_line {
                let Some(dash) = rest.find(['-', '?']) else { continue };
                rest = &rest[dash..];
            }
            while let Some(first) = rest.as_bytes().first() {
                if matches!(first, b'-' | b'?') {
                    rest = &rest[1..];
                }
                let width = blanks(rest);
                if let Some(tab) = rest[..width].find('\t') {
                    let tab = line_at + (code.len() - rest.len()) + tab;
                    let goes_on = self.after_plain
                        && self.part[self.end..line_at].trim().is_empty()
                        && self.beyond_indent(tab - line_at);
                    if !(starts_line && goes_on) {
                        let span = Span::new(self.file, self.base + tab..self.base + tab + 1);
                        return Err(Fault::new(
                            FaultKind::Syntax,
                            span,
                            "a tab in the indentation",
                        )
                        .help("indent by spaces"));
                    }
                }
                rest = &rest[width..];
                if !matches!(rest.as_bytes().first(), Some(b'-' | b'?')) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether a column belongs to a plain value that would go on there.
    fn beyond_indent(&self, column: usize) -> bool {
        column > self.columns.last().copied().unwrap_or(0)
    }

    /// Plain values within brackets: `?` and a leading `:` are indicators, `:` needs a space.
    fn plain_in_flow(&self, range: &Range<usize>) -> Result<(), Fault> {
        let text = &self.part[range.clone()];
        if text.starts_with(':') || text.contains('?') {
            return Err(self.fault(
                range.clone(),
                "a plain value within brackets cannot hold `?` or start with `:`",
            ));
        }
        if text.is_empty() {
            let colon = range.start..range.start + 1;
            if self.byte(range.start) == Some(b':')
                && self.byte(range.start + 1).is_some_and(|next| b",[]{}".contains(&next))
            {
                return Err(self
                    .fault(colon, "a `:` without a space before a comma or bracket")
                    .help("write a space after `:` for a key, or put quotes around the text"));
            }
        }
        Ok(())
    }

    /// Keys within brackets stand on one line, with their colon.
    fn key_over_lines(&self, range: &Range<usize>) -> Result<(), Fault> {
        if self.flow == 0 {
            return Ok(());
        }
        let mut rest = self.part[range.end..].trim_start();
        while rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
        }
        let is_key = rest.starts_with(':');
        let colon = self.part.len() - rest.len();
        if !is_key || !self.part[range.start..colon].contains(['\n', '\r']) {
            return Ok(());
        }
        let explicit = self.part[..range.start].trim_end().ends_with('?');
        if !explicit {
            return Err(self
                .fault(range.clone(), "a key over several lines")
                .help("write the key on one line"));
        }
        Ok(())
    }

    /// Escapes that only JSON and YAML 1.2 have.
    fn escapes(&self, range: &Range<usize>) -> Result<(), Fault> {
        let text = &self.part.as_bytes()[range.clone()];
        if self.json || !text.contains(&b'\\') {
            return Ok(());
        }
        let mut at = 0;
        while at + 1 < text.len() {
            if text[at] != b'\\' {
                at += 1;
                continue;
            }
            let surrogate = text[at + 1] == b'u'
                && matches!(
                    text.get(at + 2..at + 4),
                    Some([b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'])
                );
            if text[at + 1] == b'/' || surrogate {
                let start = range.start + at;
                let help = if surrogate {
                    "write the character itself, or one escape `\\U` with eight digits"
                } else {
                    "write `/` without the backslash"
                };
                return Err(self
                    .fault(start..start + 2, "an escape that Kubernetes' YAML does not know")
                    .help(help));
            }
            at += 2;
        }
        Ok(())
    }

    /// A block whose first lines start with a tab needs its indentation said
    /// (`yaml_parser_scan_block_scalar_breaks`).
    fn block(&self, range: &Range<usize>) -> Result<(), Fault> {
        if !self.tabs {
            return Ok(());
        }
        // The place is that of the text; the header stands before it.
        let end = self.part[..range.start].trim_end().len();
        let header = &self.part[self.part[..end].rfind('\n').map_or(0, |newline| newline + 1)..end];
        let header = header.split(" #").next().unwrap_or("").trim_end();
        if header.trim_end_matches(['+', '-']).ends_with(|c: char| c.is_ascii_digit()) {
            return Ok(());
        }
        let mut at = end;
        for line in self.part[end..].split_inclusive('\n') {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            if at > end
                && let Some(tab) = line[..blanks].find('\t')
            {
                return Err(self
                    .fault(at + tab..at + tab + 1, "a block that starts with a tab")
                    .help("say how far it is indented, as in `|2`, or use spaces"));
            }
            if !line.trim().is_empty() {
                break;
            }
            at += line.len();
        }
        Ok(())
    }
}
