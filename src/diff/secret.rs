//! Values that nobody may see. They are hidden where objects are read, so that nothing that comes
//! after can show them, by mistake or in an error.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::GroupKind;
use crate::yaml::{Map, Node, Value};

/// What a hidden value begins with: a noncharacter, which no text has.
const MARK: char = '\u{FDD2}';
/// Where `kubectl apply` keeps the whole object, values and all.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Puts marks in place of the values of a Secret, and of what it was applied from. Equal values get
/// equal marks in one run; a mark says nothing else of its value, as its key is made anew each time.
pub(super) fn hide(object: &mut Node) {
    if GroupKind::stated(object) == ("", "Secret")
        && let Some(map) = object.as_map_mut()
    {
        for field in ["data", "stringData"] {
            let values = map.get_mut(field).and_then(Node::as_map_mut);
            values.into_iter().flat_map(|values| values.iter_mut()).for_each(|(_, value)| {
                hide_value(value, field == "data");
            });
        }
        join(map);
    }
    let annotations = object
        .as_map_mut()
        .and_then(|map| map.get_mut("metadata")?.as_map_mut()?.get_mut("annotations"));
    if let Some(applied) = annotations.and_then(|node| node.as_map_mut()?.get_mut(LAST_APPLIED)) {
        hide_value(applied, false);
    }
}

/// The server writes `stringData` over `data`, and keeps only that.
fn join(secret: &mut Map) {
    let Some((mut key, plain)) = secret.remove("stringData") else { return };
    let Value::Map(plain) = plain.value else { return };
    let span = key.span;
    key.name = "data".into();
    if secret.get("data").and_then(Node::as_map).is_none() {
        secret.insert(key, Node::new(Value::Map(Map::default()), span));
    }
    let Some(data) = secret.get_mut("data").and_then(Node::as_map_mut) else { return };
    for (key, value) in plain.iter() {
        data.insert(key.clone(), value.clone());
    }
}

/// Whether a text stands for a value that is hidden.
#[must_use]
pub fn is_hidden(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.starts_with(MARK))
}

fn hide_value(value: &mut Node, is_encoded: bool) {
    static KEY: OnceLock<RandomState> = OnceLock::new();
    let text = match &value.value {
        Value::String(text) => text.clone(),
        Value::Null => "".into(),
        _ => crate::yaml::to_json_string(value).into(),
    };
    // The same bytes may be written in several ways.
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = is_encoded.then(|| STANDARD.decode(&compact).ok()).flatten();
    let mark =
        KEY.get_or_init(RandomState::new).hash_one(bytes.unwrap_or(text.as_bytes().to_vec()));
    value.value = Value::String(format!("{MARK}{mark:016x}").into());
}
