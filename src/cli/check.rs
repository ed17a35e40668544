//! `gitopsc check`.

use rayon::prelude::*;
use serde_json::json;

use super::Streams;
use super::args::{Args, Selection};
use super::output::{exit_code, wants_objects, write_report};
use super::session::{Session, environment_names, select};
use crate::check::{self, Judge};
use crate::diagnostic::{Finding, fold};
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
    findings: Vec<Finding>,
    tally: Tally,
    /// The objects, where a format shows them.
    objects: Vec<Object>,
}

/// Renders the environments in memory and judges every object.
pub(super) fn run(
    session: &mut Session,
    args: &Args,
    selection: &Selection,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let only = select(&session.world, &selection.environments)?;
    let names = match &only {
        Some(names) => names.clone(),
        None => environment_names(&session.world)?,
    };
    let mut plan = resolve(&session.repo, &Request { only, ..Request::default() });
    let mut found = Found { findings: std::mem::take(&mut plan.findings), ..Found::default() };
    let renderer = Renderer::new(&session.repo);
    let mut all = Vec::new();
    for environment in &plan.environments {
        all.push(judge(&session.repo.sources, &renderer, environment, &mut found));
    }
    let Found { findings, tally, mut objects } = found;
    if !wants_objects(args) {
        objects.clear();
    }
    let findings = fold(findings);
    // What could not be resolved has no objects; that must not look like a clean result.
    let is_judged = |name: &&String| all.iter().any(|one| one.environment == **name);
    let unjudged: Vec<String> = names.iter().filter(|name| !is_judged(name)).cloned().collect();
    let closing = if args.quiet { String::new() } else { closing(&all, &unjudged, &findings) };
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
    let mut report = Report::new(sources, &findings).judged(tally, &objects);
    report.environments = &environments;
    report.closing = &closing;
    write_report(args, streams, report)?;
    Ok(exit_code(args, &findings))
}

/// What people read after the findings.
fn closing(all: &[Judged], unjudged: &[String], findings: &[Finding]) -> String {
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
    let last = format!("\n{errors}; {warnings}; {notes}\n");
    judged.chain(unjudged).chain([last]).collect()
}

fn judge(
    sources: &Sources,
    renderer: &Renderer<'_>,
    environment: &Environment,
    found: &mut Found,
) -> Judged {
    let minor = minor(environment);
    let rendered = renderer.environment(environment);
    let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
    let definitions = Definitions::default();
    let judge = Judge::new(minor, &definitions);
    let verdicts: Vec<_> =
        manifests.par_iter().map(|manifest| judge.object(&manifest.node)).collect();
    let without_schema = verdicts.iter().filter(|verdict| !verdict.has_schema).count();
    found.findings.extend(rendered.iter().flat_map(|output| output.findings.iter().cloned()));
    for (manifest, verdict) in manifests.iter().zip(verdicts) {
        let object = object(sources, environment, manifest, &verdict);
        found.tally.add(object.verdict, verdict.unknown.len());
        found.objects.push(object);
        found.findings.extend(verdict.faults.into_iter().map(|fault| {
            fault
                .into_finding(sources)
                .about(manifest.key.to_string())
                .in_environment(&environment.name)
        }));
    }
    let environment = environment.name.clone();
    Judged { environment, minor, objects: manifests.len(), without_schema }
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
