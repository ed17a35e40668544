//! FlowSchemas and PriorityLevelConfigurations: `pkg/apis/flowcontrol/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, count, is_true, number, required, texts};
use crate::model::Field;

const PRECEDENCE: &str = "flow-precedence-invalid";
const LEVEL: &str = "priority-level-invalid";
const RULE: &str = "flow-rule-invalid";
const SUBJECT: &str = "subject-invalid";
const QUEUE: &str = "flow-queue-invalid";

const VERBS: [&str; 9] =
    ["get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy"];

/// `ValidateFlowSchemaSpec`
pub(crate) fn flow_schema(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        let message = "`spec` is missing";
        faults.missing("spec-missing", object, "spec.priorityLevelConfiguration.name", message);
        return;
    };
    precedence(object, &spec, faults);
    if let Some(method) = spec.get("distinguisherMethod") {
        let known = ["ByNamespace", "ByUser"];
        word_required(RULE, &method, "type", &known, faults);
    }
    match spec.get("priorityLevelConfiguration") {
        Some(level) => {
            required(LEVEL, &level, "name", faults);
            value::form(LEVEL, &level, "name", name::dns_subdomain, faults);
        }
        None => {
            let message = "a flow schema needs a priority level";
            faults.missing(LEVEL, &spec, "priorityLevelConfiguration.name", message);
        }
    }
    let Some(rules) = spec.get("rules") else { return };
    rules.items().for_each(|item| rule(&item, faults));
}

fn precedence(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    const FIELD: &str = "matchingPrecedence";
    // 0 is for the server to set.
    let Some(given) = number(spec, FIELD).filter(|given| *given != 0) else { return };
    value::range(PRECEDENCE, spec, FIELD, 1..=10_000, faults);
    let name = object.node.get("metadata").and_then(|metadata| metadata.get("name"));
    if let Some(field) = spec.get(FIELD)
        && given == 1
        && name.and_then(|name| name.as_str()) != Some("exempt")
    {
        let message = "only the flow schema `exempt` may have the precedence 1";
        faults.at(PRECEDENCE, Reason::Invalid, &field, message).help("write 2 or more");
    }
}

/// `ValidateFlowSchemaPolicyRulesWithSubjects`
fn rule(rule: &Field<'_>, faults: &mut Faults) {
    value::required_items(RULE, rule, "subjects", faults);
    if let Some(subjects) = rule.get("subjects") {
        subjects.items().for_each(|item| subject(&item, faults));
    }
    if count(rule, "resourceRules") == 0 && count(rule, "nonResourceRules") == 0 {
        let message = format!("`{rule}` needs `resourceRules` or `nonResourceRules`");
        faults.at(RULE, Reason::Required, rule, message);
    }
    if let Some(rules) = rule.get("resourceRules") {
        rules.items().for_each(|item| resource_rule(&item, faults));
    }
    if let Some(rules) = rule.get("nonResourceRules") {
        rules.items().for_each(|item| non_resource_rule(&item, faults));
    }
}

/// `ValidateFlowSchemaSubject`
fn subject(subject: &Field<'_>, faults: &mut Faults) {
    const KINDS: [(&str, &str); 3] =
        [("ServiceAccount", "serviceAccount"), ("User", "user"), ("Group", "group")];
    let kind = subject.text("kind");
    let Some((_, own)) = KINDS.iter().find(|(known, _)| *known == kind) else {
        return word_required(SUBJECT, subject, "kind", &KINDS.map(|(kind, _)| kind), faults);
    };
    for (_, name) in KINDS.iter().filter(|(_, name)| name != own) {
        if let Some(field) = subject.get(name) {
            let message = format!("a subject of kind `{kind}` has no `{name}`");
            faults.at_key(SUBJECT, Reason::Forbidden, &field, message);
        }
    }
    let Some(found) = subject.get(own) else {
        faults.missing(SUBJECT, subject, own, value::needs(subject, own));
        return;
    };
    required(SUBJECT, &found, "name", faults);
    if kind == "ServiceAccount" {
        if found.text("name") != "*" {
            value::form(SUBJECT, &found, "name", name::dns_subdomain, faults);
        }
        required(SUBJECT, &found, "namespace", faults);
        value::form(SUBJECT, &found, "namespace", name::dns_label, faults);
    }
}

