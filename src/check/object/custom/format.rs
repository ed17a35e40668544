//! The formats that the schemas of custom kinds may name:
//! `k8s.io/apiextensions-apiserver/pkg/apiserver/validation/formats.go`, read by
//! `k8s.io/kube-openapi/pkg/validation/strfmt`. Others are as if they were not said.

use core::net::Ipv6Addr;
use std::sync::LazyLock;

use regex::Regex;

use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::check::object::value::text;
use crate::schema::{Kind, Structural};

/// A format that has a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `int32` of integers.
    Int32,
    /// `float` of numbers.
    Float,
    /// Another one of numbers, which none breaks.
    OfNumbers,
    /// One of texts, by its name without dashes.
    OfText(&'static str),
}

/// Since when `k8s-short-name` and `k8s-long-name` are known, in minor versions of Kubernetes 1.
const NAMES: u32 = 34;

const TEXTS: [&str; 26] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "datetime",
    "duration",
    "email",
    "hexcolor",
    "hostname",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "k8slongname",
    "k8sshortname",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
];

/// The format of a schema, where it has a meaning.
pub(crate) fn known(schema: &Structural, minor: u32) -> Option<Format> {
    if schema.format.is_empty() {
        return None;
    }
    match (schema.int_or_string, schema.kind) {
        (true, _) | (_, None | Some(Kind::String)) => of_texts(&schema.format, minor),
        (_, Some(Kind::Integer)) => of_integers(&schema.format),
        (_, Some(Kind::Number)) => of_numbers(&schema.format),
        _ => None,
    }
}

fn of_integers(format: &str) -> Option<Format> {
    match format {
        "int32" => Some(Format::Int32),
        "int64" => Some(Format::OfNumbers),
        _ => None,
    }
}

fn of_numbers(format: &str) -> Option<Format> {
    match format {
        "float" => Some(Format::Float),
        "double" => Some(Format::OfNumbers),
        _ => None,
    }
}

/// Whether a format has a meaning for a type, which is empty where none is said.
pub(crate) fn is_known(kind: &str, format: &str, minor: u32) -> bool {
    match kind {
        "" | "string" => of_texts(format, minor).is_some(),
        "integer" => of_integers(format).is_some(),
        "number" => of_numbers(format).is_some(),
        _ => false,
    }
}

fn of_texts(format: &str, minor: u32) -> Option<Format> {
    let format = format.replace('-', "");
    let known = TEXTS.iter().find(|known| **known == format)?;
    (minor >= NAMES || !known.starts_with("k8s")).then_some(Format::OfText(known))
}

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
    };
}

pattern!(
    HOSTNAME,
    r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$"
);
pattern!(
    BASE64,
    r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$"
);
pattern!(HEX_COLOR, r"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$");
pattern!(SSN, r"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$");
pattern!(
    UUID,
    r"^(?i-u)[0-9a-f]{8}-?[0-9a-f]{4}-?([0-9a-f])[0-9a-f]{3}-?([0-9a-f])[0-9a-f]{3}-?[0-9a-f]{12}$"
);
pattern!(DATE_TIME, r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$");
pattern!(GO_DURATION, r"^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$");
pattern!(DURATION_PART, r"[0-9]+[\t\n\f\r ]*([A-Za-zµ]+)");

fn matches(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
}

/// Whether a text has a format. What is rare, or not known for sure, passes.
pub(crate) fn is(format: Format, text: &str) -> bool {
    let Format::OfText(format) = format else { return true };
    match format {
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "byte" => matches(&BASE64, text),
        "cidr" => address::block(text, Reading::Loose).is_ok(),
        "date" => is_date(text),
        "datetime" => is_date_time(text),
        "duration" => is_duration(text),
        "email" => is_email(text),
        "hexcolor" => matches(&HEX_COLOR, text),
        "hostname" => {
            let is_short = text.len() <= 255 && text.split('.').all(|label| label.len() <= 63);
            is_short && matches(&HOSTNAME, text)
        }
        "ipv4" => text.contains('.') && address::ip(text, Reading::Loose).is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "k8slongname" => text.len() <= 253 && text.split('.').all(is_label),
        "k8sshortname" => name::dns_label(text).is_none(),
        "mac" => is_mac(text),
        "ssn" => text.len() == 11 && matches(&SSN, text),
        "uri" => is_uri(text),
        "uuid" | "uuid3" | "uuid4" | "uuid5" => is_uuid(format, text),
        _ => true,
    }
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-') && text.bytes().all(inner)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text::is_time(&format!("{text}T00:00:00Z"))
}

/// `IsDateTime`: the hour ends at 23, the rest at 59.
fn is_date_time(text: &str) -> bool {
    let text = text.to_lowercase();
    // What stands after another `t` is not looked at.
    let mut parts = text.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else { return false };
    let part = |from: usize| time.get(from..from + 2).unwrap_or_default();
    is_date(date)
        && matches(&DATE_TIME, time)
        && part(0) <= "23"
        && part(3) <= "59"
        && part(6) <= "59"
}

/// `ParseDuration`: as Go writes it, or anything that has a number with a unit in it.
fn is_duration(text: &str) -> bool {
    const EXACT: [&str; 11] = ["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk"];
    const BEGIN: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    if matches(&GO_DURATION, text) {
        return true;
    }
    let Some(parts) = &*DURATION_PART else { return true };
    parts.captures_iter(text).filter_map(|found| found.get(1)).any(|unit| {
        let unit = unit.as_str().to_lowercase();
        EXACT.contains(&&*unit) || BEGIN.iter().any(|begin| unit.starts_with(begin))
    })
}

/// What `net/mail` reads as one address, but for what is rare.
fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.starts_with('.')
    })
}

