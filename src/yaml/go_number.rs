//! Numbers as Go reads and writes them: `strconv.ParseInt` with base 0, goyaml.v2's float pattern,
//! `strconv.FormatFloat`.

use super::node::Value;
use std::borrow::Cow;

/// A number before JSON's view of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// Fits `int64`.
    Int(i64),
    /// Fits `uint64` only.
    UInt(u64),
    /// Anything else that is finite.
    Float(f64),
}

/// The number that a plain scalar starting with a digit or a sign is, if it is one
/// (goyaml.v2, `resolve.go`, hints `D` and `S`).
pub(super) fn parse(text: &str) -> Option<Number> {
    let plain: Cow<'_, str> =
        if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    if let Some(number) = integer(&plain) {
        return Some(number);
    }
    if is_yaml_float(plain.as_bytes()) {
        return float(&plain).map(Number::Float);
    }
    late_binary(&plain)
}

/// `strconv.ParseInt(text, 0, 64)`, then `strconv.ParseUint(text, 0, 64)`.
fn integer(text: &str) -> Option<Number> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0'] => return Some(Number::Int(0)),
        [b'0', ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust would take a second sign here.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(Number::Int);
    }
    match i64::try_from(magnitude) {
        Ok(number) => Some(Number::Int(number)),
        Err(_) if signed => None,
        Err(_) => Some(Number::UInt(magnitude)),
    }
}

/// The odd second look at `0b…` in goyaml.v2: a sign may follow the prefix.
fn late_binary(plain: &str) -> Option<Number> {
    let signed = plain.strip_prefix("0b")?;
    i64::from_str_radix(signed, 2).ok().map(Number::Int)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &[u8]) -> bool {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let whole = digits(at);
    at += whole;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if whole == 0 && fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    } else if whole == 0 {
        return false;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'-' | b'+')));
        let exponent = digits(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == text.len()
}

/// The number that a plain scalar starting with a dot is, if it is one (hint `.`).
///
/// `strconv.ParseFloat` alone decides here, and takes underscores between digits.
pub(super) fn parse_dotted(text: &str) -> Option<Number> {
    if text.contains('_') {
        let bytes = text.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let between = |at: usize| at > 0 && digit(at - 1) && digit(at + 1);
        if !text.match_indices('_').all(|(at, _)| between(at)) {
            return None;
        }
        return parse_dotted(&text.replace('_', ""));
    }
    if !is_yaml_float(text.as_bytes()) {
        return None;
    }
    float(text).map(Number::Float)
}

/// `strconv.ParseFloat`: a number out of range is none.
fn float(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// A float as JSON carries it to the API server: whole numbers lose their fraction, since Go
/// writes them without (`encoding/json`, `floatEncoder`).
pub(super) fn through_json(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e21 {
        // Both write the shortest digits and fill up with zeros.
        let digits = number.to_string();
        if let Ok(whole) = digits.parse::<i64>() {
            return Value::Int(whole);
        }
        if let Ok(whole) = digits.parse::<u64>() {
            return Value::UInt(whole);
        }
    }
    Value::Float(number)
}

/// A float as the name of a key: `strconv.FormatFloat(number, 'g', -1, 32)`.
pub(super) fn key_name(number: f64) -> String {
    // Kubernetes narrows it so.
    #[allow(clippy::cast_possible_truncation)]
    let number = number as f32;
    if number.is_nan() {
        return ".nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => number.to_string(),
    }
}
