//! Both states rendered anew, so that a tree that is stale hides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

use super::sides::{Revisions, Side, Trees};
use crate::cli::argocd::Known;
use crate::cli::args::Args;
use crate::cli::check::examine::{Denied, Examination, Sum};
use crate::cli::progress::Progress;
use crate::cli::session::{inputs, revision};
use crate::diagnostic::{Finding, Severity, fold};
use crate::diff::{Judgement, NewError};
use crate::load::{Repo, Schemas, load};
use crate::model::ObjectKey;
use crate::policy::{Looked, Policy, Selection, Sorted};
use crate::resolve::{Plan, Request, resolve};
use crate::source::Sources;
use crate::tree;
use crate::world::Disk;
use crate::world::git::GitRepository;
use crate::world::git_changes::State;
use crate::yaml::Node;

/// What came of rendering both states.
pub(super) struct Fresh {
    /// What keeps the newer state from being rendered, and errors that only it has.
    pub(super) errors: Vec<Finding>,
    /// The texts behind these, and behind what was made, by their paths to git.
    pub(super) sources: Sources,
    /// The same errors as reports of differences name them.
    pub(super) judgement: Judgement,
    /// The environments whose older state has errors: what git has of their trees is compared.
    pub(super) as_committed: Vec<String>,
    /// The objects of the newer state, by environment, which know where they come from.
    pub(super) made: BTreeMap<String, BTreeMap<ObjectKey, Node>>,
}

/// Where the repository is: on disk, and as paths in the repository of git begin.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) root: &'a Path,
    pub(super) top: &'a str,
}

/// Renders what a change can reach in both states. Only environments that were chosen count, if any
/// were.
///
/// # Errors
///
/// Where a state cannot be read.
pub(super) fn anew(
    args: &Args,
    place: Place<'_>,
    chosen: &[String],
    schemas: &Schemas,
    revisions: &mut Revisions,
    progress: &Progress,
) -> anyhow::Result<Fresh> {
    let repository = &revisions.repository;
    let changed = repository.changes(&revisions.before, &revisions.after, &inputs(place.top));
    let changed = changed.context("git cannot compare")?;
    let changed = changed.iter().filter_map(|file| file.path.strip_prefix(place.top));
    let (before, after) =
        rayon::join(|| read(&revisions.before, place), || read(&revisions.after, place));
    let (before, after) = (before?, after?);
    let mut reached = reached(changed, [&before, &after]);
    reached.retain(|name| chosen.is_empty() || chosen.contains(name));
    let before = Rendered::of(args, &before, schemas, &reached, progress)?;
    let mut after = Rendered::of(args, &after, schemas, &reached, progress)?;
    let as_committed = before.broken();
    let mut trees = [before.texts(), after.texts()];
    for name in &as_committed {
        let files = revisions.tree(Side::Before, name)?;
        trees[0].insert(name.clone(), files.into_iter().collect());
    }
    // What cannot be rendered is not gone.
    let not_rendered = after.broken();
    for name in &not_rendered {
        trees.iter_mut().for_each(|trees| drop(trees.remove(name)));
    }
    revisions.fresh = Some(trees);
    let (found, known) = after.since(&before);
    let mut errors = std::mem::take(&mut after.faults);
    errors.extend(found);
    let mut errors = fold(errors);
    // Whoever reads differences reads paths as git has them.
    let sources = std::mem::take(&mut after.sources).below(place.top);
    let paths = errors.iter_mut().filter_map(|finding| finding.path.as_mut());
    paths.for_each(|path| path.insert_str(0, place.top));
    let new = errors.iter().map(|finding| NewError {
        id: finding.id,
        message: finding.message.clone(),
        place: finding.labels.first().map(|label| sources.place(label.span)),
        environments: finding.environments.clone(),
    });
    let judgement = Judgement { new: new.collect(), known, not_rendered };
    let made = after.made();
    Ok(Fresh { errors, sources, judgement, as_committed, made })
}

fn read(state: &State, Place { root, top }: Place<'_>) -> anyhow::Result<Repo> {
    let repo = match state {
        State::WorkTree => load(&Disk::new(root)),
        State::Revision(name) => {
            // Opened anew, since each is for one thread.
            let git = GitRepository::needed(root)?;
            load(&revision(&git, name, top)?)
        }
    };
    repo.context("the repository cannot be read")
}

/// The environments that files which differ can reach, by their paths in the repository: their own,
/// those that extend these, those with a release of the app, and all for what all share.
fn reached<'p>(changed: impl Iterator<Item = &'p str>, repos: [&Repo; 2]) -> BTreeSet<String> {
    let plans = repos.map(|repo| resolve(repo, &Request::default()));
    let mut reached = BTreeSet::new();
    for path in changed {
        let mut parts = path.split('/');
        let of_app = match (parts.next(), parts.next()) {
            (Some("environments"), Some(name)) => {
                repos.iter().for_each(|repo| extenders(repo, name, &mut reached));
                continue;
            }
            (Some("apps"), Some(app)) if !app.starts_with('_') => Some(app),
            _ => None,
        };
        for (repo, plan) in repos.iter().zip(&plans) {
            let has = |name: &&String| {
                let environment = plan.environments.iter().find(|it| it.name == **name);
                // Of one that cannot be planned nobody knows what it has.
                of_app.is_none_or(|app| {
                    environment.is_none_or(|it| it.releases.iter().any(|one| one.app == app))
                })
            };
            reached.extend(repo.environments.keys().filter(has).cloned());
        }
    }
    reached
}

