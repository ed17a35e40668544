//! The machines of a cluster, and what of the pods they take.

use std::cmp::Reverse;

use super::apart::Bounds;
use super::choice::Choices;
use super::load::Load;
use super::rival::Rivals;
use super::seating;
use super::view::View;
use crate::facts::{Amounts, Cluster, Machine, RunKind};
use crate::model::Quantity;

/// The machines of a cluster.
#[derive(Debug, Default)]
pub struct Fleet<'c> {
    /// Each with what runs on it.
    pub machines: Vec<Seat<'c>>,
    /// Whether the size of each is known.
    pub is_known: bool,
    /// Workloads that shun each other, and that cannot all have their pods.
    pub rivals: Vec<Rivals>,
}

/// A machine with what runs on it.
#[derive(Debug, Clone)]
pub struct Seat<'c> {
    /// The machine.
    pub machine: &'c Machine,
    /// What is requested of it.
    pub requests: Amounts,
    /// The most that its pods get.
    pub limits: Amounts,
}

impl<'c> Fleet<'c> {
    /// Puts the pods on the machines: those of DaemonSets first, then one after the other, each
    /// where most is free. The scheduler takes pods as they come, which nobody knows: where some
    /// order finds room for all, there is room.
    pub(super) fn place(
        cluster: &'c Cluster,
        choices: &Choices<'c>,
        loads: &mut [Load<'c>],
    ) -> Self {
        let seats = bare(choices);
        let is_known = !seats.is_empty() && seats.iter().all(|it| it.machine.allocatable.is_some());
        if !is_known {
            return Self { machines: seats, is_known, rivals: Vec::new() };
        }
        let view = View::of(cluster, choices, loads);
        let bounds = loads.iter().map(|load| view.as_ref()?.bounds(load));
        let bounds: Vec<Option<Bounds>> = bounds.collect();
        let order = || {
            let order = orders(choices, loads).swap_remove(0);
            seating::ranked(&order, loads).unwrap_or(order)
        };
        let needs = view.as_ref().map(|view| view.needs(&order())).unwrap_or_default();
        let rivals = view.as_ref().map(|view| view.rivals(&needs)).unwrap_or_default();
        let crowds = bounds.iter().enumerate().map(|(index, bounds)| {
            let is_told = rivals.iter().any(|it| it.all.iter().any(|(other, _)| *other == index));
            let ceiling = bounds.as_ref().and_then(|bounds| bounds.ceiling.as_ref());
            let most = ceiling.map_or(u32::MAX, |ceiling| ceiling.pods);
            view.as_ref().filter(|_| !is_told).map(|view| view.crowds(&needs, index, most))
        });
        let crowds: Vec<_> = crowds.collect();
        for ((load, bounds), crowds) in loads.iter_mut().zip(&bounds).zip(crowds) {
            load.ceiling = bounds.as_ref().and_then(|bounds| bounds.ceiling.clone());
            (load.rivals_at_most, load.rivals_rolling) = crowds.unwrap_or_default();
        }
        let (seats, counts) = seated(&seats, choices, loads);
        for ((load, count), bounds) in loads.iter_mut().zip(counts).zip(bounds) {
            load.placed = match bounds {
                Some(Bounds { least, most, .. }) => {
                    let of = |bound: u64| bound.min(load.admitted.into());
                    (of(least) == of(most)).then(|| u32::try_from(of(most)).unwrap_or(u32::MAX))
                }
                None => is_told(load, choices).then_some(count),
            };
        }
        Self { machines: seats, is_known, rivals }
    }

    /// What all machines that take pods at all have of a resource.
    #[must_use]
    pub fn allocatable(&self, resource: &str) -> Quantity {
        let amounts = self.machines.iter().filter_map(|seat| {
            seat.machine.allocatable.as_ref().map(|it| it.of_resource(resource))
        });
        amounts.fold(Quantity::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(sum))
    }

    /// What all machines have of a resource, the system's share with it.
    #[must_use]
    pub fn capacity(&self, resource: &str) -> Quantity {
        let amounts = self.machines.iter().map(|seat| seat.machine.capacity.of_resource(resource));
        amounts.fold(Quantity::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(sum))
    }
}

fn is_daemon(load: &Load<'_>) -> bool {
    load.pod.run.kind == RunKind::EachNode
}

/// The machines with nothing on them.
fn bare<'c>(choices: &Choices<'c>) -> Vec<Seat<'c>> {
    let seat = |&(_, machine): &(_, &'c Machine)| Seat {
        machine,
        requests: Amounts::default(),
        limits: Amounts::default(),
    };
    choices.machines.iter().map(seat).collect()
}

