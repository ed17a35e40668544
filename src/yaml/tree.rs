//! Building the tree of one document from the parser's events.

use super::fault::{Fault, FaultKind};
use super::limits::{MAX_ALIAS_COST, MAX_DEPTH};
use super::mapping::{MapFrame, Slot};
use super::node::{Key, Node, Value};
use super::read::Marks;
use super::resolve::{self, Meaning};
use crate::source::{FileId, Span};
use std::borrow::Cow;
use std::collections::HashMap;

/// A scalar as the parser gave it.
pub(super) struct Scalar<'t> {
    /// The text, escapes resolved.
    pub(super) text: Cow<'t, str>,
    /// Whether it is plain, without quotes and not a block.
    pub(super) plain: bool,
    /// Its tag: the name in YAML's own namespace, or nothing for a tag of another.
    pub(super) tag: Option<Option<Cow<'t, str>>>,
    /// The number of its anchor, or 0.
    pub(super) anchor: usize,
    /// Where it is written.
    pub(super) span: Span,
}

/// The tree while it grows.
pub(super) struct Builder {
    file: FileId,
    marks: Marks,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    alias_cost: usize,
    anchor_cost: usize,
    /// Nodes as goyaml.v2 counts them, keys and expanded aliases included.
    count: usize,
    root: Option<Node>,
    /// What was wrong so far.
    pub(super) faults: Vec<Fault>,
}

/// A finished node with an anchor.
struct Anchored {
    node: Node,
    cost: Cost,
}

/// What it costs to repeat a node.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    nodes: usize,
    weight: usize,
    height: usize,
}

enum Frame {
    Seq { items: Vec<Node>, start: Span, anchor: usize },
    Map(MapFrame),
}

impl Builder {
    pub(super) fn new(file: FileId, marks: Marks) -> Self {
        Self {
            file,
            marks,
            frames: Vec::new(),
            anchors: HashMap::new(),
            alias_cost: 0,
            anchor_cost: 0,
            count: 0,
            root: None,
            faults: Vec::new(),
        }
    }

    /// The finished tree.
    pub(super) fn finish(self) -> (Option<Node>, Vec<Fault>) {
        (self.root, self.faults)
    }

    /// Takes a scalar.
    pub(super) fn scalar(&mut self, scalar: Scalar<'_>) -> Result<(), Fault> {
        self.count += 1;
        let Scalar { text, plain, tag, anchor, span } = scalar;
        if let Some(Frame::Map(map)) = self.frames.last_mut()
            && matches!(map.slot, Slot::Key)
        {
            let merge = match &tag {
                None => plain,
                // goyaml.v2 takes `! <<` for one, too.
                Some(None) => false,
                Some(Some(suffix)) => suffix == "merge" || suffix.is_empty(),
            };
            if merge && text == "<<" {
                map.slot = Slot::Merge(span);
                return Ok(());
            }
            let (meaning, text) = match meaning(plain, tag, text) {
                Ok(found) => found,
                Err(message) => {
                    map.slot = Slot::Skipped;
                    self.faults.push(Fault::new(FaultKind::Value, span, message));
                    return Ok(());
                }
            };
            if anchor != 0 {
                let value = resolve::value(meaning, Cow::Borrowed(&text)).unwrap_or(Value::Null);
                let node = Node::new(value, span);
                let cost = Cost { nodes: 1, weight: 1 + text.len() / 64, height: 0 };
                self.anchors.insert(anchor, Anchored { node, cost });
            }
            let name = resolve::key_name(meaning, text);
            self.key(name, meaning, span);
            return Ok(());
        }
        let marked = self.marks == Marks::Plain && plain && tag.is_none();
        let value = match meaning(plain, tag, text) {
            Ok((meaning, text)) => resolve::value(meaning, text).unwrap_or_else(|| {
                self.faults.push(
                    Fault::new(
                        FaultKind::Value,
                        span,
                        "a number that is not finite has no form in JSON",
                    )
                    .help("put quotes around it where text is meant"),
                );
                Value::Null
            }),
            Err(message) => {
                self.faults.push(Fault::new(FaultKind::Value, span, message));
                Value::Null
            }
        };
        let mut node = Node::new(value, span);
        if marked {
            node.origins = Box::new([span]);
        }
        self.complete(node, anchor)
    }

