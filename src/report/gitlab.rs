//! The part of the Code Climate form that GitLab reads as a code quality report.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::fingerprint::Fingerprints;
use super::place::Unit;
use super::visible::visible;
use crate::diagnostic::Severity;

#[derive(Debug, Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: usize,
}

/// A list of issues.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let issues: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let about = finding.object.as_ref().map(|object| format!(" ({object})"));
            let place = report.first_place(finding, Unit::Character);
            Issue {
                description: visible(&format!("{}{}", finding.message, about.unwrap_or_default())),
                check_name: finding.id,
                fingerprint: fingerprints.next(report, finding),
                severity: match finding.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                location: Location {
                    path: report.plain(&report.some_file(finding)).into_owned(),
                    lines: Lines { begin: place.map_or(1, |place| place.line) },
                },
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}
