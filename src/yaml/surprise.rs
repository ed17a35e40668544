//! Plain scalars that are not what they look like.

use super::go_number::Number;
use super::resolve::{Meaning, plain};

/// What a plain scalar means to Kubernetes where that surprises: the booleans `on`, `yes` and their
/// like, and numbers that are octal, binary or have `_` in them. A whole sentence.
#[must_use]
pub fn surprise(text: &str) -> Option<String> {
    match plain(text) {
        Meaning::Bool(is) if !text.eq_ignore_ascii_case(if is { "true" } else { "false" }) => {
            Some(format!("Kubernetes reads YAML 1.1, where `{text}` without quotes is `{is}`"))
        }
        Meaning::Number(number) => {
            let is = match number {
                Number::Int(number) => number.to_string(),
                Number::UInt(number) => number.to_string(),
                Number::Float(number) => number.to_string(),
            };
            let looks_like = text.trim_start_matches(['+', '-']);
            let decimal = looks_like.bytes().all(|byte| byte.is_ascii_digit())
                && (looks_like.len() == 1 || !looks_like.starts_with('0'));
            let exponent = looks_like.contains(['.', 'e', 'E']) && !looks_like.starts_with("0x");
            (!decimal && !exponent).then(|| {
                format!(
                    "Kubernetes reads YAML 1.1, where `{text}` without quotes is the number {is}"
                )
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::surprise;

    #[test]
    fn only_what_surprises() {
        for text in
            ["true", "True", "false", "0", "42", "-1", "1.0", "1e3", "web", "", "~", "null", "1:30"]
        {
            assert_eq!(surprise(text), None, "{text}");
        }
        for (text, means) in [
            ("on", "`true`"),
            ("N", "`false`"),
            ("0644", "420"),
            ("0o644", "420"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("08", "8"),
            ("0x1F", "31"),
        ] {
            assert!(surprise(text).is_some_and(|said| said.ends_with(means)), "{text}");
        }
    }
}
