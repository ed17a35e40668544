//! Selectors that select nothing, and ports that the selected pods do not have.

use std::collections::BTreeSet;

use super::{Whole, at};
use crate::diagnostic::{Finding, Severity};
use crate::facts::{
    Body, Cluster, ContainerPort, Extent, NetworkPolicy, Object, Pod, Role, Selecting, Service,
    TargetPort, Unseen,
};
use crate::model::{GroupKind, Labels, Selector};

/// Which check tells of a selector that selects nothing, and how grave that is where all is seen.
type Told = (&'static str, Severity);

const NOTHING: Told = ("selector-matches-nothing", Severity::Error);
const POLICY: Told = ("policy-selects-nothing", Severity::Warning);

/// Looks at every Service, every PodDisruptionBudget and every NetworkPolicy.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        match &object.body {
            Body::Service(service) if &*service.kind != "ExternalName" => {
                let Some(selecting) = &service.selector else { continue };
                let pods = selected(cluster, object, selecting);
                if pods.is_empty() {
                    let otherwise = "it has no endpoints, and every connection to it is refused";
                    nothing(cluster, object, selecting, NOTHING, otherwise, &mut whole);
                }
                ports(cluster, object, service, &pods, &mut whole);
            }
            // One without requirements is for all pods, whichever there are.
            Body::DisruptionBudget(selecting, _)
                if !selecting.selector.is_empty()
                    && selected(cluster, object, selecting).is_empty() =>
            {
                nothing(cluster, object, selecting, NOTHING, "it protects no pod", &mut whole);
            }
            // One without requirements is for all pods, whichever there will be.
            Body::NetworkPolicy(policy) => {
                let NetworkPolicy { selecting, .. } = &**policy;
                if !selecting.selector.is_empty()
                    && selected(cluster, object, selecting).is_empty()
                    && !cluster.may_start_pods(&object.key.namespace)
                {
                    nothing(cluster, object, selecting, POLICY, "it governs no pod", &mut whole);
                }
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
    told: Told,
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
    // Policies often stand beside what others bring.
    if !is_sure && told == POLICY {
        return whole.unknown(object, place, what);
    }
    let severity = if is_sure { told.1 } else { Severity::Warning };
    let finding = Finding { severity, ..Finding::error(told.0, message) };
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

fn ports(
    cluster: &Cluster,
    object: &Object,
    service: &Service,
    pods: &[(&Object, &Pod)],
    whole: &mut Whole,
) {
    // The names of a headless Service are those of its pods, and any port of theirs is reached.
    let is_all = !service.is_headless
        && service.selector.as_ref().is_some_and(|Selecting { selector, .. }| {
            declare_all(cluster, object, pods)
                && !cluster.may_hold(Unseen::Selected(&object.key.namespace, selector))
        });
    let [(workload, _), ..] = pods else { return };
    // Of what is filled in later nothing is known.
    if service.has_open_ports || pods.iter().any(|(_, pod)| pod.open.ports) {
        return;
    }
    for port in &service.ports {
        let is_declared = |is_it: &dyn Fn(&ContainerPort) -> bool| {
            pods.iter().any(|(_, pod)| pod.ports().any(is_it))
        };
        let finding = match &port.target {
            // Pods without the port are left out one by one.
            TargetPort::Name(name)
                if !is_declared(&|it| it.name == *name && it.protocol == port.protocol) =>
            {
                let message = format!("no container of {} has a port named `{name}`", workload.key);
                let finding = Finding::error("target-port-missing", message);
                finding.note("the pods are in no endpoint of this port")
            }
            TargetPort::Number(number)
                if is_all
                    && !is_declared(&|it| it.number == *number && it.protocol == port.protocol) =>
            {
                let is_other = is_declared(&|it| it.number == *number);
                // A server that takes both protocols often declares one.
                if is_other && is_asked_otherwise(cluster, pods, *number, &port.protocol) {
                    continue;
                }
                let protocol =
                    if is_other { format!(" of {}", port.protocol) } else { String::new() };
                let message =
                    format!("no container of {} declares port {number}{protocol}", workload.key);
                let finding = Finding::info("target-port-undeclared", message);
                finding.note("connections are refused where nothing listens there")
            }
            _ => continue,
        };
        let finding = at(finding, object, &port.place);
        let known = known(&port.target, &port.protocol, pods);
        whole.findings.push(match known.is_empty() {
            true => finding,
            false => finding.help(format!("they have {}", known.join(", "))),
        });
    }
}

/// Whether a Service leads to a port of pods by another protocol.
fn is_asked_otherwise(
    cluster: &Cluster,
    pods: &[(&Object, &Pod)],
    number: i64,
    protocol: &str,
) -> bool {
    let group_kind = GroupKind::new("", "Service");
    let mut services = cluster.of_kind(&group_kind).filter_map(|object| match &object.body {
        Body::Service(service) => Some((object, service)),
        _ => None,
    });
    services.any(|(object, service)| {
        let asks = service
            .ports
            .iter()
            .any(|port| port.target == TargetPort::Number(number) && *port.protocol != *protocol);
        let leads = |Selecting { selector, .. }: &Selecting| {
            pods.iter().any(|(workload, pod)| {
                workload.key.namespace == object.key.namespace && selector.matches(&pod.labels)
            })
        };
        asks && service.selector.as_ref().is_some_and(leads)
    })
}

/// The ports that pods have instead of one, each as the one is told: by name or by number.
fn known(target: &TargetPort, protocol: &str, pods: &[(&Object, &Pod)]) -> Vec<String> {
    let ports = pods.iter().flat_map(|(_, pod)| pod.ports());
    match target {
        TargetPort::Name(_) => {
            let ports = ports.filter(|it| *it.protocol == *protocol && !it.name.is_empty());
            let names: BTreeSet<&str> = ports.map(|it| &*it.name).collect();
            names.iter().map(|name| format!("`{name}`")).collect()
        }
        TargetPort::Number(_) => {
            let known: BTreeSet<(i64, &str)> = ports.map(|it| (it.number, &*it.protocol)).collect();
            known.iter().map(|(number, protocol)| format!("{number}/{protocol}")).collect()
        }
    }
}

/// Whether all containers of these pods are known, and each of them says what it listens to: no rule
/// makes them do so.
fn declare_all(cluster: &Cluster, object: &Object, pods: &[(&Object, &Pod)]) -> bool {
    pods.iter().all(|(workload, pod)| {
        let running = pod.containers.iter().filter(|container| container.role != Role::Init);
        running.clone().next().is_some()
            && running.clone().all(|container| !container.ports.is_empty())
            && cluster.surely_share(object, workload)
            && !cluster.may_add_containers(workload, pod)
    })
}
