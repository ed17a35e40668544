//! Conversions between types.

use super::Function;
use crate::cel::clock;
use crate::cel::value::{Evaluated, Failure, Value};

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("dyn", 1) => |v| Ok(first(v)?.clone()),
        ("type", 1) => |v| first(v)?.type_name().map(Value::Type),
        ("bool", 1) => |v| match first(v)? {
            Value::Bool(value) => Ok(Value::Bool(*value)),
            Value::String(text) => match &**text {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
                _ => Err(fails("string", "bool")),
            },
            _ => Err(Failure::overload()),
        },
        ("int", 1) => int,
        ("uint", 1) => uint,
        ("double", 1) => double,
        ("string", 1) => string,
        ("bytes", 1) => |v| match first(v)? {
            Value::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
            Value::String(text) => Ok(Value::Bytes(text.as_bytes().into())),
            _ => Err(Failure::overload()),
        },
        ("duration", 1) => |v| match first(v)? {
            Value::Duration(span) => Ok(Value::Duration(*span)),
            // It is declared, and fails.
            Value::Int(_) => Err(fails("int", "google.protobuf.Duration")),
            Value::String(text) => clock::parse_duration(text)
                .map(Value::Duration)
                .ok_or_else(|| fails("string", "google.protobuf.Duration")),
            _ => Err(Failure::overload()),
        },
        ("timestamp", 1) => |v| match first(v)? {
            Value::Timestamp(time) => Ok(Value::Timestamp(*time)),
            Value::Int(seconds) => clock::Time::at(*seconds)
                .map(Value::Timestamp)
                .ok_or_else(|| Failure::error("timestamp overflow")),
            Value::String(text) => match clock::parse_timestamp(text) {
                Some(time) => Ok(Value::Timestamp(time)),
                // Go forgives a little: a comma, an hour of one digit.
                None if text.len() > 17
                    && text.contains('T')
                    && !clock::has_timestamp_form(text) =>
                {
                    Err(Failure::unknown("a time that is written in an odd way"))
                }
                None => Err(fails("string", "google.protobuf.Timestamp")),
            },
            _ => Err(Failure::overload()),
        },
        _ => return None,
    })
}

fn first<'v, 'a>(values: &'v [Value<'a>]) -> Result<&'v Value<'a>, Failure> {
    values.first().ok_or_else(Failure::overload)
}

fn fails(from: &str, to: &str) -> Failure {
    Failure::error(format!("type conversion error from '{from}' to '{to}'"))
}

/// Digits with a sign, as Go reads whole numbers in base ten.
fn digits(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn int<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let overflow = || Failure::error("integer overflow");
    let value = match first(values)? {
        Value::Int(value) => *value,
        Value::Uint(value) => i64::try_from(*value).map_err(|_| overflow())?,
        Value::Double(value) => {
            // The bounds themselves are refused: they are not exact.
            if !(*value > -9_223_372_036_854_775_808.0 && *value < 9_223_372_036_854_775_808.0) {
                return Err(overflow());
            }
            #[expect(clippy::cast_possible_truncation, reason = "cel-go cuts the fraction off")]
            let cut = *value as i64;
            cut
        }
        Value::Duration(nanos) => *nanos,
        Value::Timestamp(time) => time.seconds,
        Value::String(text) if digits(text) => text.parse().map_err(|_| fails("string", "int"))?,
        Value::String(_) => return Err(fails("string", "int")),
        _ => return Err(Failure::overload()),
    };
    Ok(Value::Int(value))
}

fn uint<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let overflow = || Failure::error("unsigned integer overflow");
    let value = match first(values)? {
        Value::Uint(value) => *value,
        Value::Int(value) => u64::try_from(*value).map_err(|_| overflow())?,
        Value::Double(value) => {
            if !(*value >= 0.0 && *value < 18_446_744_073_709_551_616.0) {
                return Err(overflow());
            }
            #[expect(clippy::cast_possible_truncation, reason = "cel-go cuts the fraction off")]
            #[expect(clippy::cast_sign_loss, reason = "it is not negative")]
            let cut = *value as u64;
            cut
        }
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map_err(|_| fails("string", "uint"))?
        }
        Value::String(_) => return Err(fails("string", "uint")),
        _ => return Err(Failure::overload()),
    };
    Ok(Value::Uint(value))
}

#[expect(clippy::cast_precision_loss, reason = "as cel-go converts")]
fn double<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let value = match first(values)? {
        Value::Double(value) => *value,
        Value::Int(value) => *value as f64,
        Value::Uint(value) => *value as f64,
        Value::String(text) => {
            let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            match text.parse::<f64>() {
                Ok(value) if plain && value.is_finite() => value,
                // Hexadecimal floats, infinities, underscores: Go knows some of them.
                _ if text.bytes().any(|b| b.is_ascii_digit()) || text.len() > 2 => {
                    let letters = text.to_ascii_lowercase();
                    let odd = ["inf", "nan", "0x", "_", "p"];
                    if plain && text.parse::<f64>().is_err()
                        || !plain && !odd.iter().any(|part| letters.contains(part))
                    {
                        return Err(fails("string", "double"));
                    }
                    return Err(Failure::unknown("a number that is written in an odd way"));
                }
                _ => return Err(fails("string", "double")),
            }
        }
        _ => return Err(Failure::overload()),
    };
    Ok(Value::Double(value))
}

fn string<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let text = match first(values)? {
        Value::String(text) => return Ok(Value::String(text.clone())),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => double_text(*value),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                return Err(Failure::error("invalid UTF-8 in bytes, cannot convert to string"));
            }
        },
        Value::Duration(span) => clock::duration_text(*span),
        Value::Timestamp(time) if time.offset == 0 => time.text(),
        Value::Timestamp(_) => return Err(Failure::unknown("a time with an offset as text")),
        Value::Ip(ip) => ip.to_string(),
        Value::Cidr(ip, length) => format!("{ip}/{length}"),
        _ => return Err(Failure::overload()),
    };
    Ok(Value::text(text))
}

/// A float as Go's `%g` writes it: the shortest digits, with an exponent below -4 and from 6 on.
pub(super) fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
