//! What starts pods, with what each takes and how many there are when.

use std::collections::HashMap;

use super::ceiling::Ceiling;
use super::choice::Choices;
use super::demand::{Demand, Filled};
use super::measure::{self, Unmeasured, Unrequested};
use super::refusal::{self, Refusal};
use super::rival::Rivals;
use super::vertical::{self, Raised};
use super::{Rooms, scope};
use crate::facts::{
    Amounts, Answer, Autoscaler, Body, Bounds, Cluster, Extent, Hard, Limit, Machine, Object, Pod,
    Priority, RunKind, Unfit,
};
use crate::model::{GroupKind, Quantity};
use crate::schema::NEWEST;

/// Something that starts pods.
#[derive(Debug)]
pub struct Load<'c> {
    /// The object, or what a chart declares.
    pub object: &'c Object,
    /// Its pods.
    pub pod: &'c Pod,
    /// Whether a chart declares it, so that nobody has seen its manifest.
    pub is_declared: bool,
    /// What one pod takes.
    pub demand: Demand,
    /// How important its pods are; nothing where their class is not seen.
    pub priority: Option<Priority>,
    /// Why none of its pods is let in.
    pub refusals: Vec<Refusal<'c>>,
    /// Pods at any time.
    pub steady: u32,
    /// Pods at the most that an autoscaler asks for.
    pub most: u32,
    /// What scales the number of its pods.
    pub autoscaler: Option<(&'c Object, &'c Autoscaler)>,
    /// Autoscalers that go by what cannot be worked out of its pods.
    pub unmeasured: Vec<Unmeasured<'c>>,
    /// A request that the webhook of KEDA misses.
    pub unrequested: Option<Unrequested<'c>>,
    /// Pods that come and go, by a schedule.
    pub scheduled: u32,
    /// What one pod takes with an autoscaler of requests at its maximum, where there is one.
    pub raised: Option<Demand>,
    /// The resources of which an autoscaler may make a pod request any amount.
    pub unbounded: Vec<&'static str>,
    /// Pods that quotas let in, one after the other in the order of the objects.
    pub admitted: u32,
    /// Why quotas let no more in.
    pub short: Option<Short<'c>>,
    /// Pods that get a machine, the same way; nothing where the machines are not known, or where
    /// more than labels, taints and requests decides.
    pub placed: Option<u32>,
    /// Why no machine takes a pod of it, by machine; empty where one does.
    pub unfit: Vec<(&'c Machine, Unfit)>,
    /// The most of its pods that get a machine because of where other pods are, its own first of
    /// all; nothing where that is no bound.
    pub ceiling: Option<Ceiling>,
    /// Workloads beside which not as many of its pods get a machine as its autoscaler asks for, with
    /// the pods that do.
    pub rivals_at_most: Option<(u32, Rivals)>,
    /// Workloads beside which a new pod gets no machine while the old ones are there.
    pub rivals_rolling: Option<Rivals>,
    /// What it asks of machines, as a number of the choices between them.
    pub(super) asked: usize,
}

/// A quota with no room for one more.
#[derive(Debug, Clone)]
pub struct Short<'c> {
    /// The quota.
    pub by: &'c Object,
    /// Its bound.
    pub hard: &'c Hard,
    /// What is taken by then.
    pub used: Quantity,
    /// What one more takes.
    pub each: Quantity,
}

impl Short<'_> {
    /// The reason in a few words.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { by, hard, used, each } = self;
        let (name, key, amount) = (&by.key.name, &hard.key, hard.amount);
        format!("quota `{name}`: {key} is {amount}, {used} are taken, one more takes {each}")
    }
}

impl<'c> Load<'c> {
    /// Pods above the steady number while it is rolled out, and pods that may be missing then.
    #[must_use]
    pub fn bounds(&self) -> (u32, u32) {
        self.bounds_of(self.steady)
    }

    /// The same of another number than the steady one.
    #[must_use]
    pub fn bounds_of(&self, count: u32) -> (u32, u32) {
        let is_rolled = matches!(self.pod.run.kind, RunKind::Replicas | RunKind::EachNode);
        if is_rolled { self.pod.run.bounds(count) } else { (0, 0) }
    }

    /// What one pod takes at the most that autoscalers ask for.
    #[must_use]
    pub fn at_most(&self) -> &Demand {
        self.raised.as_ref().unwrap_or(&self.demand)
    }

    /// Whether its pods end one day and leave their room to others.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.pod.run.kind == RunKind::Job || self.pod.needs.ends
    }

    /// Whether its pods may have to go where there is no room for those of another.
    #[must_use]
    pub fn gives_way_to(&self, other: &Self) -> bool {
        match (other.priority, self.priority) {
            (Some(theirs), Some(own)) => theirs.preempts && own.value < theirs.value,
            _ => self.demand.class != other.demand.class,
        }
    }

    /// The name as people write it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}/{}", self.object.key.group_kind.kind, self.object.key.name)
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &'c str {
        &self.object.key.namespace
    }
}

