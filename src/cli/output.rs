//! Findings and results to where they were asked for.

use std::io::Write;

use anyhow::Context;
use serde_json::Value;

use super::Streams;
use super::args::{Args, ColorArg, DenyArg, Format};
use crate::diagnostic::{Finding, Severity};
use crate::report;
use crate::source::Sources;

/// The exit code that findings ask for.
pub(super) fn exit_code(args: &Args, findings: &[Finding]) -> u8 {
    let counts = report::Counts::of(findings);
    let denied = args.denies(DenyArg::Warnings) && counts.warnings > 0;
    u8::from(counts.errors > 0 || denied)
}

/// What a command says that is not about findings: errors, and warnings where they are denied.
pub(super) fn grave(args: &Args, mut findings: Vec<Finding>) -> Vec<Finding> {
    let least = if args.denies(DenyArg::Warnings) { Severity::Warning } else { Severity::Error };
    findings.retain(|finding| finding.severity >= least);
    findings
}

/// Findings for people, on a stream.
pub(super) fn print_findings(
    args: &Args,
    findings: &[Finding],
    sources: &Sources,
    color: bool,
    stream: &mut dyn Write,
) -> anyhow::Result<()> {
    let color = match args.color {
        ColorArg::Auto => color,
        ColorArg::Always => true,
        ColorArg::Never => false,
    };
    let (notes, grave): (Vec<_>, Vec<_>) =
        findings.iter().partition(|finding| finding.severity == Severity::Note);
    for finding in grave {
        if !args.quiet || finding.severity == Severity::Error {
            writeln!(stream, "{}", report::human(finding, sources, color))?;
        }
    }
    if !args.quiet && !notes.is_empty() {
        for finding in notes {
            writeln!(stream, "{}", report::note(finding, sources))?;
        }
        writeln!(stream)?;
    }
    Ok(())
}

/// Writes a result in every format that was asked for; for people if none was.
pub(super) fn write_all(
    args: &Args,
    streams: &mut Streams<'_>,
    human: impl Fn(&mut dyn Write, bool) -> anyhow::Result<()>,
    json: impl Fn() -> Value,
) -> anyhow::Result<()> {
    if args.output.is_empty() {
        return human(streams.out, streams.color);
    }
    for output in &args.output {
        let mut text = Vec::new();
        match output.format {
            Format::Human => human(&mut text, output.file.is_none() && streams.color)?,
            Format::Json => {
                text = serde_json::to_vec_pretty(&json())?;
                text.push(b'\n');
            }
        }
        match &output.file {
            Some(file) => crate::world::write_result(file, &text)
                .with_context(|| format!("cannot write `{}`", file.display()))?,
            None => streams.out.write_all(&text)?,
        }
    }
    Ok(())
}
