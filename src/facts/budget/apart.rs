//! How many pods get a node where some must be near others, away from them, or spread: bounds that
//! hold in whatever order the scheduler takes them. Its filters are those of `interpodaffinity` and
//! `podtopologyspread` in `pkg/scheduler/framework/plugins`.

use std::collections::BTreeSet;

use super::ceiling::{Ceiling, Rule};
use super::load::Load;
use super::view::{Domains, Rooms, View, clamped, shunned};
use crate::facts::{Meant, Place, RunKind, Spreading, Term, Unknown, Unseen};
use crate::model::Selector;

/// How many pods of a load get a node in every order, and in the best one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) ceiling: Option<Ceiling>,
}

/// How many pods get near others, at the most and at the least, and by which rule.
type Beside<'c> = (u64, u64, Rule, &'c Term);

/// Nobody can tell.
const OPEN: Bounds = Bounds { least: 0, most: u64::MAX, ceiling: None };

impl<'v, 'c> View<'v, 'c> {
    /// The bounds of a load among such pods; nothing where it goes where it must, whoever is there.
    pub(super) fn bounds(&self, load: &Load<'c>) -> Option<Bounds> {
        let placement = &load.pod.needs.placement;
        let blocks: Vec<(&str, u64)> =
            self.others(load).flat_map(|it| shunned(self, load, it)).collect();
        let is_daemon = load.pod.run.kind == RunKind::EachNode;
        let is_touched = !placement.company.is_empty() || !blocks.is_empty();
        if !placement.node.is_empty() || (is_daemon && !is_touched) {
            return None;
        }
        let is_everywhere =
            self.choices.machines.iter().all(|(node, _)| {
                node.is_none_or(|node| self.cluster.surely_share(node, load.object))
            });
        if placement.company.is_open || placement.is_held || is_daemon || !is_everywhere {
            return Some(OPEN);
        }
        Some(self.counted(load, &blocks).unwrap_or(OPEN))
    }

    fn counted(&self, load: &Load<'c>, blocks: &[(&str, u64)]) -> Result<Bounds, Unknown> {
        let company = &load.pod.needs.placement.company;
        let mut rooms = self.rooms(load);
        for label in self.wanted_labels(load) {
            let mut labelled = Rooms::new();
            for room in rooms {
                if self.value(room.0, label)?.is_some() {
                    labelled.push(room);
                }
            }
            rooms = labelled;
        }
        let total =
            |rooms: &Rooms| rooms.iter().fold(0_u64, |sum, room| sum.saturating_add(room.1));
        let mut bounds = Bounds { least: 0, most: total(&rooms), ceiling: None };
        let mut lower = |most: u64, tight: Ceiling| {
            if bounds.ceiling.as_ref().is_none_or(|known| most < u64::from(known.pods)) {
                bounds.ceiling = Some(Ceiling { pods: clamped(most), ..tight });
            }
            bounds.most = bounds.most.min(most);
        };
        let tight = |why, each, place: &Place, meant: Option<&Meant>| Ceiling {
            pods: 0,
            why,
            place: place.clone(),
            each,
            is_of_revision: meant.is_some_and(|meant| meant.is_of_revision),
        };
        // Rules by which several machines are one domain: of several of them none is worked out.
        let mut shapes = Vec::new();
        for term in &company.apart {
            if self.means(load, term, load) != Some(true) {
                continue;
            }
            let label = &*term.domain;
            let domains = self.domains(&rooms, label, |room| room.1)?;
            let why = Rule::Apart(label.into());
            // Machines without the label hold as many as they can.
            if !rooms.is_empty() && domains.others == 0 {
                let each = Some((label.into(), 1));
                lower(domains.one_each(), tight(why, each, &term.place, Some(&term.meant)));
            }
            let mut seen = BTreeSet::new();
            let mut is_own = true;
            for room in &mut rooms {
                if let Some(value) = self.value(room.0, label)? {
                    is_own &= seen.insert(value);
                    (room.1, room.2) = (room.1.min(1), room.2.min(1));
                }
            }
            if !is_own {
                shapes.push(Shape::Apart(label));
            }
        }
        let mut is_sure = true;
        for one in &company.spread {
            // The scheduler counts no pods for a selector that selects all.
            let is_all = one.meant.selector.as_ref().is_some_and(Selector::is_empty);
            if is_all && one.meant.alike.is_empty() && !one.meant.is_of_revision {
                continue;
            }
            if self.others(load).any(|other| self.counts_too(load, one, other)) {
                is_sure = false;
            } else if one.meant.matches(&load.pod.labels) {
                let (most, each, known) = self.spread(load, one, &rooms, |room| room.1)?;
                let why = match known < one.least_domains as usize {
                    true => Rule::Few(one.domain.clone(), one.least_domains, known),
                    false => Rule::Spread(one.domain.clone(), one.skew),
                };
                let each = Some((one.domain.clone(), each));
                lower(most, tight(why, each, &one.place, Some(&one.meant)));
                shapes.push(Shape::Spread(one));
            }
        }
        if !company.beside.is_empty() {
            match self.beside(load, &rooms)? {
                None => is_sure = false,
                Some((most, least, why, term)) => {
                    lower(most, tight(why, None, &term.place, None));
                    shapes.push(Shape::Beside(least));
                }
            }
        }
        let is_known = is_sure && self.is_known(load, &rooms);
        if is_known {
            bounds.least = self.least(load, &rooms, &shapes, blocks)?.unwrap_or(0);
        }
        Ok(bounds)
    }

