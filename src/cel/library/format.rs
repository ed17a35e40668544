//! `text.format(list)`: cel-go's `ext/formatting.go`, without what a locale has a part in.

use super::convert::double_text;
use crate::cel::clock;
use crate::cel::value::{Evaluated, Failure, Value};

pub(super) fn format<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::String(template), Value::List(list)] = values else {
        return Err(Failure::overload());
    };
    let mut text = String::new();
    let mut items = list.values();
    let mut rest: &str = template;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let verb =
            after.chars().next().ok_or_else(|| Failure::error("unexpected end of string"))?;
        rest = after.get(verb.len_utf8()..).unwrap_or_default();
        if verb == '%' {
            text.push('%');
            continue;
        }
        let item = items.next().ok_or_else(|| Failure::error("index out of range"))??;
        text.push_str(&match (verb, &item) {
            (_, Value::Opaque(reason)) => return Err(Failure::unknown(*reason)),
            ('s', _) => plain(&item)?,
            ('d', Value::Int(value)) => value.to_string(),
            ('d', Value::Uint(value)) => value.to_string(),
            ('d', _) => return Err(Failure::error("decimal clause can only be used on integers")),
            ('b', Value::Bool(value)) => i32::from(*value).to_string(),
            ('b', Value::Int(value)) if *value >= 0 => format!("{value:b}"),
            ('x', Value::Int(value)) if *value >= 0 => format!("{value:x}"),
            ('X', Value::Int(value)) if *value >= 0 => format!("{value:X}"),
            ('o', Value::Int(value)) if *value >= 0 => format!("{value:o}"),
            _ => return Err(Failure::unknown("a formatting clause that is not known")),
        });
    }
    text.push_str(rest);
    Ok(Value::text(text))
}

/// What `%s` writes.
fn plain(value: &Value<'_>) -> Result<String, Failure> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => double_text(*value),
        Value::String(text) => (**text).to_owned(),
        Value::Duration(span) => clock::duration_text(*span),
        Value::Timestamp(time) if time.offset == 0 => time.text(),
        Value::Type(name) => (*name).to_owned(),
        Value::List(list) => {
            let mut parts = Vec::new();
            for item in list.values() {
                parts.push(match item? {
                    Value::String(text) if text.chars().all(is_plain) => format!("\"{}\"", &*text),
                    item @ (Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_)) => {
                        plain(&item)?
                    }
                    _ => return Err(Failure::unknown("an item that is formatted in a list")),
                });
            }
            format!("[{}]", parts.join(", "))
        }
        _ => return Err(Failure::unknown("a value that is formatted as text")),
    })
}

/// Whether Go quotes a character as itself.
fn is_plain(c: char) -> bool {
    (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '\\'
}
