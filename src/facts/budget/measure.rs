//! Shares of requests that autoscalers cannot work out, since nothing is requested.

use super::demand::Filled;
use crate::facts::{Autoscaler, Container, Object, Role, Utilization};

/// An autoscaler that cannot work out what it goes by.
#[derive(Debug)]
pub struct Unmeasured<'c> {
    /// The autoscaler.
    pub by: &'c Object,
    /// What it says.
    pub scaler: &'c Autoscaler,
    /// What it cannot work out, each with the containers that request nothing of the resource.
    pub shares: Vec<(&'c Utilization, Vec<&'c Container>)>,
}

/// What autoscalers of a pod cannot work out: `calculateRequests` of
/// `pkg/controller/podautoscaler/replica_calculator.go`.
pub(super) fn unmeasured<'c>(
    scalers: &[&(&'c Object, &'c Autoscaler)],
    filled: &Filled<'c>,
) -> Vec<Unmeasured<'c>> {
    let one = |&&(by, scaler): &&(&'c Object, &'c Autoscaler)| {
        let shares = scaler.metrics.shares.iter().map(|share| (share, lacking(share, filled)));
        let shares: Vec<_> = shares.filter(|(_, containers)| !containers.is_empty()).collect();
        (!shares.is_empty()).then_some(Unmeasured { by, scaler, shares })
    };
    scalers.iter().filter_map(one).collect()
}

/// The containers without which the share cannot be worked out.
fn lacking<'c>(share: &Utilization, filled: &Filled<'c>) -> Vec<&'c Container> {
    let has_whole = filled.whole.as_ref().is_some_and(|whole| !whole.requests.is_empty());
    if has_whole && share.container.is_none() && filled.effective().0.get(&share.resource).is_some()
    {
        return Vec::new();
    }
    let containers = filled.pod.containers.iter().zip(&filled.containers);
    let measured = containers.filter(|(container, _)| {
        let is_meant = share.container.as_ref().is_none_or(|name| *name == container.name);
        container.role != Role::Init && is_meant
    });
    let lacking = measured.filter(|(_, own)| own.requests.get(&share.resource).is_none());
    lacking.map(|(container, _)| container).collect()
}
