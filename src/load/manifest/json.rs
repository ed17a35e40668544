//! Several JSON values in one text, one after the other, as `kubectl` takes them.

use std::ops::Range;

/// The JSON objects of a text that begins with one; the last may lack its end. Nothing where the
/// text is no JSON, or something else stands between the objects.
#[must_use]
pub(super) fn values(text: &str) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let first = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    if bytes.get(first) != Some(&b'{') {
        return None;
    }
    let mut found = Vec::new();
    let mut start = first;
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, &byte) in bytes.iter().enumerate().skip(first) {
        if is_text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => is_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'{' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b'[' if depth > 0 => depth += 1,
            b']' if depth > 1 => depth -= 1,
            b'}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    found.push(start..at + 1);
                }
            }
            b'"' if depth > 0 => is_text = true,
            _ if depth > 0 => {}
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => return None,
        }
    }
    if depth > 0 {
        found.push(start..bytes.len());
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn values_after_each_other() {
        let of = |text: &'static str| -> Option<Vec<&str>> {
            Some(values(text)?.into_iter().map(|range| &text[range]).collect())
        };
        assert_eq!(of("{\"a\": \"}\\\"{\"} {}\n{\"b\": [{}]}\n").unwrap().len(), 3);
        assert_eq!(of("{} {\"a\"").unwrap(), ["{}", "{\"a\""]);
        assert_eq!(of("\u{feff}{}").unwrap(), ["{}"]);
        assert_eq!(of("a: 1"), None);
        assert_eq!(of("{} a: 1"), None);
        assert_eq!(of("{{ template }}").unwrap(), ["{{ template }}"]);
    }
}
