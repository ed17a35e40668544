//! Text: the standard functions and cel-go's `ext/strings.go`. Positions count characters.

use super::Function;
use crate::cel::value::{Evaluated, Failure, Value};

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("contains", 2) => |v| two(v, |text, part| Value::Bool(text.contains(part))),
        ("startsWith", 2) => |v| two(v, |text, part| Value::Bool(text.starts_with(part))),
        ("endsWith", 2) => |v| two(v, |text, part| Value::Bool(text.ends_with(part))),
        ("lowerAscii", 1) => |v| one(v, |text| text.to_ascii_lowercase()),
        ("upperAscii", 1) => |v| one(v, |text| text.to_ascii_uppercase()),
        ("trim", 1) => |v| one(v, |text| text.trim_matches(is_space).to_owned()),
        ("strings.quote", 1) => |v| one(v, quote),
        ("reverse", 1) => |v| match v {
            [Value::List(list)] => {
                let mut items = list.all()?;
                items.reverse();
                Ok(Value::list(items))
            }
            _ => one(v, |text| text.chars().rev().collect()),
        },
        ("charAt", 2) => |v| match v {
            [Value::String(text), Value::Int(index)] => {
                let characters: Vec<char> = text.chars().collect();
                let at = place(*index, characters.len())?;
                Ok(Value::text(characters.get(at).map(char::to_string).unwrap_or_default()))
            }
            _ => Err(Failure::overload()),
        },
        ("indexOf", 2 | 3) => |v| index_of(v, false),
        ("lastIndexOf", 2 | 3) => |v| index_of(v, true),
        ("substring", 2 | 3) => substring,
        ("replace", 3 | 4) => |v| match v {
            [Value::String(text), Value::String(old), Value::String(new), rest @ ..] => {
                let most = match rest {
                    [Value::Int(most)] => usize::try_from(*most).ok(),
                    _ => None,
                };
                Ok(Value::text(match most {
                    Some(most) => text.replacen(&**old, new, most),
                    None => text.replace(&**old, new),
                }))
            }
            _ => Err(Failure::overload()),
        },
        ("split", 2 | 3) => split,
        ("join", 1 | 2) => |v| match v {
            [Value::List(list), rest @ ..] => {
                let separator = match rest {
                    [Value::String(separator)] => &**separator,
                    _ => "",
                };
                let mut parts = Vec::new();
                for item in list.values() {
                    match item? {
                        Value::String(text) => parts.push(text.to_string()),
                        Value::Opaque(reason) => return Err(Failure::unknown(reason)),
                        _ => return Err(Failure::error("join: invalid input")),
                    }
                }
                Ok(Value::text(parts.join(separator)))
            }
            _ => Err(Failure::overload()),
        },
        _ => return None,
    })
}

/// What Go's `unicode.IsSpace` takes for a blank.
fn is_space(c: char) -> bool {
    c.is_whitespace()
}

fn one<'a>(values: &[Value<'a>], change: fn(&str) -> String) -> Evaluated<'a> {
    match values {
        [Value::String(text)] => Ok(Value::text(change(text))),
        _ => Err(Failure::overload()),
    }
}

fn two<'a>(values: &[Value<'a>], judge: fn(&str, &str) -> Value<'static>) -> Evaluated<'a> {
    match values {
        [Value::String(one), Value::String(other)] => Ok(judge(one, other)),
        _ => Err(Failure::overload()),
    }
}

/// An index that may be the end.
fn place(index: i64, length: usize) -> Result<usize, Failure> {
    let at = usize::try_from(index).ok().filter(|at| *at <= length);
    at.ok_or_else(|| Failure::error(format!("index out of range: {index}")))
}

fn index_of<'a>(values: &[Value<'a>], last: bool) -> Evaluated<'a> {
    if let [Value::List(list), item] = values {
        let mut found = -1;
        for (index, other) in (0_i64..).zip(list.values()) {
            if crate::cel::compare::equal(&other?, item)? && (last || found < 0) {
                found = index;
            }
        }
        return Ok(Value::Int(found));
    }
    let (text, part, offset) = match values {
        [Value::String(text), Value::String(part)] => (text, part, None),
        [Value::String(text), Value::String(part), Value::Int(offset)] => {
            (text, part, Some(*offset))
        }
        _ => return Err(Failure::overload()),
    };
    let (text, part): (Vec<char>, Vec<char>) = (text.chars().collect(), part.chars().collect());
    let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    if part.is_empty() {
        let end = if last { length(text.len()) } else { 0 };
        return Ok(Value::Int(offset.unwrap_or(end)));
    }
    if let Some(offset) = offset.filter(|offset| *offset < 0) {
        return Err(Failure::error(format!("index out of range: {offset}")));
    }
    if offset.is_some_and(|offset| offset >= length(text.len())) || part.len() > text.len() {
        return Ok(Value::Int(-1));
    }
    let highest = text.len() - part.len();
    let bound = offset.map(|offset| usize::try_from(offset).unwrap_or(usize::MAX));
    let is_at = |at: &usize| text.get(*at..at + part.len()) == Some(part.as_slice());
    let found = if last {
        (0..=bound.unwrap_or(highest).min(highest)).rev().find(is_at)
    } else {
        (bound.unwrap_or(0)..=highest).find(is_at)
    };
    Ok(Value::Int(found.map_or(-1, length)))
}

fn substring<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let (text, start, end) = match values {
        [Value::String(text), Value::Int(start)] => (text, *start, None),
        [Value::String(text), Value::Int(start), Value::Int(end)] => (text, *start, Some(*end)),
        _ => return Err(Failure::overload()),
    };
    let length = text.chars().count();
    if let Some(end) = end.filter(|end| start > *end) {
        let message = format!("invalid substring range. start: {start}, end: {end}");
        return Err(Failure::error(message));
    }
    let from = place(start, length)?;
    let to = end.map_or(Ok(length), |end| place(end, length))?;
    Ok(Value::text(text.chars().skip(from).take(to - from).collect::<String>()))
}

fn split<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let (text, separator, most) = match values {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [Value::String(text), Value::String(separator), Value::Int(most)] => {
            (text, separator, *most)
        }
        _ => return Err(Failure::overload()),
    };
    let most = if most < 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    if most == 0 {
        return Ok(Value::list(Vec::new()));
    }
    let parts: Vec<Value<'a>> = if separator.is_empty() {
        // Each character for itself, and what is left in the last part.
        let mut parts = Vec::new();
        let mut rest: &str = text;
        while let Some(first) = rest.chars().next() {
            if parts.len() + 1 == most {
                parts.push(Value::text(rest));
                break;
            }
            parts.push(Value::text(first.to_string()));
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
        parts
    } else {
        text.splitn(most, &**separator).map(Value::text).collect()
    };
    Ok(Value::list(parts))
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