/// `ParseMAC`: 6, 8 or 20 bytes, in twos with `:` or `-`, or in fours with `.`.
fn is_mac(text: &str) -> bool {
    let groups = |separator: char, length: usize, counts: &[usize]| {
        let groups: Vec<&str> = text.split(separator).collect();
        let is_hex = |group: &&str| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        counts.contains(&groups.len()) && groups.iter().all(is_hex)
    };
    groups(':', 2, &[6, 8, 20]) || groups('-', 2, &[6, 8, 20]) || groups('.', 4, &[3, 4, 10])
}

/// `ParseRequestURI` of Go's `net/url`.
fn is_uri(text: &str) -> bool {
    if text.is_empty() || text.chars().any(|c| c.is_ascii_control()) {
        return false;
    }
    if text == "*" {
        return true;
    }
    let scheme_end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = match scheme_end {
        Some(0) if text.starts_with(':') => return false,
        Some(end) if begins && text[end..].starts_with(':') => &text[end + 1..],
        _ if text.starts_with('/') => text,
        _ => return false,
    };
    if !rest.starts_with('/') {
        return !rest.is_empty() || scheme_end.is_some();
    }
    let (path, _) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match path.strip_prefix("//") {
        Some(inner) if !path.starts_with("///") => {
            inner.find('/').map_or((inner, ""), |at| inner.split_at(at))
        }
        _ => ("", path),
    };
    is_host(authority.rsplit_once('@').map_or(authority, |(_, host)| host)) && is_escaped(path)
}

fn is_host(host: &str) -> bool {
    let port = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((_, port)) => port.strip_prefix(':').or(port.is_empty().then_some("")),
            None => None,
        },
        None => {
            let wrong = |c: char| " \"<>\\^`{|}".contains(c);
            if host.contains(wrong) {
                return false;
            }
            Some(host.rsplit_once(':').map_or("", |(_, port)| port))
        }
    };
    port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit())) && is_escaped(host)
}

/// Whether each `%` stands before two digits.
fn is_escaped(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        after.get(..2).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

fn is_uuid(format: &str, text: &str) -> bool {
    let Some(pattern) = &*UUID else { return true };
    let Some(found) = pattern.captures(text) else { return false };
    let digit = |index: usize| found.get(index).map_or("", |found| found.as_str());
    let version = format.strip_prefix("uuid").unwrap_or_default();
    // The third version leaves the second digit free.
    let variant = matches!(digit(2).to_lowercase().as_str(), "8" | "9" | "a" | "b");
    version.is_empty() || (digit(1) == version && (version == "3" || variant))
}

#[cfg(test)]
mod tests {
    use super::{Format, is};

    #[test]
    fn formats() {
        for (format, good, bad) in [
            ("byte", "aGk=", "aGk"),
            ("cidr", "10.0.0.1/8", "10.0.0.1"),
            ("date", "2026-02-28", "2026-02-30"),
            ("datetime", "2026-01-31t12:00:00.5+01:00", "2026-01-31 12:00:00Z"),
            ("datetime", "2026-01-31T23:59:59Z", "2026-01-31T24:00:00Z"),
            ("duration", "1h30m", "soon"),
            ("duration", "22 ns", "1"),
            ("duration", "-1.5h", ""),
            ("duration", "3 days", "3 parsecs"),
            ("email", "a@b", "a"),
            ("hexcolor", "#fff", "#ff"),
            ("hostname", "a.example.com", "a_b.example.com"),
            ("ipv4", "10.0.0.1", "10.0.0"),
            ("ipv6", "::1", "10.0.0.1"),
            ("k8sshortname", "a-b", "A"),
            ("k8slongname", "a.b", "a..b"),
            ("mac", "01:23:45:67:89:ab", "01:23:45:67:89"),
            ("uri", "https://example.com/a?b=c", "example.com"),
            ("uri", "/path", "http://a b/"),
            ("uri", "s3://bucket", "https://a:b/"),
            (
                "uuid4",
                "123e4567-e89b-42d3-a456-426614174000",
                "123e4567-e89b-12d3-a456-426614174000",
            ),
        ] {
            assert!(is(Format::OfText(format), good), "{format} {good}");
            assert!(!is(Format::OfText(format), bad), "{format} {bad}");
        }
    }
}
