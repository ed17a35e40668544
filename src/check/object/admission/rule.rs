//! What admission webhooks and admission policies both have: which requests they look at. From
//! `pkg/apis/admissionregistration/validation/validation.go`.

use std::collections::HashSet;

use crate::cel::{Returns, Variables};
use crate::check::object::admission::expression;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::selector;
use crate::check::object::value::{self, count, required, texts};
use crate::model::Field;

const RULE: &str = "admission-rule-invalid";
const CONDITION: &str = "match-condition-invalid";
/// Policies that say what happens when, or which requests match.
pub(crate) const POLICY: &str = "admission-setting-invalid";

/// `validateMatchResources`
pub(crate) fn match_resources(resources: &Field<'_>, faults: &mut Faults) {
    value::word(POLICY, resources, "matchPolicy", &["Equivalent", "Exact"], faults);
    selectors(resources, faults);
    for name in ["resourceRules", "excludeResourceRules"] {
        let Some(rules) = resources.get(name) else { continue };
        rules.items().for_each(|rule| named_rule(&rule, faults));
    }
}

/// The selectors of namespaces and objects.
pub(crate) fn selectors(parent: &Field<'_>, faults: &mut Faults) {
    for name in ["namespaceSelector", "objectSelector"] {
        if let Some(found) = parent.get(name) {
            selector::check(&found, faults);
        }
    }
}

/// `validateNamedRuleWithOperations`
fn named_rule(rule: &Field<'_>, faults: &mut Faults) {
    if let Some(names) = rule.get("resourceNames") {
        let mut seen: HashSet<&str> = HashSet::new();
        for item in names.items() {
            let text = item.node.as_str().unwrap_or_default();
            if let Some(wrong) = name::path_segment(text) {
                faults.at(RULE, Reason::Invalid, &item, format!("name `{text}` {wrong}"));
            }
            if seen.contains(&text) {
                faults.at(RULE, Reason::Duplicate, &item, format!("name `{text}` is there twice"));
            }
            seen.insert(text);
        }
    }
    rule_with_operations(rule, faults);
}

/// `validateRuleWithOperations` and `validateRule`
pub(crate) fn rule_with_operations(rule: &Field<'_>, faults: &mut Faults) {
    const OPERATIONS: [&str; 5] = ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"];
    for name in ["operations", "apiGroups", "apiVersions"] {
        value::required_items(RULE, rule, name, faults);
        value::star_alone(RULE, rule, name, faults);
    }
    if let Some(operations) = rule.get("operations") {
        operations.items().for_each(|item| value::item_word(RULE, &item, &OPERATIONS, faults));
    }
    if let Some(versions) = rule.get("apiVersions") {
        versions.items().for_each(|item| not_empty(&item, faults));
    }
    resources(rule, faults);
    value::word(RULE, rule, "scope", &["*", "Cluster", "Namespaced"], faults);
}

fn not_empty(item: &Field<'_>, faults: &mut Faults) {
    if item.node.as_str().unwrap_or_default().is_empty() {
        faults.at(RULE, Reason::Required, item, format!("`{item}` may not be empty"));
    }
}

/// `validateResources`
fn resources(rule: &Field<'_>, faults: &mut Faults) {
    if !value::required_items(RULE, rule, "resources", faults) {
        return;
    }
    let Some(list) = rule.get("resources") else { return };
    let (mut whole, mut everywhere): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    // As on the server, the last item without a subresource decides.
    let mut last_is_named = false;
    for item in list.items() {
        let text = item.node.as_str().unwrap_or_default();
        not_empty(&item, faults);
        let Some((resource, sub)) = text.split_once('/') else {
            last_is_named = if text.is_empty() { last_is_named } else { text != "*" };
            continue;
        };
        let within = whole.contains(&resource).then(|| format!("{resource}/*"));
        let within = within.or_else(|| everywhere.contains(&sub).then(|| format!("*/{sub}")));
        if let Some(within) = within {
            let message = format!("`{text}` is within `{within}`");
            faults.at(RULE, Reason::Invalid, &item, message).help("leave it out");
        }
        if sub == "*" {
            whole.push(resource);
        }
        if resource == "*" {
            everywhere.push(sub);
        }
    }
    let said = texts(rule, "resources");
    if said.len() > 1 && said.contains(&"*/*") {
        let message = "`*/*` in `resources` excludes every other item";
        faults.at(RULE, Reason::Invalid, &list, message).help("keep only `*/*`");
    }
    if said.contains(&"*") && last_is_named {
        let message = "`*` in `resources` excludes other resources without subresource";
        faults.at(RULE, Reason::Invalid, &list, message).help("keep only `*`");
    }
}

/// `validateMatchConditions`
pub(crate) fn match_conditions(parent: &Field<'_>, variables: &Variables, faults: &mut Faults) {
    const MOST: usize = 64;
    let Some(conditions) = parent.get("matchConditions") else { return };
    if count(parent, "matchConditions") > MOST {
        let message = format!("there are more than {MOST} match conditions");
        faults.at(CONDITION, Reason::TooMany, &conditions, message);
    }
    let mut names: HashSet<&str> = HashSet::new();
    for condition in conditions.items() {
        let wanted = (variables, Returns::Bool);
        expression::check(CONDITION, &condition, "expression", wanted, faults);
        let Some(name) = required(CONDITION, &condition, "name", faults) else { continue };
        value::form(CONDITION, &condition, "name", name::qualified_name, faults);
        if let (true, Some(field)) = (names.contains(&name), condition.get("name")) {
            let message = format!("match condition `{name}` is there before");
            faults.at(CONDITION, Reason::Duplicate, &field, message);
        }
        names.insert(name);
    }
}
