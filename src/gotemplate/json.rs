//! JSON as `encoding/json` writes it.

use super::failure::Failure;
use super::float;
use super::value::Value;

/// How a value is written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether lines are broken and indented by two spaces.
    pub(super) pretty: bool,
    /// Whether `<`, `>` and `&` are escaped, as Go does unless asked not to.
    pub(super) html: bool,
}

/// The value on one line, or on many.
pub(super) fn write(value: &Value, style: Style) -> Result<String, Failure> {
    value.guard()?;
    let mut out = String::new();
    part(value, style, 0, &mut out)?;
    Ok(out)
}

fn part(value: &Value, style: Style, depth: usize, out: &mut String) -> Result<(), Failure> {
    match value {
        Value::Nothing | Value::Nil => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(_, value) => out.push_str(&value.to_string()),
        Value::Float(value) if value.is_finite() => out.push_str(&float::json(*value)),
        Value::Float(value) => {
            let value = float::format(*value, 'g', None);
            return Err(Failure::wrong(format!("json: unsupported value: {value}")));
        }
        Value::String(text) => string(text, style.html, out),
        Value::List(list) if list.is_nil() => out.push_str("null"),
        Value::Map(map) if map.is_nil() => out.push_str("null"),
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.items().iter().enumerate() {
                separate(at, style, depth + 1, out);
                part(item, style, depth + 1, out)?;
            }
            close(list.len(), style, depth, out);
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (at, (key, item)) in map.entries().iter().enumerate() {
                separate(at, style, depth + 1, out);
                string(key, style.html, out);
                out.push_str(if style.pretty { ": " } else { ":" });
                part(item, style, depth + 1, out)?;
            }
            close(map.len(), style, depth, out);
            out.push('}');
        }
        Value::Version(version) => string(&version.to_string(), style.html, out),
        Value::Time(time) => {
            let text = time.format("2006-01-02T15:04:05.999999999Z07:00");
            string(&text, style.html, out);
        }
    }
    Ok(())
}

fn separate(at: usize, style: Style, depth: usize, out: &mut String) {
    if at > 0 {
        out.push(',');
    }
    if style.pretty {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

fn close(length: usize, style: Style, depth: usize, out: &mut String) {
    if style.pretty && length > 0 {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

fn string(text: &str, html: bool, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' if !html => out.push(c),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
