//! The schemas of CustomResourceDefinitions: what
//! `k8s.io/apiextensions-apiserver` says of them in `pkg/apis/apiextensions/validation` and
//! `pkg/apiserver/schema`.

use std::collections::HashSet;

use crate::check::object::crd::field_path;
use crate::check::object::crd::rule;
use crate::check::object::crd::structure::{self as crd_structure, flag};
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::{self, count, texts};
use crate::model::Field;
use crate::yaml::{Node, Value};

const TYPE: &str = "schema-type-invalid";
const KEYWORD: &str = "schema-keyword-forbidden";
const LIST: &str = "schema-list-type-invalid";
const RULE: &str = "schema-rule-invalid";
const DEFAULT: &str = "schema-default-invalid";

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// `validateCustomResourceDefinitionValidation` of the schema at the root.
pub(crate) fn check(schema: &Field<'_>, has_status: bool, faults: &mut Faults) {
    if has_status {
        allowed_at_root(schema, faults);
    }
    if let Some(field) = schema.get("nullable").filter(|_| flag(schema.node, "nullable")) {
        let message = "the root of a schema cannot be nullable";
        faults.at(KEYWORD, Reason::Forbidden, &field, message);
    }
    let before = faults.found.len();
    crd_structure::check(schema, faults);
    if faults.found.len() == before {
        crd_structure::defaults(schema, true, faults);
    }
    let place = Place { is_root: true, forbids_defaults: false, in_metadata: false };
    openapi(schema, place, faults);
    // The server compiles expressions only where a schema makes sense otherwise.
    if faults.found.len() == before {
        rule::check(schema, faults);
    }
}

/// Only some keywords at the root keep their meaning for `status` by itself.
fn allowed_at_root(schema: &Field<'_>, faults: &mut Faults) {
    const FORBIDDEN: [&str; 21] = [
        "id",
        "$schema",
        "$ref",
        "maxProperties",
        "minProperties",
        "enum",
        "allOf",
        "oneOf",
        "anyOf",
        "not",
        "additionalProperties",
        "patternProperties",
        "dependencies",
        "additionalItems",
        "definitions",
        "default",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
    ];
    for name in FORBIDDEN {
        let Some(field) = schema.get(name) else { continue };
        let is_zero = match &field.node.value {
            Value::Bool(said) => !said && !name.starts_with("additional"),
            Value::String(text) => text.is_empty() && name != "default",
            _ => false,
        };
        if !is_zero {
            let message =
                format!("`{name}` cannot stand at the root beside the subresource `status`");
            faults.at_key(KEYWORD, Reason::Invalid, &field, message).path = schema.to_string();
            return;
        }
    }
}

/// What was passed on the way to a schema.
#[derive(Clone, Copy)]
struct Place {
    is_root: bool,
    forbids_defaults: bool,
    in_metadata: bool,
}

/// `ValidateCustomResourceDefinitionOpenAPISchema`
fn openapi(schema: &Field<'_>, place: Place, faults: &mut Faults) {
    standard(schema, place, faults);
    if let Some(field) = schema.get("uniqueItems").filter(|_| flag(schema.node, "uniqueItems")) {
        let message = "`uniqueItems` may not be true";
        faults
            .at(KEYWORD, Reason::Forbidden, &field, message)
            .help("write `x-kubernetes-list-type: set`");
    }
    additional_properties(schema, place, faults);
    properties(schema, place, faults);
    let below = Place { is_root: false, ..place };
    for name in ["allOf", "oneOf", "anyOf"] {
        if let Some(list) = schema.get(name) {
            list.items().for_each(|item| openapi(&item, below, faults));
        }
    }
    for name in ["not", "items"] {
        if let Some(found) = schema.get(name).filter(|found| found.node.as_map().is_some()) {
            openapi(&found, below, faults);
        }
    }
    map_type(schema, faults);
    list_type(schema, faults);
    map_list(schema, faults);
    rules(schema, faults);
}

