//! Judging where several definitions of one kind were found: trees of several clusters, or of
//! several releases of an operator, hold more than one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::check::{Judge, Verdict};
use crate::load::Schemas;
use crate::load::manifest;
use crate::model::GroupKind;
use crate::schema::{Definitions, Found};
use crate::yaml::{Node, to_json};

/// Definitions beyond these of one kind are passed over.
const ALTERNATIVES: usize = 8;

/// A definition that was found among what is checked, and the path of its file as it is shown.
pub(super) type Defined = (Arc<str>, Node);

/// The definitions of custom kinds: a set of one for each kind, and further sets for those that
/// are defined in more than one way.
#[derive(Debug)]
pub(super) struct Alternatives {
    sets: Vec<Definitions>,
    /// The files of each definition of a kind that has several.
    ambiguous: HashMap<GroupKind, Vec<Vec<Arc<str>>>>,
}

/// One of the definitions of a kind, with its files.
struct Alternative<'n> {
    spec: serde_json::Value,
    crd: &'n Node,
    files: Vec<Arc<str>>,
}

impl Alternatives {
    /// Takes the definitions that were found among what is checked.
    pub(super) fn new(schemas: &Schemas, found: &[Defined]) -> Self {
        let mut by_kind: BTreeMap<GroupKind, Vec<Alternative<'_>>> = BTreeMap::new();
        for (file, crd) in found {
            let text = |pointer| crd.pointer(pointer).and_then(Node::as_str).unwrap_or_default();
            let (group, kind) =
                (text("/spec/group").to_owned(), text("/spec/names/kind").to_owned());
            let spec = crd.get("spec").map(to_json).unwrap_or_default();
            let same_kind = by_kind.entry(GroupKind { group, kind }).or_default();
            match same_kind.iter_mut().find(|known| known.spec == spec) {
                Some(known) => known.files.push(file.clone()),
                None => same_kind.push(Alternative { spec, crd, files: vec![file.clone()] }),
            }
        }
        let most = by_kind.values().map(Vec::len).max().unwrap_or(1).clamp(1, ALTERNATIVES);
        let set = |index: usize| {
            let (mut definitions, _) = schemas.definitions();
            for same_kind in by_kind.values() {
                if let Some(one) = same_kind.get(index).or(same_kind.first()) {
                    definitions.add_crd(one.crd, Found::Checked);
                }
            }
            definitions
        };
        let sets = (0..most).map(set).collect();
        let files = |all: Vec<Alternative<'_>>| -> Vec<Vec<Arc<str>>> {
            all.into_iter().map(|one| one.files).take(ALTERNATIVES).collect()
        };
        let ambiguous = by_kind.into_iter().filter(|(_, all)| all.len() > 1);
        let ambiguous = ambiguous.map(|(kind, all)| (kind, files(all))).collect();
        Self { sets, ambiguous }
    }

    /// What judges by them.
    pub(super) fn judges(&self, minor: u32) -> Judges<'_> {
        let judges = self.sets.iter().map(|definitions| Judge::new(minor, definitions));
        Judges { judges: judges.collect(), ambiguous: &self.ambiguous }
    }
}

/// Judges by one definition or another.
pub(super) struct Judges<'d> {
    judges: Vec<Judge<'d>>,
    ambiguous: &'d HashMap<GroupKind, Vec<Vec<Arc<str>>>>,
}

impl Judges<'_> {
    /// What is wrong with an object of a file, but for what depends on values that somebody fills
    /// in later. Where its kind is defined in several ways, it is good if it is so by one of them:
    /// which one its cluster has is not known. Else the definition whose file is nearest decides.
    pub(super) fn object(&self, object: &Node, file: &str) -> Verdict {
        let several = match self.judges.as_slice() {
            [_] => None,
            _ => self.ambiguous.get(&GroupKind::of(object)),
        };
        let Some(several) = several else { return told(&self.judges[0], object) };
        let verdicts = self.judges.iter().zip(several).map(|(judge, files)| {
            let near = files.iter().map(|other| common(file, other)).max().unwrap_or_default();
            (told(judge, object), near)
        });
        let rank = |(verdict, near): &(Verdict, usize)| {
            let refuses = verdict.faults.iter().any(|fault| fault.reason.is_some());
            let far = usize::MAX - near;
            (refuses, if refuses { far } else { 0 }, verdict.faults.len(), far)
        };
        verdicts.min_by_key(rank).map(|(verdict, _)| verdict).unwrap_or_default()
    }
}

impl Judges<'_> {
    /// Whether objects of this one's kind live in the cluster as a whole.
    pub(super) fn is_cluster_wide(&self, object: &Node) -> bool {
        self.judges[0].is_cluster_wide(object)
    }
}

/// What is wrong with an object, whatever is filled in.
fn told(judge: &Judge<'_>, object: &Node) -> Verdict {
    let mut verdict = judge.partial(object, manifest::is_open);
    let all = verdict.faults.len();
    verdict.faults.retain(|fault| !fault.is_open(object));
    verdict.open += all - verdict.faults.len();
    verdict
}

/// How many directories two paths have in common from the top; the file itself counts as one.
fn common(path: &str, other: &str) -> usize {
    path.split('/').zip(other.split('/')).take_while(|(one, two)| one == two).count()
}
