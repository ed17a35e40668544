//! Both states as wholes: what is there beside an object that differs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::compare::compare;
use super::consequence::hosts;
use super::edit::Step;
use super::fate::{Fate, Fates};
use super::snapshot::{Object, Snapshot};
use crate::load::manifest::is_open;
use crate::model::ObjectKey;
use crate::schema::{Definitions, Pack, Shape};

/// What is known beside the files that differ.
#[derive(Debug, Default)]
pub struct Beside {
    /// The objects of files that are the same in both states, as far as they were read.
    pub same: Snapshot,
    /// The environments of which all files were read.
    pub whole: BTreeSet<Arc<str>>,
    /// What becomes of objects that leave a state.
    pub fates: Fates,
}

/// Both states.
pub(super) struct Whole<'s> {
    pub(super) before: Side<'s>,
    pub(super) after: Side<'s>,
    pub(super) fates: &'s Fates,
    pub(super) pack: &'s Pack,
    pub(super) definitions: &'s Definitions,
}

impl<'s> Whole<'s> {
    pub(super) fn of(
        before: &'s Snapshot,
        after: &'s Snapshot,
        pack: &'s Pack,
        definitions: &'s Definitions,
        beside: &'s Beside,
    ) -> Self {
        let side = |snapshot: &'s Snapshot| Side::of(&snapshot.objects, &beside.same.objects);
        Self { before: side(before), after: side(after), fates: &beside.fates, pack, definitions }
    }

    /// Whether two states of an object differ below a field, as the API server sees them.
    pub(super) fn differs(&self, before: &Object, after: &Object, field: &[&str]) -> bool {
        let shape = Shape::of(&after.node, self.pack, self.definitions);
        compare(&before.node, &after.node, shape).iter().any(|edit| {
            let names = edit.at.iter().map(|step| match step {
                Step::Field(name) => &**name,
                Step::Item { .. } => "",
            });
            names.zip(field).all(|(name, field)| name == *field)
        })
    }

    /// Whether an object that no file has any more is taken out of the cluster. Where nobody knows,
    /// it is.
    pub(super) fn is_deleted(&self, object: &Object) -> bool {
        let fate = self.fates.of(&object.path, &object.key);
        matches!(fate, None | Some(Fate::Deleted | Fate::DeletedAlone))
    }

    /// Whether what it owns goes with it.
    pub(super) fn takes_pods_along(&self, object: &Object) -> bool {
        matches!(self.fates.of(&object.path, &object.key), None | Some(Fate::Deleted))
    }
}

/// One state.
pub(super) struct Side<'s> {
    by_kind: HashMap<(&'s str, &'s str, &'s str), Vec<&'s Object>>,
    /// Whether some object is there twice: then directories hold what several clusters have, or what
    /// is there to choose from.
    is_several: bool,
    /// The routes of each host; gathered when they are asked for.
    routes: OnceLock<HashMap<String, Vec<&'s Object>>>,
}

impl<'s> Side<'s> {
    fn of(objects: &'s [Object], same: &'s [Object]) -> Self {
        let mut by_kind: HashMap<_, Vec<&'s Object>> = HashMap::new();
        let mut keys: HashSet<&ObjectKey> = HashSet::new();
        let mut is_several = false;
        for object in objects.iter().chain(same) {
            let kind = &object.key.group_kind;
            by_kind
                .entry((&*object.environment, &*kind.group, &*kind.kind))
                .or_default()
                .push(object);
            is_several |= object.environment.is_empty() && !keys.insert(&object.key);
        }
        Self { by_kind, is_several, routes: OnceLock::new() }
    }

    /// The objects of a kind that are in one cluster with an object for sure.
    pub(super) fn of_kind<'w>(
        &'w self,
        with: &'w Object,
        group: &'w str,
        kind: &'w str,
    ) -> impl Iterator<Item = &'s Object> + use<'s, 'w> {
        let found = self.by_kind.get(&(&*with.environment, group, kind)).into_iter().flatten();
        found.copied().filter(move |other| self.share(with, other))
    }

    /// The same in the namespace of the object. Objects of two directories that state no namespace
    /// may be in two.
    pub(super) fn beside<'w>(
        &'w self,
        with: &'w Object,
        group: &'w str,
        kind: &'w str,
    ) -> impl Iterator<Item = &'s Object> + use<'s, 'w> {
        self.of_kind(with, group, kind).filter(|other| is_beside(with, other))
    }

    /// The same of all kinds, in no order.
    pub(super) fn all_beside<'w>(
        &'w self,
        with: &'w Object,
    ) -> impl Iterator<Item = &'s Object> + use<'s, 'w> {
        self.all_of_cluster(with).filter(|other| is_beside(with, other))
    }

    /// The same with those that may be in the namespace: nobody knows where those are that state none.
    pub(super) fn may_be_beside<'w>(
        &'w self,
        with: &'w Object,
    ) -> impl Iterator<Item = &'s Object> + use<'s, 'w> {
        self.all_of_cluster(with).filter(|other| {
            let is_unknown = |one: &Object| {
                let stated = one.node.pointer("/metadata/namespace");
                one.key.namespace.is_empty() || stated.is_some_and(is_open)
            };
            other.key.namespace == with.key.namespace || is_unknown(with) || is_unknown(other)
        })
    }

    fn all_of_cluster<'w>(
        &'w self,
        with: &'w Object,
    ) -> impl Iterator<Item = &'s Object> + use<'s, 'w> {
        let of_cluster = self.by_kind.iter().filter(|(key, _)| *key.0 == *with.environment);
        let all = of_cluster.flat_map(|(_, objects)| objects.iter().copied());
        all.filter(|other| self.share(with, other))
    }

    /// The routes that have a host, in one cluster with an object for sure.
    pub(super) fn routes(&self, with: &Object, host: &str) -> Vec<&'s Object> {
        let routes = self.routes.get_or_init(|| {
            let mut routes: HashMap<String, Vec<&'s Object>> = HashMap::new();
            for object in self.by_kind.values().flatten() {
                for host in hosts(object).into_iter().flatten() {
                    routes.entry(host).or_default().push(object);
                }
            }
            routes.values_mut().for_each(|all| all.sort_by(|one, other| one.key.cmp(&other.key)));
            routes
        });
        let found = routes.get(host).into_iter().flatten().copied();
        found.filter(|one| one.environment == with.environment && self.share(with, one)).collect()
    }

    fn share(&self, one: &Object, other: &Object) -> bool {
        !one.environment.is_empty() || !self.is_several || one.directory() == other.directory()
    }

    /// All objects, by environment; without those that may be of several clusters.
    pub(super) fn by_environment(&self) -> BTreeMap<&'s str, Vec<&'s Object>> {
        let mut all: BTreeMap<&'s str, Vec<&'s Object>> = BTreeMap::new();
        for (key, objects) in &self.by_kind {
            if !(key.0.is_empty() && self.is_several) {
                all.entry(key.0).or_default().extend(objects);
            }
        }
        for objects in all.values_mut() {
            objects.sort_by(|one, other| one.key.cmp(&other.key));
        }
        all
    }
}

/// Whether two objects of one cluster are in one namespace for sure.
pub(super) fn is_beside(one: &Object, other: &Object) -> bool {
    other.key.namespace == one.key.namespace
        && (!one.key.namespace.is_empty() || one.directory() == other.directory())
}
