//! What a server-side apply would make of an object, worked out where the server may not be asked.

use super::list::label;
use super::owned::{Owned, is_leaf, of_item, owners, prune};
use super::same::same;
use crate::model::secret::LAST_APPLIED;
use crate::schema::{Items, Shape};
use crate::yaml::{Map, Node, Value, from_json};

/// Whoever applies client-side with `kubectl`: what it owns, Argo CD and `kubectl` take over when they apply
/// server-side.
///
/// Source: `DefaultClientSideApplyMigrationManager` in `pkg/sync/common/types.go` of gitops-engine.
const CLIENT_SIDE: &str = "kubectl-client-side-apply";

/// The object that is there after a manager has applied what it states: with all that others own, and
/// without what the manager applied before and states no more.
///
/// Source: `merge.Updater` of structured-merge-diff. What the server would fill in is not in it.
#[must_use]
pub fn merged(
    live: &Node,
    stated: &Node,
    shape: Shape<'_>,
    managed: Option<&Node>,
    manager: &str,
) -> Node {
    let all: Vec<_> = managed.into_iter().flat_map(owners).collect();
    pruned(live, stated, shape, &all, &|one| applied(one, manager))
}

/// The same after the manager has taken over what was applied client-side; nothing where there is no such
/// thing. `kubectl`'s copy of the object stays.
///
/// Source: `needsClientSideApplyMigration` and `performCSAUpgradeMigration` in `pkg/sync/sync_context.go` of
/// gitops-engine, `migrateToSSAIfNecessary` of kubectl's `apply`.
#[must_use]
pub fn migrated(
    live: &Node,
    stated: &Node,
    shape: Shape<'_>,
    managed: &Node,
    manager: &str,
) -> Option<Node> {
    let copy = copy(live);
    let all: Vec<_> = owners(managed).chain(owners(&copy)).collect();
    let was_client = all.iter().any(|one| applied_client_side(one, manager));
    let is_own = |one: &Owned<'_>| applied(one, manager) || applied_client_side(one, manager);
    was_client.then(|| pruned(live, stated, shape, &all, &is_own))
}

fn applied(one: &Owned<'_>, manager: &str) -> bool {
    one.applies && one.is_direct && one.manager == manager
}

fn applied_client_side(one: &Owned<'_>, manager: &str) -> bool {
    let has_copy = || {
        let annotations = one.fields.get("f:metadata").and_then(|it| it.get("f:annotations"));
        annotations.is_some_and(|it| it.get(&format!("f:{LAST_APPLIED}")).is_some())
    };
    let is_client_side = one.manager == CLIENT_SIDE || one.manager == manager && has_copy();
    !one.applies && one.is_direct && is_client_side
}

/// An owner of the annotation in which `kubectl` keeps what it applied: that is no part of the object.
fn copy(object: &Node) -> Node {
    let fields = format!("f:{LAST_APPLIED}");
    let entry = serde_json::json!([{
        "manager": LAST_APPLIED,
        "operation": "Apply",
        "fieldsV1": {"f:metadata": {"f:annotations": {fields: {}}}},
    }]);
    from_json(&entry, object.span)
}

