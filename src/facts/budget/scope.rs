//! Which pods and claims a quota counts: `podMatchesScopeFunc` of
//! `pkg/quota/v1/evaluator/core/pods.go`.

use super::demand::Demand;
use crate::facts::{Claim, Pod, Quota, QuotaScope};

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
        "PriorityClass" => has_class(scope, demand.class.as_deref()),
        // Of claims alone.
        _ => false,
    }
}

/// The first minor version of Kubernetes 1 in which claims have a scope: the feature
/// `VolumeAttributesClass` is on from there, see `pkg/features/kube_features.go`.
const CLAIMS_HAVE_SCOPE: u32 = 34;

/// Whether a quota counts a claim: `pvcMatchesScopeFunc` of
/// `pkg/quota/v1/evaluator/core/persistent_volume_claims.go`.
pub(super) fn counts_claim(quota: &Quota, claim: &Claim, minor: u32) -> bool {
    quota.scopes.iter().all(|scope| {
        &*scope.name == "VolumeAttributesClass"
            && minor >= CLAIMS_HAVE_SCOPE
            && has_class(scope, claim.attributes.as_deref())
    })
}

/// Whether a scope is for what has this class.
fn has_class(scope: &QuotaScope, class: Option<&str>) -> bool {
    let is_one = |class: &str| scope.values.iter().any(|known| **known == *class);
    match &*scope.operator {
        "In" => class.is_some_and(is_one),
        "NotIn" => !class.is_some_and(is_one),
        "Exists" => class.is_some(),
        "DoesNotExist" => class.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::counts_claim;
    use crate::facts::{Claim, Place, Quota, QuotaScope};
    use crate::source::{Sources, Span};

    #[test]
    fn claims_have_a_scope_since_1_34() {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let place = Place { field: "".into(), span, origins: Box::default() };
        let claim = |class: Option<&str>| Claim {
            attributes: class.map(Into::into),
            ..Claim::bare("data", place.clone())
        };
        let quota = |name: &str, operator: &str| Quota {
            hard: Vec::new(),
            unread: Vec::new(),
            scopes: vec![QuotaScope {
                name: name.into(),
                operator: operator.into(),
                values: vec!["gold".into()],
            }],
        };
        let gold = quota("VolumeAttributesClass", "In");
        assert!(counts_claim(&gold, &claim(Some("gold")), 34));
        assert!(!counts_claim(&gold, &claim(Some("gold")), 33));
        assert!(!counts_claim(&gold, &claim(Some("silver")), 34));
        assert!(!counts_claim(&gold, &claim(None), 34));
        assert!(counts_claim(&quota("VolumeAttributesClass", "NotIn"), &claim(None), 34));
        assert!(!counts_claim(&quota("PriorityClass", "Exists"), &claim(Some("gold")), 34));
    }
}
