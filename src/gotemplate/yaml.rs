//! YAML as `sigs.k8s.io/yaml` writes it, and as it reads it into `interface {}`.
//!
//! Argo CD writes the text into a manifest as it is, so quotes and line breaks are those of
//! `go.yaml.in/yaml/v2` (`encode.go`, `emitterc.go`), not those of our own emitter.

use std::cmp::Ordering;
use std::rc::Rc;

use super::container::Map;
use super::failure::Failure;
use super::float;
use super::scalar;
use super::value::Value;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// Maps with more keys are not sorted.
const MAX_KEYS: usize = 2000;

/// Longer keys are written with a `?`, which nobody needs.
const MAX_KEY: usize = 128;

/// The value as a document, with its line break at the end.
pub(super) fn write(value: &Value) -> Result<String, Failure> {
    value.guard()?;
    let mut out = String::new();
    match value {
        Value::Map(map) if map.len() > 0 => block(value, 0, &mut out)?,
        Value::List(list) if list.len() > 0 => block(value, 0, &mut out)?,
        _ => {
            single(value, 0, &mut out)?;
            if !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
    Ok(out)
}

/// A map or a list that is not empty; the first entry starts where `out` ends.
fn block(value: &Value, indent: usize, out: &mut String) -> Result<(), Failure> {
    let pad = " ".repeat(indent);
    if let Value::List(list) = value {
        for (at, item) in list.items().iter().enumerate() {
            if at > 0 {
                out.push_str(&pad);
            }
            out.push('-');
            if is_block(item) {
                out.push(' ');
                block(item, indent + 2, out)?;
            } else {
                entry(item, indent, out)?;
            }
        }
    } else if let Value::Map(map) = value {
        let entries = sorted(map)?;
        for (at, (key, item)) in entries.iter().enumerate() {
            if at > 0 {
                out.push_str(&pad);
            }
            if key.len() > MAX_KEY || key.contains('\n') {
                return Err(Failure::unknown("YAML with such a long key"));
            }
            scalar::write(readable(key)?, indent, true, out);
            out.push(':');
            match item {
                Value::List(_) if is_block(item) => {
                    out.push('\n');
                    out.push_str(&pad);
                    block(item, indent, out)?;
                }
                _ if is_block(item) => {
                    out.push('\n');
                    out.push_str(&" ".repeat(indent + 2));
                    block(item, indent + 2, out)?;
                }
                _ => entry(item, indent, out)?,
            }
        }
    }
    Ok(())
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::List(list) => list.len() > 0,
        Value::Map(map) => map.len() > 0,
        _ => false,
    }
}

/// JSON comes between, which has no escapes for some characters that YAML does not read.
fn readable(text: &str) -> Result<&str, Failure> {
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']) {
        return Err(Failure::unknown("YAML with characters that were line breaks once"));
    }
    if text.contains(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')) {
        return Err(Failure::wrong("yaml: control characters are not allowed"));
    }
    Ok(text)
}

/// What stands on the line of its key.
fn entry(value: &Value, indent: usize, out: &mut String) -> Result<(), Failure> {
    out.push(' ');
    single(value, indent, out)?;
    if !out.ends_with('\n') || value.as_str().is_none() {
        out.push('\n');
    }
    Ok(())
}

fn single(value: &Value, indent: usize, out: &mut String) -> Result<(), Failure> {
    match value {
        Value::Nothing | Value::Nil => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(_, value) => out.push_str(&value.to_string()),
        Value::Float(value) if value.is_finite() => {
            // JSON comes between: what it writes as a whole number is one.
            let json = float::json(*value);
            let whole = json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok();
            out.push_str(&if whole { json } else { float::format(*value, 'g', None) });
        }
        Value::Float(_) => return Err(Failure::wrong("json: unsupported value")),
        Value::String(string) => scalar::write(readable(string)?, indent, false, out),
        Value::List(list) => out.push_str(if list.is_nil() { "null" } else { "[]" }),
        Value::Map(map) => out.push_str(if map.is_nil() { "null" } else { "{}" }),
        Value::Version(version) => scalar::write(&version.to_string(), indent, false, out),
        Value::Time(time) => {
            let time = time.format("2006-01-02T15:04:05.999999999Z07:00");
            scalar::write(&time, indent, false, out);
        }
    }
    Ok(())
}

/// The entries in the order of their keys. That order has cycles (`a10` is before `a1b`, `a1b`
/// before `a2`, `a2` before `a10`), and Go starts from a random one.
fn sorted(map: &Map) -> Result<Vec<(Rc<str>, Value)>, Failure> {
    if map.len() > MAX_KEYS {
        return Err(Failure::limit("YAML with so many keys in a map"));
    }
    let mut sorted: Vec<(Rc<str>, Value)> = Vec::new();
    for (key, value) in map.entries() {
        let at = sorted.iter().position(|(other, _)| natural(&key, other).is_lt());
        let (before, after) = sorted.split_at(at.unwrap_or(sorted.len()));
        let fits = before.iter().all(|(other, _)| natural(other, &key).is_lt())
            && after.iter().all(|(other, _)| natural(&key, other).is_lt());
        if !fits {
            return Err(Failure::unknown("keys whose order in YAML is random"));
        }
        sorted.insert(before.len(), (key, value));
    }
    Ok(sorted)
}

/// `keyList.Less` of `sorter.go`: letters come last, and numbers within keys count as numbers.
fn natural(one: &str, other: &str) -> Ordering {
    let (ones, others): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let Some(at) = ones.iter().zip(&others).position(|(one, other)| one != other) else {
        return ones.len().cmp(&others.len());
    };
    let (before, one) = ones.split_at(at);
    let (_, other) = others.split_at(at);
    let letter = |chars: &[char]| chars.first().is_some_and(|c| c.is_alphabetic());
    if letter(one) || letter(other) {
        return letter(one).cmp(&letter(other)).then_with(|| one.first().cmp(&other.first()));
    }
    let zero = |chars: &[char]| chars.first() == Some(&'0');
    // A zero after other digits is a digit of their number, so it does not start one.
    let digits = before.iter().rev().take_while(|c| c.is_numeric());
    let start = i64::from((zero(one) || zero(other)) && digits.into_iter().any(|c| *c != '0'));
    let number = |chars: &[char]| {
        let digits = chars.iter().map_while(|c| c.to_digit(10));
        let (count, value) = digits.fold((0, start), |(count, value), digit| {
            (count + 1, value.wrapping_mul(10).wrapping_add(digit.into()))
        });
        (value, count)
    };
    number(one).cmp(&number(other)).then_with(|| one.first().cmp(&other.first()))
}

/// The first document as `yaml.Unmarshal` decodes it. Numbers are floats, as JSON comes between.
pub(super) fn read(text: &str) -> Result<Value, Failure> {
    let file = Sources::default().add("template", text);
    let read = yaml::read(file, text);
    if let Some(fault) = read.faults.iter().find(|fault| fault.kind.is_fatal()) {
        return Err(Failure::wrong(format!("error converting YAML to JSON: {}", fault.message)));
    }
    let first = read.documents.first().and_then(|document| document.node.as_ref());
    Ok(first.map_or(Value::Nil, |node: &Node| Value::from_json(&yaml::to_json(node))))
}
