//! What gojq reads in its own way before it parses: numbers, `+` before a value, and `?//`.
//!
//! Source: `Lex` and `scanNumber` in `lexer.go` of gojq, `term` and `bindpatterns` in `parser.go.y`, where `?//`
//! stands between patterns behind `as` alone.

/// An expression in words that the parser here knows.
pub(super) struct Words {
    /// The expression.
    pub(super) text: String,
    /// Whether there is something left that gojq reads and the parser may not.
    pub(super) is_open: bool,
}

/// Reads the words of an expression; nothing where gojq refuses one of them.
pub(super) fn words(expression: &str) -> Option<Words> {
    let bytes = expression.as_bytes();
    let (mut text, mut is_open, mut has_pattern) = (String::new(), has_key(expression), false);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &expression[at..];
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        let end = match byte {
            b'"' => match string(rest) {
                Some(length) => at + length,
                // What is put into it is an expression again.
                None => {
                    text.push_str(rest);
                    is_open |= is_left_open(rest);
                    break;
                }
            },
            b'#' => {
                text.push_str(rest);
                is_open |= is_left_open(rest);
                break;
            }
            b'.' if next == b'.' => at + 2,
            b'0'..=b'9' => {
                let end = at + number(rest)?;
                written(&expression[at..end], &mut text);
                at = end;
                continue;
            }
            b'.' if next.is_ascii_digit() => {
                let end = at + number(rest)?;
                written(&expression[at..end], &mut text);
                at = end;
                continue;
            }
            b'?' if rest.starts_with("?//") => {
                if !has_pattern {
                    return None;
                }
                is_open = true;
                at + 3
            }
            b'.' | b'@' | b'$' => at + 1 + name(&rest[1..]),
            // It says nothing before a value, and the parser does not know it there.
            b'+' if !ends_value(&text) => {
                text.push(' ');
                at += 1;
                continue;
            }
            _ if byte.is_ascii_alphabetic() || byte == b'_' => {
                let length = name(rest);
                has_pattern |= &rest[..length] == "as";
                at + length
            }
            _ => at + rest.chars().next().map_or(1, char::len_utf8),
        };
        text.push_str(&expression[at..end]);
        at = end;
    }
    Some(Words { text, is_open })
}

/// Whether there may be `{$a: …}` in a pattern.
fn has_key(expression: &str) -> bool {
    expression.contains('$') && expression.contains('{') && expression.contains(':')
}

/// Whether there may be words of gojq in what is not looked through.
fn is_left_open(rest: &str) -> bool {
    let is_number =
        |pair: &[u8]| matches!(pair, [b'.', digit] | [digit, b'.'] if digit.is_ascii_digit());
    rest.contains("?//") || rest.contains('+') || rest.as_bytes().windows(2).any(is_number)
}

/// How long a name is at the beginning of a text.
fn name(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Words behind which a value begins.
const BEFORE_VALUES: [&str; 10] =
    ["and", "catch", "elif", "else", "foreach", "if", "or", "reduce", "then", "try"];

/// Whether a value ends where this text does.
fn ends_value(text: &str) -> bool {
    let text = text.trim_end();
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_.$@".contains(c);
    let word = text.rsplit(|c| !is_of_name(c)).next().unwrap_or_default();
    match text.bytes().last() {
        Some(b')' | b']' | b'}' | b'"' | b'?') => true,
        _ => !word.is_empty() && !BEFORE_VALUES.contains(&word),
    }
}

/// How long a text in quotes is; nothing where something is put into it, or it does not end.
fn string(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'(')) => return None,
            // What follows may be longer than a byte, none of which is a quote then.
            (b'\\', _) => at += 2,
            _ => at += 1,
        }
    }
}

/// How long a number is; nothing where a letter or another point follows it, as in `1a` and `1.2.`.
fn number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = digits(0);
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1);
        if bytes.get(at) == Some(&b'.') {
            return None;
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let start = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(start);
        if at == start {
            return None;
        }
    }
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    (!bytes.get(at).is_some_and(is_letter)).then_some(at)
}

/// Writes a number with digits on both sides of its point, and apart from what stands before it.
fn written(number: &str, text: &mut String) {
    let (mantissa, exponent) = number.split_at(number.find(['e', 'E']).unwrap_or(number.len()));
    match mantissa.split_once('.') {
        Some((whole, part)) if whole.is_empty() || part.is_empty() => {
            let zero =
                |digits: &str| if digits.is_empty() { "0".into() } else { digits.to_owned() };
            text.push_str(&format!(" {}.{}{exponent} ", zero(whole), zero(part)));
        }
        _ => text.push_str(number),
    }
}
