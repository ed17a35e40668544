//! Optional values.

use std::rc::Rc;

use super::Function;
use crate::cel::value::{Failure, Value};

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("optional.of", 1) => |v| match v {
            [value] => Ok(Value::some(value.clone())),
            _ => Err(Failure::overload()),
        },
        ("optional.ofNonZeroValue", 1) => |v| match v {
            [value] if is_zero(value)? => Ok(Value::Optional(None)),
            [value] => Ok(Value::some(value.clone())),
            _ => Err(Failure::overload()),
        },
        ("optional.none", 0) => |_| Ok(Value::Optional(None)),
        ("hasValue", 1) => |v| match v {
            [Value::Optional(value)] => Ok(Value::Bool(value.is_some())),
            _ => Err(Failure::overload()),
        },
        ("value", 1) => |v| match v {
            [Value::Optional(Some(value))] => Ok((**value).clone()),
            [Value::Optional(None)] => Err(Failure::error("optional.none() dereference")),
            _ => Err(Failure::overload()),
        },
        ("or", 2) => |v| match v {
            [Value::Optional(Some(value)), _] => Ok(Value::Optional(Some(Rc::clone(value)))),
            [Value::Optional(None), other @ Value::Optional(_)] => Ok(other.clone()),
            _ => Err(Failure::overload()),
        },
        ("orValue", 2) => |v| match v {
            [Value::Optional(Some(value)), _] => Ok((**value).clone()),
            [Value::Optional(None), other] => Ok(other.clone()),
            _ => Err(Failure::overload()),
        },
        ("optional.unwrap" | "unwrapOpt", 1) => |v| match v {
            [Value::List(list)] => {
                let mut items = Vec::new();
                for item in list.values() {
                    match item? {
                        Value::Optional(Some(value)) => items.push((*value).clone()),
                        Value::Optional(None) => {}
                        _ => return Err(Failure::overload()),
                    }
                }
                Ok(Value::list(items))
            }
            _ => Err(Failure::overload()),
        },
        _ => return None,
    })
}

fn is_zero(value: &Value<'_>) -> Result<bool, Failure> {
    Ok(match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        Value::Uint(value) => *value == 0,
        Value::Double(value) => *value == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Duration(span) => *span == 0,
        Value::Optional(value) => value.is_none(),
        // Lists and maps of the data are never zero, only those of the expression.
        _ => return Err(Failure::unknown("whether a value is zero")),
    })
}
