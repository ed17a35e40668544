//! Whether values are the same, and how alike they are.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::yaml::{Node, Value};

/// Whether two values are the same as JSON. The order of a map's keys says nothing there.
pub(super) fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, node)| other.get(&key.name).is_some_and(|other| same(node, other)))
        }
        (Value::Seq(one), Value::Seq(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (one, other) => one == other,
    }
}

/// A number that is the same for all values that are the same.
pub(super) fn digest(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    match &node.value {
        Value::Map(map) => {
            let entry = |(key, node): (&crate::yaml::Key, &Node)| {
                let mut hasher = DefaultHasher::new();
                (&key.name, digest(node)).hash(&mut hasher);
                hasher.finish()
            };
            // A sum has no order either.
            let sum = map.iter().map(entry).fold(0u64, u64::wrapping_add);
            (0u8, map.len(), sum).hash(&mut hasher);
        }
        Value::Seq(items) => {
            1u8.hash(&mut hasher);
            items.iter().for_each(|item| digest(item).hash(&mut hasher));
        }
        Value::Null => 2u8.hash(&mut hasher),
        Value::Bool(value) => (3u8, value).hash(&mut hasher),
        Value::Int(value) => (4u8, value).hash(&mut hasher),
        Value::UInt(value) => (5u8, value).hash(&mut hasher),
        Value::Float(value) => (6u8, value.to_bits()).hash(&mut hasher),
        Value::String(text) => (7u8, text).hash(&mut hasher),
    }
    hasher.finish()
}

/// The leaves of a value, to tell how alike it is to others. Where an item stands in its list says
/// nothing, and each line of a text is a leaf.
#[derive(Debug, Default)]
pub(super) struct Leaves(Vec<u64>);

impl Leaves {
    pub(super) fn of(node: &Node) -> Self {
        let mut leaves = Self::default();
        leaves.add(node, 0);
        leaves.0.sort_unstable();
        leaves
    }

    /// The leaves of an object without what names it.
    pub(super) fn of_object(object: &Node) -> Self {
        let mut leaves = Self::default();
        for (key, node) in object.as_map().into_iter().flat_map(|map| map.iter()) {
            match &*key.name {
                "apiVersion" | "kind" => {}
                "metadata" => {
                    for (key, node) in node.as_map().into_iter().flat_map(|map| map.iter()) {
                        if !["name", "namespace"].contains(&&*key.name) {
                            leaves.add(node, below(0, &key.name));
                        }
                    }
                }
                name => leaves.add(node, below(0, name)),
            }
        }
        leaves.0.sort_unstable();
        leaves
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, node: &Node, way: u64) {
        match &node.value {
            Value::Map(map) => {
                map.iter().for_each(|(key, node)| self.add(node, below(way, &key.name)));
            }
            Value::Seq(items) => {
                items.iter().for_each(|item| self.add(item, below(way, "")));
            }
            Value::String(text) if text.contains('\n') => {
                self.0.extend(text.lines().map(|line| below(way, line)));
            }
            _ => self.0.push(below(way, &digest(node).to_string())),
        }
    }

    /// From 0 for nothing in common to 1 for the same leaves.
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        let (mut common, mut left, mut right) = (0usize, 0, 0);
        while let (Some(one), Some(two)) = (self.0.get(left), other.0.get(right)) {
            match one.cmp(two) {
                std::cmp::Ordering::Less => left += 1,
                std::cmp::Ordering::Greater => right += 1,
                std::cmp::Ordering::Equal => {
                    common += 1;
                    left += 1;
                    right += 1;
                }
            }
        }
        let all = self.0.len() + other.0.len();
        if all == 0 { 1.0 } else { 2.0 * common as f64 / all as f64 }
    }
}

fn below(way: u64, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (way, name).hash(&mut hasher);
    hasher.finish()
}
