//! Selectors that select nothing, and ports that the selected pods do not have.

use std::collections::BTreeSet;

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{
    Body, Cluster, ContainerPort, Extent, Object, Pod, Selecting, Service, TargetPort, Unseen,
};
use crate::model::{Labels, Selector};

/// Looks at every Service and every PodDisruptionBudget.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        match &object.body {
            Body::Service(service) if &*service.kind != "ExternalName" => {
                let Some(selecting) = &service.selector else { continue };
                let pods = selected(cluster, object, selecting);
                if pods.is_empty() {
                    let otherwise = "it has no endpoints, and every connection to it is refused";
                    nothing(cluster, object, selecting, otherwise, &mut whole);
                }
                ports(object, service, &pods, &mut whole);
            }
            // One without requirements is for all pods, whichever there are.
            Body::DisruptionBudget(selecting, _)
                if !selecting.selector.is_empty()
                    && selected(cluster, object, selecting).is_empty() =>
            {
                nothing(cluster, object, selecting, "it protects no pod", &mut whole);
            }
            _ => {}
        }
    }
    whole
}

fn selected<'c>(
    cluster: &'c Cluster,
    object: &'c Object,
    selecting: &'c Selecting,
) -> Vec<(&'c Object, &'c Pod)> {
    let found = cluster.selected(object, &selecting.selector);
    let pods = found.filter_map(|found| match &found.body {
        Body::Workload(pod) => Some((found, &**pod)),
        _ => None,
    });
    pods.collect()
}

/// Tells of a selector that selects no pods, where all pods are seen.
fn nothing(
    cluster: &Cluster,
    object: &Object,
    Selecting { selector, place }: &Selecting,
    otherwise: &str,
    whole: &mut Whole,
) {
    // Files may be left out of what is checked; but where pods stand beside the object, these are
    // the ones that were meant.
    let is_whole = cluster.extent() == Extent::Whole;
    let namespace = &*object.key.namespace;
    let beside = |other: &&Object| {
        other.key.namespace == namespace && (is_whole || other.unit == object.unit)
    };
    let what = "a pod with these labels";
    if cluster.may_hold(Unseen::Selected(namespace, selector))
        || cluster.may_hold(Unseen::Unread(&object.unit))
    {
        return whole.unknown(object, place, what);
    }
    let alike = cluster.alike(namespace, selector).filter(beside);
    let nearest = alike
        .max_by_key(|other| common(other, selector))
        .or_else(|| cluster.workloads(namespace).find(beside));
    if nearest.is_none() && !is_whole {
        return whole.unknown(object, place, what);
    }
    let message = format!("{} selects no pods", object.key);
    // Pods that have some of the labels are the ones that were meant.
    let is_sure = is_whole || nearest.is_some_and(|nearest| common(nearest, selector) > 0);
    let id = "selector-matches-nothing";
    let finding = if is_sure { Finding::error(id, message) } else { Finding::warning(id, message) };
    let finding = at(finding, object, place);
    let finding = finding.note(otherwise);
    let help = nearest.and_then(|nearest| match &nearest.body {
        Body::Workload(pod) => {
            Some(difference(&format!("the pods of {} have", nearest.key), &pod.labels, selector))
        }
        _ => None,
    });
    whole.findings.push(match help {
        Some(help) => finding.help(help),
        None => finding,
    });
}

/// What something has as labels instead of what a selector asks for; `has` says who has them.
pub(super) fn difference(has: &str, labels: &Labels, selector: &Selector) -> String {
    let wrong = selector.labels().iter().filter(|(key, value)| labels.get(key) != Some(value));
    let wrong: Vec<String> = wrong
        .map(|(key, value)| match labels.get(key) {
            Some(other) => format!("`{key}: {other}`, not `{value}`"),
            None => format!("no label `{key}`"),
        })
        .collect();
    match wrong.is_empty() {
        true => format!("{has} other labels than `matchExpressions` asks for"),
        false => format!("{has} {}", wrong.join(", ")),
    }
}

/// How many labels of the selector the pods of a workload have.
fn common(object: &Object, selector: &Selector) -> usize {
    let Body::Workload(pod) = &object.body else { return 0 };
    selector.labels().iter().filter(|(key, value)| pod.labels.get(key) == Some(value)).count()
}

fn ports(object: &Object, service: &Service, pods: &[(&Object, &Pod)], whole: &mut Whole) {
    for port in &service.ports {
        let TargetPort::Name(name) = &port.target else { continue };
        // Pods without the port are left out one by one.
        let has = |it: &ContainerPort| it.name == *name && it.protocol == port.protocol;
        let [(workload, _), ..] = pods else { return };
        if pods.iter().any(|(_, pod)| pod.ports().any(has)) {
            continue;
        }
        let known: BTreeSet<&str> = pods
            .iter()
            .flat_map(|(_, pod)| pod.ports())
            .filter(|it| it.protocol == port.protocol)
            .map(|port| &*port.name)
            .filter(|name| !name.is_empty())
            .collect();
        let message = format!("no container of {} has a port named `{name}`", workload.key);
        let mut finding = at(Finding::error("target-port-missing", message), object, &port.place)
            .note("the pods are in no endpoint of this port");
        if !known.is_empty() {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            finding = finding.help(format!("they have {}", known.join(", ")));
        }
        whole.findings.push(finding);
    }
}
