//! Texts: `strings.go` of sprig, and the functions of Go's `strings` in its table.

use std::ops::Range;
use std::rc::Rc;

use super::super::container::{Element, List, Map};
use super::super::failure::Failure;
use super::super::format;
use super::super::value::Value;
use super::super::verb::quote;
use super::Functions;
use super::callable::Rest;

/// Longer texts are not made by one call.
const MAX_LENGTH: usize = 1 << 22;

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define("hello", || "Hello!");
    functions.define("trim", |text: Text| text.trim_matches(is_space).to_owned());
    functions.define("upper", |text: Text| text.chars().map(upper).collect::<String>());
    functions.define("lower", |text: Text| text.chars().map(lower).collect::<String>());
    functions.define("trunc", |count: i64, text: Text| truncate(count, &text));
    functions.define("substr", |start: i64, end: i64, text: Text| substring(start, end, &text));
    functions.define("repeat", |count: i64, text: Text| repeat(count, &text));
    functions.define_both(["trimall", "trimAll"], |cut: Text, text: Text| {
        text.trim_matches(|c| cut.contains(c)).to_owned()
    });
    functions.define("trimSuffix", |suffix: Text, text: Text| {
        text.strip_suffix(&*suffix).unwrap_or(&text).to_owned()
    });
    functions.define("trimPrefix", |prefix: Text, text: Text| {
        text.strip_prefix(&*prefix).unwrap_or(&text).to_owned()
    });
    functions.define("contains", |part: Text, text: Text| text.contains(&*part));
    functions.define("hasPrefix", |part: Text, text: Text| text.starts_with(&*part));
    functions.define("hasSuffix", |part: Text, text: Text| text.ends_with(&*part));
    functions.define("replace", |old: Text, new: Text, text: Text| replace(&text, &old, &new));
    functions.define("quote", |values: Rest<Value>| {
        each(&values.0, |value| Ok(quote(&text_of(value)?, '"', false)))
    });
    functions.define("squote", |values: Rest<Value>| {
        each(&values.0, |value| Ok(format!("'{}'", format::print(value)?)))
    });
    functions.define("cat", |values: Rest<Value>| each(&values.0, format::print));
    functions.define("indent", |spaces: i64, text: Text| indent(spaces, &text));
    functions
        .define("nindent", |spaces: i64, text: Text| Ok("\n".to_owned() + &indent(spaces, &text)?));
    functions
        .define("plural", |one: Text, many: Text, count: i64| if count == 1 { one } else { many });
    functions.define("toString", |value: Value| text_of(&value));
    functions.define("toStrings", |value: Value| Ok(Value::List(List::strings(texts_of(&value)?))));
    functions.define("join", |separator: Text, value: Value| {
        let texts = texts_of(&value)?;
        bounded(texts.iter().map(String::len).sum(), texts.len(), separator.len())?;
        Ok(texts.join(&separator))
    });
    functions.define("splitList", |separator: Text, text: Text| {
        Value::List(List::strings(split(&text, &separator, None)))
    });
    functions
        .define("split", |separator: Text, text: Text| numbered(split(&text, &separator, None)));
    functions.define("splitn", |separator: Text, count: i64, text: Text| {
        numbered(match usize::try_from(count) {
            Ok(0) => Vec::new(),
            Ok(count) => split(&text, &separator, Some(count)),
            Err(_) => split(&text, &separator, None),
        })
    });
    functions.define("sortAlpha", sort_alpha);
    functions.refuse(
        &[
            "randAlphaNum",
            "randAlpha",
            "randAscii",
            "randNumeric",
            "shuffle",
            "randBytes",
            "uuidv4",
        ],
        "random text",
    );
}

/// `unicode.IsSpace`
pub(super) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}'
            | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// `unicode.ToUpper`: one letter for one.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    if upper.len() == 1 { upper.next().unwrap_or(c) } else { c }
}

