//! Rules for the rest of an object of which some values are not known: they could not be read, or
//! they are open, which is to say that somebody fills them in later.
//!
//! Such a value may turn out to be anything of its type. So the rules judge copies in which it is
//! left out, or is one value after the other that may make a difference, and only what is wrong
//! with all of them is told.

use std::collections::{HashMap, HashSet};

use crate::check::object::fault::Fault;
use crate::model::{Field, Way, prefixes};
use crate::yaml::{Key, Node, Value};

/// How many numbers or quantities are taken from elsewhere in the object.
const NUMBERS: usize = 8;

/// How many texts are taken from there: those under the same name first.
const TEXTS: usize = 64;

/// Words that other fields ask for, where no schema says which there are.
const WORDS: [&str; 3] = ["Always", "None", "metadata.name"];

/// Fields that nothing else in an object refers to, and that may be left out.
const APART: [&str; 19] = [
    "affinity",
    "annotations",
    "args",
    "command",
    "env",
    "envFrom",
    "hostAliases",
    "imagePullSecrets",
    "lifecycle",
    "livenessProbe",
    "nodeSelector",
    "ports",
    "readinessProbe",
    "resources",
    "startupProbe",
    "strategy",
    "tolerations",
    "topologySpreadConstraints",
    "updateStrategy",
];

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Bool,
    Bytes,
    Int,
    IntOrString,
    Quantity,
    /// A list or a map, or what is not known.
    Structure,
    Text,
    Time,
}

/// A value that is not known.
#[derive(Debug)]
pub(crate) struct Unread<'s> {
    way: Vec<Way>,
    path: String,
    form: Form,
    /// Words of which it must be one, where there are such.
    choices: &'s [Box<str>],
    /// Whether it could be read, as text, and is open.
    is_open: bool,
}

impl<'s> Unread<'s> {
    pub(crate) fn new(field: &Field<'_>, form: Form) -> Self {
        Self { way: field.way(), path: field.to_string(), form, choices: &[], is_open: false }
    }

    /// Text that somebody fills in later.
    pub(crate) fn open(field: &Field<'_>, form: Form, choices: &'s [Box<str>]) -> Self {
        Self { choices, is_open: true, ..Self::new(field, form) }
    }
}