/// `ValidateFlowSchemaResourcePolicyRule`
fn resource_rule(rule: &Field<'_>, faults: &mut Faults) {
    verbs(rule, faults);
    for name in ["apiGroups", "resources"] {
        value::required_items(RULE, rule, name, faults);
        value::star_alone(RULE, rule, name, faults);
    }
    if count(rule, "namespaces") == 0 {
        if !is_true(rule, "clusterScope") {
            let message = format!("`{rule}` needs `namespaces` or `clusterScope: true`");
            faults.missing(RULE, rule, "namespaces", message);
        }
        return;
    }
    value::star_alone(RULE, rule, "namespaces", faults);
    let Some(namespaces) = rule.get("namespaces") else { return };
    if texts(rule, "namespaces").contains(&"*") {
        return;
    }
    for item in namespaces.items() {
        let text = item.node.as_str().unwrap_or_default();
        if let Some(wrong) = name::dns_label(text) {
            faults.at(RULE, Reason::Invalid, &item, format!("namespace `{text}` {wrong}"));
        }
    }
}

/// `ValidateFlowSchemaNonResourcePolicyRule`
fn non_resource_rule(rule: &Field<'_>, faults: &mut Faults) {
    verbs(rule, faults);
    value::required_items(RULE, rule, "nonResourceURLs", faults);
    value::star_alone(RULE, rule, "nonResourceURLs", faults);
    let Some(urls) = rule.get("nonResourceURLs") else { return };
    if texts(rule, "nonResourceURLs").contains(&"*") {
        return;
    }
    for item in urls.items() {
        let path = item.node.as_str().unwrap_or_default();
        if let Some(wrong) = path_fault(path) {
            faults.at(RULE, Reason::Invalid, &item, format!("path `{path}` {wrong}"));
        }
    }
}

/// `ValidateNonResourceURLPath`
fn path_fault(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        return Some("must begin with `/`");
    }
    if path.contains(' ') || path.contains("//") {
        return Some("may have neither blanks nor `//`");
    }
    let stars = path.matches('*').count();
    (stars > 1 || (stars == 1 && !path.ends_with("/*")))
        .then_some("may have `*` only at its end, as `/*`")
}

fn verbs(rule: &Field<'_>, faults: &mut Faults) {
    value::required_items(RULE, rule, "verbs", faults);
    value::star_alone(RULE, rule, "verbs", faults);
    let Some(verbs) = rule.get("verbs") else { return };
    if texts(rule, "verbs").contains(&"*") {
        return;
    }
    for item in verbs.items() {
        let text = item.node.as_str().unwrap_or_default();
        if !VERBS.contains(&text) {
            let known = value::or_list(&VERBS);
            let message = format!("`{text}` is no verb of a flow schema");
            faults
                .entry(RULE, Reason::NotSupported, &verbs, &item, message)
                .help(format!("write {known}"));
        }
    }
}

fn word_required(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    known: &[&str],
    faults: &mut Faults,
) {
    match parent.get(name) {
        Some(field) => value::item_word(id, &field, known, faults),
        None => {
            let message = value::needs(parent, name);
            value::at_or_under(id, Reason::NotSupported, parent, name, message, faults)
                .help(format!("write {}", value::or_list(known)));
        }
    }
}

