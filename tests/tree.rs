//! The tree that is written, and what lies around it.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod support;

#[path = "tree/around.rs"]
mod around;
#[path = "tree/bootstrap.rs"]
mod bootstrap;
#[path = "tree/clusters.rs"]
mod clusters;
#[path = "tree/followed.rs"]
mod followed;
#[path = "tree/hooks.rs"]
mod hooks;
#[path = "tree/leaving.rs"]
mod leaving;
#[path = "support/tree.rs"]
mod repository;
#[path = "tree/scaled.rs"]
mod scaled;
#[path = "tree/sets.rs"]
mod sets;
#[path = "tree/site.rs"]
mod site;
#[path = "tree/syncs.rs"]
mod syncs;
#[path = "tree/written.rs"]
mod written;
