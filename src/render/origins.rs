//! Where the values are written that an expression of a template used.
//!
//! What an expression reads itself is noted while it is evaluated. A local name was read long
//! before, so how its value is made is followed through what the template was given. Where branches
//! or loops leave several places, the one counts that states the very value; where none or several
//! do, there is no origin: none is better than a wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Value as JinjaValue;

use super::analysis::{Emission, Follows, Table};
use super::made::{How, Made, Step};
use super::tracked::{Tracked, is_the};
use crate::source::Span;
use crate::yaml::{Map, Node, Value};

/// The places of what a fragment is given, by argument.
pub(super) type Places = BTreeMap<String, Box<[Span]>>;

/// What a template was given, with the places of it.
#[derive(Debug, Default)]
pub(super) struct Origins {
    roots: BTreeMap<String, Arc<Tracked>>,
    /// What has no places of its own: arguments of a fragment that are no maps and lists.
    arguments: BTreeMap<String, (JinjaValue, Box<[Span]>)>,
}

/// One value that an expression gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) value: &'a JinjaValue,
    /// `loop.index0`, where a loop runs.
    pub(super) round: Option<usize>,
    /// The places that were read for it.
    pub(super) read: &'a [Span],
    /// Those of them that were read in what a fragment gave.
    pub(super) picked: &'a [Span],
}

/// What a value can be.
enum Possible<'a> {
    Node {
        node: &'a Node,
        rendered: bool,
    },
    Value {
        value: &'a JinjaValue,
        places: &'a [Span],
    },
    /// Made from what stands there.
    From(Vec<Span>),
    Unknown,
}

/// A loop, and how often it has come by.
type Round = Option<(usize, usize)>;

impl Origins {
    /// `hidden` are names that may stand for something else in what the template includes.
    pub(super) fn new(context: &JinjaValue, mut places: Places, hidden: &BTreeSet<String>) -> Self {
        let mut origins = Self::default();
        for name in context.try_iter().into_iter().flatten() {
            let (Some(name), Ok(value)) = (name.as_str(), context.get_item(&name)) else {
                continue;
            };
            if hidden.contains(name) {
                continue;
            }
            if let Some(root) = value.downcast_object::<Tracked>() {
                origins.roots.insert(name.to_owned(), root);
            } else if let Some(places) = places.remove(name) {
                origins.arguments.insert(name.to_owned(), (value, places));
            }
        }
        origins
    }

    /// The places of the values that went into what an expression wrote.
    pub(super) fn of(&self, emission: &Emission, given: Given<'_>) -> Box<[Span]> {
        let round = emission.around.zip(given.round);
        let (read, picked) = match emission.follows {
            Follows::Statement => (&[][..], &[][..]),
            Follows::Text(_) | Follows::Emission => (given.read, given.picked),
        };
        let made = &emission.made;
        let mut places = match made.how {
            How::Constant(_) => Vec::new(),
            How::Fragment => picked.to_vec(),
            How::From(_) | How::List(_) | How::Map(_) | How::OneOf(_) | How::Default(_) => {
                let used = self.used(made, given.value, round).unwrap_or_default();
                read.iter().copied().chain(used).collect()
            }
            _ if !read.is_empty() => read.to_vec(),
            _ => self.used(made, given.value, round).unwrap_or_default(),
        };
        let mut seen = BTreeSet::new();
        places.retain(|place| seen.insert((place.file, place.start, place.end)));
        places.into()
    }

    /// Whether an expression can have given a value.
    pub(super) fn can_give(&self, emission: &Emission, given: Given<'_>) -> bool {
        self.can_be(&emission.made, given, emission.around.zip(given.round))
    }

    /// The places of what a template hands to a fragment. Nothing for an argument where several
    /// calls can have been the one and differ in it.
    pub(super) fn arguments(
        &self,
        table: &Table,
        fragment: &str,
        arguments: &BTreeMap<String, JinjaValue>,
        given: Given<'_>,
    ) -> Places {
        let mut found: Option<Places> = None;
        for call in &table.calls {
            if call.fragment.as_ref().is_some_and(|name| name != fragment) {
                continue;
            }
            let Some(written) = &call.arguments else { return Places::new() };
            let round = call.around.zip(given.round);
            let pairs = || written.iter().zip(arguments);
            let possible = written.len() == arguments.len()
                && pairs().all(|((name, made), (other, value))| {
                    name == other && self.can_be(made, Given { value, ..given }, round)
                });
            if !possible {
                continue;
            }
            let places: Places = pairs()
                .filter_map(|((name, made), (_, value))| {
                    Some((name.clone(), self.used(made, value, round)?.into()))
                })
                .collect();
            match &mut found {
                None => found = Some(places),
                Some(known) => known.retain(|name, known| places.get(name) == Some(known)),
            }
        }
        found.unwrap_or_default()
    }

    fn can_be(&self, made: &Made, given: Given<'_>, round: Round) -> bool {
        self.possible(made, round).iter().any(|possible| match possible {
            // What is found under a name of the context is read when the expression is evaluated.
            Possible::Node { node, rendered: false }
                if matches!(made.how, How::Given { bound: false, .. }) =>
            {
                is_the(node, given.value) && (!is_leaf(node) || given.read.contains(&node.span))
            }
            other => other.can_be(given.value),
        })
    }