/// `ValidatePriorityLevelConfigurationSpec`
pub(crate) fn priority_level(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        let fault = faults.missing("spec-missing", object, "spec.type", "`spec` is missing");
        fault.reason = Some(Reason::NotSupported);
        return;
    };
    let kind = spec.text("type");
    let name = object.node.get("metadata").and_then(|metadata| metadata.get("name"));
    let is_exempt = name.and_then(|name| name.as_str()) == Some("exempt");
    if let Some(field) = spec.get("type")
        && is_exempt != (kind == "Exempt")
        && matches!(kind, "Exempt" | "Limited")
    {
        let message = "the type `Exempt` goes with the name `exempt`, and only with it";
        faults.at(LEVEL, Reason::Invalid, &field, message);
    }
    match kind {
        "Exempt" => {
            excluded(&spec, "limited", kind, faults);
            if let Some(exempt) = spec.get("exempt") {
                shares(&exempt, faults);
            }
        }
        "Limited" => {
            excluded(&spec, "exempt", kind, faults);
            match spec.get("limited") {
                Some(found) => limited(&found, faults),
                None => {
                    faults.missing(LEVEL, &spec, "limited", "the type `Limited` needs `limited`");
                }
            }
        }
        _ => word_required(LEVEL, &spec, "type", &["Exempt", "Limited"], faults),
    }
}

fn excluded(spec: &Field<'_>, name: &str, kind: &str, faults: &mut Faults) {
    if let Some(field) = spec.get(name) {
        let message = format!("the type `{kind}` has no `{name}`");
        faults.at_key(LEVEL, Reason::Forbidden, &field, message);
    }
}

fn shares(parent: &Field<'_>, faults: &mut Faults) {
    value::range(LEVEL, parent, "nominalConcurrencyShares", 0..=i64::MAX, faults);
    value::range(LEVEL, parent, "lendablePercent", 0..=100, faults);
}

/// `ValidateLimitedPriorityLevelConfiguration` and `ValidateLimitResponse`
fn limited(limited: &Field<'_>, faults: &mut Faults) {
    shares(limited, faults);
    value::range(LEVEL, limited, "borrowingLimitPercent", 0..=i64::MAX, faults);
    let Some(response) = limited.get("limitResponse") else {
        let message = value::needs(limited, "limitResponse");
        let fault = faults.missing(QUEUE, limited, "limitResponse.type", message);
        fault.reason = Some(Reason::NotSupported);
        return;
    };
    match (response.text("type"), response.get("queuing")) {
        ("Reject", Some(field)) => {
            let message = "the type `Reject` has no `queuing`";
            faults.at_key(QUEUE, Reason::Forbidden, &field, message);
        }
        ("Reject", None) => {}
        ("Queue", Some(found)) => queuing(&found, faults),
        ("Queue", None) => {
            faults.missing(QUEUE, &response, "queuing", "the type `Queue` needs `queuing`");
        }
        _ => word_required(QUEUE, &response, "type", &["Queue", "Reject"], faults),
    }
}

/// `ValidatePriorityLevelQueuingConfiguration`
fn queuing(queuing: &Field<'_>, faults: &mut Faults) {
    // 0 is for the server to set.
    let given = |name: &str, default: i64| {
        number(queuing, name).filter(|number| *number != 0).unwrap_or(default)
    };
    let (queues, hand) = (given("queues", 64), given("handSize", 8));
    if given("queueLengthLimit", 50) < 0 {
        value::range(QUEUE, queuing, "queueLengthLimit", 1..=i64::MAX, faults);
    }
    if queues != 64 {
        value::range(QUEUE, queuing, "queues", 1..=10_000_000, faults);
    }
    let wrong = if hand < 0 {
        "must be positive".to_owned()
    } else if hand > queues {
        format!("may not be above the {queues} queues")
    } else if entropy(queues, hand) > 60 {
        format!("is too large a hand for {queues} queues")
    } else {
        return;
    };
    let message = format!("`handSize` of {hand} {wrong}");
    value::at_or_under(QUEUE, Reason::Invalid, queuing, "handSize", message, faults);
}

/// `RequiredEntropyBits` of `k8s.io/apiserver/pkg/util/shufflesharding`
#[expect(clippy::cast_precision_loss, reason = "the server counts in floating point too")]
fn entropy(queues: i64, hand: i64) -> i64 {
    let bits = (queues as f64).log2() * hand as f64;
    #[expect(clippy::cast_possible_truncation, reason = "far below the largest number")]
    let whole = bits.ceil() as i64;
    whole
}
