//! StatefulSets whose Service gives their pods no names.

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{Answer, Body, Cluster, Reference};

/// Looks at the Service that each StatefulSet names.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        let Body::Workload(pod) = &object.body else { continue };
        let is_it = |reference: &&Reference| &*reference.place.field == "spec.serviceName";
        let Some(reference) = object.references.iter().find(is_it) else { continue };
        let Answer::Found(found) = cluster.follow(object, &reference.target) else { continue };
        let Body::Service(service) = &found.body else { continue };
        if service.is_headless || !cluster.surely_share(object, found) {
            continue;
        }
        let id = "stateful-service-not-headless";
        let message = format!("{} is not headless", found.key);
        // One pod alone is reached by the name of the Service.
        let finding = match pod.run.count {
            0 | 1 => Finding::info(id, message),
            _ => Finding::warning(id, message),
        };
        let finding = at(finding, object, &reference.place).at(found.span, "this one");
        let finding = finding.note("only pods behind a headless Service are sure of names in DNS");
        whole.findings.push(finding.help("name a Service with `clusterIP: None`"));
    }
    whole
}
