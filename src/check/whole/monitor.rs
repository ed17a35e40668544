//! ServiceMonitors and PodMonitors by which Prometheus scrapes nothing.

use std::collections::BTreeSet;

use super::selection::difference;
use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{
    Body, Cluster, ContainerPort, Extent, Monitor, Monitored, MonitoredPort, Namespaces, Object,
    Place, Pod, Service, TargetPort, Unseen, is_slip,
};
use crate::model::{GroupKind, Labels, Selector};

const OTHERWISE: &str = "Prometheus scrapes nothing by it";

/// Looks at every monitor.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        let Body::Monitor(monitor) = &object.body else { continue };
        // One without requirements is for all that comes to be.
        if monitor.selecting.selector.is_empty() || selects_api_server(monitor) {
            continue;
        }
        let found: Vec<&Object> = candidates(cluster, object, monitor)
            .filter(|(other, labels)| selects(monitor, other, labels))
            .map(|(other, _)| other)
            .collect();
        let look = Look { cluster, object, monitor };
        match found.as_slice() {
            [] => look.nothing(&mut whole),
            found => look.ports(found, &mut whole),
        }
    }
    whole
}

/// What a monitor may select, with its labels.
fn candidates<'c>(
    cluster: &'c Cluster,
    object: &'c Object,
    monitor: &Monitor,
) -> impl Iterator<Item = (&'c Object, &'c Labels)> {
    let of = monitor.of;
    let labeled = move |other: &'c Object| match (&other.body, of) {
        (Body::Service(_), Monitored::Services) => Some((other, &other.labels)),
        (Body::Workload(pod), Monitored::Pods) => Some((other, &pod.labels)),
        _ => None,
    };
    let all = cluster.objects().iter().filter_map(labeled);
    all.filter(|(other, _)| cluster.may_share(object, other))
}

fn selects(monitor: &Monitor, other: &Object, labels: &Labels) -> bool {
    monitor.looks_into(&other.key.namespace) && monitor.selecting.selector.matches(labels)
}

/// Whether it selects the Service that the API server makes for itself:
/// `CreateOrUpdateMasterServiceIfNeeded` of `pkg/controlplane/controller/kubernetesservice`.
fn selects_api_server(monitor: &Monitor) -> bool {
    let labels: Labels =
        [("component", "apiserver"), ("provider", "kubernetes")].into_iter().collect();
    monitor.of == Monitored::Services
        && monitor.looks_into("default")
        && monitor.selecting.selector.matches(&labels)
}

/// A monitor and where it is.
struct Look<'c> {
    cluster: &'c Cluster,
    object: &'c Object,
    monitor: &'c Monitor,
}

