//! Autoscalers that go by a share of requests which pods do not state.

use super::{at_text, beside};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load, Unmeasured};
use crate::facts::{Body, Cluster, Container, Extent, Object, may_be_same};
use crate::model::GroupKind;

/// Tells of pods that lack the requests which their autoscalers measure by, but for those whose
/// requests somebody else sets.
pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for load in &budget.loads {
        let is_running = load.most > 0 && load.raised.is_none() && load.refusals.is_empty();
        // What a second autoscaler lacks is the same.
        let Some(first) = load.unmeasured.first().filter(|_| is_running) else { continue };
        if !may_be_filled_in(cluster, load) {
            findings.extend(finding(cluster, load, first));
        }
    }
}

/// Whether somebody may set requests: policies that change pods, or a LimitRange that may be of
/// another cluster, or of this one.
fn may_be_filled_in(cluster: &Cluster, load: &Load<'_>) -> bool {
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

fn finding(cluster: &Cluster, load: &Load<'_>, one: &Unmeasured<'_>) -> Option<Finding> {
    let Unmeasured { by, scaler, shares } = one;
    let (first, containers) = shares.first()?;
    let (title, resource) = (load.title(), &first.resource);
    let whose = format!("{}/{}", by.key.group_kind.kind, by.key.name);
    let message = format!(
        "{whose} scales {title} by the share of its {resource} request, and {} states none",
        words(containers)
    );
    let is_whole = cluster.extent() == Extent::Whole;
    let is_dead = shares.len() == scaler.metrics.shares.len() && !scaler.metrics.has_others;
    let id = "autoscaler-without-request";
    let finding = match is_whole && is_dead {
        true => Finding::error(id, message),
        false => Finding::warning(id, message),
    };
    let mut finding = match containers.first().and_then(|one| one.resources.place.as_ref()) {
        Some(place) => at_text(finding, load.object, place),
        None => finding.at(load.object.span, "").about(load.object.key.to_string()),
    };
    finding = beside(finding, &first.place, format!("the share of {resource} is measured here"));
    for (share, containers) in &shares[1..] {
        let resource = &share.resource;
        finding = beside(finding, &share.place, format!("{resource} too: {}", words(containers)));
    }
    let name = containers.first().map(|one| &*one.name).unwrap_or_default();
    let finding = finding.note(match is_dead {
        true => "the controller reports a missing request, and the number of pods never changes",
        false => "the controller leaves this metric out, and never takes pods away",
    });
    let help = format!("set `resources.requests.{resource}` of container `{name}`");
    Some(finding.help(match is_whole {
        true => help,
        false => format!("{help}, or let a LimitRange of the namespace fill it in"),
    }))
}

/// Containers by their names.
fn words(containers: &[&Container]) -> String {
    let names: Vec<String> = containers.iter().map(|one| format!("`{}`", one.name)).collect();
    format!("container {}", names.join(", "))
}
