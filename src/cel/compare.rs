//! Equality and order, as cel-go and the data of Kubernetes define them.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::data::read;
use super::types::{ListKind, Object, Slot};
use super::value::{Failure, List, Map, Value};
use crate::yaml::{self, Node};

/// `one == other`
pub(crate) fn equal(one: &Value<'_>, other: &Value<'_>) -> Result<bool, Failure> {
    if let (Value::Opaque(reason), _) | (_, Value::Opaque(reason)) = (one, other) {
        return Err(Failure::unknown(*reason));
    }
    if let (Value::Null, _) | (_, Value::Null) = (one, other) {
        return Ok(matches!((one, other), (Value::Null, Value::Null)));
    }
    if let Some(order) = numbers(one, other) {
        return Ok(order == Some(Ordering::Equal));
    }
    Ok(match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::String(one), Value::String(other)) => **one == **other,
        (Value::Bytes(one), Value::Bytes(other)) => one == other,
        (Value::Duration(one), Value::Duration(other)) => one == other,
        (Value::Timestamp(one), Value::Timestamp(other)) => one == other,
        (Value::List(one), Value::List(other)) => return lists(one, other),
        (Value::Map(one), Value::Map(other)) => return maps(one, other),
        (Value::Optional(one), Value::Optional(other)) => match (one, other) {
            (Some(one), Some(other)) => return equal(one, other),
            (one, other) => one.is_none() && other.is_none(),
        },
        (Value::Type(one), Value::Type(other)) => one == other,
        (Value::Quantity(one), Value::Quantity(other)) => one == other,
        (Value::Ip(one), Value::Ip(other)) => one == other,
        (Value::Cidr(one, ours), Value::Cidr(other, theirs)) => one == other && ours == theirs,
        (Value::Semver(one), Value::Semver(other)) => one.order(other) == Ordering::Equal,
        (Value::Hidden(one), Value::Hidden(other)) if same(one, other) => true,
        (Value::Url(_) | Value::Format(_) | Value::Hidden(_), _)
        | (_, Value::Url(_) | Value::Format(_) | Value::Hidden(_)) => {
            return Err(Failure::unknown("equality of values that are compared nowhere"));
        }
        // Values of libraries and data refuse to be compared with others; the rest differs.
        (
            Value::Quantity(_)
            | Value::Ip(_)
            | Value::Cidr(..)
            | Value::Semver(_)
            | Value::List(List::Data(..) | List::Made(_, Some(_)))
            | Value::Map(Map::Object(..) | Map::Free(..)),
            _,
        ) => return Err(Failure::overload()),
        _ => false,
    })
}

/// The order of two numbers, whatever their types; nothing inside where one is NaN, nothing at all
/// where one is no number.
fn numbers(one: &Value<'_>, other: &Value<'_>) -> Option<Option<Ordering>> {
    let order = match (one, other) {
        (Value::Double(one), Value::Double(other)) => one.partial_cmp(other),
        (Value::Double(one), other) => fraction(*one, whole(other)?),
        (one, Value::Double(other)) => fraction(*other, whole(one)?).map(Ordering::reverse),
        (one, other) => Some(whole(one)?.cmp(&whole(other)?)),
    };
    Some(order)
}

fn whole(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::Uint(value) => Some(i128::from(*value)),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the bounds are looked at before")]
#[expect(clippy::cast_precision_loss, reason = "as cel-go compares them")]
fn fraction(one: f64, other: i128) -> Option<Ordering> {
    if one.is_nan() {
        return None;
    }
    if one.abs() > 1e30 {
        return one.partial_cmp(&0.0);
    }
    let floor = one.floor() as i128;
    Some(match floor.cmp(&other) {
        Ordering::Equal if one > floor as f64 => Ordering::Greater,
        order => order,
    })
}

/// How two values are ordered.
pub(crate) fn order(one: &Value<'_>, other: &Value<'_>) -> Result<Ordering, Failure> {
    if let (Value::Opaque(reason), _) | (_, Value::Opaque(reason)) = (one, other) {
        return Err(Failure::unknown(*reason));
    }
    if let Some(order) = numbers(one, other) {
        return order.ok_or_else(|| Failure::error("NaN values cannot be ordered"));
    }
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => Ok(one.cmp(other)),
        (Value::String(one), Value::String(other)) => Ok((**one).cmp(&**other)),
        (Value::Bytes(one), Value::Bytes(other)) => Ok(one.cmp(other)),
        (Value::Duration(one), Value::Duration(other)) => Ok(one.cmp(other)),
        (Value::Timestamp(one), Value::Timestamp(other)) => Ok(one.cmp(other)),
        _ => Err(Failure::overload()),
    }
}

/// The list type that the equality of a list follows.
fn list_kind<'a>(list: &List<'a>) -> Option<&'a ListKind> {
    match list {
        List::Data(_, ty) | List::Made(_, Some(ty)) => Some(&ty.kind),
        List::Open(_) | List::Made(_, None) => None,
    }
}

