//! What a server-side apply would make of an object, worked out where the server may not be asked.

use super::list::label;
use super::owned::{Owned, of_item, owners, remove};
use super::same::same;
use crate::schema::{Items, Shape};
use crate::yaml::{Node, Value};

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
    let mut result = merge(live, stated, shape);
    let all: Vec<_> = managed.into_iter().flat_map(owners).collect();
    let is_own = |one: &&Owned<'_>| one.applies && one.manager == manager;
    for own in all.iter().filter(is_own) {
        let others: Vec<&Node> =
            all.iter().filter(|one| !is_own(one)).map(|one| one.fields).collect();
        remove(&mut result, own.fields, Some(stated), &others);
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
/// does not know: as far as those own it who apply client-side.
///
/// Source: `patchSimple` of kubectl's `apply`, and its migration to server-side apply.
pub fn take_away(
    result: &mut Node,
    applied: &Node,
    stated: &Node,
    shape: Shape<'_>,
    managed: Option<&Node>,
    manager: &str,
) {
    let names = ["kubectl-client-side-apply", manager];
    let all = managed.into_iter().flat_map(owners);
    let own = all.filter(|one| !one.applies && names.contains(&one.manager));
    let own: Vec<&Node> = own.map(|one| one.fields).collect();
    take(result, applied, stated, shape, &own);
}

fn take(result: &mut Node, applied: &Node, stated: &Node, shape: Shape<'_>, own: &[&Node]) {
    if own.is_empty() {
        return;
    }
    match (&mut result.value, &applied.value, &stated.value) {
        (Value::Map(result), Value::Map(applied), Value::Map(stated)) => {
            for (key, was) in applied.iter().filter(|(_, was)| !was.is_null()) {
                let step = format!("f:{}", key.name);
                let own: Vec<&Node> = own.iter().filter_map(|own| own.get(&step)).collect();
                match (stated.get(&key.name), result.get_mut(&key.name)) {
                    (None, Some(_)) if !own.is_empty() => drop(result.remove(&key.name)),
                    (Some(now), Some(here)) => take(here, was, now, shape.field(&key.name), &own),
                    _ => {}
                }
            }
        }
        (Value::Seq(result), Value::Seq(applied), Value::Seq(stated)) => {
            for was in applied {
                let own: Vec<&Node> = own.iter().filter_map(|own| of_item(own, was)).collect();
                let same = |other: &Node| is_same_item(was, other, shape);
                let Some(at) = result.iter().position(&same) else { continue };
                match stated.iter().find(|now| same(now)) {
                    None if !own.is_empty() => drop(result.remove(at)),
                    Some(now) => take(&mut result[at], was, now, shape.item(), &own),
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
