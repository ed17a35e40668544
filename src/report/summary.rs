//! A run in numbers.

use schemars::JsonSchema;
use serde::Serialize;

use super::object::Verdict;
use crate::diagnostic::{Finding, Severity};

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

/// The whole run in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Summary {
    /// Findings.
    #[serde(flatten)]
    pub counts: Counts,
    /// Objects.
    #[serde(flatten)]
    pub tally: Tally,
    /// Files that have objects; 0 where environments were judged.
    pub files: usize,
    /// What was not judged.
    pub skipped: SkippedCounts,
    /// Findings that somebody silenced, which are not among the others.
    pub silenced: usize,
    /// Findings that a baseline hides, which are not among the others.
    pub baseline: usize,
}

/// How many objects came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Objects that were judged; 0 where the command judges none.
    pub objects: usize,
    /// Objects that the API server would take.
    pub valid: usize,
    /// Objects that the API server would refuse.
    pub invalid: usize,
    /// Objects for which there was no schema, and which nothing else is known to be wrong with.
    pub without_schema: usize,
    /// Rules of objects that could not be evaluated.
    pub unknown_rules: usize,
    /// Faults at values that somebody else fills in, which are not told.
    pub placeholders: usize,
    /// References to what a chart, an operator or a file that was not read may make.
    pub unknown_references: usize,
}

/// How many objects of a kind there is no schema for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindCount {
    /// Group and version.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// How many.
    pub objects: usize,
}

/// How much was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct SkippedCounts {
    /// Whole files.
    pub files: usize,
    /// Documents of other files.
    pub documents: usize,
}

/// A file, or some documents of it, that hold no objects to judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// Why it was not judged.
    pub reason: String,
    /// How many documents; null for a whole file.
    pub documents: Option<usize>,
    /// The line of the first of them, from 1.
    pub line: Option<usize>,
}

impl Counts {
    /// Counts findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

impl Tally {
    /// Counts one object.
    pub fn add(&mut self, verdict: Verdict, unknown_rules: usize) {
        self.objects += 1;
        self.unknown_rules += unknown_rules;
        match verdict {
            Verdict::Valid => self.valid += 1,
            Verdict::Invalid => self.invalid += 1,
            Verdict::WithoutSchema => self.without_schema += 1,
        }
    }
}

impl SkippedCounts {
    /// Counts what was skipped.
    #[must_use]
    pub fn of(skipped: &[Skipped]) -> Self {
        Self {
            files: skipped.iter().filter(|one| one.documents.is_none()).count(),
            documents: skipped.iter().filter_map(|one| one.documents).sum(),
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<_> =
            [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, word)| plural(count, word))
                .collect();
        f.write_str(&if parts.is_empty() {
            "nothing to report".to_owned()
        } else {
            parts.join(", ")
        })
    }
}

/// `1 file`, `2 files`.
#[must_use]
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
