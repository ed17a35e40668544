//! The objects that were judged.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::ObjectKey;
use crate::source::Span;

/// One object that was judged.
#[derive(Debug, Clone)]
pub struct Object {
    /// What names it.
    pub key: ObjectKey,
    /// Where it is written.
    pub span: Span,
    /// The environment that it was rendered for.
    pub environment: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
    /// How many rules of its kind could not be evaluated.
    pub rules_unknown: usize,
}

/// What came of judging an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The API server would take it.
    Valid,
    /// The API server would refuse it.
    Invalid,
    /// Nothing wrong was seen, and there was no schema to judge it by.
    WithoutSchema,
}
