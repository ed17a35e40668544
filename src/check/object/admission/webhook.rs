//! Admission webhooks: `pkg/apis/admissionregistration/validation/validation.go`, and what
//! `k8s.io/apiserver/pkg/util/webhook` says of their addresses.

use std::collections::HashSet;

use crate::cel::Variables;
use crate::check::object::admission::rule::{self as admission_rule, POLICY};
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, required};
use crate::model::Field;

const NAME: &str = "webhook-name-invalid";
const CLIENT: &str = "webhook-client-invalid";
const VERSIONS: &str = "webhook-versions-invalid";
const TIMEOUT: &str = "webhook-timeout-invalid";

/// `ValidateValidatingWebhookConfiguration`
pub(crate) fn validating(object: &Field<'_>, faults: &mut Faults) {
    webhooks(object, faults);
}

/// `ValidateMutatingWebhookConfiguration`
pub(crate) fn mutating(object: &Field<'_>, faults: &mut Faults) {
    webhooks(object, faults);
    let Some(hooks) = object.get("webhooks") else { return };
    for hook in hooks.items() {
        value::word(POLICY, &hook, "reinvocationPolicy", &["IfNeeded", "Never"], faults);
    }
}

fn webhooks(object: &Field<'_>, faults: &mut Faults) {
    let Some(hooks) = object.get("webhooks") else { return };
    let mut names: HashSet<&str> = HashSet::new();
    for hook in hooks.items() {
        webhook(&hook, faults);
        let name = hook.text("name");
        if let (true, Some(field)) = (names.contains(&name), hook.get("name"))
            && !name.is_empty()
        {
            let message = format!("webhook `{name}` is there before");
            faults.at(NAME, Reason::Duplicate, &field, message);
        }
        names.insert(name);
    }
}

/// `validateValidatingWebhook` and `validateMutatingWebhook`
fn webhook(hook: &Field<'_>, faults: &mut Faults) {
    hook_name(hook, faults);
    if let Some(rules) = hook.get("rules") {
        rules.items().for_each(|rule| admission_rule::rule_with_operations(&rule, faults));
    }
    value::word(POLICY, hook, "failurePolicy", &["Fail", "Ignore"], faults);
    value::word(POLICY, hook, "matchPolicy", &["Equivalent", "Exact"], faults);
    match hook.get("sideEffects") {
        Some(field) => value::item_word(POLICY, &field, &["None", "NoneOnDryRun"], faults),
        None => faults
            .missing(POLICY, hook, "sideEffects", value::needs(hook, "sideEffects"))
            .help("write `None` or `NoneOnDryRun`"),
    }
    value::range(TIMEOUT, hook, "timeoutSeconds", 1..=30, faults);
    admission_rule::selectors(hook, faults);
    client(hook, faults);
    let variables = Variables::admission().with_authorizer();
    admission_rule::match_conditions(hook, &variables, faults);
    review_versions(VERSIONS, hook, "admissionReviewVersions", faults);
}

/// `IsFullyQualifiedName`
fn hook_name(hook: &Field<'_>, faults: &mut Faults) {
    let Some(name) = required(NAME, hook, "name", faults) else { return };
    let Some(field) = hook.get("name") else { return };
    let wrong = name::dns_subdomain(name).or_else(|| {
        (name.split('.').count() < 3).then_some("must have at least three parts with dots between")
    });
    if let Some(wrong) = wrong {
        faults
            .at(NAME, Reason::Invalid, &field, format!("webhook name `{name}` {wrong}"))
            .help("write a name such as `policy.example.com`");
    }
}

fn client(hook: &Field<'_>, faults: &mut Faults) {
    const CONFIG: &str = "clientConfig";
    let Some(config) = hook.get(CONFIG) else {
        faults.missing(CLIENT, hook, CONFIG, value::needs(hook, CONFIG));
        return;
    };
    client_config(&config, faults);
}

/// How a webhook is reached: by exactly one of `url` and `service`.
pub(crate) fn client_config(config: &Field<'_>, faults: &mut Faults) {
    match (config.get("url"), config.get("service")) {
        (Some(url), None) => address(&url, faults),
        (None, Some(found)) => service(&found, faults),
        _ => {
            let message = format!("`{config}` needs exactly one of `url` and `service`");
            faults.at_key(CLIENT, Reason::Required, config, message);
        }
    }
}

