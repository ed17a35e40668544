//! Regular expressions with the meaning that they have in Go.

use regex::Regex;

use super::go_regexp;
use super::value::Failure;

/// A regular expression that Go reads.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Nothing where it cannot be translated.
    regex: Option<Regex>,
    /// Whether it ignores case: the two engines fold a few characters beyond ASCII differently.
    folds: bool,
}

impl Pattern {
    /// The error is what is wrong for Go.
    pub(crate) fn new(pattern: &str) -> Result<Self, &'static str> {
        if let Some(wrong) = go_regexp::fault(pattern) {
            return Err(wrong);
        }
        let regex = translate(pattern).and_then(|text| Regex::new(&text).ok());
        Ok(Self { regex, folds: pattern.contains("(?") })
    }

    /// The engine for a text.
    pub(crate) fn for_text(&self, text: &str) -> Result<&Regex, Failure> {
        match &self.regex {
            Some(regex) if !self.folds || text.is_ascii() => Ok(regex),
            _ => Err(Failure::unknown("a regular expression that is not translated")),
        }
    }
}

/// What is outside a class.
const OUTSIDE: [(char, &str); 8] = [
    ('d', "[0-9]"),
    ('D', "[^0-9]"),
    ('w', "[0-9A-Za-z_]"),
    ('W', "[^0-9A-Za-z_]"),
    ('s', "[\\t\\n\\f\\r ]"),
    ('S', "[^\\t\\n\\f\\r ]"),
    ('b', "(?-u:\\b)"),
    ('B', "(?-u:\\B)"),
];

/// The same pattern for the `regex` crate, whose classes mean all of Unicode and nest.
fn translate(pattern: &str) -> Option<String> {
    let mut translated = String::new();
    let mut rest = pattern;
    let mut class = false;
    // Whether a `]` would be the first of its class, and so itself.
    let mut first = false;
    // Whether a `-` would follow a whole class within a class, and so be itself.
    let mut after_class = false;
    while let Some(next) = rest.chars().next() {
        let was_first = std::mem::take(&mut first);
        let was_class = std::mem::take(&mut after_class);
        let mut taken = next.len_utf8();
        match next {
            '\\' => {
                after_class = class && rest.chars().nth(1).is_some_and(|c| "dDwWsSpP".contains(c));
                taken = escape(rest, class, &mut translated)?;
            }
            '-' if was_class => translated.push_str("\\-"),
            // The name of a class follows, where it is more than a letter.
            '{' if was_class => {
                taken = rest.find('}')? + 1;
                translated.push_str(rest.get(..taken)?);
                after_class = true;
            }
            '[' if !class => {
                class = true;
                first = true;
                translated.push('[');
                if rest.get(1..)?.starts_with('^') {
                    translated.push('^');
                    taken = 2;
                }
            }
            '[' if rest.starts_with("[:") && rest.contains(":]") => {
                taken = rest.find(":]")? + 2;
                after_class = true;
                translated.push_str(rest.get(..taken)?);
            }
            ']' if class && !was_first => {
                class = false;
                translated.push(']');
            }
            '-' if class && rest.starts_with("--") => return None,
            '[' | ']' | '&' | '~' => {
                translated.push('\\');
                translated.push(next);
            }
            '{' if !class && !is_count(rest) => translated.push_str("\\{"),
            '}' if !class => {
                // It closes a count, or is itself.
                let opened = translated.rfind('{').is_some_and(|at| {
                    !translated.get(..at).is_some_and(|before| before.ends_with('\\'))
                        && translated.get(at + 1..).is_some_and(|text| {
                            text.bytes().all(|b| b.is_ascii_digit() || b == b',')
                        })
                });
                translated.push_str(if opened { "}" } else { "\\}" });
            }
            _ => translated.push(next),
        }
        rest = rest.get(taken..)?;
    }
    Some(translated)
}

fn is_count(rest: &str) -> bool {
    let count = rest.get(1..).and_then(|rest| rest.split_once('}')).map(|(text, _)| text);
    count.is_some_and(|text| {
        let (least, most) = text.split_once(',').unwrap_or((text, "0"));
        !least.is_empty() && [least, most].iter().all(|n| n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Translates the escape at the start, and says how long it is.
fn escape(rest: &str, class: bool, translated: &mut String) -> Option<usize> {
    let kind = rest.chars().nth(1)?;
    if kind == 'Q' {
        let text = rest.get(2..)?;
        let end = text.find("\\E").unwrap_or(text.len());
        translated.push_str(&regex::escape(text.get(..end)?));
        return Some((end + 4).min(rest.len()));
    }
    if kind.is_digit(8) {
        let digits: String = rest.get(1..)?.chars().take(3).take_while(|c| c.is_digit(8)).collect();
        let code = u32::from_str_radix(&digits, 8).ok()?;
        translated.push_str(&format!("\\x{{{code:X}}}"));
        return Some(1 + digits.len());
    }
    let known = OUTSIDE.iter().find(|(known, _)| *known == kind);
    match known {
        Some((_, meaning)) if !class || kind.is_ascii_uppercase() => translated.push_str(meaning),
        // The class without its brackets, as it stands in another.
        Some((_, meaning)) => {
            translated.push_str(meaning.strip_prefix('[')?.strip_suffix(']')?);
        }
        None if matches!(kind, '<' | '>') => translated.push(kind),
        None if kind.is_ascii_alphanumeric() || kind.is_ascii_punctuation() => {
            translated.push('\\');
            translated.push(kind);
        }
        None => return None,
    }
    Some(1 + kind.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, text, matches) in [
            ("^\\d+$", "12", true),
            ("^\\d$", "٣", false),
            ("^[\\w.-]+$", "a_b.c-d", true),
            ("^[]a]+$", "]a", true),
            ("^[^]]$", "]", false),
            ("^[[]$", "[", true),
            ("x{,5}", "x{,5}", true),
            ("^a{2,3}$", "aaa", true),
            ("^\\Qa.b\\E$", "a.b", true),
            ("^\\Qa.b\\E$", "axb", false),
            ("\\bfoo\\b", "a foo.", true),
            ("^[a&&b]$", "&", true),
            ("^\\x41\\101$", "AA", true),
            ("^[[:alpha:]_]+$", "ab_", true),
            ("^[\\S]$", "a", true),
            ("a\\/b", "a/b", true),
            ("^[\\w-.]+$", "a-.", true),
            ("^[\\p{L}-.]+$", "ä-.", true),
            ("^\\p{Lu}\\{$", "Ä{", true),
            ("^\\pL+$", "äß", true),
        ] {
            let found = Pattern::new(pattern).unwrap();
            assert_eq!(found.for_text(text).unwrap().is_match(text), matches, "{pattern} {text}");
        }
        assert!(Pattern::new("(?=a)").is_err());
    }
}
