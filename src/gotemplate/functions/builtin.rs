//! The functions of the language itself: `text/template/funcs.go`.

use std::rc::Rc;

use super::super::container::List;
use super::super::failure::Failure;
use super::super::value::{IntKind, Value};
use super::super::{compare, escape, format};
use super::Functions;
use super::callable::{Function, Reflect, Rest};

pub(super) fn add(functions: &mut Functions) {
    functions.0.insert("and", Function::deciding(false));
    functions.0.insert("or", Function::deciding(true));
    functions.define("not", |value: Reflect| !value.0.truth());
    functions.define("len", |value: Reflect| length(&value.0));
    functions.define("index", |value: Reflect, keys: Rest<Reflect>| index(value.0, &keys));
    functions.define("call", |function: Reflect, _: Rest<Reflect>| call(&function.0));
    functions.define("print", |values: Rest<Value>| format::sprint(&values.0));
    functions.define("println", |values: Rest<Value>| format::sprintln(&values.0));
    functions.define("printf", |format: Rc<str>, values: Rest<Value>| {
        format::sprintf(&format, &values.0)
    });
    functions.define("html", |values: Rest<Value>| Ok(escape::html(&evaluated(&values.0)?)));
    functions.define("js", |values: Rest<Value>| Ok(escape::js(&evaluated(&values.0)?)));
    functions.define("urlquery", |values: Rest<Value>| Ok(escape::query(&evaluated(&values.0)?)));
    functions.define("eq", |first: Reflect, others: Rest<Reflect>| {
        let others: Vec<Value> = others.0.into_iter().map(|other| other.0).collect();
        compare::equal(&first.0, &others)
    });
    functions.define("ne", |one: Reflect, other: Reflect| Ok(!compare::equal(&one.0, &[other.0])?));
    functions.define("lt", |one: Reflect, other: Reflect| compare::less(&one.0, &other.0));
    functions.define("le", |one: Reflect, other: Reflect| compare::less_or_equal(&one.0, &other.0));
    functions.define("gt", |one: Reflect, other: Reflect| {
        Ok(!compare::less_or_equal(&one.0, &other.0)?)
    });
    functions.define("ge", |one: Reflect, other: Reflect| Ok(!compare::less(&one.0, &other.0)?));
}

/// `evalArgs`: null prints as it does outside of functions.
fn evaluated(values: &[Value]) -> Result<String, Failure> {
    let shown: Vec<Value> = values
        .iter()
        .map(|value| if value.is_nil() { "<no value>".into() } else { value.clone() })
        .collect();
    format::sprint(&shown)
}

fn length(value: &Value) -> Result<Value, Failure> {
    let length = match value {
        Value::String(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Nothing | Value::Nil => return Err(Failure::wrong("len of nil pointer")),
        _ => return Err(Failure::wrong(format!("len of type {}", value.type_name()))),
    };
    Ok(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(mut item: Value, keys: &Rest<Reflect>) -> Result<Value, Failure> {
    if item.is_nil() {
        return Err(Failure::wrong("index of untyped nil"));
    }
    for Reflect(key) in &keys.0 {
        item = match &item {
            Value::Map(map) => match key {
                Value::String(key) => map.get(key).unwrap_or_else(|| map.element().zero()),
                Value::Nothing | Value::Nil => {
                    return Err(Failure::wrong("value is nil; should be of type string"));
                }
                _ => {
                    let kind = key.type_name();
                    let message = format!("value has type {kind}; should be string");
                    return Err(Failure::wrong(message));
                }
            },
            Value::List(list) => list.get(place(key, list)?).ok_or_else(|| out_of_range(key))?,
            Value::String(text) => {
                let bytes: Vec<Value> =
                    text.bytes().map(|b| Value::Int(IntKind::Uint8, b.into())).collect();
                let list = List::new(super::super::container::Element::Any, bytes);
                list.get(place(key, &list)?).ok_or_else(|| out_of_range(key))?
            }
            Value::Nothing | Value::Nil => return Err(Failure::wrong("index of nil pointer")),
            _ => {
                let kind = item.type_name();
                return Err(Failure::wrong(format!("can't index item of type {kind}")));
            }
        };
    }
    Ok(item)
}

fn out_of_range(key: &Value) -> Failure {
    let number = if let Value::Int(_, number) = key { *number } else { 0 };
    Failure::wrong(format!("index out of range: {number}"))
}

/// `indexArg`
fn place(key: &Value, list: &List) -> Result<usize, Failure> {
    match key {
        Value::Int(_, number) => {
            let place = usize::try_from(*number).ok().filter(|place| *place < list.len());
            place.ok_or_else(|| out_of_range(key))
        }
        Value::Nothing | Value::Nil => Err(Failure::wrong("cannot index slice/array with nil")),
        _ => {
            let kind = key.type_name();
            Err(Failure::wrong(format!("cannot index slice/array with type {kind}")))
        }
    }
}

/// Data of JSON and YAML hold no functions.
fn call(function: &Value) -> Result<Value, Failure> {
    Err(Failure::wrong(if function.is_nil() {
        "call of nil".to_owned()
    } else {
        format!("non-function of type {}", function.type_name())
    }))
}
