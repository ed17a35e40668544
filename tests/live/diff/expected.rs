//! What was found held against what was expected.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Case, NAME, Repository};

/// Words that only Secrets of the cases hold, plain and as the server keeps them.
const SECRET: [&str; 12] = [
    "correct-horse",
    "Y29ycmVjdC1ob3JzZQ",
    "other-horse",
    "b3RoZXItaG9yc2U",
    "stolen-staple",
    "c3RvbGVuLXN0YXBsZQ",
    "battery-staple",
    "other-battery",
    "b3RoZXItYmF0dGVyeQ",
    "cm9vdA==",
    "\"root\"",
    ": root",
];

/// A change as one line: word, object, effects.
pub(crate) fn shown(change: &Value) -> String {
    let effects = change["consequences"].as_array().unwrap().iter();
    let effects: Vec<&str> = effects.map(|one| one["effect"].as_str().unwrap()).collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let object = &change["object"];
    let shown = format!(
        "{} {}/{} {}",
        text(&change["change"]),
        text(&object["kind"]),
        text(&object["name"]),
        effects.join(",")
    );
    shown.trim_end().to_owned()
}

/// Edits by path. An item that goes and one that comes in its place are one.
fn edits(change: &Value, only: &[String]) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for edit in change["edits"].as_array().into_iter().flatten() {
        let path = edit["path"].as_str().unwrap().to_owned();
        let value = match edit["change"].as_str().unwrap() {
            _ if edit["hidden"] == json!(true) => json!("hidden"),
            "reordered" => json!(["order", edit["after"]]),
            _ => json!([edit["before"], edit["after"]]),
        };
        if !only.is_empty() && !only.contains(&path) {
            continue;
        }
        match found.get_mut(&path) {
            Some(known) if known[0].is_null() => known[0] = value[0].clone(),
            Some(known) => known[1] = value[1].clone(),
            None => drop(found.insert(path, value)),
        }
    }
    found
}

/// What is wrong in one case.
pub(crate) fn faults(case: &Case, changes: &[&Value]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut found: Vec<String> = changes.iter().map(|change| shown(change)).collect();
    let mut expected: Vec<String> = case
        .expect
        .iter()
        .map(|one| {
            let effects = one["effects"].as_array().cloned().unwrap_or_default();
            let effects: Vec<&str> = effects.iter().map(|it| it.as_str().unwrap()).collect();
            format!("{} {}", one["change"].as_str().unwrap(), effects.join(","))
                .trim_end()
                .to_owned()
        })
        .collect();
    found.sort();
    expected.sort();
    if found != expected {
        faults.push(format!(
            "expected {expected:?}, found {found:?}: {:.600}",
            json!(changes).to_string()
        ));
        return faults;
    }
    for one in
        case.expect.iter().filter(|one| one["edits"].is_object() && one["loose"] != json!(true))
    {
        let wanted: BTreeMap<String, Value> = one["edits"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, value)| (path.clone(), value.clone()))
            .collect();
        let start = one["change"].as_str().unwrap();
        let change = changes.iter().find(|change| shown(change).starts_with(start)).unwrap();
        let found = edits(change, &case.only);
        if found != wanted {
            faults.push(format!("{start}: expected {wanted:?}, found {found:?}"));
        }
    }
    faults
}

/// What is wrong with the objects that nobody owns.
pub(crate) fn unowned(found: &Value, cases: &[Case]) -> Vec<String> {
    let mut by_case: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for object in found["cluster"]["unowned"].as_array().unwrap() {
        let text = |name: &str| object[name].as_str().unwrap();
        by_case.entry(text("namespace")).or_default().push(format!(
            "{}/{}",
            text("kind"),
            text("name")
        ));
    }
    let none = Vec::new();
    cases
        .iter()
        .filter(|case| by_case.get(case.namespace.as_str()).unwrap_or(&none) != &case.unowned)
        .map(|case| format!("{}: unowned: {:?}", case.name, by_case.get(case.namespace.as_str())))
        .collect()
}

/// Whether any form shows a value of a Secret.
pub(crate) fn nothing_secret(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for form in ["human", "json", "markdown"] {
        let ran = repository.diff(&repository.kubeconfig, &[NAME, "-o", form]);
        let shown =
            SECRET.iter().filter(|word| ran.out.contains(**word) || ran.err.contains(**word));
        faults.extend(shown.map(|word| format!("`{form}` shows `{word}`")));
    }
    faults
}
