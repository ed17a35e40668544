//! Findings for programs. The document's form is versioned and documented in `docs/output.md`.

use serde_json::{Value, json};

use super::Counts;
use crate::diagnostic::{Finding, Label};
use crate::source::Sources;

/// All findings of a run as one JSON document.
#[must_use]
pub fn json(findings: &[Finding], sources: &Sources, environments: &Value) -> Value {
    let counts = Counts::of(findings);
    json!({
        "version": 1,
        "summary": {
            "errors": counts.errors,
            "warnings": counts.warnings,
            "notes": counts.notes,
        },
        "environments": environments,
        "findings": findings.iter().map(|finding| one(finding, sources)).collect::<Vec<_>>(),
    })
}

fn one(finding: &Finding, sources: &Sources) -> Value {
    let first = finding.labels.first().map(|label| place(label, sources));
    let path = finding.path.as_ref().map(|path| json!({"file": path}));
    json!({
        "id": finding.id,
        "level": finding.severity.as_str(),
        "message": finding.message,
        "place": first.or(path),
        "labels": finding.labels.iter().map(|label| place(label, sources)).collect::<Vec<_>>(),
        "object": finding.object,
        "field": finding.field,
        "environments": finding.environments,
        "notes": finding.notes,
        "help": finding.help,
    })
}

fn place(label: &Label, sources: &Sources) -> Value {
    let source = sources.get(label.span.file);
    let (line, column) = source.line_column(label.span.start);
    let (end_line, end_column) = source.line_column(label.span.end);
    json!({
        "file": &*source.path,
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
        "text": label.text,
    })
}
