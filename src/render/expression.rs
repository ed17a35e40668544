//! Expressions in configuration: `when`, and `${{ … }}` inside the text of chart values,
//! footprints and names of Secrets.

use minijinja::Error;
use minijinja::value::Value as JinjaValue;

use super::Scope;
use super::convert::to_node;
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

/// Whether a condition holds; without one it does.
pub(super) fn holds(
    scope: &Scope,
    condition: Option<&Node>,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> bool {
    let Some((text, span)) = condition.and_then(|node| Some((node.as_str()?, node.span))) else {
        return true;
    };
    match evaluate(scope, text, context) {
        Ok(value) => value.is_true(),
        Err(error) => {
            findings.push(wrong(&error, span));
            false
        }
    }
}

/// A copy in which every text has its expressions replaced; a text that is one expression takes
/// the type of its value.
pub(super) fn fill(
    scope: &Scope,
    node: &Node,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> Node {
    let value = match &node.value {
        Value::String(text) if text.contains("${{") => {
            return match replace(scope, text, context).and_then(|v| to_node(&v, node.span, &[])) {
                Ok(filled) => filled,
                Err(error) => {
                    findings.push(wrong(&error, node.span));
                    node.clone()
                }
            };
        }
        Value::Seq(items) => {
            Value::Seq(items.iter().map(|item| fill(scope, item, context, findings)).collect())
        }
        Value::Map(map) => {
            let mut filled = Map::default();
            for (key, child) in map.iter() {
                let key = Key { name: key.name.clone(), span: key.span };
                filled.push_unique(key, fill(scope, child, context, findings));
            }
            Value::Map(filled)
        }
        other => other.clone(),
    };
    Node { value, span: node.span, origins: node.origins.clone() }
}

fn evaluate(scope: &Scope, expression: &str, context: &JinjaValue) -> Result<JinjaValue, Error> {
    scope.engine().jinja.compile_expression_owned(expression.to_owned())?.eval(context.clone())
}

fn replace(scope: &Scope, text: &str, context: &JinjaValue) -> Result<JinjaValue, Error> {
    let inner = text.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    match inner.filter(|inner| !inner.contains("${{")) {
        Some(expression) => evaluate(scope, expression.trim(), context),
        // Nothing records here, so the formatter writes plain text.
        None => scope.engine().jinja.render_str(text, context.clone()).map(JinjaValue::from),
    }
}

fn wrong(error: &Error, span: Span) -> Finding {
    let message = error.detail().unwrap_or("this expression cannot be evaluated").to_owned();
    Finding::error("expression-wrong", message).at(span, "").note(error.kind().to_string())
}
