//! The ways to change an object. Each gives what it did in words, or nothing where it cannot be done.

use std::rc::Rc;

use gitopsc::schema::{Pack, Schema};
use serde_json::Value;

use super::dictionary::{Dictionary, fields};
use super::random::Random;
use super::site::{Site, Step, at, at_mut, sites};
use super::words::{Sort, sort};

/// An object on its way to a mutant.
pub(crate) struct Mutation {
    pub(crate) pack: &'static Pack,
    /// The name of the object's schema.
    pub(crate) name: &'static str,
    pub(crate) schema: &'static Schema,
    pub(crate) dictionary: Rc<Dictionary>,
    pub(crate) object: Value,
    pub(crate) random: Random,
}

/// A way to change an object.
pub(crate) type Class = (&'static str, fn(&mut Mutation) -> Option<String>);

/// How often a way is taken beside the others: those that one simple rule answers less, those of many rules more.
pub(crate) fn weight(class: &str) -> usize {
    match class {
        "field-invented" | "misspelt" | "moved" | "object-name" | "version" | "ok-as-it-is" => 1,
        "entangled" => 14,
        "combined" | "field-added" | "one-of" | "ok-added" | "ok-choice" | "ok-grown" => 6,
        _ => 3,
    }
}

/// The ways that most often break it.
pub(crate) const BREAKING: [Class; 28] = [
    ("address", |m| m.spoil(&[Sort::Address])),
    ("choice", |m| m.spoil(&[Sort::Choice])),
    ("combined", Mutation::combined),
    ("duplicated", Mutation::duplicated),
    ("emptied", Mutation::emptied),
    ("entangled", Mutation::entangled),
    ("field-added", Mutation::field_added),
    ("field-invented", Mutation::field_invented),
    ("field-of-another", Mutation::field_of_another),
    ("key", |m| m.spoil(&[Sort::Key])),
    ("label", |m| m.spoil(&[Sort::Label])),
    ("map-key", Mutation::map_key),
    ("misspelt", Mutation::misspelt),
    ("moved", Mutation::moved),
    ("name", |m| m.spoil(&[Sort::Name])),
    ("number", |m| m.spoil(&[Sort::Number])),
    ("object-name", Mutation::object_name),
    ("one-of", Mutation::one_of),
    ("path", |m| m.spoil(&[Sort::Path])),
    ("port", |m| m.spoil(&[Sort::Port])),
    ("quantity", |m| m.spoil(&[Sort::Quantity])),
    ("removed", Mutation::removed),
    ("selector", |m| m.spoil(&[Sort::Selector])),
    ("swapped", Mutation::swapped),
    ("text", |m| m.spoil(&[Sort::Text])),
    ("time", |m| m.spoil(&[Sort::Time])),
    ("type", Mutation::wrong_type),
    ("version", Mutation::version),
];

/// The ways that most often leave it sound.
pub(crate) const HARMLESS: [Class; 8] = [
    ("ok-added", Mutation::field_added),
    ("ok-as-it-is", |_| Some("nothing".to_owned())),
    ("ok-choice", Mutation::other_choice),
    ("ok-grown", Mutation::grown),
    ("ok-label", Mutation::labelled),
    ("ok-quantity", Mutation::other_quantity),
    ("ok-removed", Mutation::optional_removed),
    ("ok-reordered", Mutation::reordered),
];

impl Mutation {
    pub(super) fn sites(&self) -> Vec<Site> {
        sites(self.pack, self.schema, &self.object)
    }

    /// A place that will do.
    pub(super) fn site(&mut self, will_do: impl Fn(&Site, &Value) -> bool) -> Option<Site> {
        let mut found = self.sites();
        found.retain(|site| will_do(site, at(&self.object, &site.path)));
        self.random.pick(&found).cloned()
    }

    /// The schema of a map that stands at a place, with the map's fields; of the object itself at no place.
    pub(super) fn a_map(&mut self) -> Option<(Vec<Step>, &'static str, &'static Schema)> {
        let mut found: Vec<_> = self.sites();
        found.retain(|site| {
            at(&self.object, &site.path).is_object() && !site.schema.properties.is_empty()
        });
        match self.random.below(found.len() + 1).checked_sub(1) {
            None => Some((Vec::new(), "", self.schema)),
            Some(index) => {
                let site = found.swap_remove(index);
                Some((site.path, site.name, site.schema))
            }
        }
    }

    pub(super) fn spoil(&mut self, sorts: &[Sort]) -> Option<String> {
        let site = self.site(|site, value| sorts.contains(&sort(site, value)))?;
        let was = at(&self.object, &site.path).clone();
        let value = self.dictionary.spoilt(sort(&site, &was), &was, &mut self.random)?;
        self.put(&site, value)
    }

    pub(super) fn put(&mut self, site: &Site, value: Value) -> Option<String> {
        let place = at_mut(&mut self.object, &site.path);
        if *place == value {
            return None;
        }
        let words = format!("{}: {} -> {}", site.path(), short(place), short(&value));
        *place = value;
        Some(words)
    }

    /// A field by the schema, with a value that some object has there or that the schema allows.
    fn field_added(&mut self) -> Option<String> {
        let (path, name, schema) = self.a_map()?;
        self.add_field(&path, name, schema)
    }

    /// Fields that others have a say in, from `entangled.yaml`.
    fn entangled(&mut self) -> Option<String> {
        let mut places: Vec<_> =
            self.sites().into_iter().map(|site| (site.path, site.name)).collect();
        places.push((Vec::new(), self.name));
        let known = |name: &str| self.dictionary.entangled(name);
        places.retain(|(path, name)| !known(name).is_empty() && at(&self.object, path).is_object());
        let (path, name) = self.random.pick(&places)?.clone();
        let patch = self.random.pick(self.dictionary.entangled(name))?.clone();
        let place = at_mut(&mut self.object, &path).as_object_mut()?;
        for (key, value) in patch.as_object()? {
            // Labels and annotations come to those that are there.
            match (place.get_mut(key).and_then(Value::as_object_mut), value.as_object()) {
                (Some(there), Some(more)) if matches!(&**key, "labels" | "annotations") => {
                    there.extend(more.clone());
                }
                _ => drop(place.insert(key.clone(), value.clone())),
            }
        }
        Some(format!("{path:?} + {}", short(&patch)))
    }

    /// A second member beside the one or two that a map has, as one-ofs are broken.
    fn one_of(&mut self) -> Option<String> {
        let site = self.site(|site, value| {
            let few = |map: &serde_json::Map<_, _>| (1..=3).contains(&map.len());
            site.schema.properties.len() > 1
                && value.as_object().is_some_and(few)
                && site.short_name() != "ObjectMeta"
        })?;
        self.add_field(&site.path, site.name, site.schema)
    }

    fn add_field(
        &mut self,
        path: &[Step],
        name: &'static str,
        schema: &'static Schema,
    ) -> Option<String> {
        let map = at(&self.object, path).as_object()?;
        let free: Vec<_> = fields(schema)
            .into_iter()
            .filter(|field| !map.contains_key(*field) && !matches!(*field, "kind" | "apiVersion"))
            .collect();
        let field = *self.random.pick(&free)?;
        let inner = &schema.properties[field];
        let value = self.dictionary.value(name, field, inner, 1, &mut self.random);
        let words = format!("{path:?} + {field}: {}", short(&value));
        at_mut(&mut self.object, path).as_object_mut()?.insert(field.to_owned(), value);
        Some(words)
    }

    /// A value that another object has at the same field.
    pub(super) fn field_of_another(&mut self) -> Option<String> {
        let site = self.site(|site, _| site.is_field && !site.owner.is_empty())?;
        let value = self.dictionary.known(site.owner, &site.field, &mut self.random)?;
        self.put(&site, value)
    }
}

pub(super) fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.len() < 90 { text } else { format!("{}…", text.chars().take(80).collect::<String>()) }
}
