//! What can be given a level, selected, silenced.

use crate::check::registry::{CHECKS, Check, Group};
use crate::diagnostic::explanation::explanations;

/// What else may be hidden than findings of checks: findings about an object that could be read, and
/// those that an option asks for. In order.
const BESIDE_CHECKS: [&str; 6] = [
    "file-skipped",
    "object-incomplete",
    "reference-unknown",
    "rule-unknown",
    "schema-missing",
    "yaml-duplicate-key",
];

/// What leaves an object unread.
const UNREAD: [&str; 4] = ["file-not-utf8", "file-unreadable", "yaml-limit", "yaml-syntax"];

/// A check, or another finding about an object, which is in no group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    id: &'static str,
    group: Option<Group>,
}

impl Subject {
    /// The subject of this id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        let other = || BESIDE_CHECKS.iter().find(|known| **known == id);
        Check::find(id).map(Self::from).or_else(|| Some(Self { id: other()?, group: None }))
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.id
    }

    /// Whether it is found at a place, which a silencer can be at too.
    pub(super) fn has_place(self) -> bool {
        self.id != "file-skipped"
    }

    /// The group of a check.
    #[must_use]
    pub fn group(self) -> Option<Group> {
        self.group
    }
}

impl From<&Check> for Subject {
    fn from(check: &Check) -> Self {
        Self { id: check.id, group: Some(check.group) }
    }
}

/// The ids of all subjects.
pub(super) fn ids() -> impl Iterator<Item = &'static str> + Clone {
    CHECKS.iter().map(|check| check.id).chain(BESIDE_CHECKS)
}

/// Why a finding that is no subject has no level and no silencer; nothing where there is none of this id.
#[must_use]
pub fn why_fixed(id: &str) -> Option<&'static str> {
    if UNREAD.contains(&id) {
        return Some("what cannot be read is not judged, and must not look clean");
    }
    if Subject::find(id).is_some() {
        return None;
    }
    let is_finding = explanations().any(|explanation| explanation.id == id);
    is_finding.then_some("it is not about an object that was judged")
}
