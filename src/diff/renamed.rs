//! Environments under another name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::compare::compare;
use super::snapshot::{Object, Snapshot};
use crate::model::ObjectKey;
use crate::schema::{Definitions, Pack, Shape};

/// Environments with less in common are two.
const ALIKE: f64 = 0.8;
/// The file of a tree that it begins with.
const ROOT: &str = "/root.yaml";

/// An environment that is gone, and a new one with the same objects. To Argo CD they are two, whose
/// Applications have other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedEnvironment {
    /// The one that is gone.
    pub from: Arc<str>,
    /// The new one.
    pub to: Arc<str>,
    /// How many objects the first had, without those of Argo CD, which have its name in theirs.
    pub objects: usize,
    /// How many of these the second has as they were.
    pub same: usize,
}

/// The environments that came in the place of others.
pub(super) fn environments(
    before: &Snapshot,
    after: &Snapshot,
    pack: &Pack,
    definitions: &Definitions,
) -> Vec<RenamedEnvironment> {
    let gone = whole(before, after);
    let mut came = whole(after, before);
    let mut found = Vec::new();
    for (from, old) in gone {
        let alike = came.iter().map(|(name, new)| (likeness(&old, new), Arc::clone(name)));
        let best = alike.max_by(|one, other| one.0.total_cmp(&other.0));
        let Some((_, to)) = best.filter(|(share, _)| *share >= ALIKE) else { continue };
        let Some(new) = came.remove(&to) else { continue };
        let is_same = |(key, object): &(&&ObjectKey, &&Object)| {
            new.get(**key).is_some_and(|other| {
                let shape = Shape::of(&other.node, pack, definitions);
                compare(&object.node, &other.node, shape).is_empty()
            })
        };
        let same = old.iter().filter(is_same).count();
        found.push(RenamedEnvironment { from, to, objects: old.len(), same });
    }
    found
}

type Objects<'s> = HashMap<&'s ObjectKey, &'s Object>;

/// The environments that one state has and the other has not: where the root of the tree is in one alone.
fn whole<'s>(one: &'s Snapshot, other: &Snapshot) -> BTreeMap<Arc<str>, Objects<'s>> {
    let is_root = |object: &&Object| {
        let above = object.path.strip_suffix(ROOT);
        !object.environment.is_empty()
            && above.is_some_and(|above| above.rsplit('/').next() == Some(&object.environment))
    };
    let roots = |snapshot: &Snapshot| -> BTreeMap<Arc<str>, Objects<'s>> {
        let roots = snapshot.objects.iter().filter(is_root);
        roots.map(|object| (object.environment.clone(), Objects::new())).collect()
    };
    let others = roots(other);
    let mut found = roots(one);
    found.retain(|name, _| !others.contains_key(name));
    for object in &one.objects {
        let is_own = &*object.key.group_kind.group == "argoproj.io";
        if let Some(objects) = found.get_mut(&object.environment).filter(|_| !is_own) {
            objects.insert(&object.key, object);
        }
    }
    found
}

fn likeness(one: &Objects<'_>, other: &Objects<'_>) -> f64 {
    let common = one.keys().filter(|key| other.contains_key(**key)).count();
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 }
}
