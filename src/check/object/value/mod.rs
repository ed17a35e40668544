//! What a single value must be, whatever object it is in.

pub(crate) mod address;
pub(crate) mod amount;
pub(crate) use crate::cel::go_regexp;
pub(crate) mod name;
pub(crate) mod port;
pub(crate) mod schedule;
pub(crate) mod selector;
pub(crate) mod text;
pub(crate) mod time_zone;

use std::ops::RangeInclusive;

use crate::check::object::fault::{Fault, Faults, Reason};
use crate::check::object::metadata::NameRule;
use crate::diagnostic::suggest;
use crate::model::Field;
use crate::model::Quantity;
use crate::yaml::{Node, Value};

/// What a field says that is none of the words that it may be.
pub(crate) const UNKNOWN: &str = "value-unknown";

/// The whole number of a field, where it is there.
pub(crate) fn number(parent: &Field<'_>, name: &str) -> Option<i64> {
    match parent.node.get(name)?.value {
        Value::Int(number) => Some(number),
        _ => None,
    }
}

/// Whether a field is there and `true`.
pub(crate) fn is_true(parent: &Field<'_>, name: &str) -> bool {
    parent.node.get(name).is_some_and(|node| matches!(node.value, Value::Bool(true)))
}

/// The boolean under a name.
pub(crate) fn boolean(parent: &Field<'_>, name: &str) -> Option<bool> {
    match parent.node.get(name)?.value {
        Value::Bool(value) => Some(value),
        _ => None,
    }
}

/// Whether a field is there, for the server: null is nothing.
pub(crate) fn has(parent: &Field<'_>, name: &str) -> bool {
    parent.node.get(name).is_some_and(|node| !node.is_null())
}

/// The items under a name.
pub(crate) fn list<'a>(parent: &Field<'a>, name: &str) -> &'a [Node] {
    parent.node.get(name).and_then(Node::as_seq).unwrap_or_default()
}

/// How many items or entries a field has; none where it is not there.
pub(crate) fn count(parent: &Field<'_>, name: &str) -> usize {
    let Some(node) = parent.node.get(name) else { return 0 };
    node.as_seq().map_or_else(|| node.as_map().map_or(0, |map| map.len()), <[Node]>::len)
}

/// The texts of a list; what is null there is the empty text.
pub(crate) fn texts<'a>(parent: &Field<'a>, name: &str) -> Vec<&'a str> {
    let items = parent.node.get(name).and_then(Node::as_seq).unwrap_or_default();
    items.iter().map(|item| item.as_str().unwrap_or_default()).collect()
}

/// A quantity as the server reads it, which takes blanks around it, and numbers without digits.
/// Nothing where it is larger than any that matters.
pub(crate) fn quantity(node: &Node) -> Option<Quantity> {
    match &node.value {
        Value::Null => Some(Quantity::ZERO),
        Value::Int(number) => Some(Quantity::units(*number)),
        Value::UInt(number) => number.to_string().parse().ok(),
        Value::Float(number) => number.to_string().parse().ok(),
        Value::String(text) => {
            let text = text.trim();
            if text.contains(|c: char| c.is_ascii_digit()) {
                text.parse().ok()
            } else {
                Some(Quantity::ZERO)
            }
        }
        _ => None,
    }
}

/// `` `A`, `B` or `C` ``
pub(crate) fn or_list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => format!("`{word}`"),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", most.join(", "))
        }
    }
}

/// Whether a field that is there has one of a few words; the empty text is none of them.
pub(crate) fn word(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    known: &[&str],
    faults: &mut Faults,
) {
    if let Some(field) = parent.get(name) {
        item_word(id, &field, known, faults);
    }
}

/// Whether a field that has a default has one of a few words, or the empty text.
pub(crate) fn word_or_empty(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    known: &[&str],
    faults: &mut Faults,
) {
    if !parent.text(name).is_empty() {
        word(id, parent, name, known, faults);
    }
}

/// Whether a text is one of a few words.
pub(crate) fn item_word(id: &'static str, field: &Field<'_>, known: &[&str], faults: &mut Faults) {
    let text = field.node.as_str().unwrap_or_default();
    if known.contains(&text) {
        return;
    }
    let message = match text {
        "" => format!("`{field}` may not be empty"),
        text => format!("`{field}` may not be `{text}`"),
    };
    let fault = faults.at(id, Reason::NotSupported, field, message);
    fault.help = suggest(text, known.iter().copied().filter(|word| !word.is_empty()));
}

/// The text of a field that must not be empty.
pub(crate) fn required<'a>(
    id: &'static str,
    parent: &Field<'a>,
    name: &str,
    faults: &mut Faults,
) -> Option<&'a str> {
    let text = parent.text(name);
    if text.is_empty() {
        missing(id, parent, name, faults);
        return None;
    }
    Some(text)
}

/// Whether a list or map has anything in it.
pub(crate) fn required_items(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    faults: &mut Faults,
) -> bool {
    if count(parent, name) == 0 {
        faults.missing(id, parent, name, needs(parent, name));
        return false;
    }
    true
}

