//! Patterns over paths and names. Four programs read them for Argo CD: Go's `path.Match` (directories
//! of a git generator, kinds in an AppProject), git itself (files of a git generator), the library
//! doublestar (those files with the new globbing), and the library gobwas/glob (destinations and
//! repositories in an AppProject, `include` and `exclude` of a directory).

mod compile;
mod gobwas;
mod matcher;

use std::iter::Peekable;
use std::str::Chars;

/// Who reads a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Go's `path.Match`: `*` stops at `/`, and `^` alone negates a class.
    PathMatch,
    /// One name in a pattern of doublestar, or of git after `:(glob)`.
    Name,
    /// Git: `*` crosses `/`.
    Git,
    /// The library gobwas/glob: braces, `[!a]`, and `*` that stops at the separator where there is one.
    Gobwas {
        /// Nothing where `*` crosses everything.
        separator: Option<char>,
    },
}

/// A pattern that its program cannot read: one that ends within brackets or after a backslash, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

#[derive(Debug, Clone)]
enum Part {
    Character(char),
    Any,
    Star,
    Class { negated: bool, ranges: Vec<(char, char)>, named: Vec<Named> },
}

/// A set of characters by name, as `[:alpha:]`.
type Named = fn(&char) -> bool;

/// A pattern that was read.
#[derive(Debug, Clone)]
pub struct Pattern(Form);

#[derive(Debug, Clone)]
enum Form {
    Parts(Parts),
    Gobwas(matcher::Matcher),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Where the program that reads patterns of this dialect refuses it.
    pub fn new(text: &str, dialect: Dialect) -> Result<Self, BadPattern> {
        Ok(Self(match dialect {
            Dialect::Gobwas { separator } => Form::Gobwas(gobwas::read(text, separator)?),
            _ => Form::Parts(Parts::new(text, dialect)?),
        }))
    }

    /// Whether the pattern matches the whole text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Form::Parts(parts) => parts.matches(text),
            Form::Gobwas(matcher) => matcher.matches(text.as_bytes()),
        }
    }
}

#[derive(Debug, Clone)]
struct Parts {
    parts: Vec<Part>,
    dialect: Dialect,
}

impl Parts {
    fn new(text: &str, dialect: Dialect) -> Result<Self, BadPattern> {
        let mut parts = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            parts.push(match character {
                '?' => Part::Any,
                '*' if matches!(parts.last(), Some(Part::Star)) => continue,
                '*' => Part::Star,
                '\\' => Part::Character(characters.next().ok_or(BadPattern)?),
                '[' => class(&mut characters, dialect)?,
                other => Part::Character(other),
            });
        }
        Ok(Self { parts, dialect })
    }

    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        // Where to go on after the last star, should what follows it not match.
        let mut retry: Option<(usize, usize)> = None;
        let (mut part, mut at) = (0, 0);
        while part < self.parts.len() || at < text.len() {
            match self.parts.get(part) {
                Some(Part::Star) => {
                    retry = Some((part, at));
                    part += 1;
                    continue;
                }
                Some(one)
                    if text.get(at).is_some_and(|&character| self.accepts(one, character)) =>
                {
                    part += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let Some((star, from)) = retry else { return false };
            if from >= text.len() || (self.dialect != Dialect::Git && text[from] == '/') {
                return false;
            }
            retry = Some((star, from + 1));
            (part, at) = (star + 1, from + 1);
        }
        true
    }

    fn accepts(&self, part: &Part, character: char) -> bool {
        let slash = character == '/' && self.dialect != Dialect::Git;
        match part {
            Part::Character(wanted) => *wanted == character,
            Part::Any => !slash,
            Part::Star => false,
            Part::Class { negated, ranges, named } => {
                let within = ranges.iter().any(|(low, high)| (*low..=*high).contains(&character))
                    || named.iter().any(|is| is(&character));
                !slash && within != *negated
            }
        }
    }
}

