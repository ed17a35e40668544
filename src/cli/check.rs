//! `gitopsc check`.

use rayon::prelude::*;
use serde_json::json;

use super::Streams;
use super::args::{Args, CheckArgs};
use super::output::{exit_code, print_findings, write_all};
use super::policy::{self, Settled};
use super::session::{Session, environment_names, select};
use crate::check::Judge;
use crate::diagnostic::{Finding, Severity, fold};
use crate::policy::{Extent, Looked, Object};
use crate::render::Renderer;
use crate::report::{self, Counts, plural};
use crate::resolve::{Environment, Request, resolve};
use crate::schema::{Definitions, NEWEST};

/// What came of the objects of one environment.
struct Judged {
    environment: String,
    minor: u32,
    objects: usize,
    /// Objects of kinds that are not Kubernetes' own.
    without_schema: usize,
    /// What is wrong with what was rendered.
    rendering: Vec<Finding>,
    records: Vec<Object>,
    findings: Vec<Finding>,
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
    let mut all: Vec<Judged> =
        plan.environments.iter().map(|environment| judge(&renderer, environment)).collect();
    let (mut found, mut objects, mut extent) = (Vec::new(), Vec::new(), Extent::default());
    for one in &mut all {
        found.append(&mut one.findings);
        objects.append(&mut one.records);
        if one.rendering.iter().all(|finding| finding.severity < Severity::Error) {
            extent.environments.insert(one.environment.clone());
        }
        findings.append(&mut one.rendering);
    }
    extent.whole = chosen.is_empty() && extent.environments == names;
    let looked = Looked { sources: &session.repo.sources, objects: &objects, extent: &extent };
    let sorted = settled.policy().sort(found, looked);
    let mut outcome = settled.conclude(sorted, looked)?;
    findings.append(&mut outcome.findings);
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
            let hidden = policy::hidden(&outcome);
            Ok(writeln!(stream, "\n{errors}; {warnings}; {notes}{hidden}")?)
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
            let sources = &session.repo.sources;
            let mut document =
                report::json(&findings, sources, &environments.chain(unjudged).collect());
            policy::add_json(&mut document, &outcome, sources);
            document
        },
    )?;
    Ok(exit_code(args, &findings))
}

fn judge(renderer: &Renderer<'_>, environment: &Environment) -> Judged {
    let minor = minor(environment);
    let rendered = renderer.environment(environment);
    let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
    let definitions = Definitions::default();
    let judge = Judge::new(minor, &definitions);
    let verdicts: Vec<_> =
        manifests.par_iter().map(|manifest| judge.object(&manifest.node)).collect();
    let without_schema = verdicts.iter().filter(|verdict| !verdict.has_schema).count();
    let rendering = rendered.iter().flat_map(|output| output.findings.iter().cloned()).collect();
    let (mut records, mut findings) = (Vec::new(), Vec::new());
    for (manifest, verdict) in manifests.iter().zip(verdicts) {
        let name = manifest.key.to_string();
        records.push(Object::new(&manifest.node, name.clone(), Some(&environment.name), &verdict));
        findings.extend(verdict.faults.into_iter().map(|fault| {
            fault.into_finding().about(name.as_str()).in_environment(&environment.name)
        }));
    }
    let environment = environment.name.clone();
    let objects = manifests.len();
    Judged { environment, minor, objects, without_schema, rendering, records, findings }
}

/// The minor version of Kubernetes that an environment states; the newest that is known where it
/// states none.
fn minor(environment: &Environment) -> u32 {
    let version = environment.spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
    let minor = version.and_then(|version| version.split('.').nth(1)?.parse().ok());
    minor.unwrap_or(NEWEST)
}
