//! Labels and what selects by them.

use super::Field;
use crate::yaml::Node;

/// Labels of an object, or the exact labels that a selector asks for; in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels(Box<[(Box<str>, Box<str>)]>);

impl Labels {
    /// The entries of a map that are text, as all labels must be. Null is the empty text, as where
    /// Go reads it as text.
    #[must_use]
    pub fn of(map: Option<&Node>) -> Self {
        let entries = map.and_then(Node::as_map).into_iter().flat_map(|map| map.iter());
        let texts = entries.filter_map(|(key, value)| {
            let text = if value.is_null() { "" } else { value.as_str()? };
            Some((key.name.clone(), text.into()))
        });
        Self(texts.collect())
    }

    /// The value of a label.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| **known == *key).map(|(_, value)| &**value)
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(K, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

/// What selects objects by their labels; all requirements must hold, and where there is none every
/// object is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    exact: Labels,
    expressions: Box<[Expression]>,
}

/// One of `matchExpressions`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expression {
    key: Box<str>,
    operator: Operator,
    values: Box<[Box<str>]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// A map of labels, as a Service's `spec.selector` is.
    #[must_use]
    pub fn exact(labels: Labels) -> Self {
        Self { exact: labels, expressions: Box::default() }
    }

    /// A `LabelSelector` with `matchLabels` and `matchExpressions`; nothing where an operator is
    /// none, since it is not known then what was meant.
    pub(crate) fn of(selector: &Field<'_>) -> Option<Self> {
        let exact = Labels::of(selector.node.get("matchLabels"));
        let expressions = match selector.get("matchExpressions") {
            Some(all) => all.items().map(|one| Expression::of(&one)).collect::<Option<_>>()?,
            None => Box::default(),
        };
        Some(Self { exact, expressions })
    }

    /// Whether it selects an object with these labels: `LabelSelectorAsSelector` of
    /// `k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go`.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.holds(|key| labels.get(key))
    }

    /// The same for whatever has texts by key.
    pub(crate) fn holds<'l>(&self, value_of: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.exact.iter().all(|(key, value)| value_of(key) == Some(value))
            && self.expressions.iter().all(|expression| expression.holds(value_of(&expression.key)))
    }

    /// The labels that it asks for by their exact value.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.exact
    }

    /// Whether it asks for more than exact values.
    #[must_use]
    pub fn has_expressions(&self) -> bool {
        !self.expressions.is_empty()
    }

    /// Whether it has no requirement.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.expressions.is_empty()
    }

    /// The keys that it looks at.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let expressions = self.expressions.iter().map(|expression| &*expression.key);
        self.exact.iter().map(|(key, _)| key).chain(expressions)
    }
}

impl Expression {
    fn of(field: &Field<'_>) -> Option<Self> {
        let operator = match field.text("operator") {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let values = field.get("values");
        let values = values.iter().flat_map(Field::items).filter_map(|value| value.node.as_str());
        Some(Self {
            key: field.text("key").into(),
            operator,
            values: values.map(Into::into).collect(),
        })
    }

    fn holds(&self, value: Option<&str>) -> bool {
        let is_one = |value: &str| self.values.iter().any(|known| **known == *value);
        match self.operator {
            Operator::In => value.is_some_and(is_one),
            // An object without the label is selected too.
            Operator::NotIn => !value.is_some_and(is_one),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Labels, Selector};
    use crate::model::Field;
    use crate::source::{Sources, Span};
    use crate::yaml::from_json;

    fn selects(selector: &Value, labels: &[(&str, &str)]) -> bool {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let node = from_json(selector, span);
        let labels: Labels = labels.iter().copied().collect();
        Selector::of(&Field::root(&node)).expect("a selector").matches(&labels)
    }

    #[test]
    fn every_requirement_must_hold() {
        let web = [("app", "web"), ("tier", "front")];
        assert!(selects(&json!({}), &web));
        assert!(selects(&json!({"matchLabels": {"app": "web"}}), &web));
        assert!(!selects(&json!({"matchLabels": {"app": "web", "tier": "back"}}), &web));
        let expression = |key, operator, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        assert!(selects(&expression("tier", "In", &["front", "back"]), &web));
        assert!(!selects(&expression("zone", "In", &["a"]), &web));
        assert!(selects(&expression("zone", "NotIn", &["a"]), &web));
        assert!(!selects(&expression("app", "NotIn", &["web"]), &web));
        assert!(selects(&expression("app", "Exists", &[]), &web));
        assert!(!selects(&expression("app", "DoesNotExist", &[]), &web));
    }
}
