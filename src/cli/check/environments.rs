//! Judging the objects of environments.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::json;

use super::object::{Denied, Tally, Told};
use super::tree;
use crate::check::registry::Reach;
use crate::check::{Judge, whole};
use crate::cli::Streams;
use crate::cli::argocd::Known;
use crate::cli::args::{Args, CheckArgs};
use crate::cli::output::{exit_code, settle, wants_objects, write_report};
use crate::cli::policy::{self, Settled};
use crate::cli::session::{Session, environment_names, select};
use crate::diagnostic::{Finding, Severity, fold};
use crate::facts::{Cluster, Extent as Seen, Reading, Surroundings};
use crate::load::{Repo, Schemas};
use crate::policy::{Extent, Looked, Object as Record, Outcome};
use crate::render::{Manifest, Rendered, Renderer};
use crate::report::{Counts, Object, Report, Verdict, plural};
use crate::resolve::{Environment, Release, Request, resolve};
use crate::schema::{self, NEWEST};
use crate::source::{FileId, Sources};

/// What came of the objects of one environment.
struct Judged {
    environment: String,
    minor: u32,
    tally: Tally,
    /// What is wrong with what was rendered.
    rendering: Vec<Finding>,
    /// What is wrong with objects.
    findings: Vec<Finding>,
    records: Vec<Record>,
    /// The objects as reports show them.
    objects: Vec<Object>,
}

/// What is asked of environments.
#[derive(Clone, Copy)]
struct Asked {
    denied: Denied,
    /// Whether their objects are held against each other.
    whole: bool,
    /// Whether their trees are followed.
    tree: bool,
}

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
    let renderer = Renderer::new(&session.repo);
    let mut sources = session.repo.sources.clone();
    let known = Known::read(&check.known, &mut sources)?;
    let wants = |reach| settled.policy().wants(reach);
    let wrong = |environment: &Environment| {
        let errors = plan.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.flat_map(|finding| &finding.environments).any(|name| *name == environment.name)
    };
    let mut all: Vec<Judged> = Vec::new();
    for environment in &plan.environments {
        let minor = check.kubernetes_version.map_or_else(|| minor(environment), |it| it.0);
        // What has errors is not all there, and would be missing everywhere.
        let is_whole = !wrong(environment);
        let asked = Asked {
            denied: Denied::of(args),
            whole: is_whole && wants(Reach::All),
            tree: is_whole && wants(Reach::Tree),
        };
        let of = Of { repo: &session.repo, renderer: &renderer, known: &known, environment, minor };
        all.push(judge(of, &schemas, asked, &mut sources)?);
    }
    let sources = &sources;
    let (mut found, mut records, mut objects) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tally, mut extent) = (Tally::default(), Extent::default());
    for one in &mut all {
        found.append(&mut one.findings);
        records.append(&mut one.records);
        objects.append(&mut one.objects);
        tally.add(&one.tally);
        if one.rendering.iter().all(|finding| finding.severity < Severity::Error) {
            extent.environments.insert(one.environment.clone());
        }
        findings.append(&mut one.rendering);
    }
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

/// An environment, with the version that it is judged for.
#[derive(Clone, Copy)]
struct Of<'r> {
    repo: &'r Repo,
    renderer: &'r Renderer<'r>,
    known: &'r Known,
    environment: &'r Environment,
    minor: u32,
}

