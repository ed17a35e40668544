//! Label selectors: `ValidateLabelSelector` of
//! `k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;
use crate::yaml::Node;

/// Checks a selector.
pub(crate) fn check(selector: &Field<'_>, faults: &mut Faults) {
    if let Some(labels) = selector.get("matchLabels") {
        metadata::labels(&labels, faults);
    }
    let Some(expressions) = selector.get("matchExpressions") else { return };
    for expression in expressions.items() {
        requirement(&expression, faults);
    }
}

const ID: &str = "selector-invalid";

fn requirement(expression: &Field<'_>, faults: &mut Faults) {
    let values: usize = expression.get("values").map_or(0, |values| values.items().count());
    let operator = expression.text("operator");
    match (operator, values) {
        ("In" | "NotIn", 0) => {
            let message = format!("operator `{operator}` needs values");
            faults.missing(ID, expression, "values", message);
        }
        ("Exists" | "DoesNotExist", 1..) => {
            if let Some(values) = expression.get("values") {
                let message = format!("operator `{operator}` takes no values");
                faults.at_key(ID, Reason::Forbidden, &values, message);
            }
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
        _ => {
            let message = format!("`{operator}` is no operator of a selector");
            let fault = match expression.get("operator") {
                Some(field) => faults.at(ID, Reason::Invalid, &field, message),
                None => missing(expression, "operator", "a selector needs an operator", faults),
            };
            fault.help("write `In`, `NotIn`, `Exists` or `DoesNotExist`");
        }
    }
    let key = expression.text("key");
    if let Some(wrong) = name::qualified_name(key) {
        match expression.get("key") {
            Some(field) => faults.at(ID, Reason::Invalid, &field, format!("key `{key}` {wrong}")),
            None => missing(expression, "key", "a selector needs a key", faults),
        };
    }
    let Some(values) = expression.get("values") else { return };
    for value in values.items() {
        if let Some((text, wrong)) =
            value.node.as_str().and_then(|text| Some((text, name::label_value(text)?)))
        {
            faults.at(ID, Reason::Invalid, &value, format!("value `{text}` {wrong}"));
        }
    }
}

/// A field that is not there, which the server takes for the empty text.
fn missing<'f>(
    expression: &Field<'_>,
    name: &str,
    message: &str,
    faults: &'f mut Faults,
) -> &'f mut crate::check::object::Fault {
    value::at_or_under(ID, Reason::Invalid, expression, name, message.to_owned(), faults)
}

/// Whether a selector, as the server has read it, selects nothing in particular.
pub(crate) fn is_empty(selector: &Field<'_>) -> bool {
    let none = |name: &str| match selector.node.get(name) {
        Some(node) => {
            node.as_map().is_none_or(|map| map.is_empty())
                && node.as_seq().is_none_or(<[Node]>::is_empty)
        }
        None => true,
    };
    none("matchLabels") && none("matchExpressions")
}

/// Whether a selector selects labels.
pub(crate) fn selects(selector: &Field<'_>, labels: &Node) -> bool {
    // For the server a value of null is the empty text.
    let label = |key: &str| labels.get(key).map(|value| value.as_str().unwrap_or_default());
    let same = selector.get("matchLabels").is_none_or(|wanted| {
        wanted.entries().all(|(key, value)| {
            label(key).is_some_and(|label| label == value.node.as_str().unwrap_or_default())
        })
    });
    let expressions = selector.get("matchExpressions");
    same && expressions.is_none_or(|expressions| {
        expressions.items().all(|expression| {
            let value = label(expression.text("key"));
            let listed = || {
                let values = expression.node.get("values").and_then(Node::as_seq);
                values
                    .unwrap_or_default()
                    .iter()
                    .any(|known| Some(known.as_str().unwrap_or_default()) == value)
            };
            match expression.text("operator") {
                "In" => value.is_some() && listed(),
                "NotIn" => value.is_none() || !listed(),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => true,
            }
        })
    })
}
