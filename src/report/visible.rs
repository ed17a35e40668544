//! Text that does to a terminal or a page only what it shows.

use std::fmt::Write as _;

use serde::Serialize;

/// Text with its line breaks and tabs, in which characters that act instead of showing are spelt
/// out as `\u{1b}`: control characters, marks that turn the direction of writing, noncharacters.
pub(crate) fn visible(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) && !matches!(character, '\n' | '\t') {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// The same in one line: a line break is spelt `\n`, a tab `\t`.
pub(super) fn line(text: &str) -> String {
    visible(text).replace('\n', "\\n").replace('\t', "\\t")
}

/// JSON of the same meaning, in which these characters are escaped. Others are written as they are, and
/// none of these stands outside of a string, but for line breaks.
pub(crate) fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) && character != '\n' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    Ok(out)
}

fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
        || u32::from(character) & 0xfffe == 0xfffe
        || matches!(character, '\u{fdd0}'..='\u{fdef}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{json, line, visible};

    #[test]
    fn nothing_acts_and_nothing_is_lost() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}\u{7}b"), "a\\u{1b}[31m\\u{202e}\\u{7}b");
        assert_eq!(visible("é\tß\r\nz\r"), "é\tß\nz\\u{d}");
        assert_eq!(line("a\r\nb\tc"), "a\\nb\\tc");
        let text = "é\u{202e}\u{7f}\n\u{1fffe}ß";
        let escaped = json(&text).unwrap_or_default();
        assert_eq!(escaped, "\"é\\u202e\\u007f\\n\\ud83f\\udffeß\"");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap_or_default(), text);
    }
}
