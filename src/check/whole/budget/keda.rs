//! ScaledObjects of KEDA that scale nothing, or that its webhook refuses.

use super::{at_text, beside};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Unrequested};
use crate::facts::{Body, Clash, Cluster, Extent};

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
