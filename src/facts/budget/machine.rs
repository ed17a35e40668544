//! The machines of a cluster, and what of the pods they take.

use super::load::Load;
use crate::facts::{Amounts, Machine, Object, RunKind};
use crate::model::Quantity;

/// The machines of a cluster.
#[derive(Debug, Default)]
pub struct Fleet<'c> {
    /// Each with what runs on it.
    pub machines: Vec<Seat<'c>>,
    /// Whether the size of each is known.
    pub is_known: bool,
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
    /// where most is free; where that leaves some over, the largest first.
    pub(super) fn place(
        machines: Vec<(Option<&'c Object>, &'c Machine)>,
        loads: &mut [Load<'c>],
    ) -> Self {
        let seats: Vec<Seat<'c>> = machines
            .iter()
            .map(|(_, machine)| Seat {
                machine,
                requests: Amounts::default(),
                limits: Amounts::default(),
            })
            .collect();
        let is_known = !seats.is_empty() && seats.iter().all(|it| it.machine.allocatable.is_some());
        if !is_known {
            return Self { machines: seats, is_known };
        }
        let mut order: Vec<usize> = (0..loads.len()).collect();
        let (seats, counts) = seated(seats, loads, &order);
        let is_short = counts.iter().zip(&*loads).any(|(count, load)| *count < load.admitted);
        // Pods that are there by themselves come one after the other.
        let is_free = loads.iter().any(|load| load.pod.run.kind != RunKind::Pod);
        let (seats, counts) = if is_short && is_free {
            let size = |index: &usize| {
                let requests = &loads[*index].demand.requests;
                (requests.of_resource("memory"), requests.of_resource("cpu"))
            };
            order.sort_by_key(|index| std::cmp::Reverse(size(index)));
            let fresh = seats.iter().map(|seat| Seat {
                requests: Amounts::default(),
                limits: Amounts::default(),
                ..*seat
            });
            let other = seated(fresh.collect(), loads, &order);
            let all = |counts: &[u32]| counts.iter().map(|&count| u64::from(count)).sum::<u64>();
            if all(&other.1) > all(&counts) { other } else { (seats, counts) }
        } else {
            (seats, counts)
        };
        for (load, count) in loads.iter_mut().zip(counts) {
            load.placed = is_told(load, &seats).then_some(count);
        }
        Self { machines: seats, is_known }
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

/// Seats pods in an order; how many of each load got a seat.
fn seated<'c>(
    mut seats: Vec<Seat<'c>>,
    loads: &[Load<'c>],
    order: &[usize],
) -> (Vec<Seat<'c>>, Vec<u32>) {
    let mut counts = vec![0; loads.len()];
    let is_daemon = |index: &usize| loads[*index].pod.run.kind == RunKind::EachNode;
    let daemons = order.iter().filter(|index| is_daemon(index));
    let others = order.iter().filter(|index| !is_daemon(index));
    for &index in daemons.chain(others) {
        let load = &loads[index];
        let is_daemon = is_daemon(&index);
        let mut requests = load.demand.requests.clone();
        requests.set("pods", Quantity::units(1));
        if is_daemon {
            for seat in &mut seats {
                let fits = seat.machine.refuses(&load.pod.needs.placement, true).is_none();
                if fits && seat.has_room(&requests) && counts[index] < load.admitted {
                    seat.take(&requests, &load.demand.limits);
                    counts[index] += 1;
                }
            }
            continue;
        }
        let named = &load.pod.needs.placement.node;
        if !named.is_empty() {
            // Nobody asks whether there is room.
            if let Some(seat) = seats.iter_mut().find(|seat| *seat.machine.name == **named) {
                seat.take(&requests.times(load.admitted), &load.demand.limits.times(load.admitted));
                counts[index] = load.admitted;
            }
            continue;
        }
        let placement = &load.pod.needs.placement;
        let takes = |index: &usize| seats[*index].machine.refuses(placement, false).is_none();
        let open: Vec<usize> = (0..seats.len()).filter(takes).collect();
        let disliked: Vec<i128> =
            seats.iter().map(|seat| seat.machine.dislikes(placement)).collect();
        let steps = STEPS / u32::try_from(open.len()).unwrap_or(STEPS).max(1);
        for _ in 0..load.admitted.min(steps) {
            let free = open.iter().filter(|&&at| seats[at].has_room(&requests));
            let free: Vec<usize> = free.copied().collect();
            let most = free.iter().map(|&at| disliked[at]).max().unwrap_or(0);
            let score = |&at: &usize| {
                let against = if most == 0 { 0 } else { disliked[at] * 100 / most };
                seats[at].score(&load.demand.requests) + 3 * (100 - against)
            };
            // Of equals the scheduler takes any.
            let Some(at) = free.into_iter().rev().max_by_key(score) else { break };
            seats[at].take(&requests, &load.demand.limits);
            counts[index] += 1;
        }
        for at in open {
            let left = load.admitted - counts[index];
            if left == 0 {
                break;
            }
            let seat = &mut seats[at];
            let count = left.min(seat.room(&requests));
            if count == 0 {
                continue;
            }
            seat.take(&requests.times(count), &load.demand.limits.times(count));
            counts[index] += count;
        }
    }
    (seats, counts)
}

/// Pods of one workload times machines that are looked at one by one; beyond them the machines are
/// filled up, one after the other.
const STEPS: u32 = 100_000;

/// Whether labels, taints and requests alone decide where the pods of a load go, and all of them
/// are known.
fn is_told(load: &Load<'_>, seats: &[Seat<'_>]) -> bool {
    let placement = &load.pod.needs.placement;
    if !placement.node.is_empty() {
        return true;
    }
    let is_daemon = load.pod.run.kind == RunKind::EachNode;
    // Pods of a DaemonSet are on different nodes anyway.
    let has_ports = !is_daemon && !load.pod.host_ports.ports.is_empty();
    let is_known = |seat: &Seat<'_>| {
        let mut wanted = load.demand.requests.iter();
        seat.machine.refuses(placement, is_daemon).is_some()
            || wanted
                .all(|(name, amount)| amount <= Quantity::ZERO || seat.machine.has(name).is_some())
    };
    !placement.has_other_rules && !has_ports && seats.iter().all(is_known)
}

impl Seat<'_> {
    fn take(&mut self, requests: &Amounts, limits: &Amounts) {
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
    fn room(&self, requests: &Amounts) -> u32 {
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
    fn score(&self, requests: &Amounts) -> i128 {
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
        free / 2 + 50 + (50 + balance(with) - balance(without)) / 2
    }
}

/// What the scheduler takes a container that requests no memory for, in thousandths of bytes; of
/// CPU it is a tenth of a core.
const LEAST_MEMORY: i128 = 200 * 1024 * 1024 * 1000;
