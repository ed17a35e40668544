//! The objects that were judged.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::ObjectKey;

/// One object that was judged. Its place stands by itself: the text need not be held for it.
#[derive(Debug, Clone)]
pub struct Object {
    /// What names it.
    pub key: ObjectKey,
    /// The file that it is written in.
    pub file: Arc<str>,
    /// The line in it, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The environment that it was rendered for.
    pub environment: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
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
