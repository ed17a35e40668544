//! Every check, with the page that explains it.
//!
//! The pages under `docs/checks/` are the one text of a check: `gitopsc explain` prints them, the
//! book links to them, reports quote them, and their examples are the check's tests.

mod list;

use std::sync::LazyLock;

use crate::diagnostic::Severity;
use list::{ARGOCD, OBJECT, WHOLE};

/// Checks that are chosen together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What Argo CD makes of objects.
    Argocd,
    /// What Kubernetes says of one object alone.
    Object,
    /// What Kubernetes makes of all objects of a cluster together.
    Whole,
}

/// How much a check has to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// One object alone.
    One,
    /// One object alone, and each Application that an ApplicationSet makes.
    Made,
    /// All objects of a cluster together.
    All,
    /// A repository, with all to which its Applications lead.
    Tree,
}

impl Reach {
    /// Whether a check of this reach can tell something where all of another reach is looked at.
    #[must_use]
    pub fn looks(self, other: Self) -> bool {
        match self {
            Self::Made => matches!(other, Self::Made | Self::One | Self::Tree),
            _ => self == other,
        }
    }
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 3] = [Self::Argocd, Self::Object, Self::Whole];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argocd => "argocd",
            Self::Object => "object",
            Self::Whole => "whole",
        }
    }
}

/// One named rule, or a family of rules that are broken and mended alike.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Names the fault in kebab-case and never changes its meaning.
    pub id: &'static str,
    /// What it is chosen with.
    pub group: Group,
    /// How much it has to see.
    pub reach: Reach,
    /// Its page, in Markdown.
    pub page: &'static str,
}

impl Check {
    /// The check of this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        CHECKS.binary_search_by(|check| check.id.cmp(id)).ok().map(|index| &CHECKS[index])
    }

    /// The headline: what is wrong where the check finds something.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.paragraph(1)
    }

    /// How grave it is where settings say nothing else.
    #[must_use]
    pub fn level(&self) -> Severity {
        match self.paragraph(2).split_whitespace().next() {
            Some("Error:" | "Error.") => Severity::Error,
            Some("Note:" | "Note.") => Severity::Note,
            _ => Severity::Warning,
        }
    }

    /// Why it is a fault and how to mend it: the page without headline, level and examples.
    #[must_use]
    pub fn text(&self) -> &'static str {
        let before = self.page.split("\n## ").next().unwrap_or_default();
        before.splitn(4, "\n\n").nth(3).unwrap_or_default().trim()
    }

    /// YAML in which it finds something.
    pub fn wrong(&self) -> impl Iterator<Item = &'static str> {
        self.examples("Wrong")
    }

    /// YAML in which nothing is wrong.
    pub fn right(&self) -> impl Iterator<Item = &'static str> {
        self.examples("Right")
    }

    fn paragraph(&self, index: usize) -> &'static str {
        self.page.split("\n\n").nth(index).unwrap_or_default().trim()
    }

    fn examples(&self, heading: &'static str) -> impl Iterator<Item = &'static str> {
        let sections = self.page.split("\n## ").skip(1);
        sections
            .filter(move |section| section.starts_with(heading))
            .flat_map(|section| section.split("```yaml\n").skip(1))
            .filter_map(|rest| rest.split("```").next())
    }
}

/// Every check, by id.
pub static CHECKS: LazyLock<Vec<Check>> = LazyLock::new(|| {
    let mut all = [ARGOCD, OBJECT, WHOLE].concat();
    all.sort_by_key(|check| check.id);
    all
});
