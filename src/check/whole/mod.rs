//! All objects of a cluster held against each other.

mod budget;
mod conversation;
mod host;
mod monitor;
mod network;
mod reference;
mod selection;

use rayon::prelude::*;

use crate::diagnostic::{Finding, ORIGIN};
use crate::facts::{Cluster, Object, Place};

/// What is wrong with a cluster as a whole, and what could not be told.
#[derive(Debug, Default)]
pub struct Whole {
    /// What is wrong, in no order.
    pub findings: Vec<Finding>,
    /// References that lead to what a chart, an operator or a file that was not read may make.
    pub unknown: usize,
}

/// Every check of clusters.
const CHECKS: [fn(&Cluster) -> Whole; 8] = [
    budget::check,
    host::check,
    monitor::check,
    network::check,
    reference::check,
    reference::definitions,
    reference::namespaces,
    selection::check,
];

/// Holds all objects of a cluster against each other.
#[must_use]
pub fn check(cluster: &Cluster) -> Whole {
    let results: Vec<Whole> = CHECKS.par_iter().map(|check| check(cluster)).collect();
    let mut whole = Whole::default();
    for mut one in results {
        whole.findings.append(&mut one.findings);
        whole.unknown += one.unknown;
    }
    whole
}

/// A finding about a field of an object.
fn at(finding: Finding, object: &Object, place: &Place) -> Finding {
    let mut finding = finding.at(place.span, "");
    for &origin in &place.origins {
        finding = finding.at(origin, ORIGIN);
    }
    finding.about(object.key.to_string()).field(&*place.field)
}
