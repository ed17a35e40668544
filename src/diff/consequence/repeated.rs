//! Objects that stand more than once in one state.

use std::collections::HashMap;

use super::{Consequence, Effect};
use crate::diff::snapshot::{Object, Snapshot};
use crate::model::ObjectKey;

/// The objects of a state that share who they are with others of it.
pub(in crate::diff) struct Copies<'s>(HashMap<(&'s str, &'s ObjectKey), Vec<&'s Object>>);

impl<'s> Copies<'s> {
    /// Those of a state, with what both states have.
    pub(in crate::diff) fn of(state: &'s Snapshot, beside: &'s Snapshot) -> Self {
        let mut all: HashMap<_, Vec<&Object>> = HashMap::with_capacity(state.objects.len());
        for object in state.objects.iter().chain(&beside.objects) {
            all.entry((&*object.environment, &object.key)).or_default().push(object);
        }
        Self(all)
    }

    /// What is to be known of an object that is gone from one place, where another is left, and whether
    /// that is certainly of the same cluster, so that nothing is deleted.
    pub(super) fn left(&self, before: &Object) -> (bool, Option<Consequence>) {
        let Some(copy) = self.all(before).first() else { return (false, None) };
        let stays = is_one_cluster(before, copy);
        let then = if stays { "it stays" } else { "it stays if that is of the same cluster" };
        (stays, Some(told(copy, then)))
    }

    /// What is to be known of an object that is there, where another of its name is.
    pub(super) fn beside(&self, after: &Object) -> Option<Consequence> {
        let mut others = self.all(after).iter().filter(|other| !std::ptr::eq(**other, after));
        let copy = others.find(|copy| is_one_cluster(after, copy))?;
        Some(told(copy, "one of them takes the place of the other"))
    }

    fn all<'a>(&'a self, object: &'a Object) -> &'a [&'s Object] {
        self.0.get(&(&*object.environment, &object.key)).map_or(&[], Vec::as_slice)
    }
}

/// The directories of two clusters may hold the same objects; an environment is one cluster.
fn is_one_cluster(one: &Object, other: &Object) -> bool {
    !one.environment.is_empty() || one.said.is_some() || one.path == other.path
}

fn told(copy: &Object, then: &str) -> Consequence {
    let text = format!("`{}` has an object of this name, too: {then}", copy.path);
    Consequence { effect: Effect::Repeated, text }
}
