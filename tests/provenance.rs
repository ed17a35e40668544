//! Pins how a rendered node knows where it came from: minijinja hands literal text to the writer
//! as slices of the template's own memory, each value travels as a sentinel through YAML, and the
//! syntax tree says what local names stand for. All rest on how minijinja works today, so an
//! update that changes it must fail here.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod support;

#[path = "provenance/locals.rs"]
mod locals;
#[path = "provenance/places.rs"]
mod places;
#[path = "provenance/shipped.rs"]
mod shipped;
#[path = "provenance/site.rs"]
mod site;
#[path = "provenance/text.rs"]
mod text;
