//! Lists whose items must differ: `pkg/apiserver/schema/listtype/validation.go`.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::check::object::custom::children;
use crate::check::object::fault::{Faults, Reason};
use crate::model::Field;
use crate::schema::{ListKind, Structural};
use crate::yaml::{self, Value};

/// Checks every list of a value.
pub(crate) fn check(schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
    match &field.node.value {
        Value::Map(_) => {
            children(schema, field).for_each(|(known, child)| check(known, &child, faults));
        }
        Value::Seq(_) => {
            match &schema.list {
                ListKind::Atomic => {}
                ListKind::Set => set(field, faults),
                ListKind::Map(keys) => map(keys, field, faults),
            }
            if let Some(items) = &schema.items {
                field.items().for_each(|item| check(items, &item, faults));
            }
        }
        _ => {}
    }
}

fn set(list: &Field<'_>, faults: &mut Faults) {
    let items = list.items().map(|item| yaml::to_json(item.node)).collect();
    repeated(items, list, faults, |item| format!("{item} is there before"));
}

fn map(keys: &[Box<str>], list: &Field<'_>, faults: &mut Faults) {
    for item in list.items() {
        if item.node.as_map().is_none() && !item.node.is_null() {
            let message = format!("`{item}` must be a map, not {}", item.node.type_name());
            faults.at("field-type-mismatch", Reason::Invalid, &item, message);
            return;
        }
    }
    let of_item = |item: Field<'_>| -> Json {
        let known = |key: &str| Some((key.to_owned(), yaml::to_json(item.node.get(key)?)));
        Json::Object(keys.iter().filter_map(|key| known(key)).collect())
    };
    let items = list.items().map(of_item).collect();
    repeated(items, list, faults, |item| {
        let said = |(key, value): (&String, &Json)| format!("`{key}: {}`", plain(value));
        let item: Vec<String> = item.as_object().into_iter().flatten().map(said).collect();
        format!("an item with {} is there before", item.join(" and "))
    });
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A fault at the second of several that are alike.
fn repeated(
    items: Vec<Json>,
    list: &Field<'_>,
    faults: &mut Faults,
    message: impl Fn(&Json) -> String,
) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (item, field) in items.iter().zip(list.items()) {
        let times = seen.entry(item.to_string()).or_default();
        *times += 1;
        if *times == 2 {
            let message = format!("in `{list}`, {}", message(item));
            faults.at("list-item-taken", Reason::Duplicate, &field, message);
        }
    }
}
