//! Lists held against each other.

use std::collections::{HashMap, VecDeque};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::compare::{Comparison, alike};
use super::edit::{Step, What};
use super::same::{Leaves, digest};
use crate::schema::{Items, Shape};
use crate::yaml::{Node, Value, to_json_string};

/// More items between two that stay are not held each against each.
const MOST_COMPARED: usize = 2_500;
/// Items that have less in common are two, and not one that changed.
const ALIKE: f64 = 0.5;

/// What lies deeper is not held against each other before it is known which belong together: each level
/// would do that for all below it again.
const DEEPEST: usize = 6;

/// Pairs of items that are one, by their places before and after, in the old order.
type Pairs = Vec<(usize, usize)>;

pub(super) fn compare(into: &mut Comparison, before: &[Node], after: &[Node], shape: Shape<'_>) {
    let labels = |items: &[Node]| labels(items, shape);
    let (pairs, names) = match (labels(before), labels(after)) {
        (Some(old), Some(new)) => (by_label(&old, &new), Some((old, new))),
        _ => (by_place(before, after, shape.item()), None),
    };
    let label = |place: usize, is_new: bool| -> Box<str> {
        let names = names.as_ref().map(|(old, new)| if is_new { new } else { old });
        names.map(|names| names[place].as_str().into()).unwrap_or_default()
    };
    let mut staying = pairs.iter().peekable();
    for (place, old) in before.iter().enumerate() {
        if let Some((_, new)) = staying.next_if(|(old, _)| *old == place) {
            let label = label(place, false);
            let at = Step::Item { label, before: Some(place), after: Some(*new) };
            into.within(at, |it| it.value(old, &after[*new], shape.item()));
        } else {
            let at = Step::Item { label: label(place, false), before: Some(place), after: None };
            into.within(at, |it| it.push(What::Removed(old.clone())));
        }
    }
    let mut stays = vec![false; after.len()];
    pairs.iter().for_each(|(_, new)| stays[*new] = true);
    for (place, new) in after.iter().enumerate().filter(|(place, _)| !stays[*place]) {
        let at = Step::Item { label: label(place, true), before: None, after: Some(place) };
        into.within(at, |it| it.push(What::Added(new.clone())));
    }
    let mut order = pairs;
    order.sort_unstable_by_key(|(_, new)| *new);
    let moved = !order.is_sorted_by_key(|(old, _)| *old);
    if moved && shape.items() != Items::Set {
        into.push(What::Reordered(order.into_iter().map(|(old, _)| old).collect()));
    }
}

/// What tells each item from the others, as the schema says, or as a name of its own does where no
/// schema speaks; nothing where two are told alike.
fn labels(items: &[Node], shape: Shape<'_>) -> Option<Vec<String>> {
    let labels: Vec<String> = match shape.items() {
        Items::Set => items.iter().map(to_json_string).collect(),
        Items::Keyed(keys) => {
            let label = |item: &Node| label(item, keys, shape.item());
            items.iter().map(label).collect::<Option<_>>()?
        }
        Items::Ordered => {
            let named = |item: &Node| Some(format!("name={}", item.get("name")?.as_str()?));
            items.iter().map(named).collect::<Option<_>>()?
        }
    };
    let mut seen: Vec<&String> = labels.iter().collect();
    seen.sort_unstable();
    let is_clear = seen.windows(2).all(|two| two[0] != two[1]);
    is_clear.then_some(labels)
}

pub(super) fn label(item: &Node, keys: &[Box<str>], shape: Shape<'_>) -> Option<String> {
    item.as_map()?;
    let mut parts = Vec::new();
    for key in keys {
        let stated = item.get(key).filter(|node| !node.is_null());
        let default = if stated.is_none() { shape.default_of(item, key) } else { None };
        if let Some(node) = stated.or(default.as_ref()) {
            let value = node.as_str().map_or_else(|| to_json_string(node), str::to_owned);
            parts.push(format!("{key}={value}"));
        }
    }
    Some(parts.join(","))
}

