//! What rules often ask of a field: text that is there, one of a few words, a number in a range.

use std::ops::RangeInclusive;

use crate::check::object::fault::{Fault, Faults, Reason};
use crate::check::object::metadata::NameRule;
use crate::check::object::value;
use crate::model::Field;

/// A fault for a field that is missing, or empty.
pub(crate) fn missing<'f>(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    faults: &'f mut Faults,
) -> &'f mut Fault {
    let message = format!("`{parent}` needs `{name}`");
    match parent.get(name) {
        Some(field) => faults.at(id, Reason::Required, &field, message),
        None => faults.missing(id, parent, name, message),
    }
}

/// Text that must be there and not be empty.
pub(crate) fn text<'a>(
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

/// Text that must be there and have a form.
pub(crate) fn text_of_form(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    rule: NameRule,
    faults: &mut Faults,
) {
    if text(id, parent, name, faults).is_some() {
        value::form(id, parent, name, rule, faults);
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
        value::form(id, parent, name, rule, faults);
    }
}

/// One of a few words, where the field is there; the empty text too is wrong then.
pub(crate) fn choice(parent: &Field<'_>, name: &str, choices: &[&str], faults: &mut Faults) {
    value::word("value-unknown", parent, name, choices, faults);
}

/// One of a few words; for the server the empty text is the default.
pub(crate) fn choice_or_default(
    parent: &Field<'_>,
    name: &str,
    choices: &[&str],
    faults: &mut Faults,
) {
    value::word_or_empty("value-unknown", parent, name, choices, faults);
}

/// One of a few words that must be there. Gives the fault back where there is none.
pub(crate) fn choice_needed<'f>(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    choices: &[&str],
    faults: &'f mut Faults,
) -> Option<&'f mut Fault> {
    if !parent.text(name).is_empty() {
        choice(parent, name, choices, faults);
        return None;
    }
    let fault = missing(id, parent, name, faults);
    fault.help(format!("write {}", value::or_list(choices)));
    Some(fault)
}

/// One of a few words that must be there. Where it is missing, the server judges the empty text.
pub(crate) fn choice_always(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    choices: &[&str],
    faults: &mut Faults,
) {
    if let Some(fault) = choice_needed(id, parent, name, choices, faults) {
        fault.reason = Some(Reason::NotSupported);
    }
}

/// A number in a range, where it is there.
pub(crate) fn range(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    range: RangeInclusive<i64>,
    faults: &mut Faults,
) {
    let (Some(number), Some(field)) = (value::number(parent, name), parent.get(name)) else {
        return;
    };
    if !range.contains(&number) {
        let message = format!("`{name}: {number}` {}", out_of(&range));
        faults.at(id, Reason::Invalid, &field, message);
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
