//! JSON as Go reads it: strictly, and several values one after the other.

use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// Why a text is not the one object that a file of JSON may hold, and where; nothing where it is.
///
/// Source: `getObjsFromYAMLOrJSON`; whatever follows, but brackets, is a second object.
pub(super) fn fault(text: &str) -> Option<(String, usize)> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = &text[start..];
    let mut values = Deserializer::from_str(body).into_iter::<IgnoredAny>();
    let first = body.trim_start();
    let begins = text.len() - first.len();
    match values.next() {
        None => Some(("a JSON file must hold an object, and this is empty".to_owned(), 0)),
        Some(Err(error)) => {
            let line = body.split_inclusive('\n').take(error.line().saturating_sub(1));
            let above: usize = line.map(str::len).sum();
            let place = start + above + error.column().saturating_sub(1);
            Some((format!("this is no JSON: {error}"), place.min(text.len())))
        }
        Some(Ok(_)) if !first.starts_with(['{', 'n']) => {
            Some(("a JSON file must hold an object".to_owned(), begins))
        }
        Some(Ok(_)) => {
            let rest = body[values.byte_offset()..].trim_start();
            let is_more = !rest.is_empty() && !rest.starts_with([']', '}']);
            let message = "a JSON file may hold one object, and this has several";
            is_more.then(|| (message.to_owned(), text.len() - rest.len()))
        }
    }
}

/// The places of the objects in a text that holds nothing but JSON objects, one after the other.
///
/// Source: `YAMLOrJSONDecoder` of `k8s.io/apimachinery/pkg/util/yaml`.
pub(super) fn objects(text: &str) -> Option<Vec<Range<usize>>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut places = Vec::new();
    let mut start = 0;
    while let Some(value) = values.next() {
        value.ok()?;
        places.push(start..values.byte_offset());
        start = values.byte_offset();
    }
    Some(places)
}
