//! `docs/configuration.md`: the tables between its markers are made from the JSON Schemas.

use std::fmt::Write as _;
use std::fs;

use gitopsc::config::ConfigKind;
use serde_json::Value;

use crate::{page, support};

#[test]
fn configuration_reference_is_that_of_the_schemas() {
    let found = page("configuration.md");
    let mut expected = found.clone();
    for kind in ConfigKind::ALL {
        let name = kind.name().to_lowercase();
        let begin = format!("<!-- generated: {name} -->\n");
        let end = format!("<!-- end: {name} -->\n");
        let from = expected.find(&begin).unwrap_or_else(|| panic!("no `{begin}`")) + begin.len();
        let to = expected.find(&end).unwrap_or_else(|| panic!("no `{end}`"));
        expected.replace_range(from..to, &Reference::new(&kind.schema()).text());
    }
    if expected == found {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(support::root().join("docs/configuration.md"), expected).unwrap();
    } else {
        panic!("docs/configuration.md is stale: run `UPDATE_DOCS=1 cargo test --test docs`");
    }
}

/// The reference of one kind.
struct Reference<'a> {
    schema: &'a Value,
    text: String,
}

impl<'a> Reference<'a> {
    fn new(schema: &'a Value) -> Self {
        Self { schema, text: String::new() }
    }

    /// A table of the fields that are no objects, then a section for each that is.
    fn text(mut self) -> String {
        let fields = fields(self.schema);
        let (plain, nested): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|(_, field)| self.inside(field).is_none());
        self.table(plain.into_iter().map(|(name, field)| (name.clone(), field)).collect());
        for (name, field) in nested {
            let _ = write!(self.text, "\n### `{name}`\n\n{}\n\n", self.meaning(field));
            let mut rows = Vec::new();
            self.rows(name, field, &mut rows);
            self.table(rows);
        }
        self.text
    }

    /// What lies below a field, depth first, each by its whole path.
    fn rows(&self, path: &str, field: &'a Value, rows: &mut Vec<(String, &'a Value)>) {
        let Some((steps, inner)) = self.inside(field) else { return };
        for (name, child) in fields(inner) {
            let path = format!("{path}{steps}.{name}");
            rows.push((path.clone(), child));
            self.rows(&path, child, rows);
        }
    }

    fn table(&mut self, rows: Vec<(String, &'a Value)>) {
        self.text.push_str("| Field | Type | Meaning |\n| --- | --- | --- |\n");
        for (path, field) in rows {
            let row = format!("| `{path}` | {} | {} |\n", self.kind(field), self.meaning(field));
            self.text.push_str(&row);
        }
    }

    /// The object that a field is, or holds by name or as items, and the steps to it.
    fn inside(&self, field: &'a Value) -> Option<(String, &'a Value)> {
        let field = self.meant(field);
        if field.get("properties").is_some() {
            return Some((String::new(), field));
        }
        for (step, key) in [(".<name>", "additionalProperties"), ("[]", "items")] {
            let inner = field.get(key).filter(|inner| inner.is_object());
            if let Some((steps, inner)) = inner.and_then(|inner| self.inside(inner)) {
                return Some((format!("{step}{steps}"), inner));
            }
        }
        None
    }

    /// A schema behind its reference and without `null`, which only says that it may be absent.
    fn meant(&self, field: &'a Value) -> &'a Value {
        if let Some(name) = field.get("$ref").and_then(Value::as_str) {
            return self.meant(self.schema.pointer(&name[1..]).expect("a definition"));
        }
        let branches = field.get("anyOf").and_then(Value::as_array);
        let mut branches = branches.into_iter().flatten().filter(|branch| !is_null(branch));
        match (branches.next(), branches.next()) {
            (Some(only), None) => self.meant(only),
            _ => field,
        }
    }

    fn kind(&self, field: &'a Value) -> String {
        let quantity = |field: &Value| {
            field
                .get("$ref")
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with("/Quantity"))
                || field.to_string().contains("\"#/$defs/Quantity\"")
                    && field.get("anyOf").is_some()
        };
        if quantity(field) {
            return "quantity".to_owned();
        }
        let field = self.meant(field);
        if let Some(text) = field.get("const").and_then(Value::as_str) {
            return format!("`{text}`");
        }
        if let Some(branches) = field.get("anyOf").and_then(Value::as_array) {
            let kinds: Vec<_> = branches.iter().map(|branch| self.kind(branch)).collect();
            return kinds.join(" or ");
        }
        if field.get("oneOf").is_some() {
            return "name".to_owned();
        }
        if field.get("properties").is_some() {
            return "object".to_owned();
        }
        let types = match field.get("type") {
            Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        match types.into_iter().find(|one| *one != "null") {
            Some("array") => match field.get("items") {
                Some(items) => format!("list of {}", plural(&self.kind(items))),
                None => "list".to_owned(),
            },
            Some("object") => match field.get("additionalProperties") {
                Some(inner @ Value::Object(_)) => {
                    format!("map to {}", plural(&self.kind(inner)))
                }
                _ => "map".to_owned(),
            },
            Some(other) => other.to_owned(),
            None => "any".to_owned(),
        }
    }

    /// The description, and what each name means where there is a choice of names.
    fn meaning(&self, field: &'a Value) -> String {
        let text = |value: &Value| {
            let text = value.get("description").and_then(Value::as_str).unwrap_or_default();
            text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
        };
        let mut meaning = text(field);
        let names = self.meant(field).get("oneOf").and_then(Value::as_array);
        for name in names.into_iter().flatten() {
            let value = name.get("const").and_then(Value::as_str).unwrap_or_default();
            let _ = write!(meaning, "<br>`{value}`: {}", text(name));
        }
        meaning
    }
}

fn fields(schema: &Value) -> Vec<(&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect()
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn plural(kind: &str) -> String {
    match kind {
        "quantity" => "quantities".to_owned(),
        "any" => "anything".to_owned(),
        kind if kind.contains(' ') => kind.to_owned(),
        kind => format!("{kind}s"),
    }
}
