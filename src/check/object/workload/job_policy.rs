//! When a Job counts as failed or as done.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::workload::controller::not_negative;
use crate::check::object::workload::job::at_most;
use crate::model::Field;
use crate::yaml::{Node, Value};

const FAILURE: &str = "pod-failure-policy-invalid";
const SUCCESS: &str = "success-policy-invalid";
/// Rules of a policy, and patterns of a rule.
const MOST: usize = 20;

/// `validatePodFailurePolicy` of `pkg/apis/batch/validation/validation.go`
pub(crate) fn failure(spec: &Field<'_>, policy: &Field<'_>, faults: &mut Faults) {
    let Some(rules) = policy.get("rules") else { return };
    too_many(FAILURE, &rules, MOST, faults);
    for rule in rules.items() {
        failure_rule(spec, &rule, faults);
    }
}

/// `validatePodFailurePolicyRule` of the same file.
fn failure_rule(spec: &Field<'_>, rule: &Field<'_>, faults: &mut Faults) {
    let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    if value::required(FAILURE, rule, "action", faults).is_some() {
        value::word(FAILURE, rule, "action", &actions, faults);
    }
    if let (Some(action), "FailIndex", None) =
        (rule.get("action"), rule.text("action"), spec.get("backoffLimitPerIndex"))
    {
        let message = "`FailIndex` needs `backoffLimitPerIndex`";
        faults.at(FAILURE, Reason::Invalid, &action, message);
    }
    let codes = rule.get("onExitCodes");
    let conditions = rule.get("onPodConditions").filter(|field| field.items().count() > 0);
    if codes.is_some() == conditions.is_some() {
        let message = "a rule needs `onExitCodes` or `onPodConditions`, and not both";
        faults.at_key(FAILURE, Reason::Invalid, rule, message);
    }
    if let Some(codes) = codes {
        exit_codes(spec, &codes, faults);
    }
    if let Some(conditions) = conditions {
        pod_conditions(&conditions, faults);
    }
}

/// `validatePodFailurePolicyRuleOnPodConditions` of the same file.
fn pod_conditions(conditions: &Field<'_>, faults: &mut Faults) {
    too_many(FAILURE, conditions, MOST, faults);
    for pattern in conditions.items() {
        let kind = pattern.text("type");
        if let Some(wrong) = name::qualified_name(kind) {
            let message = format!("condition `{kind}` {wrong}");
            value::at_or_under(FAILURE, Reason::Invalid, &pattern, "type", message, faults);
        }
        let known = ["True", "False", "Unknown"];
        value::word_or_empty(FAILURE, &pattern, "status", &known, faults);
    }
}

/// `validatePodFailurePolicyRuleOnExitCodes` of the same file.
fn exit_codes(spec: &Field<'_>, codes: &Field<'_>, faults: &mut Faults) {
    if value::required(FAILURE, codes, "operator", faults).is_some() {
        value::word(FAILURE, codes, "operator", &["In", "NotIn"], faults);
    }
    if let Some(container) = codes.get("containerName") {
        let text = codes.text("containerName");
        let is_it = |node: &Node| node.get("name").and_then(Node::as_str) == Some(text);
        let known = ["containers", "initContainers"].iter().any(|list| {
            let list = spec.node.pointer(&format!("/template/spec/{list}"));
            list.and_then(Node::as_seq).unwrap_or_default().iter().any(is_it)
        });
        if !known {
            let message = format!("the template has no container `{text}`");
            faults.at(FAILURE, Reason::Invalid, &container, message);
        }
    }
    exit_values(codes, faults);
}

