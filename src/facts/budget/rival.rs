//! Workloads that shun each other, and for which there are too few nodes together.

use std::collections::BTreeSet;

use super::ceiling::is_node;
use super::load::Load;
use super::view::View;
use crate::facts::RunKind;

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

/// What loads need of the domains that one label makes, in the order in which they get nodes.
pub(super) struct Needs<'c> {
    label: &'c str,
    all: Vec<Need<'c>>,
}

/// Pods of a load, and of how many revisions they are.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) index: usize,
    pub(super) count: u32,
    /// Whether old ones and new ones are there together.
    pub(super) is_rolling: bool,
}

impl<'c> View<'_, 'c> {
    /// By each label that keeps pods apart.
    pub(super) fn needs(&self, order: &[usize]) -> Vec<Needs<'c>> {
        let apart = self.loads.iter().flat_map(|load| &load.pod.needs.placement.company.apart);
        let labels: BTreeSet<&'c str> = apart.map(|term| &*term.domain).collect();
        let of = |label: &'c str| {
            let need = |&index: &usize| {
                let count = self.loads[index].admitted;
                self.need(Wanted { index, count, is_rolling: false }, label)
            };
            Needs { label, all: order.iter().filter_map(need).collect() }
        };
        labels.into_iter().map(of).collect()
    }

    /// Those that cannot all have their pods: each that goes without once.
    pub(super) fn rivals(&self, needs: &[Needs<'c>]) -> Vec<Rivals> {
        let mut rivals: Vec<Rivals> = Vec::new();
        for Needs { label, all } in needs {
            for (at, need) in all.iter().enumerate() {
                let is_told = |index: usize| {
                    rivals.iter().any(|it| it.all.last().is_some_and(|last| last.0 == index))
                };
                if is_told(need.index) {
                    continue;
                }
                let others = all[..at].iter().filter(|other| !is_told(other.index));
                let found = self.among(need, others, label);
                rivals.extend(found);
            }
        }
        rivals
    }

    /// Those beside which pods of a load do not get nodes, at so many of them; not those that give
    /// way.
    pub(super) fn rivals_of(&self, needs: &[Needs<'c>], wanted: Wanted) -> Option<Rivals> {
        let load = &self.loads[wanted.index];
        needs.iter().find_map(|Needs { label, all }| {
            let need = self.need(wanted, label)?;
            let others = all.iter().filter(|other| {
                other.index != wanted.index && !self.loads[other.index].gives_way_to(load)
            });
            self.among(&need, others, label)
        })
    }

    /// The rivals of a load at the most that its autoscaler asks for, with the pods for which there
    /// is room beside them, and those in a rollout. More than so many get no node anyway.
    pub(super) fn crowds(
        &self,
        needs: &[Needs<'c>],
        index: usize,
        most: u32,
    ) -> (Option<(u32, Rivals)>, Option<Rivals>) {
        let load = &self.loads[index];
        let steady = load.steady;
        if load.pod.run.kind != RunKind::Replicas || load.admitted != steady {
            return (None, None);
        }
        let of = |count, is_rolling| self.rivals_of(needs, Wanted { index, count, is_rolling });
        let most = most.min(load.most);
        let scaled = || {
            let mut rivals = of(most, false)?;
            let (mut fits, mut lacks) = (steady, most);
            while lacks - fits > 1 {
                let count = fits + (lacks - fits) / 2;
                match of(count, false) {
                    Some(found) => (rivals, lacks) = (found, count),
                    None => fits = count,
                }
            }
            Some((fits, rivals))
        };
        let (surge, unavailable) = load.bounds();
        let is_scaled = most > steady && load.autoscaler.is_some();
        let is_tight = surge > 0 && unavailable == 0;
        let then = steady.saturating_add(load.pod.run.at_once(steady));
        (is_scaled.then(scaled).flatten(), is_tight.then(|| of(then, true)).flatten())
    }

    /// Too few domains for one and some that it shuns: one other, or several that shun each other.
    fn among<'n>(
        &self,
        need: &'n Need<'c>,
        others: impl Iterator<Item = &'n Need<'c>>,
        label: &str,
    ) -> Option<Rivals>
    where
        'c: 'n,
    {
        let shunned = others.filter(|other| self.shun(need.index, other.index, label));
        let shunned: Vec<&Need<'c>> = shunned.collect();
        let pair = shunned.iter().find_map(|other| Rivals::of(&[need, other], label));
        pair.or_else(|| {
            let mut group = vec![need];
            for other in shunned {
                let is_of_all = |one: &&Need<'c>| self.shun(one.index, other.index, label);
                if group[1..].iter().all(is_of_all) {
                    group.push(other);
                }
            }
            Rivals::of(&group, label)
        })
    }

    /// What a load needs; nothing where it asks for no more than there is anyway, or where others
    /// than its pods decide.
    fn need(&self, wanted: Wanted, label: &str) -> Option<Need<'c>> {
        let Wanted { index, count, is_rolling } = wanted;
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
            return None;
        }
        let rooms = self.rooms(load);
        let domains = self.domains(&rooms, label, |room| room.1).ok()?;
        // Where a machine is of no domain, nobody is shunned there.
        if domains.others > 0 || domains.of.is_empty() {
            return None;
        }
        let is_own = placement.company.apart.iter().any(|term| {
            *term.domain == *label
                && self.means(load, term, load) == Some(true)
                && !(is_rolling && term.meant.is_of_revision)
        });
        let mut rooms: Vec<u64> =
            domains.of.values().map(|room| if is_own { (*room).min(1) } else { *room }).collect();
        rooms.sort_unstable_by_key(|room| std::cmp::Reverse(*room));
        let wanted = u64::from(count);
        let mut sum = 0_u64;
        let enough = rooms.iter().position(|room| {
            sum = sum.saturating_add(*room);
            sum >= wanted
        });
        let count = match enough {
            Some(_) if is_daemon => domains.of.len(),
            Some(last) => last + 1,
            None => return None,
        };
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Some(Need { index, domains: domains.of.into_keys().collect(), count })
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
    /// Domains in words: `1 node`.
    #[must_use]
    pub fn words(&self, count: u64) -> String {
        match (is_node(&self.label), count) {
            (true, 1) => "1 node".to_owned(),
            (true, count) => format!("{count} nodes"),
            (false, count) => format!("{count} of `{}`", self.label),
        }
    }

    /// The domains that there are, in words: `there is 1 node`.
    #[must_use]
    pub fn there(&self) -> String {
        let verb = if self.domains == 1 { "is" } else { "are" };
        format!("there {verb} {}", self.words(u64::try_from(self.domains).unwrap_or(u64::MAX)))
    }

    /// A domain by what it is called.
    #[must_use]
    pub fn domain(&self) -> String {
        if is_node(&self.label) { "node".into() } else { format!("`{}`", self.label) }
    }

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
