//! ScaledObjects of KEDA that scale nothing, or that its webhook refuses.

use std::collections::BTreeMap;

use super::scale_target::are_beside;
use super::{at_text, beside, title};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Unrequested};
use crate::facts::{Autoscaler, Body, Clash, Cluster, Extent, Object, Place};
use crate::load::manifest::is_placeholder;

const ID: &str = "scaled-object-invalid";

pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for object in cluster.objects() {
        let Body::Autoscaler(scaler) = &object.body else { continue };
        let Some((clash, place)) = &scaler.clash else { continue };
        let name = &object.key.name;
        let (message, help) = match clash {
            Clash::Idle(idle, min) => (
                format!(
                    "ScaledObject/{name} has {idle} pods at rest and {min} at least at work: \
                     `idleReplicaCount` must be less than `minReplicaCount`"
                ),
                "state a `minReplicaCount` of 1 or more beside `idleReplicaCount: 0`, or leave \
                 `idleReplicaCount` out: without both there are no pods at rest",
            ),
            Clash::Bounds(min, max) => (
                format!("ScaledObject/{name} has {min} pods at least and {max} at most"),
                "raise `maxReplicaCount`, or lower `minReplicaCount`",
            ),
            Clash::Zero => (
                format!(
                    "ScaledObject/{name} may go down to no pods, and goes by nothing but their \
                     CPU or memory"
                ),
                "state a `minReplicaCount` of 1 or more, or add a trigger of another type",
            ),
        };
        let (finding, note) = match clash {
            Clash::Zero => (
                Finding::warning(ID, message),
                "the webhook of KEDA refuses it, and without that there is always one pod",
            ),
            _ => (
                Finding::error(ID, message),
                "the webhook of KEDA refuses it, and without that its operator scales nothing",
            ),
        };
        findings.push(at_text(finding, object, place).note(note).help(help));
    }
    names(cluster, findings);
    // A LimitRange that fills it in may be in the files of others.
    if cluster.extent() == Extent::Whole {
        for load in &budget.loads {
            let is_told = load.unmeasured.iter().any(|one| one.has_containers());
            if let Some(one) = load.unrequested.as_ref().filter(|_| !is_told) {
                findings.push(unrequested(&load.title(), one));
            }
        }
    }
}

/// ScaledObjects that make one HorizontalPodAutoscaler, and names that are too long: `verifyName` of
/// the webhook. The name of a ScaledObject is the value of a label.
fn names(cluster: &Cluster, findings: &mut Vec<Finding>) {
    const MOST: usize = 63;
    let mut makers: BTreeMap<(&str, &str), (&Object, &Autoscaler, &Place)> = BTreeMap::new();
    for object in cluster.objects() {
        let Body::Autoscaler(scaler) = &object.body else { continue };
        let made = scaler.claims.as_ref().and_then(|claims| claims.made.as_ref());
        let Some((made, place)) = made.filter(|(made, _)| !is_placeholder(made)) else { continue };
        let (space, name) = (object.key.namespace.as_str(), object.key.name.as_str());
        if name.len() > MOST {
            let message = format!("the name of {} has more than {MOST} characters", title(object));
            let finding = Finding::error(ID, message).at(object.span, "");
            let finding = finding.about(object.key.to_string()).field("metadata.name");
            let note = "KEDA labels the ScaledObject with it, which the API server refuses";
            findings.push(finding.note(note).help("shorten it"));
        } else if made.len() > MOST {
            let message = format!(
                "the HorizontalPodAutoscaler of {} has a name of {} characters, more than {MOST}",
                title(object),
                made.len()
            );
            findings.push(
                at_text(Finding::warning(ID, message), object, place)
                    .note(format!("it is named `{made}`, which the webhook of newer KEDA refuses"))
                    .help("state a shorter `advanced.horizontalPodAutoscalerConfig.name`"),
            );
        }
        let Some((first, own, named)) = makers.get(&(space, &**made)) else {
            makers.insert((space, &**made), (object, scaler, place));
            continue;
        };
        if own.target != scaler.target && are_beside(cluster, first, object) {
            let (one, other) = (title(first), title(object));
            let message = format!("{one} and {other} both make HorizontalPodAutoscaler/{made}");
            let finding = at_text(Finding::error(ID, message), object, place);
            findings.push(
                beside(finding, named, format!("{one} makes it"))
                    .note("the webhook of KEDA refuses it, and without that both set it anew without end")
                    .help("state another `advanced.horizontalPodAutoscalerConfig.name`"),
            );
        }
    }
}

/// A trigger by an amount works without a request; the webhook wants to see one all the same.
fn unrequested(title: &str, one: &Unrequested<'_>) -> Finding {
    let Unrequested { by, measure, container } = one;
    let (resource, name) = (&measure.resource, &container.name);
    let message = format!(
        "ScaledObject/{} goes by the {resource} of {title}, and container `{name}` requests none",
        by.key.name
    );
    let finding = at_text(Finding::warning(ID, message), by, &measure.place);
    let finding = match &container.resources.place {
        Some(place) => beside(finding, place, "what the container asks for"),
        None => finding,
    };
    finding
        .note("the webhook of KEDA refuses it, whatever the trigger makes of the request")
        .help(format!("set `resources.requests.{resource}` of container `{name}`"))
}
