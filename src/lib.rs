//! A compiler for GitOps repositories.
//!
//! The stages, each a function of what stands before it:
//! [`load`] → [`resolve`] → [`render`] → [`tree`], [`check`] → [`policy`] → [`report`]; [`cli`] puts them together.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod argocd;
pub mod cel;
pub mod check;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod diff;
pub mod facts;
pub mod gotemplate;
pub mod live;
pub mod load;
pub mod model;
pub mod policy;
pub mod render;
pub mod report;
pub mod resolve;
pub mod schema;
pub mod source;
pub mod tree;
pub mod world;
pub mod yaml;
