//! What quotas count before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::snapshot::Object;
use super::whole::Whole;
use crate::facts::budget::{self, QuotaUse};
use crate::facts::{Body, Cluster, Extent, Reading, Surroundings};
use crate::model::Quantity;

/// A bound of a quota of which more or less is taken, or that is another.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotaChange {
    /// The environment; empty where there are none.
    pub environment: Arc<str>,
    /// The namespace.
    pub namespace: String,
    /// The ResourceQuota.
    pub quota: String,
    /// What it bounds.
    pub key: String,
    /// What objects in the files take of it at rest, before and after.
    pub used: (Quantity, Quantity),
    /// The bound, before and after.
    pub hard: (Quantity, Quantity),
}

impl QuotaChange {
    /// Whether the bound holds what is taken after the change.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.used.1 <= self.hard.1
    }

    /// `limits.memory 6Gi → 7Gi of 8Gi`.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { key, used: (was, is), hard: (old, new), .. } = self;
        let over = if self.fits() { "" } else { ", which is too little" };
        match (was == is, old == new) {
            (_, true) => format!("{key} {was} → {is} of {new}{over}"),
            (true, false) => format!("{key} {is} of {old} → {new}{over}"),
            (false, false) => format!("{key} {was} of {old} → {is} of {new}{over}"),
        }
    }
}

/// The bounds that change in those environments of which all files were read.
pub(super) fn changes(whole: &Whole<'_>, known: &BTreeSet<Arc<str>>) -> Vec<QuotaChange> {
    let (before, after) = (whole.before.by_environment(), whole.after.by_environment());
    let mut found = Vec::new();
    for environment in known {
        let (Some(old), Some(new)) = (before.get(&**environment), after.get(&**environment)) else {
            continue;
        };
        let (Some(old), Some(new)) = (uses(whole, old), uses(whole, new)) else { continue };
        for (place, (is, new_hard)) in new {
            let Some(&(was, old_hard)) = old.get(&place) else { continue };
            let (namespace, quota, key) = place;
            if (was, old_hard) != (is, new_hard) {
                let (used, hard) = ((was, is), (old_hard, new_hard));
                let environment = environment.clone();
                found.push(QuotaChange { environment, namespace, quota, key, used, hard });
            }
        }
    }
    found
}

/// Namespace, quota and what is bounded.
type Place = (String, String, String);

/// What quotas count, with their bounds; nothing where something may be in any namespace.
fn uses(whole: &Whole<'_>, objects: &[&Object]) -> Option<BTreeMap<Place, (Quantity, Quantity)>> {
    let is_quota = |object: &&&Object| object.key.group_kind.kind == "ResourceQuota";
    objects.iter().find(is_quota)?;
    let unit = "".into();
    let mut read = Vec::new();
    for object in objects {
        let kind = &object.key.group_kind;
        let native = whole.pack.versions(&kind.group, &kind.kind).next();
        let namespaced = native.map(|resource| resource.namespaced);
        let namespaced =
            namespaced.or_else(|| whole.definitions.is_namespaced(&kind.group, &kind.kind));
        if namespaced == Some(true) && object.key.namespace.is_empty() {
            return None;
        }
        let is_cluster_wide = namespaced == Some(false);
        let reading = Reading { file: None, unit: &unit, is_cluster_wide, sources: None };
        read.push(reading.object(&object.node));
    }
    let cluster = Cluster::new(read, Surroundings::unknown(), Extent::Whole);
    // What is filled in later may take anything.
    let is_open = |object: &&crate::facts::Object| matches!(&object.body, Body::Workload(pod) if pod.open.demand);
    let mut open: BTreeSet<&str> =
        cluster.objects().iter().filter(is_open).map(|it| it.key.namespace.as_str()).collect();
    let budget = budget::of(&cluster);
    // Of pods that are not let in nothing is counted until somebody mends that.
    let refused = budget.loads.iter().filter(|load| !load.refusals.is_empty());
    open.extend(refused.map(budget::Load::namespace));
    let mut found = BTreeMap::new();
    for QuotaUse { object, keys, .. } in &budget.quotas {
        if open.contains(object.key.namespace.as_str()) {
            continue;
        }
        for key in keys {
            // How many nodes there are decides how many pods a DaemonSet has.
            let is_of_nodes = key.lines.iter().any(|line| {
                let by = line.object.map(|by| by.key.group_kind.kind.as_str());
                by == Some("DaemonSet") && line.each > Quantity::ZERO
            });
            if !is_of_nodes {
                let place = (
                    object.key.namespace.clone(),
                    object.key.name.clone(),
                    key.hard.key.to_string(),
                );
                found.insert(place, (key.sum.steady, key.hard.amount));
            }
        }
    }
    Some(found)
}
