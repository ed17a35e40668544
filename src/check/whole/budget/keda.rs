//! ScaledObjects of KEDA that scale nothing.

use super::at_text;
use crate::diagnostic::Finding;
use crate::facts::{Body, Clash, Cluster};

pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
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
        };
        let finding = Finding::error("scaled-object-invalid", message);
        findings.push(
            at_text(finding, object, place)
                .note(
                    "the webhook of KEDA refuses it, and without that its operator scales nothing",
                )
                .help(help),
        );
    }
}
