//! Definitions of custom resources.

pub(crate) mod definition;
pub(crate) mod field_path;
pub(crate) mod schema;
pub(crate) mod structure;
pub(crate) mod value;
pub(crate) mod view;
