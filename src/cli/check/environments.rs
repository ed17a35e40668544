//! Judging the objects of environments.

use std::fmt::Write as _;

use serde_json::json;

use super::examine::{Denied, Examination, Judged, Sum};
use crate::cli::Streams;
use crate::cli::argocd::Known;
use crate::cli::args::{Args, CheckArgs};
use crate::cli::output::{exit_code, settle, wants_objects, write_report};
use crate::cli::policy::{self, Settled};
use crate::cli::progress::Progress;
use crate::cli::session::{Session, environment_names, select};
use crate::diagnostic::{Finding, fold};
use crate::policy::{Looked, Outcome};
use crate::report::{Counts, Report, plural};
use crate::resolve::{Request, resolve};

/// Renders the environments in memory and judges every object.
pub(in crate::cli) fn run(
    session: &mut Session,
    args: &Args,
    check: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let chosen = &check.selection.environments;
    let only = select(&session.world, chosen)?;
    let names = match &only {
        Some(names) => names.clone(),
        None => environment_names(&session.world)?,
    };
    let mut findings = Vec::new();
    let options = chosen.iter().map(|name| format!("-e {name}"));
    let command = policy::command(args, check, options);
    let settled = Settled::open(&check.policy, &session.repo.settings, &command, &mut findings)?;
    let schemas = super::schemas(args, &check.schemas, &mut session.repo.sources)?;
    let plan = resolve(&session.repo, &Request { only, ..Request::default() });
    findings.extend(plan.findings.iter().cloned());
    findings.extend(schemas.findings.iter().cloned().chain(schemas.definitions().1));
    let mut sources = session.repo.sources.clone();
    let known = Known::read(&check.known, &mut sources)?;
    let progress = Progress::begin(args, streams);
    let examination = Examination {
        repo: &session.repo,
        plan: &plan,
        schemas: &schemas,
        known: &known,
        policy: settled.policy(),
        denied: Denied::of(args),
        minor: check.kubernetes_version.map(|version| version.0),
        progress: &progress,
    };
    let mut all = examination.run(&mut sources, |_, _, _| ())?;
    drop(progress);
    let sources = &sources;
    let Sum { rendering, findings: found, records, mut objects, tally, mut extent } =
        Sum::of(&mut all);
    findings.extend(rendering);
    if !wants_objects(args) {
        objects.clear();
    }
    extent.whole = chosen.is_empty() && extent.environments == names;
    extent.base = settled.base(std::iter::once((String::new(), session.world.root().to_owned())));
    let looked = Looked { sources, objects: &records, extent: &extent };
    let sorted = settled.policy().sort(found, looked);
    let mut outcome = settled.conclude(sorted, looked)?;
    findings.append(&mut outcome.findings);
    let findings = settle(args, fold(findings), sources);
    // What could not be resolved has no objects; that must not look like a clean result.
    let is_judged = |name: &&String| all.iter().any(|one| one.environment == **name);
    let unjudged: Vec<String> = names.iter().filter(|name| !is_judged(name)).cloned().collect();
    let closing =
        if args.quiet { String::new() } else { closing(&all, &unjudged, &findings, &outcome) };
    let environments = all.iter().map(|one| {
        json!({
            "name": one.environment,
            "kubernetes": format!("1.{}", one.minor),
            "objects": one.tally.objects,
            "valid": one.tally.valid,
            "invalid": one.tally.invalid,
            "withoutSchema": one.tally.without(),
            "unknownRules": one.tally.unknown_rules,
        })
    });
    let not_judged = unjudged.iter().map(|name| json!({"name": name, "notJudged": true}));
    let environments: Vec<_> = environments.chain(not_judged).collect();
    let without_schema = tally.kinds();
    let mut report =
        Report::new(sources, &findings).judged(tally.numbers(), &objects).hiding(&outcome);
    report.without_schema = &without_schema;
    report.environments = &environments;
    report.closing = &closing;
    write_report(args, streams, report)?;
    Ok(exit_code(&findings))
}

/// What people read after the findings.
fn closing(all: &[Judged], unjudged: &[String], findings: &[Finding], outcome: &Outcome) -> String {
    let mut text = String::new();
    for one in all {
        let (name, minor, without) = (&one.environment, one.minor, one.tally.without());
        let judged = plural(one.tally.objects - without, "object");
        let _ = writeln!(
            text,
            "{name}: {judged} judged for Kubernetes 1.{minor}, {without} without a schema"
        );
        for caveat in one.tally.caveats() {
            let _ = writeln!(text, "{name}: {caveat}");
        }
    }
    for name in unjudged {
        let _ = writeln!(text, "{name}: not judged, it has errors");
    }
    let counts = Counts::of(findings);
    let errors = plural(counts.errors, "error");
    let (warnings, notes) = (plural(counts.warnings, "warning"), plural(counts.notes, "note"));
    let hidden = policy::hidden(outcome);
    let _ = writeln!(text, "\n{errors}; {warnings}; {notes}{hidden}");
    text
}
