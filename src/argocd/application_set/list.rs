//! The list generator.
//!
//! Source: `generators/list.go`, `TestGenerateListParams`; `TestMatrixGenerateListElementsYaml`.

use crate::source::Span;
use crate::yaml::{Map, Node, Value};

use super::fault::{Fault, FaultKind};
use super::generator::{Generators, ParameterSet};
use super::parameter::{Parameter, Parameters};
use crate::argocd::text;

/// Each element is a parameter set, those of `elements` before those of `elementsYaml`.
pub(super) fn sets(generators: &Generators<'_>, body: &Node) -> Result<Vec<ParameterSet>, Fault> {
    let mut sets = Vec::new();
    for element in body.get("elements").and_then(Node::as_seq).unwrap_or_default() {
        let map = match &element.value {
            Value::Map(map) => map,
            _ => {
                return Err(wrong(
                    element.span,
                    format!("an element is a map, and this is {}", element.type_name()),
                ));
            }
        };
        let parameters = match generators.renderer.is_go() {
            true => all(map),
            false => texts(map)?,
        };
        sets.push(ParameterSet::new(parameters, element.span));
    }
    if let Some(yaml) = body.get("elementsYaml") {
        sets.extend(from_yaml(yaml)?);
    }
    Ok(sets)
}

fn wrong(span: Span, message: impl Into<String>) -> Fault {
    Fault::stops(FaultKind::InvalidElement, span, message)
}

fn all(map: &Map) -> Parameters {
    map.iter().map(|(key, node)| (key.name.to_string(), Parameter::of(node))).collect()
}

/// Without Go templates each parameter is text, and `values` is the only one that may be a map.
fn texts(map: &Map) -> Result<Parameters, Fault> {
    let mut parameters = Parameters::new();
    let mut add = |name: String, node: &Node| match node.as_str() {
        Some(text) => {
            parameters.insert(name, Parameter::text(text));
            Ok(())
        }
        None => Err(wrong(
            node.span,
            format!(
                "`{name}` is {}, and without `goTemplate: true` elements hold text only",
                node.type_name()
            ),
        )),
    };
    for (key, node) in map.iter() {
        if &*key.name != "values" {
            add(key.name.to_string(), node)?;
            continue;
        }
        let Some(values) = node.as_map() else {
            return Err(wrong(
                node.span,
                format!("`values` is {}, and must be a map", node.type_name()),
            ));
        };
        for (key, node) in values.iter() {
            add(format!("values.{}", key.name), node)?;
        }
    }
    Ok(parameters)
}

/// The text is YAML. Its elements are taken as they are, so without Go templates what is no text
/// is not replaced in templates.
fn from_yaml(yaml: &Node) -> Result<Vec<ParameterSet>, Fault> {
    let read = text::first_document(yaml.as_str().unwrap_or_default(), yaml.span.file);
    let read =
        read.map_err(|why| wrong(yaml.span, format!("`elementsYaml` is no valid YAML: {why}")))?;
    let items = match read.as_ref().map(|node| &node.value) {
        None | Some(Value::Null) => &[][..],
        Some(Value::Seq(items)) => items,
        Some(_) => return Err(wrong(yaml.span, "`elementsYaml` must hold a list of maps")),
    };
    let element = |item: &Node| match &item.value {
        Value::Null => Ok(Parameters::new()),
        Value::Map(map) => Ok(all(map)),
        _ => Err(wrong(yaml.span, "`elementsYaml` must hold a list of maps")),
    };
    let set = |item| Ok(ParameterSet::new(element(item)?, yaml.span));
    items.iter().map(set).collect()
}
