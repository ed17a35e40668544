//! Trees to JSON and back.

use super::go_number::through_json;
use super::node::{Key, Map, Node, Value};
use crate::source::Span;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A node that serde writes as JSON would have it, keys in the order of the map.
#[derive(Debug, Clone, Copy)]
pub struct Json<'n>(pub &'n Node);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::UInt(number) => serializer.serialize_u64(*number),
            Value::Float(number) => match through_json(*number) {
                Value::Int(number) => serializer.serialize_i64(number),
                Value::UInt(number) => serializer.serialize_u64(number),
                _ => serializer.serialize_f64(*number),
            },
            Value::String(text) => serializer.serialize_str(text),
            Value::Seq(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Json(item))?;
                }
                seq.end()
            }
            Value::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                for (key, node) in map.iter() {
                    out.serialize_entry(&*key.name, &Json(node))?;
                }
                out.end()
            }
        }
    }
}

/// The node as a JSON value. A float that is not finite, which no text can bring, becomes `null`.
#[must_use]
pub fn to_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(number) => (*number).into(),
        Value::UInt(number) => (*number).into(),
        Value::Float(number) => match through_json(*number) {
            Value::Int(number) => number.into(),
            Value::UInt(number) => number.into(),
            _ => (*number).into(),
        },
        Value::String(text) => (&**text).into(),
        Value::Seq(items) => items.iter().map(to_json).collect::<Vec<_>>().into(),
        Value::Map(map) => serde_json::Value::Object(
            map.iter().map(|(key, node)| (key.name.as_ref().to_owned(), to_json(node))).collect(),
        ),
    }
}

/// The node as JSON text on one line, keys in the order of the map.
#[must_use]
pub fn to_json_string(node: &Node) -> String {
    // Writing into memory cannot fail, and names are text.
    serde_json::to_string(&Json(node)).unwrap_or_default()
}

/// A tree from a JSON value, every node with the same place.
#[must_use]
pub fn from_json(json: &serde_json::Value, span: Span) -> Node {
    let value = match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::UInt(number),
            (None, None) => number.as_f64().map_or(Value::Null, through_json),
        },
        serde_json::Value::String(text) => Value::String(text.as_str().into()),
        serde_json::Value::Array(items) => {
            Value::Seq(items.iter().map(|item| from_json(item, span)).collect())
        }
        serde_json::Value::Object(map) => Value::Map(Map::from_unique(
            map.iter()
                .map(|(name, value)| {
                    (Key { name: name.as_str().into(), span }, from_json(value, span))
                })
                .collect(),
        )),
    };
    Node::new(value, span)
}
