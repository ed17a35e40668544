//! Names that the network around may have too: whether something says that a Service is meant.
//!
//! What the cluster does not know, its DNS asks of the one that the nodes have (`proxyInterface` of
//! CoreDNS' `forward`, `/etc/resolv.conf`), and pods have the search domains of their node
//! (`formDNSSearchForDNSDefault` of Kubernetes' `pkg/kubelet/network/dns/dns.go`): a word is as well
//! the name of a machine at home.

use super::host::missing_port;
use super::title;
use crate::facts::{Body, Cluster, Extent, Host, Object, Service, is_slip};
use crate::model::GroupKind;

/// What helps where nothing is near.
pub(super) const CORRECT: &str =
    "correct the name, or name it under `externals` of the environment";

/// Ends of names that only Services have.
const OF_SERVICES: [&str; 3] = ["-headless", "-service", "-svc"];

/// What databases and queues are called where nobody gave them a name: the words of a name that stands
/// behind the scheme of one.
const ROLES: [&str; 13] = [
    "broker",
    "cache",
    "database",
    "db",
    "mariadb",
    "mongo",
    "mongodb",
    "mysql",
    "postgres",
    "postgresql",
    "queue",
    "rabbitmq",
    "redis",
];

/// Domains that routers give to what is at home, and that a namespace may be called as well.
const AT_HOME: [&str; 6] = ["box", "home", "internal", "intranet", "lan", "localdomain"];

/// Whether the network around may have a name too.
pub(super) fn may_be_around(host: &Host) -> bool {
    let is_at_home = || host.name.split_once('.').is_some_and(|(_, of)| AT_HOME.contains(&of));
    host.is_word() || is_at_home()
}

/// What is meant by a name that no Service of a namespace has, as help; nothing where it may be a
/// machine around. `elsewhere` are the namespaces that have a Service of this name, `near` is a name
/// that one there has.
pub(super) fn meant(
    cluster: &Cluster,
    object: &Object,
    host: &Host,
    (name, namespace): (&str, &str),
    (elsewhere, near): (&[&str], Option<&str>),
) -> Option<String> {
    let has_port = |service: &Service| missing_port(service, host).is_none();
    let is_inside = |service: &Service| service.has_selector && &*service.kind != "ExternalName";
    let services = GroupKind::new("", "Service");
    let is_there = |name: &str, namespace: &str, fits: &dyn Fn(&Service) -> bool| {
        let mut named = cluster.named(&services, name);
        named.any(|other| {
            let Body::Service(service) = &other.body else { return false };
            other.key.namespace == namespace && fits(service)
        })
    };
    // One that leads out of the cluster stands for the machine that may be meant.
    let leads = |service: &Service| is_inside(service) && has_port(service);
    if let Some(other) = elsewhere.iter().find(|other| is_there(name, other, &leads)) {
        return Some(format!("there is one in `{other}`: `{name}.{other}.svc`"));
    }
    let fits = |service: &Service| &*service.kind == "ExternalName" || has_port(service);
    if let Some(near) = near.filter(|near| is_meant(name, near) && is_there(near, namespace, &fits))
    {
        return Some(format!("did you mean `{near}`?"));
    }
    if let Some((service, workload)) = of_workload(cluster, object, (name, namespace), &leads) {
        let (of, service) = (title(workload), &service.key.name);
        return Some(format!("`{service}` is the Service of the pods of {of}"));
    }
    let is_role = || name.split('-').any(|part| ROLES.contains(&part));
    let is_service = || OF_SERVICES.iter().any(|end| name.ends_with(end));
    let says_so = host.is_word() && (is_service() || (host.is_backend && is_role()));
    (says_so && namespace != "kube-system").then(|| CORRECT.to_owned())
}

/// Whether a namespace that nobody makes is a slip of the pen for one that has a Service of a name.
pub(super) fn is_near(cluster: &Cluster, host: &Host, name: &str, namespace: &str) -> bool {
    let services = GroupKind::new("", "Service");
    let mut named = cluster.named(&services, name);
    cluster.extent() == Extent::Whole
        && !AT_HOME.contains(&namespace)
        && named.any(|other| match &other.body {
            Body::Service(service) => {
                is_meant(namespace, &other.key.namespace) && missing_port(service, host).is_none()
            }
            _ => false,
        })
}

/// Whether one name is the other with a slip of the pen. Short ones are all alike.
fn is_meant(name: &str, near: &str) -> bool {
    let most = if name.len() < 8 { 1 } else { 2 };
    name.len() > 4 && is_slip(name, near) && strsim::damerau_levenshtein(name, near) <= most
}

/// A Service that leads to the pods of the workload that is named instead of it. Who speaks of itself
/// may mean the machine that it stands for.
fn of_workload<'c>(
    cluster: &'c Cluster,
    object: &Object,
    (name, namespace): (&str, &str),
    leads: &impl Fn(&Service) -> bool,
) -> Option<(&'c Object, &'c Object)> {
    if !matches!(object.body, Body::Workload(_)) {
        return None;
    }
    let mut all = cluster.objects().iter();
    let workload = all.find(|it| {
        *it.key.name == *name
            && *it.key.namespace == *namespace
            && it.key != object.key
            && matches!(it.body, Body::Workload(_))
    })?;
    let Body::Workload(pod) = &workload.body else { return None };
    let services = GroupKind::new("", "Service");
    let mut of_namespace =
        cluster.of_kind(&services).filter(|it| it.key.namespace == workload.key.namespace);
    let service = of_namespace.find(|it| match &it.body {
        Body::Service(service) => {
            let selects =
                service.selector.as_ref().is_some_and(|it| it.selector.matches(&pod.labels));
            selects && leads(service)
        }
        _ => false,
    })?;
    Some((service, workload))
}
