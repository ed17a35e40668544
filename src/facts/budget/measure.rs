//! What autoscalers cannot measure, since nothing is requested or nobody is there.

use super::demand::Filled;
use super::vertical;
use crate::facts::{Autoscaler, Bounds, Container, Limit, Measure, Object, Role};
use crate::model::Quantity;

/// An autoscaler that cannot work out what it goes by.
#[derive(Debug)]
pub struct Unmeasured<'c> {
    /// The autoscaler.
    pub by: &'c Object,
    /// What it says.
    pub scaler: &'c Autoscaler,
    /// What it cannot work out, and why.
    pub lacks: Vec<(&'c Measure, Lack<'c>)>,
}

impl<'c> Unmeasured<'c> {
    /// Whether it can work out nothing at all.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        let metrics = &self.scaler.metrics;
        self.lacks.len() == metrics.measures.len() && !metrics.has_others
    }

    /// The measure of a container that is not there.
    #[must_use]
    pub fn absent(&self) -> Option<&'c Measure> {
        let is_absent = |lack: &Lack<'_>| matches!(lack, Lack::Container);
        self.lacks.iter().find(|(_, lack)| is_absent(lack)).map(|(measure, _)| *measure)
    }

    /// Whether requests of some container are not there.
    #[must_use]
    pub fn has_containers(&self) -> bool {
        self.lacks.iter().any(|(_, lack)| !lack.containers().is_empty())
    }
}

/// Why the use of a resource cannot be worked out.
#[derive(Debug)]
pub enum Lack<'c> {
    /// These containers request nothing of it.
    Requests(Vec<&'c Container>),
    /// What these containers request of it is zero all together.
    Zero(Vec<&'c Container>),
    /// No container has the name.
    Container,
}

impl<'c> Lack<'c> {
    /// The containers that there are.
    #[must_use]
    pub fn containers(&self) -> &[&'c Container] {
        match self {
            Self::Requests(containers) | Self::Zero(containers) => containers,
            Self::Container => &[],
        }
    }
}

/// A request that the webhook of KEDA wants to see, whatever its trigger makes of it.
#[derive(Debug)]
pub struct Unrequested<'c> {
    /// The ScaledObject.
    pub by: &'c Object,
    /// Its trigger.
    pub measure: &'c Measure,
    /// The container that states none.
    pub container: &'c Container,
}

type Scalers<'s, 'c> = &'s [&'s (&'c Object, &'c Autoscaler)];

/// What autoscalers of a pod cannot work out: `calculateRequests` of
/// `pkg/controller/podautoscaler/replica_calculator.go`, and `GetResourceUtilizationRatio` of
/// `metrics/utilization.go` beside it. `has_all` says that nobody adds containers to the pod.
pub(super) fn unmeasured<'c>(
    scalers: Scalers<'_, 'c>,
    filled: &Filled<'c>,
    has_all: bool,
) -> Vec<Unmeasured<'c>> {
    let one = |&&(by, scaler): &&(&'c Object, &'c Autoscaler)| {
        let measures = scaler.metrics.measures.iter();
        let lacks = measures.filter_map(|one| Some((one, lack(one, scalers, filled, has_all)?)));
        let lacks: Vec<_> = lacks.collect();
        (!lacks.is_empty()).then_some(Unmeasured { by, scaler, lacks })
    };
    scalers.iter().filter_map(one).collect()
}

fn lack<'c>(
    measure: &Measure,
    scalers: Scalers<'_, 'c>,
    filled: &Filled<'c>,
    has_all: bool,
) -> Option<Lack<'c>> {
    let containers = filled.pod.containers.iter().zip(&filled.containers);
    let is_meant = |container: &Container| {
        measure.container.as_ref().is_none_or(|name| *name == container.name)
    };
    let measured: Vec<_> =
        containers.filter(|(one, _)| one.role != Role::Init && is_meant(one)).collect();
    if measured.is_empty() {
        // What is measured of a container that no pod has is nothing, as a share and as an amount:
        // `getContainerMetrics` of `metrics/client.go`.
        return (measure.container.is_some() && has_all).then_some(Lack::Container);
    }
    if !measure.is_share {
        return None;
    }
    let resource = &*measure.resource;
    let is_set_by =
        |container: &Container| scalers.iter().any(|it| sets(it.1, container, resource));
    let names = || measured.iter().map(|(container, _)| *container);
    let has_whole = filled.whole.as_ref().is_some_and(|whole| !whole.requests.is_empty());
    if has_whole && measure.container.is_none() {
        let whole = filled.effective().0.get(resource);
        let is_zero = whole.is_some_and(|amount| amount == Quantity::ZERO);
        if whole.is_some() {
            let is_dead = is_zero && !names().any(is_set_by);
            return is_dead.then(|| Lack::Zero(names().collect()));
        }
    }
    let has = |own: &crate::facts::Resources| own.requests.get(resource);
    let lacking = measured.iter().filter(|(one, own)| has(own).is_none() && !is_set_by(one));
    let lacking: Vec<&Container> = lacking.map(|(container, _)| *container).collect();
    if !lacking.is_empty() {
        return Some(Lack::Requests(lacking));
    }
    let is_zero = measured.iter().all(|(one, own)| {
        has(own).is_some_and(|amount| amount == Quantity::ZERO) && !is_set_by(one)
    });
    is_zero.then(|| Lack::Zero(names().collect()))
}

/// Whether an autoscaler sets what a container requests of a resource.
fn sets(scaler: &Autoscaler, container: &Container, resource: &str) -> bool {
    let Bounds::Requests(policies) = &scaler.bounds else { return false };
    container.role == Role::Main
        && vertical::policy(policies, &container.name)
            .is_some_and(|policy| policy.resources.contains(&resource))
}

/// What the webhook of KEDA misses of the containers of a Deployment or StatefulSet with a trigger by
/// CPU or memory, be it a share or an amount: `verifyCPUMemoryScalers` of
/// `apis/keda/v1alpha1/scaledobject_webhook.go`. A limit is enough, and so is a LimitRange that
/// fills one in; the pod as a whole does not count.
pub(super) fn unrequested<'c>(
    object: &Object,
    scalers: Scalers<'_, 'c>,
    filled: &Filled<'c>,
    limits: &[&Limit],
) -> Option<Unrequested<'c>> {
    let kind = &object.key.group_kind;
    if kind.group != "apps" || !matches!(&*kind.kind, "Deployment" | "StatefulSet") {
        return None;
    }
    let is_some = |amount: Option<Quantity>| amount.is_some_and(|amount| amount > Quantity::ZERO);
    let lacks = |measure: &Measure, container: &Container| {
        let resource = &*measure.resource;
        let own = &container.resources;
        let is_filled_in = limits.iter().any(|limit| {
            &*limit.kind == "Container"
                && (is_some(limit.default_request.get(resource))
                    || is_some(limit.default.get(resource)))
        });
        container.role == Role::Main
            && measure.container.as_ref().is_none_or(|name| *name == container.name)
            && !is_some(own.requests.get(resource))
            && !is_some(own.limits.get(resource))
            && !is_filled_in
    };
    let of_keda = scalers.iter().filter(|(by, _)| by.key.group_kind.group == "keda.sh");
    let all = of_keda.flat_map(|(by, scaler)| scaler.metrics.measures.iter().map(|it| (*by, it)));
    let found = |(by, measure): (&'c Object, &'c Measure)| {
        let container = filled.pod.containers.iter().find(|one| lacks(measure, one))?;
        Some(Unrequested { by, measure, container })
    };
    { all }.find_map(found)
}
