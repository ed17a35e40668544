//! The documentation says what is so: the reference is that of the schemas, every check and finding
//! is listed, every template example renders to what stands below it, every link leads somewhere.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the generated parts anew.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

#[path = "docs/checks.rs"]
mod checks;
#[path = "docs/fidelity.rs"]
mod fidelity;
#[path = "docs/findings.rs"]
mod findings;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/output.rs"]
mod output;
#[path = "docs/reference.rs"]
mod reference;
#[path = "docs/templates.rs"]
mod templates;

use std::fs;

/// A page of the book.
fn page(name: &str) -> String {
    let path = support::root().join("docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
