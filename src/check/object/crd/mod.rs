//! Definitions of custom resources.

pub(crate) mod definition;
pub(crate) mod field_path;
pub(crate) mod rule;
pub(crate) mod schema;
pub(crate) mod structure;
pub(crate) mod view;
