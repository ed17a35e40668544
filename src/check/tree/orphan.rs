//! Directories of manifests that no Application leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Ground, above, first_object, is_auxiliary, is_below, manifest_files, texts};
use crate::argocd::application_set::Effect;
use crate::argocd::glob::{Dialect, Pattern};
use crate::argocd::source::{KUSTOMIZATIONS, clean, join};
use crate::argocd::tree::{Entry, Tree};
use crate::argocd::{Followed, Problem, State};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::yaml::{self, Map, Node};

const ID: &str = "directory-orphaned";

/// What of a tree that the tool itself makes no Application leads to: all of it is there for one.
#[must_use]
pub fn unowned(followed: &Followed, tree: &Tree) -> Vec<Finding> {
    // A path that leads to nothing is told already, and perhaps this is where it should lead.
    if !is_known(followed) || leads_nowhere(followed).next().is_some() {
        return Vec::new();
    }
    let ground = Ground::of(followed);
    let mut directories: BTreeMap<&str, Span> = BTreeMap::new();
    for (path, entry) in tree.below("") {
        if let Entry::Made(made) = entry
            && let Some(first) = made.objects().first()
        {
            let place = first.get("kind").map_or(first.span, |kind| kind.span);
            directories.entry(above(path)).or_insert(place);
        }
    }
    directories.retain(|directory, _| !ground.reaches(directory));
    let finding = |(directory, place)| {
        let message = format!("no Application leads to `{directory}`");
        Finding::error(ID, message)
            .at(place, "made of this")
            .note("what runs of it has no owner: Argo CD neither changes nor prunes it")
            .help("let the set of its layer take `.sources` of each release, as `_lib/patch.yaml` does")
    };
    directories.into_iter().map(finding).collect()
}

/// Directories of somebody's repository beside others that Applications lead to.
#[must_use]
pub fn orphaned(followed: &Followed, tree: &Tree) -> Vec<Finding> {
    if !is_known(followed) {
        return Vec::new();
    }
    let ground = Ground::of(followed);
    let mut beside: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in ground.sources().filter(|source| !source.is_empty()) {
        beside.entry(above(source)).or_default().insert(source);
    }
    // One alone is no custom.
    beside.retain(|_, sources| sources.len() > 1);
    let excluded = excluded(followed);
    let mut named = None;
    let mut findings = Vec::new();
    for (parent, sources) in beside {
        for name in tree.names_in(parent) {
            let directory = join(parent, &name);
            let is_open = !ground.reaches(&directory)
                && !ground.reaches_below(&directory)
                && !ground.is_inside(&directory)
                && !is_auxiliary(tree, &directory)
                && !excluded.iter().any(|pattern| pattern.matches(&directory))
                && !leads_nowhere(followed)
                    .any(|path| above(path) == parent || path.rsplit('/').next() == Some(&*name));
            if !is_open {
                continue;
            }
            let objects: Option<Vec<Span>> =
                manifest_files(tree, &directory).map(|file| first_object(tree, &file)).collect();
            let Some(place) = objects.and_then(|objects| objects.first().copied()) else {
                continue;
            };
            let named = named.get_or_insert_with(|| named_by_kustomizations(tree));
            if named.iter().any(|path| *path == directory || is_below(path, &directory)) {
                continue;
            }
            let example = sources.first().copied().unwrap_or_default();
            findings.push(
                Finding::info(ID, format!("no Application leads to `{directory}`"))
                    .at(place, "")
                    .note(format!(
                        "to {} directories beside it one does, as to `{example}`",
                        sources.len()
                    ))
                    .help("give it an Application, or delete it"),
            );
        }
    }
    findings
}

/// Whether all Applications are known.
fn is_known(followed: &Followed) -> bool {
    let mut faults = followed.sets.iter().flat_map(|set| &set.evaluation.faults);
    faults.all(|fault| matches!(fault.effect, Effect::ApplicationDropped | Effect::Ignored))
}

fn leads_nowhere(followed: &Followed) -> impl Iterator<Item = &str> {
    let contents = followed.applications.iter().flat_map(|one| &one.contents);
    contents
        .filter(|contents| matches!(contents.state, State::Wrong(Problem::Missing(_))))
        .map(|contents| &*contents.directory)
}

/// The patterns by which git generators leave directories out.
fn excluded(followed: &Followed) -> Vec<Pattern> {
    fn collect(node: &Node, patterns: &mut Vec<Pattern>) {
        let is_excluded = node.get("exclude").is_some_and(Node::is_true);
        if is_excluded && let Some(path) = node.get("path").and_then(Node::as_str) {
            patterns.extend(Pattern::new(path, Dialect::PathMatch));
        }
        node.as_seq().unwrap_or_default().iter().for_each(|item| collect(item, patterns));
        let map = node.as_map().into_iter().flat_map(Map::iter);
        map.for_each(|(_, value)| collect(value, patterns));
    }
    let mut patterns = Vec::new();
    let generators =
        followed.sets.iter().filter_map(|set| set.stated.node.pointer("/spec/generators"));
    generators.for_each(|node| collect(node, &mut patterns));
    patterns
}

/// What the kustomizations of a repository name, as paths in it.
fn named_by_kustomizations(tree: &Tree) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let is_kustomization =
        |path: &str| KUSTOMIZATIONS.contains(&path.rsplit('/').next().unwrap_or_default());
    for (path, entry) in tree.below("").filter(|(path, _)| is_kustomization(path)) {
        let Entry::File(text) = entry else { continue };
        let read = yaml::read(text.file, &text.text);
        for node in read.documents.iter().filter_map(|document| document.node.as_ref()) {
            let mut named = Vec::new();
            texts(node, &mut named);
            let clean = |named: &&str| clean(&join(above(path), named));
            all.extend(named.iter().filter_map(clean));
        }
    }
    all
}
