//! A place in an object, with the path that the API server writes for it.

use std::fmt;

use crate::source::Span;
use crate::yaml::{Key, Node};

/// A node and how it was reached. Fields borrow their parents, so that looking at an object builds
/// no paths; only a fault writes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) node: &'a Node,
    step: Step<'a>,
    parent: Option<&'a Field<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    /// A field of an object: `.name`.
    Name(&'a Key),
    /// A key of a map whose keys are free: `[key]`.
    Entry(&'a Key),
    /// An item of a list: `[0]`.
    Item(usize),
}

/// One step from an object to a value in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// The name of a field, or the key of an entry.
    Key(Box<str>),
    /// The number of an item, from 0.
    Item(usize),
}

impl<'a> Field<'a> {
    /// The object itself.
    pub(crate) fn root(node: &'a Node) -> Self {
        Self { node, step: Step::Root, parent: None }
    }

    /// The same place with another value.
    pub(crate) fn with(&self, node: &'a Node) -> Field<'a> {
        Self { node, ..*self }
    }

    /// The field of this name, where it is there and not null: for the server null is nothing.
    pub(crate) fn get(&'a self, name: &str) -> Option<Field<'a>> {
        let (key, node) = self.node.as_map()?.entry(name)?;
        (!node.is_null()).then_some(Self { node, step: Step::Name(key), parent: Some(self) })
    }

    /// The fields in order, those that are null too.
    pub(crate) fn fields(&'a self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        self.entries_as(Step::Name)
    }

    /// The entries of a map with free keys, those that are null too.
    pub(crate) fn entries(&'a self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        self.entries_as(Step::Entry)
    }

    fn entries_as(
        &'a self,
        step: fn(&'a Key) -> Step<'a>,
    ) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        let entries = self.node.as_map().into_iter().flat_map(|map| map.iter());
        entries.map(move |(key, node)| {
            (&*key.name, Self { node, step: step(key), parent: Some(self) })
        })
    }

    /// The items of a list.
    pub(crate) fn items(&'a self) -> impl Iterator<Item = Field<'a>> {
        let items = self.node.as_seq().unwrap_or_default().iter().enumerate();
        items.map(move |(index, node)| Self { node, step: Step::Item(index), parent: Some(self) })
    }

    /// The text of the field of this name; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.node.get(name).and_then(Node::as_str).unwrap_or_default()
    }

    /// How the value is reached from the object.
    pub(crate) fn way(&self) -> Vec<Way> {
        let mut way = self.parent.map(Field::way).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Name(key) | Step::Entry(key) => way.push(Way::Key(key.name.clone())),
            Step::Item(number) => way.push(Way::Item(number)),
        }
        way
    }

    /// Where the value is written, or its key where the value is a map or a list.
    pub(crate) fn span(&self) -> Span {
        match self.step {
            Step::Name(key) | Step::Entry(key)
                if self.node.as_map().is_some() || self.node.as_seq().is_some() =>
            {
                key.span
            }
            _ => self.node.span,
        }
    }

    /// Where the key is written, or the value where there is no key.
    pub(crate) fn key_span(&self) -> Span {
        match self.step {
            Step::Name(key) | Step::Entry(key) => key.span,
            Step::Root | Step::Item(_) => self.node.span,
        }
    }
}

/// `spec.template.spec.containers[0].name`, `metadata.labels[app]`: as `field.Path` of
/// k8s.io/apimachinery does.
impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(key) => {
                let dot = if self.parent.is_some_and(|parent| parent.parent.is_some()) {
                    "."
                } else {
                    ""
                };
                write!(f, "{dot}{}", key.name)
            }
            Step::Entry(key) => write!(f, "[{}]", key.name),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// The path itself and those of all that it lies in.
pub(crate) fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices(['.', '[']).map(|(at, _)| at).filter(|at| *at > 0);
    ends.chain([path.len()]).map(|end| &path[..end])
}
