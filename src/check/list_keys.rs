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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::Judge;
    use crate::schema::Definitions;
    use crate::source::{Sources, Span};
    use crate::yaml;

    /// The ids and paths of what is said of a pod with these ports.
    fn said(ports: &serde_json::Value) -> Vec<(&'static str, String)> {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "a"},
            "spec": {"containers": [{"name": "a", "image": "a", "ports": ports}]},
        });
        let definitions = Definitions::default();
        let verdict = Judge::new(36, &definitions).object(&yaml::from_json(&pod, span));
        assert!(verdict.faults.iter().all(|fault| fault.reason.is_none()), "a warning at most");
        verdict.faults.into_iter().map(|fault| (fault.id, fault.path)).collect()
    }

    #[test]
    fn a_default_is_a_key_too() {
        let twice = json!([{"containerPort": 53}, {"containerPort": 53, "protocol": "TCP"}]);
        let at = "spec.containers[0].ports[1]".to_owned();
        assert_eq!(said(&twice), [("list-key-repeated", at)]);
        let other = json!([{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]);
        assert_eq!(said(&other), []);
    }
}
