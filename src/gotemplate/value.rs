//! Values with the types that Go gives them.

use std::rc::Rc;

use super::clock::Time;
use super::container::{Element, List, Map};
use super::failure::Failure;
use super::version::Version;

/// Deeper values are not printed, compared or copied.
const MAX_DEPTH: usize = 100;

/// Values with more parts are not printed, compared or copied.
const MAX_PARTS: usize = 1_000_000;

/// A value of a template: what JSON and YAML become in Go, and what functions make.
///
/// Maps and lists are shared, as in Go: a function that changes one changes it for everyone.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// No value at all, the zero `reflect.Value`: a key that is missing, null after a pipeline.
    #[default]
    Nothing,
    /// `nil` as a value of type `interface {}`: null in JSON.
    Nil,
    /// `bool`
    Bool(bool),
    /// A whole number of some size.
    Int(IntKind, i64),
    /// `float64`, which every number of JSON is.
    Float(f64),
    /// `string`
    String(Rc<str>),
    /// A slice.
    List(List),
    /// A map whose keys are text.
    Map(Map),
    /// `*semver.Version`, which sprig's `semver` makes.
    Version(Rc<Version>),
    /// `time.Time`
    Time(Time),
}

/// The types of whole numbers that templates meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntKind {
    /// `int`: literals, lengths, indexes.
    Int,
    /// `int64`: sprig's sums, numbers of YAML.
    Int64,
    /// `uint8`: a byte of a text.
    Uint8,
    /// `uint64`: parts of a version.
    Uint64,
}

impl Value {
    /// A value of type `int`.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Self::Int(IntKind::Int, value)
    }

    /// A value of type `int64`.
    #[must_use]
    pub fn int64(value: i64) -> Self {
        Self::Int(IntKind::Int64, value)
    }

    /// A list of type `[]interface {}`.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(List::new(Element::Any, items))
    }

    /// A map of type `map[string]interface {}`.
    #[must_use]
    pub fn map<K: Into<Rc<str>>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self::Map(Map::new(Element::Any, entries))
    }

    /// JSON as `encoding/json` decodes it into `interface {}`: every number is a float.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Nil,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => {
                Self::Float(number.as_f64().unwrap_or(f64::INFINITY))
            }
            serde_json::Value::String(text) => text.as_str().into(),
            serde_json::Value::Array(items) => {
                Self::list(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(entries) => {
                Self::map(entries.iter().map(|(key, value)| (key.as_str(), Self::from_json(value))))
            }
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Go's name of the type, as `%T` prints it.
    #[must_use]
    pub fn type_name(&self) -> String {
        match self {
            Self::Nothing | Self::Nil => "<nil>".into(),
            Self::List(list) => format!("[]{}", list.element().type_name()),
            Self::Map(map) => format!("map[string]{}", map.element().type_name()),
            Self::Version(_) => "*semver.Version".into(),
            Self::Time(_) => "time.Time".into(),
            _ => self.kind_name().into(),
        }
    }

    /// Go's name of the kind: `reflect.Kind`.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Nil => "invalid",
            Self::Bool(_) => "bool",
            Self::Int(IntKind::Int, _) => "int",
            Self::Int(IntKind::Int64, _) => "int64",
            Self::Int(IntKind::Uint8, _) => "uint8",
            Self::Int(IntKind::Uint64, _) => "uint64",
            Self::Float(_) => "float64",
            Self::String(_) => "string",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Version(_) => "ptr",
            Self::Time(_) => "struct",
        }
    }

    pub(super) fn is_nil(&self) -> bool {
        matches!(self, Self::Nothing | Self::Nil)
    }

    /// `text/template.IsTrue`: whether it is not the zero of its type.
    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Nothing | Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(_, value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(list) => list.len() > 0,
            Self::Map(map) => map.len() > 0,
            Self::Version(_) | Self::Time(_) => true,
        }
    }

    /// `reflect.DeepEqual`: the types are the same, too.
    pub(super) fn deep_equal(&self, other: &Self) -> Result<bool, Failure> {
        self.guard()?;
        Ok(self.same(other))
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing | Self::Nil, Self::Nothing | Self::Nil) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Int(kind, one), Self::Int(other_kind, other)) => {
                kind == other_kind && one == other
            }
            #[expect(clippy::float_cmp, reason = "Go compares them so")]
            (Self::Float(one), Self::Float(other)) => one == other,
            (Self::String(one), Self::String(other)) => one == other,
            (Self::List(one), Self::List(other)) => {
                one.element() == other.element()
                    && one.is_nil() == other.is_nil()
                    && one.len() == other.len()
                    && one.items().iter().zip(other.items()).all(|(one, other)| one.same(&other))
            }
            (Self::Map(one), Self::Map(other)) => {
                one.element() == other.element()
                    && one.is_nil() == other.is_nil()
                    && one.len() == other.len()
                    && one.entries().iter().zip(other.entries()).all(
                        |((key, value), (other_key, other))| {
                            *key == other_key && value.same(&other)
                        },
                    )
            }
            (Self::Version(one), Self::Version(other)) => one == other,
            (Self::Time(one), Self::Time(other)) => one == other,
            _ => false,
        }
    }

    /// A copy that shares no map and no list with this one.
    pub(super) fn deep_copy(&self) -> Result<Self, Failure> {
        self.guard()?;
        Ok(self.copied())
    }

    fn copied(&self) -> Self {
        match self {
            Self::List(list) if !list.is_nil() => {
                let items = list.items().iter().map(Self::copied).collect();
                Self::List(List::new(list.element(), items))
            }
            Self::Map(map) if !map.is_nil() => {
                let entries = map.entries().into_iter();
                let entries = entries.map(|(key, value)| (key, value.copied())).collect();
                Self::Map(Map::new(map.element(), entries))
            }
            _ => self.clone(),
        }
    }

    /// Refuses what is too deep for recursion and too large to print.
    pub(super) fn guard(&self) -> Result<(), Failure> {
        let mut parts = 0;
        self.walk(&mut |_, depth| {
            parts += 1;
            depth <= MAX_DEPTH && parts <= MAX_PARTS
        })
        .then_some(())
        .ok_or_else(|| Failure::limit("the value is nested too deep, or too large"))
    }

    /// Whether the map is somewhere within.
    pub(super) fn holds(&self, map: &Map) -> bool {
        let mut parts = 0;
        !self.walk(&mut |value, _| {
            parts += 1;
            parts <= MAX_PARTS && !matches!(value, Self::Map(other) if other.is(map))
        })
    }

    /// Shows all parts with their depth, until one is not liked; whether all were.
    fn walk(&self, like: &mut dyn FnMut(&Self, usize) -> bool) -> bool {
        let mut pending = vec![(self.clone(), 0)];
        while let Some((value, depth)) = pending.pop() {
            if !like(&value, depth) {
                return false;
            }
            match &value {
                Self::List(list) => {
                    pending.extend(list.items().into_iter().map(|item| (item, depth + 1)));
                }
                Self::Map(map) => {
                    pending.extend(map.entries().into_iter().map(|(_, item)| (item, depth + 1)));
                }
                _ => {}
            }
        }
        true
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<Rc<str>> for Value {
    fn from(text: Rc<str>) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}