/// Orders in which pods are taken, whatever the order in which they are written: those of
/// DaemonSets, and then the largest first, those that fewest machines take, or the smallest.
fn orders(choices: &Choices<'_>, loads: &[Load<'_>]) -> Vec<Vec<usize>> {
    // Pods that are there by themselves come one after the other.
    if loads.iter().all(|load| load.pod.run.kind == RunKind::Pod) {
        return vec![(0..loads.len()).collect()];
    }
    let mut by_name: Vec<usize> = (0..loads.len()).collect();
    by_name.sort_by_key(|index| {
        let key = &loads[*index].object.key;
        (&key.namespace, &key.name, &key.group_kind.kind)
    });
    let size = |index: &usize| {
        let requests = &loads[*index].demand.requests;
        (requests.of_resource("memory"), requests.of_resource("cpu"))
    };
    let waits = |index: &usize| !is_daemon(&loads[*index]);
    let [mut largest, mut choosiest, mut smallest] = [by_name.clone(), by_name.clone(), by_name];
    largest.sort_by_key(|index| (waits(index), Reverse(size(index))));
    choosiest.sort_by_key(|index| {
        let open = choices.open(loads[*index].asked).len();
        (waits(index), open, Reverse(size(index)))
    });
    smallest.sort_by_key(|index| (waits(index), size(index)));
    vec![largest, choosiest, smallest]
}

