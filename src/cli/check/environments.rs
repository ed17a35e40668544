//! Judging the objects that environments render.

use rayon::prelude::*;
use serde_json::json;

use super::object::{Denied, Tally};
use crate::check::Judge;
use crate::cli::Streams;
use crate::cli::args::{Args, CheckArgs};
use crate::cli::output::{exit_code, print_findings, write_all};
use crate::cli::session::{Session, environment_names, select};
use crate::diagnostic::{Finding, fold};
use crate::load::Schemas;
use crate::render::Renderer;
use crate::report::{self, Counts, plural};
use crate::resolve::{Environment, Request, resolve};
use crate::schema::{self, NEWEST};
use crate::source::Sources;

/// What came of the objects of one environment.
struct Judged {
    environment: String,
    minor: u32,
    tally: Tally,
}

/// Renders the environments in memory and judges every object.
pub(in crate::cli) fn run(
    session: &mut Session,
    args: &Args,
    check: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let only = select(&session.world, &check.selection.environments)?;
    let names = match &only {
        Some(names) => names.clone(),
        None => environment_names(&session.world)?,
    };
    let schemas = super::schemas(args, check, &mut session.repo.sources)?;
    let mut plan = resolve(&session.repo, &Request { only, ..Request::default() });
    let mut findings = std::mem::take(&mut plan.findings);
    let renderer = Renderer::new(&session.repo);
    findings.extend(schemas.findings.iter().cloned().chain(schemas.definitions().1));
    let mut all = Vec::new();
    for environment in &plan.environments {
        let minor = check.kubernetes_version.map_or_else(|| minor(environment), |it| it.0);
        let sources = &session.repo.sources;
        let (judged, found) =
            judge(&renderer, environment, minor, &schemas, Denied::of(args), sources);
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
                    plural(one.tally.objects - one.tally.without(), "object"),
                    one.minor,
                    one.tally.without()
                )?;
                for caveat in one.tally.caveats() {
                    writeln!(stream, "{}: {caveat}", one.environment)?;
                }
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
                    "objects": one.tally.objects,
                    "valid": one.tally.valid,
                    "invalid": one.tally.invalid,
                    "withoutSchema": one.tally.without(),
                    "unknownRules": one.tally.unknown_rules,
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
    minor: u32,
    schemas: &Schemas,
    denied: Denied,
    sources: &Sources,
) -> (Judged, Vec<Finding>) {
    let rendered = renderer.environment(environment);
    let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
    let (mut definitions, _) = schemas.definitions();
    for manifest in &manifests {
        if manifest.key.group_kind.kind == "CustomResourceDefinition" {
            definitions.add_crd(&manifest.node, schema::Found::Checked);
        }
    }
    let judge = Judge::new(minor, &definitions);
    let verdicts: Vec<_> =
        manifests.par_iter().map(|manifest| judge.object(&manifest.node)).collect();
    let mut findings: Vec<Finding> =
        rendered.iter().flat_map(|output| output.findings.iter().cloned()).collect();
    let mut tally = Tally::default();
    for (manifest, verdict) in manifests.iter().zip(verdicts) {
        let about = manifest.key.to_string();
        let found = tally.take(&manifest.node, &about, verdict, denied, || sources, |_| true);
        findings.extend(found.into_iter().map(|one| one.in_environment(&environment.name)));
    }
    (Judged { environment: environment.name.clone(), minor, tally }, findings)
}

/// The minor version of Kubernetes that an environment states; the newest that is known where it
/// states none.
fn minor(environment: &Environment) -> u32 {
    let version = environment.spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
    let minor = version.and_then(|version| version.split('.').nth(1)?.parse().ok());
    minor.unwrap_or(NEWEST)
}