fn pruned(
    live: &Node,
    stated: &Node,
    shape: Shape<'_>,
    all: &[Owned<'_>],
    is_own: &dyn Fn(&Owned<'_>) -> bool,
) -> Node {
    let mut result = merge(live, stated, shape);
    let others: Vec<&Node> = all.iter().filter(|one| !is_own(one)).map(|one| one.fields).collect();
    for own in all.iter().filter(|one| is_own(one)) {
        prune(&mut result, own.fields, Some(stated), &others, shape);
    }
    result
}

fn merge(live: &Node, stated: &Node, shape: Shape<'_>) -> Node {
    match (&live.value, &stated.value) {
        (Value::Map(_), Value::Map(map)) if !shape.is_atomic() => {
            let mut result = live.clone();
            let Some(into) = result.as_map_mut() else { return result };
            for (key, node) in map.iter().filter(|(_, node)| !node.is_null()) {
                match into.get_mut(&key.name) {
                    Some(old) => *old = merge(old, node, shape.field(&key.name)),
                    None => drop(into.insert(key.clone(), node.clone())),
                }
            }
            result
        }
        (Value::Seq(old), Value::Seq(new)) => {
            if shape.items() == Items::Ordered {
                return stated.clone();
            }
            let same = |one: &Node, other: &Node| is_same_item(one, other, shape);
            let mut items: Vec<Node> = Vec::new();
            for item in new {
                let there = old.iter().find(|old| same(old, item));
                items
                    .push(there.map_or_else(|| item.clone(), |old| merge(old, item, shape.item())));
            }
            // What is not stated stays behind what it stood behind.
            for (place, item) in old.iter().enumerate() {
                if new.iter().all(|new| !same(item, new)) {
                    let above = place.checked_sub(1).map(|above| &old[above]);
                    let above = above.and_then(|above| items.iter().position(|it| same(it, above)));
                    items.insert(above.map_or(0, |above| above + 1), item.clone());
                }
            }
            Node::new(Value::Seq(items), stated.span)
        }
        _ => stated.clone(),
    }
}

/// Takes away what was applied client-side and is stated no more, which the record of server-side applies
/// does not know: as far as those own it who apply client-side, and nobody else does.
///
/// Source: `patchSimple` of kubectl's `apply`, and its migration to server-side apply.
pub fn take_away(
    result: &mut Node,
    was: &Node,
    stated: &Node,
    shape: Shape<'_>,
    managed: Option<&Node>,
    manager: &str,
) {
    let copy = copy(result);
    let all = || managed.into_iter().flat_map(owners).chain(owners(&copy));
    let is_own = |one: &Owned<'_>| applied_client_side(one, manager);
    let is_other = |one: &Owned<'_>| !is_own(one) && !applied(one, manager);
    let whose = Whose {
        own: all().filter(is_own).map(|one| one.fields).collect(),
        others: all().filter(is_other).map(|one| one.fields).collect(),
    };
    take(result, was, stated, shape, &whose);
}

/// Whose the fields of a value are.
struct Whose<'m> {
    own: Vec<&'m Node>,
    others: Vec<&'m Node>,
}

impl<'m> Whose<'m> {
    fn below(&self, step: impl Fn(&'m Node) -> Option<&'m Node>) -> Self {
        let below = |fields: &[&'m Node]| fields.iter().filter_map(|it| step(it)).collect();
        Self { own: below(&self.own), others: below(&self.others) }
    }

    /// Takes away what is owned of a value that is stated no more. Says whether that is all of it.
    fn take(&self, value: &mut Node, shape: Shape<'_>) -> bool {
        for own in &self.own {
            prune(value, own, None, &self.others, shape);
        }
        self.others.is_empty()
    }

    /// Whether only something within a map is owned that was applied as an empty one: `kubectl` writes that
    /// where no annotations are stated.
    ///
    /// Source: `GetModifiedConfiguration` in `pkg/util/apply.go` of kubectl.
    fn is_within_nothing(&self, was: &Node) -> bool {
        was.as_map().is_some_and(Map::is_empty) && self.own.iter().any(|own| !is_leaf(own))
    }
}

fn take(result: &mut Node, was: &Node, stated: &Node, shape: Shape<'_>, whose: &Whose<'_>) {
    match (&mut result.value, &was.value, &stated.value) {
        (Value::Map(result), Value::Map(was), Value::Map(stated)) => {
            for (key, was) in was.iter().filter(|(_, was)| !was.is_null()) {
                let step = format!("f:{}", key.name);
                let whose = whose.below(|fields| fields.get(&step));
                let is_own = !whose.own.is_empty() && !whose.is_within_nothing(was);
                let Some(here) = result.get_mut(&key.name).filter(|_| is_own) else { continue };
                let shape = shape.field(&key.name);
                match stated.get(&key.name) {
                    Some(now) => take(here, was, now, shape, &whose),
                    None if whose.take(here, shape) => drop(result.remove(&key.name)),
                    None => {}
                }
            }
        }
        (Value::Seq(result), Value::Seq(was), Value::Seq(stated)) => {
            for was in was {
                let whose = whose.below(|fields| of_item(fields, was, shape.item()));
                let same = |other: &Node| is_same_item(was, other, shape);
                let at = result.iter().position(&same).filter(|_| !whose.own.is_empty());
                let Some(at) = at else { continue };
                match stated.iter().find(|now| same(now)) {
                    Some(now) => take(&mut result[at], was, now, shape.item(), &whose),
                    None if whose.take(&mut result[at], shape.item()) => drop(result.remove(at)),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// Whether two items of a list are one.
fn is_same_item(one: &Node, other: &Node, list: Shape<'_>) -> bool {
    match list.items() {
        Items::Ordered => false,
        Items::Set => same(one, other),
        Items::Keyed(keys) => label(one, keys, list.item()) == label(other, keys, list.item()),
    }
}
