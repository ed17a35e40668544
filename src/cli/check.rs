//! `gitopsc check`.

use rayon::prelude::*;
use serde_json::json;

use super::Streams;
use super::args::{Args, CheckArgs};
use super::output::{exit_code, wants_objects, write_report};
use super::policy::{self, Settled};
use super::session::{Session, environment_names, select};
use crate::check::{self, Judge};
use crate::diagnostic::{Finding, Severity, fold};
use crate::policy::{Extent, Looked, Object as Record, Outcome};
use crate::render::{Manifest, Renderer};
use crate::report::{Counts, Object, Report, Tally, Verdict, plural};
use crate::resolve::{Environment, Request, resolve};
use crate::schema::{Definitions, NEWEST};
use crate::source::Sources;

/// What came of the objects of one environment.
struct Judged {
    environment: String,
    minor: u32,
    objects: usize,
    /// Objects of kinds that are not Kubernetes' own.
    without_schema: usize,
}

/// What came of all environments together.
#[derive(Default)]
struct Found {
    /// What is wrong with objects.
    findings: Vec<Finding>,
    records: Vec<Record>,
    tally: Tally,
    /// The objects, where a format shows them.
    objects: Vec<Object>,
}

/// Renders the environments in memory and judges every object.
pub(super) fn run(
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
    let options: String = chosen.iter().map(|name| format!(" -e {name}")).collect();
    let mut of_settings = Vec::new();
    let settled = Settled::open(
        &check.policy,
        &session.repo.settings,
        &format!("gitopsc check{options}"),
        &mut of_settings,
    )?;
    let mut plan = resolve(&session.repo, &Request { only, ..Request::default() });
    let mut findings = std::mem::take(&mut plan.findings);
    findings.extend(of_settings);
    let renderer = Renderer::new(&session.repo);
    let (mut found, mut extent) = (Found::default(), Extent::default());
    let mut all = Vec::new();
    for environment in &plan.environments {
        let (judged, mut rendering) =
            judge(&session.repo.sources, &renderer, environment, &mut found);
        if rendering.iter().all(|finding| finding.severity < Severity::Error) {
            extent.environments.insert(judged.environment.clone());
        }
        all.push(judged);
        findings.append(&mut rendering);
    }
    let Found { findings: found, records, tally, mut objects } = found;
    if !wants_objects(args) {
        objects.clear();
    }
    extent.whole = chosen.is_empty() && extent.environments == names;
    let looked = Looked { sources: &session.repo.sources, objects: &records, extent: &extent };
    let sorted = settled.policy().sort(found, looked);
    let mut outcome = settled.conclude(sorted, looked)?;
    findings.append(&mut outcome.findings);
    let findings = fold(findings);
    // What could not be resolved has no objects; that must not look like a clean result.
    let is_judged = |name: &&String| all.iter().any(|one| one.environment == **name);
    let unjudged: Vec<String> = names.iter().filter(|name| !is_judged(name)).cloned().collect();
    let closing =
        if args.quiet { String::new() } else { closing(&all, &unjudged, &findings, &outcome) };
    let environments = all.iter().map(|one| {
        json!({
            "name": one.environment,
            "kubernetes": format!("1.{}", one.minor),
            "objects": one.objects,
            "withoutSchema": one.without_schema,
        })
    });
    let not_judged = unjudged.iter().map(|name| json!({"name": name, "notJudged": true}));
    let environments: Vec<_> = environments.chain(not_judged).collect();
    let sources = &session.repo.sources;
    let mut report = Report::new(sources, &findings).judged(tally, &objects).hiding(&outcome);
    report.environments = &environments;
    report.closing = &closing;
    write_report(args, streams, report)?;
    Ok(exit_code(args, &findings))
}

/// What people read after the findings.
fn closing(all: &[Judged], unjudged: &[String], findings: &[Finding], outcome: &Outcome) -> String {
    let judged = all.iter().map(|one| {
        format!(
            "{}: {} judged for Kubernetes 1.{}, {} without a schema\n",
            one.environment,
            plural(one.objects - one.without_schema, "object"),
            one.minor,
            one.without_schema
        )
    });
    let unjudged = unjudged.iter().map(|name| format!("{name}: not judged, it has errors\n"));
    let counts = Counts::of(findings);
    let errors = plural(counts.errors, "error");
    let (warnings, notes) = (plural(counts.warnings, "warning"), plural(counts.notes, "note"));
    let hidden = policy::hidden(outcome);
    let last = format!("\n{errors}; {warnings}; {notes}{hidden}\n");
    judged.chain(unjudged).chain([last]).collect()
}

fn judge(
    sources: &Sources,
    renderer: &Renderer<'_>,
    environment: &Environment,
    found: &mut Found,
) -> (Judged, Vec<Finding>) {
    let minor = minor(environment);
    let rendered = renderer.environment(environment);
    let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
    let definitions = Definitions::default();
    let judge = Judge::new(minor, &definitions);
    let verdicts: Vec<_> =
        manifests.par_iter().map(|manifest| judge.object(&manifest.node)).collect();
    let without_schema = verdicts.iter().filter(|verdict| !verdict.has_schema).count();
    let rendering = rendered.iter().flat_map(|output| output.findings.iter().cloned()).collect();
    for (manifest, verdict) in manifests.iter().zip(verdicts) {
        let object = object(sources, environment, manifest, &verdict);
        found.tally.add(object.verdict, verdict.unknown.len());
        found.objects.push(object);
        let name = manifest.key.to_string();
        found.records.push(Record::new(
            &manifest.node,
            name.clone(),
            Some(&environment.name),
            &verdict,
        ));
        found.findings.extend(verdict.faults.into_iter().map(|fault| {
            fault.into_finding(sources).about(name.as_str()).in_environment(&environment.name)
        }));
    }
    let environment = environment.name.clone();
    (Judged { environment, minor, objects: manifests.len(), without_schema }, rendering)
}

/// A judged object as reports show it.
fn object(
    sources: &Sources,
    environment: &Environment,
    manifest: &Manifest,
    verdict: &check::Verdict,
) -> Object {
    let source = sources.get(manifest.node.span.file);
    let (line, column) = source.line_column(manifest.node.span.start);
    Object {
        key: manifest.key.clone(),
        file: source.path.clone(),
        line,
        column,
        environment: Some(environment.name.clone()),
        verdict: match verdict.faults.iter().any(|fault| fault.reason.is_some()) {
            true => Verdict::Invalid,
            false if verdict.has_schema => Verdict::Valid,
            false => Verdict::WithoutSchema,
        },
    }
}

/// The minor version of Kubernetes that an environment states; the newest that is known where it
/// states none.
fn minor(environment: &Environment) -> u32 {
    let version = environment.spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
    let minor = version.and_then(|version| version.split('.').nth(1)?.parse().ok());
    minor.unwrap_or(NEWEST)
}
