//! Quantities: `k8s.io/apiserver/pkg/cel/library/quantity.go`.

use std::cmp::Ordering;

use super::Function;
use crate::cel::value::{Evaluated, Failure, Value};
use crate::model::Quantity;

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("quantity", 1) => |v| match v {
            [Value::String(text)] => parse(text)?
                .map(Value::Quantity)
                .ok_or_else(|| Failure::error("quantities must match the regular expression")),
            _ => Err(Failure::overload()),
        },
        ("isQuantity", 1) => |v| match v {
            [Value::String(text)] => Ok(Value::Bool(parse(text)?.is_some())),
            _ => Err(Failure::overload()),
        },
        ("sign", 1) => |v| match v {
            [Value::Quantity(value)] => Ok(Value::Int(sign(value.cmp(&Quantity::ZERO)))),
            _ => Err(Failure::overload()),
        },
        ("isGreaterThan", 2) => |v| compare(v).map(|order| Value::Bool(order.is_gt())),
        ("isLessThan", 2) => |v| compare(v).map(|order| Value::Bool(order.is_lt())),
        ("compareTo", 2) => |v| compare(v).map(|order| Value::Int(sign(order))),
        ("isInteger", 1) => |v| match v {
            [Value::Quantity(value)] => Ok(Value::Bool(integer(*value)?.is_some())),
            _ => Err(Failure::overload()),
        },
        ("asInteger", 1) => |v| match v {
            [Value::Quantity(value)] => integer(*value)?
                .map(Value::Int)
                .ok_or_else(|| Failure::error("cannot convert value to integer")),
            _ => Err(Failure::overload()),
        },
        ("asApproximateFloat", 1) => |v| match v {
            [Value::Quantity(value)] => match integer(*value)? {
                Some(value) if value.abs() < 1 << 53 => {
                    #[expect(clippy::cast_precision_loss, reason = "it is small enough")]
                    let value = value as f64;
                    Ok(Value::Double(value))
                }
                _ => Err(Failure::unknown("a quantity with a fraction as a float")),
            },
            _ => Err(Failure::overload()),
        },
        ("add", 2) => |v| sum(v, Quantity::checked_add),
        ("sub", 2) => |v| sum(v, Quantity::checked_sub),
        _ => return None,
    })
}

/// A quantity; nothing where the server takes the text for none either.
fn parse(text: &str) -> Result<Option<Quantity>, Failure> {
    if let Ok(quantity) = text.parse() {
        return Ok(Some(quantity));
    }
    let foreign =
        |c: char| !(c.is_ascii_digit() || c.is_whitespace() || "+-.numkMGTPEie".contains(c));
    if text.contains(foreign) {
        return Ok(None);
    }
    // The server also takes signs, points and suffixes without a digit, and any exponent.
    let signs = |c: char| "+-.".contains(c) || c.is_ascii_alphabetic();
    let bare = !text.is_empty() && text.chars().all(signs);
    if bare || text.contains(['e', 'E']) || text.len() > 30 {
        return Err(Failure::unknown("a quantity that is written in an odd way"));
    }
    Ok(None)
}

fn sign(order: Ordering) -> i64 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

fn compare(values: &[Value<'_>]) -> Result<Ordering, Failure> {
    match values {
        [Value::Quantity(one), Value::Quantity(other)] => Ok(one.cmp(other)),
        [Value::Semver(one), Value::Semver(other)] => Ok(one.order(other)),
        _ => Err(Failure::overload()),
    }
}

/// The whole number that a quantity is. One that needs more than 64 bits of thousandths is kept in
/// another form by the server, which may tell otherwise.
fn integer(value: Quantity) -> Result<Option<i64>, Failure> {
    let whole =
        i64::try_from(value.value()).map_err(|_| Failure::unknown("a quantity beyond 64 bits"))?;
    Ok((Quantity::units(whole) == value).then_some(whole))
}

fn sum<'a>(
    values: &[Value<'a>],
    combine: fn(Quantity, Quantity) -> Option<Quantity>,
) -> Evaluated<'a> {
    let (one, other) = match values {
        [Value::Quantity(one), Value::Quantity(other)] => (*one, *other),
        [Value::Quantity(one), Value::Int(other)] => (*one, Quantity::units(*other)),
        _ => return Err(Failure::overload()),
    };
    combine(one, other)
        .map(Value::Quantity)
        .ok_or_else(|| Failure::unknown("a quantity beyond 128 bits"))
}
