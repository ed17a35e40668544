//! Whether the schema of a CustomResourceDefinition is structural, and its defaults fit:
//! `k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{validation,complete}.go` and
//! `defaulting/validation.go`.

use crate::check::object::custom;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::go_regexp;
use crate::check::object::value::{self, count};
use crate::model::Field;
use crate::schema::Structural;
use crate::yaml::{self, Node, Value};

const STRUCTURE: &str = "schema-not-structural";
const TYPE: &str = "schema-type-invalid";
const PATTERN: &str = "schema-pattern-invalid";
const METADATA: &str = "schema-metadata-invalid";
const DEFAULT: &str = "schema-default-invalid";

const EMBEDDED: &str = "x-kubernetes-embedded-resource";
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

#[derive(Clone, Copy, PartialEq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Whether a field of a schema is `true`.
pub(crate) fn flag(schema: &Node, name: &str) -> bool {
    schema.get(name).is_some_and(|node| matches!(node.value, Value::Bool(true)))
}

/// `ValidateStructural`
pub(crate) fn check(schema: &Field<'_>, faults: &mut Faults) {
    invariants(schema, Level::Root, faults);
    complete(schema, schema, faults);
}

/// The children of a schema that are schemas themselves.
fn each_child(schema: &Field<'_>, mut each: impl FnMut(&Field<'_>, Level)) {
    for (name, level) in [("items", Level::Item), ("additionalProperties", Level::Field)] {
        if let Some(child) = schema.get(name).filter(|child| child.node.as_map().is_some()) {
            each(&child, level);
        }
    }
    if let Some(properties) = schema.get("properties") {
        properties.entries().for_each(|(_, child)| each(&child, Level::Field));
    }
}

/// `validateStructuralInvariants`
fn invariants(schema: &Field<'_>, level: Level, faults: &mut Faults) {
    let kind = schema.text("type");
    let has_items = schema
        .get("items")
        .is_some_and(|items| items.node.as_map().is_some() || count(schema, "items") > 0);
    if kind == "array" && !has_items {
        let message = value::needs(schema, "items");
        value::at_or_under(STRUCTURE, Reason::Required, schema, "items", message, faults);
    }
    each_child(schema, |child, level| invariants(child, level, faults));
    if let Some(others) = schema.get("additionalProperties") {
        if level == Level::Root {
            let message = "the root of a schema can have no `additionalProperties`";
            faults.at_key(STRUCTURE, Reason::Forbidden, &others, message);
        }
        if flag(schema.node, EMBEDDED) {
            let message = "an embedded object can have no `additionalProperties`";
            faults.at_key(STRUCTURE, Reason::Forbidden, &others, message);
        }
    }
    int_or_string(schema, faults);
    let nested = Nested { skips_any_of: is_int_or_string(schema.node), skips_first: true };
    values(schema, nested, faults);
    types(schema, level, faults);
    metadata(schema, level, faults);
    let bare = count(schema, "properties") == 0 && !flag(schema.node, PRESERVE);
    if flag(schema.node, EMBEDDED) && bare {
        let message = format!("`{EMBEDDED}` needs `properties` or `{PRESERVE}: true`");
        faults.missing(STRUCTURE, schema, "properties", message);
    }
}

fn types(schema: &Field<'_>, level: Level, faults: &mut Faults) {
    let kind = schema.text("type");
    let free = flag(schema.node, INT_OR_STRING) || flag(schema.node, PRESERVE);
    if flag(schema.node, EMBEDDED) && kind != "object" {
        let reason = if kind.is_empty() { Reason::Required } else { Reason::Invalid };
        let message = format!("`{EMBEDDED}` needs `type: object`");
        value::at_or_under(TYPE, reason, schema, "type", message, faults);
    } else if kind.is_empty() && !free && schema.get("$ref").is_none() {
        let message = value::needs(schema, "type");
        value::at_or_under(TYPE, Reason::Required, schema, "type", message, faults);
    }
    if let Some(field) = schema.get("type")
        && level == Level::Root
        && !kind.is_empty()
        && kind != "object"
    {
        let message = format!("the root of a schema must be an `object`, not `{kind}`");
        faults.at(TYPE, Reason::Invalid, &field, message);
    }
}

/// `validateExtensions`
fn int_or_string(schema: &Field<'_>, faults: &mut Faults) {
    if !flag(schema.node, INT_OR_STRING) {
        return;
    }
    for name in [PRESERVE, EMBEDDED] {
        if let Some(field) = schema.get(name).filter(|_| flag(schema.node, name)) {
            let message = format!("`{name}` and `{INT_OR_STRING}` exclude each other");
            faults.at(STRUCTURE, Reason::Invalid, &field, message);
        }
    }
}