fn exit_values(codes: &Field<'_>, faults: &mut Faults) {
    let Some(values) = codes.get("values").filter(|values| values.items().count() > 0) else {
        let message = "`values` needs an exit code".to_owned();
        value::at_or_under(FAILURE, Reason::Invalid, codes, "values", message, faults);
        return;
    };
    too_many(FAILURE, &values, 255, faults);
    let mut codes_so_far: Vec<i64> = Vec::new();
    let mut seen: HashSet<i64> = HashSet::new();
    for item in values.items() {
        let code = match item.node.value {
            Value::Int(code) => code,
            _ => 0,
        };
        if code == 0 && codes.text("operator") == "In" {
            let message = "exit code 0 is no failure, so `In` may not name it";
            faults.at(FAILURE, Reason::Invalid, &item, message);
        }
        if !seen.insert(code) {
            let message = format!("exit code {code} is there twice");
            faults.at(FAILURE, Reason::Duplicate, &item, message);
        }
        codes_so_far.push(code);
    }
    if !codes_so_far.is_sorted() {
        faults
            .at_key(FAILURE, Reason::Invalid, &values, "the exit codes must be in order")
            .help("sort them, the smallest first");
    }
}

/// `validateSuccessPolicy` of the same file.
pub(crate) fn success(policy: &Field<'_>, completions: Option<i64>, faults: &mut Faults) {
    if !value::required_items(SUCCESS, policy, "rules", faults) {
        return;
    }
    let Some(rules) = policy.get("rules") else { return };
    too_many(SUCCESS, &rules, MOST, faults);
    // Without completions the Job has a fault that says so.
    let Some(completions) = completions else { return };
    for rule in rules.items() {
        success_rule(&rule, completions, faults);
    }
}

/// `validateSuccessPolicyRule` of the same file.
fn success_rule(rule: &Field<'_>, completions: i64, faults: &mut Faults) {
    let indexes = rule.get("succeededIndexes");
    if indexes.is_none() && rule.get("succeededCount").is_none() {
        let message = "a rule needs `succeededIndexes` or `succeededCount`";
        faults.at_key(SUCCESS, Reason::Required, rule, message);
    }
    let mut most = completions;
    if let Some(field) = indexes {
        let text = rule.text("succeededIndexes");
        if text.len() > 64 << 10 {
            let message = "`succeededIndexes` is longer than 64 KiB";
            faults.at(SUCCESS, Reason::TooLong, &field, message);
        }
        match count_indexes(text, completions) {
            Ok(count) => most = most.min(count),
            Err(wrong) => {
                let message = format!("`succeededIndexes: {text}` {wrong}");
                faults
                    .at(SUCCESS, Reason::Invalid, &field, message)
                    .help("write rising numbers and ranges, such as `0,2-4`");
            }
        }
    }
    not_negative(rule, &["succeededCount"], faults);
    at_most(rule, "succeededCount", most, faults);
}

/// `validateIndexesFormat` of the same file: how many indexes there are, or what is wrong.
fn count_indexes(text: &str, completions: i64) -> Result<i64, &'static str> {
    let number = |text: &str| -> Result<i64, &'static str> {
        let number = text.parse().map_err(|_| "has a part that is no number")?;
        if number < completions { Ok(number) } else { Err("has an index that the Job has not") }
    };
    let mut last = None;
    let mut count: i64 = 0;
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let mut ends = part.split('-');
        let first = number(ends.next().unwrap_or_default())?;
        let end = ends.next().map(number).transpose()?;
        if ends.next().is_some() {
            return Err("has a range of more than two numbers");
        }
        if end.is_some_and(|end| first >= end) || last.is_some_and(|last| last >= first) {
            return Err("has numbers that do not rise");
        }
        let end = end.unwrap_or(first);
        count = count.saturating_add(end.saturating_sub(first).saturating_add(1));
        last = Some(end);
    }
    Ok(count)
}

fn too_many(id: &'static str, list: &Field<'_>, most: usize, faults: &mut Faults) {
    let count = list.items().count();
    if count > most {
        let message = format!("`{list}` may have {most} items, not {count}");
        faults.at_key(id, Reason::TooMany, list, message);
    }
}

#[cfg(test)]
mod tests {
    use super::count_indexes;

    #[test]
    fn indexes() {
        for (text, count) in [("", 0), ("0", 1), ("0-2", 3), ("0,2-4,9", 5), ("+1", 1)] {
            assert_eq!(count_indexes(text, 10), Ok(count), "{text}");
        }
        for bad in ["10", "0-10", "2-1", "1,1", "3,1-2", "1-2-3", "a", "1,", "-1", " 1", "0-0"] {
            assert!(count_indexes(bad, 10).is_err(), "{bad}");
        }
    }
}