fn lists(one: &List<'_>, other: &List<'_>) -> Result<bool, Failure> {
    if one.len() != other.len() {
        return Ok(false);
    }
    match list_kind(one) {
        Some(ListKind::Set) => {
            let ours = one.all()?;
            let mut seen: HashMap<Key, ()> = HashMap::new();
            for value in &ours {
                seen.insert(Key::of(value)?, ());
            }
            for value in other.values() {
                if !seen.contains_key(&Key::of(&value?)?) {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Some(ListKind::Map(names)) => {
            let mut ours = HashMap::new();
            for value in one.all()? {
                ours.insert(keys(&value, names)?, value);
            }
            for value in other.values() {
                let value = value?;
                match ours.get(&keys(&value, names)?) {
                    Some(our) if equal(our, &value)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        _ => {
            for (one, other) in one.values().zip(other.values()) {
                if !equal(&one?, &other?)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

/// `one + other`: sets are united, maps are merged by their keys.
pub(crate) fn concat<'a>(one: &List<'a>, other: &List<'a>) -> Result<List<'a>, Failure> {
    let mut items = one.all()?;
    let more = other.all()?;
    let ty = match one {
        List::Data(_, ty) | List::Made(_, Some(ty)) => Some(*ty),
        _ => None,
    };
    match ty.map(|ty| &ty.kind) {
        Some(ListKind::Set) => {
            let mut seen = HashMap::new();
            for value in &items {
                seen.insert(Key::of(value)?, ());
            }
            for value in more {
                if seen.insert(Key::of(&value)?, ()).is_none() {
                    items.push(value);
                }
            }
        }
        Some(ListKind::Map(names)) => {
            let mut places = HashMap::new();
            for (place, value) in items.iter().enumerate() {
                places.insert(keys(value, names)?, place);
            }
            for value in more {
                match places.get(&keys(&value, names)?).and_then(|place| items.get_mut(*place)) {
                    Some(item) => *item = value,
                    None => items.push(value),
                }
            }
        }
        _ => items.extend(more),
    }
    Ok(List::Made(items.into(), ty))
}

/// A value that tells the items of a set or a map apart.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Absent,
    Bool(bool),
    Int(i64),
    String(Box<str>),
}

impl Key {
    fn of(value: &Value<'_>) -> Result<Self, Failure> {
        match value {
            Value::Bool(value) => Ok(Self::Bool(*value)),
            Value::Int(value) => Ok(Self::Int(*value)),
            Value::String(value) => Ok(Self::String((&**value).into())),
            _ => {
                Err(Failure::unknown("a list of which items are told apart by more than a scalar"))
            }
        }
    }
}

fn keys(item: &Value<'_>, names: &[Box<str>]) -> Result<Vec<Key>, Failure> {
    let Value::Map(map) = item else {
        return Err(Failure::unknown("data that does not fit its schema"));
    };
    names
        .iter()
        .map(|name| {
            // The server looks such names up escaped, and so finds nothing.
            if super::escape::escape(name).as_deref() != Some(&**name) {
                return Err(Failure::unknown("a key of a list whose name is no identifier"));
            }
            map.field(name)?.map_or(Ok(Key::Absent), |value| Key::of(&value))
        })
        .collect()
}

fn maps(one: &Map<'_>, other: &Map<'_>) -> Result<bool, Failure> {
    if one.len() != other.len() {
        return Ok(false);
    }
    match one {
        Map::Object(map, object) => objects(map, object, other),
        _ => {
            for (key, value) in one.entries()? {
                match other.get(&key)? {
                    Some(found) if equal(&value, &found)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
    }
}

fn objects(map: &yaml::Map, object: &Object, other: &Map<'_>) -> Result<bool, Failure> {
    let is_field = |name: &str| object.fields.get(name);
    for (key, node) in map.iter() {
        let Some(slot) = is_field(&key.name) else {
            // A field that the schema does not know: only the data itself can be compared.
            let Map::Object(theirs, _) = other else { return Err(Failure::overload()) };
            match theirs.get(&key.name) {
                Some(found) if !same(node, found) => return Ok(false),
                _ => continue,
            }
        };
        // Fields are looked up here without escaping them first.
        if key.name.contains("__") {
            return Err(Failure::unknown("equality of objects with `__` in the name of a field"));
        }
        let found = other.field(&key.name)?;
        match (present(node, slot)?, found) {
            (None, None) => {}
            (Some(ours), Some(theirs)) if equal(&ours, &theirs)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn present<'a>(node: &'a Node, slot: &'a Slot) -> Result<Option<Value<'a>>, Failure> {
    if node.is_null() { Ok(None) } else { read(node, slot).map(Some) }
}

/// Whether two pieces of data are the same, place and order of keys aside.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (yaml::Value::Seq(ours), yaml::Value::Seq(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(one, other)| same(one, other))
        }
        (yaml::Value::Map(ours), yaml::Value::Map(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .all(|(key, one)| theirs.get(&key.name).is_some_and(|other| same(one, other)))
        }
        (ours, theirs) => ours == theirs,
    }
}
