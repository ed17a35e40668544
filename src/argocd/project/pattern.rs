//! The patterns in an AppProject's lists.

use fancy_regex::Regex;

use crate::argocd::glob::{Dialect, Pattern};
use crate::argocd::repository_url;

/// `globMatch` in `app_project_types.go` of Argo CD: a pattern of gobwas/glob, denied by `!`. One that
/// cannot be read matches nothing.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    /// Whether it begins with `!`.
    pub(super) denies: bool,
    everything: bool,
    pattern: Option<Pattern>,
}

impl Glob {
    pub(super) fn new(text: &str) -> Self {
        Self::with(text, None)
    }

    /// A pattern for addresses, which are compared as [`repository_url::normalize`] writes them.
    pub(super) fn of_repository(text: &str) -> Self {
        match text.strip_prefix('!') {
            Some(rest) => Self::with(&format!("!{}", repository_url::normalize(rest)), Some('/')),
            None => Self::with(&repository_url::normalize(text), Some('/')),
        }
    }

    fn with(text: &str, separator: Option<char>) -> Self {
        let denied = text.strip_prefix('!');
        let pattern = Pattern::new(denied.unwrap_or(text), Dialect::Gobwas { separator });
        Self { denies: denied.is_some(), everything: text == "*", pattern: pattern.ok() }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let fits = self.pattern.as_ref().is_some_and(|pattern| pattern.matches(text));
        if self.denies { !fits } else { self.everything || fits }
    }
}

/// `filepath.Match` of Go; a pattern that cannot be read matches nothing.
#[derive(Debug, Clone)]
pub(super) struct Name(Option<Pattern>);

impl Name {
    pub(super) fn new(text: &str) -> Self {
        Self(Pattern::new(text, Dialect::PathMatch).ok())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|pattern| pattern.matches(text))
    }
}

/// `MatchStringInList` in `util/glob/list.go` of Argo CD: between slashes a regular expression that may
/// look around, and otherwise, or where that does not match, a pattern of gobwas/glob.
#[derive(Debug, Clone)]
pub(super) struct SourceNamespace {
    expression: Option<Regex>,
    pattern: Option<Pattern>,
}

impl SourceNamespace {
    pub(super) fn new(text: &str) -> Self {
        let inner = text.strip_prefix('/').and_then(|text| text.strip_suffix('/'));
        let inner = inner.filter(|inner| !inner.is_empty());
        Self {
            expression: inner.and_then(|inner| Regex::new(inner).ok()),
            pattern: Pattern::new(text, Dialect::Gobwas { separator: None }).ok(),
        }
    }

    pub(super) fn matches(&self, namespace: &str) -> bool {
        let expression = self.expression.as_ref();
        expression.is_some_and(|expression| expression.is_match(namespace).unwrap_or(false))
            || self.pattern.as_ref().is_some_and(|pattern| pattern.matches(namespace))
    }
}
