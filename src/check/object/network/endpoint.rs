//! Endpoints.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::network::service_port::app_protocol;
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::check::object::value::port;
use crate::model::Field;

/// `ValidateEndpoints` of `pkg/apis/core/validation/validation.go`
pub(crate) fn endpoints(object: &Field<'_>, faults: &mut Faults) {
    let reading = Reading::of(faults.minor());
    let Some(subsets) = object.get("subsets") else { return };
    for subset in subsets.items() {
        let lists = ["addresses", "notReadyAddresses"];
        if lists.iter().all(|list| value::count(&subset, list) == 0) {
            let message = format!("`{subset}` needs `addresses` or `notReadyAddresses`");
            faults.at_key("address-missing", Reason::Required, &subset, message);
        }
        for list in lists {
            let Some(list) = subset.get(list) else { continue };
            list.items().for_each(|item| endpoint_address(&item, reading, faults));
        }
        let several = value::count(&subset, "ports") > 1;
        let Some(ports) = subset.get("ports") else { continue };
        ports.items().for_each(|item| endpoint_port(&item, several, faults));
    }
}

/// `validateEndpointAddress` of the same file.
fn endpoint_address(field: &Field<'_>, reading: Reading, faults: &mut Faults) {
    match field.get("ip") {
        Some(ip) => {
            address::check_endpoint(&ip, reading, faults);
        }
        None => {
            let message = value::needs(field, "ip");
            let missing = Reason::Invalid;
            value::at_or_under("address-missing", missing, field, "ip", message, faults);
        }
    }
    value::form("name-invalid", field, "hostname", name::dns_label, faults);
    named(field, "nodeName", name::dns_subdomain, faults);
}

/// `validateEndpointPort` of the same file.
fn endpoint_port(field: &Field<'_>, several: bool, faults: &mut Faults) {
    port::named(field, several, faults);
    app_protocol(field, faults);
}

/// Whether the text of a field that is there has a form; the empty text does not pass.
pub(crate) fn named(
    parent: &Field<'_>,
    name: &str,
    rule: fn(&str) -> Option<&'static str>,
    faults: &mut Faults,
) {
    let text = parent.text(name);
    if let (Some(field), Some(wrong)) = (parent.get(name), rule(text)) {
        faults.at("name-invalid", Reason::Invalid, &field, format!("`{name}: {text}` {wrong}"));
    }
}
