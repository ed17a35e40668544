//! The tree of a YAML document, as Kubernetes sees it, with the place of each node.

use std::borrow::Cow;

use crate::source::Span;

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it is written: in a file that was read, or in the template that made it.
    pub span: Span,
    /// Where the values are written that filled it in, if any did; empty for literal text.
    pub origins: Box<[Span]>,
}

/// What a node holds: JSON's types, since that is what the API server gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// A boolean; YAML 1.1's `yes` and `off` too.
    Bool(bool),
    /// A whole number that fits 64 bits with sign.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Box<str>),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order of the text, with one entry a key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    entries: Vec<(Key, Node)>,
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The text of the key, after Kubernetes' conversion to a string (`yes:` is `true`).
    pub name: Box<str>,
    /// Where it is written.
    pub span: Span,
}

impl Node {
    /// A node without an origin in values.
    #[must_use]
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span, origins: Box::default() }
    }

    /// Text at a place.
    #[must_use]
    pub fn string(text: impl Into<Box<str>>, span: Span) -> Self {
        Self::new(Value::String(text.into()), span)
    }

    /// The text, where the node is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where the node is a whole one that fits 64 bits with sign.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self.value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    /// Whether the node is `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self.value, Value::Bool(true))
    }

    /// The mapping, where the node is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The mapping to change, where the node is one.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, where the node is a sequence.
    #[must_use]
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// Whether the node is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The child under a key, where the node is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The node at a JSON pointer (RFC 6901); the empty pointer is the node itself.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let token = match token.contains('~') {
                true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
                false => Cow::Borrowed(token),
            };
            node = match &node.value {
                Value::Map(map) => map.get(&token)?,
                Value::Seq(items) => items.get(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// What kind of value it is, in the words of a finding.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::UInt(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::String(_) => "text",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

impl Map {
    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The value under a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|(known, _)| &*known.name == key).map(|(_, node)| node)
    }

    /// Key and value under a name, to change. The key must keep its name.
    pub(crate) fn entry_mut(&mut self, key: &str) -> Option<(&mut Key, &mut Node)> {
        let found = self.entries.iter_mut().find(|(known, _)| &*known.name == key);
        found.map(|(key, node)| (key, node))
    }

    /// Key and value under a name.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        self.entries.iter().find(|(known, _)| &*known.name == key)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Sets a key; a new one goes to the end. Gives back what it replaced.
    pub fn insert(&mut self, key: Key, node: Node) -> Option<Node> {
        if let Some((_, old)) = self.entries.iter_mut().find(|(known, _)| known.name == key.name) {
            return Some(std::mem::replace(old, node));
        }
        self.entries.push((key, node));
        None
    }

    /// A mapping of entries whose keys are known to differ.
    pub(crate) fn from_unique(entries: Vec<(Key, Node)>) -> Self {
        Self { entries }
    }

    /// Appends a key that is known not to be there.
    pub(crate) fn push_unique(&mut self, key: Key, node: Node) {
        self.entries.push((key, node));
    }

    /// Sets a key at the front, or where it is.
    pub fn insert_at(&mut self, index: usize, key: Key, node: Node) {
        if self.contains_key(&key.name) {
            self.insert(key, node);
        } else {
            self.entries.insert(index.min(self.entries.len()), (key, node));
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<(Key, Node)> {
        let at = self.entries.iter().position(|(known, _)| &*known.name == key)?;
        Some(self.entries.remove(at))
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Key, &Node)> + ExactSizeIterator {
        self.entries.iter().map(|(key, node)| (key, node))
    }

    /// Keys and values in order, values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Node)> {
        self.entries.iter_mut().map(|(key, node)| (&*key, node))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Orders the entries by a rank of the key; equal ranks keep their order.
    pub(crate) fn sort_by_rank(&mut self, rank: impl Fn(&str) -> usize) {
        self.entries.sort_by_key(|(key, _)| rank(&key.name));
    }
}

impl IntoIterator for Map {
    type Item = (Key, Node);
    type IntoIter = std::vec::IntoIter<(Key, Node)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
