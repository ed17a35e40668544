//! Addresses of Services.

use core::net::IpAddr;

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::network::service::Nature;
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::model::Field;

const ID: &str = "cluster-ip-invalid";
const FAMILY: &str = "ip-family-invalid";
const POLICY: &str = "ipFamilyPolicy";

/// Whether a Service has no address of its own. One that is given as `clusterIP` alone becomes the
/// first of `clusterIPs`.
pub(crate) fn is_headless(spec: &Field<'_>) -> bool {
    match value::texts(spec, "clusterIPs").as_slice() {
        [] => spec.text("clusterIP") == "None",
        addresses => addresses == ["None"],
    }
}

/// The addresses of a Service, and those from outside that it answers to.
pub(crate) fn check(spec: &Field<'_>, nature: Nature<'_>, reading: Reading, faults: &mut Faults) {
    if nature.kind != "ExternalName" {
        let before = faults.found.len();
        cluster_ips(spec, nature, reading, faults);
        families(spec, faults);
        let known = ["SingleStack", "PreferDualStack", "RequireDualStack"];
        value::word(FAMILY, spec, POLICY, &known, faults);
        if faults.found.len() == before {
            policy(spec, nature, faults);
        }
    }
    if let Some(outside) = spec.get("externalIPs") {
        for ip in outside.items() {
            address::check_endpoint(&ip, reading, faults);
        }
    }
}

/// `ValidateServiceClusterIPsRelatedFields` of `pkg/apis/core/validation/validation.go`
fn cluster_ips(spec: &Field<'_>, nature: Nature<'_>, reading: Reading, faults: &mut Faults) {
    let texts = value::texts(spec, "clusterIPs");
    let first = spec.text("clusterIP");
    let single = spec.get("clusterIP").filter(|_| !first.is_empty());
    let listed = spec.get("clusterIPs").filter(|_| !texts.is_empty());
    if nature.headless
        && matches!(nature.kind, "LoadBalancer" | "NodePort")
        && let Some(field) = listed.as_ref().or(single.as_ref())
    {
        let message = format!("a service of `type: {}` needs an address, not `None`", nature.kind);
        let fault = faults.at("service-type-mismatch", Reason::Invalid, field, message);
        fault.path = format!("{spec}.clusterIPs[0]");
        fault.help("remove `None`, and the cluster gives an address");
    }
    let Some(list) = listed else {
        if let Some(single) = single.filter(|_| first != "None") {
            let before = faults.found.len();
            let ip = address::check_ip(&single, reading, faults);
            fits_family(&single, ip, spec, 0, faults);
            // The server has put it into the list by then.
            for fault in &mut faults.found[before..] {
                fault.path = format!("{spec}.clusterIPs[0]");
            }
        }
        return;
    };
    if texts.first() != Some(&first) {
        let message = match first {
            "" => "`clusterIPs` needs `clusterIP`, with the same first address".to_owned(),
            first => format!("the first of `clusterIPs` must be `clusterIP`, which is `{first}`"),
        };
        faults
            .at_key(ID, Reason::Invalid, &list, message)
            .help("write `clusterIP` alone, or leave both to the cluster");
    }
    if texts.len() > 2 {
        let message = format!("`clusterIPs` may have two addresses, not {}", texts.len());
        faults.at_key(ID, Reason::Invalid, &list, message);
    }
    if texts.first() == Some(&"None") && texts.len() > 1 {
        faults.at_key(ID, Reason::Invalid, &list, "`None` must be the only one of `clusterIPs`");
        return;
    }
    if nature.headless {
        return;
    }
    let mut addresses = Vec::new();
    for (index, item) in list.items().enumerate() {
        let ip = address::check_ip(&item, reading, faults);
        fits_family(&item, ip, spec, index, faults);
        addresses.extend(ip);
    }
    if let [first, second] = addresses.as_slice()
        && first.is_ipv4() == second.is_ipv4()
    {
        let message = "`clusterIPs` may have one address of each family";
        faults.at_key(ID, Reason::Invalid, &list, message);
    }
}

/// An address must be of the family that is listed at the same place.
fn fits_family(
    field: &Field<'_>,
    ip: Option<IpAddr>,
    spec: &Field<'_>,
    index: usize,
    faults: &mut Faults,
) {
    let Some(ip) = ip else { return };
    let family = value::texts(spec, "ipFamilies").get(index).copied();
    let fits = match family {
        Some("IPv4") => ip.is_ipv4(),
        Some("IPv6") => ip.is_ipv6(),
        _ => true,
    };
    if !fits {
        let message = format!("`{ip}` is not of family {}", family.unwrap_or_default());
        faults.at(FAMILY, Reason::Invalid, field, message);
    }
}

/// Which families a cluster has is its own; here is what no cluster takes.
fn families(spec: &Field<'_>, faults: &mut Faults) {
    let Some(list) = spec.get("ipFamilies") else { return };
    let mut seen = HashSet::new();
    for item in list.items() {
        let text = item.node.as_str().unwrap_or_default();
        value::item_word(FAMILY, &item, &["IPv4", "IPv6"], faults);
        if seen.contains(&text) {
            faults.at(FAMILY, Reason::Duplicate, &item, format!("`{text}` is there twice"));
        }
        seen.insert(text);
    }
}

/// `initIPFamilyFields` of `pkg/registry/core/service/storage/alloc.go`: two families or addresses
/// need a policy for two, which only a headless Service without a selector has by itself.
fn policy(spec: &Field<'_>, nature: Nature<'_>, faults: &mut Faults) {
    let single = match spec.get(POLICY) {
        Some(_) => spec.text(POLICY) == "SingleStack",
        None => {
            !(spec.text("clusterIP") == "None" && nature.headless)
                || value::count(spec, "selector") > 0
        }
    };
    let two = ["clusterIPs", "ipFamilies"].iter().find(|name| value::count(spec, name) == 2);
    if let (true, Some(two)) = (single, two) {
        let message = format!("two `{two}` need a policy for two");
        value::at_or_under(FAMILY, Reason::Invalid, spec, POLICY, message, faults)
            .help("write `ipFamilyPolicy: PreferDualStack` or `RequireDualStack`");
    }
}
