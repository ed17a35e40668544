//! Workloads that shun each other, and for which there are too few nodes together.

use std::collections::BTreeSet;

use super::load::Load;
use super::view::View;
use crate::facts::{RunKind, Unknown};

/// Workloads of which each shuns all others, and that need more domains than there are, in whatever
/// order the scheduler takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rivals {
    /// Each as a number of the loads, with the domains that it needs at the least. The one that goes
    /// without comes last.
    pub all: Vec<(usize, u64)>,
    /// The label that makes domains.
    pub label: Box<str>,
    /// How many domains take pods of any of them.
    pub domains: usize,
}

/// What a workload needs of the domains that a label makes.
struct Need<'c> {
    index: usize,
    /// Those that take its pods.
    domains: BTreeSet<&'c str>,
    /// How many of them it has at the least.
    count: u64,
}

impl<'c> View<'_, 'c> {
    /// Those that cannot all have their pods, where they get nodes in this order: each that goes
    /// without once.
    pub(super) fn rivals(&self, order: &[usize]) -> Vec<Rivals> {
        let apart = self.loads.iter().flat_map(|load| &load.pod.needs.placement.company.apart);
        let labels: BTreeSet<&str> = apart.map(|term| &*term.domain).collect();
        let mut rivals: Vec<Rivals> = Vec::new();
        for label in labels {
            let needs = order.iter().filter_map(|index| self.need(*index, label).ok().flatten());
            let needs: Vec<Need<'c>> = needs.collect();
            for (at, need) in needs.iter().enumerate() {
                let is_told = |index: usize| {
                    rivals.iter().any(|it| it.all.last().is_some_and(|last| last.0 == index))
                };
                if is_told(need.index) {
                    continue;
                }
                let shunned = needs[..at].iter().filter(|other| {
                    self.shun(need.index, other.index, label) && !is_told(other.index)
                });
                let shunned: Vec<&Need<'c>> = shunned.collect();
                let pair = shunned.iter().find_map(|other| Rivals::of(&[need, other], label));
                let found = pair.or_else(|| {
                    let mut group = vec![need];
                    for other in shunned {
                        let is_of_all = |one: &&Need<'c>| self.shun(one.index, other.index, label);
                        if group[1..].iter().all(is_of_all) {
                            group.push(other);
                        }
                    }
                    Rivals::of(&group, label)
                });
                rivals.extend(found);
            }
        }
        rivals
    }

    /// What a load needs; nothing where it asks for no more than there is anyway, or where others
    /// than its pods decide.
    fn need(&self, index: usize, label: &str) -> Result<Option<Need<'c>>, Unknown> {
        let load = &self.loads[index];
        let placement = &load.pod.needs.placement;
        let is_daemon = load.pod.run.kind == RunKind::EachNode;
        let stays = is_daemon || matches!(load.pod.run.kind, RunKind::Replicas | RunKind::Pod);
        let is_everywhere =
            self.choices.machines.iter().all(|(node, _)| {
                node.is_none_or(|node| self.cluster.surely_share(node, load.object))
            });
        let is_open = placement.company.is_open || placement.is_held || !placement.node.is_empty();
        let has_pods = load.admitted > 0 && load.refusals.is_empty() && !load.is_declared;
        if !stays || !has_pods || is_open || !is_everywhere || load.pod.needs.is_finished {
            return Ok(None);
        }
        let rooms = self.rooms(load);
        let domains = self.domains(&rooms, label, |room| room.1)?;
        // Where a machine is of no domain, nobody is shunned there.
        if domains.others > 0 || domains.of.is_empty() {
            return Ok(None);
        }
        let is_own = placement
            .company
            .apart
            .iter()
            .any(|term| *term.domain == *label && self.means(load, term, load) == Some(true));
        let mut rooms: Vec<u64> =
            domains.of.values().map(|room| if is_own { (*room).min(1) } else { *room }).collect();
        rooms.sort_unstable_by_key(|room| std::cmp::Reverse(*room));
        let wanted = u64::from(load.admitted);
        let mut sum = 0_u64;
        let enough = rooms.iter().position(|room| {
            sum = sum.saturating_add(*room);
            sum >= wanted
        });
        let count = match enough {
            Some(_) if is_daemon => domains.of.len(),
            Some(last) => last + 1,
            None => return Ok(None),
        };
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Ok(Some(Need { index, domains: domains.of.into_keys().collect(), count }))
    }

    /// Whether pods of two loads are never in one domain.
    fn shun(&self, one: usize, other: usize, label: &str) -> bool {
        let (one, other) = (&self.loads[one], &self.loads[other]);
        let shuns = |from: &Load<'c>, to: &Load<'c>| {
            let terms = from.pod.needs.placement.company.apart.iter();
            let mut of_label = terms.filter(|term| *term.domain == *label);
            of_label.any(|term| self.means(from, term, to) == Some(true))
        };
        let may_meet = !self.cluster.surely_share(one.object, other.object);
        !may_meet && (shuns(one, other) || shuns(other, one))
    }
}

impl Rivals {
    /// Nothing where there are domains enough.
    fn of(group: &[&Need<'_>], label: &str) -> Option<Self> {
        let mut domains: BTreeSet<&str> = BTreeSet::new();
        let mut sum = 0_u64;
        for (at, need) in group.iter().enumerate() {
            domains.extend(&need.domains);
            sum = sum.saturating_add(need.count);
            if at > 0 && sum > u64::try_from(domains.len()).unwrap_or(u64::MAX) {
                let all = group[..=at].iter().rev().map(|it| (it.index, it.count)).collect();
                return Some(Self { all, label: label.into(), domains: domains.len() });
            }
        }
        None
    }
}
