//! Regular expressions of Go (`regexp/syntax`) through ours.

use std::sync::OnceLock;

use regex::Regex;

/// A regular expression as Go reads it, compiled when it is first asked.
#[derive(Debug)]
pub struct Pattern {
    text: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern as it is written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), compiled: OnceLock::new() }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches anywhere in a text; nothing where it cannot be read here.
    #[must_use]
    pub fn is_match(&self, text: &str) -> Option<bool> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&translate(&self.text)?).ok());
        Some(compiled.as_ref()?.is_match(text))
    }
}

/// The same pattern in our syntax. In Go `\d`, `\w`, `\s` and `\b` know ASCII only, `\Q…\E` is
/// text, a `{` that begins no count is text, and a class knows neither classes in it nor set
/// operations. Nothing where there is something that the two read differently otherwise.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut class = Class::Outside;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        let is_inside = class != Class::Outside;
        let after_open = class == Class::Opened;
        if is_inside && !(after_open && first == '^') {
            class = Class::Inside;
        }
        match first {
            '\\' => {
                let kind = rest.chars().nth(1)?;
                length += kind.len_utf8();
                match kind {
                    'Q' => {
                        let text = &rest[2..];
                        let (text, end) = match text.find("\\E") {
                            Some(at) => (&text[..at], at + 2),
                            None => (text, text.len()),
                        };
                        out.push_str(&regex::escape(text));
                        length = 2 + end;
                    }
                    'd' => out.push_str(if is_inside { "0-9" } else { "[0-9]" }),
                    'D' => out.push_str("[^0-9]"),
                    'w' => out.push_str(if is_inside { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                    'W' => out.push_str("[^0-9A-Za-z_]"),
                    's' => out.push_str(if is_inside { r"\t\n\f\r " } else { r"[\t\n\f\r ]" }),
                    'S' => out.push_str(r"[^\t\n\f\r ]"),
                    'b' => out.push_str(r"(?-u:\b)"),
                    // Octal numbers, and what matches half a character.
                    '0'..='9' | 'B' | 'C' => return None,
                    'p' | 'P' | 'x' if rest[2..].starts_with('{') => {
                        length = rest.find('}')? + 1;
                        out.push_str(&rest[..length]);
                    }
                    _ => out.push_str(&rest[..length]),
                }
            }
            '[' if !is_inside => {
                class = Class::Opened;
                out.push('[');
                // The first of a class is text even where it is its end.
                let negated = rest[1..].starts_with('^');
                if negated {
                    out.push('^');
                    length += 1;
                }
                if rest[length..].starts_with(']') {
                    out.push_str(r"\]");
                    length += 1;
                    class = Class::Inside;
                }
            }
            '[' => match rest.strip_prefix("[:").and_then(|named| named.find(":]")) {
                Some(end) => {
                    length = end + 4;
                    out.push_str(&rest[..length]);
                }
                None => out.push_str(r"\["),
            },
            ']' if is_inside => {
                class = Class::Outside;
                out.push(']');
            }
            '&' | '~' if is_inside => {
                out.push('\\');
                out.push(first);
            }
            '-' if is_inside && rest.starts_with("--") => return None,
            '{' if !is_inside && !is_count(rest) => out.push_str(r"\{"),
            _ => out.push(first),
        }
        rest = &rest[length..];
    }
    Some(out)
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Outside,
    Opened,
    Inside,
}

/// `{2}`, `{2,}`, `{2,3}`
fn is_count(rest: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    rest[1..].split_once('}').is_some_and(|(count, _)| match count.split_once(',') {
        None => digits(count),
        Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
    })
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn as_go_matches() {
        for (pattern, text, matches) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "٣", false),
            (r"^\w$", "é", false),
            (r"^.$", "é", true),
            (r"^[^\]]$", "é", true),
            (r"^[]a]$", "]", true),
            (r"^[^]a]$", "]", false),
            (r"^[[:alpha:]_]+$", "ab_", true),
            (r"^[a[b]$", "[", true),
            (r"^[\w.-]+$", "a.b-c", true),
            (r"^[a&&b]$", "&", true),
            (r"^x{$", "x{", true),
            (r"^x{,2}$", "x{,2}", true),
            (r"^x{2}$", "xx", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"\bfoo\b", "a foo b", true),
            (r"^(?i)abc$", "ABC", true),
            (r"a$", "a\n", false),
            (r"^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$", "1h30m", true),
            (r"^[^\s]+$", "a b", false),
            (r"^[\S ]+$", "a b", true),
            (r"^\p{Greek}\x{41}\pL$", "αAb", true),
        ] {
            assert_eq!(Pattern::new(pattern).is_match(text), Some(matches), "{pattern} {text}");
        }
        assert_eq!(Pattern::new(r"\012").is_match("x"), None);
        assert_eq!(Pattern::new("(").is_match("x"), None);
    }
}
