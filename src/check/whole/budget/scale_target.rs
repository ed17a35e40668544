//! Workloads that several autoscalers scale.

use std::collections::BTreeMap;

use super::{at_text, beside, title};
use crate::diagnostic::Finding;
use crate::facts::{Body, Cluster, Extent, Object, Place};
use crate::load::manifest::is_placeholder;

/// Which workload: its namespace, group, kind and name.
type Target<'c> = (&'c str, &'c str, &'c str, &'c str);

/// Tells of HorizontalPodAutoscalers and ScaledObjects that name the same, where both are there for
/// sure: in files, those of one file.
pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let mut all: BTreeMap<Target<'_>, Vec<(&Object, &Place)>> = BTreeMap::new();
    for object in cluster.objects() {
        let Body::Autoscaler(scaler) = &object.body else { continue };
        let Some(place) = &scaler.claims else { continue };
        let (group, kind, name) = &scaler.target;
        let namespace = object.key.namespace.as_str();
        if ![namespace, &object.key.name].into_iter().any(is_placeholder) {
            all.entry((namespace, group, kind, name)).or_default().push((object, place));
        }
    }
    for ((_, _, kind, name), scalers) in all {
        let Some((&(first, first_place), rest)) = scalers.split_first() else { continue };
        let is_beside = |(other, _): &&(&Object, &Place)| {
            let is_whole = cluster.extent() == Extent::Whole;
            other.key != first.key
                && (is_whole || other.span.file == first.span.file)
                && cluster.surely_share(first, other)
        };
        let others: Vec<_> = rest.iter().filter(is_beside).collect();
        let Some((second, second_place)) = others.first() else { continue };
        let message = format!("{} and {} both scale {kind}/{name}", title(first), title(second));
        let finding = Finding::error("scale-target-taken", message);
        let mut finding = at_text(finding, second, second_place);
        finding = beside(finding, first_place, format!("{} names it", title(first)));
        for (other, place) in &others[1..] {
            finding = beside(finding, place, format!("{} too", title(other)));
        }
        let is_of_keda = |object: &Object| object.key.group_kind.group == "keda.sh";
        let is_keda = is_of_keda(first) || others.iter().any(|(other, _)| is_of_keda(other));
        let finding = match is_keda {
            true => finding.note(
                "the webhook of KEDA refuses the ScaledObject; without that, what KEDA makes of it \
                 is a HorizontalPodAutoscaler of the same pods",
            ),
            false => finding,
        };
        findings.push(
            finding
                .note("the controller scales no pods that several HorizontalPodAutoscalers control")
                .help("leave one of them, with the metrics of both"),
        );
    }
}
