//! One line a finding, as compilers and editors write it.

use std::io::{self, Write};

use super::Report;
use super::visible::line;

/// `path:line:column: error[id]: message`.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    for finding in &report.findings {
        if let Some(place) = report.words(finding) {
            write!(out, "{}: ", line(&place))?;
        }
        let level = finding.severity.as_str();
        writeln!(out, "{level}[{}]: {}", finding.id, line(&finding.message))?;
    }
    if !report.findings.is_empty() && !report.closing.is_empty() {
        writeln!(out)?;
    }
    out.write_all(report.closing.as_bytes())
}
