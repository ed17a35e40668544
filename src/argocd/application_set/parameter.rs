//! Parameters with the types that Go gives them, since templates, merging and selectors depend on
//! those types.

use std::collections::BTreeMap;
use std::fmt;

use crate::yaml::{Node, Value};

/// The parameters of one Application, by name.
pub type Parameters = BTreeMap<String, Parameter>;

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// `nil`
    Null,
    /// `bool`
    Bool(bool),
    /// `float64`, which every number of JSON becomes.
    Number(f64),
    /// `string`
    Text(String),
    /// A slice.
    List(Items, Vec<Parameter>),
    /// A map with text keys.
    Map(Items, Parameters),
}

/// The type of what a list or a map holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// `interface {}`
    Any,
    /// `string`: `values`, labels, annotations, segments of a path.
    Text,
    /// `map[string]interface {}`: the clusters of a flat list.
    Maps,
}

impl Parameter {
    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A node as `encoding/json` decodes it into `interface {}`.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            #[expect(clippy::cast_precision_loss, reason = "Go loses it, too")]
            Value::Int(value) => Self::Number(*value as f64),
            #[expect(clippy::cast_precision_loss, reason = "Go loses it, too")]
            Value::UInt(value) => Self::Number(*value as f64),
            Value::Float(value) => Self::Number(*value),
            Value::String(text) => Self::text(&**text),
            Value::Seq(items) => Self::List(Items::Any, items.iter().map(Self::of).collect()),
            Value::Map(map) => Self::Map(
                Items::Any,
                map.iter().map(|(key, node)| (key.name.to_string(), Self::of(node))).collect(),
            ),
        }
    }

    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => (*value).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(_, items) => items.iter().map(Self::to_json).collect(),
            Self::Map(_, entries) => {
                entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()
            }
        }
    }
}

/// As `fmt` prints it with `%v`.
impl fmt::Display for Parameter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("<nil>"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(value) => out.write_str(&go_float(*value)),
            Self::Text(text) => out.write_str(text),
            Self::List(_, items) => {
                out.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if at == 0 { "" } else { " " })?;
                }
                out.write_str("]")
            }
            Self::Map(_, entries) => {
                out.write_str("map[")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    write!(out, "{}{key}:{value}", if at == 0 { "" } else { " " })?;
                }
                out.write_str("]")
            }
        }
    }
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`, which writes a million as `1e+06`.
fn go_float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// Parameters as one level of text, nested keys joined with dots: what selectors see, and what the
/// content of a file becomes without Go templates. Empty maps and lists have no key of their own.
///
/// Source: `flattenParameters` in `generators/generator_spec_processor.go`, and the library
/// `jeremywohl/flatten` below it, which only goes into `map[string]interface {}` and
/// `[]interface {}`.
#[must_use]
pub fn flatten(parameters: &Parameters) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    for (key, value) in parameters {
        flatten_into(&mut flat, key.clone(), value, false);
    }
    flat
}

fn flatten_into(
    flat: &mut BTreeMap<String, String>,
    key: String,
    value: &Parameter,
    in_list: bool,
) {
    match value {
        Parameter::Map(items, entries) if *items == Items::Any || !in_list => {
            for (inner, value) in entries {
                flatten_into(flat, format!("{key}.{inner}"), value, in_list);
            }
        }
        Parameter::List(Items::Any, items) => {
            for (at, value) in items.iter().enumerate() {
                flatten_into(flat, format!("{key}.{at}"), value, true);
            }
        }
        _ => {
            flat.insert(key, value.to_string());
        }
    }
}
