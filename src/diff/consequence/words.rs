//! Names in sentences.

use std::collections::BTreeSet;

use crate::model::ObjectKey;

/// More names than so many are counted.
const MOST: usize = 5;

/// Names in backticks, the first of many.
pub(in crate::diff) fn listed(names: &BTreeSet<String>) -> String {
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    joined(shown, names.len())
}

/// Parts of a sentence, of which there are so many in all.
pub(in crate::diff) fn joined(mut shown: Vec<String>, all: usize) -> String {
    shown.truncate(MOST);
    let more = all - shown.len();
    let text = shown.join(", ");
    if more == 0 { text } else { format!("{text} and {more} more") }
}

/// An object: "Ingress `web` in shop".
pub(in crate::diff) fn named(key: &ObjectKey) -> String {
    let ObjectKey { group_kind, namespace, name } = key;
    let within = if namespace.is_empty() { String::new() } else { format!(" in {namespace}") };
    format!("{} `{name}`{within}", group_kind.kind)
}

/// "1 pod", "3 pods".
pub(super) fn pods(count: u32) -> String {
    if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") }
}
