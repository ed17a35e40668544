//! Items of a list that say the same key twice. On create the server takes them, with a warning or
//! without; under server-side apply, which Argo CD uses where it is told to, it refuses them
//! (`sigs.k8s.io/structured-merge-diff/v6/typed`).

use std::collections::{HashMap, HashSet};

use crate::check::object::fault::{Faults, Reason};
use crate::model::{Field, prefixes};
use crate::schema::{Pack, Schema};
use crate::yaml::to_json_string;

const ID: &str = "list-key-repeated";

/// Looks for them in a whole object. Where the server refuses an item anyway, that is said already.
pub(crate) fn check(pack: &Pack, schema: &Schema, object: &Field<'_>, faults: &mut Faults) {
    let refused = faults.found.iter().flat_map(|fault| prefixes(&fault.path));
    let refused = refused.map(str::to_owned).collect();
    Lists { pack, refused, faults }.value(schema, object);
}

struct Lists<'p, 'f> {
    pack: &'p Pack,
    /// Places with faults in them.
    refused: HashSet<String>,
    faults: &'f mut Faults,
}

impl Lists<'_, '_> {
    fn value(&mut self, schema: &Schema, field: &Field<'_>) {
        let (_, schema) = self.pack.follow(schema);
        if let Some(items) = &schema.items {
            if matches!(schema.list_type.as_deref(), Some("map" | "set")) {
                self.repeated(schema, items, field);
            }
            field.items().for_each(|item| self.value(items, &item));
        } else if let Some(values) = &schema.values {
            field.entries().for_each(|(_, value)| self.value(values, &value));
        } else {
            for (name, child) in field.fields() {
                if let Some(known) = schema.properties.get(name) {
                    self.value(known, &child);
                }
            }
        }
    }

    /// The items of one list.
    fn repeated(&mut self, schema: &Schema, items: &Schema, list: &Field<'_>) {
        let (_, items) = self.pack.follow(items);
        let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
        for (number, item) in list.items().enumerate() {
            let key = |name: &str| match item.get(name) {
                Some(field) => to_json_string(field.node),
                None => default(items, name),
            };
            let keys: Vec<String> = match schema.list_keys.as_slice() {
                [] => vec![to_json_string(item.node)],
                names => names.iter().map(|name| key(name)).collect(),
            };
            let Some(first) = seen.get(&keys) else {
                seen.insert(keys, number);
                continue;
            };
            let path = item.to_string();
            if self.refused.contains(&path) {
                continue;
            }
            let said: Vec<_> = match schema.list_keys.as_slice() {
                [] => keys,
                names => {
                    names.iter().zip(keys).map(|(name, key)| format!("{name}: {key}")).collect()
                }
            };
            let said = said.join(", ");
            let message = format!("`{path}` says `{said}` again, as `{list}[{first}]` does");
            let fault = self.faults.at(ID, Reason::Duplicate, &item, message);
            fault.reason = None;
            fault.help("remove one of them: server-side apply refuses the object");
        }
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

    use crate::check::object::Judge;
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
