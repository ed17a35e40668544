//! Texts of an environment that have a form of their own: addresses, ranges, a path.

// Of `core`, which has addresses and no sockets.
use core::net::IpAddr;

use super::Environment;
use super::reference::entries;
use crate::diagnostic::Finding;
use crate::yaml::Node;

/// Whether a text is one address. A leading zero or an octet above 255 makes it none, as in Go.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.bytes().all(|byte| byte.is_ascii_digit())
        && bits.parse().is_ok_and(|bits: u8| bits <= most)
}

/// Why a text with `-` is no range of addresses.
fn range_fault(from: &str, to: &str) -> Option<String> {
    let (first, last) = (from.parse::<IpAddr>(), to.parse::<IpAddr>());
    match (first, last) {
        (Err(_), _) => Some(format!("`{from}` is no address")),
        (_, Err(_)) => Some(format!("`{to}` is no address")),
        (Ok(first), Ok(last)) if first.is_ipv4() != last.is_ipv4() => {
            Some("one end is IPv4 and the other IPv6".to_owned())
        }
        (Ok(first), Ok(last)) if first > last => Some("it ends before it begins".to_owned()),
        _ => None,
    }
}

/// Why a text is neither a CIDR nor a range: what MetalLB reads as the addresses of a pool
/// (`ParseCIDR` of its package `config`).
fn block_fault(text: &str) -> Option<String> {
    match text.split_once('-') {
        Some((from, to)) => range_fault(from.trim(), to.trim()),
        None if is_cidr(text) => None,
        None if is_address(text) => {
            let bits = if text.contains(':') { 128 } else { 32 };
            Some(format!("MetalLB takes ranges and CIDRs: write `{text}/{bits}` for one address"))
        }
        None => Some("neither a CIDR nor a range of addresses".to_owned()),
    }
}

/// Why a text is neither a CIDR nor one of each family, as the API server and the distributions take
/// them.
fn cidrs_fault(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(',').collect();
    let is_v4 = |part: &str| !part.contains(':');
    if !parts.iter().all(|part| is_cidr(part)) {
        let example = "`10.42.0.0/16` is one, and `10.42.0.0/16,fd42::/56` are two";
        let what = if parts.len() == 1 { "no CIDR" } else { "not all CIDRs" };
        return Some(format!("{what}: {example}"));
    }
    match &*parts {
        [_] => None,
        [one, other] if is_v4(one) != is_v4(other) => None,
        _ => Some("of each family there is one network".to_owned()),
    }
}

fn address_fault(text: &str) -> Option<String> {
    (!is_address(text)).then(|| "no address".to_owned())
}

fn kept_fault(text: &str) -> Option<String> {
    if is_address(text) { None } else { block_fault(text) }
}

fn ports_fault(text: &str) -> Option<String> {
    let ports = text.split_once('-');
    let ports = ports.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match ports {
        Some((from, to)) if from > to => Some("it ends before it begins".to_owned()),
        Some((1_u16.., _)) => None,
        _ => Some("no range of ports from 1 to 65535".to_owned()),
    }
}

fn path_fault(path: &str) -> Option<String> {
    let why = if path.is_empty() {
        "it names no directory: leave it out for `rendered`"
    } else if path.starts_with('/') {
        "a path within the repository does not begin with `/`"
    } else if path.split('/').any(|part| part == "..") {
        "`..` leads out of the repository"
    } else if path.contains("//") {
        "a directory between two `/` has a name"
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// Everything that is not what it must be.
pub(super) fn check(environment: &Environment, findings: &mut Vec<Finding>) {
    let node = &*environment.node;
    let mut judge = |field: &str, texts: Option<&Node>, fault: fn(&str) -> Option<String>| {
        let texts = texts.map(|texts| texts.as_seq().unwrap_or(std::slice::from_ref(texts)));
        for (node, text) in texts.into_iter().flatten().filter_map(|n| Some((n, n.as_str()?))) {
            if let Some(why) = fault(text) {
                let shown = if text.is_empty() { "empty".to_owned() } else { format!("`{text}`") };
                let message = format!("`{field}` cannot be {shown}");
                findings.push(Finding::error("config-wrong", message).at(node.span, why));
            }
        }
    };
    for field in ["nodes", "pods", "services"] {
        let pointer = format!("/network/{field}");
        judge(&format!("network.{field}"), node.pointer(&pointer), cidrs_fault);
    }
    for (key, machine) in entries(node, "nodes") {
        judge(&format!("nodes.{}.address", key.name), machine.get("address"), address_fault);
    }
    for (key, pool) in entries(node, "pools") {
        let pool_name = &key.name;
        judge(&format!("pools.{pool_name}.addresses"), pool.get("addresses"), block_fault);
        for (key, address) in entries(pool, "assigned") {
            let field = format!("pools.{pool_name}.assigned.{}", key.name);
            judge(&field, Some(address), address_fault);
        }
        for (key, kept) in entries(pool, "reserved") {
            judge(&format!("pools.{pool_name}.reserved.{}", key.name), Some(kept), kept_fault);
        }
    }
    judge("network.nodePorts", node.pointer("/network/nodePorts"), ports_fault);
    judge("gitops.path", node.pointer("/gitops/path"), path_fault);
}
