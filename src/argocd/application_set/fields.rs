//! The fields of ApplicationSets and Applications, and what Argo CD's typed decoding does to them:
//! unknown fields vanish, a value of another type refuses the whole object, and empty values are
//! written or left out, each field as its declaration says.
//!
//! The table is derived from the types of Argo CD 3.5.7 (`pkg/apis/application/v1alpha1`) by
//! `tests/go/applicationset fields`: type, field, type of the field, and `always` where the field is
//! written although it is empty.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::yaml::{Map, Node, Value};

use super::fault::{Fault, FaultKind};

const TABLE: &str = include_str!("fields.txt");

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type(&'static str);

/// What a type is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Bool,
    Int,
    /// A whole number or text.
    Scalar,
    /// Anything.
    Json,
    List(Type),
    Map(Type),
    Struct(&'static [Field]),
}

/// A field of a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    always: bool,
}

/// `spec` of an ApplicationSet.
pub(super) const SET_SPEC: Type = Type("ApplicationSetSpec");

/// `spec.template` of an ApplicationSet, and `template` of a generator.
pub(super) const SET_TEMPLATE: Type = Type("ApplicationSetTemplate");

/// What the controller takes over from a generated Application.
pub(super) const APPLICATION: Type = Type("Application");

/// Of the metadata that an Application can have, the controller takes over these; the others come
/// from the API server.
const OF_APPLICATION: &str = "\
Application metadata ApplicationSetTemplateMeta always
Application operation *Operation
Application spec ApplicationSpec always";

static TYPES: LazyLock<HashMap<&'static str, &'static [Field]>> = LazyLock::new(|| {
    let mut types: HashMap<&str, Vec<Field>> = HashMap::new();
    for line in TABLE.lines().chain(OF_APPLICATION.lines()) {
        let mut words = line.split(' ');
        if let (Some(owner), Some(name), Some(kind)) = (words.next(), words.next(), words.next()) {
            let field = Field { name, kind: Type(kind), always: words.next().is_some() };
            types.entry(owner).or_default().push(field);
        }
    }
    types.into_iter().map(|(name, fields)| (name, &*fields.leak())).collect()
});

impl Type {
    fn is_optional(self) -> bool {
        self.0.starts_with('*')
    }

    pub(super) fn shape(self) -> Shape {
        let name = self.0.strip_prefix('*').unwrap_or(self.0);
        if let Some(item) = name.strip_prefix("[]") {
            return Shape::List(Type(item));
        }
        if let Some(value) = name.strip_prefix("map[") {
            return Shape::Map(Type(value.strip_suffix(']').unwrap_or(value)));
        }
        match name {
            // The type of the values of a map has lost its name: it is text.
            "string" | "" => Shape::Text,
            "bool" => Shape::Bool,
            "int" => Shape::Int,
            "scalar" => Shape::Scalar,
            "json" => Shape::Json,
            _ => Shape::Struct(TYPES.get(name).copied().unwrap_or_default()),
        }
    }

    /// The type of what is under a key; nothing for one that is not known.
    pub(super) fn of_key(self, key: &str) -> Option<Type> {
        match self.shape() {
            Shape::Struct(fields) => {
                fields.iter().find(|field| field.name == key).map(|field| field.kind)
            }
            Shape::Map(value) => Some(value),
            _ => None,
        }
    }
}

/// The node without fields that its type does not have, each of which is a fault, and without
/// nulls, which stand for nothing. Values of a wrong type are faults, too, and left out.
pub(super) fn decode(node: &Node, kind: Type, faults: &mut Vec<Fault>) -> Node {
    decode_at(node, kind, "", faults)
        .unwrap_or_else(|| Node::new(Value::Map(Map::default()), node.span))
}

