//! Operators.

use std::cmp::Ordering;

use cel::common::ast::operators as names;

use super::Function;
use super::lists::contains;
use crate::cel::compare::{concat, equal, order};
use crate::cel::value::{Evaluated, Failure, Value};

pub(super) fn function(name: &str, _: usize) -> Option<Function> {
    Some(match name {
        names::LOGICAL_NOT => |v| match v {
            [Value::Bool(value)] => Ok(Value::Bool(!value)),
            _ => Err(Failure::overload()),
        },
        names::NEGATE => |v| match v {
            [Value::Int(value)] => whole(value.checked_neg()),
            [Value::Double(value)] => Ok(Value::Double(-value)),
            _ => Err(Failure::overload()),
        },
        names::EQUALS => |v| match v {
            [one, other] => equal(one, other).map(Value::Bool),
            _ => Err(Failure::overload()),
        },
        names::NOT_EQUALS => |v| match v {
            [one, other] => equal(one, other).map(|equal| Value::Bool(!equal)),
            _ => Err(Failure::overload()),
        },
        names::LESS => |v| compare(v, Ordering::is_lt),
        names::LESS_EQUALS => |v| compare(v, Ordering::is_le),
        names::GREATER => |v| compare(v, Ordering::is_gt),
        names::GREATER_EQUALS => |v| compare(v, Ordering::is_ge),
        names::ADD => add,
        names::SUBSTRACT => subtract,
        names::MULTIPLY => multiply,
        names::DIVIDE => divide,
        names::MODULO => modulo,
        names::IN => |v| match v {
            [item, Value::List(list)] => contains(list, item).map(Value::Bool),
            [key, Value::Map(map)] => Ok(Value::Bool(map.get(key)?.is_some())),
            _ => Err(Failure::overload()),
        },
        _ => return None,
    })
}

fn compare<'a>(values: &[Value<'a>], holds: fn(Ordering) -> bool) -> Evaluated<'a> {
    let [one, other] = values else { return Err(Failure::overload()) };
    order(one, other).map(|order| Value::Bool(holds(order)))
}

fn whole<'a>(value: Option<i64>) -> Evaluated<'a> {
    value.map(Value::Int).ok_or_else(|| Failure::error("integer overflow"))
}

fn natural<'a>(value: Option<u64>) -> Evaluated<'a> {
    value.map(Value::Uint).ok_or_else(|| Failure::error("unsigned integer overflow"))
}

fn span<'a>(value: Option<i64>) -> Evaluated<'a> {
    value.map(Value::Duration).ok_or_else(|| Failure::error("duration overflow"))
}

/// `one + other`, for sums too.
pub(super) fn add<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    match values {
        [Value::Int(one), Value::Int(other)] => whole(one.checked_add(*other)),
        [Value::Uint(one), Value::Uint(other)] => natural(one.checked_add(*other)),
        [Value::Double(one), Value::Double(other)] => Ok(Value::Double(one + other)),
        [Value::String(one), Value::String(other)] => Ok(Value::text([&**one, &**other].concat())),
        [Value::Bytes(one), Value::Bytes(other)] => {
            Ok(Value::Bytes([&**one, &**other].concat().into()))
        }
        [Value::List(one), Value::List(other)] => concat(one, other).map(Value::List),
        [Value::Duration(one), Value::Duration(other)] => span(one.checked_add(*other)),
        [Value::Timestamp(time), Value::Duration(span)]
        | [Value::Duration(span), Value::Timestamp(time)] => time
            .plus(*span)
            .map(Value::Timestamp)
            .ok_or_else(|| Failure::error("timestamp overflow")),
        _ => Err(Failure::overload()),
    }
}

fn subtract<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    match values {
        [Value::Int(one), Value::Int(other)] => whole(one.checked_sub(*other)),
        [Value::Uint(one), Value::Uint(other)] => natural(one.checked_sub(*other)),
        [Value::Double(one), Value::Double(other)] => Ok(Value::Double(one - other)),
        [Value::Duration(one), Value::Duration(other)] => span(one.checked_sub(*other)),
        [Value::Timestamp(one), Value::Timestamp(other)] => span(one.since(*other)),
        [Value::Timestamp(time), Value::Duration(span)] => span
            .checked_neg()
            .and_then(|span| time.plus(span))
            .map(Value::Timestamp)
            .ok_or_else(|| Failure::error("timestamp overflow")),
        _ => Err(Failure::overload()),
    }
}

fn multiply<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    match values {
        [Value::Int(one), Value::Int(other)] => whole(one.checked_mul(*other)),
        [Value::Uint(one), Value::Uint(other)] => natural(one.checked_mul(*other)),
        [Value::Double(one), Value::Double(other)] => Ok(Value::Double(one * other)),
        _ => Err(Failure::overload()),
    }
}

fn divide<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    match values {
        [Value::Int(_), Value::Int(0)] | [Value::Uint(_), Value::Uint(0)] => {
            Err(Failure::error("division by zero"))
        }
        [Value::Int(one), Value::Int(other)] => whole(one.checked_div(*other)),
        [Value::Uint(one), Value::Uint(other)] => natural(one.checked_div(*other)),
        [Value::Double(one), Value::Double(other)] => Ok(Value::Double(one / other)),
        _ => Err(Failure::overload()),
    }
}

fn modulo<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    match values {
        [Value::Int(_), Value::Int(0)] | [Value::Uint(_), Value::Uint(0)] => {
            Err(Failure::error("modulus by zero"))
        }
        [Value::Int(one), Value::Int(other)] => whole(one.checked_rem(*other)),
        [Value::Uint(one), Value::Uint(other)] => natural(one.checked_rem(*other)),
        _ => Err(Failure::overload()),
    }
}
