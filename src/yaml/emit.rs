//! Writing a tree as YAML.

use super::go_number::through_json;
use super::node::{Map, Node, Value};
use super::scalar_style::{Style, fits_simple_key, needs_escape, style};
use std::fmt::Write as _;

/// The node as a YAML document in block style.
///
/// Two spaces for each level, lists under a key not indented, as kubectl prints; long lines stay
/// long. Text stands without quotes only where both YAML 1.1 as Kubernetes reads it and YAML 1.2
/// read the same text. The result reads back to an equal value, and ends with a line break.
#[must_use]
pub fn emit(node: &Node) -> String {
    let mut out = String::with_capacity(1024);
    emit_to(node, &mut out);
    out
}

/// Appends what [`emit`] gives.
pub fn emit_to(node: &Node, out: &mut String) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => entries(map, 0, out),
        Value::Seq(items) if !items.is_empty() => list(items, 0, out),
        // A literal block at the top has an indentation that readers disagree about.
        Value::String(text) => {
            text_inline(text, out);
            out.push('\n');
        }
        _ => {
            scalar(node, 0, out);
            out.push('\n');
        }
    }
}

/// The entries of a mapping at a column; the first one starts where `out` ends.
fn entries(map: &Map, column: usize, out: &mut String) {
    for (at, (key, node)) in map.iter().enumerate() {
        if at > 0 {
            indent(column, out);
        }
        name(&key.name, column, out);
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                out.push('\n');
                indent(column + 2, out);
                entries(map, column + 2, out);
            }
            Value::Seq(items) if !items.is_empty() => {
                out.push('\n');
                indent(column, out);
                list(items, column, out);
            }
            _ => {
                out.push(' ');
                scalar(node, column, out);
                out.push('\n');
            }
        }
    }
}

/// The items of a list at a column; the first one starts where `out` ends.
fn list(items: &[Node], column: usize, out: &mut String) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            indent(column, out);
        }
        out.push_str("- ");
        match &item.value {
            Value::Map(map) if !map.is_empty() => entries(map, column + 2, out),
            Value::Seq(items) if !items.is_empty() => list(items, column + 2, out),
            _ => {
                scalar(item, column, out);
                out.push('\n');
            }
        }
    }
}

fn indent(column: usize, out: &mut String) {
    const SPACES: &str = "                                                                ";
    let mut left = column;
    while left > 0 {
        let now = left.min(SPACES.len());
        out.push_str(&SPACES[..now]);
        left -= now;
    }
}

/// A key with its colon.
fn name(text: &str, column: usize, out: &mut String) {
    let start = out.len();
    text_inline(text, out);
    if fits_simple_key(&out[start..]) {
        out.push(':');
    } else {
        // YAML allows long keys only so.
        out.insert_str(start, "? ");
        out.push('\n');
        indent(column, out);
        out.push(':');
    }
}

/// A scalar or an empty collection, without the line break after it.
fn scalar(node: &Node, column: usize, out: &mut String) {
    // Writing into a string cannot fail.
    let _ = match &node.value {
        Value::Null => out.write_str("null"),
        Value::Bool(true) => out.write_str("true"),
        Value::Bool(false) => out.write_str("false"),
        Value::Int(number) => write!(out, "{number}"),
        Value::UInt(number) => write!(out, "{number}"),
        Value::Float(number) => {
            float(*number, out);
            Ok(())
        }
        Value::String(text) => {
            match style(text, true) {
                Style::Literal => literal(text, column, out),
                style => inline(text, style, out),
            }
            Ok(())
        }
        Value::Seq(_) => out.write_str("[]"),
        Value::Map(_) => out.write_str("{}"),
    };
}

/// A number in a form that YAML 1.1, YAML 1.2, Go and JSON take for the same number.
///
/// A number that is not finite becomes `.inf` or `.nan`, which Kubernetes refuses: better than
/// another number.
fn float(number: f64, out: &mut String) {
    let _ = match through_json(number) {
        Value::Int(whole) => write!(out, "{whole}"),
        Value::UInt(whole) => write!(out, "{whole}"),
        _ if number.is_nan() => out.write_str(".nan"),
        _ if number.is_infinite() => out.write_str(if number > 0.0 { ".inf" } else { "-.inf" }),
        _ if (1e-5..1e15).contains(&number.abs()) => write!(out, "{number}"),
        _ => {
            // YAML 1.1 wants the dot and the sign.
            let text = format!("{number:e}");
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let dot = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            write!(out, "{digits}{dot}e{sign}{exponent}")
        }
    };
}

fn text_inline(text: &str, out: &mut String) {
    inline(text, style(text, false), out);
}

fn inline(text: &str, style: Style, out: &mut String) {
    match style {
        Style::Plain => out.push_str(text),
        Style::Single => {
            out.push('\'');
            for (at, part) in text.split('\'').enumerate() {
                if at > 0 {
                    out.push_str("''");
                }
                out.push_str(part);
            }
            out.push('\'');
        }
        Style::Double | Style::Literal => double(text, out),
    }
}

fn double(text: &str, out: &mut String) {
    out.push('"');
    let mut from = 0;
    for (at, character) in text.char_indices() {
        let short = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\t' => "\\t",
            '\r' => "\\r",
            _ if needs_escape(character) => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        from = at + character.len_utf8();
        if short.is_empty() {
            let code = u32::from(character);
            let _ = if code > 0xffff {
                write!(out, "\\U{code:08X}")
            } else {
                write!(out, "\\u{code:04X}")
            };
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// A literal block below a key or a dash at a column, without its last line break.
fn literal(text: &str, column: usize, out: &mut String) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = text.trim_end_matches('\n');
    match text.len() - body.len() {
        0 => out.push('-'),
        1 => {}
        _ => out.push('+'),
    }
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(column + 2, out);
            out.push_str(line);
        }
    }
    for _ in 1..text.len() - body.len() {
        out.push('\n');
    }
}
