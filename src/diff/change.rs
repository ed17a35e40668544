//! What became of each object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::along::Loss;
use super::compare::compare;
use super::consequence::{self, Consequence, Copies, Effect};
use super::edit::{Edit, path};
use super::pairing::{Pair, pairs};
use super::quota::{self, QuotaChange};
use super::renamed::{self, RenamedEnvironment};
use super::repeated::{self, Repeated};
use super::snapshot::{Object, Snapshot};
use super::whole::{Beside, Whole};
use crate::model::ObjectKey;
use crate::schema::{Definitions, Pack, Shape};

/// All that differs between two states.
#[derive(Debug)]
pub struct Changes<'s> {
    /// In the order of kinds and names; the same change in several environments is one.
    pub changes: Vec<Change<'s>>,
    /// Files that could not be read on one side: what they hold is told as neither new nor gone.
    pub unread: BTreeSet<Arc<str>>,
    /// Environments that are gone, each with a new one that has its objects.
    pub renamed: Vec<RenamedEnvironment>,
    /// Objects that stand more than once in one of the states.
    pub repeated: Vec<Repeated>,
    /// What quotas count otherwise than before.
    pub quotas: Vec<QuotaChange>,
    /// Objects that go with their data, although files have them.
    pub lost: Vec<Loss>,
    /// The cluster, where one was compared.
    pub cluster: Option<Asked>,
    /// What `check` says of both states, where it was asked.
    pub judgement: Option<Judgement>,
}

/// What `check` says of both states.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// The errors that only the newer one has.
    pub new: Vec<NewError>,
    /// How many errors both have.
    pub known: usize,
    /// The environments of which the newer one cannot be rendered, so that nothing is compared.
    pub not_rendered: Vec<String>,
}

/// An error that a change brings.
#[derive(Debug, Clone)]
pub struct NewError {
    /// The check that finds it.
    pub id: &'static str,
    /// What is wrong.
    pub message: String,
    /// The file and line that someone has to change, where there is one.
    pub place: Option<String>,
    /// The environments that have it.
    pub environments: Vec<String>,
}

/// A cluster that was compared.
#[derive(Debug)]
pub struct Asked {
    /// Its context in kubeconfig.
    pub context: String,
    /// The address of its API server.
    pub server: String,
    /// How many differences are left out, since an Application ignores them.
    pub ignored: usize,
    /// What was not compared, or in another way, as sentences without a period.
    pub notes: Vec<String>,
    /// Objects that nobody owns, where they were asked for.
    pub unowned: Vec<ObjectKey>,
}

/// What became of one object, in one environment or in several.
#[derive(Debug)]
pub struct Change<'s> {
    /// Who it is, or was where it is gone.
    pub key: &'s ObjectKey,
    /// What became of it.
    pub kind: Kind,
    /// What it brings about, the gravest first.
    pub consequences: Vec<Consequence>,
    /// Files and lines of templates and values that make what differs, where they are known.
    pub origins: Vec<String>,
    /// The objects before and after, by environment; one of the two at least is there.
    pub places: Vec<(Option<&'s Object>, Option<&'s Object>)>,
}

/// What can become of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// Something in it differs.
    Changed(Vec<Edit>),
    /// It has another name or namespace, and this differs beside.
    Renamed(Box<ObjectKey>, Vec<Edit>),
}

impl Change<'_> {
    /// The environments, in order; empty where there are none.
    pub fn environments(&self) -> impl Iterator<Item = &Arc<str>> {
        let objects = self.places.iter().filter_map(|(before, after)| after.or(*before));
        objects.map(|object| &object.environment).filter(|name| !name.is_empty())
    }
}

