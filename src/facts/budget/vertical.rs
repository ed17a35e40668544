//! Pods as a VerticalPodAutoscaler makes them at the most.

use crate::facts::{Container, Pod, Policy, Resources, Role};
use crate::model::Quantity;

/// A pod with the most that its containers may come to request.
pub(super) struct Raised {
    pub(super) pod: Pod,
    /// The resources of which some container may come to request any amount.
    pub(super) unbounded: Vec<&'static str>,
}

/// Raises what containers request as far as policies allow. Init containers are left alone.
pub(super) fn raised(pod: &Pod, policies: &[Policy]) -> Raised {
    let mut raised = Raised { pod: pod.clone(), unbounded: Vec::new() };
    let running = raised.pod.containers.iter_mut().filter(|one| one.role == Role::Main);
    for Container { name, resources, .. } in running {
        let Some(policy) = policy(policies, name) else { continue };
        for &resource in &policy.resources {
            match policy.max.get(resource) {
                Some(most) => raise(resources, resource, most, policy.scales_limits),
                None => raised.unbounded.push(resource),
            }
        }
    }
    raised.unbounded.sort_unstable();
    raised.unbounded.dedup();
    raised
}

/// The policy for a container: its own, or else that for all others.
pub(super) fn policy<'p>(policies: &'p [Policy], container: &str) -> Option<&'p Policy> {
    let is_for = |policy: &&Policy, whom: &str| *policy.container == *whom;
    let own = policies.iter().find(|policy| is_for(policy, container));
    own.or_else(|| policies.iter().find(|policy| is_for(policy, "")))
}

/// Raises a request, and its limit in proportion; a limit that stays is a bound too.
fn raise(resources: &mut Resources, resource: &str, most: Quantity, scales_limits: bool) {
    let Resources { requests, limits, .. } = resources;
    let limit = limits.get(resource);
    let most = limit.filter(|_| !scales_limits).map_or(most, |limit| most.min(limit));
    let before = requests.get(resource).or(limit).unwrap_or(Quantity::ZERO);
    if most <= before {
        return;
    }
    requests.set(resource, most);
    if before > Quantity::ZERO && scales_limits {
        let factor = most.milli_value() as f64 / before.milli_value() as f64;
        if let Some(limit) = limit.and_then(|limit| limit.checked_mul(factor)) {
            limits.set(resource, limit);
        }
    }
}
