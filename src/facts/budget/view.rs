//! Where pods of a load may be: machines with room, the domains that these make, and whose pods
//! rules mean.

use std::collections::BTreeMap;

use super::choice::Choices;
use super::load::Load;
use crate::facts::{Amounts, Cluster, RunKind, Spreading, Term, Unknown};
use crate::model::Quantity;

/// A cluster, and what of its machines all pods together may take at the worst.
pub(super) struct View<'v, 'c> {
    pub(super) cluster: &'c Cluster,
    pub(super) choices: &'v Choices<'c>,
    pub(super) loads: &'v [Load<'c>],
    worst: Vec<Amounts>,
}

/// What rooms are there for the pods of a load: by machine that takes them, how many it holds alone,
/// and how many beside all others.
pub(super) type Rooms = Vec<(usize, u64, u64)>;

/// Rooms by the value of a label, and those of machines without it.
#[derive(Default)]
pub(super) struct Domains<'m> {
    pub(super) of: BTreeMap<&'m str, u64>,
    pub(super) others: u64,
}

impl Domains<'_> {
    pub(super) fn one_each(&self) -> u64 {
        u64::try_from(self.of.values().filter(|room| **room > 0).count()).unwrap_or(u64::MAX)
    }
}

impl<'v, 'c> View<'v, 'c> {
    /// Nothing where no pod asks where others are.
    pub(super) fn of(
        cluster: &'c Cluster,
        choices: &'v Choices<'c>,
        loads: &'v [Load<'c>],
    ) -> Option<Self> {
        let asks = |load: &Load<'_>| !load.pod.needs.placement.company.is_empty();
        if !loads.iter().any(asks) {
            return None;
        }
        let mut sums = vec![Amounts::default(); choices.count()];
        for load in loads {
            sums[load.asked].add(&share(load));
        }
        let worst = (0..choices.machines.len()).map(|machine| {
            let mut all = Amounts::default();
            for (asked, sum) in sums.iter().enumerate() {
                if choices.refuses(asked, machine).is_none() {
                    all.add(sum);
                }
            }
            all
        });
        Some(Self { worst: worst.collect(), cluster, choices, loads })
    }

    pub(super) fn others(&self, load: &Load<'c>) -> impl Iterator<Item = &'v Load<'c>> {
        let is_other = |one: &&Load<'c>| {
            !std::ptr::eq(one.object, load.object) && one.most.max(one.scheduled) > 0
        };
        self.loads.iter().filter(move |one| is_other(one))
    }

    pub(super) fn value(&self, machine: usize, label: &str) -> Result<Option<&'c str>, Unknown> {
        self.choices.machines[machine].1.domain(label)
    }

    pub(super) fn domains(
        &self,
        rooms: &Rooms,
        label: &str,
        of: impl Fn(&(usize, u64, u64)) -> u64,
    ) -> Result<Domains<'c>, Unknown> {
        let mut domains = Domains::default();
        for room in rooms {
            let sum = match self.value(room.0, label)? {
                Some(value) => domains.of.entry(value).or_default(),
                None => &mut domains.others,
            };
            *sum = sum.saturating_add(of(room));
        }
        Ok(domains)
    }

    /// How many pods a spread lets in, in every order: a domain that is full with fewest of them
    /// stops the others, so many above it; how many that is in one domain, and the domains.
    pub(super) fn spread(
        &self,
        load: &Load<'c>,
        one: &Spreading,
        rooms: &Rooms,
        of: impl Fn(&(usize, u64, u64)) -> u64,
    ) -> Result<(u64, u32, usize), Unknown> {
        let mut domains = self.domains(rooms, &one.domain, of)?.of;
        let placement = &load.pod.needs.placement;
        for (at, (_, machine)) in self.choices.machines.iter().enumerate() {
            let is_left_out = (!one.ignores_labels
                && machine.is_selected(placement) == Some(false))
                || (!one.ignores_taints && machine.repels(placement, false).is_some());
            if is_left_out {
                continue;
            }
            // Whether a cordoned one has its taint yet is not known.
            if !one.ignores_taints && machine.is_cordoned {
                return Err(Unknown);
            }
            let mut value = None;
            let mut has_all = true;
            for label in load.pod.needs.placement.company.spread.iter().map(|it| &it.domain) {
                let found = self.value(at, label)?;
                has_all &= found.is_some();
                if *label == one.domain {
                    value = found;
                }
            }
            if let Some(value) = value.filter(|_| has_all) {
                domains.entry(value).or_default();
            }
        }
        let is_few = domains.len() < one.least_domains as usize;
        let fewest = if is_few { 0 } else { domains.values().copied().min().unwrap_or(0) };
        let each = fewest.saturating_add(one.skew.into());
        let sum = domains.values().fold(0_u64, |sum, room| sum.saturating_add(each.min(*room)));
        Ok((sum, clamped(each), domains.len()))
    }

    /// Whether nothing but requests decides whether a machine has room, and its size is known.
    pub(super) fn is_known(&self, load: &Load<'c>, rooms: &Rooms) -> bool {
        let requests = &load.demand.requests;
        let has_size = |(at, ..): &(usize, u64, u64)| {
            let machine = self.choices.machines[*at].1;
            requests
                .iter()
                .all(|(name, amount)| amount <= Quantity::ZERO || machine.has(name).is_some())
        };
        load.pod.host_ports.ports.is_empty() && rooms.iter().all(has_size)
    }

    pub(super) fn rooms(&self, load: &Load<'c>) -> Rooms {
        let mut requests = load.demand.requests.clone();
        requests.set("pods", Quantity::units(1));
        let own = share(load);
        let room = |at: usize| {
            let machine = self.choices.machines[at].1;
            let (mut alone, mut beside) = (u64::MAX, u64::MAX);
            for (name, wanted) in requests.iter().filter(|(_, it)| *it > Quantity::ZERO) {
                let Some(has) = machine.has(name) else { continue };
                let (has, wanted) = (has.milli_value(), wanted.milli_value().max(1));
                let taken = self.worst[at].of_resource(name).milli_value();
                let others = taken - own.of_resource(name).milli_value();
                let count = |left: i128| u64::try_from(left.max(0) / wanted).unwrap_or(u64::MAX);
                (alone, beside) = (alone.min(count(has)), beside.min(count(has - others)));
            }
            (at, alone, beside)
        };
        // Nobody asks whether there is room where a machine is named.
        let is_named = !load.pod.needs.placement.node.is_empty();
        let rooms = self.choices.open(load.asked).into_iter().map(room);
        rooms.filter(|it| it.1 > 0 || is_named).collect()
    }

    /// Whether a term of a load means the pods of another; nothing where that is not known.
    pub(super) fn means(&self, load: &Load<'c>, term: &Term, other: &Load<'c>) -> Option<bool> {
        let namespace = other.namespace();
        let is_named = term.namespaces.iter().any(|name| **name == *namespace);
        let is_own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        let is_there = match &term.namespace_selector {
            _ if is_named || (is_own && namespace == load.namespace()) => Some(true),
            None => Some(false),
            Some(selector) if selector.is_empty() => Some(true),
            Some(selector) => {
                let labels = self.cluster.namespace_labels(namespace);
                labels.map(|labels| selector.matches(&labels))
            }
        };
        match is_there {
            Some(false) => Some(false),
            _ if term.meant.is_of_revision && !std::ptr::eq(load.object, other.object) => {
                Some(false)
            }
            // What a chart declares has labels that nobody has seen.
            _ if other.is_declared => None,
            there => match term.meant.matches(&other.pod.labels) {
                true => there,
                false => Some(false),
            },
        }
    }

    /// Whether a spread of a load may count the pods of another.
    pub(super) fn counts_too(&self, load: &Load<'c>, one: &Spreading, other: &Load<'c>) -> bool {
        load.namespace() == other.namespace()
            && !one.meant.is_of_revision
            && (other.is_declared || one.meant.matches(&other.pod.labels))
    }
}

/// The domains that pods of another load may keep one's own away from, by their label, and of how
/// many there are.
pub(super) fn shunned<'v, 'c>(
    view: &View<'v, 'c>,
    load: &'v Load<'c>,
    other: &'v Load<'c>,
) -> Vec<(&'v str, u64)> {
    let count = u64::from(other.most.max(other.scheduled));
    let ours = load.pod.needs.placement.company.apart.iter().map(|term| (term, load, other));
    let theirs = other.pod.needs.placement.company.apart.iter().map(|term| (term, other, load));
    let shuns = |(term, from, to): &(&'v Term, &Load<'c>, &Load<'c>)| {
        view.means(from, term, to) != Some(false)
    };
    let mut all: Vec<(&str, u64)> =
        ours.chain(theirs).filter(shuns).map(|(term, ..)| (&*term.domain, count)).collect();
    all.dedup();
    all
}

/// What of one machine the pods of a load may take at the worst.
fn share(load: &Load<'_>) -> Amounts {
    let mut requests = load.demand.requests.clone();
    requests.set("pods", Quantity::units(1));
    let is_daemon = load.pod.run.kind == RunKind::EachNode;
    requests.times(if is_daemon { load.admitted.min(1) } else { load.admitted })
}

pub(super) fn clamped(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
