//! Names of hosts inside the cluster that nothing answers to, and conversations that a
//! NetworkPolicy forbids.

use std::collections::{BTreeSet, HashMap};

use super::host_reader::{Readers, is_asked};
use super::{Whole, alias, at, conversation, host_word, pod_name, policy};
use crate::diagnostic::Finding;
use crate::facts::{
    Answer, Body, Cluster, ContainerPort, Extent, Host, Object, PortBeside, Service, ServicePort,
    Target, TargetPort,
};
use crate::model::GroupKind;

/// Resolves every host that an object names.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    // Both ends of conversations that are forbidden.
    let mut forbidden = BTreeSet::new();
    let readers = Readers::of(cluster);
    let mut without_dns = BTreeSet::new();
    for object in cluster.objects() {
        // A host that several texts name is told once, with all of them.
        let mut told: HashMap<(&str, &str, Option<u16>), usize> = HashMap::new();
        for host in &object.hosts {
            let speakers = readers.speakers(cluster, object, host);
            if !is_asked(host, &speakers) || readers.have_another(cluster, object, host) {
                continue;
            }
            let ends = (object, &*speakers);
            let plain = (!readers.have_port(cluster, object, host)).then(|| host.without_port());
            let asked = plain.as_ref().unwrap_or(host);
            let beside = || readers.port_beside(cluster, object, host);
            let beside = asked.port.is_none().then(beside).flatten();
            let stated = beside.map(|it| asked.with_port(it));
            let asked = stated.as_ref().unwrap_or(asked);
            let Some(finding) = look(cluster, ends, asked, &mut forbidden, &mut whole) else {
                continue;
            };
            let port = asked.port.filter(|_| finding.id != "host-unresolved");
            let finding = match beside.filter(|_| finding.id == "service-port-missing") {
                Some(PortBeside { port, .. }) => finding.note(format!(
                    "the port {port} stands beside it in the environment of what reads it"
                )),
                None => finding,
            };
            if let Some(&index) = told.get(&(finding.id, &host.name, port)) {
                let finding = whole.findings[index].clone();
                whole.findings[index] = finding.at(host.place.span, "named here too");
                continue;
            }
            told.insert((finding.id, &host.name, port), whole.findings.len());
            whole.findings.push(finding);
        }
        // What may talk to nobody is told of that.
        if told.keys().any(|(id, ..)| *id == "conversation-forbidden") {
            continue;
        }
        let is_workload = matches!(object.body, Body::Workload(_));
        let mut hosts = object.hosts.iter().filter(|_| is_workload);
        let named = hosts.find(|host| found(cluster, object, host).is_some());
        if let Some((policy, finding)) = named.and_then(|it| conversation::dns(cluster, object, it))
            && without_dns.insert(policy.span)
        {
            whole.findings.push(finding);
        }
    }
    whole.findings.extend(conversation::declared(cluster, &forbidden));
    policy::check(cluster, &mut whole);
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
        Answer::Found(found) => {
            let found = others(object, found)?;
            Some(meant(cluster, found).unwrap_or(found))
        }
        _ => None,
    }
}

/// The Service that one stands for: itself, unless it is another name of one in the cluster; nothing
/// where it leads out of what is seen.
fn meant<'c>(
    cluster: &'c Cluster,
    (mut found, mut service): (&'c Object, &'c Service),
) -> Option<(&'c Object, &'c Service)> {
    // Names that stand for each other lead nowhere.
    for _ in 0..alias::MOST {
        if &*service.kind != "ExternalName" {
            return Some((found, service));
        }
        let (name, namespace) = self::service(cluster, found, found.hosts.first()?)?;
        let Answer::Found(next) = cluster.follow(found, &target(name, namespace)) else {
            return None;
        };
        let Body::Service(body) = &next.body else { return None };
        (found, service) = (next, body);
    }
    None
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
pub(super) fn target(name: &str, namespace: &str) -> Target {
    Target {
        group_kind: GroupKind::new("", "Service"),
        namespace: Some(namespace.into()),
        name: name.into(),
        part: None,
    }
}

/// What is wrong with a host that an object names and `speakers` connect to.
fn look<'c>(
    cluster: &'c Cluster,
    (object, speakers): (&'c Object, &[&'c Object]),
    host: &Host,
    forbidden: &mut BTreeSet<(&'c str, &'c str)>,
    whole: &mut Whole,
) -> Option<Finding> {
    if let Some(finding) = alias::check(cluster, object, host) {
        return Some(finding);
    }
    let (name, namespace) = service(cluster, object, host)?;
    let target = target(name, namespace);
    match cluster.follow(object, &target) {
        Answer::Found(found) => {
            if let Body::Service(service) = &found.body
                && let Some(finding) = pod_name::check(cluster, object, host, (found, service))
            {
                return Some(finding);
            }
            let named = others(object, found)?;
            let (found, service) = others(object, meant(cluster, named)?.0)?;
            // One's own is so for whoever reads it.
            if speakers.iter().any(|speaker| others(speaker, found).is_none()) {
                return None;
            }
            if let Some(port) = missing_port(service, host) {
                if host.may_be_own && may_be_behind(cluster, (found, service), port) {
                    return None;
                }
                let is_sure = cluster.surely_share(object, found);
                let finding = no_port(object, host, (found, service), port, is_sure);
                return Some(match named.0.key == found.key {
                    true => finding,
                    false => finding.at(named.0.span, "this one stands for it"),
                });
            }
            let (speaker, finding) = speakers.iter().find_map(|&speaker| {
                let ends = (object, speaker);
                Some((speaker, conversation::check(cluster, ends, host, (found, service))?))
            })?;
            forbidden.insert((&*speaker.unit, &*found.unit));
            Some(finding)
        }
        // A word without dots resolves in ways that files of an unknown cluster do not show, and
        // they need not hold the Services of others.
        Answer::Missing { ref elsewhere, near, .. }
            if cluster.extent() < Extent::Whole
                && (!host.is_service_name() || (elsewhere.is_empty() && near.is_none())) =>
        {
            whole.unknown(object, &host.place, &target);
            None
        }
        Answer::Missing { elsewhere, near, is_sure } => {
            let others = (&*elsewhere, near);
            let Some(help) = instead(cluster, object, host, (name, namespace), others) else {
                whole.unknown(object, &host.place, &target);
                return None;
            };
            let message = format!("there is no Service `{name}` in `{namespace}`");
            let finding = finding("host-unresolved", message, is_sure);
            let finding = at(finding, object, &host.place);
            Some(finding.note(format!("`{}` does not resolve", host.name)).help(help))
        }
        Answer::Unknown => {
            whole.unknown(object, &host.place, &target);
            None
        }
        Answer::Made | Answer::PartMissing(..) | Answer::KeyMissing(_) => None,
    }
}

