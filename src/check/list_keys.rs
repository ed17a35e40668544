//! Items of a list that say the same key twice. On create the server takes them, with a warning or
//! without; under server-side apply, which Argo CD uses where it is told to, it refuses them
//! (`sigs.k8s.io/structured-merge-diff/v6/typed`).

use std::collections::BTreeMap;

use crate::check::fault::{Faults, Reason};
use crate::check::field::Field;
use crate::schema::{Pack, Schema};
use crate::yaml::to_json_string;

const ID: &str = "list-key-repeated";

/// Looks for them in a whole object.
pub(crate) fn check(pack: &Pack, schema: &Schema, field: &Field<'_>, faults: &mut Faults) {
    let (_, schema) = pack.follow(schema);
    if let Some(items) = &schema.items {
        if matches!(schema.list_type.as_deref(), Some("map" | "set")) {
            repeated(pack, schema, items, field, faults);
        }
        field.items().for_each(|item| check(pack, items, &item, faults));
    } else if let Some(values) = &schema.values {
        field.entries().for_each(|(_, value)| check(pack, values, &value, faults));
    } else {
        for (name, child) in field.fields() {
            if let Some(known) = schema.properties.get(name) {
                check(pack, known, &child, faults);
            }
        }
    }
}

/// The items of one list.
fn repeated(pack: &Pack, schema: &Schema, items: &Schema, list: &Field<'_>, faults: &mut Faults) {
    let (_, items) = pack.follow(items);
    let mut seen: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for item in list.items() {
        let key = |name: &str| match item.get(name) {
            Some(field) => to_json_string(field.node),
            None => default(items, name),
        };
        let keys: Vec<String> = match schema.list_keys.as_slice() {
            [] => vec![to_json_string(item.node)],
            names => names.iter().map(|name| key(name)).collect(),
        };
        let path = item.to_string();
        let Some(first) = seen.get(&keys) else {
            seen.insert(keys, path);
            continue;
        };
        // Where the server refuses it anyway, that is said.
        if faults.found.iter().any(|fault| fault.path.starts_with(&path)) {
            continue;
        }
        let said: Vec<_> = match schema.list_keys.as_slice() {
            [] => keys,
            names => names.iter().zip(keys).map(|(name, key)| format!("{name}: {key}")).collect(),
        };
        let said = said.join(", ");
        let message = format!("`{path}` says `{said}` again, as `{first}` does");
        let fault = faults.at(ID, Reason::Duplicate, &item, message);
        fault.reason = None;
        fault.help("remove one of them: server-side apply refuses the object");
    }
}

/// What the server puts for a key that is not there.
fn default(items: &Schema, name: &str) -> String {
    let default = items.properties.get(name).and_then(|schema| schema.default.as_ref());
    default.map_or_else(String::new, ToString::to_string)
}
