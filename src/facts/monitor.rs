//! What tells Prometheus whom to ask: ServiceMonitors and PodMonitors of its operator
//! (`pkg/apis/monitoring/v1` of prometheus-operator).

use super::cluster::may_be_same;
use super::{Place, Reading, Selecting, TargetPort};
use crate::model::Field;

/// What a ServiceMonitor or a PodMonitor says.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// What it selects.
    pub of: Monitored,
    /// By which labels.
    pub selecting: Selecting,
    /// Where that is looked for.
    pub namespaces: Namespaces,
    /// The ports that are asked.
    pub ports: Vec<(MonitoredPort, Place)>,
}

/// What a monitor selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitored {
    /// Services, by their own labels.
    Services,
    /// Pods.
    Pods,
}

/// Namespaces in which something is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespaces {
    /// All.
    Any,
    /// These.
    Named(Box<[Box<str>]>),
}

/// A port that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MonitoredPort {
    /// Of a Service, by its name.
    Service(Box<str>),
    /// Of a container, which must declare it.
    Container(TargetPort),
}

impl Monitor {
    /// Whether it looks into a namespace.
    #[must_use]
    pub fn looks_into(&self, namespace: &str) -> bool {
        match &self.namespaces {
            Namespaces::Any => true,
            Namespaces::Named(names) => names.iter().any(|name| may_be_same(name, namespace)),
        }
    }
}

/// Reads a monitor; nothing where it has no selector.
pub(super) fn read(
    reading: &Reading<'_>,
    own: &str,
    kind: &str,
    root: &Field<'_>,
) -> Option<Monitor> {
    let selecting = reading.selecting(root)?;
    let spec = root.get("spec")?;
    let (of, endpoints) = match kind {
        "ServiceMonitor" => (Monitored::Services, "endpoints"),
        _ => (Monitored::Pods, "podMetricsEndpoints"),
    };
    let endpoints = spec.get(endpoints);
    let ports = endpoints.iter().flat_map(Field::items).filter_map(|one| port(reading, of, &one));
    Some(Monitor { of, selecting, namespaces: namespaces(own, &spec), ports: ports.collect() })
}

fn namespaces(own: &str, spec: &Field<'_>) -> Namespaces {
    let selector = spec.get("namespaceSelector");
    let selector = selector.as_ref();
    if selector.and_then(|it| it.node.get("any")).is_some_and(crate::yaml::Node::is_true) {
        return Namespaces::Any;
    }
    let names = selector.and_then(|selector| selector.get("matchNames"));
    let names = names.iter().flat_map(Field::items).filter_map(|name| name.node.as_str());
    let names: Box<[Box<str>]> = names.map(Into::into).collect();
    Namespaces::Named(if names.is_empty() { [own.into()].into() } else { names })
}

/// Names of ports of containers that Istio and Linkerd put into pods.
const INJECTED: [&str; 3] = ["http-envoy-prom", "linkerd-admin", "linkerd-metrics"];

/// The port of an endpoint: the first of its ways to name one counts. One that is not the pod's own
/// cannot be looked for.
fn port(
    reading: &Reading<'_>,
    of: Monitored,
    endpoint: &Field<'_>,
) -> Option<(MonitoredPort, Place)> {
    let named = ["port", "portNumber", "targetPort"];
    let field = named.into_iter().find_map(|name| endpoint.get(name))?;
    let port = match (field.node.as_str(), field.node.as_int(), of) {
        (Some(name), ..) if name.is_empty() || INJECTED.contains(&name) => return None,
        (Some(name), _, Monitored::Services) if endpoint.get("port").is_some() => {
            MonitoredPort::Service(name.into())
        }
        (Some(name), ..) => MonitoredPort::Container(TargetPort::Name(name.into())),
        (_, Some(number), _) => MonitoredPort::Container(TargetPort::Number(number)),
        _ => return None,
    };
    Some((port, reading.place(&field)))
}
