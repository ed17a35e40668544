//! Paths into the schema of a CustomResourceDefinition: `ValidFieldPath` of
//! `k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go`.

use crate::yaml::{Node, Value};

const UNKNOWN: &str = "is not in the schema";
const BEGIN: &str = "must begin with `.`, and each name after it";

/// The schema that a path such as `.spec['a.b'].c` leads to; nothing where it leads into what has
/// no schema of its own.
///
/// # Errors
///
/// What is wrong with the path, in words that stand after it.
pub(crate) fn find<'s>(schema: &'s Node, path: &str) -> Result<Option<&'s Node>, &'static str> {
    let mut tokens = tokens(path).into_iter();
    let mut schema = Some(schema);
    while let Some(token) = tokens.next() {
        let name = match token {
            "." => tokens.next().ok_or("must not end in `.`")?.to_owned(),
            "[" => {
                let name =
                    tokens.next().and_then(quoted).ok_or("must have text in quotes in `[]`")?;
                if tokens.next() != Some("]") {
                    return Err("must close each `[` with `]`");
                }
                name
            }
            _ => return Err(BEGIN),
        };
        let Some(parent) = schema else { return Ok(None) };
        schema = child(parent, &name)?;
    }
    Ok(schema)
}

/// The schema of one name below another; a map has one for every name.
fn child<'s>(schema: &'s Node, name: &str) -> Result<Option<&'s Node>, &'static str> {
    let properties = schema.get("properties").and_then(Node::as_map);
    if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
        return properties.get(name).map(Some).ok_or(UNKNOWN);
    }
    match schema.get("additionalProperties").map(|others| (others, &others.value)) {
        Some((others, Value::Map(_))) => Ok(Some(others)),
        Some((_, Value::Bool(_))) => Ok(None),
        _ => Err(UNKNOWN),
    }
}

/// The delimiters `.`, `[` and `]`, and what stands between them; in quotes they are text.
fn tokens(path: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let end = match rest.chars().next() {
            Some('.' | '[' | ']') => 1,
            Some('\'') => end_of_quote(rest),
            _ => rest.find(['.', '[', ']']).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        found.push(token);
        rest = after;
    }
    found
}

fn end_of_quote(text: &str) -> usize {
    let bytes = text.as_bytes();
    let closes = |&at: &usize| bytes[at] == b'\'' && bytes[at - 1] != b'\\';
    (1..bytes.len()).find(closes).map_or(text.len(), |at| at + 1)
}

/// What stands in quotes: `unescapeSingleQuote`, for the escapes that names may have.
fn quoted(token: &str) -> Option<String> {
    let inner = token.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("\\'", "'").replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::find;
    use crate::source::{Sources, Span};
    use crate::yaml::from_json;

    #[test]
    fn paths() {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let schema = json!({"properties": {
            "a.b": {"type": "string"},
            "map": {"additionalProperties": {"properties": {"x": {"type": "string"}}}},
            "any": {"additionalProperties": true},
            "list": {"items": {"type": "string"}},
        }});
        let schema = from_json(&schema, span);
        for good in ["", "['a.b']", ".map", ".map.k.x", ".map['k'].x", ".any.a.b"] {
            assert!(find(&schema, good).is_ok(), "{good}");
        }
        for bad in
            ["map", ".", ".b", ".a.b", ".map.k.y", ".list[0]", ".list['x']", ".map[k]", ".map['k'"]
        {
            assert!(find(&schema, bad).is_err(), "{bad}");
        }
    }
}
