//! Values of jq: their order, and the functions of one or two of them.
//!
//! Source: `compare.go` and `func.go` of gojq. Argo CD hands over numbers as `json.Unmarshal` reads them,
//! each a float.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

use super::code::{Function, Relation};

pub(super) fn is_true(value: &Json) -> bool {
    !matches!(value, Json::Null | Json::Bool(false))
}

pub(super) fn compare(left: &Json, right: &Json) -> Ordering {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            let float = |it: &serde_json::Number| it.as_f64().unwrap_or_default();
            float(left).partial_cmp(&float(right)).unwrap_or(Ordering::Equal)
        }
        (Json::String(left), Json::String(right)) => left.cmp(right),
        (Json::Array(left), Json::Array(right)) => {
            let unlike = |(left, right)| Some(compare(left, right)).filter(|it| it.is_ne());
            let first = left.iter().zip(right).find_map(unlike);
            first.unwrap_or_else(|| left.len().cmp(&right.len()))
        }
        (Json::Object(left), Json::Object(right)) => {
            let (keys, others) = (sorted(left), sorted(right));
            let unlike = |key: &&str| {
                let both = left.get(*key).zip(right.get(*key));
                both.map(|(left, right)| compare(left, right)).filter(|it| it.is_ne())
            };
            keys.cmp(&others).then_with(|| keys.iter().find_map(unlike).unwrap_or(Ordering::Equal))
        }
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Json) -> u8 {
    match value {
        Json::Null => 0,
        Json::Bool(false) => 1,
        Json::Bool(true) => 2,
        Json::Number(_) => 3,
        Json::String(_) => 4,
        Json::Array(_) => 5,
        Json::Object(_) => 6,
    }
}

/// The keys of an object in the order in which jq goes through them.
pub(super) fn sorted(map: &Map<String, Json>) -> Vec<&str> {
    let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// What a function makes of its input; nothing where it fails.
pub(super) fn of(function: Function, input: &Json) -> Option<Json> {
    Some(match (function, input) {
        (Function::Type, _) => match input {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
        .into(),
        (Function::Length, Json::Null) => 0.into(),
        (Function::Length, Json::Number(number)) => number.as_f64()?.abs().into(),
        (Function::Length, Json::String(text)) => text.chars().count().into(),
        (Function::Length, Json::Array(items)) => items.len().into(),
        (Function::Length, Json::Object(map)) => map.len().into(),
        (Function::Keys, Json::Array(items)) => (0..items.len()).collect(),
        (Function::Keys, Json::Object(map)) => sorted(map).into(),
        (Function::Entries, Json::Object(map)) => {
            let entry = |key| serde_json::json!({"key": key, "value": map.get(key)});
            sorted(map).into_iter().map(entry).collect()
        }
        (Function::Lower, Json::String(text)) => text.to_ascii_lowercase().into(),
        (Function::Upper, Json::String(text)) => text.to_ascii_uppercase().into(),
        _ => return None,
    })
}

/// Whether a relation holds; nothing where it fails.
pub(super) fn relates(relation: Relation, input: &Json, with: &Json) -> Option<bool> {
    Some(match (relation, input, with) {
        (Relation::StartsWith, Json::String(text), Json::String(part)) => text.starts_with(part),
        (Relation::EndsWith, Json::String(text), Json::String(part)) => text.ends_with(part),
        (Relation::Contains, ..) => return contains(input, with),
        (Relation::Has, Json::Null, _) => false,
        (Relation::Has, Json::Object(map), Json::String(key)) => map.contains_key(key),
        (Relation::Has, Json::Array(items), Json::Number(at)) => {
            let at = at.as_f64()?.trunc();
            at >= 0.0 && at < items.len() as f64
        }
        _ => return None,
    })
}

fn contains(left: &Json, right: &Json) -> Option<bool> {
    let has = |left: &Json, right: &Json| contains(left, right) == Some(true);
    Some(match (left, right) {
        (Json::String(left), Json::String(right)) => left.contains(right.as_str()),
        (Json::Number(_), Json::Number(_)) => compare(left, right).is_eq(),
        (Json::Array(left), Json::Array(right)) => {
            right.iter().all(|right| left.iter().any(|left| has(left, right)))
        }
        (Json::Object(left), Json::Object(right)) => {
            right.iter().all(|(key, right)| left.get(key).is_some_and(|left| has(left, right)))
        }
        (Json::Null | Json::Bool(_), _) if left == right => true,
        _ => return None,
    })
}
