//! Arithmetic of a cluster: what its pods take, whether quotas and machines hold them, and what
//! layers promise. Everything is worked out from a [`Cluster`] alone.

mod admit;
mod apart;
mod ceiling;
mod choice;
mod count;
mod demand;
mod layer;
mod load;
mod machine;
mod measure;
mod refusal;
mod rival;
mod scope;
mod seating;
mod usage;
mod vertical;
mod view;

pub use ceiling::{Ceiling, Rule, is_node};
pub use count::{KeyUse, Line, Phases, QuotaUse};
pub use demand::Demand;
pub use layer::{LayerUse, NamespaceUse};
pub use load::{Load, Short};
pub use machine::{Fleet, Seat};
pub use measure::{Lack, Unmeasured, Unrequested};
pub use refusal::Refusal;
pub use rival::Rivals;

use std::collections::BTreeMap;

use choice::Choices;

use super::{Body, Claim, Cluster, Limit, Machine, Object, Quota};

/// What a cluster takes, and of what.
#[derive(Debug)]
pub struct Budget<'c> {
    /// Everything that starts pods, in the order of the objects, what charts declare last.
    pub loads: Vec<Load<'c>>,
    /// Every quota with what it counts.
    pub quotas: Vec<QuotaUse<'c>>,
    /// The machines.
    pub fleet: Fleet<'c>,
    /// Claims that a LimitRange forbids.
    pub claims: Vec<RefusedClaim<'c>>,
    /// Two LimitRanges of a namespace that fill in different values of a resource.
    pub rival_ranges: Vec<(&'c Object, &'c Object, String)>,
    /// Every claim, and all claims of one template together, with what they ask for.
    pub volumes: Vec<Volume<'c>>,
    choices: Choices<'c>,
}

impl<'c> Budget<'c> {
    /// Whether there is an order in which so many more pods of a workload get a machine, and all
    /// other pods too but those of workloads that go.
    #[must_use]
    pub fn may_seat(&self, load: &Load<'c>, more: u32, goes: impl Fn(&Load<'_>) -> bool) -> bool {
        let own = self.loads.iter().position(|it| std::ptr::eq(it.object, load.object));
        own.is_some_and(|own| machine::may_seat(&self.choices, &self.loads, (own, more), goes))
    }
}

/// A claim that a LimitRange forbids.
#[derive(Debug)]
pub struct RefusedClaim<'c> {
    /// The claim, or the workload with its template.
    pub object: &'c Object,
    /// What is asked for.
    pub claim: &'c Claim,
    /// The LimitRange.
    pub by: &'c Object,
    /// What is wrong.
    pub what: String,
}

/// A claim, or the claims that are made of one template.
#[derive(Debug)]
pub struct Volume<'c> {
    /// The claim, or the workload with the template.
    pub object: &'c Object,
    /// What is asked for.
    pub claim: &'c Claim,
    /// How many there are.
    pub count: u32,
}

/// Works out what a cluster takes, and of what.
#[must_use]
pub fn of(cluster: &Cluster) -> Budget<'_> {
    let mut choices = Choices::new(machines(cluster));
    let rooms = Rooms::of(cluster);
    let mut loads = load::all(cluster, &rooms, &mut choices);
    let claims = claims(cluster, &rooms);
    let quotas = count::all(cluster, &rooms, &claims, &mut loads);
    let fleet = Fleet::place(cluster, &choices, &mut loads);
    let volumes = volumes(cluster, &loads);
    let rival_ranges = rivals(cluster, &rooms);
    Budget { loads, quotas, fleet, claims, rival_ranges, volumes, choices }
}

/// LimitRanges that fill in different values.
fn rivals<'c>(cluster: &Cluster, rooms: &Rooms<'c>) -> Vec<(&'c Object, &'c Object, String)> {
    let mut rivals = Vec::new();
    for ranges in rooms.limits.values() {
        for (index, (other, theirs)) in ranges.iter().enumerate() {
            let one = ranges[..index].iter().filter(|(one, _)| cluster.surely_share(one, other));
            let differing =
                one.filter_map(|(one, ours)| Some((*one, *other, differ(ours, theirs)?)));
            rivals.extend(differing.take(1));
        }
    }
    rivals
}

/// A resource for which two LimitRanges fill in different values.
fn differ(ours: &[Limit], theirs: &[Limit]) -> Option<String> {
    let containers =
        |limits: &'_ [Limit]| limits.iter().find(|limit| &*limit.kind == "Container").cloned();
    let (ours, theirs) = (containers(ours)?, containers(theirs)?);
    let pairs = [(ours.default, theirs.default), (ours.default_request, theirs.default_request)];
    pairs.iter().find_map(|(one, other)| {
        let differs = |(name, amount): &(&str, _)| other.get(name).is_some_and(|it| it != *amount);
        one.iter().find(differs).map(|(name, _)| name.to_owned())
    })
}

