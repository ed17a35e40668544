//! What one pod takes, after what the server does to it before it counts.
//!
//! The order is the server's: limits become requests (`SetDefaults_Pod`), LimitRanges fill in what
//! is missing (`PodMutateLimitFunc` of `plugin/pkg/admission/limitranger`), the runtime class adds
//! its overhead; then the pod is validated and counted (`PodRequests` and `PodLimits` of
//! `k8s.io/component-helpers/resource`).

use crate::facts::{Amounts, Limit, Place, Pod, Resources, Role};
use crate::model::Quantity;

/// What one pod takes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Demand {
    /// What it requests, its overhead with it.
    pub requests: Amounts,
    /// The most that it gets, by resource.
    pub limits: Amounts,
    /// What a quota counts, by the key of the quota.
    pub usage: Amounts,
    /// Its priority class, that of the cluster where it names none.
    pub class: Option<Box<str>>,
    /// Whether nothing in it asks for CPU or memory.
    pub is_best_effort: bool,
}

/// A pod as the server has it when it looks at bounds and quotas.
#[derive(Debug, Clone)]
pub(super) struct Filled<'p> {
    pub(super) pod: &'p Pod,
    pub(super) containers: Vec<Resources>,
    pub(super) whole: Option<Resources>,
    overhead: Amounts,
}

impl<'p> Filled<'p> {
    /// Fills in what the server does.
    pub(super) fn new(pod: &'p Pod, limits: &[&Limit], overhead: &Amounts) -> Self {
        let mut containers: Vec<Resources> =
            pod.containers.iter().map(|container| container.resources.clone()).collect();
        for container in &mut containers {
            let Resources { requests, limits, .. } = container;
            requests.default_to(limits);
        }
        let whole = pod.needs.whole.as_ref();
        let whole = whole.map(|whole| rounded(&filled_whole(whole, pod, &containers)));
        // `SetDefaults_ResourceList`, which comes after the sums.
        containers = containers.iter().map(rounded).collect();
        for limit in limits.iter().filter(|limit| &*limit.kind == "Container") {
            for container in &mut containers {
                container.limits.default_to(&limit.default);
                container.requests.default_to(&limit.default_request);
            }
        }
        let stated = &pod.needs.overhead;
        let overhead = if stated.is_empty() { overhead } else { stated };
        Self { pod, containers, whole, overhead: overhead.clone() }
    }

    /// What it takes.
    pub(super) fn demand(&self) -> Demand {
        let (mut requests, mut limits) = self.effective();
        requests.add(&self.overhead);
        for (name, amount) in self.overhead.iter() {
            if limits.of_resource(name) > Quantity::ZERO {
                limits.add_one(name, amount);
            }
        }
        let mut usage = counted(&requests, &limits);
        usage.set("count/pods", Quantity::units(1));
        if self.pod.needs.is_finished {
            usage = [("count/pods", Quantity::units(1))].into_iter().collect();
        }
        Demand { requests, limits, usage, class: None, is_best_effort: self.is_best_effort() }
    }

    /// Requests and limits without overhead, which bounds of pods look at.
    pub(super) fn effective(&self) -> (Amounts, Amounts) {
        let mut requests = aggregate(self.pod, &self.containers, |one| &one.requests);
        let mut limits = aggregate(self.pod, &self.containers, |one| &one.limits);
        for (from, to) in
            self.whole.iter().flat_map(|whole| [(&whole.requests, true), (&whole.limits, false)])
        {
            let to = if to { &mut requests } else { &mut limits };
            for (name, amount) in from.iter().filter(|(name, _)| is_of_pods(name)) {
                to.set(name, amount);
            }
        }
        (requests, limits)
    }

    /// `ComputePodQOS` of `pkg/apis/core/v1/helper/qos`
    fn is_best_effort(&self) -> bool {
        let asks = |amounts: &Amounts| {
            ["cpu", "memory"].iter().any(|name| amounts.of_resource(name) > Quantity::ZERO)
        };
        let of = |one: &Resources| asks(&one.requests) || asks(&one.limits);
        match &self.whole {
            Some(whole) => !of(whole),
            None => !self.containers.iter().any(of),
        }
    }

