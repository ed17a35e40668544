//! `gitopsc.yaml`: settings of the tool for one repository.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::yaml::Node;

/// Settings of the tool for one repository.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// `gitopsc.dev/v1alpha1`.
    pub api_version: Option<String>,
    /// `Settings`.
    pub kind: Option<String>,
    /// Bounds on what one template may do.
    pub limits: Option<Limits>,
    /// What the checks of objects make of what they find.
    pub checks: Option<Checks>,
    /// The file as it was read, for places in it.
    #[serde(skip)]
    pub node: Option<Node>,
}

/// What the checks of objects make of what they find.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Checks {
    /// `error`, `warning`, `note` or `off` by the id of a check, the beginning of ids (`port-*`) or a
    /// group (`object`). The most specific name counts; without one a check has its own level.
    pub levels: Option<IndexMap<String, Level>>,
}

/// How grave what a check finds is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The run fails.
    Error,
    /// Shown; the run fails under `--deny warnings`.
    Warning,
    /// Shown in one line.
    Note,
    /// Not shown.
    Off,
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Bool(false) => Ok(Self::Off),
            serde_json::Value::String(word) => match word.as_str() {
                "error" => Ok(Self::Error),
                "warning" => Ok(Self::Warning),
                "note" => Ok(Self::Note),
                "off" => Ok(Self::Off),
                _ => Err(D::Error::custom(format!("`{word}` is no level"))),
            },
            other => Err(D::Error::custom(format!("`{other}` is no level"))),
        }
    }
}

impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How grave what a check finds is.",
            "oneOf": [
                {"const": "error", "description": "The run fails."},
                {"const": "warning", "description": "Shown; the run fails under `--deny warnings`."},
                {"const": "note", "description": "Shown in one line."},
                {"const": "off", "description": "Not shown."},
                {"const": false, "description": "What `off` without quotes is to Kubernetes' YAML."},
            ],
        })
    }
}

/// Bounds on what one template may do.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Template instructions; 2,000,000 if not set.
    pub fuel: Option<u64>,
    /// Bytes of text that one template may write; 8 MiB if not set.
    pub output: Option<usize>,
}
