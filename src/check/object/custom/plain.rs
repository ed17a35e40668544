//! Objects by a plain JSON Schema, where there is no definition.

use serde_json::Value as Json;

use crate::check::object::decode;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::value::name;
use crate::model::Field;
use crate::schema::{Plain, Way, Wrong, pack};
use crate::yaml;

/// Judges an object. Nulls are taken out before, as the server does with what may not be null: a
/// JSON Schema does not say which may.
pub(crate) fn check(schema: &Plain, object: &Field<'_>, minor: u32, faults: &mut Faults) {
    decode::object_meta(pack(minor), object, faults);
    let mut json = yaml::to_json(object.node);
    drop_nulls(&mut json);
    for wrong in schema.faults(&json) {
        let steps: Vec<String> = wrong.pointer.split('/').skip(1).map(unescape).collect();
        at(object, &steps, &mut |field| report(&wrong, field, faults));
    }
    if faults.found.is_empty() {
        // Whether objects have a namespace is not said there.
        metadata::check(object, true, false, name::dns_subdomain, faults);
    }
}

fn drop_nulls(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Json::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// Goes down to a field.
fn at(field: &Field<'_>, steps: &[String], then: &mut impl FnMut(&Field<'_>)) {
    let Some((step, rest)) = steps.split_first() else { return then(field) };
    let child = match step.parse::<usize>() {
        Ok(index) if field.node.as_seq().is_some() => field.items().nth(index),
        _ => field.fields().find(|(name, _)| name == step).map(|(_, child)| child),
    };
    match child {
        Some(child) => at(&child, rest, then),
        None => then(field),
    }
}

fn report(wrong: &Wrong, field: &Field<'_>, faults: &mut Faults) {
    let said = &wrong.words;
    let place = match field.to_string() {
        path if path.is_empty() => "the object".to_owned(),
        path => format!("`{path}`"),
    };
    match &wrong.way {
        Way::Unknown(name) => {
            let found = field.fields().find(|(known, _)| known == name);
            let child = found.map_or(*field, |(_, child)| child);
            let message = format!("unknown field `{name}` in {place}");
            faults.at_key("field-unknown", Reason::Unknown, &child, message);
        }
        Way::Missing(name) => {
            faults.missing("field-required", field, name, format!("{place} needs `{name}`"));
        }
        Way::Type => {
            faults.at("field-type-mismatch", Reason::Type, field, format!("{place}: {said}"));
        }
        Way::Choice => {
            let message = format!("{place}: {said}");
            faults.at("value-unknown", Reason::NotSupported, field, message);
        }
        Way::Other => {
            faults.at("value-refused", Reason::Invalid, field, format!("{place}: {said}"));
        }
    }
}
