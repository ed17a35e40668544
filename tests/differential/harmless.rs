//! The ways that most often leave an object sound.

use serde_json::{Value, json};

use super::dictionary::fields;
use super::mutate::{Mutation, short};
use super::random::Random;
use super::site::{at, at_mut, remove};

impl Mutation {
    pub(super) fn labelled(&mut self) -> Option<String> {
        let metadata =
            self.site(|site, value| site.short_name() == "ObjectMeta" && value.is_object())?;
        let map = at_mut(&mut self.object, &metadata.path).as_object_mut()?;
        let field = *self.random.pick(&["labels", "annotations"])?;
        let (key, value) = *self.random.pick(&[
            ("team", "payments"),
            ("app.kubernetes.io/part-of", "shop"),
            ("example.com/Some_Thing.x", "A-1"),
            ("empty", ""),
        ])?;
        if map.get(field).is_none_or(Value::is_null) {
            map.insert(field.to_owned(), json!({}));
        }
        map[field].as_object_mut()?.insert(key.to_owned(), json!(value));
        Some(format!("{} + {field} {key}", metadata.path()))
    }

    pub(super) fn other_quantity(&mut self) -> Option<String> {
        let site = self.site(|site, value| site.short_name() == "Quantity" && value.is_string())?;
        let was = at(&self.object, &site.path).as_str()?.to_owned();
        let all = match was.strip_suffix("Gi").and_then(|number| number.parse::<u64>().ok()) {
            Some(number) => vec![
                format!("{}Mi", number * 1024),
                format!("{}Ki", number << 20),
                format!("{}", number << 30),
                format!("+{was}"),
                format!("{number}.0Gi"),
            ],
            None => match was.parse::<u64>() {
                Ok(number) => vec![
                    format!("{number}000m"),
                    format!("{number}.0"),
                    format!("{number}e0"),
                    format!("0{number}"),
                ],
                Err(_) => vec![format!("+{was}"), format!("0{was}")],
            },
        };
        let value = json!(self.random.pick(&all)?);
        self.put(&site, value)
    }

    pub(super) fn reordered(&mut self) -> Option<String> {
        fn reorder(value: &mut Value, random: &mut Random) {
            match value {
                Value::Object(map) => {
                    let mut all: Vec<_> = std::mem::take(map).into_iter().collect();
                    random.shuffle(&mut all);
                    all.iter_mut().for_each(|(_, inner)| reorder(inner, random));
                    *map = all.into_iter().collect();
                }
                Value::Array(items) => items.iter_mut().for_each(|inner| reorder(inner, random)),
                _ => {}
            }
        }
        reorder(&mut self.object, &mut self.random);
        Some("fields in another order".to_owned())
    }

    /// Several times what other objects have, at the same fields.
    pub(super) fn grown(&mut self) -> Option<String> {
        const WAYS: [fn(&mut Mutation) -> Option<String>; 4] = [
            Mutation::field_known,
            Mutation::field_of_another,
            Mutation::labelled,
            Mutation::other_quantity,
        ];
        let turns = 2 + self.random.below(5);
        let changes: Vec<_> = (0..turns).filter_map(|_| self.random.pick(&WAYS)?(self)).collect();
        (!changes.is_empty()).then(|| changes.join("; "))
    }

    /// A field that is not there, with a value that another object has.
    fn field_known(&mut self) -> Option<String> {
        let (path, name, schema) = self.a_map()?;
        let map = at(&self.object, &path).as_object()?;
        let field = *self.random.pick(
            &fields(schema)
                .into_iter()
                .filter(|field| !map.contains_key(*field))
                .collect::<Vec<_>>(),
        )?;
        let value = self.dictionary.known(name, field, &mut self.random)?;
        let words = format!("{path:?} + {field}: {}", short(&value));
        at_mut(&mut self.object, &path).as_object_mut()?.insert(field.to_owned(), value);
        Some(words)
    }

    pub(super) fn optional_removed(&mut self) -> Option<String> {
        let site = self.site(|site, _| site.is_field && site.path.len() > 2)?;
        remove(&mut self.object, &site.path)?;
        Some(format!("{} removed", site.path()))
    }

    pub(super) fn other_choice(&mut self) -> Option<String> {
        let site = self.site(|site, _| !site.schema.choices.is_empty())?;
        let value = json!(self.random.pick(&site.schema.choices)?);
        self.put(&site, value)
    }
}
