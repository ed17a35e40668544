//! Seating pods on machines, one after the other, as the scheduler does by its scores.

use std::collections::HashMap;

use super::choice::Choices;
use super::load::Load;
use super::machine::Seat;
use crate::facts::{Amounts, Priority, RunKind};
use crate::model::Quantity;

/// Pods of one workload times machines that are looked at one by one; beyond them the machines are
/// filled up, one after the other.
const STEPS: u32 = 100_000;

/// Pods that are alike to the scheduler: what they ask of machines, and what they request.
struct Alike {
    /// The machines that take them.
    open: Vec<usize>,
    /// By machine that takes them how well one more would do there, with the version of the machine
    /// that this is of; nothing where there is no room.
    scores: Vec<(u32, Option<i64>)>,
    /// The workloads with such pods that are not seated yet.
    left: u32,
}

/// The machines while pods are seated.
struct Seating<'s, 'c> {
    seats: Vec<Seat<'c>>,
    /// How often each has changed.
    versions: Vec<u32>,
    choices: &'s Choices<'c>,
}

/// Seats pods, so many of each load in its turn; how many of each got a seat.
pub(super) fn seated<'c>(
    seats: Vec<Seat<'c>>,
    choices: &Choices<'c>,
    loads: &[Load<'c>],
    turns: &[(usize, u32)],
) -> (Vec<Seat<'c>>, Vec<u32>) {
    let mut counts = vec![0; loads.len()];
    let versions = vec![1; seats.len()];
    let mut seating = Seating { seats, versions, choices };
    let mut alike: HashMap<(usize, &Amounts), Alike> = HashMap::new();
    let of = |index: usize| (loads[index].asked, &loads[index].demand.requests);
    for &(index, _) in turns {
        let none = || Alike { open: choices.open(of(index).0), scores: Vec::new(), left: 0 };
        alike.entry(of(index)).or_insert_with(none).left += 1;
    }
    for &(index, wanted) in turns {
        let load = &loads[index];
        let Some(known) = alike.get_mut(&of(index)) else { continue };
        known.left -= 1;
        counts[index] += match load.pod.run.kind {
            RunKind::EachNode => seating.daemon(load, wanted),
            _ if load.pod.needs.placement.node.is_empty() => seating.others(load, wanted, known),
            _ => seating.named(load, wanted),
        };
        if known.left == 0 {
            known.scores = Vec::new();
        }
    }
    (seating.seats, counts)
}

/// The order in which pods keep their seats: those that come later take the seats of less important
/// ones, unless their class never does (`preemptionPolicy: Never`). Nothing where all matter alike, or
/// where of some that is not known.
pub(super) fn ranked(order: &[usize], loads: &[Load<'_>]) -> Option<Vec<usize>> {
    let mut ranked: Vec<(usize, Priority)> = Vec::new();
    for &index in order.iter().filter(|index| loads[**index].admitted > 0) {
        let own = loads[index].priority?;
        let less = ranked.iter().position(|(_, other)| other.value < own.value);
        let at = less.filter(|_| own.preempts).unwrap_or(ranked.len());
        ranked.insert(at, (index, own));
    }
    let is_one = ranked.windows(2).all(|pair| pair[0].1.value == pair[1].1.value);
    (!is_one).then(|| ranked.into_iter().map(|(index, _)| index).collect())
}

fn requests(load: &Load<'_>) -> Amounts {
    let mut requests = load.demand.requests.clone();
    requests.set("pods", Quantity::units(1));
    requests
}

impl Seating<'_, '_> {
    fn take(&mut self, at: usize, requests: &Amounts, limits: &Amounts) {
        self.seats[at].take(requests, limits);
        self.versions[at] += 1;
    }

    fn daemon(&mut self, load: &Load<'_>, wanted: u32) -> u32 {
        let requests = requests(load);
        let mut count = 0;
        for at in self.choices.open(load.asked) {
            if count < wanted && self.seats[at].has_room(&requests) {
                self.take(at, &requests, &load.demand.limits);
                count += 1;
            }
        }
        count
    }

    /// Nobody asks whether there is room.
    fn named(&mut self, load: &Load<'_>, wanted: u32) -> u32 {
        let named = &load.pod.needs.placement.node;
        let at = self.seats.iter().position(|seat| *seat.machine.name == **named);
        let Some(at) = at else { return 0 };
        let requests = requests(load).times(wanted);
        self.take(at, &requests, &load.demand.limits.times(wanted));
        wanted
    }

    fn others(&mut self, load: &Load<'_>, wanted: u32, alike: &mut Alike) -> u32 {
        let requests = requests(load);
        alike.scores.resize(alike.open.len(), (0, None));
        let ceiling = load.ceiling.as_ref();
        let wanted = ceiling.map_or(wanted, |most| most.pods.min(wanted));
        let each = ceiling.and_then(|ceiling| ceiling.each.as_ref());
        // Where it has pods of its own, by the domain of a machine.
        let mut own: HashMap<&str, u32> = HashMap::new();
        let steps = STEPS / u32::try_from(alike.open.len()).unwrap_or(STEPS).max(1);
        let mut count = 0;
        while count < wanted.min(steps) {
            let is_full = |at: usize| {
                each.is_some_and(|(label, most)| {
                    let value = self.seats[at].machine.domain(label).ok().flatten();
                    value.is_some_and(|value| own.get(value).is_some_and(|it| it >= most))
                })
            };
            let Some(at) = self.best(load, &requests, alike, is_full) else { break };
            if let Some((label, _)) = each
                && let Ok(Some(value)) = self.seats[at].machine.domain(label)
            {
                *own.entry(value).or_default() += 1;
            }
            self.take(at, &requests, &load.demand.limits);
            count += 1;
        }
        for &at in alike.open.iter().filter(|_| each.is_none()) {
            let some = (wanted - count).min(self.seats[at].room(&requests));
            if some > 0 {
                self.take(at, &requests.times(some), &load.demand.limits.times(some));
                count += some;
            }
        }
        count
    }

    /// The machine where one more pod does best. Of equals the scheduler takes any.
    fn best(
        &self,
        load: &Load<'_>,
        requests: &Amounts,
        alike: &mut Alike,
        is_full: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut most = 0;
        for (&at, (version, score)) in alike.open.iter().zip(&mut alike.scores) {
            if *version != self.versions[at] {
                let seat = &self.seats[at];
                let is_free = seat.has_room(requests);
                *score = is_free.then(|| seat.score(&load.demand.requests));
                *version = self.versions[at];
            }
            if score.is_some() {
                most = most.max(self.choices.dislikes(load.asked, at));
            }
        }
        let mut best: Option<(i64, usize)> = None;
        for (&at, (_, score)) in alike.open.iter().zip(&alike.scores) {
            let Some(score) = *score else { continue };
            let dislikes = self.choices.dislikes(load.asked, at);
            let against = if most == 0 { 0 } else { dislikes * 100 / most };
            let score = score + 3 * (100 - against);
            if best.is_none_or(|(known, _)| score > known) && !is_full(at) {
                best = Some((score, at));
            }
        }
        best.map(|(_, at)| at)
    }
}
