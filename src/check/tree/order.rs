//! Waves of Applications, which order less than they seem to.

use super::at;
use super::settings::Settings;
use crate::argocd::{Followed, FollowedSet, Member, Step, Thing};
use crate::diagnostic::Finding;
use crate::model::ObjectKey;
use crate::source::Span;
use crate::yaml::Node;

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
        let Some((place, field)) = wave_of(set, followed) else { continue };
        findings.push(
            Finding::info("application-set-wave-ignored", "waves order nothing that a set makes")
                .at(place, "")
                .about(ObjectKey::of(&set.stated.node).to_string())
                .field(field)
                .note("the controller of sets applies its Applications itself, with no regard to waves")
                .help("take it out, or order the steps by `spec.strategy.rollingSync`"),
        );
    }
}

/// Where a set gives its Applications a wave: in its template, or, where one of them has it, in that of a
/// generator or in the patch.
fn wave_of(set: &FollowedSet, followed: &Followed) -> Option<(Span, String)> {
    let of_template = |node: &Node| {
        let annotations = node.pointer("/template/metadata/annotations");
        annotations.and_then(|it| it.get(WAVE)).map(|wave| wave.span)
    };
    let spec = set.stated.node.get("spec")?;
    if let Some(place) = of_template(spec) {
        return Some((place, format!("spec.template.metadata.annotations[{WAVE}]")));
    }
    let annotated = |at: &usize| {
        let object = &followed.applications[*at].application.object;
        object.pointer("/metadata/annotations").is_some_and(|it| it.get(WAVE).is_some())
    };
    set.applications.iter().find(|at| annotated(at))?;
    let mut generators = spec.get("generators").and_then(Node::as_seq)?.iter().zip(0..);
    let own = generators.find_map(|(generator, at)| {
        generator.as_map()?.iter().find_map(|(kind, body)| {
            let field = format!(
                "spec.generators[{at}].{}.template.metadata.annotations[{WAVE}]",
                kind.name
            );
            Some((of_template(body)?, field))
        })
    });
    own.or_else(|| Some((spec.get("templatePatch")?.span, "spec.templatePatch".to_owned())))
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
