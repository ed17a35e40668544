//! Literals of Go: `strconv.Unquote`, and numbers as `text/template/parse` reads them.

use super::tree::Number;

/// The text that a quoted or raw string stands for.
pub(super) fn unquote(quoted: &str) -> Option<String> {
    if let Some(raw) = quoted.strip_prefix('`') {
        // Go drops carriage returns from raw strings.
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let mut rest = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    while !rest.is_empty() {
        let (unit, after) = unit(rest, '"')?;
        match unit {
            Unit::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            Unit::Byte(byte) => bytes.push(byte),
        }
        rest = after;
    }
    // A text that is not UTF-8 cannot be told from one that Go refuses; nobody writes it.
    String::from_utf8(bytes).ok()
}

enum Unit {
    Char(char),
    Byte(u8),
}

/// The first character of what is between quotes, and what follows it.
fn unit(text: &str, quote: char) -> Option<(Unit, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first == quote {
        return None;
    }
    if first != '\\' {
        return Some((Unit::Char(first), chars.as_str()));
    }
    let escape = chars.next()?;
    let rest = chars.as_str();
    let hex = |digits: usize| {
        let value = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
        let signed = rest.starts_with(['+', '-']);
        (!signed).then_some((value, rest.get(digits..)?))
    };
    let simple = match escape {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        '\'' | '"' if escape == quote => quote,
        'x' => {
            let (value, rest) = hex(2)?;
            return Some((Unit::Byte(u8::try_from(value).ok()?), rest));
        }
        'u' | 'U' => {
            let (value, rest) = hex(if escape == 'u' { 4 } else { 8 })?;
            return Some((Unit::Char(char::from_u32(value)?), rest));
        }
        '0'..='7' => {
            let digits = text.get(1..4)?;
            let octal = digits.bytes().all(|b| matches!(b, b'0'..=b'7'));
            let value = octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten()?;
            return Some((Unit::Byte(u8::try_from(value).ok()?), text.get(4..)?));
        }
        _ => return None,
    };
    Some((Unit::Char(simple), rest))
}

/// The number of a character constant with its quotes.
pub(super) fn char_constant(quoted: &str) -> Result<Number, String> {
    let malformed = || format!("malformed character constant: {quoted}");
    let inner = quoted.strip_prefix('\'').ok_or_else(malformed)?;
    let (unit, rest) = unit(inner, '\'').ok_or("invalid syntax")?;
    if rest != "'" {
        return Err(malformed());
    }
    let value = match unit {
        Unit::Char(c) => u32::from(c),
        Unit::Byte(byte) => byte.into(),
    };
    Ok(Number {
        int: Some(value.into()),
        uint: Some(value.into()),
        float: Some(value.into()),
        looks_float: false,
    })
}

/// `newNumber` of `parse/node.go`, for all but imaginary numbers.
pub(super) fn number(text: &str) -> Result<Number, String> {
    let uint = parse_uint(text);
    let int = parse_int(text);
    let hexadecimal = text.trim_start_matches(['+', '-']).to_ascii_lowercase().starts_with("0x");
    let looks_float = if hexadecimal {
        text.contains(['p', 'P'])
    } else {
        text.contains(['.', 'e', 'E', 'p', 'P'])
    };
    #[expect(clippy::cast_precision_loss, reason = "Go converts them so")]
    let whole = int.map(|value| value as f64).or(uint.map(|value| value as f64));
    if whole.is_some() {
        let uint = if int == Some(0) { Some(0) } else { uint };
        return Ok(Number { int, uint, float: whole, looks_float });
    }
    let illegal = || format!("illegal number syntax: {text:?}");
    if hexadecimal {
        return Err(illegal());
    }
    let float = parse_float(text).ok_or_else(illegal)?;
    if !looks_float {
        return Err(format!("integer overflow: {text:?}"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "only where it fits")]
    let int = (float.fract() == 0.0 && float.abs() < 9.2e18).then_some(float as i64);
    let uint = int.and_then(|value| u64::try_from(value).ok());
    Ok(Number { int, uint, float: Some(float), looks_float })
}

/// `strconv.ParseInt(text, 0, 64)`
pub(super) fn parse_int(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let magnitude = i128::from(parse_uint(text.strip_prefix(['+', '-']).unwrap_or(text))?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// `strconv.ParseUint(text, 0, 64)`
fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (lower.get(2..)?, 16),
        [b'0', b'o', ..] => (lower.get(2..)?, 8),
        [b'0', b'b', ..] => (lower.get(2..)?, 2),
        [b'0', _, ..] => (lower.get(1..)?, 8),
        _ => (&*lower, 10),
    };
    if digits.starts_with(['+', '-']) || !underscores_fit(digits, radix != 10) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// Underscores stand between digits, or between a prefix and a digit.
fn underscores_fit(digits: &str, prefixed: bool) -> bool {
    !(digits.contains("__") || digits.ends_with('_') || (!prefixed && digits.starts_with('_')))
}

/// `strconv.ParseFloat(text, 64)`, without hexadecimal numbers. Too large a number is an error.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit());
    let lower = unsigned.to_ascii_lowercase();
    // Go takes `nan` without a sign only.
    let special =
        matches!(&*lower, "inf" | "infinity") || (lower == "nan" && unsigned.len() == text.len());
    if !plain && !special {
        return None;
    }
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let lonely = |at: usize| at == 0 || !digit(at - 1) || !digit(at + 1);
    if text.match_indices('_').any(|(at, _)| lonely(at)) {
        return None;
    }
    let value: f64 = text.replace('_', "").parse().ok()?;
    (special || value.is_finite()).then_some(value)
}
