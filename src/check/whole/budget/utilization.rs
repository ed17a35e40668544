//! Autoscalers that go by requests which pods do not state, or by containers that they do not have.

use super::{at_text, beside, title};
use crate::diagnostic::{Finding, suggest};
use crate::facts::budget::{Budget, Lack, Load, Unmeasured};
use crate::facts::{Body, Cluster, Container, Extent, Measure, Object, Role, may_be_same};
use crate::model::GroupKind;

/// Tells of pods that lack what their autoscalers measure, but for those that somebody else changes.
pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for load in &budget.loads {
        let is_running = load.most > 0 && load.refusals.is_empty();
        if !is_running || load.unmeasured.is_empty() || may_be_changed(cluster, load) {
            continue;
        }
        // What a second autoscaler lacks is the same.
        let absent = load.unmeasured.iter().find_map(|one| Some((one, one.absent()?)));
        findings.extend(absent.map(|(one, measure)| nobody(load, one, measure)));
        let unrequested = load.unmeasured.iter().find(|one| one.has_containers());
        findings.extend(unrequested.and_then(|one| finding(cluster, load, one)));
    }
}

/// Whether somebody may set requests: policies that change pods, or a LimitRange that may be of
/// another cluster, or of this one.
fn may_be_changed(cluster: &Cluster, load: &Load<'_>) -> bool {
    let object = load.object;
    let changes_pods = |policy: &Object| {
        let GroupKind { group, kind } = &policy.key.group_kind;
        matches!(&**group, "kyverno.io" | "mutations.gatekeeper.sh")
            || (kind.starts_with("Mutating") && kind.ends_with("Policy"))
    };
    if cluster.objects().iter().any(|it| changes_pods(it) && cluster.may_share(it, object)) {
        return true;
    }
    let is_open = |range: &&Object| {
        matches!(range.body, Body::Limits(_))
            && may_be_same(&range.key.namespace, &object.key.namespace)
            && cluster.may_share(range, object)
            && !(range.key.namespace == object.key.namespace && cluster.surely_share(range, object))
    };
    cluster.extent() < Extent::Whole && cluster.objects().iter().any(|it| is_open(&it))
}

/// An autoscaler that measures a container which is not there.
fn nobody(load: &Load<'_>, one: &Unmeasured<'_>, measure: &Measure) -> Finding {
    let wanted = measure.container.as_deref().unwrap_or_default();
    let running = load.pod.containers.iter().filter(|it| it.role != Role::Init);
    let names: Vec<&str> = running.map(|it| &*it.name).collect();
    let message = format!(
        "{} measures container `{wanted}`, and the pods of {} have none of that name",
        title(one.by),
        load.title()
    );
    let finding = severe("scale-container-missing", message, one, true);
    let finding = at_text(finding, one.by, &measure.place).note(consequence(one, false));
    match suggest(wanted, names) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn finding(cluster: &Cluster, load: &Load<'_>, one: &Unmeasured<'_>) -> Option<Finding> {
    let mut lacks = one.lacks.iter().filter(|(_, lack)| !lack.containers().is_empty());
    let (first, lack) = lacks.next()?;
    let containers = lack.containers();
    let is_zero = matches!(lack, Lack::Zero(_));
    let (load_title, resource) = (load.title(), &first.resource);
    let message = format!(
        "{} scales {load_title} by the share of its {resource} request, and {} {}",
        title(one.by),
        words(containers),
        if is_zero { "requests 0" } else { "states none" }
    );
    let is_whole = cluster.extent() == Extent::Whole;
    let finding = severe("autoscaler-without-request", message, one, is_whole);
    let mut finding = match containers.first().and_then(|one| one.resources.place.as_ref()) {
        Some(place) => at_text(finding, load.object, place),
        None => finding.at(load.object.span, "").about(load.object.key.to_string()),
    };
    finding = beside(finding, &first.place, format!("the share of {resource} is measured here"));
    for (measure, lack) in lacks {
        let text = format!("{} too: {}", measure.resource, words(lack.containers()));
        finding = beside(finding, &measure.place, text);
    }
    let name = containers.first().map(|one| &*one.name).unwrap_or_default();
    let finding = finding.note(consequence(one, is_zero));
    let help = match is_zero {
        true => format!("request more {resource} than 0 for container `{name}`"),
        false => format!("set `resources.requests.{resource}` of container `{name}`"),
    };
    Some(finding.help(match is_whole || is_zero {
        true => help,
        false => format!("{help}, or let a LimitRange of the namespace fill it in"),
    }))
}

/// An error where nothing is left that the autoscaler goes by.
fn severe(id: &'static str, message: String, one: &Unmeasured<'_>, is_sure: bool) -> Finding {
    match is_sure && one.is_dead() {
        true => Finding::error(id, message),
        false => Finding::warning(id, message),
    }
}

fn consequence(one: &Unmeasured<'_>, is_zero: bool) -> &'static str {
    match (one.is_dead(), is_zero, one.absent().is_some()) {
        (true, false, false) => {
            "the controller reports a missing request, and the number of pods never changes"
        }
        (true, ..) => "the controller measures nothing, and the number of pods never changes",
        (false, ..) => "the controller leaves this metric out, and never takes pods away",
    }
}

/// Containers by their names.
fn words(containers: &[&Container]) -> String {
    let names: Vec<String> = containers.iter().map(|one| format!("`{}`", one.name)).collect();
    format!("container {}", names.join(", "))
}
