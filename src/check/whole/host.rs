//! Names of hosts inside the cluster that nothing answers to, and conversations that a
//! NetworkPolicy forbids.

use std::collections::BTreeSet;

use super::{Whole, at, conversation};
use crate::diagnostic::Finding;
use crate::facts::{Answer, Body, Cluster, Extent, Host, Object, Service, Target};
use crate::model::GroupKind;

/// Resolves every host that an object names.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    // Both ends of conversations that are forbidden.
    let mut forbidden = BTreeSet::new();
    for object in cluster.objects() {
        for host in &object.hosts {
            look(cluster, object, host, &mut forbidden, &mut whole);
        }
    }
    whole.findings.extend(conversation::declared(cluster, &forbidden));
    whole
}

/// The Service that a host leads to, where it is there and not the object's own: what names its own
/// Service says who it is, and connects to nobody.
pub(super) fn found<'c>(
    cluster: &'c Cluster,
    object: &Object,
    host: &Host,
) -> Option<(&'c Object, &'c Service)> {
    let (name, namespace) = service(cluster, object, host)?;
    match cluster.follow(object, &target(name, namespace)) {
        Answer::Found(found) => others(object, found),
        _ => None,
    }
}

fn others<'c>(object: &Object, found: &'c Object) -> Option<(&'c Object, &'c Service)> {
    let Body::Service(service) = &found.body else { return None };
    let is_own = match (&object.body, &service.selector) {
        (Body::Workload(pod), Some(selecting)) => {
            found.key.namespace == object.key.namespace && selecting.selector.matches(&pod.labels)
        }
        _ => false,
    };
    (!is_own).then_some((found, &**service))
}

/// The Service of a name and namespace.
fn target(name: &str, namespace: &str) -> Target {
    Target {
        group_kind: GroupKind { group: String::new(), kind: "Service".to_owned() },
        namespace: Some(namespace.into()),
        name: name.into(),
        part: None,
    }
}

fn look<'c>(
    cluster: &'c Cluster,
    object: &'c Object,
    host: &Host,
    forbidden: &mut BTreeSet<(&'c str, &'c str)>,
    whole: &mut Whole,
) {
    let Some((name, namespace)) = service(cluster, object, host) else { return };
    let target = target(name, namespace);
    match cluster.follow(object, &target) {
        Answer::Found(found) => {
            let Some((found, service)) = others(object, found) else { return };
            match missing_port(service, host) {
                Some(port) => whole.findings.push(no_port(object, host, found, service, port)),
                None => {
                    let finding = conversation::check(cluster, object, host, (found, service));
                    forbidden.extend(finding.iter().map(|_| (&*object.unit, &*found.unit)));
                    whole.findings.extend(finding);
                }
            }
        }
        // A word without dots resolves in ways that files of an unknown cluster do not show, and
        // they need not hold the Services of others.
        Answer::Missing { ref elsewhere, near }
            if cluster.extent() < Extent::Whole
                && (!host.is_service_name() || (elsewhere.is_empty() && near.is_none())) =>
        {
            whole.unknown(object, &host.place, &target);
        }
        Answer::Missing { elsewhere, near } => {
            let message = format!("there is no Service `{name}` in `{namespace}`");
            let finding = at(Finding::error("host-unresolved", message), object, &host.place);
            let finding = finding.note(format!("`{}` does not resolve", host.name));
            whole.findings.push(match (elsewhere.first(), near) {
                (Some(other), _) => {
                    finding.help(format!("there is one in `{other}`: `{name}.{other}.svc`"))
                }
                (None, Some(near)) => finding.help(format!("did you mean `{near}`?")),
                (None, None) => finding
                    .help("correct the name, or name it under `externals` of the environment"),
            });
        }
        Answer::Unknown => whole.unknown(object, &host.place, &target),
        Answer::Made | Answer::PartMissing(..) => {}
    }
}

/// The Service that a name would be of, and its namespace; nothing where the name is no Service's.
fn service<'h>(
    cluster: &Cluster,
    object: &'h Object,
    host: &'h Host,
) -> Option<(&'h str, &'h str)> {
    if cluster.surroundings().is_external(&host.name) {
        return None;
    }
    let labels: Vec<&str> = host.name.split('.').collect();
    match (host.is_service_name(), labels.as_slice()) {
        (true, labels) => {
            let svc = labels.iter().rposition(|label| *label == "svc").filter(|at| *at >= 2)?;
            let domain = labels[svc + 1..].join(".");
            let is_own = domain.is_empty() || domain == cluster.surroundings().domain();
            is_own.then(|| (labels[svc - 2], labels[svc - 1]))
        }
        (_, [name]) => Some((name, &object.key.namespace)),
        (_, [name, second]) => {
            // What is asked in its own namespace may be a pod of a headless Service there.
            let own = object.key.namespace.as_str();
            let is_found =
                matches!(cluster.follow(object, &target(name, second)), Answer::Found(_));
            let is_headless = || {
                let found = cluster.follow(object, &target(second, own));
                matches!(found, Answer::Found(found)
                    if matches!(&found.body, Body::Service(service) if service.is_headless))
            };
            if !is_found && is_headless() {
                return Some((*second, own));
            }
            cluster.has_namespace(second).then_some((*name, *second))
        }
        _ => None,
    }
}

/// The port that is asked for, where the Service has none of that number.
fn missing_port(service: &Service, host: &Host) -> Option<u16> {
    // The names of a headless Service are those of its pods, and any port of theirs is reached.
    if service.is_headless || &*service.kind == "ExternalName" {
        return None;
    }
    host.port.filter(|port| service.ports.iter().all(|known| known.number != i64::from(*port)))
}

fn no_port(object: &Object, host: &Host, found: &Object, service: &Service, port: u16) -> Finding {
    let message = format!("{} has no port {port}", found.key);
    let known: Vec<String> = service.ports.iter().map(|port| port.number.to_string()).collect();
    at(Finding::error("service-port-missing", message), object, &host.place)
        .at(found.span, "this one")
        .note(format!("`{}` does not answer there", host.name))
        .help(format!("it has {}", known.join(", ")))
}