    /// The labels that a node must have: those of domains that pods must be in or are spread over.
    fn wanted_labels(&self, load: &'v Load<'c>) -> impl Iterator<Item = &'v str> {
        let company = &load.pod.needs.placement.company;
        let beside = company.beside.iter().map(|term| &*term.domain);
        beside.chain(company.spread.iter().map(|one| &*one.domain))
    }

    /// How many pods get near those that they must be near, at the most and at the least, and the
    /// term that says so; nothing where these are not known.
    fn beside(&self, load: &Load<'c>, rooms: &Rooms) -> Result<Option<Beside<'c>>, Unknown> {
        let terms = &load.pod.needs.placement.company.beside;
        let all = |other: &Load<'c>| {
            let answers: Vec<Option<bool>> =
                terms.iter().map(|term| self.means(load, term, other)).collect();
            let is_meant = || answers.iter().all(|answer| *answer == Some(true));
            match answers.contains(&Some(false)) {
                true => Some(false),
                false => is_meant().then_some(true),
            }
        };
        let is_own = all(load) == Some(true);
        let (mut meant, mut is_there) = (Vec::new(), false);
        for other in self.others(load) {
            match all(other) {
                Some(true) => meant.push(other),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        let may_be_unseen = || {
            self.cluster.may_hold(Unseen::Beside(load.object))
                || terms.iter().any(|term| {
                    let own = [Box::from(load.namespace())];
                    let named =
                        if term.namespaces.is_empty() { &own[..] } else { &term.namespaces };
                    let selector = term.meant.selector.as_ref();
                    term.namespace_selector.is_some()
                        || selector.is_some_and(|selector| {
                            named
                                .iter()
                                .any(|it| self.cluster.may_hold(Unseen::Selected(it, selector)))
                        })
                })
        };
        if may_be_unseen() {
            return Ok(None);
        }
        if meant.is_empty() && !is_own {
            let means_any = |term: &&Term| {
                self.loads.iter().any(|other| self.means(load, term, other) == Some(true))
            };
            let alone = terms.iter().find(|term| !means_any(term)).or(terms.first());
            return Ok(alone.map(|term| (0, 0, Rule::Alone, term)));
        }
        let Some(term @ Term { domain: label, .. }) = terms.first() else { return Ok(None) };
        let (most, least) =
            (self.domains(rooms, label, |it| it.1)?.of, self.domains(rooms, label, |it| it.2)?.of);
        let mut possible: BTreeSet<&str> = BTreeSet::new();
        for other in &meant {
            let seats = self.rooms(other);
            is_there |= other.admitted > 0 && self.is_placed(other, &seats);
            for (at, ..) in seats {
                possible.extend(self.value(at, label)?);
            }
        }
        // Those of its own that come first choose where the others go.
        let own = if is_own { least.values().any(|room| *room > 0) } else { is_there };
        let near = |value: &&str| most.get(*value).copied().unwrap_or(0);
        let of_own = most.keys().copied().filter(|value| is_own && near(value) > 0);
        let bound = if meant.is_empty() {
            most.values().copied().max().unwrap_or(0)
        } else if is_own {
            most.values().fold(0, |sum: u64, room| sum.saturating_add(*room))
        } else {
            possible.iter().fold(0, |sum: u64, value| sum.saturating_add(near(value)))
        };
        let others = possible.iter().map(|value| least.get(value).copied().unwrap_or(0));
        let firsts = of_own.map(|value| least.get(value).copied().unwrap_or(0).max(1));
        let sure = others.chain(firsts).min().unwrap_or(0);
        let sure = if own && terms.len() == 1 { sure } else { 0 };
        let why = match meant.is_empty() {
            true => Rule::Together(label.clone()),
            false => Rule::Beside(label.clone()),
        };
        Ok(Some((bound, sure, why, term)))
    }

    /// Whether some pod of a load surely gets a node.
    fn is_placed(&self, load: &Load<'c>, rooms: &Rooms) -> bool {
        let placement = &load.pod.needs.placement;
        let comes_and_goes = matches!(
            load.pod.run.kind,
            RunKind::Job | RunKind::Schedule | RunKind::OnDemand { .. }
        );
        let is_shunned = || self.others(load).any(|it| !shunned(self, load, it).is_empty());
        placement.company.is_empty()
            && !placement.is_held
            && !comes_and_goes
            && !load.pod.needs.is_finished
            && self.is_known(load, rooms)
            && rooms.iter().any(|room| room.2 > 0)
            && !is_shunned()
    }

    /// The least that get a node: beside all others that may be where these can be.
    fn least(
        &self,
        load: &Load<'c>,
        rooms: &Rooms,
        shapes: &[Shape<'_>],
        blocks: &[(&str, u64)],
    ) -> Result<Option<u64>, Unknown> {
        let label = blocks.first().map(|(label, _)| *label);
        let count = blocks.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        let is_one_label = blocks.iter().all(|(it, _)| Some(*it) == label);
        let sum = |rooms: u64, domains: &Domains<'_>| rooms.saturating_add(domains.others);
        let is_one = load.admitted == 1 && shapes.iter().all(|it| !matches!(it, Shape::Beside(_)));
        Ok(match (shapes, label) {
            _ if !is_one_label => None,
            // By itself a pod is in nobody's way.
            (_, None) if is_one => Some(rooms.iter().map(|room| room.2).max().unwrap_or(0)),
            ([], None) => Some(rooms.iter().fold(0, |sum, room| room.2.saturating_add(sum))),
            ([], Some(label)) => {
                let domains = self.domains(rooms, label, |room| room.2)?;
                // At the worst they are where most room is.
                let mut all: Vec<u64> = domains.of.values().copied().collect();
                all.sort_unstable_by_key(|room| std::cmp::Reverse(*room));
                let left = all.iter().skip(usize::try_from(count).unwrap_or(usize::MAX));
                Some(sum(left.fold(0, |sum, room| room.saturating_add(sum)), &domains))
            }
            ([Shape::Apart(own)], label) if label.is_none_or(|label| label == *own) => {
                let domains = self.domains(rooms, own, |room| room.2)?;
                Some(sum(domains.one_each().saturating_sub(count), &domains))
            }
            ([Shape::Spread(one)], None) => Some(self.spread(load, one, rooms, |it| it.2)?.0),
            ([Shape::Beside(least)], None) => Some(*least),
            ([Shape::Spread(one), Shape::Spread(other)], None) => {
                let are_even = self.are_even(load, rooms, one, other)?
                    || self.are_even(load, rooms, other, one)?;
                are_even.then_some(load.admitted.into())
            }
            _ => None,
        })
    }

    /// Whether pods that are spread over domains and over the machines in them all get one: where
    /// each domain has as many machines, and each machine has room for all. Were they stuck, the
    /// domain with fewest pods would have more than the one with the emptiest machine.
    fn are_even(
        &self,
        load: &Load<'c>,
        rooms: &Rooms,
        inner: &Spreading,
        outer: &Spreading,
    ) -> Result<bool, Unknown> {
        let (machines, domains) = (
            self.domains(rooms, &inner.domain, |_| 1)?.of,
            self.domains(rooms, &outer.domain, |_| 1)?.of,
        );
        let all = |one: &Spreading, known: usize| {
            Ok(self.spread(load, one, rooms, |_| 1)?.2 == known
                && known >= one.least_domains as usize)
        };
        let is_even = domains.values().collect::<BTreeSet<_>>().len() == 1;
        Ok(is_even
            && machines.len() == rooms.len()
            && rooms.iter().all(|room| room.2 >= load.admitted.into())
            && all(inner, machines.len())?
            && all(outer, domains.len())?)
    }
}

/// How several machines are one for the pods of a load.
enum Shape<'t> {
    Apart(&'t str),
    Spread(&'t Spreading),
    Beside(u64),
}
