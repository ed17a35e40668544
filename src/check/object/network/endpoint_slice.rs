//! EndpointSlices.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::network::endpoint::named;
use crate::check::object::network::service_port::app_protocol;
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::check::object::value::port;
use crate::model::Field;

const ADDRESS: &str = "address-invalid";
const TOO_MANY: &str = "endpoint-slice-too-large";

/// `ValidateEndpointSlice` of `pkg/apis/discovery/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let reading = Reading::of(faults.minor());
    const KIND: &str = "addressType";
    if value::required("address-type-missing", object, KIND, faults).is_some() {
        value::word(value::UNKNOWN, object, KIND, &["IPv4", "IPv6", "FQDN"], faults);
    }
    if let Some(ports) = object.get("ports")
        && !too_many(&ports, 20_000, faults)
    {
        slice_ports(&ports, faults);
    }
    if let Some(endpoints) = object.get("endpoints")
        && !too_many(&endpoints, 1000, faults)
    {
        for item in endpoints.items() {
            endpoint(&item, object.text(KIND), reading, faults);
        }
    }
}

fn too_many(list: &Field<'_>, most: usize, faults: &mut Faults) -> bool {
    let count = list.items().count();
    if count > most {
        let message = format!("`{list}` may have {most} items, not {count}");
        faults.at_key(TOO_MANY, Reason::TooMany, list, message);
    }
    count > most
}

/// `validatePorts` of the same file. Numbers are not looked at.
fn slice_ports(ports: &Field<'_>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for item in ports.items() {
        let text = item.text("name");
        value::form("name-invalid", &item, "name", name::dns_label, faults);
        if seen.contains(&text) {
            let message = format!("port name `{text}` is there twice");
            value::at_or_under("port-taken", Reason::Duplicate, &item, "name", message, faults);
        }
        seen.insert(text);
        value::word(value::UNKNOWN, &item, "protocol", &port::PROTOCOLS, faults);
        app_protocol(&item, faults);
    }
}

/// `validateEndpoints` of the same file.
fn endpoint(endpoint: &Field<'_>, kind: &str, reading: Reading, faults: &mut Faults) {
    value::required_items("address-missing", endpoint, "addresses", faults);
    if let Some(addresses) = endpoint.get("addresses") {
        too_many(&addresses, 100, faults);
        for item in addresses.items() {
            slice_address(&addresses, &item, kind, reading, faults);
        }
    }
    named(endpoint, "nodeName", name::dns_subdomain, faults);
    named(endpoint, "hostname", name::dns_label, faults);
    if let Some(hints) = endpoint.get("hints") {
        hint(&hints, "forZones", name::label_value, faults);
        hint(&hints, "forNodes", name::dns_subdomain, faults);
    }
}

fn slice_address(
    list: &Field<'_>,
    item: &Field<'_>,
    kind: &str,
    reading: Reading,
    faults: &mut Faults,
) {
    let text = item.node.as_str().unwrap_or_default();
    let wanted = match kind {
        "IPv4" | "IPv6" => kind,
        "FQDN" => {
            let reason = if text.is_empty() { Reason::Required } else { Reason::Invalid };
            if let Some(wrong) = name::full_domain(text) {
                faults.at(ADDRESS, reason, item, format!("`{text}` {wrong}"));
            }
            return;
        }
        _ => return,
    };
    let Some(ip) = address::check_endpoint(item, reading, faults) else { return };
    if ip.is_ipv4() != (wanted == "IPv4") {
        let message = format!("`{text}` is no {wanted} address");
        faults
            .entry(ADDRESS, Reason::Invalid, list, item, message)
            .help("put addresses of each type into an EndpointSlice of their own");
    } else if reading == Reading::Strict && wanted == "IPv6" && ip.to_string() != text {
        // Of several forms of IPv6 only the shortest passes.
        let message = format!("`{text}` must be written as `{ip}`");
        faults.at(ADDRESS, Reason::Invalid, item, message);
    }
}

/// `validateHints` of the same file.
fn hint(
    hints: &Field<'_>,
    list: &str,
    rule: fn(&str) -> Option<&'static str>,
    faults: &mut Faults,
) {
    let Some(list) = hints.get(list) else { return };
    if too_many(&list, 8, faults) {
        return;
    }
    let mut seen = HashSet::new();
    for item in list.items() {
        let text = item.text("name");
        if seen.contains(&text) {
            let message = format!("`{text}` is there twice");
            value::at_or_under("hint-taken", Reason::Duplicate, &item, "name", message, faults);
        }
        seen.insert(text);
        if let Some(wrong) = rule(text) {
            let message = format!("`{text}` {wrong}");
            value::at_or_under("name-invalid", Reason::Invalid, &item, "name", message, faults);
        }
    }
}
