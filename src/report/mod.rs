//! Findings in the forms that people and programs read: one file and one line in [`FORMATS`] each.

pub mod apps;
pub mod budget;
mod case;
mod concise;
pub mod diff;
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
pub(crate) mod visible;

pub use human::{human, note};
pub use json::schema;
pub use object::{Object, Verdict};
pub use summary::{Counts, KindCount, Skipped, SkippedCounts, Summary, Tally, plural};

use std::io;
use std::path::Path;

use serde_json::Value;

use crate::diagnostic::{Finding, Severity};
use crate::policy::{Outcome, Silenced};
use crate::source::Sources;

/// A form of findings.
#[derive(Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Whether it shows objects; where none does, they need not be held.
    pub objects: bool,
    /// Writes a report; the last argument says whether colours are wanted.
    pub write: fn(&Report<'_>, &mut dyn io::Write, bool) -> io::Result<()>,
}

/// Every form, the usual one first.
pub static FORMATS: [Format; 9] = [
    Format { name: "human", objects: false, write: human::write },
    Format { name: "concise", objects: false, write: concise::write },
    Format { name: "json", objects: false, write: json::write },
    Format { name: "jsonl", objects: true, write: jsonl::write },
    Format { name: "sarif", objects: false, write: sarif::write },
    Format { name: "junit", objects: true, write: junit::write },
    Format { name: "tap", objects: true, write: tap::write },
    Format { name: "github", objects: false, write: github::write },
    Format { name: "gitlab", objects: false, write: gitlab::write },
];

/// The form of tables, which findings are not shown in.
pub static MARKDOWN: Format = Format { name: "markdown", objects: false, write: human::write };

/// The form of diagrams, which findings are not shown in either.
pub static MERMAID: Format = Format { name: "mermaid", objects: false, write: human::write };

/// The form of patches, which findings are not shown in either.
pub static PATCH: Format = Format { name: "patch", objects: false, write: human::write };

/// The form of pages, which findings are not shown in either.
pub static HTML: Format = Format { name: "html", objects: false, write: human::write };

/// What a run found: all that a form may need.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The texts that findings and objects point into.
    pub sources: &'a Sources,
    /// What is to be shown, in order.
    pub findings: Vec<&'a Finding>,
    /// The objects that were judged, in order, for the forms that show them.
    pub objects: Vec<&'a Object>,
    /// What was not judged.
    pub skipped: &'a [Skipped],
    /// The whole run in numbers, what is not shown included.
    pub summary: Summary,
    /// The minor version of Kubernetes 1 whose rules were applied to files.
    pub kubernetes: Option<u32>,
    /// The kinds that no schema is known for.
    pub without_schema: &'a [KindCount],
    /// What JSON says of each environment.
    pub environments: &'a [Value],
    /// What somebody silenced.
    pub silenced: &'a [Silenced],
    /// What people read after the findings.
    pub closing: &'a str,
    /// The directory that relative paths begin at, whole; where it is not known, no path leaves it.
    pub directory: Option<&'a Path>,
}

impl<'a> Report<'a> {
    /// A report of findings; the rest is added to it.
    #[must_use]
    pub fn new(sources: &'a Sources, findings: &'a [Finding]) -> Self {
        Self {
            sources,
            findings: findings.iter().collect(),
            objects: Vec::new(),
            skipped: &[],
            summary: Summary { counts: Counts::of(findings), ..Summary::default() },
            kubernetes: None,
            without_schema: &[],
            environments: &[],
            silenced: &[],
            closing: "",
            directory: None,
        }
    }

    /// Adds the objects that were judged.
    #[must_use]
    pub fn judged(mut self, tally: Tally, objects: &'a [Object]) -> Self {
        self.summary.tally = tally;
        self.objects = objects.iter().collect();
        self
    }

    /// Adds what was not judged.
    #[must_use]
    pub fn skipped(mut self, skipped: &'a [Skipped]) -> Self {
        self.summary.skipped = SkippedCounts::of(skipped);
        self.skipped = skipped;
        self
    }

    /// Adds what is not shown.
    #[must_use]
    pub fn hiding(mut self, outcome: &'a Outcome) -> Self {
        self.summary.silenced = outcome.silenced.len();
        self.summary.baseline = outcome.known.len();
        self.silenced = &outcome.silenced;
        self
    }

    /// Only what makes the run fail, and the objects that are invalid; the numbers stay.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.findings.retain(|finding| finding.severity == Severity::Error);
        self.objects.retain(|object| object.verdict == Verdict::Invalid);
        self
    }
}
