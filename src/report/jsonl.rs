//! The document line by line: each object, each finding, what was skipped, and the numbers.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{self, VERSION};
use super::object::{Object, Verdict};
use super::{Report, Skipped, Summary};

/// One line; `type` says what it is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Line<'a> {
    /// An object that was judged.
    Object(Judged<'a>),
    /// A finding.
    Finding(json::Finding<'a>),
    /// What was not judged.
    Skipped(&'a Skipped),
    /// The last line.
    Summary(Closing),
}

/// An object that was judged.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Judged<'a> {
    /// What names the object, as findings do.
    key: String,
    /// API group without version; empty for the core group.
    group: &'a str,
    /// Kind.
    kind: &'a str,
    /// Namespace; null where the object states none.
    namespace: Option<&'a str>,
    /// Name.
    name: &'a str,
    /// The file that it is written in.
    file: &'a str,
    /// The line in it, from 1.
    line: usize,
    /// The column, from 1, in characters.
    column: usize,
    /// The environment that it was rendered for.
    environment: Option<&'a str>,
    /// What came of it.
    verdict: Verdict,
}

/// The run in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Closing {
    /// The version of the form, as in the document.
    version: u32,
    /// The numbers, as in the document.
    #[serde(flatten)]
    summary: Summary,
}

/// Every line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    for object in &report.objects {
        write_line(out, &Line::Object(judged(object)))?;
    }
    for finding in &report.findings {
        write_line(out, &Line::Finding(json::one(report, finding)))?;
    }
    for skipped in report.skipped {
        write_line(out, &Line::Skipped(skipped))?;
    }
    let summary = report.summary.clone();
    write_line(out, &Line::Summary(Closing { version: VERSION, summary }))
}

fn write_line(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn judged(object: &Object) -> Judged<'_> {
    let namespace = &*object.key.namespace;
    Judged {
        key: object.key.to_string(),
        group: &object.key.group_kind.group,
        kind: &object.key.group_kind.kind,
        namespace: (!namespace.is_empty()).then_some(namespace),
        name: &object.key.name,
        file: &object.file,
        line: object.line,
        column: object.column,
        environment: object.environment.as_deref(),
        verdict: object.verdict,
    }
}