/// What is wrong with the rest of an object, whatever its unread values turn out to be; and how
/// many faults depend on those that are open. In an object whose parts are `entangled`, anything
/// may depend on anything.
pub(crate) fn judge(
    object: &Node,
    unread: &[Unread<'_>],
    entangled: bool,
    rules: impl Fn(&Node) -> Vec<Fault>,
) -> (Vec<Fault>, usize) {
    // Values that are open stand there as text.
    let mut first = object.clone();
    unread.iter().filter(|one| !one.is_open).for_each(|one| put(&mut first, &one.way, None));
    let mut told = rules(&first);
    if told.is_empty() {
        return (told, 0);
    }
    let index = Index::of(object);
    let guesses: Vec<Vec<Value>> = unread.iter().map(|one| index.guesses(object, one)).collect();
    let concern = Concern::of(unread, &guesses, entangled);
    told.retain(|fault| !concern.has(&fault.path));
    let of_readable = told.len();
    // First none of them is there.
    for number in 0..=guesses.iter().map(Vec::len).max().unwrap_or_default() {
        if told.is_empty() {
            break;
        }
        let mut copy = object.clone();
        for (one, guesses) in unread.iter().zip(&guesses) {
            let last = guesses.len().saturating_sub(1);
            let value = number.checked_sub(1).and_then(|number| guesses.get(number.min(last)));
            put(&mut copy, &one.way, value);
        }
        let faults = rules(&copy);
        let also: HashSet<(&str, &str)> =
            faults.iter().map(|fault| (fault.id, &*fault.path)).collect();
        told.retain(|fault| also.contains(&(fault.id, &*fault.path)));
    }
    let of_open = if unread.iter().any(|one| one.is_open) { of_readable - told.len() } else { 0 };
    (told, of_open)
}

/// Sets the value that a way leads to, or takes it out; items stay where they are.
fn put(node: &mut Node, way: &[Way], value: Option<&Value>) {
    let Some((step, rest)) = way.split_first() else {
        node.value = value.cloned().unwrap_or(Value::Null);
        return;
    };
    match (step, &mut node.value) {
        (Way::Key(name), Value::Map(map)) if rest.is_empty() && value.is_none() => {
            map.remove(name);
        }
        (Way::Key(name), Value::Map(map)) => {
            if let Some(child) = map.get_mut(name) {
                put(child, rest, value);
            }
        }
        (Way::Item(number), Value::Seq(items)) => {
            if let Some(child) = items.get_mut(*number) {
                put(child, rest, value);
            }
        }
        _ => {}
    }
}

/// The paths whose faults an unread value may be the cause of.
struct Concern {
    /// Here, and everywhere below.
    places: HashSet<String>,
    /// Here only.
    above: HashSet<String>,
}

impl Concern {
    fn of(unread: &[Unread<'_>], guesses: &[Vec<Value>], entangled: bool) -> Self {
        let (mut places, mut above) = (HashSet::new(), HashSet::from([String::new()]));
        for (one, guesses) in unread.iter().zip(guesses) {
            if guesses.is_empty() && !is_apart(one) {
                // What is in the same object in the wider sense may refer to it.
                places.extend(prefixes(&one.path).next().map(str::to_owned));
            }
            let is_label = ["metadata.labels", "metadata.annotations"];
            if entangled && !is_label.iter().any(|start| one.path.starts_with(start)) {
                places.extend(["metadata.name", "spec", "webhooks"].map(str::to_owned));
            }
            if guesses.is_empty() && ["data", "stringData"].contains(&&*one.path) {
                places.extend(["data".to_owned(), "stringData".to_owned()]);
            }
            if one.is_open {
                continue;
            }
            if guesses.is_empty() {
                above.extend(prefixes(&one.path).map(str::to_owned));
            }
            places.insert(one.path.clone());
            // The server leaves some numbers of items out of its paths.
            if let (Some(start), Some(end)) = (one.path.rfind('['), one.path.rfind(']'))
                && one.path[start + 1..end].parse::<usize>().is_ok()
            {
                places.insert(format!("{}{}", &one.path[..start], &one.path[end + 1..]));
            }
        }
        Self { places, above }
    }

    fn has(&self, path: &str) -> bool {
        self.above.contains(path) || prefixes(path).any(|prefix| self.places.contains(prefix))
    }
}

fn is_apart(one: &Unread<'_>) -> bool {
    matches!(one.way.last(), Some(Way::Key(name)) if APART.contains(&&**name))
}

/// Scalars by the names under which they stand, a few of each.
struct Index<'n> {
    by_name: HashMap<&'n str, Vec<&'n Value>>,
    texts: Vec<&'n Value>,
}

impl<'n> Index<'n> {
    fn of(object: &'n Node) -> Self {
        let mut index = Self { by_name: HashMap::new(), texts: Vec::new() };
        index.add(object);
        index
    }

    fn add(&mut self, node: &'n Node) {
        match &node.value {
            Value::Map(map) => {
                for (Key { name, .. }, child) in map.iter() {
                    if matches!(child.value, Value::Map(_) | Value::Seq(_)) {
                        self.add(child);
                        continue;
                    }
                    if child.as_str().is_some() {
                        self.text(&child.value);
                    }
                    let same = self.by_name.entry(name).or_default();
                    if same.len() < TEXTS && !same.contains(&&child.value) {
                        same.push(&child.value);
                    }
                }
            }
            Value::Seq(items) => items.iter().for_each(|item| self.add(item)),
            Value::String(_) => self.text(&node.value),
            _ => {}
        }
    }

    fn text(&mut self, value: &'n Value) {
        if self.texts.len() < TEXTS && !self.texts.contains(&value) {
            self.texts.push(value);
        }
    }

    /// Values that an unread one may turn out to be, beside none.
    fn guesses(&self, object: &Node, one: &Unread<'_>) -> Vec<Value> {
        let Some((node, parent)) = reach(object, &one.way) else { return Vec::new() };
        let text = |text: &str| Value::String(text.into());
        let name = one.way.iter().rev().find_map(|step| match step {
            Way::Key(name) => Some(&**name),
            Way::Item(_) => None,
        });
        let same = name.and_then(|name| self.by_name.get(name)).into_iter().flatten().copied();
        let texts = same
            .clone()
            .chain(self.texts.iter().copied())
            .filter(|value| matches!(value, Value::String(_)));
        let mut guesses = Vec::new();
        match one.form {
            Form::Structure => {}
            Form::Bool => guesses.extend([Value::Bool(true), Value::Bool(false)]),
            Form::Bytes => guesses.extend(["", "eA=="].map(text)),
            Form::Time => guesses.push(text("2026-01-31T12:00:00Z")),
            Form::Text => {
                guesses.extend(written(&node.value).filter(|_| !one.is_open).map(Value::String));
                guesses.extend(one.choices.iter().map(|choice| text(choice)));
                guesses.extend(WORDS.map(text));
                guesses.extend(texts.take(2 * TEXTS).cloned());
            }
            Form::IntOrString => {
                guesses.extend([Value::Int(0), Value::Int(1), text("100%")]);
                guesses.extend(written(&node.value).map(Value::String));
                guesses.extend(texts.take(NUMBERS).cloned());
            }
            Form::Int | Form::Quantity => {
                let is = |value: &Value| match one.form {
                    Form::Int => matches!(value, Value::Int(_)),
                    _ => matches!(value, Value::Int(_) | Value::String(_)),
                };
                let meant = node.as_str().and_then(|text| text.parse().ok()).map(Value::Int);
                guesses.extend(meant);
                let beside = parent.and_then(Node::as_map).into_iter().flat_map(|map| map.iter());
                let beside = beside.map(|(_, child)| &child.value);
                // A value that is itself unread is no guess for another.
                let good = |value: &&Value| match (one.form, *value) {
                    (Form::Quantity, Value::String(text)) => {
                        crate::check::object::value::text::is_quantity(text)
                    }
                    (_, value) => is(value),
                };
                guesses.extend(same.chain(beside.take(TEXTS)).filter(good).cloned());
                guesses.dedup();
                guesses.truncate(NUMBERS);
                guesses.extend(match one.form {
                    Form::Int => [0, 1, i64::from(i32::MAX)].map(Value::Int),
                    _ => ["0", "1", "1Pi"].map(text),
                });
            }
        }
        guesses
    }
}

/// What a way leads to, and what that stands in.
fn reach<'n>(object: &'n Node, way: &[Way]) -> Option<(&'n Node, Option<&'n Node>)> {
    let (mut node, mut parent) = (object, None);
    for step in way {
        let next = match step {
            Way::Key(name) => node.get(name)?,
            Way::Item(number) => node.as_seq()?.get(*number)?,
        };
        (node, parent) = (next, Some(node));
    }
    Some((node, parent))
}

/// A scalar in quotes.
fn written(value: &Value) -> Option<Box<str>> {
    match value {
        Value::Bool(value) => Some(value.to_string().into()),
        Value::Int(value) => Some(value.to_string().into()),
        Value::UInt(value) => Some(value.to_string().into()),
        Value::Float(value) => Some(value.to_string().into()),
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Seq(_) | Value::Map(_) => None,
    }
}
