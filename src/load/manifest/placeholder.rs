//! Values that somebody else will replace before a cluster sees them.

use crate::yaml::{Node, Value};

/// Beginnings of references that a plugin of Argo CD or a webhook resolves.
const REFERENCES: [&str; 8] =
    ["ref+", "<path:", "op://", "vault:", "vaultsecret:", "keeper://", "ENC[", "secretref+"];

/// Whether text holds a place to fill in: `${NAME}`, `{{ name }}`, `<NAME>`, `REPLACE_ME`,
/// `ref+…`, `<path:…>`. `$(NAME)` is none: that is how containers name their own variables.
#[must_use]
pub(super) fn is_placeholder(text: &str) -> bool {
    if text.len() < 3 {
        return false;
    }
    let trimmed = text.trim_start();
    REFERENCES.iter().any(|start| trimmed.starts_with(start))
        || text.contains("{{")
        || text.contains("{%")
        || text.contains("<%")
        || text.contains("ref+")
        || has_variable(text)
        || has_angle(text)
        || has_word(text)
        || ["@@", "__", "%%", "%", "@", "{"].iter().any(|mark| has_marked(text, mark))
}

/// `${NAME}`, `${NAME:-default}`, `$NAME` in capitals.
fn has_variable(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = &text[at + 1..];
        match rest.strip_prefix('{') {
            Some(name) => name.contains('}'),
            None => rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_'),
        }
    })
}

/// `<name>`, of letters, digits, blanks and a few marks.
fn has_angle(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let inner = rest.split('>').next().filter(|inner| inner.len() < rest.len());
        inner.is_some_and(|inner| {
            inner.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && inner.chars().all(|c| c.is_alphanumeric() || " _-.:/#".contains(c))
        })
    })
}

/// Capitals that ask to be replaced.
fn has_word(text: &str) -> bool {
    let asks = ["REPLACE", "CHANGEME", "CHANGE_ME", "CHANGE-ME", "PLACEHOLDER", "FIXME", "TODO"];
    let starts = ["YOUR_", "YOUR-", "INSERT_", "MY_"];
    let ends = ["_BUNDLE", "_HERE", "_NAME"];
    asks.iter().any(|word| text.contains(word))
        || starts.iter().any(|word| text.starts_with(word))
        || ends.iter().any(|word| text.ends_with(word))
        || ["changeme", "change-me", "replace-me", "replaceme"].contains(&text)
}

/// `@NAME@`, `__NAME__`, `%NAME%`, `{NAME}`, in capitals.
fn has_marked(text: &str, mark: &str) -> bool {
    let Some(start) = text.find(mark) else { return false };
    let rest = &text[start + mark.len()..];
    let name = rest.split(if mark == "{" { "}" } else { mark }).next().unwrap_or_default();
    let is_closed = name.len() < rest.len();
    is_closed
        && name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether what the fault at a path speaks of has a placeholder: in the value there and below it,
/// or, where nothing is there, in what stands in its place. Of a key that should not be there only
/// the key itself counts.
#[must_use]
pub fn concerns(object: &Node, path: &str, is_key: bool) -> bool {
    // Both speak of each other.
    let pair = ["spec.selector", "spec.template.metadata.labels"];
    if pair.iter().any(|one| path.starts_with(one)) {
        return pair.iter().any(|path| concerns_at(object, path));
    }
    steps(path).into_iter().any(is_placeholder) || (!is_key && concerns_at(object, path))
}

fn concerns_at(object: &Node, path: &str) -> bool {
    let mut node = object;
    for step in steps(path) {
        let next = match &node.value {
            Value::Map(map) => map.get(step),
            Value::Seq(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        match next {
            Some(child) => node = child,
            // A value to fill in may bring the missing field.
            None => return has_any(node, false),
        }
    }
    has_any(node, true)
}

/// Whether a node, or something in it, is to be filled in.
fn has_any(node: &Node, deep: bool) -> bool {
    match &node.value {
        Value::String(text) => is_placeholder(text),
        Value::Map(map) => map.iter().any(|(key, child)| {
            is_placeholder(&key.name)
                || ((deep || child.as_str().is_some()) && has_any(child, deep))
        }),
        Value::Seq(items) => {
            items.iter().any(|item| (deep || item.as_str().is_some()) && has_any(item, deep))
        }
        _ => false,
    }
}

/// The steps of a path as the API server writes it: `spec.ports[0].port`, `metadata.labels[a.b/c]`.
fn steps(path: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').unwrap_or(inner.len());
            found.push(&inner[..end]);
            rest = inner.get(end + 1..).unwrap_or_default();
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end > 0 {
                found.push(&rest[..end]);
            }
            rest = &rest[end..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{concerns, is_placeholder, steps};
    use crate::source::{Sources, Span};
    use crate::yaml::from_json;

    #[test]
    fn what_is_filled_in() {
        for text in [
            "<TOKEN>",
            "<your-name>",
            "${VAR}",
            "a-${VAR:-x}-b",
            "$ARGOCD_APP_NAME",
            "{{ .Values.x }}",
            "ref+sops://a#b",
            "<path:secret/data/x#y>",
            "REPLACE_IN_OVERLAY",
            "CHANGEME",
            "@@VERSION@@",
            "__NAME__",
            "%DOMAIN%",
            "#{NAME}",
            "{PREFIX}.16",
            "CA_BUNDLE",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["$(POD_IP)", "a < b", "a__b", "50%", "x@y.test", "<", "$x", "%25%20", "{}"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn faults_at_what_is_filled_in() {
        assert_eq!(steps("spec.ports[0].port"), ["spec", "ports", "0", "port"]);
        assert_eq!(steps("metadata.labels[a.b/c]"), ["metadata", "labels", "a.b/c"]);
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let object = json!({
            "metadata": {"name": "${NAME}", "labels": {"a": "b"}},
            "spec": {"ports": [{"port": "<PORT>"}, {"port": 0}], "${REST}": "x"},
            "limits": {"a.test/{{ x }}": 1},
        });
        let object = from_json(&object, span);
        for path in [
            "metadata.name",
            "spec.ports[0].port",
            "spec.ports",
            "spec.replicas",
            "limits[a.test/{{ x }}]",
        ] {
            assert!(concerns(&object, path, false), "{path}");
        }
        assert!(concerns(&object, "spec.${REST}", true) && !concerns(&object, "spec.ports", true));
        for path in ["metadata.labels[a]", "spec.ports[1].port", "spec.ports[1].name"] {
            assert!(!concerns(&object, path, false), "{path}");
        }
    }
}
