//! How pods are named on the network, and how they find others.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::model::Field;

const DNS: &str = "dns-config-invalid";
const ALIAS: &str = "host-alias-invalid";
const HOSTNAME: &str = "hostname-invalid";

/// `validateDNSPolicy`, `validatePodDNSConfig`, `ValidateHostAliases` and `validatePodHostName` of
/// `pkg/apis/core/validation/validation.go`. `named` is whether the pods keep their own hostname
/// and subdomain.
pub(crate) fn check(spec: &Field<'_>, named: bool, faults: &mut Faults) {
    let policies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
    value::word_or_empty(value::UNKNOWN, spec, "dnsPolicy", &policies, faults);
    match spec.get("dnsConfig") {
        Some(config) => dns_config(&config, spec.text("dnsPolicy") == "None", faults),
        None if spec.text("dnsPolicy") == "None" => {
            value::missing(DNS, spec, "dnsConfig", faults)
                .help("`dnsPolicy: None` needs name servers of its own");
        }
        None => {}
    }
    if let Some(aliases) = spec.get("hostAliases") {
        aliases.items().for_each(|alias| host_alias(&alias, faults));
    }
    if named {
        value::form(HOSTNAME, spec, "hostname", name::dns_label, faults);
        value::form(HOSTNAME, spec, "subdomain", name::dns_label, faults);
    }
    hostname_override(spec, faults);
}

fn dns_config(config: &Field<'_>, needed: bool, faults: &mut Faults) {
    let servers = value::list(config, "nameservers").len();
    if needed && servers == 0 {
        value::missing(DNS, config, "nameservers", faults);
    }
    if let Some(list) = config.get("nameservers") {
        if servers > 3 {
            let message = format!("{servers} name servers are more than 3");
            faults.at_key(DNS, Reason::Invalid, &list, message);
        }
        list.items().for_each(|server| address(DNS, &server, faults));
    }
    if let Some(searches) = config.get("searches") {
        self::searches(&searches, faults);
    }
    let Some(options) = config.get("options") else { return };
    for option in options.items().filter(|option| option.text("name").is_empty()) {
        value::missing(DNS, &option, "name", faults);
    }
}

fn searches(searches: &Field<'_>, faults: &mut Faults) {
    let list = searches.node.as_seq().unwrap_or_default();
    let length: usize = list.iter().filter_map(|node| node.as_str()).map(str::len).sum();
    if list.len() > 32 || length + list.len().saturating_sub(1) > 2048 {
        let message = "the search list is longer than 32 domains or 2048 characters";
        faults.at_key(DNS, Reason::Invalid, searches, message);
    }
    for search in searches.items() {
        let text = search.node.as_str().unwrap_or_default();
        let domain = text.strip_suffix('.').unwrap_or(text);
        // `RelaxedDNSSearchValidation`
        let wrong = match faults.since(33) {
            true => search_domain(domain).filter(|_| text != "."),
            false => name::dns_subdomain(domain),
        };
        if let Some(wrong) = wrong {
            faults.at(DNS, Reason::Invalid, &search, format!("search domain `{text}` {wrong}"));
        }
    }
}

/// `IsDNS1123SubdomainWithUnderscore` of `k8s.io/apimachinery/pkg/util/validation`
fn search_domain(domain: &str) -> Option<&'static str> {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let inner = |c: char| end(c) || c == '-' || c == '_';
    let good = |part: &str| {
        let part = part.strip_prefix('_').unwrap_or(part);
        part.starts_with(end) && part.ends_with(end) && part.chars().all(inner)
    };
    (domain.len() > 253 || !domain.split('.').all(good))
        .then_some("must be lower-case letters, digits, `-`, `_` and `.`")
}

fn host_alias(alias: &Field<'_>, faults: &mut Faults) {
    match alias.get("ip") {
        Some(ip) => address(ALIAS, &ip, faults),
        None => {
            value::missing(ALIAS, alias, "ip", faults).reason = Some(Reason::Invalid);
        }
    }
    let Some(names) = alias.get("hostnames") else { return };
    for name in names.items() {
        let text = name.node.as_str().unwrap_or_default();
        if let Some(wrong) = name::dns_subdomain(text) {
            faults.at(ALIAS, Reason::Invalid, &name, format!("hostname `{text}` {wrong}"));
        }
    }
}

/// `IsValidIPForLegacyField` of `k8s.io/apimachinery/pkg/util/validation/ip.go`
fn address(id: &'static str, field: &Field<'_>, faults: &mut Faults) {
    let text = field.node.as_str().unwrap_or_default();
    if let Err(wrong) = address::ip(text, Reading::of(faults.minor())) {
        faults.at(id, Reason::Invalid, field, format!("`{text}` {wrong}"));
    }
}

/// `validatePodHostName`
fn hostname_override(spec: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "hostnameOverride";
    let Some(field) = spec.get(NAME) else { return };
    for other in ["setHostnameAsFQDN", "hostNetwork"] {
        if value::is_true(spec, other) {
            let message = format!("`{NAME}` does not go with `{other}`");
            faults.at(HOSTNAME, Reason::Forbidden, &field, message).help("keep one of the two");
        }
    }
    let text = spec.text(NAME);
    if text.len() > 64 {
        let message = format!("`{NAME}: {text}` is longer than 64 characters");
        faults.at(HOSTNAME, Reason::TooLong, &field, message);
    } else if let Some(wrong) = name::dns_subdomain(text) {
        faults.at(HOSTNAME, Reason::Invalid, &field, format!("`{NAME}: {text}` {wrong}"));
    }
}
