//! Objects of a cluster held against each other.

#![allow(clippy::unwrap_used)]

#[path = "whole/cluster.rs"]
mod cluster;
#[path = "whole/hosts.rs"]
mod hosts;
#[path = "whole/references.rs"]
mod references;
#[path = "whole/removed.rs"]
mod removed;
