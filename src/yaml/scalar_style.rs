//! How a text is written so that every reader of YAML 1.1 and 1.2 reads the same text.

use super::resolve::{self, Meaning};

/// A way to write a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes, with escapes.
    Double,
    /// As a literal block.
    Literal,
}

/// The style for the text of a value; `block` says whether a literal block may stand here.
pub(super) fn style(text: &str, block: bool) -> Style {
    match scan(text) {
        Content::Escaped => Style::Double,
        Content::Lines if block && literal_holds(text) => Style::Literal,
        Content::Lines => Style::Double,
        Content::Line { quotes } => {
            if is_plain(text) {
                Style::Plain
            } else if quotes {
                Style::Single
            } else {
                Style::Double
            }
        }
    }
}

/// What characters a text has.
enum Content {
    /// Some that only an escape can hold.
    Escaped,
    /// Several lines.
    Lines,
    /// One line of characters that need no escape; whether one is `"` or a backslash.
    Line { quotes: bool },
}

fn scan(text: &str) -> Content {
    let (mut lines, mut quotes, mut tabs) = (false, false, false);
    let mut bytes = text.bytes();
    for byte in bytes.by_ref() {
        match byte {
            b'"' | b'\\' => quotes = true,
            b'\n' => lines = true,
            b'\t' => tabs = true,
            0x20..=0x7e => {}
            0x80.. => {
                if text.chars().any(needs_escape) {
                    return Content::Escaped;
                }
            }
            _ => return Content::Escaped,
        }
    }
    if lines {
        Content::Lines
    } else if tabs {
        Content::Escaped
    } else {
        Content::Line { quotes }
    }
}

/// Whether a character cannot stand for itself in every style and for every reader.
pub(super) fn needs_escape(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
    ) || u32::from(character) & 0xfffe == 0xfffe
}

/// Whether a literal block holds a text of several lines exactly, whatever reads it.
fn literal_holds(text: &str) -> bool {
    // A first line of blanks would set the indentation, a last one would be chomped.
    let first = text.trim_start_matches('\n');
    let last = text.trim_end_matches('\n');
    !first.is_empty() && !first.starts_with('\t') && !last.ends_with([' ', '\t']) && {
        let line = first.lines().next().unwrap_or("");
        !line.trim_start_matches(' ').is_empty() && !line.trim_start_matches(' ').starts_with('\t')
    }
}

/// Whether one line of printable text reads as itself without quotes.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    if last == b' ' || last == b':' {
        return false;
    }
    let special = match first {
        b' ' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!'
        | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => true,
        // `---` at the start of a line splits the stream.
        b'-' => {
            !bytes.get(1).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'-')
                || text.starts_with("---")
                || is_numeric(text)
        }
        b'0'..=b'9' | b'+' | b'.' => text.starts_with("...") || is_numeric(text),
        b'=' | b'<' => text == "=" || text == "<<",
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => is_word(text),
        _ => false,
    };
    // `: ` starts a value, ` #` a comment.
    !special && !bytes.windows(2).any(|pair| pair == b": " || pair == b" #")
}

/// Whether some reader takes the text for a boolean or null, in any case of letters.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 10] = ["y", "n", "~", "no", "on", "yes", "off", "true", "null", "false"];
    text.len() <= 5 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether some reader takes a text that starts with a digit, a sign or a dot for a number or a
/// date: Kubernetes, or any of YAML 1.1 (base 60, dates) and 1.2.
fn is_numeric(text: &str) -> bool {
    if resolve::plain(text) != Meaning::Text {
        return true;
    }
    let bytes = text.as_bytes();
    // Dates, and anything that may be one.
    if bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-' {
        return true;
    }
    // Base 60, and numbers beyond what Kubernetes takes for one.
    let body = text.trim_start_matches(['+', '-']);
    if [".inf", ".nan"].iter().any(|word| word.eq_ignore_ascii_case(body)) {
        return true;
    }
    if body.is_empty() {
        return true;
    }
    let radix = body.as_bytes();
    if radix.len() > 2
        && radix[0] == b'0'
        && matches!(radix[1], b'x' | b'X' | b'o' | b'O' | b'b' | b'B')
    {
        return radix[2..].iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'_');
    }
    let (mut dots, mut exponent) = (0, false);
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'0'..=b'9' | b'_' | b':' | b',' => {}
            b'.' => dots += 1,
            b'e' | b'E' if at > 0 && !exponent => exponent = true,
            b'+' | b'-' if exponent => {}
            _ => return false,
        }
    }
    // Addresses and versions have more dots than any number.
    dots <= 1
}

/// Whether a key fits on one line before its `:` for every reader (1,024 characters).
pub(super) fn fits_simple_key(written: &str) -> bool {
    written.len() < 1000 || written.chars().count() < 1000
}