/// Compares two states.
#[must_use]
pub fn changes<'s>(
    before: &'s Snapshot,
    after: &'s Snapshot,
    pack: &Pack,
    definitions: &Definitions,
    beside: &Beside,
) -> Changes<'s> {
    let whole = Whole::of(before, after, pack, definitions, beside);
    let unread: BTreeSet<Arc<str>> = before.unread.union(&after.unread).cloned().collect();
    let pairs = pairs(before, after, &unread);
    let copies = Copies::of(after, &beside.same);
    let found: Vec<Option<(Kind, Vec<Consequence>)>> = pairs
        .par_iter()
        .map(|pair| {
            let kind = kind(pair, pack, definitions, &whole)?;
            let consequences = consequence::of(&kind, pair.before, pair.after, &whole, &copies);
            Some((kind, consequences))
        })
        .collect();
    let mut folded: Vec<Change<'_>> = Vec::new();
    let mut by_key: BTreeMap<&ObjectKey, Vec<usize>> = BTreeMap::new();
    for (pair, found) in pairs.iter().zip(found) {
        let (Some((kind, consequences)), Some(object)) = (found, pair.after.or(pair.before)) else {
            continue;
        };
        let places = by_key.entry(&object.key).or_default();
        let same = places.iter().find(|at| {
            let other = &folded[**at];
            let is_there = other.environments().any(|name| *name == object.environment);
            // What comes of it may be another thing in another cluster.
            !object.environment.is_empty()
                && !is_there
                && other.consequences == consequences
                && is_same(other, &kind, pair)
        });
        if let Some(at) = same {
            folded[*at].places.push((pair.before, pair.after));
        } else {
            places.push(folded.len());
            let places = vec![(pair.before, pair.after)];
            folded.push(Change {
                key: &object.key,
                kind,
                consequences,
                origins: Vec::new(),
                places,
            });
        }
    }
    folded.sort_by(|one, other| one.key.cmp(other.key));
    let quotas = if unread.is_empty() && beside.same.unread.is_empty() && !folded.is_empty() {
        quota::changes(&whole, &beside.whole)
    } else {
        Vec::new()
    };
    let renamed = renamed::environments(before, after, pack, definitions);
    let repeated = repeated::repeated(before, after, &beside.same, &unread);
    let (cluster, judgement) = (None, None);
    let lost = beside.fates.lost.clone();
    Changes { changes: folded, unread, renamed, repeated, quotas, lost, cluster, judgement }
}

fn is_same(other: &Change<'_>, kind: &Kind, pair: &Pair<'_>) -> bool {
    use super::edit::What::{Added, Removed, Reordered, Replaced};
    use super::same::same;
    let edits_match = |one: &[Edit], two: &[Edit]| {
        one.len() == two.len()
            && one.iter().zip(two).all(|(one, two)| {
                one.at == two.at
                    && match (&one.what, &two.what) {
                        (Added(one), Added(two)) | (Removed(one), Removed(two)) => same(one, two),
                        (Replaced(a, b), Replaced(c, d)) => same(a, c) && same(b, d),
                        (Reordered(one), Reordered(two)) => one == two,
                        _ => false,
                    }
            })
    };
    let node = |object: Option<&Object>, other: Option<&Object>| match (object, other) {
        (Some(one), Some(two)) => same(&one.node, &two.node),
        _ => false,
    };
    match (&other.kind, kind) {
        (Kind::Added, Kind::Added) => node(other.places[0].1, pair.after),
        (Kind::Removed, Kind::Removed) => node(other.places[0].0, pair.before),
        (Kind::Changed(one), Kind::Changed(two)) => edits_match(one, two),
        (Kind::Renamed(from, one), Kind::Renamed(other, two)) => {
            from == other && edits_match(one, two)
        }
        _ => false,
    }
}

fn kind(
    pair: &Pair<'_>,
    pack: &Pack,
    definitions: &Definitions,
    whole: &Whole<'_>,
) -> Option<Kind> {
    match (pair.before, pair.after) {
        (None, None) => None,
        (None, Some(_)) => Some(Kind::Added),
        (Some(_), None) => Some(Kind::Removed),
        (Some(before), Some(after)) => {
            let shape = Shape::of(&after.node, pack, definitions);
            let edits = compare(&before.node, &after.node, shape);
            if before.key == after.key {
                let refused = |one: &Consequence| one.effect == Effect::Refused;
                let is_refused = after.said.iter().flatten().any(refused);
                let is_told = is_refused
                    || whole.fates.moved(&after.path, &after.key).is_some()
                    || whole.fates.along(&before.path, &before.key).next().is_some();
                return (is_told || !edits.is_empty()).then_some(Kind::Changed(edits));
            }
            // What it is called is said already.
            let is_name =
                |edit: &Edit| ["metadata.name", "metadata.namespace"].contains(&&*path(&edit.at));
            let edits = edits.into_iter().filter(|edit| !is_name(edit)).collect();
            Some(Kind::Renamed(Box::new(before.key.clone()), edits))
        }
    }
}
