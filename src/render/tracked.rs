//! Values as templates see them: each read of a leaf is noted with the place it is written at.

use std::cell::RefCell;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as JinjaValue, ValueKind};

use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

thread_local! {
    /// Where the leaves are written that were read on this thread, and of which no expression has
    /// made use yet. An object's `get_value` is given no state, and one template renders on one
    /// thread.
    static READS: RefCell<Vec<Span>> = const { RefCell::new(Vec::new()) };
}

/// All reads noted so far.
pub(super) fn reads_len() -> usize {
    READS.with_borrow(Vec::len)
}

/// The places read since a mark, each once.
pub(super) fn reads_since(mark: usize) -> Box<[Span]> {
    READS.with_borrow(|reads| {
        let mut spans: Vec<Span> = Vec::new();
        for span in reads.get(mark..).unwrap_or_default() {
            if !spans.contains(span) {
                spans.push(*span);
            }
        }
        spans.into()
    })
}

/// Forgets what was read since a mark.
pub(super) fn forget_reads(mark: usize) {
    READS.with_borrow_mut(|reads| reads.truncate(mark));
}

/// A map or list in the tree of a node.
#[derive(Debug)]
pub(super) struct Tracked {
    root: Arc<Node>,
    path: Box<[u32]>,
    /// The node came out of a template: its spans say where it was made, not where a value is.
    rendered: bool,
}

/// A node as a template value. `rendered` tells the result of a fragment from configuration.
pub(super) fn tracked(root: &Arc<Node>, rendered: bool) -> JinjaValue {
    match scalar(root) {
        Some(value) => {
            if rendered {
                note(root, rendered);
            }
            value
        }
        None => JinjaValue::from_object(Tracked {
            root: Arc::clone(root),
            path: Box::default(),
            rendered,
        }),
    }
}

fn scalar(node: &Node) -> Option<JinjaValue> {
    Some(match &node.value {
        Value::Null => JinjaValue::from(()),
        Value::Bool(value) => JinjaValue::from(*value),
        Value::Int(value) => JinjaValue::from(*value),
        Value::UInt(value) => JinjaValue::from(*value),
        Value::Float(value) => JinjaValue::from(*value),
        Value::String(text) => JinjaValue::from(&**text),
        Value::Seq(_) | Value::Map(_) => return None,
    })
}

/// Notes that a leaf was read: where it is written, or what a template made it from.
fn note(node: &Node, rendered: bool) {
    READS.with_borrow_mut(|reads| match rendered {
        true => reads.extend_from_slice(&node.origins),
        false => reads.push(node.span),
    });
}

/// Notes all leaves of what is about to become text as a whole.
pub(super) fn note_leaves(node: &Node) {
    match &node.value {
        Value::Seq(items) => items.iter().for_each(note_leaves),
        Value::Map(map) => map.iter().for_each(|(_, child)| note_leaves(child)),
        _ => note(node, true),
    }
}

/// Whether a value is the one of a node: a map or list is the node itself, a leaf has its type.
pub(super) fn is_the(node: &Node, value: &JinjaValue) -> bool {
    match (scalar(node), value.downcast_object_ref::<Tracked>()) {
        (Some(leaf), None) => same(&leaf, value),
        (None, Some(tracked)) => std::ptr::eq(tracked.node(), node),
        _ => false,
    }
}

/// Whether two leaves are alike with their types: minijinja takes `true` for 1, and 1.0 too.
pub(super) fn same(one: &JinjaValue, other: &JinjaValue) -> bool {
    one.kind() == other.kind() && one.is_integer() == other.is_integer() && one == other
}

fn child(node: &Node, index: u32) -> Option<&Node> {
    match &node.value {
        Value::Seq(items) => items.get(index as usize),
        Value::Map(map) => map.iter().nth(index as usize).map(|(_, node)| node),
        _ => None,
    }
}

impl Tracked {
    pub(super) fn is_rendered(&self) -> bool {
        self.rendered
    }

    pub(super) fn node(&self) -> &Node {
        let mut node = &*self.root;
        for &index in &self.path {
            match child(node, index) {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node
    }

    fn enter(&self, index: usize, node: &Node) -> JinjaValue {
        if let Some(value) = scalar(node) {
            note(node, self.rendered);
            return value;
        }
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend_from_slice(&self.path);
        path.push(u32::try_from(index).unwrap_or(u32::MAX));
        JinjaValue::from_object(Self {
            root: Arc::clone(&self.root),
            path: path.into(),
            rendered: self.rendered,
        })
    }

    fn by_name(&self, name: &str) -> Option<JinjaValue> {
        let map = self.node().as_map()?;
        let (index, (_, node)) = map.iter().enumerate().find(|(_, (key, _))| &*key.name == name)?;
        Some(self.enter(index, node))
    }

    /// The subtree as it goes into a manifest: what a template made keeps its places; values get
    /// the place of the expression, and their own as origin.
    pub(super) fn to_manifest(&self, expression: Span) -> Node {
        if self.rendered { self.node().clone() } else { placed(self.node(), expression) }
    }

    /// The keys, for the message about one that is missing.
    pub(super) fn keys(&self) -> Vec<String> {
        let map = self.node().as_map();
        map.into_iter().flat_map(Map::iter).map(|(key, _)| key.name.to_string()).collect()
    }
}

fn placed(node: &Node, expression: Span) -> Node {
    let value = match &node.value {
        Value::Seq(items) => {
            Value::Seq(items.iter().map(|item| placed(item, expression)).collect())
        }
        Value::Map(map) => {
            let mut copy = Map::default();
            for (key, child) in map.iter() {
                let key = Key { name: key.name.clone(), span: expression };
                copy.push_unique(key, placed(child, expression));
            }
            Value::Map(copy)
        }
        other => other.clone(),
    };
    Node { value, span: expression, origins: Box::new([node.span]) }
}

impl Object for Tracked {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.node().value {
            Value::Seq(_) => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &JinjaValue) -> Option<JinjaValue> {
        if let Value::Seq(items) = &self.node().value {
            let index = key.as_usize()?;
            return Some(self.enter(index, items.get(index)?));
        }
        match key.as_str() {
            Some(name) => self.by_name(name),
            None if key.kind() == ValueKind::Number => self.by_name(&key.to_string()),
            None => None,
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<JinjaValue> {
        self.by_name(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.node().value {
            Value::Seq(items) => Enumerator::Seq(items.len()),
            Value::Map(map) => Enumerator::Values(
                map.iter().map(|(key, _)| JinjaValue::from(&*key.name)).collect(),
            ),
            _ => Enumerator::NonEnumerable,
        }
    }
}
