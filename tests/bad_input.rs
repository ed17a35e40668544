//! Everything that can be wrong with a repository is a finding at its place with exit code 1;
//! other environments are built, and the old tree of the faulty one stays as it was to the byte.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod support;

#[path = "bad_input/configuration.rs"]
mod configuration;
#[path = "bad_input/environment.rs"]
mod environment;
#[path = "bad_input/expressions.rs"]
mod expressions;
#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/objects.rs"]
mod objects;
#[path = "bad_input/site.rs"]
mod site;
#[path = "bad_input/templates.rs"]
mod templates;
#[path = "bad_input/writing.rs"]
mod writing;
