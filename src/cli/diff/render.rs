//! Both states rendered anew, so that a tree that is stale hides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sides::{Revisions, Side, Trees};
use super::state::{Known, Place, reached};
use crate::cli::argocd::Known as Elsewhere;
use crate::cli::args::Args;
use crate::cli::check::examine::{Denied, Examination, Sum};
use crate::cli::progress::Progress;
use crate::diagnostic::{Finding, Severity, fold};
use crate::diff::{Judgement, NewError};
use crate::model::ObjectKey;
use crate::policy::{Looked, Policy, Selection, Sorted};
use crate::resolve::{Plan, Request, resolve};
use crate::source::Sources;
use crate::tree;
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
    pub(super) made: BTreeMap<String, BTreeMap<ObjectKey, Arc<Node>>>,
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
    revisions: &mut Revisions,
    progress: &Progress,
) -> anyhow::Result<Fresh> {
    let (before, after) = rayon::join(
        || Known::read(&revisions.before, place),
        || Known::read(&revisions.after, place),
    );
    let (before, after) = (before?, after?);
    let mut reached = reached([&before, &after]);
    reached.retain(|name| chosen.is_empty() || chosen.contains(name));
    let before = Rendered::of(args, &before, &reached, progress)?;
    let mut after = Rendered::of(args, &after, &reached, progress)?;
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
    // A schema that was wrong before is no news.
    let is_known = |one: &Finding| {
        before.of_schemas.iter().any(|it| (it.id, &it.message) == (one.id, &one.message))
    };
    after.of_schemas.retain(|one| !is_known(one));
    let mut errors = std::mem::take(&mut after.faults);
    errors.append(&mut after.of_schemas);
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

/// One state, rendered and judged.
struct Rendered {
    sources: Sources,
    /// Trees by environment; nothing where it has errors.
    trees: BTreeMap<String, Option<tree::Tree>>,
    /// What keeps environments from being rendered.
    faults: Vec<Finding>,
    /// What is wrong with schemas.
    of_schemas: Vec<Finding>,
    sum: Sum,
    sorted: Sorted,
    policy: Policy,
}

impl Rendered {
    fn of(
        args: &Args,
        Known { repo, schemas }: &Known,
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
            known: &Elsewhere::default(),
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
        let mut of_schemas = schemas.findings.clone();
        of_schemas.extend(schemas.definitions().1);
        of_schemas.retain(|finding| finding.severity == Severity::Error);
        Ok(Self { sources, trees, faults, of_schemas, sum, sorted, policy })
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
        let texts = |tree: &tree::Tree| {
            let files = tree.files.iter();
            files.map(|(path, file)| (path.clone(), file.text().into_owned())).collect()
        };
        sound.map(|(name, tree)| (name.clone(), texts(tree))).collect()
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
    fn made(&mut self) -> BTreeMap<String, BTreeMap<ObjectKey, Arc<Node>>> {
        let trees = std::mem::take(&mut self.trees).into_iter();
        let objects = |tree: tree::Tree| {
            let nodes = tree.manifests();
            nodes.map(|node| (ObjectKey::of(node), node.clone())).collect()
        };
        trees.filter_map(|(name, tree)| Some((name, objects(tree?)))).collect()
    }
}
