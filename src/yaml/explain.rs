//! The parser's errors in the words of findings.

use super::fault::{Fault, FaultKind};
use super::limits::{MAX_DEPTH, MAX_SIMPLE_KEY};
use crate::source::{FileId, Span};
use granit_parser::{ErrorKind, ScanError};

/// A fault from an error of the parser in `part`, which starts at `base` of its file.
pub(super) fn explain(file: FileId, part: &str, base: usize, error: &ScanError) -> Fault {
    let mut at = error.marker().byte_offset().unwrap_or(0).min(part.len());
    while !part.is_char_boundary(at) {
        at -= 1;
    }
    let line_start = part[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = part[line_start..].find('\n').map_or(part.len(), |newline| line_start + newline);
    let line = part[line_start..line_end].trim_end();
    let width = part[at..line_end].chars().next().map_or(0, char::len_utf8);
    let span = Span::new(file, base + at..base + at + width);
    let fault = |message: &str| Fault::new(FaultKind::Syntax, span, message);

    let indentation = &line[..line.len() - line.trim_start().len()];
    if let Some(tab) = tab_near(part, line_start) {
        return Fault::new(
            FaultKind::Syntax,
            Span::new(file, base + tab..base + tab + 1),
            "a tab in the indentation",
        )
        .help("indent by spaces");
    }
    if let Some(mark) = conflict(part, line_start) {
        let span = Span::new(file, base + mark..base + mark + 7);
        return Fault::new(FaultKind::Syntax, span, "a conflict of git that is not resolved")
            .help("keep one side, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`");
    }
    match error.kind() {
        ErrorKind::UnexpectedCharacter { character } => {
            let what = match character {
                '`' => "a backtick".to_owned(),
                '\t' => "a tab".to_owned(),
                _ => format!("`{character}`"),
            };
            let help = match character {
                '%' if part[..at].ends_with('{') => {
                    "put quotes around the value: `{%` starts a map for YAML"
                }
                '\t' => "use spaces",
                _ => "put quotes around the value",
            };
            fault(&format!("a plain value cannot start with {what}")).help(help)
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            mapping_value(&fault, line, at - line_start, indentation)
        }
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let fault = fault("the quotes are not closed, or a line inside them is not indented")
                .help("close them with the same quote, or indent the lines inside them");
            let open = opening_quote(part, at).map(|open| base + open);
            open.map_or(fault.clone(), |open| Fault {
                span: Span::new(file, open..open + 1),
                ..fault
            })
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            let fault = fault("an escape that YAML does not know")
                .help("write `\\\\` for a backslash, or use single quotes");
            let found = unknown_escape(&part[at..]).map(|found| base + at + found);
            found.map_or(fault.clone(), |at| Fault { span: Span::new(file, at..at + 1), ..fault })
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let long = line.len() > MAX_SIMPLE_KEY;
            fault(if long { "a key above 1,024 characters" } else { "a key without `:`" })
                .help("write `key: value`, or indent the line where it continues the value above")
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            fault(&format!("the bracket `{open}` is not closed"))
                .help("close it, or put quotes around the value")
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            fault(&format!("the bracket `{open}` is closed by `{close}`"))
                .help("close the innermost bracket first, or put quotes around the value")
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence => {
            let help = if line.contains("{{") {
                "put quotes around a value with `{{ }}`: YAML takes `{` for a map"
            } else {
                "separate the items by commas and close the bracket"
            };
            fault("a comma or a closing bracket is missing").help(help)
        }
        ErrorKind::RecursionLimitExceeded => {
            Fault::new(FaultKind::Limit, span, format!("nested deeper than {MAX_DEPTH} levels"))
        }
        ErrorKind::UnknownAnchor => {
            Fault::new(FaultKind::Reference, span, "an alias without an anchor").help(
                "put quotes around text that starts with `*`; an anchor holds for one document",
            )
        }
        kind => match words(kind) {
            Some((message, help)) => fault(message).help(help),
            None => fault(&headline(kind)),
        },
    }
}

/// Headline and help of the errors that need nothing of the text.
fn words(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text after the closing quote",
            "put the whole value into quotes; a single quote inside is written twice",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text after the closing quote",
            "put the whole value into quotes; a double quote inside is written `\\\"`",
        ),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => (
            "the line does not fit the indentation above it",
            "indent it like the keys that it belongs to",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "a list and a map at the same indentation",
            "start the line with `- `, or indent it like the key that it belongs to",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => (
            "a list item cannot start here",
            "put `- ` on a line of its own, or put quotes around the value",
        ),
        ErrorKind::TabInPlainScalar
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => ("a tab where YAML needs spaces", "use spaces"),
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("a closing bracket without an opening one", "put quotes around the value")
        }
        ErrorKind::DirectiveDisallowed => {
            ("Kubernetes does not read directives such as `%YAML`", "remove the line")
        }
        ErrorKind::InvalidBlockScalarHeader => {
            ("text after the `|` or `>` of a block", "start the text on the next line, indented")
        }
        ErrorKind::InvalidBlockScalarIndent => (
            "a line of the block is indented less than its first line",
            "indent all lines of the block at least like the first",
        ),
        ErrorKind::UndeclaredTagHandle => {
            ("a tag that is not declared", "put quotes around text that starts with `!`")
        }
        ErrorKind::InvalidTagTerminator | ErrorKind::MissingTagUri => {
            ("a tag that YAML does not know", "put quotes around text that starts with `!`")
        }
        ErrorKind::MissingAnchorOrAliasName => (
            "an anchor or alias without a name",
            "put quotes around text that starts with `&` or `*`",
        ),
        ErrorKind::CommentNotSeparated => {
            ("a comment without a space before `#`", "write ` #`, or put quotes around the value")
        }
        ErrorKind::CommentInterceptedScalar => {
            ("a comment inside a value of several lines", "move the comment above the value")
        }
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            ("`-` before a comma or bracket", "put quotes around the value")
        }
        ErrorKind::FlowMappingValueAdjacentCollection => {
            ("a `:` before a bracket without a space", "write a space after `:`")
        }
        ErrorKind::InvalidDocumentEnd => ("text after `...`", "remove the text"),
        ErrorKind::BomInsideDocument => {
            ("a byte order mark inside the text", "remove the character U+FEFF")
        }
        _ => return None,
    })
}