fn judge(
    Of { repo, renderer, known, environment, minor }: Of<'_>,
    schemas: &Schemas,
    Asked { denied, whole: wants_whole, tree: wants_tree }: Asked,
    sources: &mut Sources,
) -> anyhow::Result<Judged> {
    let rendered = renderer.environment(environment);
    let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
    let (mut definitions, _) = schemas.definitions();
    for manifest in &manifests {
        if manifest.key.group_kind.kind == "CustomResourceDefinition" {
            definitions.add_crd(&manifest.node, schema::Found::Checked);
        }
    }
    let judge = Judge::new(minor, &definitions);
    let verdict = |manifest: &&Manifest| {
        let mut verdict = judge.object(&manifest.node);
        // Which node ports this cluster has is known, and judged with the others.
        verdict.faults.retain(|fault| fault.id != "node-port-unusual");
        verdict
    };
    let verdicts: Vec<_> = manifests.par_iter().map(verdict).collect();
    let mut judged = Judged {
        environment: environment.name.clone(),
        minor,
        tally: Tally::default(),
        rendering: rendered.iter().flat_map(|output| output.findings.iter().cloned()).collect(),
        findings: Vec::new(),
        records: Vec::new(),
        objects: Vec::new(),
    };
    let flawed = flawed(&manifests, &judged.rendering);
    for (manifest, verdict) in manifests.iter().zip(verdicts) {
        let name = manifest.key.to_string();
        let record = Record::new(&manifest.node, name.clone(), Some(&environment.name), &verdict);
        judged.records.push(record);
        let is_flawed = flawed.contains(&start(manifest));
        let told = Told { denied, is_flawed };
        let (found, verdict) =
            judged.tally.take(&manifest.node, &name, verdict, told, || &*sources);
        judged.findings.extend(found.into_iter().map(|one| one.in_environment(&environment.name)));
        judged.objects.push(object(sources, environment, manifest, verdict));
    }
    // What could not be rendered would be missing everywhere.
    let is_rendered = judged.rendering.iter().all(|finding| finding.severity < Severity::Error);
    if wants_whole && is_rendered {
        let whole = whole::check(&cluster(&judge, environment, &rendered, Some(sources)));
        let unknown = whole.unknown.iter().filter(|_| denied.unknown_references).cloned();
        let found = whole.findings.into_iter().chain(unknown);
        judged.findings.extend(found.map(|one| one.in_environment(&environment.name)));
        judged.tally.unknown_references += whole.unknown.len();
    }
    if wants_tree && is_rendered {
        let of = (environment, rendered.as_slice());
        let mut found = tree::of_environment(repo, renderer, of, known, &judge, sources)?;
        judged.records.append(&mut found.records);
        let found = found.findings.into_iter();
        judged.findings.extend(found.map(|one| one.in_environment(&environment.name)));
    }
    Ok(judged)
}

/// What the objects of an environment say together.
pub(in crate::cli) fn cluster(
    judge: &Judge<'_>,
    environment: &Environment,
    rendered: &[Rendered],
    sources: Option<&Sources>,
) -> Cluster {
    let of_release = |(release, output): (&Release, &Rendered)| {
        let unit: Arc<str> = release.name.as_str().into();
        let read = |manifest: &Manifest| {
            let is_cluster_wide = judge.is_cluster_wide(&manifest.node);
            let reading = Reading { file: None, unit: &unit, is_cluster_wide, sources };
            reading.object(&manifest.node)
        };
        output.manifests.iter().map(read).collect::<Vec<_>>()
    };
    let objects = environment.releases.par_iter().zip(rendered).flat_map(of_release).collect();
    Cluster::new(objects, Surroundings::of(environment, rendered), Seen::Whole)
}

/// Where the objects begin in which errors of rendering lie.
fn flawed(manifests: &[&Manifest], rendering: &[Finding]) -> BTreeSet<(FileId, u32)> {
    let starts: BTreeSet<(FileId, u32)> = manifests.iter().map(|one| start(one)).collect();
    let errors = rendering.iter().filter(|finding| finding.severity == Severity::Error);
    let places = errors.filter_map(|finding| finding.labels.first());
    let above = places.filter_map(|label| {
        let place = (label.span.file, label.span.start);
        starts.range(..=place).next_back().filter(|above| above.0 == place.0).copied()
    });
    above.collect()
}

fn start(manifest: &Manifest) -> (FileId, u32) {
    (manifest.node.span.file, manifest.node.span.start)
}

/// A judged object as reports show it.
fn object(
    sources: &Sources,
    environment: &Environment,
    manifest: &Manifest,
    verdict: Verdict,
) -> Object {
    let source = sources.get(manifest.node.span.file);
    let (line, column) = source.line_column(manifest.node.span.start);
    Object {
        key: manifest.key.clone(),
        file: source.path.clone(),
        line,
        column,
        environment: Some(environment.name.clone()),
        verdict,
    }
}

/// The minor version of Kubernetes that an environment states; the newest that is known where it
/// states none.
pub(in crate::cli) fn minor(environment: &Environment) -> u32 {
    let version = environment.spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
    let minor = version.and_then(|version| version.split('.').nth(1)?.parse().ok());
    minor.unwrap_or(NEWEST)
}