fn decode_at(node: &Node, kind: Type, path: &str, faults: &mut Vec<Fault>) -> Option<Node> {
    if node.is_null() && kind.shape() != Shape::Json {
        return None;
    }
    let value = match (kind.shape(), &node.value) {
        (Shape::Json, _)
        | (Shape::Text, Value::String(_))
        | (Shape::Bool, Value::Bool(_))
        | (Shape::Int, Value::Int(_))
        | (Shape::Scalar, Value::Int(_) | Value::String(_)) => return Some(node.clone()),
        (Shape::List(item), Value::Seq(items)) => {
            let empty = |node: &Node| zero(item, node);
            let one = |(at, node): (usize, &Node)| {
                decode_at(node, item, &format!("{path}[{at}]"), faults).or_else(|| empty(node))
            };
            Value::Seq(items.iter().enumerate().filter_map(one).collect())
        }
        (Shape::Map(value), Value::Map(map)) => {
            let mut decoded = Map::default();
            for (key, node) in map.iter() {
                let path = format!("{path}.{}", key.name);
                if let Some(node) =
                    decode_at(node, value, &path, faults).or_else(|| zero(value, node))
                {
                    decoded.insert(key.clone(), node);
                }
            }
            Value::Map(decoded)
        }
        (Shape::Struct(fields), Value::Map(map)) => {
            let mut decoded = Map::default();
            for (key, node) in map.iter() {
                let path = if path.is_empty() {
                    key.name.to_string()
                } else {
                    format!("{path}.{}", key.name)
                };
                let Some(field) = fields.iter().find(|field| field.name == &*key.name) else {
                    let message = format!("`{path}` is no field, so it counts for nothing");
                    faults.push(Fault::ignored(FaultKind::UnknownField, key.span, message));
                    continue;
                };
                if let Some(node) = decode_at(node, field.kind, &path, faults) {
                    decoded.insert(key.clone(), node);
                }
            }
            Value::Map(decoded)
        }
        (shape, _) => {
            let (wanted, found) = (shape.name(), node.type_name());
            let path = if path.is_empty() { "spec" } else { path };
            let message = format!("`{path}` must be {wanted}, but it is {found}");
            faults.push(Fault::stops(FaultKind::InvalidField, node.span, message));
            return None;
        }
    };
    Some(Node { value, span: node.span, origins: node.origins.clone() })
}

/// What null becomes where it cannot be left out: in a list, and under a key of a map.
fn zero(kind: Type, null: &Node) -> Option<Node> {
    let value = match kind.shape() {
        _ if !null.is_null() || kind.is_optional() => return None,
        Shape::Text => Value::String("".into()),
        Shape::Bool => Value::Bool(false),
        Shape::Int | Shape::Scalar => Value::Int(0),
        Shape::Struct(_) => Value::Map(Map::default()),
        Shape::Json | Shape::List(_) | Shape::Map(_) => Value::Null,
    };
    Some(Node::new(value, null.span))
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "a boolean",
            Self::Int => "a whole number",
            Self::Scalar => "a whole number or text",
            Self::Json => "any value",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Struct(_) => "a map",
        }
    }
}

/// A decoded node as `encoding/json` writes its Go value.
pub(super) fn encode(node: &Node, kind: Type) -> serde_json::Value {
    match (kind.shape(), &node.value) {
        (Shape::List(item), Value::Seq(items)) => {
            items.iter().map(|node| encode(node, item)).collect()
        }
        (Shape::Map(value), Value::Map(map)) => {
            map.iter().map(|(key, node)| (key.name.to_string(), encode(node, value))).collect()
        }
        (Shape::Struct(fields), Value::Map(map)) => {
            let mut object = serde_json::Map::new();
            for field in fields {
                let encoded = map.get(field.name).map(|node| encode(node, field.kind));
                let kept = match encoded {
                    Some(value) if field.always || field.kind.is_optional() || !is_zero(&value) => {
                        value
                    }
                    _ if field.always => field.kind.zero(),
                    _ => continue,
                };
                object.insert(field.name.into(), kept);
            }
            object.into()
        }
        _ => crate::yaml::to_json(node),
    }
}

impl Type {
    /// What Go writes for the zero value.
    fn zero(self) -> serde_json::Value {
        match self.shape() {
            _ if self.is_optional() => serde_json::Value::Null,
            Shape::Text => "".into(),
            Shape::Bool => false.into(),
            Shape::Int | Shape::Scalar => 0.into(),
            Shape::Struct(_) => encode_empty(self),
            Shape::Json | Shape::List(_) | Shape::Map(_) => serde_json::Value::Null,
        }
    }
}

fn encode_empty(kind: Type) -> serde_json::Value {
    let Shape::Struct(fields) = kind.shape() else { return serde_json::Value::Null };
    let always = fields.iter().filter(|field| field.always);
    always.map(|field| (field.name.to_owned(), field.kind.zero())).collect()
}

/// Whether `omitempty` leaves a value out.
fn is_zero(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::Bool(value) => !value,
        serde_json::Value::Number(number) => number.as_f64() == Some(0.0),
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(items) => items.is_empty(),
        serde_json::Value::Object(object) => object.is_empty(),
    }
}