/// What an object may say of its own `metadata`, `kind` and `apiVersion`.
fn metadata(schema: &Field<'_>, level: Level, faults: &mut Faults) {
    let Some(properties) = schema.get("properties") else { return };
    let is_object = level == Level::Root || flag(schema.node, EMBEDDED);
    for (name, property) in properties.entries().filter(|_| is_object) {
        let wanted = match name {
            "kind" | "apiVersion" => "string",
            "metadata" => "object",
            _ => continue,
        };
        if property.text("type") != wanted {
            let message = format!("`{name}` must be of type `{wanted}`");
            value::at_or_under(METADATA, Reason::Invalid, &property, "type", message, faults);
        }
        if name == "metadata" && level == Level::Root && says_more(property.node) {
            let message = "`metadata` may say something of `name` and `generateName` only";
            let fault = faults.at_key(METADATA, Reason::Forbidden, &property, message);
            fault.help("write `metadata: {type: object}`, or leave it out");
        }
    }
}

/// `validateStructuralMetadataInvariants`: whether there is more than a type and names.
fn says_more(metadata: &Node) -> bool {
    metadata.as_map().is_some_and(|map| {
        map.iter().any(|(key, node)| match &*key.name {
            "type" | "default" => false,
            "properties" => node.as_map().is_some_and(|known| {
                known.iter().any(|(key, _)| !matches!(&*key.name, "name" | "generateName"))
            }),
            "not"
            | "items"
            | "required"
            | "additionalProperties"
            | "x-kubernetes-list-map-keys" => !node.is_null(),
            _ => !is_zero(node),
        })
    })
}

