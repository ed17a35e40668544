//! Classes of characters as Go's `unicode` has them; those of Rust are wider.

use std::sync::LazyLock;

use regex::Regex;

/// A class by the name that Unicode has for it.
struct Class(LazyLock<Option<Regex>>);

impl Class {
    fn has(&self, c: char) -> bool {
        let regex = LazyLock::force(&self.0);
        regex.as_ref().is_some_and(|regex| regex.is_match(c.encode_utf8(&mut [0; 4])))
    }
}

static LETTER: Class = Class(LazyLock::new(|| Regex::new(r"\p{L}").ok()));
static UPPER: Class = Class(LazyLock::new(|| Regex::new(r"\p{Lu}").ok()));
static LOWER: Class = Class(LazyLock::new(|| Regex::new(r"\p{Ll}").ok()));
static TITLE: Class = Class(LazyLock::new(|| Regex::new(r"\p{Lt}").ok()));
static DIGIT: Class = Class(LazyLock::new(|| Regex::new(r"\p{Nd}").ok()));
static NUMBER: Class = Class(LazyLock::new(|| Regex::new(r"\p{N}").ok()));
static PUNCTUATION: Class = Class(LazyLock::new(|| Regex::new(r"\p{P}").ok()));

/// `unicode.IsLetter`
pub(super) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { LETTER.has(c) }
}

/// `unicode.IsDigit`
pub(super) fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { DIGIT.has(c) }
}

/// `unicode.IsNumber`
pub(super) fn is_number(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { NUMBER.has(c) }
}

/// `unicode.IsUpper`
pub(super) fn is_upper(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_uppercase() } else { UPPER.has(c) }
}

/// `unicode.IsLower`
pub(super) fn is_lower(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_lowercase() } else { LOWER.has(c) }
}

/// `unicode.IsTitle`: letters such as `ǅ`, of which the first half is large.
pub(super) fn is_title(c: char) -> bool {
    !c.is_ascii() && TITLE.has(c)
}

/// `unicode.IsPunct`
pub(super) fn is_punctuation(c: char) -> bool {
    PUNCTUATION.has(c)
}

/// `unicode.IsSpace`
pub(super) fn is_space(c: char) -> bool {
    // The one class that both have alike.
    c.is_whitespace()
}

/// `unicode.ToUpper`: one letter for one.
pub(super) fn to_upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    if upper.len() == 1 { upper.next().unwrap_or(c) } else { c }
}

/// `unicode.ToLower`
pub(super) fn to_lower(c: char) -> char {
    // Where Rust gives two characters, the first is that of Go.
    c.to_lowercase().next().unwrap_or(c)
}

/// `unicode.ToTitle`
pub(super) fn to_title(c: char) -> char {
    match c {
        // The only letters whose title case is not their upper case, before Georgian.
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        'ა'..='ჺ' | 'ჽ'..='ჿ' => c,
        _ => to_upper(c),
    }
}
