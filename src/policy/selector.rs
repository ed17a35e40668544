//! Names of checks: an id, the beginning of ids, a group.

use std::fmt;
use std::str::FromStr;

use super::subject::{self, Subject};
use crate::check::registry::{CHECKS, Check, Group};
use crate::diagnostic::suggest;

/// One name for checks. The more specific of two that fit one check comes last in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// `object`
    Group(Group),
    /// `port-*`; the length comes first, so that the longer one is the more specific.
    Prefix(usize, String),
    /// `port-invalid`
    Id(&'static str),
}

impl Selector {
    /// Whether a subject is meant.
    #[must_use]
    pub fn fits(&self, subject: Subject) -> bool {
        match self {
            Self::Group(group) => subject.group() == Some(*group),
            Self::Prefix(_, start) => subject.id().starts_with(start.as_str()),
            Self::Id(id) => subject.id() == *id,
        }
    }

    /// The name of a group, or the beginning of ids.
    pub(super) fn several(text: &str) -> Option<Self> {
        if let Some(group) = groups().find(|group| group.as_str() == text) {
            return Some(Self::Group(group));
        }
        let start = text.strip_suffix('*').filter(|start| !start.is_empty())?;
        let is_known = subject::ids().any(|id| id.starts_with(start));
        is_known.then(|| Self::Prefix(start.len(), start.to_owned()))
    }

    /// The checks that are meant.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> {
        CHECKS.iter().filter(|check| self.fits(Subject::from(*check)))
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(subject) = Subject::find(text) {
            return Ok(Self::Id(subject.id()));
        }
        Self::several(text).ok_or_else(|| match text.strip_suffix('*') {
            Some(start) => format!("no check begins with `{start}`"),
            None => unknown(text),
        })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => f.write_str(group.as_str()),
            Self::Prefix(_, start) => write!(f, "{start}*"),
            Self::Id(id) => f.write_str(id),
        }
    }
}

/// The groups that have checks.
fn groups() -> impl Iterator<Item = Group> {
    Group::ALL.into_iter().filter(|group| CHECKS.iter().any(|check| check.group == *group))
}

/// Why a name is none of a check, with the nearest that is.
pub(super) fn unknown(text: &str) -> String {
    if let Some(why) = subject::why_fixed(text) {
        return format!("`{text}` has no level and cannot be silenced: {why}");
    }
    let several = format!("{text}-");
    if subject::ids().any(|id| id.starts_with(&several)) {
        return format!("there is no check `{text}`; did you mean `{several}*`?");
    }
    let known: Vec<_> = groups().map(Group::as_str).chain(subject::ids()).collect();
    match suggest(text, known).filter(|hint| hint.starts_with("did")) {
        Some(hint) => format!("there is no check `{text}`; {hint}"),
        None => format!("there is no check `{text}`; `gitopsc explain` lists them"),
    }
}

/// Which checks are wanted in one run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these; all where there are none.
    pub select: Vec<Selector>,
    /// Not these.
    pub ignore: Vec<Selector>,
}

impl Selection {
    /// Whether a subject is wanted: of all names that fit it the most specific decides, and of two
    /// that are alike the one that is ignored. Where some checks are chosen, what is no check stays.
    #[must_use]
    pub fn wants(&self, subject: Subject) -> bool {
        let best =
            |names: &[Selector]| names.iter().filter(|name| name.fits(subject)).max().cloned();
        match (best(&self.select), best(&self.ignore)) {
            (Some(selected), Some(ignored)) => selected > ignored,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => self.select.is_empty() || subject.group().is_none(),
        }
    }

    /// Whether a subject is asked for by its very id.
    #[must_use]
    pub fn names(&self, subject: Subject) -> bool {
        self.select.contains(&Selector::Id(subject.id()))
    }
}
