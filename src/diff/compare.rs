//! Two values held against each other.

use super::edit::{Edit, Step, What};
use super::list;
use super::same::same;
use crate::model::Quantity;
use crate::schema::Shape;
use crate::yaml::{Map, Node, Value};

/// What differs between two values as the API server sees them: amounts by what they mean, a field
/// that is not there as its default, lists by what tells their items apart. The shape is that of
/// the second one.
#[must_use]
pub fn compare(before: &Node, after: &Node, shape: Shape<'_>) -> Vec<Edit> {
    let mut comparison = Comparison::default();
    comparison.value(before, after, shape);
    comparison.edits
}

/// Whether the server sees no difference.
pub(super) fn alike(before: &Node, after: &Node, shape: Shape<'_>) -> bool {
    same(before, after) || compare(before, after, shape).is_empty()
}

#[derive(Default)]
pub(super) struct Comparison {
    edits: Vec<Edit>,
    at: Vec<Step>,
}

impl Comparison {
    pub(super) fn value(&mut self, before: &Node, after: &Node, shape: Shape<'_>) {
        match (&before.value, &after.value) {
            (Value::Map(one), Value::Map(other)) => {
                self.map((before, one), (after, other), shape);
            }
            (Value::Seq(one), Value::Seq(other)) => {
                if !same(before, after) {
                    list::compare(self, one, other, shape);
                }
            }
            _ if same(before, after) || is_same_amount(before, after, shape) => {}
            _ => self.push(What::Replaced(before.clone(), after.clone())),
        }
    }

    fn map(&mut self, before: (&Node, &Map), after: (&Node, &Map), shape: Shape<'_>) {
        let is_there = |object: &Node, name: &str, node: &Node| {
            !shape.is_nothing(name, node) && !shape.is_overruled(object, name)
        };
        let was_there = |name: &str, node: &Node| is_there(before.0, name, node);
        let is_there = |name: &str, node: &Node| is_there(after.0, name, node);
        for (key, old) in before.1.iter().filter(|(key, node)| was_there(&key.name, node)) {
            let name = &*key.name;
            let at = Step::Field(name.into());
            match after.1.get(name).filter(|node| is_there(name, node)) {
                Some(new) => self.within(at, |it| it.value(old, new, shape.field(name))),
                None if is_default(shape, [before.0, after.0], name, old) => {}
                None if is_under_other_name(shape, after.0, name, old) => {}
                None => self.within(at, |it| {
                    let gone = || What::Removed(old.clone());
                    it.push(switched(old, after.1.get(name)).unwrap_or_else(gone));
                }),
            }
        }
        for (key, new) in after.1.iter().filter(|(key, node)| is_there(&key.name, node)) {
            let name = &*key.name;
            let is_new = before.1.get(name).filter(|node| was_there(name, node)).is_none();
            let is_told = is_default(shape, [before.0, after.0], name, new)
                || is_under_other_name(shape, before.0, name, new);
            if is_new && !is_told {
                self.within(Step::Field(name.into()), |it| {
                    let came = || What::Added(new.clone());
                    let was = before.1.get(name);
                    it.push(was.and_then(|was| switched(was, Some(new))).unwrap_or_else(came));
                });
            }
        }
    }

    pub(super) fn within(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.at.push(step);
        look(self);
        self.at.pop();
    }

    pub(super) fn push(&mut self, what: What) {
        self.edits.push(Edit { at: self.at.clone(), what });
    }
}

/// A switch that is stated on both sides, though one that is off is nothing to the server.
fn switched(old: &Node, new: Option<&Node>) -> Option<What> {
    let new =
        new.filter(|new| matches!((&old.value, &new.value), (Value::Bool(_), Value::Bool(_))))?;
    Some(What::Replaced(old.clone(), new.clone()))
}

/// Whether a value is what the server would put in its place: in the object that lacks it, and in
/// the other if it lacked it, since what it puts there may depend on what else differs.
fn is_default(shape: Shape<'_>, objects: [&Node; 2], name: &str, value: &Node) -> bool {
    objects.iter().all(|object| {
        let default = shape.default_of(object, name);
        default.is_some_and(|default| alike(&default, value, shape.field(name)))
    })
}

/// Whether an object has the value in a field that the server takes for the same.
fn is_under_other_name(shape: Shape<'_>, object: &Node, name: &str, value: &Node) -> bool {
    let other = shape.other_name(name).and_then(|other| object.get(other));
    other.is_some_and(|other| same(other, value))
}

fn is_same_amount(before: &Node, after: &Node, shape: Shape<'_>) -> bool {
    let amount = |node| Quantity::of(node);
    shape.is_quantity() && amount(before).is_some_and(|before| Some(before) == amount(after))
}
