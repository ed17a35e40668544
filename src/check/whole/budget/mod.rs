//! Whether what runs fits: quotas, limit ranges, pod security, machines, layers,
//! volumes.

mod admission;
mod class;
mod disabled;
mod disruption;
mod host_path;
mod image;
mod keda;
mod layer;
mod machine;
mod name;
mod quota;
mod rollout;
mod scale_target;
mod scaled;
mod shared_claim;
mod spread;
mod utilization;

use std::collections::HashMap;

use super::{Whole, title};
use crate::diagnostic::{Finding, ORIGIN, Severity};
use crate::facts::budget::{self, Budget, Load};
use crate::facts::{Cluster, Extent, Object, Place, RunKind};
use crate::model::Quantity;

/// Works the budget out once and holds every rule against it.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let budget = budget::of(cluster);
    let mut findings = Vec::new();
    admission::check(&budget, &mut findings);
    let exceeded = quota::check(&budget, &mut findings);
    let before = findings.len();
    let short = machine::check(cluster, &budget, &mut findings);
    let is_known = cluster.extent() == Extent::Whole && budget.fleet.is_known;
    // Where there is too little at rest, that comes first.
    let is_short = findings[before..].iter().any(|it| it.severity > Severity::Note);
    if is_known && !is_short {
        scaled::check(cluster, &budget, &mut findings);
    }
    keda::check(cluster, &budget, &mut findings);
    scale_target::check(cluster, &mut findings);
    utilization::check(cluster, &budget, &mut findings);
    let sharing = shared_claim::check(cluster, &budget, &mut findings);
    rollout::check(cluster, &budget, &exceeded, &sharing, &mut findings);
    host_path::check(cluster, &budget, &mut findings);
    disruption::check(cluster, &budget, &mut findings);
    class::check(cluster, &mut findings);
    name::check(&budget, &mut findings);
    image::check(cluster, &budget, &mut findings);
    if let Some(plan) = cluster.surroundings().plan.as_deref() {
        layer::check(plan, &budget, &short, &mut findings);
        disabled::check(cluster, plan, &budget, &mut findings);
    }
    Whole { findings, unknown: Vec::new() }
}

/// What starts pods, by namespace.
fn by_namespace<'b, 'c>(budget: &'b Budget<'c>) -> HashMap<&'c str, Vec<&'b Load<'c>>> {
    let mut all: HashMap<&str, Vec<&Load<'_>>> = HashMap::new();
    for load in &budget.loads {
        all.entry(load.namespace()).or_default().push(load);
    }
    all
}

/// A finding about an amount of an object: at the value that someone states, where one filled it
/// in, since it is that which is to change.
fn at_amount(finding: Finding, object: &Object, place: &Place) -> Finding {
    let finding = primary(finding, place, "");
    finding.about(object.key.to_string()).field(&*place.field)
}

/// Adds a place by the value that filled it in.
fn primary(finding: Finding, place: &Place, text: &str) -> Finding {
    match place.origins.first() {
        Some(&origin) => finding.at(origin, text).at(place.span, "it is used here"),
        None => finding.at(place.span, text),
    }
}

/// Adds a place that explains.
fn beside(finding: Finding, place: &Place, text: impl Into<String>) -> Finding {
    let span = place.origins.first().copied().unwrap_or(place.span);
    finding.at(span, text)
}

/// A finding at what is written in a template, with the values that filled it in beside.
fn at_text(finding: Finding, object: &Object, place: &Place) -> Finding {
    let mut finding = finding.at(place.span, "");
    for &origin in &place.origins {
        finding = finding.at(origin, ORIGIN);
    }
    finding.about(object.key.to_string()).field(&*place.field)
}

/// How many times an amount is in another, rounded up to so many parts of one, 10 or 100; nothing
/// where that is no sensible factor.
fn times_of(sum: Quantity, of: Quantity, parts: i128) -> Option<String> {
    const MOST: i128 = 100;
    let (sum, of) = (sum.milli_value(), of.milli_value());
    if of <= 0 || sum > MOST * of {
        return None;
    }
    let all = (sum * parts).div_euclid(of) + i128::from((sum * parts).rem_euclid(of) != 0);
    let digits = if parts == 10 { 1 } else { 2 };
    Some(format!("{}.{:0digits$}", all / parts, all % parts))
}

/// The pods of some workloads, as they are many: the number of those of one.
fn pods(loads: &[&Load<'_>]) -> String {
    match loads {
        [] => "no pods".to_owned(),
        [only] if only.pod.run.kind == RunKind::EachNode => format!("all pods of {}", only.title()),
        [only] => format!("{} pods of {}", only.most, only.title()),
        [one, other] => format!("pods of {} and {}", one.title(), other.title()),
        [one, rest @ ..] => format!("pods of {} and {} more", one.title(), rest.len()),
    }
}
