//! Findings in the forms that people and programs read: one file and one line in [`FORMATS`] each.

mod case;
mod concise;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod jsonl;
mod junit;
mod object;
mod place;
mod rule;
mod sarif;
mod summary;
mod tap;
mod visible;

pub use human::{human, note};
pub use json::schema;
pub use object::{Object, Verdict};
pub use summary::{Counts, Skipped, Summary, plural};

use std::io;

use serde_json::Value;

use crate::diagnostic::{Finding, Severity};
use crate::source::Sources;

/// A form of findings.
#[derive(Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Writes a report; the last argument says whether colours are wanted.
    pub write: fn(&Report<'_>, &mut dyn io::Write, bool) -> io::Result<()>,
}

/// Every form, the usual one first.
pub static FORMATS: [Format; 9] = [
    Format { name: "human", write: human::write },
    Format { name: "concise", write: concise::write },
    Format { name: "json", write: json::write },
    Format { name: "jsonl", write: jsonl::write },
    Format { name: "sarif", write: sarif::write },
    Format { name: "junit", write: junit::write },
    Format { name: "tap", write: tap::write },
    Format { name: "github", write: github::write },
    Format { name: "gitlab", write: gitlab::write },
];

/// What a run found: all that a form may need.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The texts that findings and objects point into.
    pub sources: &'a Sources,
    /// What is to be shown, in order.
    pub findings: Vec<&'a Finding>,
    /// The objects that were judged, in order; none where a command judges none.
    pub objects: Vec<&'a Object>,
    /// The whole run in numbers, what is not shown included.
    pub summary: Summary,
    /// What JSON says of each environment.
    pub environments: &'a Value,
    /// What people read after the findings.
    pub closing: &'a str,
    /// From here on a finding makes the run fail.
    pub fails: Severity,
}

impl<'a> Report<'a> {
    /// A report of everything that was found and judged.
    #[must_use]
    pub fn new(
        sources: &'a Sources,
        findings: &'a [Finding],
        objects: &'a [Object],
        skipped: &[Skipped],
        environments: &'a Value,
    ) -> Self {
        Self {
            sources,
            findings: findings.iter().collect(),
            objects: objects.iter().collect(),
            summary: Summary::of(findings, objects, skipped),
            environments,
            closing: "",
            fails: Severity::Error,
        }
    }

    /// Only errors, and the objects that are invalid.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.findings.retain(|finding| finding.severity == Severity::Error);
        self.objects.retain(|object| object.verdict == Verdict::Invalid);
        self
    }
}
