//! Objects of a cluster held against each other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "whole/network/mod.rs"]
mod network;
mod support;
#[path = "support/cluster.rs"]
mod text;
