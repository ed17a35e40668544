//! ConfigMaps and Secrets.

use crate::check::object::decode;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::model::Field;

const KEY: &str = "data-key-invalid";
const SIZE: &str = "data-too-large";
const MISSING: &str = "secret-incomplete";
const JSON: &str = "secret-json-invalid";

/// Bytes that the data of an object may have: `MaxSecretSize`.
const MOST: usize = 1 << 20;

/// `ValidateConfigMap` of `pkg/apis/core/validation/validation.go`
pub(crate) fn config_map(object: &Field<'_>, faults: &mut Faults) {
    let (data, binary) = (object.get("data"), object.get("binaryData"));
    let mut size = 0;
    for (key, value) in data.iter().flat_map(Field::entries) {
        key_form(key, &value, faults);
        let twice = binary.as_ref().is_some_and(|binary| has_key(binary, key));
        if twice {
            let message = format!("key `{key}` is in both `data` and `binaryData`");
            faults.at_key(KEY, Reason::Invalid, &value, message).help("keep one of them");
        }
        size += value.node.as_str().map_or(0, str::len);
    }
    for (key, value) in binary.iter().flat_map(Field::entries) {
        key_form(key, &value, faults);
        size += bytes(&value).len();
    }
    if size > MOST {
        let message = format!("the data has {size} bytes, more than {MOST}");
        let fault = faults.at_key(SIZE, Reason::TooLong, data.as_ref().unwrap_or(object), message);
        // So the server writes it.
        fault.path = "[]".to_owned();
    }
}

/// `ValidateSecret`
pub(crate) fn secret(object: &Field<'_>, faults: &mut Faults) {
    let (data, text) = (object.get("data"), object.get("stringData"));
    let mut size = 0;
    for (key, value) in data.iter().flat_map(Field::entries) {
        // Text of the same key takes its place.
        if text.as_ref().is_some_and(|text| has_key(text, key)) {
            continue;
        }
        key_form(key, &value, faults);
        size += bytes(&value).len();
    }
    for (key, value) in text.iter().flat_map(Field::entries) {
        let before = faults.found.len();
        key_form(key, &value, faults);
        for fault in &mut faults.found[before..] {
            fault.path = format!("data[{key}]");
        }
        size += value.node.as_str().map_or(0, str::len);
    }
    if size > MOST {
        let place = data.as_ref().or(text.as_ref()).unwrap_or(object);
        let message = format!("the data has {size} bytes, more than {MOST}");
        faults.at_key(SIZE, Reason::TooLong, place, message).path = "data".to_owned();
    }
    keys_of_type(object, faults);
}

/// What each type of secret must have.
fn keys_of_type(object: &Field<'_>, faults: &mut Faults) {
    let kind = object.text("type");
    let has = |key: &str| {
        ["data", "stringData"]
            .into_iter()
            .any(|name| object.get(name).is_some_and(|data| has_key(&data, key)))
    };
    let needed: &[&str] = match kind {
        "kubernetes.io/service-account-token" => return service_account(object, faults),
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            &["username", "password"]
        }
        "kubernetes.io/ssh-auth" => {
            const KEY: &str = "ssh-privatekey";
            if content(object, KEY).is_none_or(|content| content.is_empty()) {
                key_missing(object, kind, KEY, faults);
            }
            return;
        }
        _ => return,
    };
    for key in needed {
        if !has(key) {
            key_missing(object, kind, key, faults);
        } else if key.starts_with(".docker") {
            json(object, key, faults);
        }
    }
}

fn key_missing(object: &Field<'_>, kind: &str, key: &str, faults: &mut Faults) {
    let message = format!("a secret of type `{kind}` needs the key `{key}`");
    let fault = faults.missing(MISSING, object, "data", message);
    fault.path = format!("data[{key}]");
    fault.help("write it under `data` or `stringData`, or choose another `type`");
}

fn service_account(object: &Field<'_>, faults: &mut Faults) {
    const ANNOTATION: &str = "kubernetes.io/service-account.name";
    let annotations = object.node.get("metadata").and_then(|node| node.get("annotations"));
    let name = annotations.and_then(|node| node.get(ANNOTATION)).and_then(|node| node.as_str());
    if name.unwrap_or_default().is_empty() {
        let message = format!("a token of a service account needs the annotation `{ANNOTATION}`");
        let fault = faults.missing(MISSING, object, "metadata.annotations", message);
        fault.path = format!("metadata.annotations[{ANNOTATION}]");
    }
}

/// `json.Unmarshal` into a map: an object, or null.
fn json(object: &Field<'_>, key: &str, faults: &mut Faults) {
    let content = content(object, key).unwrap_or_default();
    let text = String::from_utf8_lossy(&content);
    let reads = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    if reads && (text.trim_start().starts_with('{') || text.trim() == "null") {
        return;
    }
    let place = ["stringData", "data"].into_iter().find_map(|name| {
        let data = object.node.get(name)?;
        Some((name, data.get(key)?))
    });
    if let Some((name, _)) = place
        && let Some(data) = object.get(name)
        && let Some((_, value)) = data.entries().find(|(known, _)| *known == key)
    {
        let fault =
            faults.at(JSON, Reason::Invalid, &value, format!("`{key}` holds no JSON object"));
        fault.path = format!("data[{key}]");
        fault.help("write `{\"auths\": {…}}`, as `docker login` does");
    }
}

/// What the server holds under a key, where text takes the place of bytes.
/// What a Secret holds under a key; `stringData` comes first.
pub(crate) fn content(object: &Field<'_>, key: &str) -> Option<Vec<u8>> {
    if let Some(text) = object.node.get("stringData").and_then(|data| data.get(key)) {
        return Some(text.as_str().unwrap_or_default().as_bytes().to_vec());
    }
    let data = object.node.get("data").and_then(|data| data.get(key))?;
    Some(decode::bytes(data).unwrap_or_default())
}

fn bytes(value: &Field<'_>) -> Vec<u8> {
    decode::bytes(value.node).unwrap_or_default()
}

fn has_key(map: &Field<'_>, key: &str) -> bool {
    map.node.as_map().is_some_and(|map| map.contains_key(key))
}

fn key_form(key: &str, value: &Field<'_>, faults: &mut Faults) {
    if let Some(wrong) = name::config_key(key) {
        let fault = faults.at_key(KEY, Reason::Invalid, value, format!("key `{key}` {wrong}"));
        if key.contains('/') {
            fault.help("write the name alone; a volume may give it a `path` under `items`");
        }
    }
}
