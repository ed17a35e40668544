//! Levels of checks, as `gitopsc.yaml` states them.

use super::selector::Selector;
use super::subject::Subject;
use crate::config::{Level, Settings};
use crate::diagnostic::Finding;

/// Levels that differ from the checks' own.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels(Vec<(Selector, Level)>);

impl Levels {
    /// The levels of a repository. A name that is none of a check is a finding, and the others count.
    pub(super) fn of(settings: &Settings, findings: &mut Vec<Finding>) -> Self {
        let stated = settings.checks.as_ref().and_then(|checks| checks.levels.as_ref());
        let mut levels = Vec::new();
        for (name, level) in stated.into_iter().flatten() {
            match name.parse::<Selector>() {
                Ok(selector) => levels.push((selector, *level)),
                Err(why) => {
                    let mut finding = Finding::error("check-unknown", why);
                    let node = settings.node.as_ref();
                    let map = node.and_then(|node| node.pointer("/checks/levels")?.as_map());
                    if let Some((key, _)) = map.and_then(|map| map.entry(name)) {
                        finding = finding.at(key.span, "no such check");
                    }
                    findings.push(finding);
                }
            }
        }
        levels.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(levels)
    }

    /// What is stated for a subject by the most specific name.
    pub(super) fn level(&self, subject: Subject) -> Option<Level> {
        self.0.iter().rev().find(|(selector, _)| selector.fits(subject)).map(|(_, level)| *level)
    }
}
