//! The types that the compiler reckons with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::escape::{RESERVED, escape, unescape};
use super::types::{Object, Type};

/// A type of the language.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List(Arc<Kind>),
    Map(Arc<(Kind, Kind)>),
    /// The type of types.
    Type(Option<Arc<Kind>>),
    /// A type of a library, with parameters: `net.IP`, `optional_type(int)`.
    Opaque(Arc<str>, Arc<[Kind]>),
    /// An object with known fields.
    Object(ObjectKind),
    /// What is still to be found out.
    Param(Arc<str>),
}

/// The type of an object. Two are one where they stand at the same path, as each place of a schema
/// has a type of its own.
#[derive(Debug, Clone)]
pub(crate) struct ObjectKind {
    path: Arc<str>,
    fields: Fields,
}

#[derive(Debug, Clone)]
enum Fields {
    Schema(Arc<Object>),
    Known(Arc<BTreeMap<Box<str>, Kind>>),
}

pub(crate) const OPTIONAL: &str = "optional_type";

impl PartialEq for ObjectKind {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl ObjectKind {
    /// An object whose fields have these types, under the names that expressions write.
    pub(crate) fn known(path: &str, fields: BTreeMap<Box<str>, Kind>) -> Self {
        Self { path: path.into(), fields: Fields::Known(Arc::new(fields)) }
    }

    /// The type of a field by the name that the expression writes.
    pub(crate) fn field(&self, written: &str) -> Option<Kind> {
        match &self.fields {
            Fields::Known(fields) => fields.get(written).cloned(),
            Fields::Schema(object) => {
                let name = unescape(written)?;
                let slot = object.fields.get(&*name)?;
                // A reserved word is a field's name as it is, too.
                let known =
                    escape(&name).as_deref() == Some(written) || RESERVED.contains(&written);
                if !known || matches!(slot.ty, Type::Hidden) {
                    return None;
                }
                Some(Kind::of(&slot.ty, &format!("{}.{written}", self.path)))
            }
        }
    }
}

impl Kind {
    /// The type of data at a path.
    pub(crate) fn of(ty: &Type, path: &str) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Double => Self::Double,
            Type::String => Self::String,
            Type::Bytes => Self::Bytes,
            Type::Duration => Self::Duration,
            Type::Date | Type::DateTime => Self::Timestamp,
            Type::IntOrString | Type::Dyn | Type::Hidden => Self::Dyn,
            Type::List(list) => Self::list(Self::of(&list.items.ty, &format!("{path}.@idx"))),
            Type::Map(values) => {
                Self::map(Self::String, Self::of(&values.ty, &format!("{path}.@elem")))
            }
            Type::Object(object) => Self::Object(ObjectKind {
                path: path.into(),
                fields: Fields::Schema(Arc::clone(object)),
            }),
        }
    }

    pub(crate) fn list(items: Self) -> Self {
        Self::List(Arc::new(items))
    }

    pub(crate) fn map(keys: Self, values: Self) -> Self {
        Self::Map(Arc::new((keys, values)))
    }

    pub(crate) fn optional(of: Self) -> Self {
        Self::Opaque(OPTIONAL.into(), [of].into())
    }

    pub(crate) fn opaque(name: &str) -> Self {
        Self::Opaque(name.into(), Arc::new([]))
    }

    /// What an optional value holds.
    pub(crate) fn unwrapped(&self) -> Option<&Self> {
        match self {
            Self::Opaque(name, parameters) if &**name == OPTIONAL => parameters.first(),
            _ => None,
        }
    }

    /// The type that is written so in the table of declarations, where a capital letter is a
    /// parameter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, parameters) = match text.split_once('(') {
            Some((name, rest)) => (name, split(rest.strip_suffix(')')?)),
            None => (text, Vec::new()),
        };
        let mut parameters = parameters.into_iter().map(Self::parse);
        let kind = match name {
            "dyn" => Self::Dyn,
            "null" => Self::Null,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "uint" => Self::Uint,
            "double" => Self::Double,
            "string" => Self::String,
            "bytes" => Self::Bytes,
            "duration" => Self::Duration,
            "timestamp" => Self::Timestamp,
            "list" => Self::list(parameters.next()??),
            "map" => Self::map(parameters.next()??, parameters.next()??),
            "type" => match parameters.next() {
                Some(of) => Self::Type(Some(Arc::new(of?))),
                None => Self::Type(None),
            },
            letter if letter.len() == 1 => Self::Param(letter.into()),
            _ => Self::Opaque(name.into(), parameters.collect::<Option<_>>()?),
        };
        Some(kind)
    }
}

/// `int, list(A)` at its outer commas.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Dyn => "dyn",
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Duration => "duration",
            Self::Timestamp => "timestamp",
            Self::Object(_) => "object",
            Self::Type(_) => "type",
            Self::List(items) => return write!(f, "list({items})"),
            Self::Map(entry) => return write!(f, "map({}, {})", entry.0, entry.1),
            Self::Param(name) => name,
            Self::Opaque(name, parameters) => {
                f.write_str(name)?;
                for (index, parameter) in parameters.iter().enumerate() {
                    write!(f, "{}{parameter}", if index == 0 { "(" } else { ", " })?;
                }
                return f.write_str(if parameters.is_empty() { "" } else { ")" });
            }
        };
        f.write_str(name)
    }
}