/// Whether there is an order in which so many more pods of a load get a seat, and all other pods
/// too but those of loads that go.
pub(super) fn may_seat(
    choices: &Choices<'_>,
    loads: &[Load<'_>],
    (index, more): (usize, u32),
    goes: impl Fn(&Load<'_>) -> bool,
) -> bool {
    let load = &loads[index];
    // New pods and old ones count together, unless each revision counts its own.
    let first = match load.ceiling.as_ref().is_some_and(|ceiling| ceiling.is_of_revision) {
        true => vec![(index, more), (index, load.admitted)],
        false => vec![(index, load.admitted.saturating_add(more))],
    };
    orders(choices, loads).iter().any(|order| {
        let stays = order.iter().filter(|at| **at != index && !goes(&loads[**at]));
        let others = stays.map(|at| (*at, loads[*at].admitted));
        let (daemons, others): (Vec<_>, Vec<_>) =
            others.partition(|(at, _)| is_daemon(&loads[*at]));
        let turns = [daemons, first.clone(), others].concat();
        let (_, counts) = seating::seated(bare(choices), choices, loads, &turns);
        let mut wanted = vec![0_u32; loads.len()];
        turns.iter().for_each(|(at, count)| wanted[*at] = wanted[*at].saturating_add(*count));
        counts == wanted
    })
}

/// The machines with the pods on them, and how many of each load got a seat: in the first order that
/// finds one for all. Where some are left over in each, those that matter more keep their seats.
fn seated<'c>(
    seats: &[Seat<'c>],
    choices: &Choices<'c>,
    loads: &[Load<'c>],
) -> (Vec<Seat<'c>>, Vec<u32>) {
    let orders = orders(choices, loads);
    let all = |counts: &[u32]| counts.iter().map(|&count| u64::from(count)).sum::<u64>();
    let wanted = loads.iter().map(|load| u64::from(load.admitted)).sum::<u64>();
    let best = |orders: &[Vec<usize>]| {
        let mut best: Option<(Vec<Seat<'c>>, Vec<u32>)> = None;
        for order in orders {
            if best.as_ref().is_some_and(|(_, counts)| all(counts) == wanted) {
                break;
            }
            let turns: Vec<_> = order.iter().map(|&at| (at, loads[at].admitted)).collect();
            let other = seating::seated(seats.to_vec(), choices, loads, &turns);
            if best.as_ref().is_none_or(|(_, counts)| all(&other.1) > all(counts)) {
                best = Some(other);
            }
        }
        best.unwrap_or_default()
    };
    let plain = best(&orders);
    if all(&plain.1) == wanted {
        return plain;
    }
    let ranked: Option<Vec<Vec<usize>>> =
        orders.iter().map(|order| seating::ranked(order, loads)).collect();
    ranked.map_or(plain, |orders| best(&orders))
}

/// Whether labels, taints and requests alone decide where the pods of a load go, and all of them
/// are known.
fn is_told(load: &Load<'_>, choices: &Choices<'_>) -> bool {
    let placement = &load.pod.needs.placement;
    if !placement.node.is_empty() {
        return true;
    }
    // Pods of a DaemonSet are on different nodes anyway.
    let has_ports = !is_daemon(load) && !load.pod.host_ports.ports.is_empty();
    if placement.is_held || has_ports {
        return false;
    }
    let wanted = load.demand.requests.iter();
    let wanted: Vec<&str> =
        wanted.filter(|(_, amount)| *amount > Quantity::ZERO).map(|(name, _)| name).collect();
    choices.machines.iter().enumerate().all(|(at, (_, machine))| {
        machine.is_complete
            || choices.refuses(load.asked, at).is_some()
            || wanted.iter().all(|name| machine.has(name).is_some())
    })
}

impl Seat<'_> {
    pub(super) fn take(&mut self, requests: &Amounts, limits: &Amounts) {
        self.requests.add(requests);
        self.limits.add(limits);
    }

    /// Whether it has room for one more pod: `fitsRequest` of the scheduler's `noderesources`.
    #[must_use]
    pub fn has_room(&self, requests: &Amounts) -> bool {
        requests.iter().filter(|(_, wanted)| *wanted > Quantity::ZERO).all(|(name, wanted)| {
            let then = self.requests.of_resource(name).checked_add(wanted);
            self.machine.has(name).is_none_or(|has| then.is_some_and(|then| then <= has))
        })
    }

    /// How many more pods it has room for.
    #[must_use]
    pub fn room(&self, requests: &Amounts) -> u32 {
        let wanted = requests.iter().filter(|(_, wanted)| *wanted > Quantity::ZERO);
        let counts = wanted.filter_map(|(name, wanted)| {
            let left = self.left(name)?.milli_value().max(0);
            Some(u32::try_from(left / wanted.milli_value().max(1)).unwrap_or(u32::MAX))
        });
        counts.min().unwrap_or(u32::MAX)
    }

    /// What is left of a resource; nothing where that is not known.
    #[must_use]
    pub fn left(&self, resource: &str) -> Option<Quantity> {
        self.machine.has(resource)?.checked_sub(self.requests.of_resource(resource))
    }

    /// How well a pod would do here: `leastResourceScorer` and `balancedResourceScorer` of the
    /// scheduler's `noderesources`, as far as requests tell.
    pub(super) fn score(&self, requests: &Amounts) -> i64 {
        let Some(allocatable) = &self.machine.allocatable else { return 0 };
        let (mut free, mut with, mut without) = (0, [0; 2], [0; 2]);
        for (index, (name, least)) in [("cpu", 100), ("memory", LEAST_MEMORY)].iter().enumerate() {
            let has = allocatable.of_resource(name).milli_value().max(1);
            let taken = self.requests.of_resource(name).milli_value();
            let wanted = requests.get(name).map_or(*least, Quantity::milli_value);
            free += (has - taken - wanted).max(0) * 100 / has;
            with[index] = ((taken + wanted) * 10_000 / has).min(10_000);
            without[index] = (taken * 10_000 / has).min(10_000);
        }
        // Of two shares the deviation is half their difference.
        let balance = |shares: [i128; 2]| (20_000 - (shares[0] - shares[1]).abs()) / 200;
        let score = free / 2 + 50 + (50 + balance(with) - balance(without)) / 2;
        i64::try_from(score).unwrap_or(0)
    }
}

/// What the scheduler takes a container that requests no memory for, in thousandths of bytes; of
/// CPU it is a tenth of a core.
const LEAST_MEMORY: i128 = 200 * 1024 * 1024 * 1000;
