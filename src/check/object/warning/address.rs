//! Addresses that the server would write otherwise.

use core::net::Ipv6Addr;

use crate::check::object::fault::Faults;
use crate::model::Field;

/// `GetWarningsForIP` and `GetWarningsForCIDR` of `k8s.io/apimachinery/pkg/util/validation/ip.go`,
/// for IPv6: one address can be written in many ways, and only one of them is found by its text.
pub(super) fn canonical(field: &Field<'_>, faults: &mut Faults) {
    let text = field.node.as_str().unwrap_or_default();
    let (address, rest) = text.find('/').map_or((text, ""), |slash| text.split_at(slash));
    let Ok(parsed) = address.parse::<Ipv6Addr>() else { return };
    let canonical = parsed.to_string();
    if canonical != address && parsed.to_ipv4_mapped().is_none() {
        let message = format!("`{text}` is not the canonical form of this IPv6 address");
        faults
            .warn("address-not-canonical", field, message)
            .help(format!("write `{canonical}{rest}`"));
    }
}

/// The same for each item of a list.
pub(super) fn all_canonical(list: &Field<'_>, faults: &mut Faults) {
    list.items().for_each(|item| canonical(&item, faults));
}
