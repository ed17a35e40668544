//! `gitopsc build`.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::Streams;
use super::args::{Args, BuildArgs};
use super::output::{exit_code, settle, write_report};
use super::session::{Session, environment_names, select};
use crate::diagnostic::{Finding, fold};
use crate::render::Renderer;
use crate::report::{Counts, Report, plural};
use crate::resolve::{Environment, Plan, Request, resolve};
use crate::tree::{self, Outcome, Stale, Tree};
use crate::world::{Disk, Lock, Stopwatch, World, is_directory};

/// How long a build waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of one environment.
struct Built {
    name: String,
    objects: usize,
    applications: usize,
    /// Applications that are charts: their objects are declared, not seen.
    charts: usize,
    files: usize,
    state: State,
}

enum State {
    /// Written, or as it was.
    Done(Outcome),
    /// Compared only.
    Compared(Stale),
    /// Errors: the old tree was left alone, or a finding says what is left of it.
    Kept,
}

/// Renders the environments and writes or compares their trees.
pub(super) fn run(
    repository: Disk,
    args: &Args,
    build: &BuildArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let watch = Stopwatch::start();
    let only = select(&repository, &build.selection.environments)?;
    let (world, base) = match &build.out {
        Some(directory) if build.check && !is_directory(directory) => {
            bail!("`{}` does not exist: there is nothing to compare", directory.display());
        }
        Some(directory) => {
            let (parent, name) = crate::world::make_directory(directory)
                .with_context(|| format!("cannot make `{}`", directory.display()))?;
            (Disk::new(&parent), name)
        }
        None => (repository.clone(), "rendered".to_owned()),
    };
    // Before anything is read: what another build waited for must not be older than what it wrote.
    let lock = if build.check { None } else { lock(&world, &base, streams)? };
    if !build.check {
        tree::recover(&world, &base).context("an interrupted build cannot be finished")?;
    }
    let session = Session::open(repository)?;
    let request = Request { only, repo_url: build.repo_url.clone(), ..Request::default() };
    let mut plan = resolve(&session.repo, &request);
    let planned = std::mem::take(&mut plan.findings);
    let renderer = Renderer::new(&session.repo);
    let results: Vec<(Built, Vec<Finding>)> = plan
        .environments
        .par_iter()
        .map(|environment| {
            one(&session, &renderer, environment, &planned, build.check, &world, &base)
        })
        .collect();
    let mut findings = planned;
    let mut built: Vec<Built> = broken(&session, &request, &plan);
    for (environment, more) in results {
        built.push(environment);
        findings.extend(more);
    }
    if request.only.is_none() {
        let known = environment_names(&session.world)?;
        findings.extend(tree::vanished_environments(&world, &base, &known)?);
    }
    drop(lock);
    built.sort_by(|a, b| a.name.cmp(&b.name));
    let findings = settle(args, fold(findings), &session.repo.sources);
    let elapsed = watch.elapsed_milliseconds();
    let shown = format!("{base}/");
    let mut closing = Vec::new();
    account(args, &built, &findings, elapsed, &shown, &mut closing)?;
    let environments: Vec<_> = built.iter().map(|built| summary(built, &shown)).collect();
    let sources = &session.repo.sources;
    let mut report = Report::new(sources, &findings);
    report.environments = &environments;
    let closing = String::from_utf8_lossy(&closing);
    report.closing = &closing;
    write_report(args, streams, report)?;
    let unfinished = built.iter().any(|built| match &built.state {
        State::Compared(stale) => !stale.is_empty(),
        State::Done(_) => false,
        State::Kept => true,
    });
    Ok(exit_code(&findings).max(u8::from(unfinished)))
}

