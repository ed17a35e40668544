//! Peers of NetworkPolicies that are nobody: a rule for them permits nothing.

use std::collections::BTreeSet;

use super::{Whole, at};
use crate::diagnostic::{Finding, nearest};
use crate::facts::{Body, Cluster, Extent, NetworkPolicy, Object, Peer, Place, Unseen};
use crate::model::{GroupKind, Selector};
use crate::source::Span;

const ID: &str = "policy-peer-selects-nothing";

/// Looks at the peers of all policies, where all that they may be is seen. What forbids a conversation
/// is told of that already.
pub(super) fn check(cluster: &Cluster, whole: &mut Whole) {
    if cluster.extent() < Extent::Whole {
        return;
    }
    let labels = whole.findings.iter().flat_map(|finding| &finding.labels);
    let told: BTreeSet<Span> = labels.map(|label| label.span).collect();
    for object in cluster.objects() {
        if let Body::NetworkPolicy(policy) = &object.body
            && !told.contains(&object.span)
        {
            peers(cluster, object, policy, whole);
        }
    }
}

fn peers(cluster: &Cluster, object: &Object, policy: &NetworkPolicy, whole: &mut Whole) {
    let rules = policy.ingress.iter().chain(&policy.egress).flatten();
    for peer in rules.flat_map(|rule| &rule.peers) {
        let Peer::Pods { pods, namespaces, place } = peer else { continue };
        let pods = pods.as_ref().filter(|pods| !pods.is_empty());
        match namespaces {
            None => {
                let own = [object.key.namespace.as_str()];
                let Some(pods) = pods else { continue };
                pods_of(cluster, object, (&own, pods), place, whole);
            }
            Some(namespaces) => {
                let Some(found) = cluster.namespaces_of(namespaces) else {
                    whole.unknown(object, place, "a namespace with these labels");
                    continue;
                };
                if found.is_empty() {
                    no_namespace(cluster, object, namespaces, place, whole);
                } else if let Some(pods) = pods {
                    pods_of(cluster, object, (&found, pods), place, whole);
                }
            }
        }
    }
}

/// Tells of a peer where no pods of some namespaces are selected.
fn pods_of(
    cluster: &Cluster,
    object: &Object,
    (namespaces, pods): (&[&str], &Selector),
    place: &Place,
    whole: &mut Whole,
) {
    let is_there = |name: &&str| cluster.selected_in(name, pods).next().is_some();
    if namespaces.iter().any(is_there) {
        return;
    }
    // Of one in which nothing stands here nobody knows what it has.
    let may_be = |name: &&str| {
        cluster.workloads(name).next().is_none()
            || cluster.may_hold(Unseen::Selected(name, pods))
            || cluster.may_start_pods(name)
    };
    if namespaces.iter().any(may_be) {
        return whole.unknown(object, place, "a pod with these labels");
    }
    let names: Vec<String> = namespaces.iter().map(|name| format!("`{name}`")).collect();
    let message = match names.as_slice() {
        [only] => format!("no pods of {only} are selected"),
        _ => "no pods of the namespaces are selected".to_owned(),
    };
    let alike = namespaces.iter().flat_map(|name| cluster.alike(name, pods)).next();
    let help = alike.and_then(|other| match &other.body {
        Body::Workload(pod) => {
            let has = format!("the pods of {} have", other.key);
            Some(super::selection::difference(&has, &pod.labels, pods))
        }
        _ => None,
    });
    tell(object, place, message, help, whole);
}

fn no_namespace(
    cluster: &Cluster,
    object: &Object,
    selector: &Selector,
    place: &Place,
    whole: &mut Whole,
) {
    let wanted = selector.labels().iter().map(|(_, value)| value).next().unwrap_or_default();
    let group_kind = GroupKind::new("", "Namespace");
    let known = cluster.of_kind(&group_kind).map(|object| object.key.name.as_str());
    let help = nearest(wanted, known).map(|near| format!("did you mean the namespace `{near}`?"));
    tell(object, place, "no namespace is selected".to_owned(), help, whole);
}

fn tell(object: &Object, place: &Place, message: String, help: Option<String>, whole: &mut Whole) {
    let finding = at(Finding::info(ID, message), object, place);
    let finding = finding.note("the rule permits this peer nothing");
    whole.findings.push(match help {
        Some(help) => finding.help(help),
        None => finding,
    });
}