fn is_zero(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Bool(said) => !said,
        Value::String(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// What a part of a schema may say, besides what is looked at by itself.
const KEYWORDS: [&str; 29] = [
    "example",
    "externalDocs",
    "title",
    "description",
    "nullable",
    "format",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "maxProperties",
    "minProperties",
    "enum",
    "allOf",
    "anyOf",
    "oneOf",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-validations",
];

/// `intOrStringAnyOf`
fn is_int_or_string(schema: &Node) -> bool {
    let any = schema.get("anyOf").and_then(Node::as_seq).unwrap_or_default();
    let only = |node: &Node, kind: &str| {
        node.get("type").and_then(Node::as_str) == Some(kind)
            && node.as_map().is_some_and(|map| {
                map.iter().all(|(key, node)| match &*key.name {
                    "type" => true,
                    // Even an empty one of these is something to the server.
                    "required"
                    | "not"
                    | "properties"
                    | "items"
                    | "default"
                    | "x-kubernetes-list-map-keys" => node.is_null(),
                    "additionalProperties" => is_zero(node) && node.as_map().is_none(),
                    // What the server does not know is not there.
                    known => is_zero(node) || !KEYWORDS.contains(&known),
                })
            })
    };
    any.len() == 2 && only(&any[0], "integer") && only(&any[1], "string")
}

/// Which parts of a schema may have types that parts otherwise have not.
#[derive(Clone, Copy)]
struct Nested {
    skips_any_of: bool,
    /// The first of `allOf` may hold an integer or a string.
    skips_first: bool,
}

/// `validateValueValidation`
fn values(schema: &Field<'_>, nested: Nested, faults: &mut Faults) {
    const NONE: Nested = Nested { skips_any_of: false, skips_first: false };
    for name in ["anyOf", "allOf", "oneOf"] {
        let Some(list) = schema.get(name).filter(|_| name != "anyOf" || !nested.skips_any_of)
        else {
            continue;
        };
        for (index, item) in list.items().enumerate() {
            let first = name == "allOf" && index == 0 && nested.skips_first;
            let skips_any_of = first && is_int_or_string(item.node);
            nested_values(&item, Nested { skips_any_of, ..NONE }, faults);
        }
    }
    if let Some(not) = schema.get("not") {
        nested_values(&not, NONE, faults);
    }
    let pattern = schema.text("pattern");
    if let (Some(wrong), Some(field)) = (go_regexp::fault(pattern), schema.get("pattern")) {
        let message = format!("the regular expression `{pattern}` {wrong}");
        let fault = faults.at(PATTERN, Reason::Invalid, &field, message);
        if wrong.starts_with("looks around") {
            fault.help("write the condition as a rule under `x-kubernetes-validations`");
        }
    }
}

/// `validateNestedValueValidation`: parts say what values may be, and nothing of the structure.
fn nested_values(part: &Field<'_>, nested: Nested, faults: &mut Faults) {
    const FORBIDDEN: [&str; 13] = [
        "type",
        "additionalProperties",
        "default",
        "title",
        "description",
        "nullable",
        PRESERVE,
        EMBEDDED,
        INT_OR_STRING,
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-validations",
    ];
    values(part, nested, faults);
    const NONE: Nested = Nested { skips_any_of: false, skips_first: false };
    if let Some(items) = part.get("items").filter(|items| items.node.as_map().is_some()) {
        nested_values(&items, NONE, faults);
    }
    if let Some(properties) = part.get("properties") {
        for (name, property) in properties.entries() {
            nested_values(&property, NONE, faults);
            if name == "metadata" {
                let message = "`metadata` can have no schema inside `allOf` and its kin";
                faults.at_key(METADATA, Reason::Forbidden, &property, message);
            }
        }
    }
    for name in FORBIDDEN {
        let Some(field) = part.get(name) else { continue };
        let says = match name {
            "default" => true,
            "additionalProperties" => !matches!(field.node.value, Value::Bool(false)),
            _ => !is_zero(field.node),
        };
        if says {
            let message =
                format!("`{name}` cannot stand inside `allOf`, `anyOf`, `oneOf` or `not`");
            let fault = faults.at_key(STRUCTURE, Reason::Forbidden, &field, message);
            fault.help("move it out, beside them");
        }
    }
}

/// `validateValueValidationCompleteness`: what parts speak of must be in the schema itself.
fn complete(part: &Field<'_>, schema: &Field<'_>, faults: &mut Faults) {
    for name in ["allOf", "anyOf", "oneOf"] {
        if let Some(list) = part.get(name) {
            list.items().for_each(|item| nested_complete(&item, schema, faults));
        }
    }
    if let Some(not) = part.get("not") {
        nested_complete(&not, schema, faults);
    }
}

fn nested_complete(part: &Field<'_>, schema: &Field<'_>, faults: &mut Faults) {
    complete(part, schema, faults);
    if let Some(items) = part.get("items").filter(|items| items.node.as_map().is_some()) {
        match schema.get("items") {
            Some(known) => nested_complete(&items, &known, faults),
            None => unspecified(&items, format!("{schema}.items"), faults),
        }
    }
    let Some(properties) = part.get("properties") else { return };
    let known = schema.get("properties");
    for (name, property) in properties.entries() {
        let found = known.as_ref().and_then(|all| all.entries().find(|(key, _)| *key == name));
        match found {
            Some((_, known)) => nested_complete(&property, &known, faults),
            None => unspecified(&property, format!("{schema}.properties[{name}]"), faults),
        }
    }
}

fn unspecified(part: &Field<'_>, path: String, faults: &mut Faults) {
    let message = format!("`{path}` is missing, of which `{part}` speaks");
    faults.at_key(STRUCTURE, Reason::Required, part, message).path = path;
}

/// `ValidateDefaults`: defaults must be as their schemas say. Those of `metadata` are left out.
pub(crate) fn defaults(schema: &Field<'_>, is_root: bool, faults: &mut Faults) {
    let is_object = is_root || flag(schema.node, EMBEDDED);
    if let Some(default) = schema.get("default") {
        fits(schema, &default, is_object, faults);
    }
    if let Some(items) = schema.get("items").filter(|items| items.node.as_map().is_some()) {
        defaults(&items, false, faults);
    }
    let Some(properties) = schema.get("properties") else { return };
    for (name, property) in properties.entries() {
        if !(is_object && matches!(name, "metadata" | "kind" | "apiVersion")) {
            defaults(&property, false, faults);
        }
    }
}

fn fits(schema: &Field<'_>, default: &Field<'_>, is_object: bool, faults: &mut Faults) {
    let structural = Structural::read(&yaml::to_json(schema.node));
    let mut value = default.node.clone();
    if custom::takes_away(&structural, is_object, &mut value) {
        let message = "the default has fields that its schema does not know";
        faults.at_key(DEFAULT, Reason::Invalid, default, message);
    }
    if is_object && default.node.as_map().is_some() {
        for name in ["apiVersion", "kind"].iter().filter(|name| default.text(name).is_empty()) {
            let message = format!("an embedded object needs `{name}`");
            faults.missing(DEFAULT, default, name, message);
        }
    }
    let mut found = Faults::new(faults.minor());
    custom::fits(&structural, &default.with(&value), &mut found);
    for mut fault in found.found {
        fault.id = DEFAULT;
        fault.message = format!("in a default, {}", fault.message);
        faults.found.push(fault);
    }
}
