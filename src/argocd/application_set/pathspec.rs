//! Git's own patterns for paths, which the git generator uses unless the new globbing is on.

use super::listing::TreeError;
use super::names::clean;
use crate::argocd::glob::{Dialect, Pattern};

/// What `git ls-files -- PATTERN` lists, run at the top of a repository: a path, all that is in a
/// directory, or what a pattern matches, in which `*` crosses `/`. The magic words `top`, `glob`,
/// `literal` and `exclude` and their short forms are known.
///
/// Source: git's documentation of pathspecs in gitglossary(7).
#[derive(Debug)]
pub(super) struct Pathspec {
    text: String,
    excluded: bool,
    literal: bool,
    /// Under `glob` a pattern for each name, nothing for `**`; otherwise one for the whole path.
    patterns: Patterns,
}

#[derive(Debug)]
enum Patterns {
    Whole(Option<Pattern>),
    Names(Vec<Option<Pattern>>),
}

impl Pathspec {
    pub(super) fn new(written: &str) -> Result<Self, TreeError> {
        let (words, rest) = magic(written)?;
        let has = |word: &str| words.contains(&word);
        if let Some(word) =
            words.iter().find(|word| !["top", "glob", "literal", "exclude", ""].contains(word))
        {
            return Err(TreeError::Unknown(format!(
                "the magic word `{word}` of the pattern `{written}` is not known here"
            )));
        }
        if has("glob") && has("literal") {
            return Err(TreeError::Wrong(format!(
                "`{written}` asks for `literal` and `glob` at once"
            )));
        }
        let text = shortest(rest, written)?;
        // Git takes a pattern that is no good for one that matches nothing.
        let patterns = if has("glob") {
            let name = |name: &str| {
                (name != "**").then(|| Pattern::new(name, Dialect::Name).ok()).flatten()
            };
            Patterns::Names(text.split('/').map(name).collect())
        } else {
            Patterns::Whole(Pattern::new(&text, Dialect::Git).ok())
        };
        Ok(Self { text, excluded: has("exclude"), literal: has("literal"), patterns })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.includes(path) != self.excluded
    }

    fn includes(&self, path: &str) -> bool {
        let directory = self.text.strip_suffix('/').unwrap_or(&self.text);
        let below = path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
        if self.text.is_empty() || path == self.text || below {
            return true;
        }
        match &self.patterns {
            _ if self.literal => false,
            Patterns::Whole(pattern) => {
                pattern.as_ref().is_some_and(|pattern| pattern.matches(path))
            }
            Patterns::Names(names) => {
                let path: Vec<&str> = path.split('/').collect();
                names_match(names, &path)
            }
        }
    }
}

fn names_match(names: &[Option<Pattern>], path: &[&str]) -> bool {
    match (names.split_first(), path.split_first()) {
        (None, None) => true,
        // At the end `**` matches something.
        (Some((None, [])), _) => !path.is_empty(),
        (Some((None, rest)), _) => {
            names_match(rest, path)
                || path.split_first().is_some_and(|(_, below)| names_match(names, below))
        }
        (Some((Some(pattern), rest)), Some((name, below))) => {
            pattern.matches(name) && names_match(rest, below)
        }
        _ => false,
    }
}

/// The magic words of a pattern, and what follows them.
fn magic(written: &str) -> Result<(Vec<&str>, &str), TreeError> {
    let Some(rest) = written.strip_prefix(':') else { return Ok((Vec::new(), written)) };
    if let Some(long) = rest.strip_prefix('(') {
        let (words, rest) = long.split_once(')').ok_or_else(|| {
            TreeError::Wrong(format!("`)` is missing after the magic words of `{written}`"))
        })?;
        return Ok((words.split(',').collect(), rest));
    }
    let mut words = Vec::new();
    let mut rest = rest;
    while let Some(character) = rest.chars().next() {
        match character {
            '/' => words.push("top"),
            '!' | '^' => words.push("exclude"),
            ':' => {
                rest = &rest[1..];
                break;
            }
            _ => break,
        }
        rest = &rest[1..];
    }
    Ok((words, rest))
}

/// The path in its shortest form; a slash at the end stays.
fn shortest(path: &str, written: &str) -> Result<String, TreeError> {
    match clean(path).filter(|_| !path.starts_with('/')) {
        Some(names) if path.ends_with('/') && !names.is_empty() => Ok(names.join("/") + "/"),
        Some(names) => Ok(names.join("/")),
        None => Err(TreeError::Wrong(format!("`{written}` is outside of the repository"))),
    }
}
