//! `templatePatch`: a strategic merge patch of each generated Application.
//!
//! Source: `applyTemplatePatch` in `controllers/template/patch.go`, `Test_ApplyTemplatePatch`; the
//! merging is that of `k8s.io/apimachinery/pkg/util/strategicpatch` over the types of Argo CD, of which
//! only `metadata.finalizers` says that its items merge.

use crate::yaml::{self, Key, Map, Node, Value};

use super::fault::{Fault, FaultKind};
use super::fields::{self, APPLICATION, Shape, Type};
use crate::argocd::text;

/// The Application with the patch, which is YAML or JSON, applied. The AppProject stays what it was.
/// What of the patch counts for nothing is added to `ignored`.
pub(super) fn apply(
    application: &Node,
    written: &Node,
    ignored: &mut Vec<Fault>,
) -> Result<Node, Fault> {
    let wrong = |why: String| Fault::stops(FaultKind::InvalidPatch, written.span, why);
    let source = written.as_str().unwrap_or_default();
    let patch = read(source, written).map_err(|why| {
        wrong(format!("`templatePatch` cannot be read once it is rendered: {why}"))
    })?;
    let Some(patch) = patch.filter(|node| !node.is_null()) else { return Ok(application.clone()) };
    let patch = placed(&patch, written);
    if patch.as_map().is_none() {
        return Err(wrong(format!(
            "`templatePatch` must be a map once it is rendered, and is {}",
            patch.type_name()
        )));
    }
    let mut faults = Vec::new();
    fields::decode(&patch, APPLICATION, &mut faults);
    if let Some(fault) = faults.iter().find(|fault| fault.kind == FaultKind::InvalidField) {
        return Err(wrong(format!("`templatePatch` does not fit: {}", fault.message)));
    }
    ignored.extend(without_effect(application, &patch));
    let merged = merge(application, &patch, Some(APPLICATION))?;
    let mut merged = fields::decode(&merged, APPLICATION, &mut Vec::new());
    let project = application.pointer("/spec/project");
    if let Some(spec) = merged.as_map_mut().and_then(|map| map.get_mut("spec")) {
        let spec = spec.as_map_mut();
        match (spec, project) {
            (Some(spec), Some(project)) => {
                spec.insert(key("project", project), project.clone());
            }
            (Some(spec), None) => _ = spec.remove("project"),
            _ => {}
        }
    }
    Ok(merged)
}

/// Fields that an Application does not have, and an AppProject other than that of the template.
fn without_effect(application: &Node, patch: &Node) -> Vec<Fault> {
    let told = |why: String| {
        let message = format!("in `templatePatch`, {why}");
        Fault::ignored(FaultKind::InvalidPatch, patch.span, message)
    };
    let mut faults = Vec::new();
    fields::decode(&stated(patch, &["apiVersion", "kind", "status"]), APPLICATION, &mut faults);
    let unknown = faults.into_iter().filter(|fault| fault.kind == FaultKind::UnknownField);
    let mut all: Vec<Fault> = unknown.map(|fault| told(fault.message)).collect();
    let project = |node: &Node| node.pointer("/spec/project").map(|it| it.value.clone());
    if let Some(stated) = project(patch).filter(|it| *it != Value::Null)
        && Some(stated) != project(application)
    {
        all.push(told("`spec.project` counts for nothing: a patch cannot change it".to_owned()));
    }
    all
}

/// A node without these keys, and without the directives in it.
fn stated(node: &Node, without: &[&str]) -> Node {
    let value = match &node.value {
        Value::Map(map) => {
            let is_stated = |name: &str| !name.starts_with('$') && !without.contains(&name);
            let entries = map.iter().filter(|(key, _)| is_stated(&key.name));
            let mut plain = Map::default();
            entries.for_each(|(key, item)| _ = plain.insert(key.clone(), stated(item, &[])));
            Value::Map(plain)
        }
        Value::Seq(items) => Value::Seq(items.iter().map(|item| stated(item, &[])).collect()),
        other => other.clone(),
    };
    Node::new(value, node.span)
}

/// What starts with a brace is JSON and must be whole; all else is YAML.
fn read(source: &str, written: &Node) -> Result<Option<Node>, String> {
    if !source.trim_start().starts_with('{') {
        return text::first_document(source, written.span.file);
    }
    let json: serde_json::Value = serde_json::from_str(source).map_err(|why| why.to_string())?;
    Ok(Some(yaml::from_json(&json, written.span)))
}

fn key(name: &str, at: &Node) -> Key {
    Key { name: name.into(), span: at.span }
}

/// The node with the place of the text that it was written in.
fn placed(node: &Node, written: &Node) -> Node {
    let value = match &node.value {
        Value::Seq(items) => Value::Seq(items.iter().map(|item| placed(item, written)).collect()),
        Value::Map(map) => {
            let mut placed_map = Map::default();
            for (name, item) in map.iter() {
                placed_map.insert(key(&name.name, written), placed(item, written));
            }
            Value::Map(placed_map)
        }
        other => other.clone(),
    };
    Node::new(value, written.span)
}

