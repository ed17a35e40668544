//! Patterns of schemas: regular expressions of Go (`regexp/syntax`) through ours.

use std::sync::OnceLock;

use crate::cel::regexp;

/// A regular expression as Go reads it, compiled when it is first asked.
#[derive(Debug)]
pub struct Pattern {
    text: Box<str>,
    compiled: OnceLock<Option<regexp::Pattern>>,
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
        let compiled = self.compiled.get_or_init(|| regexp::Pattern::new(&self.text).ok());
        Some(compiled.as_ref()?.for_text(text).ok()?.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn as_go_matches() {
        for (pattern, text, matches) in [
            (r"^\d+$", "٣", false),
            (r"^.$", "é", true),
            (r"^[^\s\]/]*[]a-z.é-]$", "c]", true),
            (r"a$", "a\n", false),
            (r"^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$", "1h30m", true),
            (r"^[\S ]+$", "a b", true),
            (r"^(?i)abc$", "ABC", true),
        ] {
            assert_eq!(Pattern::new(pattern).is_match(text), Some(matches), "{pattern} {text}");
        }
        assert_eq!(Pattern::new("(").is_match("x"), None);
    }
}
