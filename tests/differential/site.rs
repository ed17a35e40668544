//! The places in an object, each with the schema that says what may stand there.

use gitopsc::schema::{Pack, Schema};
use serde_json::{Map, Value};

/// One step from a value into what it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// A place in an object.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) path: Vec<Step>,
    /// The name of the schema of what holds it; empty where that has none.
    pub(crate) owner: &'static str,
    /// The name of its own schema.
    pub(crate) name: &'static str,
    pub(crate) schema: &'static Schema,
    /// The nearest field above, or the field itself.
    pub(crate) field: String,
    /// Whether it is the value of a field, not an item or an entry of a map.
    pub(crate) is_field: bool,
}

impl Site {
    pub(crate) fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    pub(crate) fn path(&self) -> String {
        let step = |step: &Step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::Item(index) => format!("[{index}]"),
        };
        self.path.iter().map(step).collect()
    }
}

/// Every place of an object but the object itself and what says which kind it is.
pub(crate) fn sites(pack: &'static Pack, schema: &'static Schema, object: &Value) -> Vec<Site> {
    let mut found = Vec::new();
    walk(pack, schema, object, &root(), &mut found);
    let kind = |site: &Site| site.path.len() == 1 && matches!(&*site.field, "kind" | "apiVersion");
    found.retain(|site| !kind(site));
    found
}

fn root() -> Site {
    static NOTHING: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(Schema::default);
    Site {
        path: Vec::new(),
        owner: "",
        name: "",
        schema: &NOTHING,
        field: String::new(),
        is_field: false,
    }
}

fn walk(
    pack: &'static Pack,
    schema: &'static Schema,
    value: &Value,
    above: &Site,
    found: &mut Vec<Site>,
) {
    let mut visit = |step: Step, schema: &'static Schema, value: &Value, is_field: bool| {
        let (name, schema) = pack.follow(schema);
        let field = match &step {
            Step::Key(key) if is_field => key.clone(),
            _ => above.field.clone(),
        };
        let path = above.path.iter().cloned().chain([step]).collect();
        let site = Site { path, owner: above.name, name, schema, field, is_field };
        found.push(site.clone());
        walk(pack, schema, value, &site, found);
    };
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let known = schema.properties.get(&**key);
                if let Some(schema) = known.or(schema.values.as_deref()) {
                    visit(Step::Key(key.clone()), schema, inner, known.is_some());
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                if let Some(schema) = &schema.items {
                    visit(Step::Item(index), schema, inner, false);
                }
            }
        }
        _ => {}
    }
}

/// What stands at a place.
pub(crate) fn at<'v>(object: &'v Value, path: &[Step]) -> &'v Value {
    path.iter().fold(object, |value, step| match step {
        Step::Key(key) => &value[key],
        Step::Item(index) => &value[index],
    })
}

/// The same, to change it.
pub(crate) fn at_mut<'v>(object: &'v mut Value, path: &[Step]) -> &'v mut Value {
    path.iter().fold(object, |value, step| match step {
        Step::Key(key) => &mut value[key],
        Step::Item(index) => &mut value[index],
    })
}

/// What holds a place, and the last step into it.
pub(crate) fn holder<'v, 's>(
    object: &'v mut Value,
    path: &'s [Step],
) -> Option<(&'v mut Value, &'s Step)> {
    let (last, above) = path.split_last()?;
    Some((at_mut(object, above), last))
}

/// Takes away what stands at a place, keeping the order of the rest.
pub(crate) fn remove(object: &mut Value, path: &[Step]) -> Option<Value> {
    match holder(object, path)? {
        (Value::Object(map), Step::Key(key)) => map.shift_remove(key),
        (Value::Array(items), Step::Item(index)) => Some(items.remove(*index)),
        _ => None,
    }
}

/// Gives a field another name where it stands.
pub(crate) fn rename(map: &mut Map<String, Value>, from: &str, to: &str) {
    let all = std::mem::take(map);
    for (key, value) in all {
        map.insert(if key == from { to.to_owned() } else { key }, value);
    }
}