/// `mergeMap`
fn merge(original: &Node, patch: &Node, kind: Option<Type>) -> Result<Node, Fault> {
    let (Value::Map(under), Value::Map(over)) = (&original.value, &patch.value) else {
        return Ok(patch.clone());
    };
    let wrong = |why: String| Fault::stops(FaultKind::InvalidPatch, patch.span, why);
    let mut merged = under.clone();
    match over.get("$patch").map(|node| node.as_str().unwrap_or_default()) {
        Some("replace") => {
            let mut replaced = over.clone();
            replaced.remove("$patch");
            return Ok(Node::new(Value::Map(replaced), patch.span));
        }
        Some("delete") => return Ok(Node::new(Value::Map(Map::default()), patch.span)),
        None => {}
        Some(other) => return Err(wrong(format!("`$patch: {other}` is not known to Kubernetes"))),
    }
    for (name, value) in over.iter() {
        if name.name.starts_with('$') {
            delete_items(&mut merged, &name.name, value)?;
            continue;
        }
        if value.is_null() {
            merged.remove(&name.name);
            continue;
        }
        let Some(present) = under.get(&name.name) else {
            if let Some(value) = without_directives(value) {
                merged.insert(name.clone(), value);
            }
            continue;
        };
        let inner = kind.and_then(|kind| kind.of_key(&name.name));
        let is_known = inner.is_some();
        let value = match (&present.value, &value.value) {
            (Value::Map(_), Value::Map(_)) | (Value::Seq(_), Value::Seq(_)) if !is_known => {
                return Err(wrong(format!(
                    "`{}` is in both, and Kubernetes cannot merge maps and lists whose fields it does not know, as those within `valuesObject`",
                    name.name
                )));
            }
            (Value::Map(_), Value::Map(_)) => {
                let inner = inner.filter(|kind| kind.shape() != Shape::Json);
                merge(present, value, inner)?
            }
            (Value::Seq(present), Value::Seq(items)) if &*name.name == "finalizers" => {
                Node::new(Value::Seq(finalizers(present, items)), patch.span)
            }
            _ => value.clone(),
        };
        merged.insert(name.clone(), value);
    }
    Ok(Node::new(Value::Map(merged), original.span))
}

/// What a patch brings where nothing is, or something of another sort: without nulls under keys, and
/// without maps that are directives; nothing where it is one itself.
///
/// Source: `removeDirectives`, `discardNullValuesFromPatch`.
fn without_directives(node: &Node) -> Option<Node> {
    let value = match &node.value {
        Value::Map(map) if map.contains_key("$patch") => return None,
        Value::Map(map) => {
            let mut plain = Map::default();
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                if let Some(value) = without_directives(value) {
                    plain.insert(name.clone(), value);
                }
            }
            Value::Map(plain)
        }
        Value::Seq(items) => Value::Seq(items.iter().filter_map(without_directives).collect()),
        other => other.clone(),
    };
    Some(Node::new(value, node.span))
}

/// `$deleteFromPrimitiveList/finalizers`
fn delete_items(merged: &mut Map, directive: &str, items: &Node) -> Result<(), Fault> {
    if directive == "$patch" {
        return Ok(());
    }
    let Some(list) = directive.strip_prefix("$deleteFromPrimitiveList/") else {
        return Err(Fault::unknown(
            items.span,
            format!("what `{directive}` does is not worked out here"),
        ));
    };
    let gone = items.as_seq().unwrap_or_default();
    if let Some(Value::Seq(present)) = merged.get_mut(list).map(|node| &mut node.value) {
        present.retain(|item| !gone.iter().any(|other| other.value == item.value));
    }
    Ok(())
}

/// New items go in front of those that are there; those in both keep their order.
///
/// Source: `normalizeElementOrder`, `mergeSortedSlice`.
fn finalizers(present: &[Node], patch: &[Node]) -> Vec<Node> {
    let place =
        |items: &[Node], wanted: &Node| items.iter().position(|item| item.value == wanted.value);
    let mut left = present.iter().filter(|item| place(patch, item).is_none()).peekable();
    let mut right = patch
        .iter()
        .enumerate()
        .filter(|(at, item)| place(patch, item) == Some(*at))
        .map(|(_, item)| item)
        .peekable();
    let mut merged = Vec::new();
    loop {
        let from_left = match (left.peek(), right.peek()) {
            (None, None) => return merged,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(other)) => {
                matches!((place(present, one), place(present, other)), (Some(one), Some(other)) if one < other)
            }
        };
        let next = if from_left { left.next() } else { right.next() };
        merged.extend(next.cloned());
    }
}