/// An environment and all that extend it.
fn extenders(repo: &Repo, name: &str, reached: &mut BTreeSet<String>) {
    if !reached.insert(name.to_owned()) {
        return;
    }
    for (other, files) in &repo.environments {
        let base = files.node.as_ref().and_then(|node| node.get("extends")?.as_str());
        if base == Some(name) {
            extenders(repo, other, reached);
        }
    }
}

/// One state, rendered and judged.
struct Rendered {
    sources: Sources,
    /// Trees by environment; nothing where it has errors.
    trees: BTreeMap<String, Option<tree::Tree>>,
    /// What keeps environments from being rendered.
    faults: Vec<Finding>,
    sum: Sum,
    sorted: Sorted,
    policy: Policy,
}

impl Rendered {
    fn of(
        args: &Args,
        repo: &Repo,
        schemas: &Schemas,
        only: &BTreeSet<String>,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let request = Request { only: Some(only.clone()), ..Request::default() };
        let mut plan: Plan = resolve(repo, &request);
        let policy = Policy::new(&repo.settings, Selection::default(), &mut plan.findings);
        let mut sources = repo.sources.clone();
        let mut trees: BTreeMap<String, Option<tree::Tree>> = BTreeMap::new();
        let names = repo.environments.keys().filter(|name| only.contains(*name));
        trees.extend(names.map(|name| (name.clone(), None)));
        let mut faults = Vec::new();
        let examination = Examination {
            repo,
            plan: &plan,
            schemas,
            known: &Known::default(),
            policy: &policy,
            denied: Denied::of(args),
            minor: None,
            progress,
        };
        let mut all = examination.run(&mut sources, |renderer, environment, rendered| {
            let (tree, found) = tree::build(repo, renderer, environment, rendered);
            let of_rendering = rendered.iter().flat_map(|it| &it.findings);
            let is_sound = tree::is_sound(environment, &plan.findings)
                && tree::is_sound(environment, &found)
                && !of_rendering.clone().any(|it| it.severity == Severity::Error);
            trees.insert(environment.name.clone(), is_sound.then_some(tree));
            faults.extend(of_rendering.cloned().chain(found));
        })?;
        let mut sum = Sum::of(&mut all);
        let found = std::mem::take(&mut sum.findings);
        let looked = Looked { sources: &sources, objects: &sum.records, extent: &sum.extent };
        let sorted = policy.sort(found, looked);
        let concerns = |finding: &Finding| {
            finding.environments.is_empty()
                || finding.environments.iter().any(|it| only.contains(it))
        };
        faults.extend(plan.findings.into_iter().filter(concerns));
        faults.retain(|finding| finding.severity == Severity::Error);
        Ok(Self { sources, trees, faults, sum, sorted, policy })
    }

    fn looked(&self) -> Looked<'_> {
        let Sum { records, extent, .. } = &self.sum;
        Looked { sources: &self.sources, objects: records, extent }
    }

    /// The environments that have errors.
    fn broken(&self) -> Vec<String> {
        let broken = self.trees.iter().filter(|(_, tree)| tree.is_none());
        broken.map(|(name, _)| name.clone()).collect()
    }

    /// The files of the trees.
    fn texts(&self) -> Trees {
        let sound = self.trees.iter().filter_map(|(name, tree)| Some((name, tree.as_ref()?)));
        sound.map(|(name, tree)| (name.clone(), tree.files.clone())).collect()
    }

    /// The errors that another state does not have, and how many it has as well.
    fn since(&mut self, before: &Self) -> (Vec<Finding>, usize) {
        let base = before.policy.renew(None, &before.sorted, before.looked());
        let sorted = std::mem::take(&mut self.sorted);
        let policy = std::mem::take(&mut self.policy).with_baseline(base);
        let outcome = policy.conclude(sorted, self.looked());
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let known = outcome.known.iter().filter(|it| is_error(it)).count();
        (outcome.findings.into_iter().filter(is_error).collect(), known)
    }

    /// The objects, each of which knows where it comes from.
    fn made(&mut self) -> BTreeMap<String, BTreeMap<ObjectKey, Node>> {
        let trees = std::mem::take(&mut self.trees).into_iter();
        let objects = |tree: tree::Tree| {
            let nodes = tree.manifests.into_values().flatten();
            nodes.map(|node| (ObjectKey::of(&node), node)).collect()
        };
        trees.filter_map(|(name, tree)| Some((name, objects(tree?)))).collect()
    }
}