/// What is said of a field that is not there.
pub(crate) fn needs(parent: &Field<'_>, name: &str) -> String {
    match parent.to_string() {
        path if path.is_empty() => format!("`{name}` is missing"),
        path => format!("`{path}` needs `{name}`"),
    }
}

/// Whether the text of a field has a form, where it is there and not empty.
pub(crate) fn form(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    rule: fn(&str) -> Option<&'static str>,
    faults: &mut Faults,
) {
    let text = parent.text(name);
    if text.is_empty() {
        return;
    }
    if let (Some(wrong), Some(field)) = (rule(text), parent.get(name)) {
        faults.at(id, Reason::Invalid, &field, format!("`{name}: {text}` {wrong}"));
    }
}

/// Whether a number that is there lies in a range.
pub(crate) fn range(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    range: RangeInclusive<i64>,
    faults: &mut Faults,
) {
    let (Some(field), Some(number)) = (parent.get(name), number(parent, name)) else { return };
    if !range.contains(&number) {
        let message = format!("`{field}` {}, not {number}", out_of(&range));
        faults.at(id, Reason::Invalid, &field, message);
    }
}

/// A fault for a field that is missing, or empty.
pub(crate) fn missing<'f>(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    faults: &'f mut Faults,
) -> &'f mut Fault {
    let message = needs(parent, name);
    match parent.get(name) {
        Some(field) => faults.at(id, Reason::Required, &field, message),
        None => faults.missing(id, parent, name, message),
    }
}

/// Text that must be there and have a form.
pub(crate) fn text_of_form(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    rule: NameRule,
    faults: &mut Faults,
) {
    if required(id, parent, name, faults).is_some() {
        form(id, parent, name, rule, faults);
    }
}

/// Text that must have a form. Where it is missing, the server judges the empty text.
pub(crate) fn form_needed(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    rule: NameRule,
    faults: &mut Faults,
) {
    if parent.text(name).is_empty() {
        missing(id, parent, name, faults).reason = Some(Reason::Invalid);
    } else {
        form(id, parent, name, rule, faults);
    }
}

/// One of a few words that must be there. Gives the fault back where there is none.
pub(crate) fn required_word<'f>(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    choices: &[&str],
    faults: &'f mut Faults,
) -> Option<&'f mut Fault> {
    if !parent.text(name).is_empty() {
        word(UNKNOWN, parent, name, choices, faults);
        return None;
    }
    let fault = missing(id, parent, name, faults);
    fault.help(format!("write {}", or_list(choices)));
    Some(fault)
}

/// One of a few words that must be there. Where it is missing, the server judges the empty text.
pub(crate) fn word_always(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    choices: &[&str],
    faults: &mut Faults,
) {
    if let Some(fault) = required_word(id, parent, name, choices, faults) {
        fault.reason = Some(Reason::NotSupported);
    }
}

/// What a number out of a range is told.
pub(crate) fn out_of(range: &RangeInclusive<i64>) -> String {
    match (*range.start(), *range.end()) {
        (0, i64::MAX) => "must not be below 0".into(),
        (start, i64::MAX) => format!("must be at least {start}"),
        (start, end) => format!("must be between {start} and {end}"),
    }
}

/// A fault for a field that is not there, or at it, where the server does not call it missing.
pub(crate) fn at_or_under<'f>(
    id: &'static str,
    reason: Reason,
    parent: &Field<'_>,
    name: &str,
    message: String,
    faults: &'f mut Faults,
) -> &'f mut Fault {
    match parent.get(name) {
        Some(field) => faults.at(id, reason, &field, message),
        None => {
            let fault = faults.missing(id, parent, name, message);
            fault.reason = Some(reason);
            fault
        }
    }
}

/// Whether `*` in a list, which means all, stands alone.
pub(crate) fn star_alone(id: &'static str, rule: &Field<'_>, name: &str, faults: &mut Faults) {
    let said = texts(rule, name);
    if let Some(list) = rule.get(name)
        && said.len() > 1
        && said.contains(&"*")
    {
        let message = format!("`*` in `{name}` excludes every other item");
        faults.at(id, Reason::Invalid, &list, message).help("keep only `*`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    #[test]
    fn quantities() {
        let mut sources = Sources::default();
        let span = Span::new(sources.add("x", ""), 0..0);
        let read = |text: &str| quantity(&Node::string(text, span));
        assert_eq!(read(" 1Ki "), Some(Quantity::units(1024)));
        assert_eq!(read("."), Some(Quantity::ZERO));
        assert_eq!(read("Gi"), Some(Quantity::ZERO));
        assert_eq!(read("5."), Some(Quantity::units(5)));
    }

    #[test]
    fn lists_of_words() {
        assert_eq!(or_list(&["A"]), "`A`");
        assert_eq!(or_list(&["A", "B", "C"]), "`A`, `B` or `C`");
    }
}
