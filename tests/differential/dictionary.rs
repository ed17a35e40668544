//! What objects are known to hold at each field, and values made up from the schema where nothing is known.

use std::collections::BTreeMap;

use gitopsc::schema::{Pack, Schema};
use serde_json::{Map, Value, json};

use super::random::Random;
use super::site::{Site, at, sites};
use super::words::{Sort, filled};

/// How many values of one field are kept.
const KEPT: usize = 60;

/// Values of fields, by the schema that has the field.
pub(crate) struct Dictionary {
    pack: &'static Pack,
    by_field: BTreeMap<String, Vec<Value>>,
    entangled: Value,
    words: Value,
}

impl Dictionary {
    pub(crate) fn new(pack: &'static Pack, entangled: Value, words: Value) -> Self {
        Self { pack, by_field: BTreeMap::new(), entangled, words }
    }

    /// Learns the fields of an object.
    pub(crate) fn learn(&mut self, schema: &'static Schema, object: &Value) {
        for Site { path, owner, field, is_field, .. } in sites(self.pack, schema, object) {
            if is_field && !owner.is_empty() {
                let known = self.by_field.entry(format!("{owner}/{field}")).or_default();
                let value = at(object, &path);
                if known.len() < KEPT && !known.contains(value) {
                    known.push(value.clone());
                }
            }
        }
    }

    /// Another value for a place of this sort, most likely a wrong one.
    pub(crate) fn spoilt(&self, sort: Sort, was: &Value, random: &mut Random) -> Option<Value> {
        let words = self.words[format!("{sort:?}")].as_array()?;
        Some(filled(random.pick(words)?, was))
    }

    /// Fields to lay over an object of this schema.
    pub(crate) fn entangled(&self, schema: &str) -> &[Value] {
        let name = schema.rsplit('.').next().unwrap_or_default();
        self.entangled[name].as_array().map_or(&[], Vec::as_slice)
    }

    /// A value that some object has at this field.
    pub(crate) fn known(&self, owner: &str, field: &str, random: &mut Random) -> Option<Value> {
        random.pick(self.by_field.get(&format!("{owner}/{field}"))?).cloned()
    }

    /// A value for a field: one that is known, or one that the schema allows.
    pub(crate) fn value(
        &self,
        owner: &str,
        field: &str,
        schema: &'static Schema,
        depth: usize,
        random: &mut Random,
    ) -> Value {
        if random.chance(70)
            && let Some(known) = self.known(owner, field, random)
        {
            return known;
        }
        self.made_up(field, schema, depth, random)
    }

    fn made_up(
        &self,
        field: &str,
        schema: &'static Schema,
        depth: usize,
        random: &mut Random,
    ) -> Value {
        let (name, schema) = self.pack.follow(schema);
        let mut pick = |from: &[Value]| random.pick(from).cloned().unwrap_or_default();
        match name.rsplit('.').next().unwrap_or_default() {
            "Quantity" => return pick(&[json!("1"), json!("500m"), json!("1Gi"), json!("64Mi")]),
            "IntOrString" => return pick(&[json!(1), json!("25%"), json!("http"), json!(8080)]),
            "Time" => return json!("2026-01-31T12:00:00Z"),
            "MicroTime" => return json!("2026-01-31T12:00:00.000000Z"),
            _ => {}
        }
        if !schema.choices.is_empty() {
            return random.pick(&schema.choices).map(|choice| json!(choice)).unwrap_or_default();
        }
        match schema.kind.as_deref() {
            Some("object") if !schema.properties.is_empty() => {
                self.object(name, schema, depth, random)
            }
            Some("object") => match &schema.values {
                Some(values) => {
                    let value = self.made_up(field, values, depth + 1, random);
                    let key = *random.pick(&["a", "app", "cpu", "memory"]).expect("a key");
                    json!({key: value})
                }
                None => json!({}),
            },
            Some("array") => {
                let items = schema.items.as_deref().expect("arrays say what they hold");
                let length = 1 + random.below(2);
                (0..length).map(|_| self.made_up(field, items, depth + 1, random)).collect()
            }
            Some("boolean") => json!(random.chance(50)),
            Some("integer") => {
                pick(&[json!(0), json!(1), json!(2), json!(10), json!(80), json!(1000)])
            }
            Some("number") => json!(1.5),
            _ if schema.format.as_deref() == Some("byte") => json!("YQ=="),
            _ => match field {
                f if f.ends_with("ath") => pick(&[json!("/a"), json!("a"), json!("/healthz")]),
                f if f.contains("IP") || f == "ip" => pick(&[json!("10.0.0.1"), json!("fd00::1")]),
                f if f.contains("idr") => pick(&[json!("10.0.0.0/8"), json!("fd00::/64")]),
                _ => pick(&[
                    json!("a"),
                    json!("web"),
                    json!("x"),
                    json!("example.com/a"),
                    json!("v1"),
                    json!("Pod"),
                ]),
            },
        }
    }

    fn object(
        &self,
        name: &str,
        schema: &'static Schema,
        depth: usize,
        random: &mut Random,
    ) -> Value {
        let mut map = Map::new();
        for field in fields(schema) {
            let percent = match depth {
                0 | 1 => 25,
                2 => 12,
                _ => 0,
            };
            if schema.required.iter().any(|required| **required == *field) || random.chance(percent)
            {
                let value = self.value(name, field, &schema.properties[field], depth + 1, random);
                map.insert(field.to_owned(), value);
            }
        }
        Value::Object(map)
    }
}

/// The names of a schema's fields, in order: a hash map has none.
pub(crate) fn fields(schema: &'static Schema) -> Vec<&'static str> {
    let mut fields: Vec<&str> = schema.properties.keys().map(|field| &**field).collect();
    fields.sort_unstable();
    fields
}
