//! NetworkPolicies.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::port;
use crate::check::object::value::selector;
use crate::model::Field;
use crate::yaml::Value;

const PEER: &str = "network-peer-invalid";
const PORT: &str = "port-invalid";
const TYPES: &str = "policy-types-invalid";

/// `ValidateNetworkPolicySpec` of `pkg/apis/networking/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let reading = Reading::of(faults.minor());
    let Some(spec) = object.get("spec") else { return };
    if let Some(pods) = spec.get("podSelector") {
        selector::check(&pods, faults);
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        let Some(rules) = spec.get(direction) else { continue };
        for rule in rules.items() {
            if let Some(ports) = rule.get("ports") {
                ports.items().for_each(|item| policy_port(&item, faults));
            }
            if let Some(peers) = rule.get(peers) {
                peers.items().for_each(|item| peer(&item, reading, faults));
            }
        }
    }
    let Some(types) = spec.get("policyTypes") else { return };
    if types.items().count() > 2 {
        let message = "`policyTypes` may have two items";
        faults.at_key(TYPES, Reason::Invalid, &types, message).help("keep each of them once");
        return;
    }
    for item in types.items() {
        value::item_word(TYPES, &item, &["Ingress", "Egress"], faults);
    }
}

/// `ValidateNetworkPolicyPort` of the same file.
fn policy_port(item: &Field<'_>, faults: &mut Faults) {
    value::word(value::UNKNOWN, item, "protocol", &port::PROTOCOLS, faults);
    let first = item.get("port");
    if let Some(first) = &first {
        port::number_or_name(first, faults);
    }
    let (Some(end), Some(last)) = (item.get("endPort"), value::number(item, "endPort")) else {
        return;
    };
    let wrong = match first.as_ref().map(|first| &first.node.value) {
        None => "needs `port`".to_owned(),
        Some(Value::Int(first)) if last < *first => {
            format!("must be at least `port`, which is {first}")
        }
        Some(Value::Int(_)) if last > 65535 => "must be at most 65535".to_owned(),
        Some(Value::Int(_)) => return,
        Some(_) => "needs a `port` that is a number".to_owned(),
    };
    faults.at(PORT, Reason::Invalid, &end, format!("`endPort: {last}` {wrong}"));
}

/// `ValidateNetworkPolicyPeer` of the same file.
fn peer(item: &Field<'_>, reading: Reading, faults: &mut Faults) {
    let selectors =
        ["podSelector", "namespaceSelector"].map(|name| item.get(name)).into_iter().flatten();
    let mut selects = false;
    for found in selectors {
        selects = true;
        selector::check(&found, faults);
    }
    match item.get("ipBlock") {
        Some(block) => {
            ip_block(&block, reading, faults);
            if selects {
                let message = "a peer with `ipBlock` has no selectors";
                faults
                    .at_key(PEER, Reason::Forbidden, item, message)
                    .help("make them two items of the list");
            }
        }
        None if selects => {}
        None => {
            faults
                .at_key(PEER, Reason::Required, item, "a peer needs a selector or `ipBlock`")
                .help("write `podSelector: {}` for every pod, or leave the list out for everyone");
        }
    }
}

/// `ValidateIPBlock` of the same file.
fn ip_block(block: &Field<'_>, reading: Reading, faults: &mut Faults) {
    let Some(text) = value::required(PEER, block, "cidr", faults) else { return };
    let Some(field) = block.get("cidr") else { return };
    address::check_block(&field, text, reading, faults);
    // Exceptions are held against what can be read, strict or not.
    let Ok(whole) = address::block(text, Reading::Loose) else { return };
    let Some(exceptions) = block.get("except") else { return };
    for item in exceptions.items() {
        let text = item.node.as_str().unwrap_or_default();
        address::check_block(&item, text, reading, faults);
        if address::block(text, Reading::Loose).is_ok_and(|part| !whole.has_inside(part)) {
            let message = format!("exception `{text}` must be a part of the block");
            faults.at(PEER, Reason::Invalid, &item, message);
        }
    }
}
