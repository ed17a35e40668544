//! Reads data as its schema types it (`UnstructuredToVal` of `k8s.io/apiserver/pkg/cel/common`).

use std::rc::Rc;

use super::clock;
use super::escape::{escape, unescape};
use super::types::{Slot, Type};
use super::value::{Evaluated, Failure, List, Map, Text, Value};
use crate::yaml::{self, Node};

static OPEN: Slot = Slot { ty: Type::Dyn, nullable: true };

/// What a node is as a value of a type. Where it is not of that type, the schema has been broken,
/// which is for others to say.
pub(crate) fn read<'a>(node: &'a Node, slot: &'a Slot) -> Evaluated<'a> {
    if node.is_null() && !matches!(slot.ty, Type::Hidden) {
        if slot.nullable {
            return Ok(Value::Null);
        }
        return Err(misfit());
    }
    let value = match (&slot.ty, &node.value) {
        (Type::Bool | Type::Dyn, yaml::Value::Bool(value)) => Value::Bool(*value),
        (Type::Int | Type::IntOrString | Type::Dyn, yaml::Value::Int(value)) => Value::Int(*value),
        (Type::Double, yaml::Value::Int(value)) => {
            #[expect(clippy::cast_precision_loss, reason = "as the server converts it")]
            let value = *value as f64;
            Value::Double(value)
        }
        (Type::Double | Type::Dyn, yaml::Value::Float(value)) => Value::Double(*value),
        (Type::String | Type::IntOrString | Type::Dyn, yaml::Value::String(text)) => {
            Value::String(Text::Borrowed(text))
        }
        (Type::Bytes, yaml::Value::String(text)) => {
            let bytes = decode(text).ok_or_else(misfit)?;
            Value::Bytes(bytes.into())
        }
        (Type::Duration, yaml::Value::String(text)) => {
            // The server also knows `2 days` and the like here.
            Value::Duration(clock::parse_duration(text).ok_or_else(misfit)?)
        }
        (Type::DateTime, yaml::Value::String(text)) => {
            Value::Timestamp(clock::parse_timestamp(text).ok_or_else(misfit)?)
        }
        (Type::Date, yaml::Value::String(text)) => {
            Value::Timestamp(clock::parse_date(text).ok_or_else(misfit)?)
        }
        (Type::List(list), yaml::Value::Seq(nodes)) => Value::List(List::Data(nodes, list)),
        (Type::Map(values), yaml::Value::Map(map)) => Value::Map(Map::Free(map, values)),
        (Type::Object(object), yaml::Value::Map(map)) => Value::Map(Map::Object(map, object)),
        (Type::Dyn, yaml::Value::Seq(nodes)) => Value::List(List::Open(nodes)),
        (Type::Dyn, yaml::Value::Map(map)) => Value::Map(Map::Open(map)),
        (Type::Hidden, _) => Value::Hidden(node),
        _ => return Err(misfit()),
    };
    Ok(value)
}

fn misfit() -> Failure {
    Failure::unknown("data that does not fit its schema")
}

fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

impl<'a> List<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Data(nodes, _) | Self::Open(nodes) => nodes.len(),
            Self::Made(values, _) => values.len(),
        }
    }

    /// The element at an index, where there is one.
    pub(crate) fn get(&self, index: usize) -> Option<Evaluated<'a>> {
        match self {
            Self::Data(nodes, list) => nodes.get(index).map(|node| read(node, &list.items)),
            Self::Open(nodes) => nodes.get(index).map(|node| read(node, &OPEN)),
            Self::Made(values, _) => values.get(index).map(|value| Ok(value.clone())),
        }
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = Evaluated<'a>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub(crate) fn all(&self) -> Result<Vec<Value<'a>>, Failure> {
        self.values().collect()
    }
}

impl<'a> Map<'a> {
    /// How many keys there are, unknown fields included.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Object(map, _) | Self::Free(map, _) | Self::Open(map) => map.len(),
            Self::Made(entries) => entries.len(),
        }
    }

    /// The value of a key, where there is one.
    pub(crate) fn get(&self, key: &Value<'a>) -> Result<Option<Value<'a>>, Failure> {
        if let Self::Made(entries) = self {
            for (known, value) in entries.iter() {
                if super::compare::equal(known, key)? {
                    return Ok(Some(value.clone()));
                }
            }
            return Ok(None);
        }
        match key {
            Value::String(key) => self.field(key),
            Value::Opaque(reason) => Err(Failure::unknown(*reason)),
            _ => Err(Failure::overload()),
        }
    }

    /// The value of a field, or of a key that is text, where there is one.
    pub(crate) fn field(&self, key: &str) -> Result<Option<Value<'a>>, Failure> {
        match self {
            Self::Object(map, object) if object.fields.is_empty() => {
                // Without properties nothing is unescaped, and nothing is found.
                let _ = map;
                Ok(None)
            }
            Self::Object(map, object) => {
                let Some(name) = unescape(key) else { return Ok(None) };
                let (Some(node), Some(slot)) = (map.get(&name), object.fields.get(&*name)) else {
                    return Ok(None);
                };
                // A field that is null is one that is not there.
                if node.is_null() { Ok(None) } else { read(node, slot).map(Some) }
            }
            Self::Free(map, values) => map.get(key).map(|node| read(node, values)).transpose(),
            Self::Open(map) => map.get(key).map(|node| read(node, &OPEN)).transpose(),
            Self::Made(_) => self.get(&Value::text(key)),
        }
    }

    /// The keys, as expressions see them.
    pub(crate) fn keys(&self) -> Vec<Value<'a>> {
        match self {
            Self::Object(map, object) => map
                .iter()
                .filter(|(key, _)| object.fields.contains_key(&*key.name))
                .map(|(key, _)| match escape(&key.name) {
                    Some(written) => Value::text(&*written),
                    None => Value::String(Text::Borrowed(&key.name)),
                })
                .collect(),
            Self::Free(map, _) | Self::Open(map) => {
                map.iter().map(|(key, _)| Value::String(Text::Borrowed(&key.name))).collect()
            }
            Self::Made(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        }
    }

    /// The entries of a map with free keys.
    pub(crate) fn entries(&self) -> Result<Vec<(Value<'a>, Value<'a>)>, Failure> {
        if let Self::Made(entries) = self {
            return Ok(entries.to_vec());
        }
        let mut entries = Vec::new();
        for key in self.keys() {
            if let Some(value) = self.get(&key)? {
                entries.push((key, value));
            }
        }
        Ok(entries)
    }

    pub(crate) fn made(entries: Vec<(Value<'a>, Value<'a>)>) -> Self {
        Self::Made(Rc::new(entries))
    }
}
