//! Merging as the library `dario.cat/mergo` 1.0.2 does it: parameters with overriding, templates
//! without.
//!
//! Source: `deepMerge` and `isEmptyValue` in `merge.go` and `mergo.go` of that library.

use crate::source::Span;
use crate::yaml::{Map, Node, Value};

use super::fault::{Fault, FaultKind};
use super::fields::{Shape, Type};
use super::parameter::{Items, Parameter, Parameters};

/// `under` with everything that `over` has: maps merge, all else is replaced, also by what is
/// empty or null.
///
/// # Errors
///
/// The key of a map of text that would get values of other types: Go panics there.
pub(super) fn parameters(under: Parameters, over: &Parameters) -> Result<Parameters, String> {
    let mut merged = under;
    for (key, value) in over {
        let value = match (merged.remove(key), value) {
            (Some(Parameter::Map(Items::Text, _)), Parameter::Map(Items::Any, entries))
                if !entries.is_empty() =>
            {
                return Err(key.clone());
            }
            (Some(Parameter::Map(items, under)), Parameter::Map(_, over)) => {
                Parameter::Map(items, parameters(under, over)?)
            }
            (_, value) => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Ok(merged)
}

/// The fault of maps that Argo CD cannot merge.
pub(super) fn unmergeable(key: &str, span: Span) -> Fault {
    let message = format!(
        "`{key}` holds text only in one generator and any value in the other, and Argo CD's controller fails when it merges them"
    );
    Fault::stops(FaultKind::UnmergeableMaps, span, message)
}

/// A template of a generator over the one of the set: what is empty, zero or false in the first is
/// taken from the second. So a generator cannot empty a field, nor set it to `false` over `true`.
///
/// Source: `mergeGeneratorTemplate` in `generators/generator_spec_processor.go`,
/// `TestMergeTemplateApplications`.
pub(super) fn templates(over: &Node, under: &Node, kind: Type) -> Node {
    let (Value::Map(over_map), Value::Map(under_map)) = (&over.value, &under.value) else {
        return if is_empty(over) && !is_empty(under) { under.clone() } else { over.clone() };
    };
    if kind.shape() == Shape::Json {
        return over.clone();
    }
    let mut merged: Map = over_map.clone();
    for (key, under) in under_map.iter() {
        let inner = kind.of_key(&key.name);
        match (merged.get(&key.name), inner) {
            (Some(over), Some(inner)) => {
                let node = templates(over, under, inner);
                merged.insert(key.clone(), node);
            }
            _ => _ = merged.insert(key.clone(), under.clone()),
        }
    }
    Node { value: Value::Map(merged), span: over.span, origins: over.origins.clone() }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        Value::UInt(value) => *value == 0,
        Value::Float(value) => *value == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
    }
}
