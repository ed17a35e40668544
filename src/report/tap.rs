//! The Test Anything Protocol, version 14: one test an object, what was found in a YAML block.
//! <https://testanything.org/tap-version-14-specification.html>

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Report;
use super::case::{Case, Outcome, suites};
use super::place::Unit;
use super::visible::{line, visible};
use crate::diagnostic::Finding;
use crate::source::{Sources, Span};
use crate::yaml;

/// The stream.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    let suites = suites(report);
    let total: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    writeln!(out, "TAP version 14")?;
    if total == 0 {
        return writeln!(out, "1..0 # SKIP nothing to show");
    }
    writeln!(out, "1..{total}")?;
    let cases = suites.iter().flat_map(|suite| suite.cases.iter().map(|case| (&*suite.name, case)));
    for (at, (suite, case)) in cases.enumerate() {
        let not = if case.outcome == Outcome::Failed { "not " } else { "" };
        let skip = if case.outcome == Outcome::Skipped { " # SKIP no schema" } else { "" };
        let name = description(&format!("{suite}: {}", case.name));
        writeln!(out, "{not}ok {} - {name}{skip}", at + 1)?;
        if !case.findings.is_empty() {
            block(out, &diagnostics(report, case))?;
        }
    }
    Ok(())
}

/// A line in which nothing is a directive.
fn description(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn diagnostics(report: &Report<'_>, case: &Case<'_>) -> Value {
    let findings: Vec<_> = case.findings.iter().map(|finding| one(report, finding)).collect();
    json!({"findings": findings})
}

fn one(report: &Report<'_>, finding: &Finding) -> Value {
    let place = report.first_place(finding, Unit::Character);
    let fields = [
        ("id", Some(json!(finding.id))),
        ("level", Some(json!(finding.severity.as_str()))),
        ("message", Some(json!(visible(&finding.message)))),
        ("file", report.file(finding).map(|file| json!(visible(file)))),
        ("line", place.map(|place| json!(place.line))),
        ("column", place.map(|place| json!(place.column))),
        ("field", finding.field.as_ref().map(|field| json!(visible(field)))),
        ("notes", (!finding.notes.is_empty()).then(|| notes(finding))),
        ("help", finding.help.as_ref().map(|help| json!(visible(help)))),
    ];
    let known = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect::<Map<_, _>>())
}

fn notes(finding: &Finding) -> Value {
    finding.notes.iter().map(|note| visible(note)).collect()
}

/// A YAML block, which every line of it shows by two spaces.
fn block(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let nowhere = Span::new(Sources::default().add("", ""), 0..0);
    writeln!(out, "  ---")?;
    for line in yaml::emit(&yaml::from_json(value, nowhere)).lines() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "  ...")
}
