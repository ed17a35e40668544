//! Named formats: `k8s.io/apiserver/pkg/cel/library/format.go`.

use super::Function;
use super::url::is_url;
use crate::cel::clock;
use crate::cel::value::{Evaluated, Failure, Value};

const FORMATS: [&str; 13] = [
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("format.dns1123Label", 0) => |_| Ok(Value::Format("dns1123Label")),
        ("format.dns1123Subdomain", 0) => |_| Ok(Value::Format("dns1123Subdomain")),
        ("format.dns1035Label", 0) => |_| Ok(Value::Format("dns1035Label")),
        ("format.qualifiedName", 0) => |_| Ok(Value::Format("qualifiedName")),
        ("format.dns1123LabelPrefix", 0) => |_| Ok(Value::Format("dns1123LabelPrefix")),
        ("format.dns1123SubdomainPrefix", 0) => |_| Ok(Value::Format("dns1123SubdomainPrefix")),
        ("format.dns1035LabelPrefix", 0) => |_| Ok(Value::Format("dns1035LabelPrefix")),
        ("format.labelValue", 0) => |_| Ok(Value::Format("labelValue")),
        ("format.uri", 0) => |_| Ok(Value::Format("uri")),
        ("format.uuid", 0) => |_| Ok(Value::Format("uuid")),
        ("format.byte", 0) => |_| Ok(Value::Format("byte")),
        ("format.date", 0) => |_| Ok(Value::Format("date")),
        ("format.datetime", 0) => |_| Ok(Value::Format("datetime")),
        ("format.named", 1) => |v| match v {
            [Value::String(name)] => {
                let known = FORMATS.iter().find(|known| **known == &**name);
                Ok(Value::Optional(known.map(|name| Value::Format(name).into())))
            }
            _ => Err(Failure::overload()),
        },
        ("validate", 2) => validate,
        _ => return None,
    })
}

fn validate<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Format(format), Value::String(text)] = values else {
        return Err(Failure::overload());
    };
    let text: &str = text;
    let good = match *format {
        "dns1123Label" => is_label(text, false),
        "dns1123LabelPrefix" => is_label(&as_prefix(text), false),
        "dns1035Label" => is_label(text, true),
        "dns1035LabelPrefix" => is_label(&as_prefix(text), true),
        "dns1123Subdomain" => is_subdomain(text),
        "dns1123SubdomainPrefix" => is_subdomain(&as_prefix(text)),
        "qualifiedName" => is_qualified_name(text),
        "labelValue" => text.is_empty() || is_name(text),
        "uri" => is_url(text)?,
        "uuid" => is_uuid(text),
        // The library behind reads these in more than one way.
        "byte" if text.len() >= 4 && decodes(text) => true,
        "date" if clock::parse_date(text).is_some() => true,
        "datetime" if clock::parse_timestamp(text).is_some() => true,
        _ => return Err(odd()),
    };
    Ok(if good {
        Value::Optional(None)
    } else {
        Value::some(Value::Opaque("the words of a format's fault"))
    })
}

fn odd() -> Failure {
    Failure::unknown("a format that is read in more than one way")
}

fn decodes(text: &str) -> bool {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).is_ok()
}

/// `maskTrailingDash` of `k8s.io/apimachinery/pkg/api/validation`: what could follow a prefix.
fn as_prefix(text: &str) -> String {
    let cut = text.len().checked_sub(2).filter(|_| text.ends_with('-'));
    match cut.and_then(|cut| text.get(..cut)) {
        Some(rest) => format!("{rest}a"),
        None => text.to_owned(),
    }
}

fn is_label(text: &str, letter_first: bool) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = text.bytes().next().zip(text.bytes().last());
    text.len() <= 63
        && text.bytes().all(|byte| lower(byte) || byte == b'-')
        && ends.is_some_and(|(first, last)| {
            lower(last) && lower(first) && !(letter_first && first.is_ascii_digit())
        })
}

fn is_subdomain(text: &str) -> bool {
    // Only the whole is bounded, not its labels.
    let label = |label: &str| {
        let lower = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = label.as_bytes();
        bytes.first().is_some_and(lower)
            && bytes.last().is_some_and(lower)
            && bytes.iter().all(|byte| lower(byte) || *byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// The name in a label's key, or a label's value.
fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= 63
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => !prefix.is_empty() && is_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12; a dash between them may be left out.
fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        let Some((group, after)) = rest.split_at_checked(length) else { return false };
        if !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}
