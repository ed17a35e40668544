//! Services.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::network::service_address;
use crate::check::object::network::service_port;
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::check::object::workload::controller::spec;
use crate::model::Field;
use crate::yaml::Node;

const TYPE: &str = "service-type-mismatch";
const TRAFFIC: &str = "traffic-policy-invalid";

/// What a Service is, which decides what it may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nature<'a> {
    pub(crate) kind: &'a str,
    pub(crate) headless: bool,
}

/// `validateService` of `pkg/apis/core/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let reading = Reading::of(faults.minor());
    let Some(spec) = spec(object, "ports", faults) else { return };
    let kind = match spec.text("type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let nature = Nature { kind, headless: service_address::is_headless(&spec) };
    let known = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
    value::word_or_empty(value::UNKNOWN, &spec, "type", &known, faults);
    if nature.kind == "ExternalName" {
        external_name(&spec, faults);
    }
    service_port::check(&spec, nature, faults);
    if let Some(selector) = spec.get("selector") {
        metadata::labels(&selector, faults);
    }
    session_affinity(&spec, faults);
    service_address::check(&spec, nature, reading, faults);
    source_ranges(object, &spec, nature, reading, faults);
    load_balancer(&spec, nature, faults);
    external_traffic(&spec, nature, faults);
    let policies = ["Cluster", "Local"];
    value::word(TRAFFIC, &spec, "internalTrafficPolicy", &policies, faults);
    // `PreferSameTrafficDistribution` is on since 1.34.
    let distributions: &[&str] = match faults.minor() {
        ..34 => &["PreferClose"],
        _ => &["PreferClose", "PreferSameZone", "PreferSameNode"],
    };
    value::word(TRAFFIC, &spec, "trafficDistribution", distributions, faults);
    topology(object, faults);
}

/// A name somewhere else, which may end in a dot, and nothing that belongs to addresses.
fn external_name(spec: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "externalName";
    if value::required("external-name-invalid", spec, NAME, faults).is_some() {
        let rule = |text: &str| name::dns_subdomain(text.strip_suffix('.').unwrap_or(text));
        value::form("external-name-invalid", spec, NAME, rule, faults);
    }
    for name in ["clusterIPs", "clusterIP", "ipFamilies", "ipFamilyPolicy"] {
        let there = match name {
            "clusterIP" => !spec.text(name).is_empty(),
            "ipFamilyPolicy" => true,
            _ => value::count(spec, name) > 0,
        };
        if let Some(field) = spec.get(name).filter(|_| there) {
            let message = format!("an ExternalName has no address, so no `{name}`");
            let fault = faults.at_key(TYPE, Reason::Forbidden, &field, message);
            // The server has put it into the list by then.
            if name == "clusterIP" {
                fault.path = format!("{spec}.clusterIPs");
            }
            fault.help("remove it");
        }
    }
}

fn session_affinity(spec: &Field<'_>, faults: &mut Faults) {
    let known = ["ClientIP", "None"];
    value::word_or_empty(value::UNKNOWN, spec, "sessionAffinity", &known, faults);
    // For `None` the server drops the rest.
    if spec.text("sessionAffinity") == "ClientIP"
        && let Some(config) = spec.get("sessionAffinityConfig")
        && let Some(client) = config.get("clientIP")
    {
        value::range("number-out-of-range", &client, "timeoutSeconds", 1..=86_400, faults);
    }
}

