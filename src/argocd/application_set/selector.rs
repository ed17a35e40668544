//! Label selectors: on the parameters of any generator, and on the Secrets of clusters.

use crate::model::{Field, Selector};
use crate::yaml::Node;

use super::fault::{Fault, FaultKind};

/// Which values a selector may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Any text, so that an address can be selected (`utils/selector.go`).
    Any,
    /// Those that a label can have (`metav1.LabelSelectorAsSelector`).
    Labels,
}

/// Reads a `metav1.LabelSelector` whose types are known to be right; where there is none, all is
/// selected.
pub(super) fn read(node: Option<&Node>, allowed: Values) -> Result<Selector, Fault> {
    let Some(node) = node else { return Ok(Selector::default()) };
    for (key, value) in
        node.get("matchLabels").and_then(Node::as_map).into_iter().flat_map(|map| map.iter())
    {
        validate(value, &key.name, &[value.as_str().unwrap_or_default()], allowed)?;
    }
    for expression in node.get("matchExpressions").and_then(Node::as_seq).unwrap_or_default() {
        let text = |field| expression.get(field).and_then(Node::as_str).unwrap_or_default();
        let values = expression.get("values").and_then(Node::as_seq).unwrap_or_default();
        let values: Vec<&str> = values.iter().filter_map(Node::as_str).collect();
        let wrong = match (text("operator"), values.is_empty()) {
            ("In" | "NotIn", false) | ("Exists" | "DoesNotExist", true) => None,
            ("In" | "NotIn", true) => Some("`In` and `NotIn` need values".to_owned()),
            ("Exists" | "DoesNotExist", false) => {
                Some("`Exists` and `DoesNotExist` take no values".to_owned())
            }
            (other, _) => Some(format!("`{other}` is no operator of a selector")),
        };
        if let Some(message) = wrong {
            return Err(Fault::stops(FaultKind::InvalidSelector, expression.span, message));
        }
        validate(expression, text("key"), &values, allowed)?;
    }
    Ok(Selector::of(&Field::root(node)).unwrap_or_default())
}

/// Holds the key and the values of a requirement against what labels can have.
fn validate(node: &Node, key: &str, values: &[&str], allowed: Values) -> Result<(), Fault> {
    let bad = values.iter().find(|value| allowed == Values::Labels && !is_label_value(value));
    let message = match bad {
        _ if !is_qualified_name(key) => {
            format!("`{key}` is not the name of a label, so it cannot be selected")
        }
        Some(value) => format!("`{value}` cannot be the value of a label"),
        None => return Ok(()),
    };
    Err(Fault::stops(FaultKind::InvalidSelector, node.span, message))
}

/// `validation.IsQualifiedName`: an optional DNS prefix, a slash, and a name of at most 63 characters.
pub(super) fn is_qualified_name(name: &str) -> bool {
    match name.split_once('/') {
        None => is_name_part(name),
        Some((prefix, name)) => is_subdomain(prefix) && is_name_part(name),
    }
}

/// `validation.IsDNS1123Subdomain`
pub(super) fn is_subdomain(name: &str) -> bool {
    let label = |label: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        label.starts_with(plain)
            && label.ends_with(plain)
            && label.chars().all(|c| plain(c) || c == '-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// `validation.IsValidLabelValue`
pub(super) fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name_part(value)
}

fn is_name_part(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    name.len() <= 63
        && name.starts_with(edge)
        && name.ends_with(edge)
        && name.chars().all(|c| edge(c) || "-_.".contains(c))
}