/// `unicode.ToLower`
pub(super) fn lower(c: char) -> char {
    match c {
        // Rust adds a dot above.
        'İ' => 'i',
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// The bytes of a text, where they are text, too.
pub(super) fn slice(text: &str, range: Range<i64>) -> Result<&str, Failure> {
    let bound = |at: i64| usize::try_from(at).ok().filter(|at| *at <= text.len());
    let range = match (bound(range.start), bound(range.end)) {
        (Some(start), Some(end)) if start <= end => start..end,
        _ => {
            let Range { start, end } = range;
            let message =
                format!("slice bounds out of range [{start}:{end}] with length {}", text.len());
            return Err(Failure::wrong(message));
        }
    };
    text.get(range).ok_or_else(|| Failure::unknown("a letter of several bytes is cut in two"))
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn truncate(count: i64, text: &str) -> Result<String, Failure> {
    let length = length(text);
    let kept = if count < 0 && length.saturating_add(count) > 0 {
        slice(text, length + count..length)?
    } else if count >= 0 && length > count {
        slice(text, 0..count)?
    } else {
        text
    };
    Ok(kept.to_owned())
}

fn substring(start: i64, end: i64, text: &str) -> Result<String, Failure> {
    let length = length(text);
    let range = if start < 0 {
        0..end
    } else if end < 0 || end > length {
        start..length
    } else {
        start..end
    };
    slice(text, range).map(str::to_owned)
}

/// Refuses what would be too long: a text, and another one so many times.
pub(super) fn bounded(length: usize, count: usize, each: usize) -> Result<(), Failure> {
    if length.saturating_add(count.saturating_mul(each)) > MAX_LENGTH {
        return Err(Failure::limit("a text of so many bytes"));
    }
    Ok(())
}

fn repeat(count: i64, text: &str) -> Result<String, Failure> {
    let Ok(count) = usize::try_from(count) else {
        return Err(Failure::wrong("strings: negative Repeat count"));
    };
    bounded(0, count, text.len())?;
    Ok(if text.is_empty() { String::new() } else { text.repeat(count) })
}

fn replace(text: &str, old: &str, new: &str) -> Result<String, Failure> {
    bounded(text.len(), text.matches(old).count(), new.len())?;
    Ok(text.replace(old, new))
}

fn indent(spaces: i64, text: &str) -> Result<String, Failure> {
    let pad = repeat(spaces, " ")?;
    Ok(pad.clone() + &replace(text, "\n", &("\n".to_owned() + &pad))?)
}

/// What is there of the values, with spaces between.
fn each(
    values: &[Value],
    write: impl Fn(&Value) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let there = values.iter().filter(|value| !value.is_nil());
    Ok(there.map(write).collect::<Result<Vec<_>, _>>()?.join(" "))
}

/// `strval`
pub(super) fn text_of(value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        _ => format::print(value),
    }
}

/// `strslice`: the items as texts, without null; what is no list is one item.
pub(super) fn texts_of(value: &Value) -> Result<Vec<String>, Failure> {
    match value {
        Value::Nothing | Value::Nil => Ok(Vec::new()),
        Value::List(list) => {
            list.items().iter().filter(|item| !item.is_nil()).map(text_of).collect()
        }
        _ => Ok(vec![text_of(value)?]),
    }
}

/// `strings.SplitN`; an empty separator splits at every character.
fn split<'t>(text: &'t str, separator: &str, count: Option<usize>) -> Vec<&'t str> {
    let count = count.unwrap_or(usize::MAX);
    if !separator.is_empty() {
        return text.splitn(count, separator).collect();
    }
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(count).collect();
    let mut parts = Vec::new();
    let mut end = text.len();
    while let Some(start) = starts.pop() {
        parts.extend(text.get(start..end));
        end = start;
    }
    parts.reverse();
    parts
}

/// `_0`, `_1`, …
fn numbered(parts: Vec<&str>) -> Value {
    let name = |at: usize| Rc::from(format!("_{at}"));
    let entries = parts.into_iter().enumerate().map(|(at, part)| (name(at), part.into()));
    Value::Map(Map::new(Element::String, entries.collect()))
}

/// A list of strings is sorted in its place, as in Go.
fn sort_alpha(value: Value) -> Result<Value, Failure> {
    let Value::List(list) = &value else {
        return Ok(Value::List(List::strings([text_of(&value)?])));
    };
    let mut texts = texts_of(&value)?;
    texts.sort_unstable();
    let sorted = List::strings(texts);
    if list.element() == Element::String {
        list.replace(sorted.items());
        return Ok(value);
    }
    Ok(Value::List(sorted))
}
