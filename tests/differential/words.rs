//! Values that spoil a field of each sort, or only look as if they did.

use serde_json::Value;

use super::site::Site;

/// What sort of value a place holds, as far as names and schemas tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Quantity,
    Port,
    Name,
    Key,
    Label,
    Address,
    Path,
    Time,
    Selector,
    Choice,
    Number,
    Text,
    Other,
}

pub(crate) fn sort(site: &Site, value: &Value) -> Sort {
    let field = site.field.as_str();
    let ends = |ends: &[&str]| ends.iter().any(|end| field.ends_with(end));
    let is = |names: &[&str]| names.contains(&field);
    if site.short_name() == "Quantity" {
        return Sort::Quantity;
    }
    if ends(&["ort", "orts"]) && (value.is_number() || value.is_string()) {
        return Sort::Port;
    }
    if is(&["labels", "matchLabels", "annotations", "nodeSelector"]) && value.is_string() {
        return Sort::Label;
    }
    if !site.schema.choices.is_empty() {
        return Sort::Choice;
    }
    if site.owner.ends_with("Requirement") && !value.is_object() {
        return Sort::Selector;
    }
    match value {
        Value::Number(_) => Sort::Number,
        Value::String(_) if ends(&["chedule", "imeZone", "Time", "timestamp", "Timestamp"]) => {
            Sort::Time
        }
        Value::String(_)
            if ends(&[
                "idr",
                "IP",
                "IPs",
                "IPRanges",
                "ip",
                "host",
                "hostname",
                "hosts",
                "addresses",
                "cidrs",
                "url",
                "server",
                "nameservers",
                "searches",
                "externalName",
                "except",
            ]) =>
        {
            Sort::Address
        }
        Value::String(_) if ends(&["ath", "mountPath", "devicePath", "workingDir"]) => Sort::Path,
        Value::String(_)
            if is(&[
                "key",
                "topologyKey",
                "resource",
                "driver",
                "provisioner",
                "controller",
                "fieldPath",
                "conditionType",
            ]) =>
        {
            Sort::Key
        }
        Value::String(_)
            if is(&["name", "namespace", "plural", "singular", "kind", "group", "version"])
                || ends(&["Name", "Names", "finalizers"]) =>
        {
            Sort::Name
        }
        Value::String(_) => Sort::Text,
        _ => Sort::Other,
    }
}

/// What is said of a sort in `words.yaml`, with what was there put in.
pub(crate) fn filled(word: &Value, was: &Value) -> Value {
    match word {
        Value::Array(words) => words.iter().map(|word| filled(word, was)).collect(),
        Value::String(word) => {
            let text = was.as_str().unwrap_or("a");
            let mut shorter = text.to_owned();
            shorter.pop();
            if let Some(length) = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
                && let Ok(length) = length.parse()
            {
                return "a".repeat(length).into();
            }
            word.replace("{text}", text)
                .replace("{upper}", &text.to_uppercase())
                .replace("{lower}", &text.to_lowercase())
                .replace("{shorter}", &shorter)
                .into()
        }
        other => other.clone(),
    }
}
