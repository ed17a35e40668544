//! A run in numbers.

use schemars::JsonSchema;
use serde::Serialize;

use super::object::{Object, Verdict};
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
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Findings.
    #[serde(flatten)]
    pub counts: Counts,
    /// Objects that were judged; 0 where the command judges none.
    pub objects: usize,
    /// Objects that the API server would take.
    pub valid: usize,
    /// Objects that the API server would refuse.
    pub invalid: usize,
    /// Objects for which there was no schema, and which nothing else is known to be wrong with.
    pub without_schema: usize,
    /// Rules of objects that could not be evaluated.
    pub rules_unknown: usize,
    /// Files that hold no objects, by the reason.
    pub skipped: Vec<Skipped>,
}

/// Files that were skipped for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Skipped {
    /// The reason.
    pub reason: String,
    /// How many files.
    pub files: usize,
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

impl Summary {
    /// Counts findings and verdicts.
    #[must_use]
    pub fn of(findings: &[Finding], objects: &[Object], skipped: &[Skipped]) -> Self {
        let count = |verdict| objects.iter().filter(|object| object.verdict == verdict).count();
        Self {
            counts: Counts::of(findings),
            objects: objects.len(),
            valid: count(Verdict::Valid),
            invalid: count(Verdict::Invalid),
            without_schema: count(Verdict::WithoutSchema),
            rules_unknown: objects.iter().map(|object| object.rules_unknown).sum(),
            skipped: skipped.to_vec(),
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
