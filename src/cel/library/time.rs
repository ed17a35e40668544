//! Parts of times and spans. Without a zone, times are in UTC.

use super::Function;
use crate::cel::clock::{Civil, Time};
use crate::cel::value::{Evaluated, Failure, Value};

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    if arguments == 0 || arguments > 2 {
        return None;
    }
    Some(match name {
        "getFullYear" => |v| part(v, |civil| civil.year),
        "getMonth" => |v| part(v, |civil| civil.month - 1),
        "getDayOfYear" => |v| part(v, |civil| civil.day_of_year),
        "getDayOfMonth" => |v| part(v, |civil| civil.day - 1),
        "getDate" => |v| part(v, |civil| civil.day),
        "getDayOfWeek" => |v| part(v, |civil| civil.weekday),
        "getHours" => |v| span_or(v, 3_600_000_000_000, |civil| civil.hour),
        "getMinutes" => |v| span_or(v, 60_000_000_000, |civil| civil.minute),
        "getSeconds" => |v| span_or(v, 1_000_000_000, |civil| civil.second),
        "getMilliseconds" => |v| match v {
            [Value::Duration(span)] => Ok(Value::Int(span / 1_000_000)),
            [Value::Timestamp(time), rest @ ..] => {
                zone(rest)?;
                Ok(Value::Int(i64::from(time.nanos / 1_000_000)))
            }
            _ => Err(Failure::overload()),
        },
        _ => return None,
    })
}

fn part<'a>(values: &[Value<'a>], part: fn(&Civil) -> i64) -> Evaluated<'a> {
    match values {
        [Value::Timestamp(time), rest @ ..] => {
            let offset = zone(rest)?;
            Ok(Value::Int(part(&Time::civil(*time, offset))))
        }
        _ => Err(Failure::overload()),
    }
}

fn span_or<'a>(values: &[Value<'a>], unit: i64, of_time: fn(&Civil) -> i64) -> Evaluated<'a> {
    match values {
        [Value::Duration(span)] => Ok(Value::Int(span / unit)),
        _ => part(values, of_time),
    }
}

/// The offset of a zone in seconds. Names of zones would need their history.
fn zone(values: &[Value<'_>]) -> Result<i64, Failure> {
    let text = match values {
        [] => return Ok(0),
        [Value::String(text)] => text,
        _ => return Err(Failure::overload()),
    };
    if matches!(&**text, "UTC" | "") {
        return Ok(0);
    }
    let (hours, minutes) =
        text.split_once(':').ok_or_else(|| Failure::unknown("a time zone by its name"))?;
    let whole = |text: &str| text.parse::<i64>().ok().filter(|value| value.abs() < 100);
    let (Some(hours), Some(minutes)) = (whole(hours), whole(minutes)) else {
        return Err(Failure::unknown("an offset that is no number"));
    };
    let minutes = if hours < 0 { hours * 60 - minutes } else { hours * 60 + minutes };
    Ok(minutes * 60)
}
