//! All objects of a cluster held against each other.

mod alias;
mod budget;
mod conversation;
mod gateway;
mod headless;
mod host;
mod host_reader;
mod host_word;
mod monitor;
mod network;
mod pod_name;
mod policy;
mod priority;
mod reference;
mod secret;
mod selection;
mod sub_path;
mod told;

pub use told::Told;

use std::collections::HashSet;
use std::fmt::Display;

use rayon::prelude::*;

use crate::diagnostic::{Finding, ORIGIN};
use crate::facts::{Cluster, Object, Place};
use crate::source::Span;

/// What is wrong with a cluster as a whole, and what could not be told.
#[derive(Debug, Default)]
pub struct Whole {
    /// What is wrong, in no order.
    pub findings: Vec<Finding>,
    /// References that lead to what a chart, an operator or a file that was not read may make: each
    /// told as if that were a fault.
    pub unknown: Vec<Finding>,
}

/// Every check of clusters.
const CHECKS: [fn(&Cluster) -> Whole; 13] = [
    budget::check,
    gateway::check,
    headless::check,
    host::check,
    monitor::check,
    network::check,
    priority::check,
    reference::check,
    reference::definitions,
    reference::namespaces,
    secret::check,
    selection::check,
    sub_path::check,
];

/// Holds all objects of a cluster against each other.
#[must_use]
pub fn check(cluster: &Cluster) -> Whole {
    let results: Vec<Whole> = CHECKS.par_iter().map(|check| check(cluster)).collect();
    let mut whole = Whole::default();
    for mut one in results {
        whole.findings.append(&mut one.findings);
        whole.unknown.append(&mut one.unknown);
    }
    // What breaks by it is told there.
    let broken: HashSet<Span> = whole
        .findings
        .iter()
        .filter(|finding| finding.id == "entry-broken")
        .flat_map(|finding| finding.labels.first())
        .map(|label| label.span)
        .collect();
    whole.findings.retain(|finding| {
        finding.id != "target-port-undeclared"
            || !finding.labels.first().is_some_and(|label| broken.contains(&label.span))
    });
    whole
}

impl Whole {
    /// Notes that nobody can tell whether `what`, which a field of an object names, is there.
    fn unknown(&mut self, object: &Object, place: &Place, what: impl Display) {
        let message = format!("it is not known whether {what} is there");
        let finding = at(Finding::error("reference-unknown", message), object, place);
        let note = "a chart, an operator or a file that was not read may bring it";
        self.unknown.push(finding.note(note));
    }
}

/// A finding about a field of an object.
fn at(finding: Finding, object: &Object, place: &Place) -> Finding {
    let mut finding = finding.at(place.span, "");
    for &origin in &place.origins {
        finding = finding.at(origin, ORIGIN);
    }
    finding.about(object.key.to_string()).field(&*place.field)
}

/// The kind and name of an object.
fn title(object: &Object) -> String {
    format!("{}/{}", object.key.group_kind.kind, object.key.name)
}