    /// The places of what was used to make a value; nothing where that cannot be told.
    fn used(&self, made: &Made, value: &JinjaValue, round: Round) -> Option<Vec<Span>> {
        let mut possible = self.possible(made, round);
        let several = possible.len() > 1;
        if several
            && possible.iter().any(|one| matches!(one, Possible::Unknown | Possible::From(_)))
        {
            return None;
        }
        possible.retain(|one| one.can_be(value));
        let mut places = possible.into_iter().map(Possible::places);
        let first = places.next()??;
        places.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }

    /// The places of what surely went into a value.
    fn sure(&self, made: &Made, round: Round) -> Vec<Span> {
        let mut places = self.possible(made, round).into_iter().map(Possible::places);
        match places.next() {
            Some(Some(first)) if places.all(|other| other.as_ref() == Some(&first)) => first,
            _ => Vec::new(),
        }
    }

    fn possible<'a>(&'a self, made: &'a Made, round: Round) -> Vec<Possible<'a>> {
        let from = |parts: &mut dyn Iterator<Item = &'a Arc<Made>>| {
            vec![Possible::From(parts.flat_map(|part| self.sure(part, round)).collect())]
        };
        match &made.how {
            How::Constant(value) => vec![Possible::Value { value, places: &[] }],
            How::Given { name, steps, .. } => {
                if let Some(root) = self.roots.get(name) {
                    let node = steps.iter().try_fold(root.node(), |node, step| step.walk(node));
                    let rendered = root.is_rendered();
                    return node
                        .map(|node| Possible::Node { node, rendered })
                        .into_iter()
                        .collect();
                }
                let argument = self.arguments.get(name).filter(|_| steps.is_empty());
                vec![
                    argument.map_or(Possible::Unknown, |(value, places)| Possible::Value {
                        value,
                        places,
                    }),
                ]
            }
            How::In { base, step } => {
                let found = |possible| match possible {
                    Possible::Node { node, rendered } => {
                        let node = step.walk(node)?;
                        Some(Possible::Node { node, rendered })
                    }
                    _ => Some(Possible::Unknown),
                };
                self.possible(base, round).into_iter().filter_map(found).collect()
            }
            How::Item { of, round: counted, entry } => {
                let nth = round.filter(|(id, _)| Some(*id) == *counted).map(|(_, nth)| nth);
                if let (How::List(items), false) = (&of.how, entry) {
                    let items = items.iter().enumerate();
                    let items = items.filter(|(index, _)| nth.is_none_or(|nth| nth == *index));
                    return items.flat_map(|(_, item)| self.possible(item, round)).collect();
                }
                let lists = self.possible(of, round).into_iter();
                lists.flat_map(|list| list.items(*entry, nth)).collect()
            }
            How::OneOf(parts) => parts.iter().flat_map(|part| self.possible(part, round)).collect(),
            How::Default(both) => {
                let [first, otherwise] = &**both;
                let mut possible = self.possible(first, round);
                if !matches!(possible[..], [Possible::Node { .. }]) {
                    possible.extend(self.possible(otherwise, round));
                }
                possible
            }
            How::From(parts) | How::List(parts) => from(&mut parts.iter()),
            How::Map(fields) => from(&mut fields.values()),
            How::Fragment | How::Unknown => vec![Possible::Unknown],
        }
    }
}

impl<'a> Possible<'a> {
    fn can_be(&self, value: &JinjaValue) -> bool {
        match self {
            Self::Node { node, .. } => is_the(node, value),
            Self::Value { value: known, .. } => super::tracked::same(known, value),
            Self::From(_) | Self::Unknown => true,
        }
    }

    fn places(self) -> Option<Vec<Span>> {
        match self {
            Self::Node { node, rendered: true } => Some(node.origins.to_vec()),
            Self::Node { node, .. } => {
                Some(is_leaf(node).then_some(node.span).into_iter().collect())
            }
            Self::Value { places, .. } => Some(places.to_vec()),
            Self::From(places) => Some(places),
            Self::Unknown => None,
        }
    }

    /// What a loop over it can bind: all of it, or what a round tells.
    fn items(self, entries: bool, nth: Option<usize>) -> Vec<Self> {
        let Self::Node { node, rendered } = self else { return vec![Self::Unknown] };
        let items: Vec<&'a Node> = match &node.value {
            Value::Seq(items) if !entries => items.iter().collect(),
            Value::Map(map) if entries => Map::iter(map).map(|(_, value)| value).collect(),
            _ => return vec![Self::Unknown],
        };
        let counts = |index: usize| nth.is_none_or(|nth| nth == index);
        let items = items.into_iter().enumerate().filter(|(index, _)| counts(*index));
        items.map(|(_, node)| Self::Node { node, rendered }).collect()
    }
}

impl Step {
    fn walk<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        match (self, &node.value) {
            (Self::Index(index), Value::Seq(items)) => items.get(*index),
            (Self::Index(index), Value::Map(_)) => node.get(&index.to_string()),
            (Self::Name(name), _) => node.get(name),
            _ => None,
        }
    }
}

fn is_leaf(node: &Node) -> bool {
    !matches!(node.value, Value::Seq(_) | Value::Map(_))
}
