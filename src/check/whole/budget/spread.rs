//! Whether pods may be on several nodes.

use crate::facts::RunKind;
use crate::facts::budget::{Budget, Load, Seat};

/// Where the pods of some workloads may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spread {
    /// All on one node: there is no other that takes them, or they are tied to it or to each other.
    OneNode,
    /// On several nodes.
    SeveralNodes,
    /// Where the nodes of the cluster put them, which are not known.
    Unknown,
}

impl Spread {
    /// Where the pods of these workloads may be, each of which mounts or writes to the same.
    pub(super) fn of(budget: &Budget<'_>, loads: &[&Load<'_>]) -> Self {
        let seats = &budget.fleet.machines;
        let takes_any = |seat: &&Seat<'_>| {
            loads.iter().any(|load| {
                let is_daemon = load.pod.run.kind == RunKind::EachNode;
                seat.machine.refuses(&load.pod.needs.placement, is_daemon).is_none()
            })
        };
        if are_pinned(loads) || are_beside(loads) {
            return Self::OneNode;
        }
        match (seats.len(), seats.iter().filter(takes_any).count()) {
            (0, _) => Self::Unknown,
            (_, 0 | 1) => Self::OneNode,
            _ => Self::SeveralNodes,
        }
    }
}

/// Whether all name the same node.
fn are_pinned(loads: &[&Load<'_>]) -> bool {
    let mut pins = loads.iter().map(|load| load.pod.needs.placement.pin());
    pins.next().flatten().is_some_and(|first| pins.all(|pin| pin == Some(first)))
}

/// Whether all follow one that is on one node itself: a single pod, or pods that follow each other.
fn are_beside(loads: &[&Load<'_>]) -> bool {
    let follows = |one: &Load<'_>, other: &Load<'_>| {
        one.pod
            .needs
            .placement
            .company
            .on_node()
            .any(|selector| selector.matches(&other.pod.labels))
    };
    // One by itself is asked about for the pods that it has beside the first.
    let is_single = |load: &Load<'_>| {
        loads.len() > 1 && load.pod.run.kind != RunKind::EachNode && load.most <= 1
    };
    loads.iter().any(|anchor| {
        let mut settled = vec![*anchor];
        if !is_single(anchor) && !follows(anchor, anchor) {
            return false;
        }
        while let Some(next) = loads.iter().find(|load| {
            !settled.iter().any(|it| std::ptr::eq(*it, **load))
                && settled.iter().any(|it| follows(load, it))
        }) {
            settled.push(next);
        }
        settled.len() == loads.len()
    })
}
