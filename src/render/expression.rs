//! Expressions in configuration: `when`, and `${{ … }}` inside the text of chart values,
//! footprints and names of Secrets.

use minijinja::value::Value as JinjaValue;
use minijinja::{Error, ErrorKind};

use super::convert::to_node;
use super::engine::plain_text;
use super::{Scope, error, template};
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
        Err(fault) => {
            findings.extend(fault.into_iter().map(|finding| finding.at(span, "")));
            false
        }
    }
}

/// A text with its expressions replaced by text; nothing where that fails.
pub(super) fn text(
    scope: &Scope,
    text: &str,
    span: Span,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    match interpolate(scope, text, context) {
        Ok(text) => Some(text),
        Err(fault) => {
            findings.extend(fault.into_iter().map(|finding| finding.at(span, "")));
            None
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
            return match replace(scope, text, node.span, context) {
                Ok(filled) => filled,
                Err(fault) => {
                    findings.extend(fault.into_iter().map(|finding| finding.at(node.span, "")));
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

/// What is wrong with an expression; without its place.
type Fault = Vec<Finding>;

fn evaluate(scope: &Scope, expression: &str, context: &JinjaValue) -> Result<JinjaValue, Fault> {
    template::begin();
    let jinja = &scope.engine().jinja;
    let value = jinja
        .compile_expression_owned(expression.to_owned())
        .and_then(|compiled| compiled.eval(context.clone()))
        .map_err(|error| match error.kind() {
            ErrorKind::UndefinedError => undefined(expression, context),
            _ => wrong(&error),
        })?;
    if value.is_undefined() { Err(undefined(expression, context)) } else { Ok(value) }
}

fn replace(scope: &Scope, text: &str, span: Span, context: &JinjaValue) -> Result<Node, Fault> {
    if let Some(rest) = text.trim().strip_prefix("${{")
        && let Some((expression, "")) = split_end(rest)
    {
        let value = evaluate(scope, expression, context)?;
        return to_node(&value, span, &[]).map_err(|error| wrong(&error));
    }
    Ok(Node::string(interpolate(scope, text, context)?, span))
}

/// A text in which only `${{ … }}` means anything: Helm has its own braces, and templates in it.
fn interpolate(scope: &Scope, text: &str, context: &JinjaValue) -> Result<String, Fault> {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        whole.push_str(before);
        let Some((expression, after)) = split_end(after) else {
            let finding = Finding::error("expression-wrong", "`${{` has no `}}`");
            return Err(vec![finding.help("write `${{ \"${{\" }}` for the characters themselves")]);
        };
        let value = evaluate(scope, expression, context)?;
        whole.push_str(&plain_text(&value).map_err(|error| wrong(&error))?);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

/// An expression up to its `}}`, and what follows: braces in strings and maps do not end it.
fn split_end(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(end), _) => quote = quote.filter(|_| c != end),
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}') if depth == 0 => {
                return Some((text[..at].trim(), text[at..].strip_prefix("}}")?));
            }
            (None, '}' | ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn undefined(expression: &str, context: &JinjaValue) -> Fault {
    vec![error::not_defined(expression, "this expression reads what is not defined", context)]
}

fn wrong(error: &Error) -> Fault {
    // A fragment says itself what is wrong with it.
    let kept = error::take_kept();
    if !kept.is_empty() {
        return kept;
    }
    let message = error.detail().unwrap_or("this expression cannot be evaluated").to_owned();
    vec![Finding::error("expression-wrong", message).note(error.kind().to_string())]
}
