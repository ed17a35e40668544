//! `gitopsc build`.

mod account;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, bail};
use rayon::prelude::*;

pub(super) use account::{account, summary};

use super::Streams;
use super::args::{Args, BuildArgs};
use super::output::{exit_code, listed, settle, write_report};
use super::progress::Progress;
use super::session::{Session, revision, select};
use crate::diagnostic::{Finding, fold};
use crate::render::Renderer;
use crate::report::Report;
use crate::resolve::{Environment, Plan, Request, resolve};
use crate::tree::{self, Outcome, Stale, Tree};
use crate::world::git::GitRepository;
use crate::world::{Disk, Lock, Stopwatch, World, is_directory};

/// How long a build waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why `--add` puts nothing into a commit of named paths, and what to do.
const PARTIAL: &str = "\
nothing was written or staged: in `git commit PATH`, what a hook stages is missing in the next commit
`git add` these paths, then `git commit` without a path
";

/// What became of one environment.
pub(super) struct Built {
    pub(super) name: String,
    /// The directory of its tree, as people are told of it.
    directory: String,
    objects: usize,
    applications: usize,
    /// Applications that are charts: their objects are declared, not seen.
    charts: usize,
    /// The paths of all files of its tree.
    files: Vec<String>,
    pub(super) state: State,
}

pub(super) enum State {
    /// Written, or as it was.
    Done(Outcome),
    /// What a publication would write, where none is wanted.
    Planned(Outcome),
    /// Compared only.
    Compared(Stale),
    /// Errors: the old tree was left alone, or a finding says what is left of it.
    Kept,
}

impl Built {
    /// Says that what was written was written for trial.
    pub(super) fn only_planned(&mut self) {
        if let State::Done(outcome) = &self.state {
            self.state = State::Planned(*outcome);
        }
    }

    /// Whether a file of its tree was written or removed.
    pub(super) fn has_changed(&self) -> bool {
        matches!(&self.state, State::Done(outcome) if *outcome != Outcome::default())
    }

    /// Whether its old tree was left alone.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.state, State::Kept)
    }
}

/// Fails where a sparse work tree leaves out files of the trees: they can be neither compared nor staged.
fn has_all(repository: &Disk, base: &str, only: Option<&BTreeSet<String>>) -> anyhow::Result<()> {
    let Some(git) = GitRepository::around(repository.root()) else { return Ok(()) };
    let trees = format!("{}{base}", git.path_of(repository.root()));
    let wanted = match only {
        None => vec![trees.clone()],
        Some(names) => names.iter().map(|name| format!("{trees}/{name}")).collect(),
    };
    let left_out: Vec<String> = git.left_out(&wanted).into_keys().collect();
    if !left_out.is_empty() {
        bail!(
            "this sparse work tree leaves out {}; add the trees with `git sparse-checkout add {trees}`",
            listed(&left_out)
        );
    }
    Ok(())
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
    // What a hook stages there is in that commit and in no later one: the next would take it back.
    let is_partial = build.add && GitRepository::is_in_partial_commit();
    let check = build.check || is_partial;
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
    if (check || build.add) && build.out.is_none() {
        has_all(&repository, &base, only.as_ref())?;
    }
    // Before anything is read: what another build waited for must not be older than what it wrote.
    let lock = if check { None } else { lock(&world, &base, streams)? };
    if !check {
        tree::recover(&world, &base).context("an interrupted build cannot be finished")?;
    }
    let root = repository.root().to_owned();
    let progress = Progress::begin(args, streams);
    progress.stage("reading the repository", 0);
    let git = build
        .add
        .then(|| GitRepository::needed(&root).context("`--add` needs a repository of git"));
    let git = git.transpose()?;
    // The commit is to hold what comes of the sources in it.
    let tree = git.as_ref().map(GitRepository::staged).transpose();
    let tree = tree.context("what is staged cannot be read")?;
    let staged = git.as_ref().zip(tree.as_deref());
    let (session, left_out) = match staged {
        Some((git, tree)) => Session::staged(repository, git, tree)?,
        None => (Session::open(repository)?, Vec::new()),
    };
    let request = Request { only, repo_url: build.repo_url.clone(), ..Request::default() };
    let committed = match staged.filter(|_| is_partial) {
        Some((git, tree)) => Some(revision(git, tree, &git.path_of(&root), &[&base])?),
        None => None,
    };
    let compared = committed.as_ref().map(|committed| committed as &dyn World);
    let goal = Goal { world: compared.unwrap_or(&world), base: Some(&base), check };
    let (built, findings) = trees(&session, &request, &goal, &progress)?;
    drop(progress);
    if let Some(git) = git.as_ref().filter(|_| !is_partial) {
        stage(git, &git.path_of(&root), &built)?;
    }
    drop(lock);
    let sources = &session.repo.sources;
    let findings = settle(args, fold(findings), sources);
    let elapsed = watch.elapsed_milliseconds();
    let mut closing = Vec::new();
    account(args, &built, &findings, elapsed, &mut closing)?;
    if !args.quiet && !left_out.is_empty() {
        closing.extend(not_staged(&left_out).as_bytes());
    }
    let is_new = |built: &Built| build.exit_code && built.has_changed();
    if !args.quiet && !build.add && built.iter().any(is_new) {
        closing.extend(b"trees were stale and are written now: look at them, and stage them\n");
    }
    let is_stale = |built: &Built| matches!(&built.state, State::Compared(it) if !it.is_empty());
    if is_partial && built.iter().any(is_stale) {
        closing.extend(PARTIAL.as_bytes());
    }
    let environments: Vec<_> = built.iter().map(summary).collect();
    let mut report = Report::new(sources, &findings);
    report.environments = &environments;
    let closing = String::from_utf8_lossy(&closing);
    report.closing = &closing;
    write_report(args, streams, report)?;
    let unfinished = built.iter().any(|built| built.is_kept() || is_stale(built) || is_new(built));
    Ok(exit_code(&findings).max(u8::from(unfinished)))
}

