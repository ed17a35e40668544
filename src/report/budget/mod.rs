//! The budget of a cluster in the forms that people and programs read.

mod json;
mod table;
mod tables;

pub use json::json;
pub use table::Table;
pub use tables::tables;

use crate::facts::budget::{Budget, Load};
use crate::facts::{Plan, Unfit};

/// A budget and what it is of.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// What was worked out.
    pub budget: &'a Budget<'a>,
    /// What the environment promises, where it is one.
    pub plan: Option<&'a Plan>,
}

/// Why not all pods of a workload start, in words; empty where they do.
fn reasons(load: &Load<'_>) -> Vec<(&'static str, String)> {
    let mut reasons: Vec<_> =
        load.refusals.iter().map(|refusal| (refusal.kind(), refusal.text())).collect();
    if let Some(short) = &load.short {
        reasons.push(("quota-exceeded", short.text()));
    }
    reasons
}

/// Why a machine does not take a pod, in words.
fn why(unfit: &Unfit) -> String {
    match unfit {
        Unfit::OtherNode => "another node is named".to_owned(),
        Unfit::Labels => "its labels are not those that the pod asks for".to_owned(),
        Unfit::Taint(taint) => format!("the pod does not tolerate the taint {taint}"),
        Unfit::Cordoned => "it is cordoned".to_owned(),
        Unfit::TooSmall { resource, wanted, has } => {
            format!("{wanted} of {resource} are requested, {has} are allocatable")
        }
    }
}

/// Pods of a workload that get no machine: how many, and why each machine takes none, by name.
fn unplaced(load: &Load<'_>) -> Option<(u32, Vec<(String, String)>)> {
    let wanted = load.steady.max(load.scheduled);
    let is_daemon = load.pod.run.kind == crate::facts::RunKind::EachNode;
    if !load.refusals.is_empty() || wanted == 0 {
        return None;
    }
    let machines = |load: &Load<'_>| {
        let all = load
            .unfit
            .iter()
            .filter(|(_, unfit)| !is_daemon || matches!(unfit, Unfit::TooSmall { .. }));
        all.map(|(machine, unfit)| (machine.name.to_string(), why(unfit))).collect::<Vec<_>>()
    };
    let unfit = machines(load);
    if !unfit.is_empty() {
        return Some((if is_daemon { 1 } else { wanted }, unfit));
    }
    // Beyond the ceiling there is no room, be it known or not how many get as far.
    let most = load.ceiling.as_ref().filter(|most| most.pods < load.admitted);
    let placed = load.placed.or_else(|| most.map(|most| most.pods))?;
    let missing = load.admitted.saturating_sub(placed);
    let why = match most {
        Some(most) => most.text(load.admitted),
        None => "no node has room beside what else runs there".to_owned(),
    };
    (missing > 0).then(|| (missing, vec![("*".to_owned(), why)]))
}
