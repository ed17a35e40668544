//! Objects of a cluster held against each other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "whole/aliases.rs"]
mod aliases;
#[path = "whole/autoscalers.rs"]
mod autoscalers;
#[path = "whole/budget.rs"]
mod budget;
#[path = "whole/budget_environments.rs"]
mod budget_environments;
#[path = "whole/budget_output.rs"]
mod budget_output;
#[path = "whole/budget_traps.rs"]
mod budget_traps;
#[path = "whole/cautions.rs"]
mod cautions;
#[path = "whole/cluster.rs"]
mod cluster;
#[path = "whole/definitions.rs"]
mod definitions;
#[path = "whole/disabled.rs"]
mod disabled;
#[path = "whole/filled_in.rs"]
mod filled_in;
#[path = "whole/followed.rs"]
mod followed;
#[path = "whole/gateways.rs"]
mod gateways;
#[path = "whole/hosts.rs"]
mod hosts;
#[path = "whole/hosts_around.rs"]
mod hosts_around;
#[path = "whole/hosts_read.rs"]
mod hosts_read;
#[path = "whole/hosts_stated.rs"]
mod hosts_stated;
#[path = "whole/lines.rs"]
mod lines;
#[path = "whole/monitors.rs"]
mod monitors;
#[path = "whole/more_references.rs"]
mod more_references;
#[path = "whole/network/mod.rs"]
mod network;
#[path = "whole/peers.rs"]
mod peers;
#[path = "whole/places.rs"]
mod places;
#[path = "whole/pod_names.rs"]
mod pod_names;
#[path = "whole/policies.rs"]
mod policies;
#[path = "whole/priorities.rs"]
mod priorities;
#[path = "whole/references.rs"]
mod references;
#[path = "whole/removed.rs"]
mod removed;
#[path = "whole/seats.rs"]
mod seats;
#[path = "whole/secrets.rs"]
mod secrets;
#[path = "whole/storage.rs"]
mod storage;
#[path = "whole/sub_paths.rs"]
mod sub_paths;
mod support;
#[path = "support/cluster.rs"]
mod text;
#[path = "whole/traps.rs"]
mod traps;
