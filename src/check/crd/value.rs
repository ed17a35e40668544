//! A value against the schema of a CustomResourceDefinition, as `k8s.io/kube-openapi` validates
//! it; here for defaults. Of formats only `date-time` is looked at, expressions are not.

use crate::check::fault::Reason;
use crate::check::value::text;
use crate::yaml::{Node, Value};

/// What is wrong with a value, and where in it.
pub(crate) struct Wrong {
    pub(crate) reason: Reason,
    pub(crate) path: String,
    /// Words that stand after the value's name.
    pub(crate) words: String,
}

/// What is wrong with a value.
pub(crate) fn check(schema: &Node, value: &Node, path: &str, found: &mut Vec<Wrong>) {
    // Nothing, which the server drops or takes as it is.
    if value.is_null() {
        return;
    }
    let before = found.len();
    kind(schema, value, path, found);
    if found.len() > before {
        return;
    }
    choices(schema, value, path, found);
    match &value.value {
        Value::String(text) => string(schema, text, path, found),
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => number(schema, value, path, found),
        Value::Seq(items) => list(schema, items, path, found),
        Value::Map(_) => map(schema, value, path, found),
        _ => {}
    }
    combined(schema, value, path, found);
}

/// Whether a field of a schema is `true`.
pub(crate) fn flag(schema: &Node, name: &str) -> bool {
    schema.get(name).is_some_and(|node| matches!(node.value, Value::Bool(true)))
}

fn push(found: &mut Vec<Wrong>, reason: Reason, path: &str, words: String) {
    found.push(Wrong { reason, path: path.to_owned(), words });
}

fn fits(schema: &Node, value: &Node) -> bool {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found.is_empty()
}

fn kind(schema: &Node, value: &Node, path: &str, found: &mut Vec<Wrong>) {
    let wanted = schema.get("type").and_then(Node::as_str).unwrap_or_default();
    let is_whole = match value.value {
        Value::Int(_) | Value::UInt(_) => true,
        Value::Float(number) => number.fract() == 0.0,
        _ => false,
    };
    let is_number = is_whole || matches!(value.value, Value::Float(_));
    let is_text = value.as_str().is_some();
    // With a format, the server takes any text and any list, except for numbers.
    let has_format = schema.get("format").and_then(Node::as_str).is_some_and(|f| !f.is_empty());
    let is_loose = has_format && !matches!(wanted, "integer" | "number");
    let fits = match wanted {
        _ if is_loose && (is_text || value.as_seq().is_some()) => true,
        "object" => value.as_map().is_some(),
        "array" => value.as_seq().is_some(),
        "string" => is_text,
        "boolean" => matches!(value.value, Value::Bool(_)),
        "integer" => is_whole,
        "number" => is_number,
        _ => !flag(schema, "x-kubernetes-int-or-string") || is_whole || is_text,
    };
    if !fits {
        let wanted = if wanted.is_empty() { "integer or string" } else { wanted };
        let words = format!("must be of type `{wanted}`, not {}", value.type_name());
        push(found, Reason::Invalid, path, words);
    }
}

/// Whether two values are the same; `1` is `1.0`.
fn same(left: &Node, right: &Node) -> bool {
    match (float(left), float(right)) {
        #[expect(clippy::float_cmp, reason = "the very same number is meant")]
        (Some(left), Some(right)) => left == right,
        (None, None) => crate::yaml::to_json(left) == crate::yaml::to_json(right),
        _ => false,
    }
}

fn choices(schema: &Node, value: &Node, path: &str, found: &mut Vec<Wrong>) {
    let choices = schema.get("enum").and_then(Node::as_seq).unwrap_or_default();
    if !choices.is_empty() && !choices.iter().any(|choice| same(choice, value)) {
        push(found, Reason::NotSupported, path, "is none of the values of `enum`".to_owned());
    }
}

