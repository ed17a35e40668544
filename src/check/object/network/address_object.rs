//! Kinds that stand for addresses: ServiceCIDR and IPAddress.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::model::Field;

const CIDRS: &str = "service-blocks-invalid";
const PARENT: &str = "address-parent-invalid";

/// `ValidateServiceCIDR` of `pkg/apis/networking/validation/validation.go`
pub(crate) fn service_cidr(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        faults.missing(CIDRS, object, "spec.cidrs", "`spec.cidrs` is missing");
        return;
    };
    if !value::required_items(CIDRS, &spec, "cidrs", faults) {
        return;
    }
    let Some(cidrs) = spec.get("cidrs") else { return };
    let items: Vec<_> = cidrs.items().collect();
    if items.len() > 2 {
        let message = format!("`{cidrs}` may hold two blocks, not {}", items.len());
        faults.at(CIDRS, Reason::Invalid, &cidrs, message);
        return;
    }
    let mut families = Vec::new();
    for item in &items {
        let text = item.node.as_str().unwrap_or_default();
        address::check_block(item, text, Reading::Strict, faults);
        if address::block(text, Reading::Loose).is_ok() {
            families.push(text.contains(':'));
        }
    }
    if matches!(families[..], [one, two] if one == two) {
        let message = format!("`{cidrs}` may hold one block of each address family");
        faults.at(CIDRS, Reason::Invalid, &cidrs, message);
    }
}

/// `ValidateIPAddressName` of the same file
pub(crate) fn ip_name(name: &str) -> Option<&'static str> {
    address::ip(name, Reading::Strict).err()
}

/// `ValidateIPAddress` of the same file
pub(crate) fn ip_address(object: &Field<'_>, faults: &mut Faults) {
    let spec = object.get("spec");
    let Some(parent) = spec.as_ref().and_then(|spec| spec.get("parentRef")) else {
        faults.missing(PARENT, object, "spec.parentRef", "`spec.parentRef` is missing");
        return;
    };
    value::form(PARENT, &parent, "group", name::dns_subdomain, faults);
    value::text_of_form(PARENT, &parent, "resource", name::path_segment, faults);
    value::text_of_form(PARENT, &parent, "name", name::path_segment, faults);
    value::form(PARENT, &parent, "namespace", name::path_segment, faults);
}
