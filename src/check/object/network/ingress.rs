//! Ingresses and IngressClasses.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::network::endpoint::named;
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::check::object::value::port;
use crate::check::object::workload::controller::spec;
use crate::model::Field;

const HOST: &str = "ingress-host-invalid";
const PATH: &str = "ingress-path-invalid";
const BACKEND: &str = "ingress-backend-invalid";
const REFERENCE: &str = "reference-invalid";

/// How the Services behind an Ingress are named.
type ServiceName = fn(&str) -> Option<&'static str>;

/// `ValidateIngressCreate` of `pkg/apis/networking/validation/validation.go`
pub(crate) fn ingress(object: &Field<'_>, faults: &mut Faults) {
    // `RelaxedServiceNameValidation` is on since 1.36.
    let service = if !faults.since(36) { name::dns_1035_label } else { name::dns_label };
    let Some(spec) = object.get("spec") else {
        let message = value::needs(object, "spec");
        value::at_or_under("spec-missing", Reason::Invalid, object, "spec", message, faults);
        return;
    };
    let fallback = spec.get("defaultBackend");
    if fallback.is_none() && value::count(&spec, "rules") == 0 {
        faults
            .at_key(BACKEND, Reason::Invalid, &spec, "an Ingress needs `rules` or `defaultBackend`")
            .help("write a rule with a host and paths");
    }
    if let Some(fallback) = fallback {
        backend(&fallback, service, faults);
    }
    if let Some(rules) = spec.get("rules") {
        rules.items().for_each(|item| rule(&item, service, faults));
    }
    if let Some(tls) = spec.get("tls") {
        tls.items().for_each(|item| certificate(&item, faults));
    }
    named(&spec, "ingressClassName", name::dns_subdomain, faults);
    class_annotation(object, &spec, faults);
}

/// The annotation from before there was a field must not say something else.
fn class_annotation(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    const KEY: &str = "kubernetes.io/ingress.class";
    let Some(class) = spec.get("ingressClassName") else { return };
    let Some(metadata) = object.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    let Some((_, old)) = annotations.entries().find(|(key, _)| *key == KEY) else { return };
    let class = class.node.as_str().unwrap_or_default();
    if old.node.as_str().unwrap_or_default() != class {
        let message = format!("annotation `{KEY}` is not the `ingressClassName`, `{class}`");
        let fault = faults.at("annotation-mismatch", Reason::Invalid, &old, message);
        fault.path = format!("annotations.{KEY}");
        fault.help("remove the annotation");
    }
}

/// `validateIngressRules` of the same file.
fn rule(rule: &Field<'_>, service: ServiceName, faults: &mut Faults) {
    let text = rule.text("host");
    if let Some(field) = rule.get("host").filter(|_| !text.is_empty()) {
        if address::ip(text, Reading::Loose).is_ok() {
            let message = format!("host `{text}` must be a name, not an address");
            faults.at(HOST, Reason::Invalid, &field, message);
        } else {
            host(&field, faults);
        }
    }
    let Some(http) = rule.get("http") else { return };
    if !value::required_items(PATH, &http, "paths", faults) {
        return;
    }
    let Some(paths) = http.get("paths") else { return };
    for item in paths.items() {
        path(&item, service, faults);
    }
}

/// A name, or `*.` before one.
fn host(field: &Field<'_>, faults: &mut Faults) {
    let text = field.node.as_str().unwrap_or_default();
    let rule = if text.contains('*') { name::wildcard_subdomain } else { name::dns_subdomain };
    if let Some(wrong) = rule(text) {
        let fault = faults.at(HOST, Reason::Invalid, field, format!("host `{text}` {wrong}"));
        if text.contains([':', '/']) {
            fault.help("write the name alone, without scheme, port or path");
        }
    }
}

/// `validateHTTPIngressPath` of the same file.
fn path(item: &Field<'_>, service: ServiceName, faults: &mut Faults) {
    const KNOWN: [&str; 3] = ["Exact", "Prefix", "ImplementationSpecific"];
    if item.get("pathType").is_none() {
        let message = value::needs(item, "pathType");
        faults
            .missing(PATH, item, "pathType", message)
            .help(format!("write {}", value::or_list(&KNOWN)));
        return;
    }
    value::word(value::UNKNOWN, item, "pathType", &KNOWN, faults);
    let text = item.text("path");
    let wrong = match item.text("pathType") {
        "Exact" | "Prefix" => wrong_path(text),
        "ImplementationSpecific" if !text.is_empty() && !text.starts_with('/') => {
            Some("must begin with `/`")
        }
        _ => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("path `{text}` {wrong}");
        value::at_or_under(PATH, Reason::Invalid, item, "path", message, faults);
    }
    match item.get("backend") {
        Some(field) => backend(&field, service, faults),
        None => {
            let message = value::needs(item, "backend");
            value::at_or_under(BACKEND, Reason::Invalid, item, "backend", message, faults);
        }
    }
}

