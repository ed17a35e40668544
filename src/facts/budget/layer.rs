//! What layers promise, and what their namespaces hold of it.

use std::collections::BTreeMap;

use super::{Budget, Demand};
use crate::facts::{Amounts, Hard, LayerPlan, Plan, RunKind, times};
use crate::model::Quantity;

/// What runs in a namespace, and what it may take.
#[derive(Debug, Default)]
pub struct NamespaceUse<'c> {
    /// What is requested at rest.
    pub requests: Amounts,
    /// The limits of what runs at rest.
    pub limits: Amounts,
    /// What is requested while everything is at its maximum and the largest rollout is under way.
    pub peak_requests: Amounts,
    /// The same of limits.
    pub peak_limits: Amounts,
    /// What may be taken then: of pods without a limit what they request.
    pub peak: Amounts,
    /// Claims, in bytes.
    pub storage: Quantity,
    /// The bounds of its quota that has no scope, the tightest of each key.
    pub quota: BTreeMap<&'c str, &'c Hard>,
    /// Pods at rest.
    pub pods: u32,
}

/// What a layer promises, and what its namespaces hold of it.
#[derive(Debug)]
pub struct LayerUse<'c> {
    /// The layer; nothing for what belongs to none.
    pub plan: Option<&'c LayerPlan>,
    /// Its namespaces.
    pub namespaces: Vec<&'c str>,
    /// Memory that is promised in it: the quotas of its namespaces, and of those without a quota
    /// what may be taken at the peak.
    pub memory: Quantity,
    /// CPU that is promised in it: the quotas, and of those without a quota what is requested at
    /// the peak.
    pub cpu: Quantity,
}

impl<'c> Budget<'c> {
    /// What runs in each namespace.
    #[must_use]
    pub fn namespaces(&self) -> BTreeMap<&'c str, NamespaceUse<'c>> {
        let mut all: BTreeMap<&'c str, NamespaceUse<'c>> = BTreeMap::new();
        // Of each resource the largest surge of one rollout.
        let mut surges: BTreeMap<&'c str, [Amounts; 3]> = BTreeMap::new();
        for load in &self.loads {
            let namespace = all.entry(load.namespace()).or_default();
            let Demand { requests, limits, .. } = &load.demand;
            let Demand { requests: peak_requests, limits: peak_limits, .. } = load.at_most();
            let mut taken = peak_limits.clone();
            taken.default_to(peak_requests);
            let is_scheduled = load.pod.run.kind == RunKind::Schedule;
            let peak = if is_scheduled { load.scheduled } else { load.most };
            namespace.requests.add(&requests.times(load.steady));
            namespace.limits.add(&limits.times(load.steady));
            namespace.peak_requests.add(&peak_requests.times(peak));
            namespace.peak_limits.add(&peak_limits.times(peak));
            namespace.peak.add(&taken.times(peak));
            namespace.pods = namespace.pods.saturating_add(load.steady);
            let (surge, _) = load.bounds_of(load.most);
            let most = surges.entry(load.namespace()).or_default();
            for (most, each) in most.iter_mut().zip([peak_requests, peak_limits, &taken]) {
                most.raise(&each.times(surge));
            }
        }
        for (name, [requests, limits, taken]) in surges {
            if let Some(namespace) = all.get_mut(name) {
                namespace.peak_requests.add(&requests);
                namespace.peak_limits.add(&limits);
                namespace.peak.add(&taken);
            }
        }
        for volume in &self.volumes {
            let namespace = all.entry(volume.object.key.namespace.as_str()).or_default();
            let size = times(volume.claim.requests.of_resource("storage"), volume.count);
            namespace.storage = namespace.storage.checked_add(size).unwrap_or(namespace.storage);
        }
        for quota in self.quotas.iter().filter(|one| one.quota.scopes.is_empty()) {
            let namespace = all.entry(quota.object.key.namespace.as_str()).or_default();
            for hard in &quota.quota.hard {
                let known = namespace.quota.entry(&hard.key).or_insert(hard);
                if hard.amount < known.amount {
                    *known = hard;
                }
            }
        }
        all
    }

    /// What each layer of an environment promises.
    #[must_use]
    pub fn layers(&self, plan: &'c Plan) -> Vec<LayerUse<'c>> {
        let namespaces = self.namespaces();
        let of_layer = |layer: &'c LayerPlan| {
            let names = plan.namespaces.iter().filter(|(_, of)| *of == layer.name);
            let names: Vec<&'c str> = names.map(|(name, _)| &**name).collect();
            let (mut memory, mut cpu) = (Quantity::ZERO, Quantity::ZERO);
            for name in &names {
                let Some(namespace) = namespaces.get(name) else { continue };
                memory = memory.checked_add(namespace.memory()).unwrap_or(memory);
                cpu = cpu.checked_add(namespace.cpu()).unwrap_or(cpu);
            }
            LayerUse { plan: Some(layer), namespaces: names, memory, cpu }
        };
        plan.layers.iter().map(of_layer).collect()
    }
}

impl NamespaceUse<'_> {
    /// Memory that is promised to it.
    #[must_use]
    pub fn memory(&self) -> Quantity {
        let quota = ["limits.memory", "requests.memory", "memory"];
        let quota = quota.iter().find_map(|key| self.quota.get(key));
        quota.map_or_else(|| self.peak.of_resource("memory"), |hard| hard.amount)
    }

    /// CPU that is promised to it.
    #[must_use]
    pub fn cpu(&self) -> Quantity {
        let quota = ["requests.cpu", "cpu"].iter().find_map(|key| self.quota.get(key));
        quota.map_or_else(|| self.peak_requests.of_resource("cpu"), |hard| hard.amount)
    }
}