impl Look<'_> {
    fn selector(&self) -> &Selector {
        &self.monitor.selecting.selector
    }

    fn is_whole(&self) -> bool {
        self.cluster.extent() == Extent::Whole
    }

    /// The namespaces that it names; an empty name stands for any.
    fn namespaces(&self) -> Vec<&str> {
        match &self.monitor.namespaces {
            Namespaces::Any => vec![""],
            Namespaces::Named(names) => names.iter().map(|name| &**name).collect(),
        }
    }

    /// Whether what it selects may be made by somebody who is not seen, or be there already.
    fn is_open(&self) -> bool {
        let kind = match self.monitor.of {
            Monitored::Services => "Service",
            Monitored::Pods => "Pod",
        };
        let kind = GroupKind::new("", kind);
        let names = self.namespaces();
        let may_be = |name: &&str| {
            self.cluster.may_hold(Unseen::Selected(name, self.selector()))
                || self.cluster.may_hold(Unseen::OfKind(&kind, name))
        };
        self.cluster.may_hold(Unseen::Unread(&self.object.unit)) || names.iter().any(may_be)
    }

    fn unknown(&self, whole: &mut Whole) {
        let what = match self.monitor.of {
            Monitored::Services => "a Service with these labels",
            Monitored::Pods => "a pod with these labels",
        };
        whole.unknown(self.object, &self.monitor.selecting.place, what);
    }

    fn nothing(&self, whole: &mut Whole) {
        let Self { cluster, object, monitor } = self;
        // Every cluster has things there that no manifest shows.
        let is_of_system = self.namespaces().contains(&"kube-system");
        let is_any = monitor.namespaces == Namespaces::Any;
        if is_any || is_of_system || self.is_open() {
            return self.unknown(whole);
        }
        // What was meant stands beside it, where files may be of several clusters.
        let beside = |(other, _): &(&Object, &Labels)| self.is_whole() || other.unit == object.unit;
        let all: Vec<_> = candidates(cluster, object, monitor).filter(beside).collect();
        let elsewhere = all.iter().find(|(_, labels)| self.selector().matches(labels));
        let near = all.iter().find(|(other, labels)| {
            monitor.looks_into(&other.key.namespace) && may_be_meant(self.selector(), labels)
        });
        let has_makers =
            self.namespaces().iter().any(|name| cluster.may_hold(Unseen::Anything(name)));
        if elsewhere.or(near).is_none() && (has_makers || !self.is_whole()) {
            return self.unknown(whole);
        }
        let what = match monitor.of {
            Monitored::Services => "Services",
            Monitored::Pods => "pods",
        };
        let message = format!("{} selects no {what}", object.key);
        let finding = Finding::error("selector-matches-nothing", message);
        let finding = at(finding, object, &monitor.selecting.place).note(OTHERWISE);
        whole.findings.push(match (elsewhere, near) {
            (Some((other, _)), _) => finding.at(other.span, "it has the labels").help(format!(
                "name `{}` in `namespaceSelector.matchNames`: {} has the labels",
                other.key.namespace, other.key
            )),
            (None, Some((other, labels))) => {
                let has = match monitor.of {
                    Monitored::Services => format!("{} has", other.key),
                    Monitored::Pods => format!("the pods of {} have", other.key),
                };
                finding.help(difference(&has, labels, self.selector()))
            }
            (None, None) => finding,
        });
    }

    fn ports(&self, found: &[&Object], whole: &mut Whole) {
        let is_beside = found.iter().any(|other| other.unit == self.object.unit);
        let is_sure = match self.cluster.extent() {
            Extent::Whole => true,
            Extent::Tree => is_beside,
            Extent::Files => false,
        };
        for (port, place) in &self.monitor.ports {
            let finding = match port {
                MonitoredPort::Service(name) => self.service_port(found, name, place),
                MonitoredPort::Container(target) => self.container_port(found, target, place),
            };
            match finding {
                Some(finding) if is_sure && !self.is_open() => whole.findings.push(finding),
                Some(_) => whole.unknown(self.object, place, "the port"),
                None => {}
            }
        }
    }

    fn service_port(&self, found: &[&Object], wanted: &str, place: &Place) -> Option<Finding> {
        let services: Vec<&Service> = found.iter().filter_map(|found| with_ports(found)).collect();
        let ports = || services.iter().flat_map(|service| &service.ports);
        if services.is_empty()
            || services.iter().any(|service| service.has_open_ports)
            || ports().any(|port| *port.name == *wanted)
        {
            return None;
        }
        let message = match found {
            [only] => format!("{} has no port named `{wanted}`", only.key),
            _ => format!("no Service that {} selects has a port named `{wanted}`", self.object.key),
        };
        let finding = at(Finding::error("service-port-missing", message), self.object, place);
        let finding = finding.at(found[0].span, "this one").note(OTHERWISE);
        // What others call a port is its number here.
        let numbered = ports().find(|port| port.number.to_string() == wanted);
        let names: BTreeSet<&str> = ports().map(|port| &*port.name).collect();
        Some(match numbered {
            Some(port) if !port.name.is_empty() => {
                finding.help(format!("`port` is a name: write `{}`", port.name))
            }
            _ => finding.help(known(&names)),
        })
    }

    fn container_port(
        &self,
        found: &[&Object],
        wanted: &TargetPort,
        place: &Place,
    ) -> Option<Finding> {
        let pods = self.pods(found)?;
        let ports = || {
            let containers = pods.iter().flat_map(|pod| &pod.containers);
            containers.flat_map(|container| &container.ports)
        };
        let is_it = |port: &ContainerPort| match wanted {
            TargetPort::Name(name) => port.name == *name,
            TargetPort::Number(number) => port.number == *number,
        };
        let wanted = match wanted {
            TargetPort::Name(name) => format!("a port named `{name}`"),
            TargetPort::Number(number) => format!("port {number} among its `ports`"),
        };
        if ports().any(is_it) {
            return None;
        }
        let message = format!("no container that {} selects has {wanted}", self.object.key);
        let finding = at(Finding::error("target-port-missing", message), self.object, place);
        let names: BTreeSet<&str> = ports().map(|port| &*port.name).collect();
        Some(finding.note(OTHERWISE).help(known(&names)))
    }

    /// The pods that are reached; nothing where not all are known.
    fn pods<'f>(&'f self, found: &'f [&'f Object]) -> Option<Vec<&'f Pod>> {
        let mut pods = Vec::new();
        for object in found {
            match &object.body {
                Body::Workload(pod) => pods.push(&**pod),
                Body::Service(service) => {
                    let selecting = service.selector.as_ref()?;
                    let namespace = &object.key.namespace;
                    let unseen = Unseen::Selected(namespace, &selecting.selector);
                    if self.cluster.may_hold(unseen) {
                        return None;
                    }
                    let workloads = self.cluster.selected(object, &selecting.selector);
                    pods.extend(workloads.filter_map(|workload| match &workload.body {
                        Body::Workload(pod) => Some(&**pod),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        (!pods.is_empty()).then_some(pods)
    }
}

/// A Service; nothing where its ports are those of somebody outside.
fn with_ports(object: &Object) -> Option<&Service> {
    match &object.body {
        Body::Service(service) if &*service.kind != "ExternalName" => Some(service),
        _ => None,
    }
}

/// The names that there are.
fn known(names: &BTreeSet<&str>) -> String {
    let names: Vec<String> =
        names.iter().filter(|name| !name.is_empty()).map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "give the port a name where it is declared".to_owned(),
        false => format!("there are {}", names.join(", ")),
    }
}

/// Whether a selector was meant for something with these labels: each label is there, or written
/// a little differently, or under another key.
fn may_be_meant(selector: &Selector, labels: &Labels) -> bool {
    let is_near = |(key, value): (&str, &str)| match labels.get(key) {
        Some(other) => other == value || is_slip(other, value),
        None => labels.iter().any(|(_, other)| other == value),
    };
    !selector.labels().is_empty() && selector.labels().iter().all(is_near)
}
