//! Label selectors: on the parameters of any generator, and on the Secrets of clusters.

use std::collections::BTreeMap;

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

/// A selector whose requirements all have to hold; none always holds.
#[derive(Debug, Default)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a `metav1.LabelSelector` whose types are known to be right.
    pub(super) fn of(node: Option<&Node>, allowed: Values) -> Result<Self, Fault> {
        let Some(node) = node else { return Ok(Self::default()) };
        let mut requirements = Vec::new();
        for (key, value) in
            node.get("matchLabels").and_then(Node::as_map).into_iter().flat_map(|map| map.iter())
        {
            let values = vec![value.as_str().unwrap_or_default().to_owned()];
            let key = key.name.to_string();
            requirements.push((Requirement { key, operator: Operator::In, values }, value));
        }
        for expression in node.get("matchExpressions").and_then(Node::as_seq).unwrap_or_default() {
            requirements.push((Requirement::of(expression)?, expression));
        }
        for (requirement, node) in &requirements {
            requirement.validate(node, allowed)?;
        }
        Ok(Self(requirements.into_iter().map(|(requirement, _)| requirement).collect()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    fn of(node: &Node) -> Result<Self, Fault> {
        let text = |field| node.get(field).and_then(Node::as_str).unwrap_or_default();
        let values = node.get("values").and_then(Node::as_seq).unwrap_or_default();
        let operator = match text("operator") {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            other => {
                let message = format!("`{other}` is no operator of a selector");
                return Err(Fault::stops(FaultKind::InvalidSelector, node.span, message));
            }
        };
        let values = values.iter().filter_map(Node::as_str).map(str::to_owned).collect();
        Ok(Self { key: text("key").to_owned(), operator, values })
    }

    fn validate(&self, node: &Node, allowed: Values) -> Result<(), Fault> {
        let wrong =
            |message: String| Err(Fault::stops(FaultKind::InvalidSelector, node.span, message));
        if !is_qualified_name(&self.key) {
            return wrong(format!(
                "`{}` is not the name of a label, so it cannot be selected",
                self.key
            ));
        }
        match self.operator {
            Operator::In | Operator::NotIn if self.values.is_empty() => {
                return wrong("`In` and `NotIn` need values".into());
            }
            Operator::Exists | Operator::DoesNotExist if !self.values.is_empty() => {
                return wrong("`Exists` and `DoesNotExist` take no values".into());
            }
            _ => {}
        }
        match self.values.iter().find(|value| !is_label_value(value)) {
            Some(value) if allowed == Values::Labels => {
                wrong(format!("`{value}` cannot be the value of a label"))
            }
            _ => Ok(()),
        }
    }

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
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
