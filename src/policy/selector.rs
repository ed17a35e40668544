//! Names of checks: an id, the beginning of ids, a group.

use std::fmt;
use std::str::FromStr;

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
    /// Whether a check is meant.
    #[must_use]
    pub fn fits(&self, check: &Check) -> bool {
        match self {
            Self::Group(group) => check.group == *group,
            Self::Prefix(_, start) => check.id.starts_with(start.as_str()),
            Self::Id(id) => check.id == *id,
        }
    }

    /// The checks that are meant.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> {
        CHECKS.iter().filter(|check| self.fits(check))
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(check) = Check::find(text) {
            return Ok(Self::Id(check.id));
        }
        if let Some(group) = groups().find(|group| group.as_str() == text) {
            return Ok(Self::Group(group));
        }
        let Some(start) = text.strip_suffix('*') else { return Err(unknown(text)) };
        if start.is_empty() || !CHECKS.iter().any(|check| check.id.starts_with(start)) {
            return Err(format!("no check begins with `{start}`"));
        }
        Ok(Self::Prefix(start.len(), start.to_owned()))
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
    let known: Vec<_> = groups().map(Group::as_str).chain(ids()).collect();
    match suggest(text, known).filter(|hint| hint.starts_with("did")) {
        Some(hint) => format!("there is no check `{text}`; {hint}"),
        None => format!("there is no check `{text}`; `gitopsc explain` lists them"),
    }
}

/// The ids of all checks.
pub(super) fn ids() -> impl Iterator<Item = &'static str> + Clone {
    CHECKS.iter().map(|check| check.id)
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
    /// Whether a check is wanted: of all names that fit it the most specific decides, and of two
    /// that are alike the one that is ignored.
    #[must_use]
    pub fn wants(&self, check: &Check) -> bool {
        let best = |names: &[Selector]| names.iter().filter(|name| name.fits(check)).max().cloned();
        match (best(&self.select), best(&self.ignore)) {
            (Some(selected), Some(ignored)) => selected > ignored,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => self.select.is_empty(),
        }
    }

    /// Whether a check is asked for by its very id.
    #[must_use]
    pub fn names(&self, check: &Check) -> bool {
        self.select.contains(&Selector::Id(check.id))
    }
}
