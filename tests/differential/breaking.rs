//! The ways that most often break an object.

use serde_json::{Value, json};

use super::mutate::{BREAKING, HARMLESS, Mutation, short};
use super::site::{Step, at, at_mut, holder, remove, rename};
use super::words::Sort;

impl Mutation {
    /// A list's item a second time, as it is, with one thing changed, or with its name taken by another.
    pub(super) fn duplicated(&mut self) -> Option<String> {
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
    pub(super) fn swapped(&mut self) -> Option<String> {
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

    /// A field moves a level up, or into a map beside it.
    pub(super) fn moved(&mut self) -> Option<String> {
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

    pub(super) fn misspelt(&mut self) -> Option<String> {
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

    /// The key of a map with free keys: a label, a resource, a file.
    pub(super) fn map_key(&mut self) -> Option<String> {
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

    /// A field that only another schema has.
    pub(super) fn field_invented(&mut self) -> Option<String> {
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

    pub(super) fn wrong_type(&mut self) -> Option<String> {
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

    pub(super) fn version(&mut self) -> Option<String> {
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

    pub(super) fn object_name(&mut self) -> Option<String> {
        let path = [Step::Key("metadata".into()), Step::Key("name".into())];
        let was = self.object.pointer("/metadata/name")?.clone();
        let value = self.dictionary.spoilt(Sort::Name, &was, &mut self.random)?;
        *at_mut(&mut self.object, &path) = value.clone();
        Some(format!("{path:?} -> {}", short(&value)))
    }

    pub(super) fn emptied(&mut self) -> Option<String> {
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

    pub(super) fn removed(&mut self) -> Option<String> {
        let site = self.site(|_, _| true)?;
        remove(&mut self.object, &site.path)?;
        Some(format!("{} removed", site.path()))
    }

    pub(super) fn combined(&mut self) -> Option<String> {
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
}
