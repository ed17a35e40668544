//! Values that somebody else will replace before a cluster sees them.

use crate::yaml::{Node, Value};

/// Beginnings of references that a plugin of Argo CD or a webhook resolves.
const REFERENCES: [&str; 8] =
    ["ref+", "<path:", "op://", "vault:", "vaultsecret:", "keeper://", "ENC[", "secretref+"];

/// Values that ask to be replaced as they stand.
const WORDS: [&str; 4] = ["changeme", "change-me", "replace-me", "replaceme"];

/// Whether text holds a place to fill in: `${NAME}`, `{{ name }}`, `<NAME>`, `REPLACE_ME`,
/// `ref+…`, `<path:…>`. `$(NAME)` is none: that is how containers name their own variables.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    if text.len() < 3 || !(may_hold_any(text) || WORDS.contains(&text)) {
        return false;
    }
    let trimmed = text.trim_start();
    REFERENCES.iter().any(|start| trimmed.starts_with(start))
        || text.contains("{{")
        || text.contains("{%")
        || text.contains("<%")
        || text.contains("ref+")
        || has_variable(text)
        || is_bracketed(text)
        || has_angle(text)
        || has_word(text)
        || ["@@", "__", "%%", "%", "@", "{"].iter().any(|mark| has_marked(text, mark))
}

/// Whether text has a mark that placeholders begin with, or two capitals in a row. Most has neither.
fn may_hold_any(text: &str) -> bool {
    let mut was_capital = false;
    text.bytes().any(|byte| {
        let is_capital = byte.is_ascii_uppercase();
        let is_pair = is_capital && was_capital;
        was_capital = is_capital;
        is_pair || b"{<$(@_%:+[".contains(&byte)
    })
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

/// `((name))`, as Concourse and spruce write it.
fn is_bracketed(text: &str) -> bool {
    let inner = text.strip_prefix("((").and_then(|rest| rest.strip_suffix("))"));
    let is_name = |c: char| c.is_ascii_alphanumeric() || " _-./:".contains(c);
    inner.is_some_and(|inner| inner.len() > 1 && inner.chars().all(is_name))
}

/// `<name>`, of letters, digits, blanks and a few marks; `<...>`.
fn has_angle(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let inner = rest.split('>').next().filter(|inner| inner.len() < rest.len());
        inner.is_some_and(|inner| {
            let is_name = inner.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && inner.chars().all(|c| c.is_alphanumeric() || " _-.:/#".contains(c));
            is_name || matches!(inner, "..." | "…")
        })
    })
}

/// Capitals that ask to be replaced.
fn has_word(text: &str) -> bool {
    let asks = ["REPLACE", "CHANGEME", "CHANGE_ME", "CHANGE-ME", "PLACEHOLDER", "FIXME", "TODO"];
    let is_yours =
        |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase() || "_-".contains(c));
    asks.iter().any(|word| text.contains(word))
        || text.split("YOUR").skip(1).any(is_yours)
        || ["INSERT_"].iter().any(|word| text.starts_with(word))
        || WORDS.contains(&text)
}

