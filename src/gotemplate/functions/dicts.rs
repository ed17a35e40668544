//! Maps: `dict.go` of sprig, with `dario.cat/mergo`. Go keeps no order of keys; here `keys` and
//! `values` follow it.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::container::{Element, List, Map};
use super::super::failure::Failure;
use super::super::value::Value;
use super::Functions;
use super::callable::Rest;
use super::strings::text_of;

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define("dict", |values: Rest<Value>| dict(&values.0));
    functions.define("get", |map: Map, key: Text| map.get(&key).unwrap_or_else(|| "".into()));
    functions.define("set", |map: Map, key: Text, value: Value| {
        map.insert(key, value)?;
        Ok(Value::Map(map))
    });
    functions.define("unset", |map: Map, key: Text| {
        map.remove(&key);
        Value::Map(map)
    });
    functions.define("hasKey", |map: Map, key: Text| map.get(&key).is_some());
    functions.define("pluck", |key: Text, maps: Rest<Map>| {
        Value::list(maps.0.iter().filter_map(|map| map.get(&key)).collect())
    });
    functions.define("keys", |maps: Rest<Map>| {
        let keys = maps.0.iter().flat_map(Map::entries).map(|(key, _)| Value::String(key));
        Value::List(List::strings(keys))
    });
    functions.define("values", |map: Map| {
        Value::list(map.entries().into_iter().map(|(_, value)| value).collect())
    });
    functions.define("pick", |map: Map, keys: Rest<Text>| {
        Value::map(keys.0.into_iter().filter_map(|key| map.get(&key).map(|value| (key, value))))
    });
    functions.define("omit", |map: Map, keys: Rest<Text>| {
        Value::map(map.entries().into_iter().filter(|(key, _)| !keys.0.contains(key)))
    });
    functions.define_both(["merge", "mustMerge"], |map: Map, others: Rest<Map>| {
        merge_all(map, &others.0, false)
    });
    functions
        .define_both(["mergeOverwrite", "mustMergeOverwrite"], |map: Map, others: Rest<Map>| {
            merge_all(map, &others.0, true)
        });
    functions.define("dig", |path: Rest<Value>| dig(&path.0));
}

fn dict(values: &[Value]) -> Result<Value, Failure> {
    let mut entries = Vec::new();
    for pair in values.chunks(2) {
        let key = pair.first().map_or(Ok(String::new()), text_of)?;
        entries.push((key, pair.get(1).cloned().unwrap_or_else(|| "".into())));
    }
    Ok(Value::map(entries))
}

fn merge_all(map: Map, others: &[Map], overwrite: bool) -> Result<Value, Failure> {
    Value::Map(map.clone()).guard()?;
    let made = map.is_nil() && others.iter().any(|other| !other.is_nil());
    let map = if made { Map::new(Element::Any, BTreeMap::new()) } else { map };
    for other in others {
        Value::Map(other.clone()).guard()?;
        merge(&map, other, overwrite)?;
    }
    Ok(Value::Map(map))
}

/// `deepMerge`: maps are merged; else what is empty is filled, or all is overwritten.
fn merge(into: &Map, from: &Map, overwrite: bool) -> Result<(), Failure> {
    for (key, value) in from.entries() {
        let before = into.get(&key);
        if value.is_nil() {
            // Null counts only where it overwrites.
            if overwrite {
                into.insert(key, value)?;
            }
            continue;
        }
        if let (Some(Value::Map(into)), Value::Map(from)) = (&before, &value) {
            merge(into, from, overwrite)?;
            if into.len() > 0 {
                continue;
            }
        }
        let empty = before.as_ref().is_none_or(|before| !before.truth());
        if empty || overwrite {
            into.insert(key, value)?;
        }
    }
    Ok(())
}

/// A map of type `map[string]interface {}`.
fn as_map(value: &Value) -> Option<&Map> {
    match value {
        Value::Map(map) if map.element() == Element::Any => Some(map),
        _ => None,
    }
}

fn dig(path: &[Value]) -> Result<Value, Failure> {
    let [keys @ .., default, map] = path else {
        return Err(Failure::wrong("dig needs at least three arguments"));
    };
    if keys.is_empty() {
        return Err(Failure::wrong("dig needs at least three arguments"));
    }
    let mut current = map.clone();
    // All keys are converted before the first is looked up.
    let keys: Option<Vec<&str>> = keys.iter().map(Value::as_str).collect();
    let Some(keys) = keys else {
        return Err(Failure::wrong("interface conversion: a key is not string"));
    };
    for key in keys {
        let Some(map) = as_map(&current) else {
            let kind = current.type_name();
            let message = format!(
                "interface conversion: interface {{}} is {kind}, not map[string]interface {{}}"
            );
            return Err(Failure::wrong(message));
        };
        match map.get(key) {
            Some(value) => current = value,
            None => return Ok(default.clone()),
        }
    }
    Ok(current)
}
