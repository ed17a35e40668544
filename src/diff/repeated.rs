//! Objects that stand more than once in a state, told apart by their number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::same::same;
use super::snapshot::{Object, Snapshot};
use crate::model::ObjectKey;
use crate::yaml::Node;

/// Objects of one environment that say the same of who they are, in one of the states at least.
///
/// Each state numbers its own in the order of its files, those too that are the same in both: the
/// number of an object follows from its state alone.
#[derive(Debug)]
pub struct Repeated {
    /// The environment; empty where nobody says.
    pub environment: Arc<str>,
    /// Who they are.
    pub key: ObjectKey,
    /// The numbers, from 0, whose objects differ, with what stands there before and after.
    pub differing: Vec<(usize, Option<Node>, Option<Node>)>,
}

/// Those of two states, with what both have; without those of some files.
pub(super) fn repeated(
    before: &Snapshot,
    after: &Snapshot,
    beside: &Snapshot,
    without: &BTreeSet<Arc<str>>,
) -> Vec<Repeated> {
    let mut all: BTreeMap<(&Arc<str>, &ObjectKey), [Vec<&Object>; 2]> = BTreeMap::new();
    for (side, state) in [before, after].into_iter().enumerate() {
        let objects = state.objects.iter().chain(&beside.objects);
        for object in objects.filter(|object| !without.contains(&object.path)) {
            all.entry((&object.environment, &object.key)).or_default()[side].push(object);
        }
    }
    all.retain(|_, sides| sides.iter().any(|objects| objects.len() > 1));
    let repeated = |((environment, key), mut sides): (_, [Vec<&Object>; 2])| {
        // Those of one file stay in their order.
        sides.iter_mut().for_each(|objects| objects.sort_by(|one, two| one.path.cmp(&two.path)));
        let [old, new] = &sides;
        let at = |all: &[&Object], number: usize| all.get(number).map(|it| it.node.clone());
        let pairs =
            (0..old.len().max(new.len())).map(|number| (number, at(old, number), at(new, number)));
        let differs = |(_, old, new): &(usize, Option<Node>, Option<Node>)| {
            !old.as_ref().zip(new.as_ref()).is_some_and(|(old, new)| same(old, new))
        };
        let differing = pairs.filter(differs).collect();
        Repeated { environment: Arc::clone(environment), key: ObjectKey::clone(key), differing }
    };
    all.into_iter().map(repeated).collect()
}
