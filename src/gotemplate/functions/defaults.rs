//! What is empty, and types: `defaults.go` and `reflect.go` of sprig.

use std::rc::Rc;

use super::super::failure::Failure;
use super::super::value::Value;
use super::Functions;
use super::callable::Rest;

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define("default", |default: Value, given: Rest<Value>| match given.0.first() {
        Some(given) if !is_empty(given) => given.clone(),
        _ => default,
    });
    functions.define("empty", |value: Value| is_empty(&value));
    functions.define("coalesce", |values: Rest<Value>| {
        values.0.into_iter().find(|value| !is_empty(value)).unwrap_or(Value::Nil)
    });
    functions.define("all", |values: Rest<Value>| !values.0.iter().any(is_empty));
    functions.define("any", |values: Rest<Value>| !values.0.iter().all(is_empty));
    functions.define(
        "ternary",
        |yes: Value, no: Value, condition: bool| {
            if condition { yes } else { no }
        },
    );
    functions.define_both(["deepCopy", "mustDeepCopy"], |value: Value| {
        if value.is_nil() {
            return Err(Failure::wrong("reflect: call of reflect.Value.Type on zero Value"));
        }
        value.deep_copy()
    });
    functions.define("deepEqual", |one: Value, other: Value| one.deep_equal(&other));
    functions.define("typeOf", |value: Value| value.type_name());
    functions.define("typeIs", |wanted: Text, value: Value| *wanted == *value.type_name());
    functions.define("typeIsLike", |wanted: Text, value: Value| {
        let name = value.type_name();
        *wanted == *name || name.strip_prefix('*') == Some(&*wanted)
    });
    functions.define("kindOf", |value: Value| value.kind_name());
    functions.define("kindIs", |wanted: Text, value: Value| &*wanted == value.kind_name());
    functions.define("fail", |message: Text| Err::<Value, _>(Failure::wrong(&*message)));
}

/// `empty`, which is the opposite of what `if` takes for true.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.truth()
}