/// Everything that starts pods.
pub(super) fn all<'c>(
    cluster: &'c Cluster,
    rooms: &Rooms<'c>,
    choices: &mut Choices<'c>,
) -> Vec<Load<'c>> {
    let scalers = scalers(cluster);
    let declared = cluster.surroundings().workloads.iter();
    let all = cluster.objects().iter().map(|one| (one, false)).chain(declared.map(|it| (it, true)));
    let mut loads = Vec::new();
    for (object, is_declared) in all {
        let Body::Workload(pod) = &object.body else { continue };
        if matches!(pod.run.kind, RunKind::Never | RunKind::Hook) || pod.open.demand {
            continue;
        }
        let is_there = |(node, _): &(Option<&Object>, _)| {
            node.is_none_or(|node| cluster.surely_share(node, object))
        };
        let there = choices.machines.iter().enumerate().filter(|(_, it)| is_there(it));
        let there: Vec<usize> = there.map(|(at, _)| at).collect();
        loads.push(one(cluster, rooms, &scalers, (choices, &there), (object, pod, is_declared)));
    }
    loads
}

type Scalers<'c> = HashMap<(&'c str, &'c str), Vec<(&'c Object, &'c Autoscaler)>>;

/// Autoscalers by namespace and name of what they scale.
fn scalers(cluster: &Cluster) -> Scalers<'_> {
    let mut scalers: Scalers<'_> = HashMap::new();
    for object in cluster.objects() {
        if let Body::Autoscaler(scaler) = &object.body {
            let key = (object.key.namespace.as_str(), &*scaler.target.2);
            scalers.entry(key).or_default().push((object, scaler));
        }
    }
    scalers
}

fn one<'c>(
    cluster: &'c Cluster,
    rooms: &Rooms<'c>,
    scalers: &Scalers<'c>,
    (choices, there): (&mut Choices<'c>, &[usize]),
    (object, pod, is_declared): (&'c Object, &'c Pod, bool),
) -> Load<'c> {
    // What a chart declares is what its pods take in the end.
    let ranges = if is_declared { Vec::new() } else { rooms.limits(cluster, object) };
    let limits: Vec<&Limit> = ranges.iter().flat_map(|(_, limits)| limits.iter()).collect();
    let filled = Filled::new(pod, &limits, overhead(cluster, object, pod));
    let class = pod.needs.priority_class.as_ref().map(|(name, _)| &**name);
    let class = class.or_else(|| rooms.class(cluster, object));
    let demand_of =
        |filled: &Filled<'_>| Demand { class: class.map(Into::into), ..filled.demand() };
    let demand = demand_of(&filled);
    let mut refusals = Vec::new();
    if is_declared {
        refusals.extend(security(cluster, object, pod));
    } else {
        refusals.extend(missing(cluster, object));
        refusals.extend(refusal::bounds(&filled, &ranges));
        refusals.extend(security(cluster, object, pod));
        for (by, quota) in rooms.quotas(cluster, object) {
            if scope::counts(quota, pod, &demand) {
                refusals.extend(refusal::unstated(&filled, by, quota));
            }
        }
    }
    let scaler = scalers.get(&(object.key.namespace.as_str(), object.key.name.as_str()));
    let own = scaler.into_iter().flatten().filter(|(by, scaler)| {
        let GroupKind { group, kind } = &object.key.group_kind;
        (&*scaler.target.0, &*scaler.target.1) == (group, kind) && cluster.surely_share(by, object)
    });
    let own: Vec<&(&Object, &Autoscaler)> = own.collect();
    // What a chart declares are not its containers.
    let measured = if is_declared { &[][..] } else { own.as_slice() };
    let has_all = cluster.extent() == Extent::Whole && !cluster.may_add_containers(object, pod);
    let unmeasured = measure::unmeasured(measured, &filled, has_all);
    let unrequested = measure::unrequested(object, measured, &filled, &limits);
    let raised = own.iter().find_map(|(_, scaler)| match &scaler.bounds {
        Bounds::Requests(policies) => Some(vertical::raised(pod, policies)),
        Bounds::Pods { .. } | Bounds::Paused => None,
    });
    let raised = raised.map(|Raised { pod, unbounded }| {
        (demand_of(&Filled::new(&pod, &limits, overhead(cluster, object, &pod))), unbounded)
    });
    let (raised, unbounded) = raised.unzip();
    let is_daemon = pod.run.kind == RunKind::EachNode;
    let asked = choices.number(&pod.needs.placement, is_daemon);
    let choices = &*choices;
    let takes = |at: &&usize| choices.refuses(asked, **at).is_none();
    let refused = |&at: &usize| {
        let unfit = choices.refuses(asked, at).cloned();
        unfit.or_else(|| choices.machines[at].1.lacks(&demand.requests))
    };
    // Each pod of a DaemonSet is for one machine; a machine that it cannot go to wants none.
    let unfit = if is_daemon || !there.iter().any(|at| refused(at).is_none()) {
        there.iter().filter_map(|at| Some((choices.machines[*at].1, refused(at)?))).collect()
    } else {
        Vec::new()
    };
    let count = match pod.run.kind {
        RunKind::Schedule => 0,
        RunKind::EachNode if !there.is_empty() => {
            u32::try_from(there.iter().filter(takes).count()).unwrap_or(u32::MAX)
        }
        _ => pod.run.count,
    };
    let autoscaler =
        own.iter().find(|(_, scaler)| matches!(scaler.bounds, Bounds::Pods { .. })).map(|it| **it);
    let (steady, most) = match (pod.run.kind, autoscaler.map(|(_, scaler)| &scaler.bounds)) {
        (RunKind::OnDemand { most }, _) => (count, most),
        (_, Some(&Bounds::Pods { min, max, starts })) if count > 0 || starts => {
            (count.clamp(min.min(max), max), max)
        }
        _ => (count, count),
    };
    let scheduled = if pod.run.kind == RunKind::Schedule { pod.run.count } else { 0 };
    Load {
        object,
        pod,
        is_declared,
        priority: cluster.priority(object, demand.class.as_deref()),
        demand,
        refusals,
        steady,
        most,
        scheduled,
        autoscaler,
        unmeasured,
        unrequested,
        raised,
        unbounded: unbounded.unwrap_or_default(),
        admitted: 0,
        short: None,
        placed: None,
        unfit,
        ceiling: None,
        rivals_at_most: None,
        rivals_rolling: None,
        asked,
    }
}

