//! How expressions write the names of fields that are no identifiers
//! (`k8s.io/apiserver/pkg/cel/escaping.go`).

use std::borrow::Cow;

/// Words of the language, which no identifier may be.
pub(crate) const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Whether a name can stand in an expression as it is: `isCELIdentifier` of
/// `pkg/apis/admissionregistration/validation/validation.go`.
pub(crate) fn is_identifier(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(inner)
        && !RESERVED.contains(&name)
}

/// What stands for characters that identifiers cannot hold.
const SIGNS: [(&str, &str); 4] =
    [("__", "underscores"), (".", "dot"), ("-", "dash"), ("/", "slash")];

/// The name of a field as expressions write it; nothing where they cannot.
pub(crate) fn escape(name: &str) -> Option<Cow<'_, str>> {
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__").into());
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/')) {
        return None;
    }
    let plain = !name.contains("__") && !name.contains(['.', '-', '/']);
    if plain {
        return Some(name.into());
    }
    let mut escaped = String::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
        let taken = match sign {
            Some((sign, word)) => {
                escaped.push_str("__");
                escaped.push_str(word);
                escaped.push_str("__");
                sign.len()
            }
            None => {
                escaped.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    Some(escaped.into())
}

/// The name of the field that an expression writes; nothing where no field can be meant.
pub(crate) fn unescape(written: &str) -> Option<Cow<'_, str>> {
    if !written.contains("__") {
        return Some(written.into());
    }
    let mut name = String::new();
    let mut rest = written;
    while let Some(at) = rest.find("__") {
        let (before, from) = rest.split_at(at);
        name.push_str(before);
        // `__` followed by something without `_` and another `__`.
        let inner = from.get(2..).unwrap_or_default();
        let length = inner.find('_').unwrap_or(inner.len());
        let after = inner.get(length..).unwrap_or_default();
        if length == 0 || !after.starts_with("__") {
            name.push('_');
            rest = from.get(1..).unwrap_or_default();
            continue;
        }
        let word = inner.get(..length).unwrap_or_default();
        if let Some((sign, _)) = SIGNS.iter().find(|(_, known)| *known == word) {
            name.push_str(sign);
        } else if RESERVED.contains(&word) && word.len() + 4 == written.len() {
            name.push_str(word);
        } else {
            return None;
        }
        rest = after.get(2..).unwrap_or_default();
    }
    name.push_str(rest);
    Some(name.into())
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape};

    #[test]
    fn names_go_there_and_back() {
        for (name, written) in [
            ("plain", "plain"),
            ("a.b", "a__dot__b"),
            ("a-b/c", "a__dash__b__slash__c"),
            ("a__b", "a__underscores__b"),
            ("namespace", "__namespace__"),
            ("_x_", "_x_"),
            ("my-namespace", "my__dash__namespace"),
        ] {
            assert_eq!(escape(name).as_deref(), Some(written));
            assert_eq!(unescape(written).as_deref(), Some(name));
        }
        assert_eq!(escape("1a"), None);
        assert_eq!(escape("a b"), None);
        assert_eq!(unescape("a__what__b"), None);
    }
}