/// `ValidateWebhookURL`
fn address(url: &Field<'_>, faults: &mut Faults) {
    let text = url.node.as_str().unwrap_or_default();
    let (reason, wrong) = match address_fault(text) {
        Some((reason, wrong)) => (reason, wrong),
        None => return,
    };
    faults
        .at(CLIENT, reason, url, format!("address `{text}` {wrong}"))
        .help("write `https://host/path`");
}

fn address_fault(text: &str) -> Option<(Reason, &'static str)> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Some((Reason::Required, "has control characters"));
    }
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    if ![text, fragment].iter().all(|part| is_escaped(part)) {
        return Some((Reason::Required, "has a `%` without two hexadecimal digits"));
    }
    let invalid = |wrong| Some((Reason::Invalid, wrong));
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
        _ => return invalid("must begin with `https://`"),
    };
    let Some(authority) = rest.strip_prefix("//").and_then(|rest| rest.split('/').next()) else {
        return invalid("has no host");
    };
    if authority.is_empty() {
        return invalid("has no host");
    }
    if authority.contains('@') {
        return invalid("may not hold a user");
    }
    let port = authority.rsplit_once(':').map(|(_, port)| port).unwrap_or_default();
    let no_port = !port.ends_with(']') && !port.bytes().all(|byte| byte.is_ascii_digit());
    // Only what is no ASCII may be escaped in a host.
    let plain = |rest: &str| rest.starts_with(|c: char| matches!(c, '0'..='7'));
    let escaped_ascii =
        authority.split('%').skip(1).any(|rest| plain(rest) && !rest.starts_with("25"));
    let escaped_ascii = escaped_ascii && !authority.starts_with('[');
    if no_port || escaped_ascii || authority.contains(' ') {
        return Some((Reason::Required, "has no host and port that can be read"));
    }
    if !fragment.is_empty() {
        return invalid("may not have a fragment");
    }
    if !query.is_empty() {
        return invalid("may not have a query");
    }
    None
}

/// Whether each `%` is followed by two hexadecimal digits: `unescape` of Go's `net/url`.
fn is_escaped(text: &str) -> bool {
    let digits = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(digits)
}

/// `ValidateWebhookService`
fn service(service: &Field<'_>, faults: &mut Faults) {
    required(CLIENT, service, "name", faults);
    required(CLIENT, service, "namespace", faults);
    value::range(CLIENT, service, "port", 1..=65535, faults);
    let Some(field) = service.get("path") else { return };
    let path = service.text("path");
    if matches!(path, "" | "/") {
        return;
    }
    let wrong = match path.strip_prefix('/') {
        None => Some("must begin with `/`"),
        Some(rest) => {
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            rest.split('/').find_map(|part| match part {
                "" => Some("has an empty part"),
                _ => name::dns_subdomain(part),
            })
        }
    };
    if let Some(wrong) = wrong {
        faults.at(CLIENT, Reason::Invalid, &field, format!("path `{path}` {wrong}"));
    }
}

/// `validateAdmissionReviewVersions`, and its sibling for conversion webhooks.
pub(crate) fn review_versions(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    faults: &mut Faults,
) {
    if !value::required_items(id, parent, name, faults) {
        return;
    }
    let Some(versions) = parent.get(name) else { return };
    let mut seen: HashSet<&str> = HashSet::new();
    for item in versions.items() {
        let version = item.node.as_str().unwrap_or_default();
        if seen.contains(&version) {
            let message = format!("version `{version}` is there twice");
            faults.at(id, Reason::Invalid, &item, message);
        } else if let Some(wrong) = name::dns_1035_label(version) {
            faults.at(id, Reason::Invalid, &item, format!("version `{version}` {wrong}"));
        }
        seen.insert(version);
    }
    if !seen.iter().any(|version| matches!(*version, "v1" | "v1beta1")) {
        let message = format!("`{versions}` has no version that the server speaks");
        faults.at(id, Reason::Invalid, &versions, message).help("add `v1`");
    }
}

#[cfg(test)]
mod tests {
    use super::address_fault;

    #[test]
    fn addresses() {
        for good in [
            "https://h",
            "HTTPS://h/",
            "https://h:443/a?",
            "https://[::1]:9/x#",
            "https://h:",
            "https://h/%2f",
        ] {
            assert!(address_fault(good).is_none(), "{good}");
        }
        for bad in [
            "",
            "h",
            "http://h",
            "https:h",
            "https:///x",
            "https://u@h",
            "https://h:x",
            "https://h?q",
            "https://h/%zz",
            "https://h/a%2",
            "https://h/#%",
            "https://h%20/",
        ] {
            assert!(address_fault(bad).is_some(), "{bad}");
        }
    }
}
