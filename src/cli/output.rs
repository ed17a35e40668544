//! Findings and results to where they were asked for.

use std::io::Write;

use anyhow::{Context, bail};
use serde_json::Value;

use super::Streams;
use super::args::{Args, ColorArg, Command, DenyArg, OutputArg};
use crate::diagnostic::{Finding, Severity, by_place, fold};
use crate::report::{self, FORMATS, Report, visible};
use crate::source::Sources;

/// What a format is for, and the commands that have it; every command has the other formats.
pub(super) fn purpose(format: &str) -> Option<(&'static str, &'static [&'static str])> {
    match format {
        "human" | "json" => None,
        "markdown" => Some(("tables and differences", &["budget", "diff"])),
        "patch" | "html" => Some(("differences", &["diff"])),
        "mermaid" => Some(("diagrams", &["apps"])),
        _ => Some(("findings", &["build", "check", "publish", "resolve"])),
    }
}

/// Refuses formats that the command does not have.
pub(super) fn validate(args: &Args) -> anyhow::Result<()> {
    let command = match args.command {
        Command::Apps(_) => "apps",
        Command::Budget(_) => "budget",
        Command::Build(_) => "build",
        Command::Check(_) => "check",
        Command::Diff(_) => "diff",
        Command::Publish(_) => "publish",
        Command::Resolve => "resolve",
        _ => "",
    };
    for output in &args.output {
        let name = output.format.name;
        if let Some((what, commands)) = purpose(name)
            && !commands.contains(&command)
        {
            let commands = commands.join("`, `");
            let commands = match commands.rsplit_once(", ") {
                Some((others, last)) => format!("{others} and {last}"),
                None => commands,
            };
            bail!("`{name}` is a format of {what}: it goes with `{commands}`");
        }
    }
    Ok(())
}

/// How many files a sentence names.
const NAMED: usize = 3;

/// What stands beside a warning that is denied.
const DENIED: &str = "a warning, which `--deny warnings` makes an error";

/// Findings as they count and are shown: in order, and warnings as errors where they are denied.
pub(super) fn settle(args: &Args, mut findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    if args.denies(DenyArg::Warnings) {
        for finding in findings.iter_mut().filter(|one| one.severity == Severity::Warning) {
            finding.severity = Severity::Error;
            finding.notes.push(DENIED.to_owned());
        }
    }
    by_place(&mut findings, sources);
    findings
}

/// The exit code that findings ask for.
pub(super) fn exit_code(findings: &[Finding]) -> u8 {
    u8::from(report::Counts::of(findings).errors > 0)
}

/// What a command says that is not about findings: errors alone.
pub(super) fn grave(args: &Args, findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut findings = settle(args, fold(findings), sources);
    findings.retain(|finding| finding.severity == Severity::Error);
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
    let report = Report::new(sources, findings);
    let report = if args.quiet { report.quiet() } else { report };
    Ok((FORMATS[0].write)(&report, stream, wants_color(args, color))?)
}

/// Some paths, of which the first few are named.
pub(super) fn listed(paths: &[String]) -> String {
    let mut names: Vec<String> = paths.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    if paths.len() > NAMED {
        names.push(format!("{} more", paths.len() - NAMED));
    }
    names.join(", ")
}

fn wants_color(args: &Args, shows_color: bool) -> bool {
    match args.color {
        ColorArg::Auto => shows_color,
        ColorArg::Always => true,
        ColorArg::Never => false,
    }
}

/// Whether one of the formats shows the objects that were judged.
pub(super) fn wants_objects(args: &Args) -> bool {
    args.output.iter().any(|output| output.format.objects)
}

/// Writes findings in every format that was asked for; for people if none was.
pub(super) fn write_report(
    args: &Args,
    streams: &mut Streams<'_>,
    mut report: Report<'_>,
) -> anyhow::Result<()> {
    if args.quiet {
        report = report.quiet();
    }
    let color = wants_color(args, streams.color);
    if args.output.is_empty() {
        return Ok((FORMATS[0].write)(&report, streams.out, color)?);
    }
    for output in files_first(args) {
        match &output.file {
            Some(file) => {
                let mut text = Vec::new();
                (output.format.write)(&report, &mut text, wants_color(args, false))?;
                write_file(file, &text)?;
            }
            None => (output.format.write)(&report, streams.out, color)?,
        }
    }
    Ok(())
}

/// Whoever reads standard output may go away; the files are complete by then.
fn files_first(args: &Args) -> impl Iterator<Item = &OutputArg> {
    let (files, stdout): (Vec<_>, Vec<_>) =
        args.output.iter().partition(|output| output.file.is_some());
    files.into_iter().chain(stdout)
}

fn write_file(file: &std::path::Path, text: &[u8]) -> anyhow::Result<()> {
    crate::world::write_result(file, text)
        .with_context(|| format!("cannot write `{}`", file.display()))
}

/// Writes a result that is not findings in every format that was asked for; for people if none was.
pub(super) fn write_all(
    args: &Args,
    streams: &mut Streams<'_>,
    human: impl Fn(&mut dyn Write, bool) -> anyhow::Result<()>,
    json: impl Fn() -> Value,
) -> anyhow::Result<()> {
    write_forms(args, streams, |stream, form, color| match form {
        "json" => Ok(writeln!(stream, "{}", visible::json(&json())?)?),
        _ => human(stream, color),
    })
}

/// Writes a result in every format that was asked for, each by its name; for people if none was.
/// The last argument says whether colours are wanted.
pub(super) fn write_forms(
    args: &Args,
    streams: &mut Streams<'_>,
    write: impl Fn(&mut dyn Write, &str, bool) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if args.output.is_empty() {
        return write(streams.out, FORMATS[0].name, streams.color);
    }
    for output in files_first(args) {
        let mut text = Vec::new();
        write(&mut text, output.format.name, output.file.is_none() && streams.color)?;
        match &output.file {
            Some(file) => write_file(file, &text)?,
            // To programs it is what its bytes say; a terminal carries out what acts.
            None if streams.is_terminal && output.format.name == "patch" => {
                let text = visible::visible(&String::from_utf8_lossy(&text));
                streams.out.write_all(text.as_bytes())?;
            }
            None => streams.out.write_all(&text)?,
        }
    }
    Ok(())
}
