//! Which machines take pods, whatever else runs there. Many pods ask for the same.

use std::collections::HashMap;

use crate::facts::{Machine, NodeTerm, Object, Placement, Toleration, Unfit};
use crate::model::Labels;

/// What pods ask of machines.
type Asked<'c> = (&'c str, &'c Labels, Option<&'c [NodeTerm]>, &'c [Toleration], bool);

/// The machines of a cluster, and which of them take which pods.
#[derive(Debug)]
pub(super) struct Choices<'c> {
    /// The machines, each with its Node object where it is one.
    pub(super) machines: Vec<(Option<&'c Object>, &'c Machine)>,
    numbers: HashMap<Asked<'c>, usize>,
    /// By what is asked: by machine, why it does not take such a pod, and what speaks against it.
    asked: Vec<Vec<(Option<Unfit>, i64)>>,
}

impl<'c> Choices<'c> {
    pub(super) fn new(machines: Vec<(Option<&'c Object>, &'c Machine)>) -> Self {
        Self { machines, numbers: HashMap::new(), asked: Vec::new() }
    }

    /// The number of what a pod asks for; equal where the machines are equal to them.
    pub(super) fn number(&mut self, placement: &'c Placement, is_daemon: bool) -> usize {
        let Placement { node, labels, affinity, tolerations, .. } = placement;
        let asked = (&**node, labels, affinity.as_deref(), tolerations.as_slice(), is_daemon);
        if let Some(number) = self.numbers.get(&asked) {
            return *number;
        }
        let answer = |&(_, machine): &(_, &Machine)| {
            (machine.refuses(placement, is_daemon), machine.dislikes(placement))
        };
        self.asked.push(self.machines.iter().map(answer).collect());
        self.numbers.insert(asked, self.asked.len() - 1);
        self.asked.len() - 1
    }

    /// How many different things are asked for.
    pub(super) fn count(&self) -> usize {
        self.asked.len()
    }

    /// Why a machine does not take such a pod.
    pub(super) fn refuses(&self, number: usize, machine: usize) -> Option<&Unfit> {
        self.asked[number][machine].0.as_ref()
    }

    /// How much speaks against a machine.
    pub(super) fn dislikes(&self, number: usize, machine: usize) -> i64 {
        self.asked[number][machine].1
    }

    /// The machines that take such a pod.
    pub(super) fn open(&self, number: usize) -> Vec<usize> {
        let all = 0..self.machines.len();
        all.filter(|&machine| self.refuses(number, machine).is_none()).collect()
    }
}
