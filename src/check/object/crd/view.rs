//! How objects of a CustomResourceDefinition are shown, scaled and selected:
//! `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go`.

use std::collections::HashSet;

use crate::check::object::crd::field_path;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::{self, required};
use crate::model::Field;
use crate::yaml::Node;

const COLUMN: &str = "printer-column-invalid";
const SUBRESOURCE: &str = "subresource-invalid";
const SELECTABLE: &str = "selectable-field-invalid";

/// `ValidateCustomResourceDefinitionSubresources`
pub(crate) fn scale(version: &Field<'_>, faults: &mut Faults) {
    let Some(subresources) = version.get("subresources") else { return };
    let Some(scale) = subresources.get("scale") else { return };
    for (field, starts) in [
        ("specReplicasPath", &[".spec."][..]),
        ("statusReplicasPath", &[".status."]),
        ("labelSelectorPath", &[".spec.", ".status."]),
    ] {
        let path = scale.text(field);
        if path.is_empty() {
            if field != "labelSelectorPath" {
                faults.missing(SUBRESOURCE, &scale, field, value::needs(&scale, field));
            }
        } else if let Some(place) = scale.get(field)
            && !starts.iter().any(|start| path.starts_with(start))
        {
            let message = format!("`{field}: {path}` must begin with {}", value::or_list(starts));
            faults.at(SUBRESOURCE, Reason::Invalid, &place, message);
        }
    }
}

/// `ValidateCustomResourceColumnDefinition`
pub(crate) fn columns(version: &Field<'_>, faults: &mut Faults) {
    const TYPES: [&str; 5] = ["integer", "number", "string", "boolean", "date"];
    const FORMATS: [&str; 8] =
        ["int32", "int64", "float", "double", "byte", "date", "date-time", "password"];
    let Some(columns) = version.get("additionalPrinterColumns") else { return };
    for column in columns.items() {
        let before = faults.found.len();
        required(COLUMN, &column, "name", faults);
        if required(COLUMN, &column, "type", faults).is_some() {
            value::word(COLUMN, &column, "type", &TYPES, faults);
        }
        value::word_or_empty(COLUMN, &column, "format", &FORMATS, faults);
        // The server calls a word that it does not know invalid here.
        for fault in &mut faults.found[before..] {
            if fault.reason == Some(Reason::NotSupported) {
                fault.reason = Some(Reason::Invalid);
            }
        }
        let path = column.text("jsonPath");
        if path.is_empty() {
            faults.missing(COLUMN, &column, "JSONPath", value::needs(&column, "jsonPath"));
        } else if let Some(field) = column.get("jsonPath").filter(|_| !path.starts_with('.')) {
            let message = format!("`jsonPath: {path}` must begin with `.`");
            let fault = faults.at(COLUMN, Reason::Invalid, &field, message);
            fault.path = format!("{column}.JSONPath");
            let plain = path.trim_start_matches(['{', '$', '.']).trim_end_matches('}');
            fault.help(format!("write `.{plain}`"));
        }
    }
}

/// `ValidateCustomResourceSelectableFields`
pub(crate) fn selectable_fields(version: &Field<'_>, faults: &mut Faults) {
    const MOST: usize = 8;
    let Some(fields) = version.get("selectableFields") else { return };
    let root = version.node.get("schema").and_then(|schema| schema.get("openAPIV3Schema"));
    let mut seen: HashSet<&str> = HashSet::new();
    for item in fields.items() {
        let Some(path) = required(SELECTABLE, &item, "jsonPath", faults) else { continue };
        let Some(field) = item.get("jsonPath") else { continue };
        if seen.contains(&path) {
            let message = format!("field `{path}` is there before");
            faults.at(SELECTABLE, Reason::Duplicate, &field, message);
        }
        seen.insert(path);
        let wrong = if path.split('.').nth(1) == Some("metadata") {
            Some("is one of metadata, which is selectable by itself")
        } else {
            root.and_then(|root| unselectable(root, path))
        };
        if let Some(wrong) = wrong {
            faults.at(SELECTABLE, Reason::Invalid, &field, format!("field `{path}` {wrong}"));
        }
    }
    if seen.len() > MOST {
        let message = format!("there are more than {MOST} selectable fields");
        faults.at(SELECTABLE, Reason::TooMany, &fields, message);
    }
}

/// Why a path leads to no single value in a schema.
fn unselectable(root: &Node, path: &str) -> Option<&'static str> {
    if path.contains('[') {
        return Some("may not have `[`");
    }
    let schema = match field_path::find(root, path) {
        Ok(found) => found,
        Err(wrong) => return Some(wrong),
    };
    if path.split('.').nth(1) == Some("metadata") {
        return Some("may not be in `metadata`");
    }
    let kind = schema.and_then(|schema| schema.get("type")).and_then(Node::as_str);
    let single = matches!(kind, Some("string" | "boolean" | "integer"));
    (!single).then_some("must be a string, a boolean or an integer")
}
