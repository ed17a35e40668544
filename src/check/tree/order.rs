//! Waves of Applications, which order less than they seem to.

use super::at;
use super::settings::Settings;
use crate::argocd::{Followed, Member, Step, Thing};
use crate::diagnostic::Finding;

const WAVE: &str = "argocd.argoproj.io/sync-wave";

pub(super) fn check(followed: &Followed, settings: &Settings, findings: &mut Vec<Finding>) {
    of_sets(followed, findings);
    if settings.judge_not("argoproj.io", "Application") {
        of_children(followed, findings);
    }
}

/// Waves in the templates of sets: no sync applies what a set makes.
///
/// Source: `createOrUpdateInCluster` in `applicationset/controllers/applicationset_controller.go`.
fn of_sets(followed: &Followed, findings: &mut Vec<Finding>) {
    for set in &followed.sets {
        let template = set.stated.node.pointer("/spec/template/metadata/annotations");
        let Some(wave) = template.and_then(|it| it.get(WAVE)) else { continue };
        findings.push(
            Finding::info("application-set-wave-ignored", "waves order nothing that a set makes")
                .at(wave.span, "")
                .about(crate::model::ObjectKey::of(&set.stated.node).to_string())
                .field(format!("spec.template.metadata.annotations[{WAVE}]"))
                .note("the controller of sets applies its Applications itself, with no regard to waves")
                .help("take it out, or order the steps by `spec.strategy.rollingSync`"),
        );
    }
}

/// Applications in several waves of another, where Argo CD has no check of their health: it goes on at
/// once.
///
/// Source: `resource_customizations/argoproj.io/Application`, which has no `health.lua`, and
/// `docs/operator-manual/health.md`.
fn of_children(followed: &Followed, findings: &mut Vec<Finding>) {
    for one in followed.applications.iter().filter(|one| !one.is_dropped) {
        let is_application = |it: &&Member| matches!(it.thing, Some(Thing::Application(_)));
        let children: Vec<(&Member, Step)> = one
            .members()
            .filter(is_application)
            .filter_map(|member| Some((member, member.step()?)))
            .collect();
        let Some((first, step)) = children.iter().min_by_key(|(_, step)| *step) else { continue };
        let Some((later, after)) = children.iter().find(|(_, other)| other > step) else {
            continue;
        };
        let source = one.application.sources().first().map(|it| it.pointer("path"));
        let message = format!(
            "the waves of the Applications of `{}` do not wait for each other",
            one.application.name()
        );
        let finding = Finding::info("application-waves-unordered", message);
        findings.push(
            at(finding, one, &source.unwrap_or_default())
                .at(first.span(), format!("in {step}"))
                .at(later.span(), format!("in {after}, some seconds later"))
                .note("Argo CD knows no health of Applications, unless its settings say how to tell it")
                .help("set `resource.customizations.health.argoproj.io_Application` in `argocd-cm`"),
        );
    }
}
