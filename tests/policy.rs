//! What a user does with findings: levels, selection, silencers, baselines.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod support;

#[path = "policy/baseline.rs"]
mod baseline;
#[path = "policy/explain.rs"]
mod explain;
#[path = "policy/levels.rs"]
mod levels;
#[path = "policy/manifests.rs"]
mod manifests;
#[path = "policy/names.rs"]
mod names;
#[path = "policy/reading.rs"]
mod reading;
#[path = "policy/silencers.rs"]
mod silencers;
#[path = "policy/site.rs"]
mod site;
