//! What a build says of the environments.

use std::io::Write;

use serde_json::{Value, json};

use super::{Built, State};
use crate::cli::args::Args;
use crate::diagnostic::Finding;
use crate::report::{Counts, plural};
use crate::tree::Outcome;

/// Which files differ, then a line for each environment, then the run in numbers.
pub(in crate::cli) fn account(
    args: &Args,
    built: &[Built],
    findings: &[Finding],
    elapsed: u128,
    stream: &mut dyn Write,
) -> anyhow::Result<()> {
    for built in built {
        if let State::Compared(stale) = &built.state {
            for (sign, paths) in [
                ("+", &stale.missing),
                ("~", &stale.changed),
                ("-", &stale.extra),
                ("!", &stale.foreign),
            ] {
                for path in paths {
                    writeln!(stream, "{sign} {}/{path}", built.directory)?;
                }
            }
        }
    }
    if args.quiet {
        return Ok(());
    }
    let width = built.iter().map(|built| built.name.len()).max().unwrap_or(0);
    for built in built {
        writeln!(
            stream,
            "{:width$}  {:>3} apps  {:>4} objects  {}",
            built.name,
            built.applications,
            built.objects,
            words(&built.state),
        )?;
    }
    let charts: usize = built.iter().map(|built| built.charts).sum();
    if charts > 0 {
        writeln!(
            stream,
            "\n{}: Argo CD renders them; what they bring is declared, not proven",
            plural(charts, "chart")
        )?;
    }
    let objects: usize = built.iter().map(|built| built.objects).sum();
    writeln!(
        stream,
        "\n{} with {} in {elapsed} ms; {}",
        plural(built.len(), "environment"),
        plural(objects, "object"),
        Counts::of(findings),
    )?;
    Ok(())
}

fn words(state: &State) -> String {
    match state {
        State::Done(Outcome { written: 0, removed: 0 }) => "unchanged".to_owned(),
        State::Done(Outcome { written: 0, removed }) => {
            format!("{} removed", plural(*removed, "file"))
        }
        State::Done(Outcome { written, removed: 0 }) => {
            format!("{} written", plural(*written, "file"))
        }
        State::Done(Outcome { written, removed }) => {
            format!("{} written, {removed} removed", plural(*written, "file"))
        }
        State::Planned(Outcome { written: 0, removed: 0 }) => "unchanged".to_owned(),
        State::Planned(Outcome { written, removed }) => {
            format!("{} to write, {removed} to remove", plural(*written, "file"))
        }
        State::Compared(stale) if stale.is_empty() => "current".to_owned(),
        State::Compared(stale) => {
            let verb = if stale.len() == 1 { "differs" } else { "differ" };
            format!("stale: {} {verb}; run `gitopsc build`", plural(stale.len(), "file"))
        }
        State::Kept => "not written: it has errors".to_owned(),
    }
}

/// What JSON says of an environment.
pub(in crate::cli) fn summary(built: &Built) -> Value {
    let mut summary = json!({
        "name": built.name,
        "applications": built.applications,
        "charts": built.charts,
        "objects": built.objects,
        "files": built.files.len(),
    });
    let (key, value) = match &built.state {
        State::Done(outcome) => {
            ("written", json!({"files": outcome.written, "removed": outcome.removed}))
        }
        State::Planned(outcome) => {
            ("planned", json!({"files": outcome.written, "removed": outcome.removed}))
        }
        State::Compared(stale) => {
            let named = |paths: &[String]| -> Vec<String> {
                paths.iter().map(|path| format!("{}/{path}", built.directory)).collect()
            };
            (
                "stale",
                json!({
                    "missing": named(&stale.missing),
                    "changed": named(&stale.changed),
                    "extra": named(&stale.extra),
                    "foreign": named(&stale.foreign),
                }),
            )
        }
        State::Kept => ("kept", json!(true)),
    };
    summary[key] = value;
    summary
}
