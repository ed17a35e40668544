//! `gitopsc check`.

use rayon::prelude::*;
use serde_json::json;

use super::Streams;
use super::args::{Args, Selection};
use super::output::{exit_code, print_findings, write_all};
use super::session::{Session, environment_names, select};
use crate::check::Judge;
use crate::diagnostic::{Finding, fold};
use crate::render::Renderer;
use crate::report::{self, Counts, plural};
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
    let mut findings = std::mem::take(&mut plan.findings);
    let renderer = Renderer::new(&session.repo);
    let mut all = Vec::new();
    for environment in &plan.environments {
        let (judged, found) = judge(&renderer, environment, &session.repo.sources);
        all.push(judged);
        findings.extend(found);
    }
    let findings = fold(findings);
    // What could not be resolved has no objects; that must not look like a clean result.
    let is_judged = |name: &&String| all.iter().any(|one| one.environment == **name);
    let unjudged: Vec<&String> = names.iter().filter(|name| !is_judged(name)).collect();
    write_all(
        args,
        streams,
        |stream, color| {
            print_findings(args, &findings, &session.repo.sources, color, stream)?;
            if args.quiet {
                return Ok(());
            }
            for one in &all {
                writeln!(
                    stream,
                    "{}: {} judged for Kubernetes 1.{}, {} without a schema",
                    one.environment,
                    plural(one.objects - one.without_schema, "object"),
                    one.minor,
                    one.without_schema
                )?;
            }
            for name in &unjudged {
                writeln!(stream, "{name}: not judged, it has errors")?;
            }
            let counts = Counts::of(&findings);
            let errors = plural(counts.errors, "error");
            let (warnings, notes) =
                (plural(counts.warnings, "warning"), plural(counts.notes, "note"));
            Ok(writeln!(stream, "\n{errors}; {warnings}; {notes}")?)
        },
        || {
            let environments = all.iter().map(|one| {
                json!({
                    "name": one.environment,
                    "kubernetes": format!("1.{}", one.minor),
                    "objects": one.objects,
                    "withoutSchema": one.without_schema,
                })
            });
            let unjudged = unjudged.iter().map(|name| json!({"name": name, "notJudged": true}));
            report::json(&findings, &session.repo.sources, &environments.chain(unjudged).collect())
        },
    )?;
    Ok(exit_code(args, &findings))
}

fn judge(
    renderer: &Renderer<'_>,
    environment: &Environment,
    sources: &Sources,
) -> (Judged, Vec<Finding>) {
    let minor = minor(environment);
    let rendered = renderer.environment(environment);
    let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
    let definitions = Definitions::default();
    let judge = Judge::new(minor, &definitions);
    let verdicts: Vec<_> =
        manifests.par_iter().map(|manifest| judge.object(&manifest.node)).collect();
    let without_schema = verdicts.iter().filter(|verdict| !verdict.has_schema).count();
    let mut findings: Vec<Finding> =
        rendered.iter().flat_map(|output| output.findings.iter().cloned()).collect();
    for (manifest, verdict) in manifests.iter().zip(verdicts) {
        findings.extend(verdict.faults.into_iter().map(|fault| {
            fault
                .into_finding(sources)
                .about(manifest.key.to_string())
                .in_environment(&environment.name)
        }));
    }
    let environment = environment.name.clone();
    (Judged { environment, minor, objects: manifests.len(), without_schema }, findings)
}

/// The minor version of Kubernetes that an environment states; the newest that is known where it
/// states none.
fn minor(environment: &Environment) -> u32 {
    let version = environment.spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
    let minor = version.and_then(|version| version.split('.').nth(1)?.parse().ok());
    minor.unwrap_or(NEWEST)
}
