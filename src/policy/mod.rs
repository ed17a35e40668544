//! What is shown of what was found: levels, selection, silencers and baseline, in this order.
//!
//! All of it is for findings about objects. What is wrong with the configuration, with templates
//! and with the tree never comes here: a run that hid it would call clean what was not judged.

mod baseline;
mod extent;
mod field;
mod index;
mod layout;
mod level;
mod object;
mod selector;
mod silencer;
mod subject;
mod written;

pub use baseline::Baseline;
pub use extent::{Base, Extent};
pub use field::{by_keys, path_of_key};
pub use object::{ANNOTATION, Object};
pub use selector::{Selection, Selector};
pub use subject::{Subject, why_fixed};
pub use written::{may_silence, may_silence_reach};

use std::collections::BTreeMap;

use crate::check::registry::{CHECKS, Check, Reach};
use crate::config::{Level, Settings};
use crate::diagnostic::{Finding, Severity, fold};
use crate::source::{Sources, Span};
use index::Index;
use level::Levels;
use silencer::Silencers;

/// What a run makes of its findings.
#[derive(Debug, Default)]
pub struct Policy {
    levels: Levels,
    selection: Selection,
    baseline: Option<Baseline>,
}

/// What a run looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// The texts behind all places.
    pub sources: &'a Sources,
    /// Every object that was judged.
    pub objects: &'a [Object],
    /// How far the run went.
    pub extent: &'a Extent,
}

/// What levels, selection and silencers make of findings.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// What is to be shown where no baseline hides it.
    pub shown: Vec<Finding>,
    /// What was silenced.
    pub silenced: Vec<Silenced>,
    /// What is wrong with silencers.
    pub remarks: Vec<Finding>,
}

/// What is to be shown, and what is not.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is left, and what is wrong with silencers and baseline; folded and in order.
    pub findings: Vec<Finding>,
    /// What was silenced, in order.
    pub silenced: Vec<Silenced>,
    /// What the baseline hides; folded and in order.
    pub known: Vec<Finding>,
}

/// A finding that somebody silenced.
#[derive(Debug, Clone)]
pub struct Silenced {
    /// The finding.
    pub finding: Finding,
    /// Why it is none.
    pub reason: String,
    /// The comment or annotation.
    pub place: Span,
}

impl Policy {
    /// The policy of a repository for one run. What is wrong with its settings becomes findings.
    #[must_use]
    pub fn new(settings: &Settings, selection: Selection, findings: &mut Vec<Finding>) -> Self {
        Self { levels: Levels::of(settings, findings), selection, baseline: None }
    }

    /// Hides what a baseline has.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Baseline) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Sorts findings about objects, one for each environment that has it: what is shown, what is
    /// silenced, what was there before.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>, looked: Looked<'_>) -> Outcome {
        self.conclude(self.sort(findings, looked), looked)
    }

    /// The second half of [`Self::apply`]: holds what is shown against the baseline. Of the objects
    /// only those count that were not [judged by all rules](Object::was_judged).
    #[must_use]
    pub fn conclude(&self, sorted: Sorted, looked: Looked<'_>) -> Outcome {
        let (mut shown, known) = match &self.baseline {
            Some(baseline) => baseline.apply(sorted.shown, looked, |id| self.can_tell(id)),
            None => (sorted.shown, Vec::new()),
        };
        shown.extend(sorted.remarks);
        Outcome { findings: fold(shown), silenced: folded(sorted.silenced), known: fold(known) }
    }

    /// The baseline that hides all that is shown. What an older one has of what this run did not
    /// look at stays in it.
    #[must_use]
    pub fn renew(&self, old: Option<&Baseline>, sorted: &Sorted, looked: Looked<'_>) -> Baseline {
        Baseline::of(&sorted.shown, looked, old, |id| self.can_tell(id))
    }

    /// Whether findings of a subject are wanted. A level of `off` holds until it is asked for by its
    /// id.
    fn runs(&self, subject: Subject) -> bool {
        self.selection.wants(subject)
            && (self.levels.level(subject) != Some(Level::Off) || self.selection.names(subject))
    }

    /// Whether findings of any check of this reach are wanted.
    #[must_use]
    pub fn wants(&self, reach: Reach) -> bool {
        CHECKS.iter().filter(|check| check.reach.looks(reach)).any(|check| self.can_tell(check.id))
    }

    fn can_tell(&self, id: &str) -> bool {
        Subject::find(id).is_none_or(|subject| self.runs(subject))
    }

    /// The first half of [`Self::apply`], for some objects with their findings and the whole text of
    /// their documents: levels, selection, silencers.
    #[must_use]
    pub fn sort(&self, findings: Vec<Finding>, looked: Looked<'_>) -> Sorted {
        let index = Index::new(looked.objects);
        let mut silencers = Silencers::collect(&findings, &index, looked.sources);
        let mut sorted = Sorted::default();
        for mut finding in findings {
            let Some(subject) = Subject::find(finding.id) else {
                sorted.shown.push(finding);
                continue;
            };
            if !self.runs(subject) {
                continue;
            }
            finding.severity = match self.levels.level(subject) {
                Some(Level::Error) => Severity::Error,
                Some(Level::Warning) => Severity::Warning,
                Some(Level::Note) => Severity::Note,
                Some(Level::Off) | None => finding.severity,
            };
            match silencers.silence(&finding, &index) {
                Some(silencer) => {
                    let (reason, place) = (silencer.reason.clone(), silencer.place);
                    sorted.silenced.push(Silenced { finding, reason, place });
                }
                None => sorted.shown.push(finding),
            }
        }
        sorted.remarks = silencers.unused(|id, index| {
            let object = &looked.objects[index];
            let in_all = object.environment().is_none() || looked.extent.whole;
            // What checks of another reach find is told elsewhere.
            let reach = Check::find(id).map_or(Reach::One, |check| check.reach);
            let looks = looked.extent.only.is_none_or(|only| match reach {
                // What is wrong with what a set makes comes later, at a line of the set.
                Reach::Made => only == Reach::One && !object.is_set(),
                _ => only == reach,
            });
            object.was_judged() && in_all && looks && self.can_tell(id)
        });
        if !matches!(looked.extent.only, Some(Reach::All | Reach::Tree)) {
            sorted.remarks.append(&mut silencers.findings);
        }
        sorted
    }
}

/// The same fault of several environments once.
fn folded(silenced: Vec<Silenced>) -> Vec<Silenced> {
    let mut by_silencer: BTreeMap<(Span, String), Vec<Finding>> = BTreeMap::new();
    for one in silenced {
        by_silencer.entry((one.place, one.reason)).or_default().push(one.finding);
    }
    let mut folded = Vec::new();
    for ((place, reason), findings) in by_silencer {
        let one = |finding| Silenced { finding, reason: reason.clone(), place };
        folded.extend(fold(findings).into_iter().map(one));
    }
    folded
}