    /// Starts a sequence.
    pub(super) fn start_seq(&mut self, start: Span, anchor: usize) -> Result<(), Fault> {
        self.open(start, Frame::Seq { items: Vec::new(), start, anchor })
    }

    /// Starts a mapping.
    pub(super) fn start_map(&mut self, start: Span, anchor: usize) -> Result<(), Fault> {
        self.open(start, Frame::Map(MapFrame::new(start, anchor)))
    }

    fn open(&mut self, start: Span, frame: Frame) -> Result<(), Fault> {
        self.count += 1;
        if self.frames.len() >= MAX_DEPTH {
            return Err(too_deep(start));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Ends the innermost collection; `close` is its bracket, where it has one.
    pub(super) fn end(&mut self, close: Option<Span>) -> Result<(), Fault> {
        let (value, start, last, anchor) = match self.frames.pop() {
            Some(Frame::Seq { items, start, anchor }) => {
                let last = items.last().map(|item| item.span);
                (Value::Seq(items), start, last, anchor)
            }
            Some(Frame::Map(map)) => {
                let last = map.entries.last().map(|(key, node)| {
                    // A merged or repeated entry may come from further up.
                    if node.span.start < key.span.start { key.span } else { node.span }
                });
                let (start, anchor) = (map.start, map.anchor);
                (Value::Map(map.finish()), start, last, anchor)
            }
            None => return Ok(()),
        };
        let end = close.or(last).map_or(start.end, |span| span.end).max(start.end);
        let span = Span { end, ..start };
        self.complete(Node::new(value, span), anchor)
    }

    /// Takes an alias.
    pub(super) fn alias(&mut self, id: usize, span: Span) -> Result<(), Fault> {
        self.count += 1;
        let Some(anchored) = self.anchors.get(&id) else {
            return Err(Fault::new(
                FaultKind::Reference,
                span,
                "the alias stands inside what it refers to",
            )
            .help("an alias may only repeat what is written before it"));
        };
        self.count += anchored.cost.nodes;
        self.alias_cost += anchored.cost.weight;
        if self.alias_cost > MAX_ALIAS_COST || excessive(self.alias_cost, self.count) {
            return Err(Fault::new(
                FaultKind::Limit,
                span,
                "the aliases of this document repeat too much",
            )
            .help("write the repeated parts out, or make them with a template"));
        }
        if self.frames.len() + anchored.cost.height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        if let Some(Frame::Map(map)) = self.frames.last()
            && matches!(map.slot, Slot::Key)
        {
            let (name, meaning) = alias_key(&anchored.node.value);
            self.key(name, meaning, span);
            return Ok(());
        }
        let mut node = anchored.node.clone();
        node.span = span;
        self.complete(node, 0)
    }

    /// Takes the name of a key, or says why it has none.
    fn key(&mut self, name: Option<Box<str>>, meaning: Meaning, span: Span) {
        let Some(Frame::Map(map)) = self.frames.last_mut() else { return };
        let Some(name) = name else {
            map.slot = Slot::Skipped;
            let message = match meaning {
                Meaning::Null => "a key cannot be null",
                Meaning::Number(_) => "a number this large cannot be a key",
                _ => "a key must be text",
            };
            self.faults.push(
                Fault::new(FaultKind::Key, span, message)
                    .help("write the key before `:`, in quotes where it is not a plain word"),
            );
            return;
        };
        map.slot = Slot::Value(Key { name, span });
    }

    /// Puts a finished node where it belongs.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            let cost = cost(&node);
            self.anchor_cost += cost.weight;
            // Anchors inside anchors are copied once a level.
            if self.anchor_cost > 16 * MAX_ALIAS_COST {
                return Err(Fault::new(
                    FaultKind::Limit,
                    node.span,
                    "the anchors of this document hold too much",
                )
                .help("put anchors only on what an alias repeats"));
            }
            self.anchors.insert(anchor, Anchored { node: node.clone(), cost });
        }
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame::Seq { items, .. }) => items.push(node),
            Some(Frame::Map(map)) => match std::mem::replace(&mut map.slot, Slot::Key) {
                Slot::Value(key) => {
                    if let Some(fault) = map.set(key, node) {
                        self.faults.push(fault);
                    }
                }
                Slot::Merge(span) => map.merge(span, node, &mut self.faults),
                Slot::Skipped => {}
                Slot::Key => {
                    map.slot = Slot::Skipped;
                    self.faults.push(collection_key(&node));
                }
            },
        }
        Ok(())
    }

    /// Whether nothing is open and nothing was read.
    pub(super) fn is_at_root(&self) -> bool {
        self.frames.is_empty() && self.root.is_none()
    }

    /// The file that the document is in.
    pub(super) fn file(&self) -> FileId {
        self.file
    }
}

