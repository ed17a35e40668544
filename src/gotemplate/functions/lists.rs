//! Lists: `list.go` of sprig. The functions that start with `must` fail with an error where the
//! others panic, which is an error for a template, too.

use super::super::container::{Element, List};
use super::super::failure::Failure;
use super::super::value::Value;
use super::Functions;
use super::callable::Rest;
use super::defaults::is_empty;
use super::numbers::to_int;

pub(super) fn add(functions: &mut Functions) {
    functions.define_both(["list", "tuple"], |values: Rest<Value>| Value::list(values.0));
    for names in [["append", "push"], ["mustAppend", "mustPush"]] {
        functions.define_both(names, |list: Value, value: Value| {
            let mut items = items(&list, "push on")?;
            items.push(value);
            Ok(Value::list(items))
        });
    }
    functions.define_both(["prepend", "mustPrepend"], |list: Value, value: Value| {
        let mut items = items(&list, "prepend on")?;
        items.insert(0, value);
        Ok(Value::list(items))
    });
    functions.define_both(["first", "mustFirst"], |list: Value| {
        Ok(items(&list, "find first on")?.into_iter().next().unwrap_or(Value::Nil))
    });
    functions.define_both(["last", "mustLast"], |list: Value| {
        Ok(items(&list, "find last on")?.pop().unwrap_or(Value::Nil))
    });
    functions.define_both(["rest", "mustRest"], |list: Value| {
        Ok(without_one(items(&list, "find rest on")?, 0))
    });
    functions.define_both(["initial", "mustInitial"], |list: Value| {
        let items = items(&list, "find initial on")?;
        let last = items.len().saturating_sub(1);
        Ok(without_one(items, last))
    });
    functions.define_both(["reverse", "mustReverse"], |list: Value| {
        let mut items = items(&list, "find reverse on")?;
        items.reverse();
        Ok(Value::list(items))
    });
    functions.define_both(["compact", "mustCompact"], |list: Value| {
        let mut items = items(&list, "compact on")?;
        items.retain(|item| !is_empty(item));
        Ok(Value::list(items))
    });
    functions.define_both(["uniq", "mustUniq"], |list: Value| {
        let mut kept = Vec::new();
        for item in items(&list, "find uniq on")? {
            if !is_in(&kept, &item)? {
                kept.push(item);
            }
        }
        Ok(Value::list(kept))
    });
    functions.define_both(["without", "mustWithout"], |list: Value, omitted: Rest<Value>| {
        let mut kept = Vec::new();
        for item in items(&list, "find without on")? {
            if !is_in(&omitted.0, &item)? {
                kept.push(item);
            }
        }
        Ok(Value::list(kept))
    });
    functions.define_both(["has", "mustHas"], |item: Value, list: Value| {
        if list.is_nil() { Ok(false) } else { is_in(&items(&list, "find has on")?, &item) }
    });
    functions.define_both(["slice", "mustSlice"], |list: Value, bounds: Rest<Value>| {
        slice(&list, &bounds.0)
    });
    functions.define_both(["chunk", "mustChunk"], |size: i64, list: Value| chunk(size, &list));
    functions.define("concat", |lists: Rest<Value>| {
        let mut all = Vec::new();
        for list in &lists.0 {
            all.extend(items(list, "concat")?);
        }
        Ok(match all.len() {
            0 => Value::List(List::nil(Element::Any)),
            _ => Value::list(all),
        })
    });
}

/// The items of what must be a list.
fn items(list: &Value, what: &str) -> Result<Vec<Value>, Failure> {
    match list {
        Value::List(list) => Ok(list.items()),
        _ => Err(Failure::wrong(format!("Cannot {what} type {}", list.kind_name()))),
    }
}

/// `rest` and `initial` of nothing are nil.
fn without_one(mut items: Vec<Value>, at: usize) -> Value {
    if items.is_empty() {
        return Value::List(List::nil(Element::Any));
    }
    items.remove(at);
    Value::list(items)
}

fn is_in(items: &[Value], wanted: &Value) -> Result<bool, Failure> {
    for item in items {
        if item.deep_equal(wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn slice(list: &Value, bounds: &[Value]) -> Result<Value, Failure> {
    let all = items(list, "slice")?;
    let (Value::List(list), false) = (list, all.is_empty()) else { return Ok(Value::Nil) };
    let length = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let start = bounds.first().map_or(0, to_int);
    let end = bounds.get(1).map_or(length, to_int);
    let part = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let part = part.and_then(|(start, end)| all.get(start..end));
    match part {
        Some(part) => Ok(Value::List(List::new(list.element(), part.to_vec()))),
        None => Err(Failure::wrong("reflect.Value.Slice: slice index out of bounds")),
    }
}

fn chunk(size: i64, list: &Value) -> Result<Value, Failure> {
    let items = items(list, "chunk")?;
    let lists = |chunks: Vec<Value>| Value::List(List::new(Element::List, chunks));
    match usize::try_from(size) {
        Ok(0) | Err(_) => Err(Failure::wrong("makeslice: len out of range")),
        Ok(size) => Ok(lists(items.chunks(size).map(|part| Value::list(part.to_vec())).collect())),
    }
}