fn class(characters: &mut Peekable<Chars<'_>>, dialect: Dialect) -> Result<Part, BadPattern> {
    let negates = |next: &char| *next == '^' || (*next == '!' && dialect != Dialect::PathMatch);
    let negated = characters.next_if(negates).is_some();
    let (mut ranges, mut named) = (Vec::new(), Vec::new());
    loop {
        let low = match characters.next().ok_or(BadPattern)? {
            ']' if !(ranges.is_empty() && named.is_empty()) => {
                return Ok(Part::Class { negated, ranges, named });
            }
            '[' if dialect == Dialect::Git && characters.next_if_eq(&':').is_some() => {
                let name: String = characters.by_ref().take_while(|&next| next != ':').collect();
                named.push(set(&name).ok_or(BadPattern)?);
                characters.next_if_eq(&']').ok_or(BadPattern)?;
                continue;
            }
            other => escaped(other, characters, dialect)?,
        };
        let mut high = low;
        if characters.next_if_eq(&'-').is_some() {
            if dialect != Dialect::PathMatch && characters.peek() == Some(&']') {
                ranges.push(('-', '-'));
            } else {
                let next = characters.next().ok_or(BadPattern)?;
                high = escaped(next, characters, dialect)?;
            }
        }
        ranges.push((low, high));
    }
}

/// The sets that git knows by name.
fn set(name: &str) -> Option<Named> {
    Some(match name {
        "alnum" => char::is_ascii_alphanumeric,
        "alpha" => char::is_ascii_alphabetic,
        "blank" => |c| matches!(c, ' ' | '\t'),
        "cntrl" => char::is_ascii_control,
        "digit" => char::is_ascii_digit,
        "graph" => char::is_ascii_graphic,
        "lower" => char::is_ascii_lowercase,
        "print" => |c| c.is_ascii_graphic() || *c == ' ',
        "punct" => char::is_ascii_punctuation,
        "space" => char::is_ascii_whitespace,
        "upper" => char::is_ascii_uppercase,
        "xdigit" => char::is_ascii_hexdigit,
        _ => return None,
    })
}

fn escaped(
    character: char,
    rest: &mut Peekable<Chars<'_>>,
    dialect: Dialect,
) -> Result<char, BadPattern> {
    match character {
        '\\' => rest.next().ok_or(BadPattern),
        // Go wants a backslash before both.
        '-' | ']' if dialect == Dialect::PathMatch => Err(BadPattern),
        other => Ok(other),
    }
}

/// The patterns that one with `{a,b}` stands for. Braces may hold others and slashes.
pub(super) fn alternatives(pattern: &str) -> Result<Vec<String>, BadPattern> {
    let Some(open) = unescaped(pattern, '{') else { return Ok(vec![pattern.to_owned()]) };
    let (mut depth, mut start, mut choices, mut close) = (0, open + 1, Vec::new(), None);
    let mut escape = false;
    for (at, character) in pattern.char_indices().skip_while(|(at, _)| *at < open) {
        match character {
            _ if escape => escape = false,
            '\\' => escape = true,
            '{' => depth += 1,
            ',' if depth == 1 => {
                choices.push(&pattern[start..at]);
                start = at + 1;
            }
            '}' if depth == 1 => {
                choices.push(&pattern[start..at]);
                close = Some(at);
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    let close = close.ok_or(BadPattern)?;
    let mut all = Vec::new();
    for choice in choices {
        let one = format!("{}{choice}{}", &pattern[..open], &pattern[close + 1..]);
        all.extend(alternatives(&one)?);
    }
    Ok(all)
}

/// Where a character stands that no backslash takes its meaning from.
fn unescaped(text: &str, wanted: char) -> Option<usize> {
    let mut escape = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escape => escape = false,
            '\\' => escape = true,
            _ if character == wanted => return Some(at),
            _ => {}
        }
    }
    None
}