#[expect(clippy::cast_precision_loss, reason = "the server compares in floating point too")]
fn float(node: &Node) -> Option<f64> {
    match node.value {
        Value::Int(number) => Some(number as f64),
        Value::UInt(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    }
}

fn limit(schema: &Node, name: &str) -> Option<f64> {
    schema.get(name).and_then(float)
}

fn string(schema: &Node, text: &str, path: &str, found: &mut Vec<Wrong>) {
    #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
    let length = text.chars().count() as f64;
    if limit(schema, "maxLength").is_some_and(|most| length > most) {
        push(found, Reason::TooLong, path, "is longer than `maxLength`".to_owned());
    }
    if limit(schema, "minLength").is_some_and(|least| length < least) {
        push(found, Reason::Invalid, path, "is shorter than `minLength`".to_owned());
    }
    let format = schema.get("format").and_then(Node::as_str).unwrap_or_default();
    if format == "date-time" && !text.is_empty() && !text::is_time(&text.to_uppercase()) {
        push(found, Reason::Invalid, path, "is no time such as `2026-01-31T12:00:00Z`".to_owned());
    }
    let pattern = schema.get("pattern").and_then(Node::as_str).unwrap_or_default();
    if !pattern.is_empty() && !matches(pattern, text) {
        push(found, Reason::Invalid, path, format!("does not match `{pattern}`"));
    }
}

/// Whether a text matches a pattern; where ours cannot be read, it does.
fn matches(pattern: &str, text: &str) -> bool {
    let schema = serde_json::json!({ "pattern": pattern });
    jsonschema::validator_for(&schema)
        .map_or(true, |validator| validator.is_valid(&serde_json::Value::from(text)))
}

fn number(schema: &Node, value: &Node, path: &str, found: &mut Vec<Wrong>) {
    let Some(number) = float(value) else { return };
    let above = limit(schema, "maximum")
        .is_some_and(|most| number > most || (number >= most && flag(schema, "exclusiveMaximum")));
    let below = limit(schema, "minimum").is_some_and(|least| {
        number < least || (number <= least && flag(schema, "exclusiveMinimum"))
    });
    if above {
        push(found, Reason::Invalid, path, "is above `maximum`".to_owned());
    }
    if below {
        push(found, Reason::Invalid, path, "is below `minimum`".to_owned());
    }
    if let Some(step) = limit(schema, "multipleOf") {
        let times = number / step;
        if step <= 0.0 || (times - times.round()).abs() > 1e-9 {
            push(found, Reason::Invalid, path, "is no multiple of `multipleOf`".to_owned());
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no list is that long")]
fn size(schema: &Node, size: usize, kind: &str, path: &str, found: &mut Vec<Wrong>) {
    if limit(schema, &format!("max{kind}")).is_some_and(|most| size as f64 > most) {
        push(found, Reason::TooMany, path, format!("has more than `max{kind}`"));
    }
    if limit(schema, &format!("min{kind}")).is_some_and(|least| (size as f64) < least) {
        push(found, Reason::Invalid, path, format!("has fewer than `min{kind}`"));
    }
}

fn list(schema: &Node, items: &[Node], path: &str, found: &mut Vec<Wrong>) {
    size(schema, items.len(), "Items", path, found);
    let Some(item_schema) = schema.get("items").filter(|node| node.as_map().is_some()) else {
        return;
    };
    for (index, item) in items.iter().enumerate() {
        check(item_schema, item, &format!("{path}[{index}]"), found);
    }
}

fn map(schema: &Node, value: &Node, path: &str, found: &mut Vec<Wrong>) {
    let Some(map) = value.as_map() else { return };
    size(schema, map.len(), "Properties", path, found);
    for name in schema.get("required").and_then(Node::as_seq).unwrap_or_default() {
        let name = name.as_str().unwrap_or_default();
        if !map.contains_key(name) {
            push(found, Reason::Required, &format!("{path}.{name}"), "is missing".to_owned());
        }
    }
    let (known, others) = (schema.get("properties"), schema.get("additionalProperties"));
    for (key, child) in map.iter() {
        let known = known.and_then(|known| known.get(&key.name));
        let child_path = format!("{path}.{}", key.name);
        if let Some(child_schema) = known.or(others.filter(|node| node.as_map().is_some())) {
            check(child_schema, child, &child_path, found);
        }
    }
}

fn combined(schema: &Node, value: &Node, path: &str, found: &mut Vec<Wrong>) {
    let all = |name: &str| schema.get(name).and_then(Node::as_seq).unwrap_or_default();
    for part in all("allOf") {
        check(part, value, path, found);
    }
    let any = all("anyOf");
    if !any.is_empty() && !any.iter().any(|part| fits(part, value)) {
        push(found, Reason::Invalid, path, "fits none of `anyOf`".to_owned());
    }
    let one = all("oneOf");
    let fitting = one.iter().filter(|part| fits(part, value)).count();
    if !one.is_empty() && fitting != 1 {
        push(found, Reason::Invalid, path, format!("fits {fitting} of `oneOf`, not one"));
    }
    if schema.get("not").is_some_and(|part| part.as_map().is_some() && fits(part, value)) {
        push(found, Reason::Invalid, path, "fits `not`".to_owned());
    }
}

/// Whether a value has fields that its schema does not know: what `pruning.Prune` of
/// `k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning` would take away. Objects by
/// themselves may have `apiVersion`, `kind` and `metadata` in any case.
pub(crate) fn has_unknown(schema: Option<&Node>, value: &Node, is_object: bool) -> bool {
    let keeps = schema.is_some_and(|node| flag(node, "x-kubernetes-preserve-unknown-fields"));
    match &value.value {
        Value::Seq(items) => {
            let inner = schema.and_then(|schema| schema.get("items"));
            // In what is kept, only what has a schema of its own is looked at.
            items.iter().any(|item| match (keeps, inner) {
                (true, None) => false,
                _ => inside_unknown(inner, item),
            })
        }
        Value::Map(map) => map.iter().any(|(key, child)| {
            let Some(schema) = schema else { return true };
            if is_object && matches!(&*key.name, "apiVersion" | "kind" | "metadata") {
                return false;
            }
            let known = schema.get("properties").and_then(|known| known.get(&key.name));
            let others = schema.get("additionalProperties");
            match (known, others.map(|node| &node.value)) {
                (Some(_), _) => inside_unknown(known, child),
                (None, Some(Value::Map(_))) => inside_unknown(others, child),
                (None, Some(Value::Bool(true))) => !keeps && inside_unknown(None, child),
                (None, _) => !keeps,
            }
        }),
        _ => false,
    }
}

fn inside_unknown(schema: Option<&Node>, value: &Node) -> bool {
    let is_object = schema.is_some_and(|node| flag(node, "x-kubernetes-embedded-resource"));
    has_unknown(schema, value, is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::source::{Sources, Span};
    use crate::yaml::from_json;

    fn node(json: &Value) -> Node {
        let mut sources = Sources::default();
        from_json(json, Span::new(sources.add("x", ""), 0..0))
    }

    #[test]
    fn values_against_schemas() {
        for (schema, value, good) in [
            (json!({"type": "integer"}), json!(2.0), true),
            (json!({"type": "integer"}), json!("2"), false),
            (json!({"type": "string", "format": "cidr"}), json!([]), true),
            (json!({"type": "string"}), json!([]), false),
            (json!({"format": "date-time"}), json!("2026-01-31t12:00:00z"), true),
            (json!({"format": "date-time"}), json!("today"), false),
            (json!({"x-kubernetes-int-or-string": true}), json!("10%"), true),
            (json!({"x-kubernetes-int-or-string": true}), json!(true), false),
            (json!({"type": "string", "enum": ["a"]}), json!("b"), false),
            (json!({"type": "string", "pattern": "^[a-z]+$"}), json!("B"), false),
            (json!({"type": "string", "maxLength": 1}), json!("é"), true),
            (json!({"type": "number", "maximum": 1, "exclusiveMaximum": true}), json!(1), false),
            (json!({"type": "number", "multipleOf": 0.1}), json!(0.3), true),
            (json!({"type": "object", "required": ["a"]}), json!({}), false),
            (json!({"type": "array", "items": {"type": "string"}}), json!([1]), false),
            (json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}), json!({"a": 1}), true),
            (json!({"oneOf": [{}, {}]}), json!({}), false),
            (json!({"not": {"required": ["a"]}}), json!({"a": 1}), false),
        ] {
            let mut found = Vec::new();
            check(&node(&schema), &node(&value), "", &mut found);
            assert_eq!(found.is_empty(), good, "{schema} {value}");
        }
    }

    #[test]
    fn fields_that_would_be_pruned() {
        let preserve = "x-kubernetes-preserve-unknown-fields";
        for (schema, value, unknown) in [
            (json!({"properties": {"a": {"type": "string"}}}), json!({"a": "x"}), false),
            (json!({"properties": {"a": {"type": "object"}}}), json!({"a": {"b": 1}}), true),
            (json!({"additionalProperties": {"type": "string"}}), json!({"b": "x"}), false),
            (json!({ preserve: true }), json!({"b": {"c": 1}}), false),
            (json!({"items": {"type": "object"}}), json!([{"a": 1}]), true),
            (json!({"type": "string"}), json!("x"), false),
        ] {
            let found = has_unknown(Some(&node(&schema)), &node(&value), false);
            assert_eq!(found, unknown, "{schema} {value}");
        }
        assert!(!has_unknown(Some(&node(&json!({}))), &node(&json!({"kind": "x"})), true));
    }
}