/// The lock of the trees. It is held to the end, so that a second build waits; where it cannot be
/// made, writing fails as well and says why.
fn lock(world: &dyn World, base: &str, streams: &mut Streams<'_>) -> anyhow::Result<Option<Lock>> {
    let path = format!("{base}/.gitopsc-lock");
    let is_held = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    match world.lock(&path, Duration::ZERO) {
        Err(error) if is_held(&error) => {
            writeln!(streams.err, "waiting for another build, which holds `{path}`")?;
        }
        other => return Ok(other.ok()),
    }
    match world.lock(&path, PATIENCE) {
        Err(error) if is_held(&error) => bail!(
            "another build has held `{path}` for {} seconds: wait for it, or end it",
            PATIENCE.as_secs()
        ),
        other => Ok(other.ok()),
    }
}

/// Environments that could not even be planned.
fn broken(session: &Session, request: &Request, plan: &Plan) -> Vec<Built> {
    session
        .repo
        .environments
        .keys()
        .filter(|name| request.only.as_ref().is_none_or(|only| only.contains(*name)))
        .filter(|name| !plan.environments.iter().any(|planned| planned.name == **name))
        .map(|name| Built {
            name: name.clone(),
            objects: 0,
            applications: 0,
            charts: 0,
            files: 0,
            state: State::Kept,
        })
        .collect()
}

fn one(
    session: &Session,
    renderer: &Renderer<'_>,
    environment: &Environment,
    planned: &[Finding],
    check: bool,
    world: &dyn World,
    base: &str,
) -> (Built, Vec<Finding>) {
    let rendered = renderer.environment(environment);
    let (tree, mut findings) = tree::build(&session.repo, renderer, environment, &rendered);
    findings.extend(rendered.iter().flat_map(|output| output.findings.iter().cloned()));
    let charts = rendered.iter().filter(|output| output.chart.is_some()).count();
    drop(rendered);
    // What cannot be read there is reported where the tree is written or compared.
    findings.extend(tree::foreign_files(world, base, &tree).unwrap_or_default());
    let mut sound = tree::is_sound(environment, planned) && tree::is_sound(environment, &findings);
    if sound {
        findings.extend(tree::vanished(world, base, environment, &tree).unwrap_or_default());
        sound = tree::is_sound(environment, &findings);
    }
    let state = if sound {
        write_or_compare(&tree, check, world, base, &mut findings)
    } else {
        State::Kept
    };
    let built = Built {
        name: environment.name.clone(),
        objects: tree.objects,
        applications: tree.applications,
        charts,
        files: tree.files.len(),
        state,
    };
    (built, findings)
}

fn write_or_compare(
    tree: &Tree,
    check: bool,
    world: &dyn World,
    base: &str,
    findings: &mut Vec<Finding>,
) -> State {
    if check {
        return match tree::stale(world, base, tree) {
            Ok(stale) => State::Compared(stale),
            Err(error) => {
                findings.push(
                    Finding::error("tree-unreadable", format!("the tree cannot be read: {error}"))
                        .in_file(format!("{base}/{}", tree.environment))
                        .in_environment(&tree.environment),
                );
                State::Kept
            }
        };
    }
    match tree::write(world, base, tree) {
        Ok(outcome) => State::Done(outcome),
        Err(finding) => {
            findings.push(*finding);
            State::Kept
        }
    }
}

fn account(
    args: &Args,
    built: &[Built],
    findings: &[Finding],
    elapsed: u128,
    base: &str,
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
                    writeln!(stream, "{sign} {base}{}/{path}", built.name)?;
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
        State::Compared(stale) if stale.is_empty() => "current".to_owned(),
        State::Compared(stale) => {
            let verb = if stale.len() == 1 { "differs" } else { "differ" };
            format!("stale: {} {verb}; run `gitopsc build`", plural(stale.len(), "file"))
        }
        State::Kept => "not written: it has errors".to_owned(),
    }
}

fn summary(built: &Built, base: &str) -> Value {
    let mut summary = json!({
        "name": built.name,
        "applications": built.applications,
        "charts": built.charts,
        "objects": built.objects,
        "files": built.files,
    });
    let (key, value) = match &built.state {
        State::Done(outcome) => {
            ("written", json!({"files": outcome.written, "removed": outcome.removed}))
        }
        State::Compared(stale) => {
            let named = |paths: &[String]| -> Vec<String> {
                paths.iter().map(|path| format!("{base}{}/{path}", built.name)).collect()
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
