//! What a scalar means: goyaml.v2's `resolve.go`.

use super::go_number::{self, Number};
use super::node::Value;
use std::borrow::Cow;

/// The meaning of a scalar; text stays with the caller, who may own it already.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// `null`, `~` or nothing.
    Null,
    /// One of the booleans of YAML 1.1.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// `.inf`, `-.inf`, `.nan`.
    NotFinite(f64),
    /// The text as it is.
    Text,
}

/// What a plain scalar without a tag means.
pub(super) fn plain(text: &str) -> Meaning {
    let Some(&first) = text.as_bytes().first() else { return Meaning::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'0'..=b'9' | b'+' | b'-' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Meaning::NotFinite(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Meaning::NotFinite(f64::NEG_INFINITY),
            _ => go_number::parse(text).map_or(Meaning::Text, Meaning::Number),
        },
        b'.' => match text {
            ".inf" | ".Inf" | ".INF" => Meaning::NotFinite(f64::INFINITY),
            ".nan" | ".NaN" | ".NAN" => Meaning::NotFinite(f64::NAN),
            _ => go_number::parse_dotted(text).map_or(Meaning::Text, Meaning::Number),
        },
        _ => Meaning::Text,
    }
}

/// The words of `resolveMapList`.
fn word(text: &str) -> Meaning {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Meaning::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Meaning::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Meaning::Null,
        _ => Meaning::Text,
    }
}

/// A scalar with an explicit tag of YAML's own namespace: what it means, and its text where the
/// tag changes it.
///
/// # Errors
/// Why the text does not suit the tag, as the end of a sentence.
pub(super) fn tagged<'t>(
    suffix: &str,
    text: Cow<'t, str>,
) -> Result<(Meaning, Cow<'t, str>), String> {
    let meaning = match suffix {
        "str" => Meaning::Text,
        "binary" => return binary(&text).map(|text| (Meaning::Text, Cow::Owned(text))),
        "null" | "bool" | "int" | "float" => {
            let meaning = plain(&text);
            match (suffix, meaning) {
                ("null", Meaning::Null)
                | ("bool", Meaning::Bool(_))
                | ("int", Meaning::Number(Number::Int(_) | Number::UInt(_)))
                | ("float", Meaning::Number(Number::Float(_)) | Meaning::NotFinite(_)) => meaning,
                #[allow(clippy::cast_precision_loss)] // As Go converts it.
                ("float", Meaning::Number(Number::Int(number))) => {
                    Meaning::Number(Number::Float(number as f64))
                }
                _ => return Err(format!("`{}` does not suit the tag `!!{suffix}`", short(&text))),
            }
        }
        "timestamp" if is_timestamp(&text) => Meaning::Text,
        "timestamp" => return Err(format!("`{}` is not a timestamp", short(&text))),
        // Any other tag keeps the text (`resolvableTag`).
        _ => Meaning::Text,
    };
    Ok((meaning, text))
}

/// The text behind `!!binary`.
fn binary(text: &str) -> Result<String, String> {
    use base64::Engine as _;
    let packed: String = text.chars().filter(|&c| c != '\n' && c != '\r').collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(packed)
        .map_err(|_| "the text behind `!!binary` is not base64".to_owned())?;
    // Kubernetes would put U+FFFD for each byte in silence.
    String::from_utf8(bytes)
        .map_err(|_| "the bytes behind `!!binary` are not UTF-8, which JSON needs".to_owned())
}

/// The value that a meaning has in JSON, or none where JSON has none.
pub(super) fn value(meaning: Meaning, text: Cow<'_, str>) -> Option<Value> {
    Some(match meaning {
        Meaning::Null => Value::Null,
        Meaning::Bool(value) => Value::Bool(value),
        Meaning::Number(Number::Int(number)) => Value::Int(number),
        Meaning::Number(Number::UInt(number)) => Value::UInt(number),
        Meaning::Number(Number::Float(number)) => go_number::through_json(number),
        Meaning::NotFinite(_) => return None,
        Meaning::Text => Value::String(text.into()),
    })
}

/// The name that a key has in JSON, or none where JSON has none (`convertToJSONableObject`).
pub(super) fn key_name(meaning: Meaning, text: Cow<'_, str>) -> Option<Box<str>> {
    Some(match meaning {
        Meaning::Text => text.into(),
        Meaning::Bool(value) => if value { "true" } else { "false" }.into(),
        Meaning::Number(Number::Int(number)) => number.to_string().into(),
        Meaning::Number(Number::Float(number)) | Meaning::NotFinite(number) => {
            go_number::key_name(number).into()
        }
        Meaning::Null | Meaning::Number(Number::UInt(_)) => return None,
    })
}

/// The start of a text, for messages.
pub(super) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Whether goyaml.v2 takes the text for a timestamp (`allowedTimestampFormats`); it becomes text
/// all the same, so this decides only about an explicit `!!timestamp`.
pub(super) fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    let (year, rest) = number(text, 4, 4)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let Some(separator) = rest.chars().next() else { return Some(()) };
    let (hour, rest) = number(rest.strip_prefix(['T', 't', ' '])?, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 1, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let end = fraction.bytes().take_while(u8::is_ascii_digit).count();
            (end > 0).then(|| &fraction[end..])?
        }
        None => rest,
    };
    if separator == ' ' {
        return rest.is_empty().then_some(());
    }
    if rest == "Z" {
        return Some(());
    }
    let (hour, rest) = number(rest.strip_prefix(['+', '-'])?, 2, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2, 2)?;
    (hour <= 24 && minute <= 60 && rest.is_empty()).then_some(())
}

/// A decimal number of some digits at the start of a text, and what follows.
fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if end < least {
        return None;
    }
    Some((text[..end].parse().ok()?, &text[end..]))
}
