//! The paths that `jqPathExpressions` are nearly always made of: fields, items, and items that are
//! chosen by a field of theirs. All else that jq can say is not read.

use crate::yaml::{Node, Value};

/// A path of jq.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathExpression(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// `.name`, `."name"`, `["name"]`
    Field(String),
    /// `[]`
    Each,
    /// `[1]`
    Item(usize),
    /// `| select(.path == "text")`
    Chosen(Vec<String>, String),
}

impl PathExpression {
    /// Reads one; nothing where it says more than a path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut steps = Vec::new();
        while !rest.is_empty() {
            rest = rest.trim_start();
            if let Some(piped) = rest.strip_prefix('|') {
                rest = piped.trim_start();
                if let Some(inside) = rest.strip_prefix("select(") {
                    let (step, after) = chosen(inside)?;
                    steps.push(step);
                    rest = after.trim_start();
                    continue;
                }
            }
            let (step, after) = step(rest)?;
            steps.extend(step);
            rest = after.strip_prefix('?').unwrap_or(after).trim_start();
        }
        // All of an object cannot be meant.
        (!steps.is_empty()).then_some(Self(steps))
    }
}

/// The next step, nothing for a lone `.`, and what comes after it.
fn step(text: &str) -> Option<(Option<Step>, &str)> {
    let (text, is_dotted) = match text.strip_prefix('.') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    if let Some(inside) = text.strip_prefix('[') {
        let inside = inside.trim_start();
        if let Some(after) = inside.strip_prefix(']') {
            return Some((Some(Step::Each), after));
        }
        if inside.starts_with('"') {
            let (name, after) = quoted(inside)?;
            let after = after.trim_start().strip_prefix(']')?;
            return Some((Some(Step::Field(name)), after));
        }
        let (number, after) = inside.split_once(']')?;
        return Some((Some(Step::Item(number.trim().parse().ok()?)), after));
    }
    if !is_dotted {
        return None;
    }
    if text.starts_with('"') {
        let (name, after) = quoted(text)?;
        return Some((Some(Step::Field(name)), after));
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() {
        let is_end = after.trim_start().is_empty() || after.trim_start().starts_with('|');
        return is_end.then_some((None, after));
    }
    (!name.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| (Some(Step::Field(name.to_owned())), after))
}

/// What stands in `select(…)`, and what comes after it.
fn chosen(text: &str) -> Option<(Step, &str)> {
    let mut rest = text.trim_start();
    let mut fields = Vec::new();
    while rest.starts_with('.') {
        let (next, after) = step(rest)?;
        match next? {
            Step::Field(name) => fields.push(name),
            _ => return None,
        }
        rest = after.strip_prefix('?').unwrap_or(after).trim_start();
    }
    let value = rest.strip_prefix("==")?.trim_start();
    let (value, after) = quoted(value)?;
    let after = after.trim_start().strip_prefix(')')?;
    (!fields.is_empty()).then_some((Step::Chosen(fields, value), after))
}

/// A text in quotes, and what comes after it. With an escape it is not read.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (inside, after) = text.strip_prefix('"')?.split_once('"')?;
    (!inside.contains(['\\', '('])).then(|| (inside.to_owned(), after))
}

/// Takes away all that a path leads to, as `del(…)` of jq.
pub fn remove(object: &mut Node, path: &PathExpression) {
    let mut doomed = false;
    walk(object, &path.0, &mut doomed);
}

/// Goes on from a value; says whether it is itself what the path leads to.
fn walk(node: &mut Node, steps: &[Step], doomed: &mut bool) {
    let Some((step, rest)) = steps.split_first() else {
        *doomed = true;
        return;
    };
    let goes = |node: &mut Node| {
        let mut doomed = false;
        walk(node, rest, &mut doomed);
        doomed
    };
    match (step, &mut node.value) {
        (Step::Field(name), Value::Map(map)) => {
            drop(map.get_mut(name).is_some_and(goes).then(|| map.remove(name)));
        }
        (Step::Each, Value::Map(map)) => {
            let names: Vec<Box<str>> = map
                .iter_mut()
                .filter_map(|(key, node)| goes(node).then(|| key.name.clone()))
                .collect();
            names.iter().for_each(|name| drop(map.remove(name)));
        }
        (Step::Each, Value::Seq(items)) => items.retain_mut(|item| !goes(item)),
        (Step::Item(at), Value::Seq(items)) => {
            drop(items.get_mut(*at).is_some_and(goes).then(|| items.remove(*at)));
        }
        (Step::Chosen(fields, value), _) => {
            let mut found = Some(&*node);
            for field in fields {
                found = found.and_then(|node| node.get(field));
            }
            if found.and_then(Node::as_str) == Some(value) {
                walk(node, rest, doomed);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml::{read, to_json_string};

    fn without(object: &str, path: &str) -> Option<String> {
        let file = Sources::default().add("object", object);
        let mut node = read(file, object).documents.remove(0).node?;
        remove(&mut node, &PathExpression::parse(path)?);
        Some(to_json_string(&node))
    }

    #[test]
    fn paths_take_away_what_jq_takes_away() {
        let object = r#"{"spec":{"a-b":1,"c":[{"name":"x","v":1},{"name":"y","v":2}],"m":{"n":{"p":1,"q":2}}}}"#;
        let cases = [
            (".spec.c", r#"{"spec":{"a-b":1,"m":{"n":{"p":1,"q":2}}}}"#),
            (
                ".spec.c[0]",
                r#"{"spec":{"a-b":1,"c":[{"name":"y","v":2}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                ".spec.c[]?.v",
                r#"{"spec":{"a-b":1,"c":[{"name":"x"},{"name":"y"}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                ".spec.c[] | .v",
                r#"{"spec":{"a-b":1,"c":[{"name":"x"},{"name":"y"}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                r#".spec.c[] | select(.name == "y") | .v"#,
                r#"{"spec":{"a-b":1,"c":[{"name":"x","v":1},{"name":"y"}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                r#".spec.c[]|select(.name=="y")"#,
                r#"{"spec":{"a-b":1,"c":[{"name":"x","v":1}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                r#".spec["a-b"]"#,
                r#"{"spec":{"c":[{"name":"x","v":1},{"name":"y","v":2}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                r#".spec."a-b""#,
                r#"{"spec":{"c":[{"name":"x","v":1},{"name":"y","v":2}],"m":{"n":{"p":1,"q":2}}}}"#,
            ),
            (
                ".spec.m[].q",
                r#"{"spec":{"a-b":1,"c":[{"name":"x","v":1},{"name":"y","v":2}],"m":{"n":{"p":1}}}}"#,
            ),
            (".spec.none.at.all", object),
        ];
        for (path, expected) in cases {
            assert_eq!(without(object, path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn what_is_more_than_a_path_is_not_read() {
        for path in [
            "",
            ".",
            "..",
            ".a // .b",
            ".a | map(.b)",
            ".a[1:2]",
            ".a-b",
            ".spec[\"\\(1)\"]",
            ".a[] | select(.b != \"c\")",
            ".a[] | select(.b | test(\"c\"))",
            "del(.a)",
            ".a, .b",
        ] {
            assert_eq!(PathExpression::parse(path), None, "{path}");
        }
    }
}