/// What its runtime class adds.
fn overhead<'c>(cluster: &'c Cluster, object: &Object, pod: &Pod) -> &'c Amounts {
    static NONE: std::sync::LazyLock<Amounts> = std::sync::LazyLock::new(Amounts::default);
    if pod.needs.runtime_class.is_empty() {
        return &NONE;
    }
    let kind = GroupKind::new("node.k8s.io", "RuntimeClass");
    let classes = cluster.named(&kind, &pod.needs.runtime_class);
    let found =
        classes.filter(|class| cluster.surely_share(class, object)).find_map(|class| match &class
            .body
        {
            Body::RuntimeClass(overhead) => Some(overhead),
            _ => None,
        });
    found.unwrap_or(&NONE)
}

/// What it names that must be there before a pod is let in.
fn missing<'c>(cluster: &'c Cluster, object: &'c Object) -> Vec<Refusal<'c>> {
    const NEEDED: [&str; 3] = ["PriorityClass", "RuntimeClass", "ServiceAccount"];
    let needed = object.references.iter().filter(|reference| {
        NEEDED.contains(&reference.target.group_kind.kind.as_str()) && !reference.is_optional
    });
    let gone =
        needed.filter(|one| matches!(cluster.follow(object, &one.target), Answer::Missing { .. }));
    let refusal = |reference: &'c crate::facts::Reference| Refusal::Missing {
        what: format!(
            "there is no {} `{}`",
            reference.target.group_kind.kind, reference.target.name
        ),
        place: &reference.place,
    };
    gone.map(refusal).collect()
}

/// What the level of pod security of its namespace forbids.
fn security<'c>(cluster: &'c Cluster, object: &Object, pod: &'c Pod) -> Option<Refusal<'c>> {
    let kind = GroupKind::new("", "Namespace");
    if object.key.namespace.is_empty() || (pod.breaches.is_empty() && pod.level.is_none()) {
        return None;
    }
    let mut named = cluster.named(&kind, &object.key.namespace);
    let (by, enforced) = named.find_map(|by| match &by.body {
        Body::Namespace(Some(enforced)) if cluster.surely_share(by, object) => Some((by, enforced)),
        _ => None,
    })?;
    if let Some((needs, place)) = &pod.level {
        let needs = *needs;
        return (enforced.level > needs).then_some(Refusal::Level { by, enforced, needs, place });
    }
    let minor = cluster.surroundings().minor.unwrap_or(NEWEST);
    // The rules of a version that the server does not know yet are the newest that it knows.
    let minor = enforced.version.unwrap_or(minor).min(minor);
    let breaches = pod.breaches.iter().filter(|breach| breach.counts(enforced.level, minor));
    let breaches: Vec<_> = breaches.collect();
    (!breaches.is_empty()).then_some(Refusal::Security { by, enforced, breaches })
}
