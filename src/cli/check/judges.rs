//! Judging where several definitions of one kind were found: trees of several clusters, or of
//! several releases of an operator, hold more than one.

use std::collections::{BTreeMap, HashSet};

use crate::check::{Judge, Verdict};
use crate::load::Schemas;
use crate::load::manifest;
use crate::model::{GroupKind, ObjectKey};
use crate::schema::{Definitions, Found};
use crate::yaml::{Node, to_json};

/// Definitions beyond these of one kind are passed over.
const ALTERNATIVES: usize = 8;

/// The definitions of custom kinds: a set of one for each kind, and further sets for those that
/// are defined in more than one way.
#[derive(Debug)]
pub(super) struct Alternatives {
    sets: Vec<Definitions>,
    ambiguous: HashSet<GroupKind>,
}

impl Alternatives {
    /// Takes the definitions that were found among what is checked.
    pub(super) fn new(schemas: &Schemas, found: &[Node]) -> Self {
        let mut by_kind: BTreeMap<GroupKind, Vec<(serde_json::Value, &Node)>> = BTreeMap::new();
        for crd in found {
            let text = |pointer| crd.pointer(pointer).and_then(Node::as_str).unwrap_or_default();
            let (group, kind) =
                (text("/spec/group").to_owned(), text("/spec/names/kind").to_owned());
            let spec = crd.get("spec").map(to_json).unwrap_or_default();
            let same_kind = by_kind.entry(GroupKind { group, kind }).or_default();
            if same_kind.iter().all(|(known, _)| *known != spec) {
                same_kind.push((spec, crd));
            }
        }
        let most = by_kind.values().map(Vec::len).max().unwrap_or(1).clamp(1, ALTERNATIVES);
        let set = |index: usize| {
            let (mut definitions, _) = schemas.definitions();
            for same_kind in by_kind.values() {
                if let Some((_, crd)) = same_kind.get(index).or(same_kind.first()) {
                    definitions.add_crd(crd, Found::Checked);
                }
            }
            definitions
        };
        let sets = (0..most).map(set).collect();
        let ambiguous = by_kind.into_iter().filter(|(_, all)| all.len() > 1).map(|(kind, _)| kind);
        Self { sets, ambiguous: ambiguous.collect() }
    }

    /// What judges by them.
    pub(super) fn judges(&self, minor: u32) -> Judges<'_> {
        let judges = self.sets.iter().map(|definitions| Judge::new(minor, definitions));
        Judges { judges: judges.collect(), ambiguous: &self.ambiguous }
    }
}

/// Whether somebody fills in a value later.
fn is_open(node: &Node) -> bool {
    manifest::concerns(node, "", false)
}

/// Judges by one definition or another.
pub(super) struct Judges<'d> {
    judges: Vec<Judge<'d>>,
    ambiguous: &'d HashSet<GroupKind>,
}

impl Judges<'_> {
    /// What is wrong with an object. Where its kind is defined in several ways, it is good if it is
    /// so by one of them: which one its cluster has is not known.
    pub(super) fn object(&self, object: &Node) -> Verdict {
        let is_ambiguous = || self.ambiguous.contains(&ObjectKey::of(object).group_kind);
        let count = if self.judges.len() > 1 && is_ambiguous() { self.judges.len() } else { 1 };
        let verdicts = self.judges.iter().take(count).map(|judge| judge.partial(object, is_open));
        verdicts.min_by_key(|verdict| verdict.faults.len()).unwrap_or_default()
    }
}