/// What paths that are compared may not have.
fn wrong_path(text: &str) -> Option<&'static str> {
    if !text.starts_with('/') {
        return Some("must begin with `/`");
    }
    for (part, wrong) in [
        ("//", "must not have `//`"),
        ("/./", "must not have `/./`"),
        ("/../", "must not have `/../`"),
        ("%2f", "must not have `%2f`"),
        ("%2F", "must not have `%2F`"),
    ] {
        if text.contains(part) {
            return Some(wrong);
        }
    }
    (text.ends_with("/..") || text.ends_with("/.")).then_some("must not end in `/.` or `/..`")
}

/// `validateIngressBackend` of the same file.
fn backend(field: &Field<'_>, service: ServiceName, faults: &mut Faults) {
    match (field.get("service"), field.get("resource")) {
        (Some(_), Some(_)) => {
            let message = "a back end is a `service` or a `resource`, not both";
            faults.at_key(BACKEND, Reason::Invalid, field, message);
        }
        (None, None) => {
            let message = "a back end needs `service` or `resource`";
            faults.at_key(BACKEND, Reason::Invalid, field, message);
        }
        (None, Some(resource)) => typed_reference(&resource, faults),
        (Some(target), None) => {
            if value::required(BACKEND, &target, "name", faults).is_some() {
                value::form("name-invalid", &target, "name", service, faults);
            }
            service_port(field, &target, faults);
        }
    }
}

fn service_port(backend: &Field<'_>, target: &Field<'_>, faults: &mut Faults) {
    let port = target.get("port");
    let text = port.as_ref().map_or("", |port| port.text("name"));
    let number = port.as_ref().and_then(|port| value::number(port, "number")).unwrap_or(0);
    match (&port, text, number) {
        (Some(port), "", 1..) | (Some(port), "", ..=-1) => port::number(port, "number", faults),
        (Some(_), _, 1..) | (Some(_), _, ..=-1) => {
            let message = "a port has a name or a number, not both";
            faults.at_key(BACKEND, Reason::Invalid, backend, message);
        }
        (Some(port), text, _) if !text.is_empty() => {
            value::form("port-invalid", port, "name", name::port_name, faults);
        }
        _ => {
            faults
                .at_key(
                    BACKEND,
                    Reason::Required,
                    backend,
                    "a service behind an Ingress needs `port`",
                )
                .help("write `port: {name: …}` or `port: {number: …}` under `service`");
        }
    }
}

/// `validateIngressTypedLocalObjectReference` of the same file.
fn typed_reference(reference: &Field<'_>, faults: &mut Faults) {
    named(reference, "apiGroup", name::dns_subdomain, faults);
    for name in ["kind", "name"] {
        if value::required(REFERENCE, reference, name, faults).is_some() {
            value::form(REFERENCE, reference, name, name::path_segment, faults);
        }
    }
}

/// `validateIngressTLS` of the same file.
fn certificate(tls: &Field<'_>, faults: &mut Faults) {
    if let Some(hosts) = tls.get("hosts") {
        hosts.items().for_each(|item| host(&item, faults));
    }
    value::form("name-invalid", tls, "secretName", name::dns_subdomain, faults);
}

/// `validateIngressClassSpec` of the same file.
pub(crate) fn ingress_class(object: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "controller";
    let Some(spec) = spec(object, NAME, faults) else { return };
    if let Some(text) = value::required("name-invalid", &spec, NAME, faults) {
        value::form("name-invalid", &spec, NAME, name::domain_prefixed_path, faults);
        if let Some(field) = spec.get(NAME).filter(|_| text.len() > 250) {
            let message = "`controller` is longer than 250 characters";
            faults.at("name-invalid", Reason::TooLong, &field, message);
        }
    }
    if let Some(parameters) = spec.get("parameters") {
        typed_reference(&parameters, faults);
        scope(&parameters, faults);
    }
}

/// `validateIngressClassParametersReference` of the same file; without a word the scope is the
/// cluster.
fn scope(parameters: &Field<'_>, faults: &mut Faults) {
    value::word(value::UNKNOWN, parameters, "scope", &["Cluster", "Namespace"], faults);
    let namespace = parameters.get("namespace");
    let scope = match parameters.get("scope") {
        Some(_) => parameters.text("scope"),
        None => "Cluster",
    };
    match (scope, namespace) {
        ("Namespace", None) => {
            let message = "parameters of `scope: Namespace` need `namespace`";
            faults.missing(REFERENCE, parameters, "namespace", message);
        }
        ("Namespace", Some(_)) => named(parameters, "namespace", name::dns_label, faults),
        ("Cluster", Some(namespace)) => {
            let message = "parameters of `scope: Cluster` have no `namespace`";
            faults
                .at(REFERENCE, Reason::Forbidden, &namespace, message)
                .help("write `scope: Namespace`, or remove `namespace`");
        }
        _ => {}
    }
}
