//! Objects in objects (`x-kubernetes-embedded-resource`): `pkg/apiserver/schema/objectmeta`.

use crate::check::object::custom::children;
use crate::check::object::decode;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::value::name;
use crate::model::Field;
use crate::schema::{Structural, pack};
use crate::yaml::Value;

const ID: &str = "embedded-object-invalid";

/// Whether the server can read the metadata of embedded objects: `Coerce` of `coerce.go`.
pub(crate) fn decode(schema: &Structural, field: &Field<'_>, minor: u32, faults: &mut Faults) {
    each(schema, field, &mut |object| {
        for name in ["apiVersion", "kind"] {
            // A null is there, and is no text.
            let found = object.fields().find(|(known, _)| *known == name);
            if let Some((_, text)) = found.filter(|(_, text)| text.node.as_str().is_none()) {
                let message = format!("`{text}` must be text, not {}", text.node.type_name());
                faults.at("field-type-mismatch", Reason::Type, &text, message);
            }
        }
        decode::object_meta(pack(minor), object, faults);
    });
}

/// Whether embedded objects say what they are: `Validate` of `validation.go`.
pub(crate) fn check(schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
    each(schema, field, &mut |object| {
        for name in ["apiVersion", "kind"] {
            if object.node.get(name).is_none() {
                let message = format!("the embedded object `{object}` needs `{name}`");
                faults.missing(ID, object, name, message);
            }
        }
        if let Some(version) = object.get("apiVersion") {
            let text = object.text("apiVersion");
            if text.is_empty() || text.matches('/').count() > 1 {
                let message = format!("`{version}` must be `group/version`, not `{text}`");
                faults.at(ID, Reason::Invalid, &version, message);
            }
        }
        if let Some(kind) = object.get("kind") {
            let text = object.text("kind");
            let wrong = name::dns_1035_label(&name::lower(text));
            if let Some(wrong) = wrong.or(text.is_empty().then_some("may not be empty")) {
                faults.at(ID, Reason::Invalid, &kind, format!("`{kind}: {text}` {wrong}"));
            }
        }
        let before = faults.found.len();
        metadata::check(object, true, false, name::path_segment, faults);
        // An embedded object may have no name.
        let mut index = 0;
        faults.found.retain(|fault| {
            index += 1;
            index <= before || fault.id != "name-missing"
        });
    });
}

/// Every embedded object; the outermost only where its schema says that it is one.
fn each(schema: &Structural, field: &Field<'_>, then: &mut impl FnMut(&Field<'_>)) {
    match &field.node.value {
        Value::Map(_) => {
            if schema.is_object {
                then(field);
            }
            children(schema, field).for_each(|(known, child)| each(known, &child, then));
        }
        Value::Seq(_) => {
            if let Some(items) = &schema.items {
                field.items().for_each(|item| each(items, &item, then));
            }
        }
        _ => {}
    }
}
