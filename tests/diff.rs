//! Differences of values, objects, revisions and directories.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, unreachable_pub)]

#[path = "diff/addresses.rs"]
mod addresses;
#[path = "diff/along.rs"]
mod along;
#[path = "diff/anew.rs"]
mod anew;
#[path = "diff/apply.rs"]
mod apply;
#[path = "diff/balancers.rs"]
mod balancers;
#[path = "diff/beside.rs"]
mod beside;
#[path = "diff/consequences.rs"]
mod consequences;
#[path = "diff/definitions.rs"]
mod definitions;
#[path = "diff/fates.rs"]
mod fates;
#[path = "diff/forms.rs"]
mod forms;
#[path = "diff/gateways.rs"]
mod gateways;
#[path = "support/go.rs"]
mod go;
#[path = "diff/grave.rs"]
mod grave;
#[path = "diff/listeners.rs"]
mod listeners;
#[path = "diff/markdown.rs"]
mod markdown;
#[path = "diff/merging.rs"]
mod merging;
#[path = "diff/objects.rs"]
mod objects;
#[path = "diff/outages.rs"]
mod outages;
#[path = "diff/partial.rs"]
mod partial;
#[path = "diff/permitted.rs"]
mod permitted;
#[path = "diff/pointers.rs"]
mod pointers;
#[path = "support/process.rs"]
mod process;
#[path = "diff/projects.rs"]
mod projects;
#[path = "diff/properties.rs"]
mod properties;
#[path = "diff/reached.rs"]
mod reached;
#[path = "diff/readers.rs"]
mod readers;
#[path = "diff/refused.rs"]
mod refused;
#[path = "diff/repeated_secrets.rs"]
mod repeated_secrets;
#[path = "diff/runs.rs"]
mod runs;
#[path = "diff/server.rs"]
mod server;
#[path = "diff/shared_hosts.rs"]
mod shared_hosts;
#[allow(dead_code, reason = "what is wrong in it is tested elsewhere")]
#[path = "bad_input/site.rs"]
mod site;
mod support;
#[path = "diff/texts.rs"]
mod texts;
#[path = "diff/transitions.rs"]
mod transitions;
#[path = "diff/values.rs"]
mod values;
#[path = "diff/visible.rs"]
mod visible;
