//! The ways to change an object. Each gives what it did in words, or nothing where it cannot be done.

use std::rc::Rc;

use gitopsc::schema::{Pack, Schema};
use serde_json::{Value, json};

use super::dictionary::{Dictionary, fields};
use super::random::Random;
use super::site::{Site, Step, at, at_mut, holder, remove, rename, sites};
use super::words::{Sort, sort, spoilt};

/// An object on its way to a mutant.
pub(crate) struct Mutation {
    pub(crate) pack: &'static Pack,
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
        "combined" | "field-added" | "one-of" | "ok-added" | "ok-choice" => 6,
        _ => 3,
    }
}

/// The ways that most often break it.
pub(crate) const BREAKING: [Class; 27] = [
    ("address", |m| m.spoil(&[Sort::Address])),
    ("choice", |m| m.spoil(&[Sort::Choice])),
    ("combined", Mutation::combined),
    ("duplicated", Mutation::duplicated),
    ("emptied", Mutation::emptied),
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
pub(crate) const HARMLESS: [Class; 7] = [
    ("ok-added", Mutation::field_added),
    ("ok-as-it-is", |_| Some("nothing".to_owned())),
    ("ok-choice", Mutation::other_choice),
    ("ok-label", Mutation::labelled),
    ("ok-quantity", Mutation::other_quantity),
    ("ok-removed", Mutation::optional_removed),
    ("ok-reordered", Mutation::reordered),
];

impl Mutation {
    fn sites(&self) -> Vec<Site> {
        sites(self.pack, self.schema, &self.object)
    }

    /// A place that will do.
    fn site(&mut self, will_do: impl Fn(&Site, &Value) -> bool) -> Option<Site> {
        let mut found = self.sites();
        found.retain(|site| will_do(site, at(&self.object, &site.path)));
        self.random.pick(&found).cloned()
    }

    /// The schema of a map that stands at a place, with the map's fields; of the object itself at no place.
    fn a_map(&mut self) -> Option<(Vec<Step>, &'static str, &'static Schema)> {
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

    fn spoil(&mut self, sorts: &[Sort]) -> Option<String> {
        let site = self.site(|site, value| sorts.contains(&sort(site, value)))?;
        let was = at(&self.object, &site.path).clone();
        let value = self.random.pick(&spoilt(sort(&site, &was), &was))?.clone();
        self.put(&site, value)
    }

    fn put(&mut self, site: &Site, value: Value) -> Option<String> {
        let place = at_mut(&mut self.object, &site.path);
        if *place == value {
            return None;
        }
        let words = format!("{}: {} -> {}", site.path(), short(place), short(&value));
        *place = value;
        Some(words)
    }

    fn combined(&mut self) -> Option<String> {
        let mut changes = Vec::new();
        for _ in 0..2 + self.random.below(3) {
            let all = [&BREAKING[..], &HARMLESS[..]][usize::from(self.random.chance(70))];
            let (name, change) = *self.random.pick(all)?;
            if name != "combined" {
                changes.extend(change(self));
            }
        }
        (!changes.is_empty()).then(|| changes.join("; "))
    }

    fn removed(&mut self) -> Option<String> {
        let site = self.site(|_, _| true)?;
        remove(&mut self.object, &site.path)?;
        Some(format!("{} removed", site.path()))
    }

    fn optional_removed(&mut self) -> Option<String> {
        let site = self.site(|site, _| site.is_field && site.path.len() > 2)?;
        remove(&mut self.object, &site.path)?;
        Some(format!("{} removed", site.path()))
    }

    fn emptied(&mut self) -> Option<String> {
        let site = self.site(|_, _| true)?;
        let mut empty = vec![Value::Null];
        match at(&self.object, &site.path) {
            Value::Object(_) => empty.push(json!({})),
            Value::Array(_) => empty.extend([json!([]), json!([null])]),
            Value::String(_) => empty.push(json!("")),
            _ => {}
        }
        let value = self.random.pick(&empty)?.clone();
        self.put(&site, value)
    }

    fn misspelt(&mut self) -> Option<String> {
        let site = self.site(|site, _| site.is_field)?;
        let name = &site.field;
        let mut upper = name.clone();
        upper[..1].make_ascii_uppercase();
        let shorter = &name[..name.len() - 1];
        let snake: String = name
            .chars()
            .flat_map(
                |c| if c.is_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] },
            )
            .collect();
        let all = [
            upper,
            shorter.to_owned(),
            format!("{name}s"),
            name.to_lowercase(),
            snake,
            format!("{name} "),
        ];
        let new = self.random.pick(&all)?.clone();
        if new == *name || new.is_empty() {
            return None;
        }
        let (Value::Object(map), _) = holder(&mut self.object, &site.path)? else { return None };
        if map.contains_key(&new) {
            return None;
        }
        rename(map, &site.field, &new);
        Some(format!("{} is called `{new}`", site.path()))
    }

    /// A field moves a level up, or into a map beside it.
    fn moved(&mut self) -> Option<String> {
        let site = self.site(|site, _| site.is_field && site.path.len() > 1)?;
        let (key, above) = (site.field.clone(), site.path.len() - 1);
        let beside: Vec<Vec<Step>> = self
            .sites()
            .into_iter()
            .filter(|other| {
                other.path.len() == site.path.len()
                    && other.path[..above] == site.path[..above]
                    && other.path != site.path
                    && at(&self.object, &other.path).is_object()
            })
            .map(|other| other.path)
            .collect();
        let into = if self.random.chance(50) && !beside.is_empty() {
            self.random.pick(&beside)?.clone()
        } else {
            site.path[..above - 1].to_vec()
        };
        let value = remove(&mut self.object, &site.path)?;
        let Value::Object(map) = at_mut(&mut self.object, &into) else { return None };
        if map.contains_key(&key) {
            return None;
        }
        map.insert(key, value);
        Some(format!("{} moved", site.path()))
    }

    /// A field by the schema, with a value that some object has there or that the schema allows.
    fn field_added(&mut self) -> Option<String> {
        let (path, name, schema) = self.a_map()?;
        self.add_field(&path, name, schema)
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

    /// A field that only another schema has.
    fn field_invented(&mut self) -> Option<String> {
        const STRANGE: [&str; 12] = [
            "spec",
            "name",
            "retry",
            "replicas",
            "image",
            "enabled",
            "port",
            "labels",
            "env",
            "x-note",
            "namespace",
            "strategy",
        ];
        let (path, _, schema) = self.a_map()?;
        let other = self.site(|_, _| true)?;
        let field = match self.random.chance(50) {
            true => (*self.random.pick(&STRANGE)?).to_owned(),
            false => other.field,
        };
        if schema.properties.contains_key(&*field) {
            return None;
        }
        let value = self.random.pick(&[json!(null), json!({}), json!("x"), json!(1)])?.clone();
        at_mut(&mut self.object, &path).as_object_mut()?.insert(field.clone(), value);
        Some(format!("{path:?} + {field}"))
    }

    /// A value that another object has at the same field.
    fn field_of_another(&mut self) -> Option<String> {
        let site = self.site(|site, _| site.is_field && !site.owner.is_empty())?;
        let value = self.dictionary.known(site.owner, &site.field, &mut self.random)?;
        self.put(&site, value)
    }

    fn other_choice(&mut self) -> Option<String> {
        let site = self.site(|site, _| !site.schema.choices.is_empty())?;
        let value = json!(self.random.pick(&site.schema.choices)?);
        self.put(&site, value)
    }

    fn wrong_type(&mut self) -> Option<String> {
        let site = self.site(|_, _| true)?;
        let was = at(&self.object, &site.path).clone();
        let mut others = vec![
            json!(true),
            json!(7),
            json!("7"),
            json!("x"),
            json!({"a": "b"}),
            json!(["a"]),
            json!(1.5),
            json!("true"),
        ];
        if let Value::Number(_) | Value::Bool(_) = was {
            others.push(json!(was.to_string()));
        }
        others.push(json!([was]));
        let value = self.random.pick(&others)?.clone();
        self.put(&site, value)
    }

    /// A list's item a second time, as it is, with one thing changed, or with its name taken by another.
    fn duplicated(&mut self) -> Option<String> {
        let site = self.site(|_, value| value.as_array().is_some_and(|items| !items.is_empty()))?;
        let Value::Array(items) = at_mut(&mut self.object, &site.path) else { return None };
        let from = self.random.below(items.len());
        let mut copy = items[from].clone();
        if self.random.chance(40)
            && let Value::Object(map) = &mut copy
        {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = self.random.pick(&keys)?;
            match &mut map[key] {
                Value::String(text) => text.push('2'),
                Value::Number(number) => map[key] = json!(number.as_i64().unwrap_or(1) + 1),
                _ => {}
            }
        }
        let words = format!("{}[{from}] again", site.path());
        if items.len() > 1 && self.random.chance(40) {
            let name = ["name", "key", "port"].into_iter().find(|key| copy.get(key).is_some())?;
            let other = (from + 1) % items.len();
            items[other].as_object_mut()?.insert(name.to_owned(), copy[name].clone());
            return Some(format!("{words}: {name}"));
        }
        let index = self.random.below(items.len() + 1);
        items.insert(index, copy);
        Some(words)
    }

    /// The values of two fields of one map change places.
    fn swapped(&mut self) -> Option<String> {
        let site = self.site(|_, value| value.as_object().is_some_and(|map| map.len() > 1))?;
        let map = at_mut(&mut self.object, &site.path).as_object_mut()?;
        let mut keys: Vec<String> = map.keys().cloned().collect();
        self.random.shuffle(&mut keys);
        let (one, two) = (map[&keys[0]].clone(), map[&keys[1]].clone());
        if one == two {
            return None;
        }
        map[&keys[0]] = two;
        map[&keys[1]] = one;
        Some(format!("{}: {} and {} swapped", site.path(), keys[0], keys[1]))
    }

    /// The key of a map with free keys: a label, a resource, a file.
    fn map_key(&mut self) -> Option<String> {
        let site = self.site(|site, value| {
            site.schema.values.is_some() && value.as_object().is_some_and(|map| !map.is_empty())
        })?;
        let map = at_mut(&mut self.object, &site.path).as_object_mut()?;
        let keys: Vec<String> = map.keys().cloned().collect();
        let key = self.random.pick(&keys)?.clone();
        let long = |length| "k".repeat(length);
        let new = [
            String::new(),
            format!("{key}x"),
            format!("-{key}"),
            format!("{key}/x/y"),
            "a b".into(),
            format!("Example.com/{key}"),
            format!("example.com/{key}"),
            "/a".into(),
            "a/".into(),
            long(63),
            long(64),
            long(254),
            "é".into(),
            ".".into(),
            "..".into(),
            "..a".into(),
            key.to_uppercase(),
            "cpu".into(),
            "memory".into(),
            "storage".into(),
            "pods".into(),
            "requests.cpu".into(),
            "hugepages-2Mi".into(),
            "ephemeral-storage".into(),
            "example.com/gpu".into(),
            "kubernetes.io/x".into(),
            "requests.example.com/gpu".into(),
            "services.nodeports".into(),
            "count/pods".into(),
        ];
        let new = self.random.pick(&new)?;
        if map.contains_key(new) {
            return None;
        }
        if self.random.chance(50) {
            rename(map, &key, new);
        } else {
            map.insert(new.clone(), map[&key].clone());
        }
        Some(format!("{}[{key}] -> [{new}]", site.path()))
    }

    fn object_name(&mut self) -> Option<String> {
        let path = [Step::Key("metadata".into()), Step::Key("name".into())];
        let was = self.object.pointer("/metadata/name")?.clone();
        let value = self.random.pick(&spoilt(Sort::Name, &was))?.clone();
        *at_mut(&mut self.object, &path) = value.clone();
        Some(format!("{path:?} -> {}", short(&value)))
    }

    fn version(&mut self) -> Option<String> {
        const OTHERS: [&str; 14] = [
            "v1",
            "apps/v1",
            "apps/v1beta1",
            "extensions/v1beta1",
            "batch/v1beta1",
            "autoscaling/v2beta2",
            "policy/v1beta1",
            "networking.k8s.io/v1beta1",
            "v2",
            "apps/v2",
            "apps",
            "",
            "rbac.authorization.k8s.io/v1beta1",
            "example.com/v1",
        ];
        let was = self.object["apiVersion"].as_str()?.to_owned();
        let next = format!("{was}beta1");
        let mut all: Vec<&str> = OTHERS.to_vec();
        all.extend([&*next; 4]);
        let new = *self.random.pick(&all)?;
        self.object["apiVersion"] = json!(new);
        (new != was).then(|| format!("apiVersion {was} -> {new}"))
    }

    fn labelled(&mut self) -> Option<String> {
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

    fn other_quantity(&mut self) -> Option<String> {
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

    fn reordered(&mut self) -> Option<String> {
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
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.len() < 90 { text } else { format!("{}…", text.chars().take(80).collect::<String>()) }
}
