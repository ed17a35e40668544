//! Every check, with the page that explains it.
//!
//! The pages under `docs/checks/` are the one text of a check: `gitopsc explain` prints them, the
//! book links to them, reports quote them, and their examples are the check's tests.

use crate::diagnostic::Severity;

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// One object alone.
    Object,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 1] = [Self::Object];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
        }
    }
}

/// One named rule, or a family of rules that are broken and mended alike.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Names the fault in kebab-case and never changes its meaning.
    pub id: &'static str,
    /// What it looks at.
    pub group: Group,
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
    pub fn refused(&self) -> impl Iterator<Item = &'static str> {
        self.examples("Refused")
    }

    /// YAML in which nothing is wrong.
    pub fn accepted(&self) -> impl Iterator<Item = &'static str> {
        self.examples("Accepted")
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

macro_rules! checks {
    ($($group:ident: $($id:literal)*;)*) => {
        &[$($(Check {
            id: $id,
            group: Group::$group,
            page: include_str!(concat!("../../docs/checks/", $id, ".md")),
        },)*)*]
    };
}

/// Every check, by id.
pub static CHECKS: &[Check] = checks! {
    Object:
        "annotation-deprecated"
        "api-version-deprecated"
        "api-version-unserved"
        "bytes-fractional"
        "custom-rule-broken"
        "embedded-object-invalid"
        "field-ignored"
        "field-required"
        "grace-period-negative"
        "label-selector-missing"
        "list-item-taken"
        "name-no-hostname"
        "node-label-deprecated"
        "port-name-repeated"
        "quota-unreachable"
        "value-deprecated"
        "value-refused"
        "volume-plugin-gone";
};
