//! Which requests from outside go to which Service.

use super::{Place, Reading};
use crate::model::Field;
use crate::yaml::Node;

/// What an Ingress says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ingress {
    /// Its class, and where it is stated; nothing where the default class takes it.
    pub class: Option<(Box<str>, Place)>,
    /// Its paths.
    pub paths: Vec<IngressPath>,
    /// Whether it takes requests that no path takes.
    pub has_default: bool,
    /// Whether it takes a share of another's requests.
    pub is_canary: bool,
    /// What tells apart Ingresses that have a path in common: entry points, priority.
    pub apart: Vec<Box<str>>,
}

/// One path of an Ingress.
#[derive(Debug, Clone, PartialEq)]
pub struct IngressPath {
    /// The host; empty where it is for every host.
    pub host: Box<str>,
    /// The path.
    pub path: Box<str>,
    /// How it is compared.
    pub kind: Box<str>,
    /// The Service that gets the requests; empty where it is something else.
    pub service: Box<str>,
    /// The port of the Service, by name or number.
    pub port: Box<str>,
    /// Where the path is written, or the entry without one.
    pub place: Place,
    /// Where the host is written, or the path where there is none.
    pub host_place: Place,
}

impl IngressPath {
    /// Whether it takes requests to a host.
    #[must_use]
    pub fn takes(&self, host: &str) -> bool {
        takes(&self.host, host)
    }
}

/// Whether a host of a rule, which may begin with `*.`, takes requests to a host. One without a
/// host takes all; where the request names none, only that does.
#[must_use]
pub fn takes(rule: &str, host: &str) -> bool {
    if rule.is_empty() || rule.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(domain) = rule.strip_prefix("*.") else { return false };
    host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain))
}

const CLASS: &str = "kubernetes.io/ingress.class";
const CANARY: &str = "nginx.ingress.kubernetes.io/canary";
const APART: [&str; 3] = [
    "traefik.ingress.kubernetes.io/router.entrypoints",
    "traefik.ingress.kubernetes.io/router.priority",
    "alb.ingress.kubernetes.io/group.name",
];

pub(super) fn read(reading: &Reading<'_>, root: &Field<'_>) -> Ingress {
    let mut found = Ingress::default();
    if let Some(metadata) = root.get("metadata")
        && let Some(annotations) = metadata.get("annotations")
    {
        for (name, field) in annotations.entries() {
            let text = field.node.as_str().unwrap_or_default();
            if name == CLASS && !text.is_empty() {
                found.class = Some((text.into(), reading.place(&field)));
            }
            found.is_canary |= name == CANARY && text == "true";
        }
        let texts = APART.map(|name| annotations.text(name));
        found.apart = texts.into_iter().map(Into::into).collect();
    }
    let Some(spec) = root.get("spec") else { return found };
    if let Some(class) = spec.get("ingressClassName")
        && let Some(name) = class.node.as_str().filter(|name| !name.is_empty())
    {
        found.class = Some((name.into(), reading.place(&class)));
    }
    found.has_default = spec.get("defaultBackend").is_some();
    let Some(rules) = spec.get("rules") else { return found };
    for rule in rules.items() {
        let Some(http) = rule.get("http") else { continue };
        let Some(paths) = http.get("paths") else { continue };
        found.paths.extend(paths.items().map(|path| path_of(reading, &rule, &path)));
    }
    found
}

fn path_of(reading: &Reading<'_>, rule: &Field<'_>, path: &Field<'_>) -> IngressPath {
    let service = path.node.pointer("/backend/service");
    let text = |name: &str| service.and_then(|it| it.pointer(name)).and_then(Node::as_str);
    let number = service.and_then(|it| it.pointer("/port/number")).and_then(Node::as_int);
    let port = text("/port/name").map(Into::into).or_else(|| number.map(|it| it.to_string()));
    let place = path.get("path").map_or_else(|| reading.place(path), |it| reading.place(&it));
    IngressPath {
        host: rule.text("host").into(),
        path: path.text("path").into(),
        kind: path.text("pathType").into(),
        service: text("/name").unwrap_or_default().into(),
        port: port.unwrap_or_default().into(),
        host_place: rule.get("host").map_or_else(|| place.clone(), |it| reading.place(&it)),
        place,
    }
}

/// What other kinds of routes say of hosts: the hosts themselves, or texts that hold them. One that
/// is empty is for every host.
pub(super) fn hosts((group, kind): (&str, &str), root: &Field<'_>) -> Option<Box<[Box<str>]>> {
    let lists: &[(&str, &str)] = match (group, kind) {
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => {
            &[("/spec/hostnames", "")]
        }
        ("traefik.io" | "traefik.containo.us", "IngressRoute" | "IngressRouteTCP") => {
            &[("/spec/routes", "/match")]
        }
        ("networking.istio.io", "VirtualService") => &[("/spec/hosts", "")],
        ("projectcontour.io", "HTTPProxy") => &[("/spec/virtualhost/fqdn", "")],
        _ => return None,
    };
    let mut found = Vec::new();
    for (list, text) in lists {
        let Some(node) = root.node.pointer(list) else { continue };
        let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
        found.extend(items.iter().filter_map(|it| it.pointer(text)?.as_str()).map(Into::into));
    }
    if found.is_empty() {
        found.push("".into());
    }
    Some(found.into())
}
