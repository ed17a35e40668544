//! Which object of one state is which of the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::same::{Leaves, same};
use super::snapshot::{Object, Snapshot};
use crate::model::{GroupKind, ObjectKey};

/// Objects with less in common are two, and not one under another name.
const RENAMED: f64 = 0.6;
/// The same where both names are one with different endings, as generators write them.
const REGENERATED: f64 = 0.2;
/// More objects of a kind that went and came are not held each against each.
const MOST_COMPARED: usize = 40_000;

/// An object in both states, or in one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'s> {
    pub(super) before: Option<&'s Object>,
    pub(super) after: Option<&'s Object>,
}

/// Pairs all objects but those of some files, in the order of environments and of who they are.
pub(super) fn pairs<'s>(
    before: &'s Snapshot,
    after: &'s Snapshot,
    without: &BTreeSet<Arc<str>>,
) -> Vec<Pair<'s>> {
    let mut known: BTreeMap<(&str, &ObjectKey), [Vec<&'s Object>; 2]> = BTreeMap::new();
    for (side, snapshot) in [before, after].into_iter().enumerate() {
        for object in snapshot.objects.iter().filter(|object| !without.contains(&object.path)) {
            known.entry((&object.environment, &object.key)).or_default()[side].push(object);
        }
    }
    let mut found = Vec::new();
    let mut gone: BTreeMap<(&str, &GroupKind), Vec<&Object>> = BTreeMap::new();
    let mut new: BTreeMap<(&str, &GroupKind), Vec<&Object>> = BTreeMap::new();
    for ((environment, key), [old, recent]) in known {
        let (both, left, came) = alike(old, recent);
        found.extend(
            both.into_iter().map(|(old, new)| Pair { before: Some(old), after: Some(new) }),
        );
        gone.entry((environment, &key.group_kind)).or_default().extend(left);
        new.entry((environment, &key.group_kind)).or_default().extend(came);
    }
    for (kind, old) in gone {
        renamed(old, new.entry(kind).or_default(), &mut found);
    }
    let came = new.into_values().flatten();
    found.extend(came.map(|object| Pair { before: None, after: Some(object) }));
    found.sort_by_cached_key(|pair| {
        let object = pair.after.or(pair.before);
        object.map(|object| (object.environment.clone(), object.key.clone(), object.path.clone()))
    });
    found
}

type Matched<'s> = (Vec<(&'s Object, &'s Object)>, Vec<&'s Object>, Vec<&'s Object>);

/// Pairs objects that say the same of who they are: those of one file first, then those of one directory,
/// those that say the same, and the rest in the order of their files, since the directories of two
/// clusters may hold the same objects.
fn alike<'s>(mut old: Vec<&'s Object>, mut new: Vec<&'s Object>) -> Matched<'s> {
    let mut both = Vec::new();
    if let ([one], [other]) = (old.as_slice(), new.as_slice()) {
        return (vec![(one, other)], Vec::new(), Vec::new());
    }
    let mut pair = |is_it: &dyn Fn(&Object, &Object) -> bool| {
        old.retain(|object| {
            let here = new.iter().position(|other| is_it(object, other));
            here.map(|here| both.push((*object, new.remove(here)))).is_none()
        });
    };
    pair(&|one, other| one.path == other.path);
    pair(&|one, other| one.directory() == other.directory());
    pair(&|one, other| same(&one.node, &other.node));
    let moved = old.len().min(new.len());
    both.extend(old.drain(..moved).zip(new.drain(..moved)));
    (both, old, new)
}

/// Pairs those that have the most in common, and what is left with nothing.
fn renamed<'s>(old: Vec<&'s Object>, new: &mut Vec<&'s Object>, found: &mut Vec<Pair<'s>>) {
    let leaves = |objects: &[&Object]| -> Vec<Leaves> {
        objects.iter().map(|object| Leaves::of_object(&object.node)).collect()
    };
    let mut candidates = Vec::new();
    if !new.is_empty() && old.len() * new.len() <= MOST_COMPARED {
        let (before, after) = (leaves(&old), leaves(new));
        for (one, gone) in old.iter().enumerate() {
            for (other, came) in new.iter().enumerate() {
                let share = before[one].likeness(&after[other]);
                let says = !before[one].is_empty() && !after[other].is_empty();
                let is_made = is_regenerated(&gone.key, &came.key);
                let is_next = is_made && share >= REGENERATED || is_sole(one, other, &old, new);
                if is_next || says && is_near(gone, came) && share >= RENAMED {
                    candidates.push((is_next, share, one, other));
                }
            }
        }
    }
    candidates
        .sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let mut taken: HashMap<usize, usize> = HashMap::new();
    let mut given = vec![false; new.len()];
    for (_, _, one, other) in candidates {
        if !taken.contains_key(&one) && !given[other] {
            taken.insert(one, other);
            given[other] = true;
        }
    }
    for (place, object) in old.into_iter().enumerate() {
        found
            .push(Pair { before: Some(object), after: taken.get(&place).map(|other| new[*other]) });
    }
    let mut place = 0;
    new.retain(|_| {
        place += 1;
        !given[place - 1]
    });
}

/// Whether one may have been the other: it kept its name or its namespace.
fn is_near(one: &Object, other: &Object) -> bool {
    one.key.name == other.key.name || one.key.namespace == other.key.namespace
}

/// Whether two objects are one with the hash of its content in its name, whatever that is: no other has
/// that name with another hash.
fn is_sole(one: usize, other: usize, old: &[&Object], new: &[&Object]) -> bool {
    let (gone, came) = (&old[one].key, &new[other].key);
    let alone = |objects: &[&Object]| {
        let mut same = objects.iter().filter(|it| {
            it.key.namespace == gone.namespace && hashed(&it.key.name) == hashed(&gone.name)
        });
        same.next().is_some() && same.next().is_none()
    };
    hashed(&gone.name).is_some()
        && hashed(&gone.name) == hashed(&came.name)
        && gone.namespace == came.namespace
        && alone(old)
        && alone(new)
}

/// The name before a hash: ten letters as `encode` in `api/hasher` of kustomize writes them, or at least
/// eight digits of hexadecimal.
fn hashed(name: &str) -> Option<&str> {
    let (stem, hash) = name.rsplit_once('-')?;
    let is_of = |letters: &str| hash.chars().all(|c| letters.contains(c));
    let has_digit = hash.chars().any(|c| c.is_ascii_digit());
    let is_hash = hash.len() == 10 && is_of("2456789bcdfghkmt")
        || hash.len() >= 8 && has_digit && is_of("0123456789abcdef");
    is_hash.then_some(stem)
}

/// Whether two names are one, each with the hash of its content after it.
fn is_regenerated(one: &ObjectKey, other: &ObjectKey) -> bool {
    fn stem(name: &str) -> Option<&str> {
        let (stem, hash) = name.rsplit_once('-')?;
        let is_hash = (5..=16).contains(&hash.len())
            && hash.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
            && hash.chars().any(|c| c.is_ascii_digit());
        is_hash.then_some(stem)
    }
    one.namespace == other.namespace
        && stem(&one.name).is_some_and(|stem_of| stem(&other.name) == Some(stem_of))
}
