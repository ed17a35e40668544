//! Selectors of nodes: `ValidateNodeSelector` of `pkg/apis/core/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, count};
use crate::model::Field;

const ID: &str = "node-selector-invalid";

/// Checks a selector and its terms, as `ValidateNodeSelector` does.
pub(crate) fn check(selector: &Field<'_>, faults: &mut Faults) {
    if !value::required_items(ID, selector, "nodeSelectorTerms", faults) {
        return;
    }
    let Some(terms) = selector.get("nodeSelectorTerms") else { return };
    for item in terms.items() {
        term(&item, true, faults);
    }
}

/// `ValidateNodeSelectorTerm`. What is only preferred may name values that no label has.
pub(crate) fn term(term: &Field<'_>, label_values: bool, faults: &mut Faults) {
    if let Some(expressions) = term.get("matchExpressions") {
        expressions.items().for_each(|expression| requirement(&expression, label_values, faults));
    }
    if let Some(fields) = term.get("matchFields") {
        fields.items().for_each(|field| field_requirement(&field, faults));
    }
}

/// `ValidateNodeSelectorRequirement`
fn requirement(expression: &Field<'_>, label_values: bool, faults: &mut Faults) {
    let operator = expression.text("operator");
    match (operator, count(expression, "values")) {
        ("In" | "NotIn", 0) => {
            let message = format!("operator `{operator}` needs values");
            faults.missing(ID, expression, "values", message);
        }
        ("Gt" | "Lt", 0 | 2..) => {
            let message = format!("operator `{operator}` needs a single value");
            faults.missing(ID, expression, "values", message);
        }
        ("Exists" | "DoesNotExist", 1..) => {
            if let Some(values) = expression.get("values") {
                let message = format!("operator `{operator}` takes no values");
                faults.at_key(ID, Reason::Forbidden, &values, message);
            }
        }
        ("In" | "NotIn" | "Gt" | "Lt" | "Exists" | "DoesNotExist", _) => {}
        _ => {
            let known = "`In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`";
            bad_operator(expression, known, faults);
        }
    }
    let key = expression.text("key");
    if let Some(wrong) = name::qualified_name(key) {
        let message = format!("key `{key}` {wrong}");
        value::at_or_under(ID, Reason::Invalid, expression, "key", message, faults);
    }
    // Before 1.33 the server did not look at them.
    let looked_at = label_values && faults.since(33);
    let Some(values) = expression.get("values").filter(|_| looked_at) else { return };
    for item in values.items() {
        let text = item.node.as_str().unwrap_or_default();
        if let Some(wrong) = name::label_value(text) {
            faults.at(ID, Reason::Invalid, &item, format!("value `{text}` {wrong}"));
        }
    }
}

/// `ValidateNodeFieldSelectorRequirement`
fn field_requirement(expression: &Field<'_>, faults: &mut Faults) {
    let operator = expression.text("operator");
    if !matches!(operator, "In" | "NotIn") {
        bad_operator(expression, "`In` or `NotIn`", faults);
    } else if count(expression, "values") != 1 {
        let message = format!("operator `{operator}` needs a single value here");
        faults.missing(ID, expression, "values", message);
    }
    let key = expression.text("key");
    if key != "metadata.name" {
        let message = format!("nodes have no selectable field `{key}`");
        value::at_or_under(ID, Reason::Invalid, expression, "key", message, faults)
            .help("write `metadata.name`");
        return;
    }
    let Some(values) = expression.get("values") else { return };
    for item in values.items() {
        let text = item.node.as_str().unwrap_or_default();
        if let Some(wrong) = name::dns_subdomain(text) {
            faults.at(ID, Reason::Invalid, &item, format!("node name `{text}` {wrong}"));
        }
    }
}

fn bad_operator(expression: &Field<'_>, known: &str, faults: &mut Faults) {
    let operator = expression.text("operator");
    let message = format!("`{operator}` is no operator of a node selector");
    value::at_or_under(ID, Reason::Invalid, expression, "operator", message, faults)
        .help(format!("write {known}"));
}