/// `specStandardValidatorV3.validate`
fn standard(schema: &Field<'_>, place: Place, faults: &mut Faults) {
    if schema.text("type") == "null" {
        if let Some(field) = schema.get("type") {
            faults
                .at(TYPE, Reason::NotSupported, &field, "the type `null` is not supported")
                .help("write `nullable: true` beside another type");
        }
    } else {
        value::word_or_empty(TYPE, schema, "type", &TYPES, faults);
    }
    if let Some(field) = schema.get("default").filter(|_| place.forbids_defaults) {
        let message = "there can be no default in the metadata of an object";
        faults.at_key(DEFAULT, Reason::Forbidden, &field, message);
    }
    const UNKNOWN: [&str; 7] = [
        "id",
        "$schema",
        "additionalItems",
        "patternProperties",
        "definitions",
        "dependencies",
        "$ref",
    ];
    for name in UNKNOWN {
        let Some(field) = schema.get(name) else { continue };
        let is_zero = match &field.node.value {
            Value::String(text) => text.is_empty() && name != "$ref",
            Value::Map(map) => {
                map.is_empty() && matches!(name, "patternProperties" | "definitions")
            }
            _ => false,
        };
        if !is_zero {
            let message = format!("schemas of the cluster know no `{name}`");
            faults.at_key(KEYWORD, Reason::Forbidden, &field, message);
        }
    }
    if let Some(items) = schema.get("items").filter(|_| count_items(schema) > 0) {
        let message = "`items` must be one schema, not a list of them";
        faults.at_key(KEYWORD, Reason::Forbidden, &items, message);
    }
    const EMBEDDED: &str = "x-kubernetes-embedded-resource";
    if let Some(field) = schema.get(EMBEDDED).filter(|_| place.in_metadata)
        && flag(schema.node, EMBEDDED)
    {
        let message = "there can be no embedded object in metadata";
        faults.at(KEYWORD, Reason::Forbidden, &field, message);
    }
}

fn count_items(schema: &Field<'_>) -> usize {
    schema.node.get("items").and_then(Node::as_seq).map_or(0, <[Node]>::len)
}

fn additional_properties(schema: &Field<'_>, place: Place, faults: &mut Faults) {
    let Some(others) = schema.get("additionalProperties") else { return };
    if count(schema, "properties") > 0 && !matches!(others.node.value, Value::Bool(true)) {
        let message = "`properties` and `additionalProperties` exclude each other";
        faults.at_key(KEYWORD, Reason::Forbidden, &others, message).help("keep one of them");
    }
    if others.node.as_map().is_some() {
        let forbids_defaults = place.forbids_defaults || place.in_metadata;
        openapi(&others, Place { is_root: false, forbids_defaults, ..place }, faults);
    }
}

fn properties(schema: &Field<'_>, place: Place, faults: &mut Faults) {
    let Some(properties) = schema.get("properties") else { return };
    let is_object = place.is_root || flag(schema.node, "x-kubernetes-embedded-resource");
    for (name, property) in properties.entries() {
        let meta = is_object && matches!(name, "metadata" | "kind" | "apiVersion");
        let below = Place {
            is_root: false,
            in_metadata: place.in_metadata || meta,
            forbids_defaults: place.forbids_defaults || (meta && place.is_root),
        };
        openapi(&property, below, faults);
    }
}

fn map_type(schema: &Field<'_>, faults: &mut Faults) {
    const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
    if let Some(field) = schema.get(PRESERVE).filter(|_| !flag(schema.node, PRESERVE)) {
        let message = format!("`{PRESERVE}` must be true or not there");
        faults.at(KEYWORD, Reason::Invalid, &field, message).help("leave it out");
    }
    const MAP: &str = "x-kubernetes-map-type";
    if schema.get(MAP).is_some() {
        of_type(schema, MAP, "object", faults);
        value::word(LIST, schema, MAP, &["atomic", "granular"], faults);
    }
}

/// Whether a schema that has a keyword has the type that the keyword needs.
fn of_type(schema: &Field<'_>, keyword: &str, wanted: &str, faults: &mut Faults) {
    let kind = schema.text("type");
    if kind == wanted {
        return;
    }
    let reason = if kind.is_empty() { Reason::Required } else { Reason::Invalid };
    let message = format!("`{keyword}` needs `type: {wanted}`");
    value::at_or_under(LIST, reason, schema, "type", message, faults);
}

const LIST_TYPE: &str = "x-kubernetes-list-type";
const MAP_KEYS: &str = "x-kubernetes-list-map-keys";

fn list_type(schema: &Field<'_>, faults: &mut Faults) {
    let kind = schema.text(LIST_TYPE);
    if schema.get(LIST_TYPE).is_some() {
        of_type(schema, LIST_TYPE, "array", faults);
        value::word(LIST, schema, LIST_TYPE, &["atomic", "map", "set"], faults);
        if kind == "set" && schema.text("type") == "array" {
            atomic_items(schema, faults);
        }
    }
    if let Some(items) = schema.get("items").filter(|_| matches!(kind, "map" | "set"))
        && let Some(field) = items.get("nullable")
        && flag(items.node, "nullable")
    {
        let message = format!("items of a list of type `{kind}` cannot be nullable");
        faults.at(LIST, Reason::Forbidden, &field, message);
    }
    if count(schema, MAP_KEYS) > 0 && kind != "map" {
        let reason =
            if schema.get(LIST_TYPE).is_none() { Reason::Required } else { Reason::Invalid };
        let message = format!("`{MAP_KEYS}` needs `{LIST_TYPE}: map`");
        value::at_or_under(LIST, reason, schema, LIST_TYPE, message, faults);
    }
}

