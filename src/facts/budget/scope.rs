//! Which pods and claims a quota counts: `podMatchesScopeFunc` of
//! `pkg/quota/v1/evaluator/core/pods.go`.

use super::demand::Demand;
use crate::facts::{Pod, Quota, QuotaScope};

/// Whether a quota counts a pod.
pub(super) fn counts(quota: &Quota, pod: &Pod, demand: &Demand) -> bool {
    quota.scopes.iter().all(|scope| matches(scope, pod, demand))
}

fn matches(scope: &QuotaScope, pod: &Pod, demand: &Demand) -> bool {
    match &*scope.name {
        "Terminating" => pod.needs.has_deadline,
        "NotTerminating" => !pod.needs.has_deadline,
        "BestEffort" => demand.is_best_effort,
        "NotBestEffort" => !demand.is_best_effort,
        "CrossNamespacePodAffinity" => pod.needs.looks_at_others,
        "PriorityClass" => {
            let class = pod.needs.priority_class.as_ref().map(|(name, _)| &**name);
            let is_one = |class: &str| scope.values.iter().any(|known| **known == *class);
            match &*scope.operator {
                "In" => class.is_some_and(is_one),
                "NotIn" => !class.is_some_and(is_one),
                "Exists" => class.is_some(),
                "DoesNotExist" => class.is_none(),
                _ => false,
            }
        }
        // Of claims alone.
        _ => false,
    }
}