/// The blocks that may reach a load balancer, from the field or else from the annotation.
fn source_ranges(
    object: &Field<'_>,
    spec: &Field<'_>,
    nature: Nature<'_>,
    reading: Reading,
    faults: &mut Faults,
) {
    const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
    let balances = nature.kind == "LoadBalancer";
    let message = "source ranges are for services of `type: LoadBalancer`";
    let help = "remove them, or write `type: LoadBalancer`";
    if value::count(spec, "loadBalancerSourceRanges") > 0 {
        let Some(ranges) = spec.get("loadBalancerSourceRanges") else { return };
        if !balances {
            faults.at_key(TYPE, Reason::Forbidden, &ranges, message).help(help);
        }
        for range in ranges.items() {
            let text = range.node.as_str().unwrap_or_default();
            address::check_block(&range, text.trim(), reading, faults);
        }
        return;
    }
    let Some(metadata) = object.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    let Some((_, ranges)) = annotations.entries().find(|(key, _)| *key == ANNOTATION) else {
        return;
    };
    if !balances {
        faults.at_key(TYPE, Reason::Forbidden, &ranges, message).help(help);
    }
    let text = ranges.node.as_str().unwrap_or_default().trim();
    for range in text.split(',').filter(|_| !text.is_empty()) {
        address::check_block(&ranges, range.trim(), reading, faults);
    }
}

/// What only load balancers may have; `validateLoadBalancerClassField` of the same file.
fn load_balancer(spec: &Field<'_>, nature: Nature<'_>, faults: &mut Faults) {
    let balances = nature.kind == "LoadBalancer";
    for name in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if let Some(field) = spec.get(name).filter(|_| !balances) {
            let message = format!("`{name}` is for services of `type: LoadBalancer`");
            faults
                .at(TYPE, Reason::Forbidden, &field, message)
                .help("remove it, or write `type: LoadBalancer`");
        }
    }
    if let Some(field) = spec.get("loadBalancerClass").filter(|_| balances) {
        let text = spec.text("loadBalancerClass");
        if let Some(wrong) = name::qualified_name(text) {
            let message = format!("`loadBalancerClass: {text}` {wrong}");
            faults.at("name-invalid", Reason::Invalid, &field, message);
        }
    }
}

/// `validateServiceExternalTrafficPolicy` of the same file.
fn external_traffic(spec: &Field<'_>, nature: Nature<'_>, faults: &mut Faults) {
    let from_outside = match nature.kind {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => value::count(spec, "externalIPs") > 0,
        _ => false,
    };
    let text = spec.text("externalTrafficPolicy");
    if from_outside {
        let known = ["Cluster", "Local"];
        value::word_or_empty(TRAFFIC, spec, "externalTrafficPolicy", &known, faults);
    } else if let Some(field) = spec.get("externalTrafficPolicy").filter(|_| !text.is_empty()) {
        let message = "`externalTrafficPolicy` is for services that are reached from outside";
        faults
            .at(TRAFFIC, Reason::Invalid, &field, message)
            .help("remove it, or write `type: LoadBalancer` or `type: NodePort`");
    }
    let local = nature.kind == "LoadBalancer" && text == "Local";
    let Some(field) = spec.get("healthCheckNodePort") else { return };
    match value::number(spec, "healthCheckNodePort") {
        None | Some(0) => {}
        Some(number) if local && !(1..=65535).contains(&number) => {
            let message = format!("port must be between 1 and 65535, not {number}");
            faults.at("port-invalid", Reason::Invalid, &field, message);
        }
        Some(_) if !local => {
            let message = "`healthCheckNodePort` is for `type: LoadBalancer` with \
                           `externalTrafficPolicy: Local`";
            faults.at(TRAFFIC, Reason::Invalid, &field, message);
        }
        Some(_) => {}
    }
}

/// Two annotations for the same thing must agree.
fn topology(object: &Field<'_>, faults: &mut Faults) {
    const OLD: &str = "service.kubernetes.io/topology-aware-hints";
    const NEW: &str = "service.kubernetes.io/topology-mode";
    let Some(metadata) = object.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    let old = annotations.node.get(OLD).map(|node| node.as_str().unwrap_or_default());
    let Some((_, new)) = annotations.entries().find(|(key, _)| *key == NEW) else { return };
    if old.is_some_and(|old| Node::as_str(new.node).unwrap_or_default() != old) {
        let message = format!("`{NEW}` and `{OLD}` disagree");
        faults
            .at("annotation-mismatch", Reason::Invalid, &new, message)
            .help(format!("remove `{OLD}`"));
    }
}
