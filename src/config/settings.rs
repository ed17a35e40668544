//! `gitopsc.yaml`: settings of the tool for one repository.

use schemars::JsonSchema;
use serde::Deserialize;

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