    /// A request above its limit, which makes the pod invalid: with the resource, both amounts, and
    /// the place.
    pub(super) fn inverted(&self) -> Option<(String, Option<&Place>)> {
        for (container, filled) in self.pod.containers.iter().zip(&self.containers) {
            for (name, request) in filled.requests.iter() {
                if let Some(limit) = filled.limits.get(name)
                    && request > limit
                {
                    let what = format!(
                        "container `{}` requests {request} of {name}, and its limit becomes {limit}",
                        container.name
                    );
                    return Some((what, container.resources.place.as_ref()));
                }
            }
        }
        let whole = self.whole.as_ref()?;
        let sums = aggregate(self.pod, &self.containers, |one| &one.requests);
        for (name, sum) in sums.iter().filter(|(name, _)| is_of_pods(name)) {
            if let Some(request) = whole.requests.get(name)
                && sum > request
            {
                let what = format!(
                    "the containers request {sum} of {name}, and the pod as a whole {request}"
                );
                return Some((what, whole.place.as_ref()));
            }
        }
        for (container, filled) in self.pod.containers.iter().zip(&self.containers) {
            for (name, limit) in filled.limits.iter().filter(|(name, _)| is_of_pods(name)) {
                if let Some(most) = whole.limits.get(name)
                    && limit > most
                {
                    let what = format!(
                        "container `{}` has a limit of {limit} of {name}, and the pod one of {most}",
                        container.name
                    );
                    return Some((what, whole.place.as_ref()));
                }
            }
        }
        None
    }
}

fn rounded(resources: &Resources) -> Resources {
    Resources {
        requests: resources.requests.rounded(),
        limits: resources.limits.rounded(),
        place: resources.place.clone(),
    }
}

/// `defaultPodRequests` of `pkg/apis/core/v1/defaults.go`
fn filled_whole(whole: &Resources, pod: &Pod, containers: &[Resources]) -> Resources {
    let mut whole = whole.clone();
    if whole.limits.is_empty() {
        return whole;
    }
    let sums = aggregate(pod, containers, |one| &one.requests);
    for name in ["cpu", "memory"] {
        if whole.requests.get(name).is_none()
            && let Some(amount) = sums.get(name).or_else(|| whole.limits.get(name))
        {
            whole.requests.set(name, amount);
        }
    }
    whole
}

/// `supportedPodLevelResources` of `k8s.io/component-helpers/resource`
fn is_of_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

/// What all containers take together: init containers run one by one, beside the sidecars that
/// were started before them.
fn aggregate(
    pod: &Pod,
    containers: &[Resources],
    take: impl Fn(&Resources) -> &Amounts,
) -> Amounts {
    let (mut sums, mut beside, mut most) =
        (Amounts::default(), Amounts::default(), Amounts::default());
    for (container, resources) in pod.containers.iter().zip(containers) {
        let own = take(resources);
        match container.role {
            Role::Main => sums.add(own),
            Role::Sidecar => {
                sums.add(own);
                beside.add(own);
                most.raise(&beside);
            }
            Role::Init => {
                let mut together = own.clone();
                together.add(&beside);
                most.raise(&together);
            }
        }
    }
    sums.raise(&most);
    sums
}

/// `podComputeUsageHelper` of `pkg/quota/v1/evaluator/core/pods.go`
pub(super) fn counted(requests: &Amounts, limits: &Amounts) -> Amounts {
    let mut usage: Amounts = [("pods", Quantity::units(1))].into_iter().collect();
    for (name, amount) in requests.iter() {
        let is_native = matches!(name, "cpu" | "memory" | "ephemeral-storage")
            || name.starts_with("hugepages-");
        if is_native {
            usage.set(name, amount);
        }
        usage.set(&format!("requests.{name}"), amount);
    }
    for name in ["cpu", "memory", "ephemeral-storage"] {
        if let Some(amount) = limits.get(name) {
            usage.set(&format!("limits.{name}"), amount);
        }
    }
    usage
}