fn meaning<'t>(
    plain: bool,
    tag: Option<Option<Cow<'t, str>>>,
    text: Cow<'t, str>,
) -> Result<(Meaning, Cow<'t, str>), String> {
    match tag {
        None if plain => Ok((resolve::plain(&text), text)),
        Some(Some(suffix)) => resolve::tagged(&suffix, text),
        None | Some(None) => Ok((Meaning::Text, text)),
    }
}

/// The name that a repeated value gives a key.
fn alias_key(value: &Value) -> (Option<Box<str>>, Meaning) {
    match value {
        Value::Bool(value) => (Some(value.to_string().into()), Meaning::Bool(*value)),
        Value::Int(number) => (Some(number.to_string().into()), Meaning::Text),
        Value::Float(number) => {
            (Some(super::go_number::key_name(*number).into()), Meaning::NotFinite(*number))
        }
        Value::String(text) => (Some(text.clone()), Meaning::Text),
        Value::Null => (None, Meaning::Null),
        Value::UInt(number) => (None, Meaning::Number(super::go_number::Number::UInt(*number))),
        Value::Seq(_) | Value::Map(_) => (None, Meaning::Text),
    }
}

fn collection_key(node: &Node) -> Fault {
    let fault =
        Fault::new(FaultKind::Key, node.span, format!("a key cannot be {}", node.type_name()));
    match node.value {
        Value::Map(_) => fault.help(
            "put quotes around a value that starts with `{{` or `{`: YAML takes it for a map",
        ),
        _ => fault.help("write the key as text"),
    }
}

fn too_deep(span: Span) -> Fault {
    Fault::new(FaultKind::Limit, span, format!("nested deeper than {MAX_DEPTH} levels"))
}

/// goyaml.v2's own bound for documents that are nearly all aliases (`allowedAliasRatio`).
fn excessive(aliased: usize, all: usize) -> bool {
    aliased > 100 && all > 1000 && aliased / 99 > all / 100
}

/// What it costs to repeat a node. The recursion is as deep as the tree, which is bounded.
fn cost(node: &Node) -> Cost {
    let mut sum = Cost { nodes: 1, weight: 1, height: 0 };
    let mut add = |child: &Node, key: usize| {
        let child = cost(child);
        sum.nodes += child.nodes + usize::from(key > 0);
        sum.weight += child.weight + key;
        sum.height = sum.height.max(child.height + 1);
    };
    match &node.value {
        Value::Seq(items) => items.iter().for_each(|item| add(item, 0)),
        Value::Map(map) => {
            map.iter().for_each(|(key, child)| add(child, 1 + key.name.len() / 64));
        }
        Value::String(text) => sum.weight += text.len() / 64,
        _ => {}
    }
    // An empty collection is a level of its own.
    if sum.height == 0 && matches!(node.value, Value::Seq(_) | Value::Map(_)) {
        sum.height = 1;
    }
    sum
}
