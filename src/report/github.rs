//! Workflow commands: GitHub shows each finding beside its line.

use std::io::{self, Write};

use super::Report;
use super::place::Unit;
use super::visible::{line, visible};
use crate::diagnostic::{Finding, Severity};

/// `::error file=…,line=…,col=…,title=…::message`, one line a finding.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    for finding in &report.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let properties: Vec<_> = properties(report, finding)
            .into_iter()
            .map(|(name, value)| format!("{name}={}", property(&value)))
            .collect();
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&text(finding)))?;
    }
    Ok(())
}

fn properties(report: &Report<'_>, finding: &Finding) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if let Some(file) = report.file(finding) {
        properties.push(("file", report.plain(file).into_owned()));
    }
    if let Some(place) = report.first_place(finding, Unit::Character) {
        properties.push(("line", place.line.to_string()));
        properties.push(("endLine", place.end_line.to_string()));
        // Columns are for a place within one line only.
        if place.line == place.end_line {
            properties.push(("col", place.column.to_string()));
            properties.push(("endColumn", place.end_column.to_string()));
        }
    }
    properties.push(("title", finding.id.to_owned()));
    properties
}

/// What stands beside the line.
fn text(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    match (&finding.object, &finding.field) {
        (Some(object), Some(field)) => lines.push(format!("in {object}, field {field}")),
        (Some(object), None) => lines.push(format!("in {object}")),
        (None, Some(field)) => lines.push(format!("field {field}")),
        (None, None) => {}
    }
    if !finding.environments.is_empty() {
        lines.push(format!("in {}", finding.environments.join(", ")));
    }
    lines.extend(finding.notes.iter().cloned());
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    visible(&lines.join("\n"))
}

/// Escapes what follows `::`, as `escapeData` of `@actions/core` does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, as `escapeProperty` of `@actions/core` does.
fn property(text: &str) -> String {
    data(&line(text)).replace(':', "%3A").replace(',', "%2C")
}