/// Items of a set must be compared as a whole.
fn atomic_items(schema: &Field<'_>, faults: &mut Faults) {
    let Some(items) = schema.get("items").filter(|items| items.node.as_map().is_some()) else {
        return;
    };
    let (keyword, wrong) = match items.text("type") {
        "array" => (LIST_TYPE, items.get(LIST_TYPE).is_some() && items.text(LIST_TYPE) != "atomic"),
        "object" => ("x-kubernetes-map-type", items.text("x-kubernetes-map-type") != "atomic"),
        _ => return,
    };
    if wrong {
        let message = format!("items of a set need `{keyword}: atomic`");
        value::at_or_under(LIST, Reason::Invalid, &items, keyword, message, faults);
    }
}

/// The keys of a list of type `map`, with `validateMapListKeysMapSet`.
fn map_list(schema: &Field<'_>, faults: &mut Faults) {
    if schema.text(LIST_TYPE) != "map" {
        return;
    }
    value::required_items(LIST, schema, MAP_KEYS, faults);
    let Some(items) = schema.get("items") else {
        faults.missing(LIST, schema, "items", "a list of type `map` needs `items`");
        return;
    };
    if items.text("type") != "object" {
        let message = "items of a list of type `map` must be objects".to_owned();
        value::at_or_under(LIST, Reason::Invalid, &items, "type", message, faults);
        return;
    }
    let Some(keys) = schema.get(MAP_KEYS) else { return };
    let properties = items.get("properties");
    let mut seen: HashSet<&str> = HashSet::new();
    for key in keys.items() {
        let name = key.node.as_str().unwrap_or_default();
        if seen.contains(&name) {
            let message = format!("key `{name}` is there twice");
            faults.entry(LIST, Reason::Invalid, &keys, &key, message);
        }
        seen.insert(name);
        let property =
            properties.as_ref().and_then(|all| all.entries().find(|(known, _)| *known == name));
        match property {
            Some((_, property)) => map_key(name, &property, &items, faults),
            None => {
                let message = format!("the items have no property `{name}`");
                faults.entry(LIST, Reason::Invalid, &keys, &key, message);
            }
        }
    }
}

fn map_key(name: &str, property: &Field<'_>, items: &Field<'_>, faults: &mut Faults) {
    if let Some(field) = property.get("type")
        && matches!(property.text("type"), "array" | "object")
    {
        let message = format!("the key `{name}` of a list must be a single value");
        faults.at(LIST, Reason::Invalid, &field, message);
    }
    if !texts(items, "required").contains(&name) && property.get("default").is_none() {
        let message = format!("the key `{name}` of a list must be required or have a default");
        faults
            .missing(LIST, property, "default", message)
            .help(format!("add `{name}` to `required` of the items"));
    }
    if let Some(field) = property.get("nullable").filter(|_| flag(property.node, "nullable")) {
        let message = format!("the key `{name}` of a list cannot be nullable");
        faults.at(LIST, Reason::Forbidden, &field, message);
    }
}

/// `x-kubernetes-validations`, without the expressions themselves.
fn rules(schema: &Field<'_>, faults: &mut Faults) {
    let Some(rules) = schema.get("x-kubernetes-validations") else { return };
    for rule in rules.items() {
        rule_message(&rule, faults);
        let expression = rule.text("messageExpression");
        if let Some(field) = rule.get("messageExpression")
            && !expression.is_empty()
            && expression.trim().is_empty()
        {
            faults.at(RULE, Reason::Required, &field, "`messageExpression` may not be blank");
        }
        let reasons = [
            "FieldValueDuplicate",
            "FieldValueForbidden",
            "FieldValueInvalid",
            "FieldValueRequired",
        ];
        value::word(RULE, &rule, "reason", &reasons, faults);
        let path = rule.text("fieldPath");
        let wrong = if path.is_empty() {
            None
        } else if path.trim().is_empty() || path.contains(['\n', '\r']) {
            Some("must be one line and not blank")
        } else {
            field_path::find(schema.node, path).err()
        };
        if let (Some(wrong), Some(field)) = (wrong, rule.get("fieldPath")) {
            faults.at(RULE, Reason::Invalid, &field, format!("`fieldPath: {path}` {wrong}"));
        }
    }
}

fn rule_message(rule: &Field<'_>, faults: &mut Faults) {
    let lines = |text: &str| text.trim().contains(['\n', '\r']);
    let (expression, message) = (rule.text("rule"), rule.text("message"));
    if expression.trim().is_empty() {
        let message = value::needs(rule, "rule");
        value::at_or_under(RULE, Reason::Required, rule, "rule", message, faults);
    } else if let Some(field) = rule.get("message")
        && (lines(message) || (!message.is_empty() && message.trim().is_empty()))
    {
        faults.at(RULE, Reason::Invalid, &field, "`message` must be one line and not blank");
    } else if lines(expression) && message.trim().is_empty() {
        faults.missing(RULE, rule, "message", "a rule of several lines needs a `message`");
    }
}