fn volumes<'c>(cluster: &'c Cluster, loads: &[Load<'c>]) -> Vec<Volume<'c>> {
    let single = cluster.objects().iter().filter_map(|object| match &object.body {
        Body::Claim(claim) => Some(Volume { object, claim, count: 1 }),
        _ => None,
    });
    let of_template = loads.iter().flat_map(|load| {
        let claims = load.pod.run.claims.iter().chain(&load.pod.needs.ephemeral);
        claims.map(|claim| Volume { object: load.object, claim, count: load.steady })
    });
    single.chain(of_template).collect()
}

/// Those that are declared, or else the Node objects.
fn machines(cluster: &Cluster) -> Vec<(Option<&Object>, &Machine)> {
    let declared = &cluster.surroundings().machines;
    if !declared.is_empty() {
        return declared.iter().map(|machine| (None, machine)).collect();
    }
    let nodes = cluster.objects().iter().filter_map(|object| match &object.body {
        Body::Node(machine) => Some((Some(object), &**machine)),
        _ => None,
    });
    nodes.collect()
}

/// What namespaces allow, by their name.
struct Rooms<'c> {
    limits: BTreeMap<&'c str, Vec<(&'c Object, &'c [Limit])>>,
    quotas: BTreeMap<&'c str, Vec<(&'c Object, &'c Quota)>>,
    /// Priority classes that pods without one get, the least important first.
    classes: Vec<(i64, &'c Object)>,
}

impl<'c> Rooms<'c> {
    fn of(cluster: &'c Cluster) -> Self {
        let mut rooms =
            Self { limits: BTreeMap::new(), quotas: BTreeMap::new(), classes: Vec::new() };
        for object in cluster.objects() {
            let namespace = object.key.namespace.as_str();
            match &object.body {
                Body::Limits(limits) => {
                    rooms.limits.entry(namespace).or_default().push((object, limits));
                }
                Body::Quota(quota) => {
                    rooms.quotas.entry(namespace).or_default().push((object, quota));
                }
                Body::PriorityClass(priority, Some(_)) => {
                    rooms.classes.push((priority.value, object));
                }
                _ => {}
            }
        }
        rooms.classes.sort_by_key(|(value, _)| *value);
        rooms
    }

    /// The class of pods that name none: `getDefaultPriorityClass` of `plugin/pkg/admission/priority`
    fn class(&self, cluster: &Cluster, object: &Object) -> Option<&'c str> {
        let mut there = self.classes.iter().map(|(_, class)| *class);
        let class = there.find(|class| cluster.surely_share(class, object))?;
        Some(class.key.name.as_str())
    }

    /// The LimitRanges for an object.
    fn limits(&self, cluster: &Cluster, object: &Object) -> Vec<(&'c Object, &'c [Limit])> {
        let there = self.limits.get(object.key.namespace.as_str()).into_iter().flatten();
        there.filter(|(by, _)| cluster.surely_share(by, object)).copied().collect()
    }

    /// The quotas for an object.
    fn quotas(&self, cluster: &Cluster, object: &Object) -> Vec<(&'c Object, &'c Quota)> {
        let there = self.quotas.get(object.key.namespace.as_str()).into_iter().flatten();
        there.filter(|(by, _)| cluster.surely_share(by, object)).copied().collect()
    }
}

/// `PersistentVolumeClaimValidateLimitFunc` of `plugin/pkg/admission/limitranger`
fn claims<'c>(cluster: &'c Cluster, rooms: &Rooms<'c>) -> Vec<RefusedClaim<'c>> {
    let mut refused = Vec::new();
    for object in cluster.objects() {
        let claims = match &object.body {
            Body::Claim(claim) => vec![&**claim],
            Body::Workload(pod) => pod.run.claims.iter().chain(&pod.needs.ephemeral).collect(),
            _ => continue,
        };
        if claims.is_empty() {
            continue;
        }
        for (by, limits) in rooms.limits(cluster, object) {
            let limits = limits.iter().filter(|limit| &*limit.kind == "PersistentVolumeClaim");
            for (limit, claim) in limits.flat_map(|l| claims.iter().map(move |claim| (l, *claim))) {
                for (name, size) in claim.requests.iter() {
                    let below = limit.min.get(name).filter(|min| size < *min);
                    let above = limit.max.get(name).filter(|max| size > *max);
                    let bound = below.map(|min| format!("the least is {min}"));
                    let bound = bound.or_else(|| above.map(|max| format!("the most is {max}")));
                    if let Some(bound) = bound {
                        let what = format!("requests {size}, and {bound}");
                        refused.push(RefusedClaim { object, claim, by, what });
                    }
                }
            }
        }
    }
    refused
}