/// Says which sources were read as they are staged, and not as they lie on disk.
pub(super) fn not_staged(left_out: &[String]) -> String {
    let files = listed(left_out);
    format!("rendered from what is staged; on disk there is something else: {files}\n")
}

/// Stages the trees that were written. Paths in the repository of git begin with `top`.
pub(super) fn stage(repository: &GitRepository, top: &str, built: &[Built]) -> anyhow::Result<()> {
    let done: Vec<&Built> = built.iter().filter(|built| !built.is_kept()).collect();
    let directories =
        done.iter().map(|built| format!("{top}{}/", built.directory)).collect::<Vec<_>>();
    let files: Vec<String> = (done.iter().zip(&directories))
        .flat_map(|(built, directory)| {
            built.files.iter().map(move |file| format!("{directory}{file}"))
        })
        .collect();
    repository.stage(&files, &directories).context("the trees are written, and cannot be staged")
}

/// Where trees go.
pub(super) struct Goal<'a> {
    pub(super) world: &'a dyn World,
    /// The directory of all trees there; that of which each environment tells Argo CD if not set.
    pub(super) base: Option<&'a str>,
    /// Whether to compare only.
    pub(super) check: bool,
}

/// Renders environments and writes or compares their trees; those that have errors stay as they are.
///
/// # Errors
///
/// Where the directory of the trees or that of the environments cannot be listed.
pub(super) fn trees(
    session: &Session,
    request: &Request,
    goal: &Goal<'_>,
    progress: &Progress,
) -> anyhow::Result<(Vec<Built>, Vec<Finding>)> {
    let mut plan = resolve(&session.repo, request);
    let planned = std::mem::take(&mut plan.findings);
    let renderer = Renderer::new(&session.repo);
    progress.stage("rendering environments", plan.environments.len());
    let results: Vec<(Built, Vec<Finding>)> = plan
        .environments
        .par_iter()
        .map(|environment| one(session, &renderer, environment, &planned, goal))
        .inspect(|_| progress.step())
        .collect();
    let mut findings = planned;
    let mut built: Vec<Built> = broken(session, request, &plan);
    for (environment, more) in results {
        built.push(environment);
        findings.extend(more);
    }
    if request.only.is_none() {
        let known = &session.environments;
        let bases: BTreeSet<&str> = match goal.base {
            Some(base) => [base].into(),
            None => plan.environments.iter().map(Environment::rendered_path).collect(),
        };
        for base in bases {
            findings.extend(tree::vanished_environments(goal.world, base, known)?);
        }
    }
    built.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((built, findings))
}

/// The lock of the trees. It is held to the end, so that a second build waits; where it cannot be
/// made, writing fails as well and says why.
pub(super) fn lock(
    world: &dyn World,
    base: &str,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Option<Lock>> {
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
            directory: name.clone(),
            objects: 0,
            applications: 0,
            charts: 0,
            files: Vec::new(),
            state: State::Kept,
        })
        .collect()
}

fn one(
    session: &Session,
    renderer: &Renderer<'_>,
    environment: &Environment,
    planned: &[Finding],
    goal: &Goal<'_>,
) -> (Built, Vec<Finding>) {
    let (world, base) = (goal.world, goal.base.unwrap_or_else(|| environment.rendered_path()));
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
        write_or_compare(&tree, goal.check, world, base, &mut findings)
    } else {
        State::Kept
    };
    let built = Built {
        name: environment.name.clone(),
        directory: format!("{base}/{}", environment.name),
        objects: tree.objects,
        applications: tree.applications,
        charts,
        files: tree.files.into_keys().collect(),
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