/// What is not sure of one cluster is no error.
fn finding(id: &'static str, message: String, is_sure: bool) -> Finding {
    if is_sure { Finding::error(id, message) } else { Finding::warning(id, message) }
}

/// What to write instead of a name that no Service has; nothing where it may be a name all the same.
fn instead(
    cluster: &Cluster,
    object: &Object,
    host: &Host,
    (name, namespace): (&str, &str),
    (elsewhere, near): (&[&str], Option<&str>),
) -> Option<String> {
    if host_word::may_be_around(host) {
        return host_word::meant(cluster, object, host, (name, namespace), (elsewhere, near));
    }
    match (elsewhere.first(), near) {
        (Some(other), _) => Some(format!("there is one in `{other}`: `{name}.{other}.svc`")),
        (None, Some(near)) => Some(format!("did you mean `{near}`?")),
        // Every cluster has Services of its own there.
        (None, None) if namespace == "kube-system" => None,
        (None, None) => Some(host_word::CORRECT.to_owned()),
    }
}

/// The Service that a name would be of, and its namespace; nothing where the name is no Service's.
pub(super) fn service<'h>(
    cluster: &Cluster,
    object: &'h Object,
    host: &'h Host,
) -> Option<(&'h str, &'h str)> {
    if cluster.surroundings().is_external(&host.name) || alias::is_cut(object, host) {
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
            let is_there = cluster.has_namespace(second);
            (is_there || host_word::is_near(cluster, host, name, second))
                .then_some((*name, *second))
        }
        _ => None,
    }
}

/// The port that is asked for, where the Service has none of that number.
pub(super) fn missing_port(service: &Service, host: &Host) -> Option<u16> {
    // The names of a headless Service are those of its pods, and any port of theirs is reached.
    if service.is_headless || service.has_open_ports {
        return None;
    }
    host.port.filter(|port| service.ports.iter().all(|known| known.number != i64::from(*port)))
}

/// Whether the pods that a Service leads to may listen at a port.
fn may_be_behind(cluster: &Cluster, (found, service): (&Object, &Service), port: u16) -> bool {
    let number = i64::from(port);
    let selected = service.selector.iter().flat_map(|it| cluster.selected(found, &it.selector));
    let of = |object: &'_ Object| match &object.body {
        Body::Workload(pod) => {
            pod.containers.iter().flat_map(|it| it.ports.iter()).cloned().collect()
        }
        _ => Vec::new(),
    };
    let declared: Vec<ContainerPort> = selected.flat_map(of).collect();
    let is_it = |it: &ServicePort| match &it.target {
        TargetPort::Number(target) => *target == number,
        TargetPort::Name(name) => declared.iter().all(|port| port.name != *name),
    };
    declared.iter().any(|it| it.number == number) || service.ports.iter().any(is_it)
}

fn no_port(
    object: &Object,
    host: &Host,
    (found, service): (&Object, &Service),
    port: u16,
    is_sure: bool,
) -> Finding {
    let message = format!("{} has no port {port}", found.key);
    let known: Vec<String> = service.ports.iter().map(|port| port.number.to_string()).collect();
    at(finding("service-port-missing", message, is_sure), object, &host.place)
        .at(found.span, "this one")
        .note(format!("`{}` does not answer there", host.name))
        .help(format!("it has {}", known.join(", ")))
}
