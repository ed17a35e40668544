//! The syntax of the library gobwas/glob 0.2: `*`, `**`, `?`, `[a-z]`, `[!a]`, `{a,b}` and `\`.
//!
//! Source of the rules: `syntax/lexer` and `syntax/ast` of that library. Brackets hold either one
//! range or some characters, never both, and a brace that nothing closes ends with the pattern.

use std::iter::Peekable;
use std::str::Chars;

use super::BadPattern;
use super::compile::compile;
use super::matcher::Matcher;

/// How many parts may stand in a row, and how deep braces may be, so that a pattern made to be slow is
/// refused.
const LONGEST: usize = 64;
const DEEPEST: usize = 32;

/// A pattern as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    Nothing,
    Text(String),
    /// `*`
    Any,
    /// `**`
    Super,
    /// `?`
    Single,
    /// Some characters in brackets.
    List {
        characters: String,
        negated: bool,
    },
    Range {
        low: char,
        high: char,
        negated: bool,
    },
    /// One after the other.
    Row(Vec<Tree>),
    /// Braces.
    Choice(Vec<Tree>),
}

/// Reads a pattern in which `*` and `?` stop at the separator.
pub(super) fn read(pattern: &str, separator: Option<char>) -> Result<Matcher, BadPattern> {
    if pattern.contains(char::REPLACEMENT_CHARACTER) {
        return Err(BadPattern);
    }
    // The library takes the character 0 for the end.
    let text = pattern.split('\0').next().unwrap_or_default();
    let tree = Reader { rest: text.chars().peekable() }.row(0)?;
    Ok(compile(&tree, separator))
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
}

impl Reader<'_> {
    /// All up to the end, within braces up to the next comma or the closing brace.
    fn row(&mut self, depth: usize) -> Result<Tree, BadPattern> {
        let breaks = if depth > 0 { "?*[{}," } else { "?*[{" };
        let mut row = Vec::new();
        while let Some(&next) = self.rest.peek() {
            if depth > 0 && matches!(next, ',' | '}') {
                break;
            }
            if row.len() == LONGEST || depth > DEEPEST {
                return Err(BadPattern);
            }
            if !matches!(next, '?' | '*' | '[' | '{') {
                let text = self.text(breaks);
                if !text.is_empty() {
                    row.push(Tree::Text(text));
                }
                continue;
            }
            self.rest.next();
            row.push(match next {
                '?' => Tree::Single,
                '*' if self.rest.next_if_eq(&'*').is_some() => Tree::Super,
                '*' => Tree::Any,
                '[' => self.class()?,
                _ => self.choice(depth + 1)?,
            });
        }
        Ok(Tree::Row(row))
    }

    fn choice(&mut self, depth: usize) -> Result<Tree, BadPattern> {
        let mut choices = Vec::new();
        loop {
            choices.push(self.row(depth)?);
            if self.rest.next() != Some(',') {
                return Ok(Tree::Choice(choices));
            }
        }
    }

    fn class(&mut self) -> Result<Tree, BadPattern> {
        let negated = self.rest.next_if_eq(&'!').is_some();
        let mut ahead = self.rest.clone();
        let low = ahead.next().ok_or(BadPattern)?;
        if ahead.next() == Some('-') {
            let high = ahead.next().ok_or(BadPattern)?;
            self.rest = ahead;
            let closed = self.rest.next() == Some(']');
            return if closed && low <= high {
                Ok(Tree::Range { low, high, negated })
            } else {
                Err(BadPattern)
            };
        }
        let characters = self.text("]");
        if self.rest.next().is_none() || characters.is_empty() {
            return Err(BadPattern);
        }
        Ok(Tree::List { characters, negated })
    }

    /// Characters up to one of those, without the backslashes.
    fn text(&mut self, breaks: &str) -> String {
        let mut text = String::new();
        while let Some(next) = self.rest.next_if(|next| !breaks.contains(*next)) {
            match next {
                '\\' => text.extend(self.rest.next()),
                other => text.push(other),
            }
        }
        text
    }
}