fn by_label(before: &[String], after: &[String]) -> Pairs {
    let new: HashMap<&String, usize> =
        after.iter().enumerate().map(|(place, label)| (label, place)).collect();
    let old = before.iter().enumerate();
    old.filter_map(|(place, label)| Some((place, *new.get(label)?))).collect()
}

/// The most items that are the same in the same order; between them those that are most alike.
fn by_place(before: &[Node], after: &[Node], shape: Shape<'_>) -> Pairs {
    let digests = |items: &[Node]| items.iter().map(digest).collect::<Vec<_>>();
    let (old, new) = (digests(before), digests(after));
    if let Some(pairs) = in_another_order(&old, &new) {
        return pairs;
    }
    let mut pairs = Pairs::new();
    for step in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match step {
            DiffOp::Equal { old_index, new_index, len } => {
                pairs.extend((0..len).map(|it| (old_index + it, new_index + it)));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let old = &before[old_index..old_index + old_len];
                let new = &after[new_index..new_index + new_len];
                let found = most_alike(old, new, shape);
                pairs.extend(found.into_iter().map(|(a, b)| (old_index + a, new_index + b)));
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } => {}
        }
    }
    pairs
}

/// Every item with the one that is the same, where all are there before and after.
fn in_another_order(before: &[u64], after: &[u64]) -> Option<Pairs> {
    let mut places: HashMap<u64, VecDeque<usize>> = HashMap::new();
    for (place, item) in after.iter().enumerate() {
        places.entry(*item).or_default().push_back(place);
    }
    let old = before.iter().enumerate();
    let pairs = old.map(|(place, item)| Some((place, places.get_mut(item)?.pop_front()?)));
    (before.len() == after.len()).then(|| pairs.collect())?
}

/// The pairs in the same order that have the most in common all together.
fn most_alike(before: &[Node], after: &[Node], shape: Shape<'_>) -> Pairs {
    if before.len() * after.len() > MOST_COMPARED {
        return Pairs::new();
    }
    let leaves = |items: &[Node]| items.iter().map(Leaves::of).collect::<Vec<_>>();
    let (old, new) = (leaves(before), leaves(after));
    let share = |one: usize, other: usize| {
        if is_shallow(&before[one], DEEPEST) && alike(&before[one], &after[other], shape) {
            return 1.0;
        }
        let share = match (&before[one].value, &after[other].value) {
            (Value::String(one), Value::String(other)) => {
                strsim::normalized_levenshtein(one, other)
            }
            (Value::Map(_), Value::Map(_)) | (Value::Seq(_), Value::Seq(_)) => {
                old[one].likeness(&new[other])
            }
            _ => 0.0,
        };
        if share < ALIKE { 0.0 } else { share }
    };
    let width = after.len() + 1;
    let mut best = vec![0.0f64; (before.len() + 1) * width];
    for one in (0..before.len()).rev() {
        for other in (0..after.len()).rev() {
            let both = share(one, other) + best[(one + 1) * width + other + 1];
            let apart = best[(one + 1) * width + other].max(best[one * width + other + 1]);
            best[one * width + other] = both.max(apart);
        }
    }
    let (mut one, mut other, mut pairs) = (0, 0, Pairs::new());
    while one < before.len() && other < after.len() {
        let here = best[one * width + other];
        if here <= best[(one + 1) * width + other] {
            one += 1;
        } else if here <= best[one * width + other + 1] {
            other += 1;
        } else {
            pairs.push((one, other));
            one += 1;
            other += 1;
        }
    }
    pairs
}

fn is_shallow(node: &Node, levels: usize) -> bool {
    match &node.value {
        Value::Map(map) => levels > 0 && map.iter().all(|(_, node)| is_shallow(node, levels - 1)),
        Value::Seq(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        _ => true,
    }
}
