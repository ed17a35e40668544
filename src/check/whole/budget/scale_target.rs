//! Workloads that several autoscalers scale.

use std::collections::BTreeMap;

use super::{at_text, beside, title};
use crate::diagnostic::Finding;
use crate::facts::{Body, Cluster, Extent, Object, Ownership};
use crate::load::manifest::is_placeholder;

/// Which workload: its namespace, group, kind and name.
type Target<'c> = (&'c str, &'c str, &'c str, &'c str);

/// Tells of HorizontalPodAutoscalers and ScaledObjects that name the same, where both are there for
/// sure: in files, those of one file.
pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let mut all: BTreeMap<Target<'_>, Vec<(&Object, &Ownership)>> = BTreeMap::new();
    for object in cluster.objects() {
        let Body::Autoscaler(scaler) = &object.body else { continue };
        let Some(ownership) = &scaler.claims else { continue };
        let (group, kind, name) = &scaler.target;
        let namespace = object.key.namespace.as_str();
        if ![namespace, &object.key.name].into_iter().any(is_placeholder) {
            all.entry((namespace, group, kind, name)).or_default().push((object, ownership));
        }
    }
    for ((_, _, kind, name), scalers) in all {
        let rivals = scalers.iter().enumerate().find_map(|(at, &(first, own))| {
            let is_rival = |(other, theirs): &&(&Object, &Ownership)| {
                are_beside(cluster, first, other)
                    && !own.may_share(&first.key.name, theirs, &other.key.name)
            };
            let others: Vec<_> = scalers[at + 1..].iter().filter(is_rival).collect();
            (!others.is_empty()).then_some(((first, own), others))
        });
        let Some(((first, own), others)) = rivals else { continue };
        let Some((second, theirs)) = others.first() else { continue };
        let message = format!("{} and {} both scale {kind}/{name}", title(first), title(second));
        let finding = Finding::error("scale-target-taken", message);
        let mut finding = at_text(finding, second, &theirs.place);
        finding = beside(finding, &own.place, format!("{} names it", title(first)));
        for (other, it) in &others[1..] {
            finding = beside(finding, &it.place, format!("{} too", title(other)));
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

/// Whether two objects are there at once for sure: in files, those of one file.
pub(super) fn are_beside(cluster: &Cluster, one: &Object, other: &Object) -> bool {
    let is_whole = cluster.extent() == Extent::Whole;
    one.key != other.key
        && (is_whole || one.span.file == other.span.file)
        && cluster.surely_share(one, other)
}
