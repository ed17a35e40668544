//! What the rules of routes lead to.

use std::collections::BTreeSet;

use super::items;
use crate::diff::consequence::words::listed;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::yaml::Node;

/// What requests get.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// Nobody knows.
    Unknown,
    /// No answer but that there is none.
    Nothing,
    /// Another address.
    Redirect,
    /// Services with ports.
    Backends(BTreeSet<(String, String)>),
}

impl Target {
    /// Whether it is certainly another one: a port is not, where a name stands for a number.
    pub(super) fn differs(&self, other: &Self) -> bool {
        let is_number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => false,
            (Self::Backends(one), Self::Backends(other)) => {
                let names = |all: &BTreeSet<(String, String)>| -> BTreeSet<String> {
                    all.iter().map(|(name, _)| name.clone()).collect()
                };
                let mut ports = one.iter().chain(other).map(|(_, port)| is_number(port));
                let is_clear = ports.next().is_none_or(|first| ports.all(|port| port == first));
                one != other && (is_clear || names(one) != names(other))
            }
            _ => self != other,
        }
    }

    pub(super) fn shown(&self) -> String {
        let name = |(name, port): &(String, String)| match &**port {
            "" => name.clone(),
            port => format!("{name}:{port}"),
        };
        match self {
            Self::Backends(all) => listed(&all.iter().map(name).collect()),
            Self::Redirect => "a redirect".to_owned(),
            Self::Nothing | Self::Unknown => "nothing".to_owned(),
        }
    }

    /// What a backend of an Ingress names, with the number of its port as far as the files say it; as it is
    /// called in a namespace.
    pub(super) fn of_ingress(
        side: &Side<'_>,
        ingress: &Object,
        backend: Option<&Node>,
        within: &str,
    ) -> Self {
        let service = backend.and_then(|backend| backend.get("service"));
        let Some(service) = service else { return Self::Unknown };
        let name = service.get("name").and_then(Node::as_str).unwrap_or_default();
        let number = service.pointer("/port/number").and_then(Node::as_int);
        let port = match service.pointer("/port/name").and_then(Node::as_str) {
            Some(port) => {
                let number = numbered(side, ingress, name, port);
                number.map_or_else(|| port.to_owned(), |number| number.to_string())
            }
            None => number.map(|number| number.to_string()).unwrap_or_default(),
        };
        if name.is_empty() || port.is_empty() {
            return Self::Unknown;
        }
        let before = beyond(&ingress.key.namespace, within);
        Self::Backends([(format!("{before}{name}"), port)].into())
    }

    /// What a rule of a route of the Gateway API names, as it is called in a namespace.
    pub(super) fn of_gateway_api(route: &Object, rule: &Node, within: &str) -> Self {
        let mut all = BTreeSet::new();
        for one in items(rule, "/backendRefs") {
            if one.get("weight").and_then(Node::as_int) == Some(0) {
                continue;
            }
            let Some(name) = one.get("name").and_then(Node::as_str) else { return Self::Unknown };
            let text = |name: &str| one.get(name).and_then(Node::as_str);
            let kind = text("kind").filter(|kind| *kind != "Service");
            let kind = kind.map(|kind| format!("{kind}/")).unwrap_or_default();
            let namespace = beyond(text("namespace").unwrap_or(&route.key.namespace), within);
            let port = one.get("port").and_then(Node::as_int).map(|port| port.to_string());
            all.insert((format!("{kind}{namespace}{name}"), port.unwrap_or_default()));
        }
        let filters: Vec<&str> = items(rule, "/filters")
            .filter_map(|filter| filter.get("type").and_then(Node::as_str))
            .collect();
        match all.is_empty() {
            false => Self::Backends(all),
            true if filters.contains(&"RequestRedirect") => Self::Redirect,
            true if filters.is_empty() => Self::Nothing,
            // A filter may answer.
            true => Self::Unknown,
        }
    }
}

/// What stands before the name of a Service of another namespace.
fn beyond(namespace: &str, within: &str) -> String {
    if namespace == within { String::new() } else { format!("{namespace}/") }
}

fn numbered(side: &Side<'_>, ingress: &Object, service: &str, port: &str) -> Option<i64> {
    let mut services = side.beside(ingress, "", "Service");
    let service = services.find(|one| one.key.name == service)?;
    let mut ports = items(&service.node, "/spec/ports");
    let found = ports.find(|one| one.get("name").and_then(Node::as_str) == Some(port));
    found?.get("port")?.as_int()
}
