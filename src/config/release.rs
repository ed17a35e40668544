//! Kind Release: what one environment changes in one app.

use schemars::JsonSchema;
use serde::Deserialize;

/// Whether a release's objects are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// They are.
    #[default]
    Present,
    /// First step of taking an app away: its objects are pruned, data after confirmation.
    Absent,
}

/// What an environment changes in an app: an entry under `apps:`, or a file of its own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReleaseSpec {
    /// `gitopsc.dev/v1alpha1`, in a file of its own.
    pub api_version: Option<String>,
    /// `Release`, in a file of its own.
    pub kind: Option<String>,
    /// The App; the release's name if not set.
    pub app: Option<String>,
    /// `present`, or `absent` to take it away in two steps.
    pub state: Option<State>,
    /// Another layer than the App's.
    pub layer: Option<String>,
    /// Another namespace than the App's.
    pub namespace: Option<String>,
    /// Another version than the App's.
    pub version: Option<String>,
    /// Values that differ from the App's defaults.
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub values: Option<serde_json::Value>,
}
