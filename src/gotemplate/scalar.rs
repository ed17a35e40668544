//! Texts in YAML as `go.yaml.in/yaml/v2` writes them: `stringv` of `encode.go`,
//! `yaml_emitter_analyze_scalar` and `yaml_emitter_select_scalar_style` of `emitterc.go`.

use std::sync::LazyLock;

use regex::Regex;

use crate::cel::clock::parse_date;
use crate::yaml;

/// Lines are broken at the first space after this column.
const WIDTH: usize = 80;

/// `base60float` of `encode.go`: texts that YAML 1.1 reads as numbers to the base of sixty.
static SEXAGESIMAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$").ok());

/// `allowedTimestampFormats` of `resolve.go`, as a pattern.
static TIMESTAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let clock = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?";
    let zoned = format!(r"[Tt]{clock}(?:Z|[-+]\d{{2}}:\d{{2}})");
    Regex::new(&format!(r"^(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:{zoned}| {clock})?$")).ok()
});

fn is_timestamp(text: &str) -> bool {
    let Some(parts) = TIMESTAMP.as_ref().and_then(|pattern| pattern.captures(text)) else {
        return false;
    };
    let part = |at: usize| parts.get(at).and_then(|part| part.as_str().parse().ok()).unwrap_or(0);
    let date = format!("{:04}-{:02}-{:02}", part(1), part(2), part(3));
    let clock = |at: usize| part(at) < 24 && part(at + 1) < 60 && part(at + 2) < 60;
    parse_date(&date).is_some() && clock(4) && clock(7)
}

/// What a text allows.
struct Analysis {
    plain: bool,
    single: bool,
    literal: bool,
}

/// Whether a character stands for itself; those beyond 16 bits do not. Old line breaks and the byte
/// order mark do not come here.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

fn analyze(text: &str) -> Analysis {
    let chars: Vec<char> = text.chars().collect();
    let blank = |c: Option<&char>| c.is_none_or(|c| *c == ' ' || *c == '\t' || is_break(*c));
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut breaks, mut break_space, mut space_break) = (false, false, false, false);
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let followed = blank(chars.get(at + 1));
        indicators |= match c {
            '#' => blank(before),
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`' => at == 0,
            '?' | '-' => at == 0 && followed,
            ':' => followed,
            _ => false,
        };
        special |= !is_printable(*c);
        breaks |= is_break(*c);
        break_space |= *c == ' ' && before.copied().is_some_and(is_break);
        space_break |= is_break(*c) && before == Some(&' ');
    }
    let edge = |c: Option<&char>| c.is_some_and(|c| *c == ' ' || is_break(*c));
    let edges = edge(chars.first()) || edge(chars.last());
    let broken = space_break || special;
    Analysis {
        plain: !(edges || break_space || broken || breaks || indicators),
        single: !(break_space || broken),
        literal: !(chars.last() == Some(&' ') || broken),
    }
}

/// Appends a text that stands in a block at an indentation; keys have no line breaks.
pub(super) fn write(text: &str, indent: usize, key: bool, out: &mut String) {
    let analysis = analyze(text);
    let sexagesimal = SEXAGESIMAL.as_ref().is_some_and(|pattern| pattern.is_match(text));
    let reads_as_text = yaml::reads_as_text(text) && !sexagesimal && !is_timestamp(text);
    if text.contains('\n') && analysis.literal && !key {
        literal(text, indent + 2, out);
    } else if text.contains('\n') || !reads_as_text || !(analysis.plain || analysis.single) {
        double(text, indent + 2, key, out);
    } else if analysis.plain {
        folded(text, indent + 2, key, out);
    } else {
        out.push('\'');
        folded(&text.replace('\'', "''"), indent + 2, key, out);
        out.push('\'');
    }
}

/// `|`, with what is needed to keep the breaks at its end and the spaces at its start.
fn literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with(' ') || text.starts_with(is_break) {
        out.push('2');
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.is_empty() || body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    out.push('\n');
    for (at, line) in body.unwrap_or(text).split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    if body.is_some() {
        out.push('\n');
    }
}

/// The column at the end of what is written.
fn column(out: &str) -> usize {
    out.rsplit('\n').next().map_or(0, |line| line.chars().count())
}

/// One line of text, broken at single spaces where it grows too long.
fn folded(text: &str, indent: usize, key: bool, out: &mut String) {
    let quoted = out.ends_with('\'');
    let mut column = column(out);
    let mut after_space = false;
    let mut rest = text.chars().peekable();
    let mut first = true;
    while let Some(c) = rest.next() {
        let next = rest.peek();
        let inside = !quoted || (!first && next.is_some());
        if c == ' ' && !key && !after_space && column > WIDTH && next != Some(&' ') && inside {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else {
            out.push(c);
            column += 1;
        }
        after_space = c == ' ';
        first = false;
    }
}

fn double(text: &str, indent: usize, key: bool, out: &mut String) {
    out.push('"');
    let mut column = column(out);
    let mut after_space = false;
    let mut rest = text.chars().peekable();
    let mut first = true;
    while let Some(c) = rest.next() {
        let before = out.len();
        let next = rest.peek().copied();
        match c {
            ' ' if !key && !after_space && column > WIDTH && !first && next.is_some() => {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                column = indent;
                if next == Some(' ') {
                    out.push('\\');
                    column += 1;
                }
                after_space = true;
                first = false;
                continue;
            }
            '"' | '\\' => out.extend(['\\', c]),
            c if is_printable(c) && !is_break(c) => out.push(c),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
        column += out.get(before..).map_or(0, |added| added.chars().count());
        after_space = c == ' ';
        first = false;
    }
    out.push('"');
}
