//! Dates: `date.go` of sprig, without what asks for the hour.

use std::rc::Rc;

use super::super::clock::Time;
use super::super::failure::Failure;
use super::super::value::{IntKind, Value};
use super::Functions;
use crate::cel::clock::parse_duration;

type Text = Rc<str>;

const HTML: &str = "2006-01-02";

const SECOND: i64 = 1_000_000_000;

pub(super) fn add(functions: &mut Functions) {
    functions.refuse(&["now", "ago"], "the time of the evaluation");
    functions.define("date", |layout: Text, date: Value| format(&layout, &date, "Local"));
    functions
        .define_both(["dateInZone", "date_in_zone"], |layout: Text, date: Value, zone: Text| {
            format(&layout, &date, &zone)
        });
    functions.define("htmlDate", |date: Value| format(HTML, &date, "Local"));
    functions.define("htmlDateInZone", |date: Value, zone: Text| format(HTML, &date, &zone));
    functions.define_both(["dateModify", "date_modify"], |span: Text, date: Time| {
        Value::Time(date.after(&span).unwrap_or(date))
    });
    functions.define_both(["mustDateModify", "must_date_modify"], |span: Text, date: Time| {
        let after = date.after(&span).map(Value::Time);
        after.ok_or_else(|| Failure::wrong(format!("time: invalid duration {span:?}")))
    });
    functions.define("toDate", |layout: Text, text: Text| {
        match Time::parse(&layout, &text)? {
            Some(time) => Ok(Value::Time(time)),
            // Go gives what it could read.
            None => Err(Failure::unknown("a date that does not fit its layout")),
        }
    });
    functions.define("mustToDate", |layout: Text, text: Text| {
        let read = Time::parse(&layout, &text)?.map(Value::Time);
        read.ok_or_else(|| Failure::wrong(format!("parsing time {text:?} as {layout:?}")))
    });
    functions.define("unixEpoch", |date: Time| date.seconds().to_string());
    functions.define("duration", |value: Value| {
        let seconds = match &value {
            Value::String(text) => text.parse().unwrap_or(0),
            Value::Int(IntKind::Int64, seconds) => *seconds,
            _ => 0,
        };
        duration(seconds)
    });
    functions.define("durationRound", |value: Value| match &value {
        Value::String(text) => Ok(rounded(parse_duration(text).unwrap_or(0))),
        Value::Int(IntKind::Int64, nanos) => Ok(rounded(*nanos)),
        Value::Time(_) => Err(Failure::unknown("the time of the evaluation")),
        _ => Ok(rounded(0)),
    });
}

fn format(layout: &str, date: &Value, zone: &str) -> Result<String, Failure> {
    if !matches!(zone, "" | "UTC" | "Local") {
        return Err(Failure::unknown("a time zone other than UTC"));
    }
    let time = match date {
        Value::Time(time) => *time,
        Value::Int(IntKind::Int | IntKind::Int64, seconds) => Time::unix(*seconds)?,
        _ => return Err(Failure::unknown("the time of the evaluation")),
    };
    Ok(time.format(layout))
}

/// A method of a time, called from a template.
pub(in crate::gotemplate) fn method(
    time: &Time,
    name: &str,
    given: &[Value],
) -> Result<Value, Failure> {
    let number = |layout: &str| {
        let text = time.format(layout);
        text.parse().map(Value::int).map_err(|_| Failure::unknown("a part of a time"))
    };
    match (name, given) {
        ("Format", [Value::String(layout)]) => Ok(time.format(layout).into()),
        ("String", []) => Ok(time.text().into()),
        ("Unix", []) => Ok(Value::int64(time.seconds())),
        ("Year", []) => number("2006"),
        ("Day", []) => number("2"),
        ("Hour", []) => number("15"),
        ("Minute", []) => number("4"),
        ("Second", []) => number("5"),
        _ => Err(Failure::unknown(format!("`{name}` of a time, with such arguments"))),
    }
}

/// `Duration.String`, for whole seconds.
fn duration(seconds: i64) -> Result<String, Failure> {
    if seconds.checked_mul(SECOND).is_none() {
        return Err(Failure::unknown("a duration of more than 292 years"));
    }
    let sign = if seconds < 0 { "-" } else { "" };
    let size = seconds.unsigned_abs();
    let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
    Ok(match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
    })
}

/// The largest unit that the span is longer than one of.
fn rounded(nanos: i64) -> String {
    const HOUR: u64 = 3600 * 1_000_000_000;
    const UNITS: [(u64, &str); 6] = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3600, "s"),
    ];
    let size = nanos.unsigned_abs();
    let found = UNITS.iter().find(|(unit, _)| size > *unit);
    found.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit))
}