/// What a value that is refused may be, where it stands itself and not in something larger: a name
/// in capitals (`LB_CIDR`, `10.0.0.0/PREFIX_LENGTH`), where text is no choice among words; a name of
/// one word where no text can stand (`PORT`); only the letter x (`xxx.xxx.xxx.xxx`).
fn is_name(text: &str, refused: Refused<'_>) -> bool {
    if text.len() > 100 || text.contains(char::is_whitespace) {
        return false;
    }
    let is_token = |token: &str| {
        token.len() > 2
            && token.starts_with(|c: char| c.is_ascii_uppercase())
            && token.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let tokens = || text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let known = ["DOMAIN", "HOSTNAME", "NAMESPACE"];
    let is_wanted = |token: &str| {
        is_token(token) && (token.trim_end_matches('_').contains('_') || known.contains(&token))
    };
    let is_x = |token: &str| token.chars().all(|c| matches!(c, 'x' | 'X'));
    match refused {
        Refused::Key => false,
        Refused::Choice(help) => tokens().any(is_wanted) && !is_near(text, help),
        Refused::Type if is_token(text) => true,
        Refused::Type | Refused::Value => {
            tokens().any(is_wanted) || (tokens().all(is_x) && text.matches(['x', 'X']).count() > 2)
        }
    }
}

/// Whether a word of a name in capitals is in one of the values that a help names: `NO_SCHEDULE` is
/// meant for `NoSchedule`, and is no name of something else.
fn is_near(name: &str, help: &str) -> bool {
    let known: String = help.to_ascii_lowercase().split('`').skip(1).step_by(2).collect();
    let words = name.split('_').filter(|word| word.len() > 1);
    words.map(str::to_ascii_lowercase).any(|word| known.contains(&word))
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

/// Whether somebody fills in a value, or something in it, later.
#[must_use]
pub fn is_open(node: &Node) -> bool {
    has_any(node, true)
}

/// Whether what the fault at a path speaks of has a placeholder: in the value there and below it,
/// or, where nothing is there, in what stands in its place. Of a key that should not be there only
/// the key itself counts.
#[must_use]
pub fn concerns(object: &Node, path: &str, refused: Refused<'_>) -> bool {
    // Both speak of each other.
    let pair = ["spec.selector", "spec.template.metadata.labels"];
    if pair.iter().any(|one| path.starts_with(one)) {
        return pair.iter().any(|path| concerns_at(object, path, refused));
    }
    let is_key = refused == Refused::Key;
    steps(path).into_iter().any(is_placeholder) || (!is_key && concerns_at(object, path, refused))
}

/// What of a field is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused<'h> {
    /// Its key, which should not be there.
    Key,
    /// That the value is of another type than the field.
    Type,
    /// That the value is none of those that are known, which this help names in backticks.
    Choice(&'h str),
    /// The value.
    Value,
}

fn concerns_at(object: &Node, path: &str, refused: Refused<'_>) -> bool {
    let mut node = object;
    for step in steps(path) {
        let next = match &node.value {
            // The server writes some paths with a capital (`spec.LoadBalancerSourceRanges[0]`).
            Value::Map(map) => map.get(step).or_else(|| {
                let is_same = |key: &str| key.eq_ignore_ascii_case(step);
                map.iter().find(|(key, _)| is_same(&key.name)).map(|(_, child)| child)
            }),
            Value::Seq(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        match next {
            Some(child) => node = child,
            // A value to fill in may bring the missing field.
            None => return has_any(node, false),
        }
    }
    // Variables and ports are often named so.
    let is_own_name =
        path.ends_with("].name") && (path.contains("env[") || path.contains("ports["));
    let is_name = |node: &Node| node.as_str().is_some_and(|text| is_name(text, refused));
    // The server ascribes a fault of an item to the whole list of texts.
    let is_named = is_name(node) || node.as_seq().is_some_and(|items| items.iter().any(is_name));
    has_any(node, true) || (!is_own_name && is_named)
}

/// Whether a node, or something in it, is to be filled in.
fn has_any(node: &Node, deep: bool) -> bool {
    match &node.value {
        // A script has variables of its own.
        Value::String(text) => !text.contains('\n') && is_placeholder(text),
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

    use super::{Refused, concerns, is_name, is_placeholder, steps};
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
            "<...>",
            "((port))",
            "(( grab meta.port ))",
            "https://YOUR_DOMAIN/x",
            "YOURDOMAIN",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "$(POD_IP)",
            "a < b",
            "a__b",
            "50%",
            "x@y.test",
            "<",
            "$x",
            "%25%20",
            "{}",
            "YOUR",
            "((a|b))",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn names_in_capitals() {
        for text in ["LB_CIDR", "10.0.0.0/PREFIX_LENGTH", "CA_BUNDLE", "MY_APP", "app.DOMAIN"] {
            assert!(is_name(text, Refused::Value) && is_name(text, Refused::Type), "{text}");
            assert!(!is_name(text, Refused::Key), "{text}");
        }
        assert!(
            is_name("xxx.xxx.xxx.xxx", Refused::Value) && is_name("x.x.x.x/xx", Refused::Value)
        );
        let known = Refused::Choice("known here: `TCP`, `UDP`, `NoSchedule`");
        assert!(is_name("PULL_POLICY", known) && !is_name("WORD", known));
        assert!(!is_name("NO_SCHEDULE", known) && !is_name("TCP_UDP", known));
        assert!(is_name("PORT", Refused::Type) && !is_name("PORT", Refused::Value));
        for text in ["Web", "web_app", "EXAMPLE.COM", "a FOO_BAR b", "10GB", "", "x", "WEB_"] {
            assert!(!is_name(text, Refused::Value), "{text}");
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
            assert!(concerns(&object, path, Refused::Value), "{path}");
        }
        assert!(
            concerns(&object, "spec.${REST}", Refused::Key)
                && !concerns(&object, "spec.ports", Refused::Key)
        );
        for path in ["metadata.labels[a]", "spec.ports[1].port", "spec.ports[1].name"] {
            assert!(!concerns(&object, path, Refused::Value), "{path}");
        }
    }
}
