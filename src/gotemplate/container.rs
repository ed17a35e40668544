//! Lists and maps, which are shared as in Go.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::failure::Failure;
use super::value::Value;

/// What the items of a list or the values of a map are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// `interface {}`
    Any,
    /// `string`
    String,
    /// `int`
    Int,
    /// `[]interface {}`
    List,
}

impl Element {
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::String => "string",
            Self::Int => "int",
            Self::List => "[]interface {}",
        }
    }

    /// What Go gives for a key that a map does not have.
    pub(super) fn zero(self) -> Value {
        match self {
            Self::Any => Value::Nil,
            Self::String => Value::from(""),
            Self::Int => Value::int(0),
            Self::List => Value::List(List::nil(Self::Any)),
        }
    }
}

/// A slice of Go.
#[derive(Debug, Clone)]
pub struct List(Rc<ListParts>);

#[derive(Debug)]
struct ListParts {
    items: RefCell<Vec<Value>>,
    element: Element,
    nil: bool,
}

impl List {
    /// A list of items, all of which are of the kind.
    #[must_use]
    pub fn new(element: Element, items: Vec<Value>) -> Self {
        Self(Rc::new(ListParts { items: RefCell::new(items), element, nil: false }))
    }

    /// The slice that was never made, which JSON writes as null.
    pub(super) fn nil(element: Element) -> Self {
        Self(Rc::new(ListParts { items: RefCell::default(), element, nil: true }))
    }

    /// `[]string`
    pub(super) fn strings<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::new(Element::String, items.into_iter().map(Into::into).collect())
    }

    pub(super) fn element(&self) -> Element {
        self.0.element
    }

    pub(super) fn is_nil(&self) -> bool {
        self.0.nil
    }

    pub(super) fn len(&self) -> usize {
        self.0.items.borrow().len()
    }

    pub(super) fn get(&self, index: usize) -> Option<Value> {
        self.0.items.borrow().get(index).cloned()
    }

    /// The items as they are now.
    pub(super) fn items(&self) -> Vec<Value> {
        self.0.items.borrow().clone()
    }

    /// Puts other items of the same kind in the place of all.
    pub(super) fn replace(&self, items: Vec<Value>) {
        self.0.items.replace(items);
    }
}

/// A map of Go with keys of type `string`.
#[derive(Debug, Clone)]
pub struct Map(Rc<MapParts>);

#[derive(Debug)]
struct MapParts {
    entries: RefCell<BTreeMap<Rc<str>, Value>>,
    element: Element,
    nil: bool,
}

impl Map {
    /// A map of values, all of which are of the kind.
    #[must_use]
    pub fn new(element: Element, entries: BTreeMap<Rc<str>, Value>) -> Self {
        Self(Rc::new(MapParts { entries: RefCell::new(entries), element, nil: false }))
    }

    /// The map that was never made: it reads as empty and cannot be written.
    pub(super) fn nil() -> Self {
        let entries = RefCell::default();
        Self(Rc::new(MapParts { entries, element: Element::Any, nil: true }))
    }

    pub(super) fn element(&self) -> Element {
        self.0.element
    }

    pub(super) fn is_nil(&self) -> bool {
        self.0.nil
    }

    pub(super) fn len(&self) -> usize {
        self.0.entries.borrow().len()
    }

    pub(super) fn get(&self, key: &str) -> Option<Value> {
        self.0.entries.borrow().get(key).cloned()
    }

    pub(super) fn remove(&self, key: &str) {
        self.0.entries.borrow_mut().remove(key);
    }

    /// Sets a key. Go lets a map hold itself and ends the process when that is printed; here it is
    /// an error to make one.
    pub(super) fn insert(&self, key: Rc<str>, value: Value) -> Result<(), Failure> {
        if self.is_nil() {
            return Err(Failure::wrong("assignment to entry in nil map"));
        }
        if value.holds(self) {
            return Err(Failure::limit("a map cannot hold itself"));
        }
        self.0.entries.borrow_mut().insert(key, value);
        Ok(())
    }

    /// The entries as they are now, by key.
    pub(super) fn entries(&self) -> Vec<(Rc<str>, Value)> {
        let entries = self.0.entries.borrow();
        entries.iter().map(|(key, value)| (Rc::clone(key), value.clone())).collect()
    }

    /// Whether both are one and the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Values can be nested as deep as a template likes, so they are not dropped by recursion.
fn drop_flat(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match value {
            Value::List(List(shared)) => {
                if let Some(parts) = Rc::into_inner(shared) {
                    pending.extend(parts.items.take());
                }
            }
            Value::Map(Map(shared)) => {
                if let Some(parts) = Rc::into_inner(shared) {
                    pending.extend(parts.entries.take().into_values());
                }
            }
            _ => {}
        }
    }
}

impl Drop for ListParts {
    fn drop(&mut self) {
        drop_flat(self.items.take());
    }
}

impl Drop for MapParts {
    fn drop(&mut self) {
        drop_flat(self.entries.take().into_values().collect());
    }
}
