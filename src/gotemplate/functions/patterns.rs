//! Regular expressions: `regex.go` of sprig. The functions that start with `must` fail with an
//! error where the others panic, which is an error for a template, too; `regexMatch` does not.

use std::rc::Rc;

use regex::{NoExpand, Regex};

use super::super::container::{Element, List};
use super::super::failure::Failure;
use super::super::value::Value;
use super::Functions;
use super::strings::bounded;
use crate::cel::regexp::Pattern;

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define("regexMatch", |pattern: Text, text: Text| match Pattern::new(&pattern) {
        Ok(_) => with(&pattern, &text, |regex| Ok(regex.is_match(&text))),
        Err(_) => Ok(false),
    });
    functions.define("mustRegexMatch", |pattern: Text, text: Text| {
        with(&pattern, &text, |regex| Ok(regex.is_match(&text)))
    });
    functions.define_both(["regexFind", "mustRegexFind"], |pattern: Text, text: Text| {
        with(&pattern, &text, |regex| {
            Ok(regex.find(&text).map_or("", |found| found.as_str()).to_owned())
        })
    });
    functions.define_both(
        ["regexFindAll", "mustRegexFindAll"],
        |pattern: Text, text: Text, count: i64| {
            with(&pattern, &text, |regex| {
                let found = regex.find_iter(&text).map(|found| found.as_str());
                Ok(strings(found.take(limit(count)).collect()))
            })
        },
    );
    functions.define_both(
        ["regexReplaceAll", "mustRegexReplaceAll"],
        |pattern: Text, text: Text, new: Text| {
            with(&pattern, &text, |regex| {
                // Each reference in the replacement can bring all of the text.
                let each = new.len() + new.matches('$').count() * text.len();
                bounded(text.len(), regex.find_iter(&text).count(), each)?;
                Ok(regex.replace_all(&text, &*new).into_owned())
            })
        },
    );
    functions.define_both(
        ["regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"],
        |pattern: Text, text: Text, new: Text| {
            with(&pattern, &text, |regex| {
                bounded(text.len(), regex.find_iter(&text).count(), new.len())?;
                Ok(regex.replace_all(&text, NoExpand(&new)).into_owned())
            })
        },
    );
    functions.define_both(
        ["regexSplit", "mustRegexSplit"],
        |pattern: Text, text: Text, count: i64| {
            with(&pattern, &text, |regex| Ok(split(regex, &pattern, &text, count)))
        },
    );
    functions.define("regexQuoteMeta", |text: Text| {
        let escape = |c: char| {
            let special = r"\.+*?()|[]{}^$".contains(c);
            special.then_some('\\').into_iter().chain([c])
        };
        text.chars().flat_map(escape).collect::<String>()
    });
}

/// Runs something with the pattern as Go reads it.
fn with<T>(
    pattern: &str,
    text: &str,
    run: impl FnOnce(&Regex) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let read = Pattern::new(pattern)
        .map_err(|wrong| Failure::wrong(format!("error parsing regexp: {wrong}: `{pattern}`")))?;
    let regex = read.for_text(text).map_err(|unknown| Failure::unknown(unknown.to_string()))?;
    run(regex)
}

/// Go takes a negative number for all.
fn limit(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// `[]string`, which is nil where nothing was found.
fn strings(found: Vec<&str>) -> Value {
    Value::List(if found.is_empty() { List::nil(Element::String) } else { List::strings(found) })
}

/// `Regexp.Split`
fn split(regex: &Regex, pattern: &str, text: &str, count: i64) -> Value {
    if count == 0 {
        return strings(Vec::new());
    }
    if text.is_empty() && !pattern.is_empty() {
        return Value::List(List::strings([""]));
    }
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, 0);
    for found in regex.find_iter(text).take(limit(count)) {
        if count > 0 && parts.len() + 1 == limit(count) {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.extend(text.get(start..end));
        }
        start = found.end();
    }
    if end != text.len() {
        parts.extend(text.get(start..));
    }
    Value::List(List::strings(parts))
}