/// The first mark of a conflict in the line of a fault, or in one beside it.
fn conflict(part: &str, line_start: usize) -> Option<usize> {
    let before = part[..line_start].trim_end_matches('\n');
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let mut at = start;
    for line in part[start..].split_inclusive('\n').take(3) {
        if ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// The first tab in the indentation of a line, or of the line after it.
fn tab_near(part: &str, line_start: usize) -> Option<usize> {
    let mut start = line_start;
    for line in part[line_start..].split_inclusive('\n').take(2) {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(tab) = indentation.find('\t') {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

/// The three ways to a `:` that cannot be.
fn mapping_value(
    fault: &dyn Fn(&str) -> Fault,
    line: &str,
    column: usize,
    indentation: &str,
) -> Fault {
    let before = line.get(..column).unwrap_or(line).trim_start_matches(['-', ' ']);
    if before.contains("${{") {
        return fault("`: ` inside a plain value")
            .help("put quotes around a value whose expression contains `: `");
    }
    if before.contains(": ") {
        return fault("`: ` inside a plain value").help("put quotes around the value");
    }
    let fault = fault("a key where the value above is not finished");
    if indentation.is_empty() {
        fault.help("close the brackets or quotes above")
    } else {
        fault.help("indent the key like those beside it, or close the quotes and brackets above")
    }
}

/// The quote that is still open at a place: the last one that starts a value on a line before it.
fn opening_quote(part: &str, at: usize) -> Option<usize> {
    let before = &part[..at];
    let mut end = before.len();
    for _ in 0..200 {
        let start = before[..end].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &before[start..end];
        let found = [": \"", ": '", "- \"", "- '"].iter().filter_map(|lead| line.rfind(lead)).max();
        if let Some(found) = found {
            return Some(start + found + 2);
        }
        if line.starts_with(['"', '\'']) {
            return Some(start);
        }
        end = start.checked_sub(1)?;
    }
    None
}

/// The first backslash that starts no escape, in text from an opening quote on.
fn unknown_escape(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            let (_, escape) = characters.next()?;
            if !"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(escape) {
                return Some(at);
            }
        }
    }
    None
}

/// The parser's own words for what needs no help of ours.
fn headline(kind: &ErrorKind) -> String {
    let text = kind.to_string();
    let text = text
        .strip_prefix("while ")
        .map_or(text.as_str(), |rest| rest.split_once(", ").map_or(rest, |(_, what)| what));
    text.trim_end_matches('.').to_owned()
}
