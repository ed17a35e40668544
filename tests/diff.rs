//! Differences of values, objects, revisions and directories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "diff/apply.rs"]
mod apply;
#[path = "diff/objects.rs"]
mod objects;
#[path = "diff/properties.rs"]
mod properties;
#[path = "diff/runs.rs"]
mod runs;
mod support;
#[path = "diff/values.rs"]
mod values;
