//! The comparisons of `text/template/funcs.go`.

use super::failure::Failure;
use super::value::{IntKind, Value};

/// `basicKind`: what may be compared with what.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    None,
    Bool,
    Int,
    Uint,
    Float,
    String,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(IntKind::Int | IntKind::Int64, _) => Kind::Int,
        Value::Int(IntKind::Uint8 | IntKind::Uint64, _) => Kind::Uint,
        Value::Float(_) => Kind::Float,
        Value::String(_) => Kind::String,
        _ => Kind::None,
    }
}

fn both_whole(one: Kind, other: Kind) -> bool {
    matches!((one, other), (Kind::Int, Kind::Uint) | (Kind::Uint, Kind::Int))
}

fn incompatible(one: &Value, other: &Value) -> Failure {
    Failure::wrong(format!(
        "incompatible types for comparison: {} and {}",
        one.type_name(),
        other.type_name()
    ))
}

/// `eq`: whether the first is one of the others.
pub(super) fn equal(first: &Value, others: &[Value]) -> Result<bool, Failure> {
    if others.is_empty() {
        return Err(Failure::wrong("missing argument for comparison"));
    }
    for other in others {
        if equal_two(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal_two(one: &Value, other: &Value) -> Result<bool, Failure> {
    let (left, right) = (kind(one), kind(other));
    if left != right && !both_whole(left, right) {
        return if one.is_nil() || other.is_nil() {
            Ok(false)
        } else {
            Err(incompatible(one, other))
        };
    }
    match (one, other) {
        (Value::Int(_, one), Value::Int(_, other)) => Ok(one == other),
        (Value::Bool(_), _) | (Value::Float(_), _) | (Value::String(_), _) => one.deep_equal(other),
        _ => equal_others(one, other),
    }
}

/// Lists, maps and nil: only nil can be compared with.
fn equal_others(one: &Value, other: &Value) -> Result<bool, Failure> {
    let same_kind = one.kind_name() == other.kind_name();
    if !same_kind && !one.is_nil() && !other.is_nil() {
        return Err(Failure::wrong(format!(
            "non-comparable types {}, {}",
            one.type_name(),
            other.type_name()
        )));
    }
    let nil = |value: &Value| match value {
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        value => value.is_nil(),
    };
    if nil(one) || nil(other) {
        return Ok(nil(one) == nil(other));
    }
    match (one, other) {
        (Value::Version(one), Value::Version(other)) => Ok(std::rc::Rc::ptr_eq(one, other)),
        (Value::Time(one), Value::Time(other)) => Ok(one == other),
        _ => Err(Failure::wrong(format!("non-comparable type {}", other.type_name()))),
    }
}

/// `lt`
pub(super) fn less(one: &Value, other: &Value) -> Result<bool, Failure> {
    let (left, right) = (kind(one), kind(other));
    if left == Kind::None || right == Kind::None {
        return Err(Failure::wrong("invalid type for comparison"));
    }
    if left != right && !both_whole(left, right) {
        return Err(incompatible(one, other));
    }
    match (one, other) {
        (Value::Int(_, one), Value::Int(_, other)) => Ok(one < other),
        (Value::Float(one), Value::Float(other)) => Ok(one < other),
        (Value::String(one), Value::String(other)) => Ok(one < other),
        _ => Err(Failure::wrong("invalid type for comparison")),
    }
}

/// `le`
pub(super) fn less_or_equal(one: &Value, other: &Value) -> Result<bool, Failure> {
    Ok(less(one, other)? || equal(one, std::slice::from_ref(other))?)
}
