//! Numbers: `numeric.go` of sprig, with the conversions of `github.com/spf13/cast` and the
//! decimals of `github.com/shopspring/decimal`.

use std::rc::Rc;

use super::super::container::{Element, List};
use super::super::failure::Failure;
use super::super::literal::{parse_float, parse_int};
use super::super::value::Value;
use super::super::{float, format};
use super::Functions;
use super::callable::Rest;

/// Longer lists of numbers are not made.
const MAX_COUNT: u64 = 100_000;

pub(super) fn add(functions: &mut Functions) {
    functions.define("atoi", |text: Rc<str>| {
        // `strconv.Atoi` has no prefixes and no underscores.
        let plain = text.parse::<i64>();
        Value::int(plain.unwrap_or_else(|_| beyond(&text)))
    });
    functions.define("int64", |value: Value| Value::int64(to_int(&value)));
    functions.define("int", |value: Value| Value::int(to_int(&value)));
    functions.define("float64", |value: Value| to_float(&value));
    functions.define("toDecimal", |value: Value| to_decimal(&value));
    functions.define("add1", |value: Value| Value::int64(to_int(&value).wrapping_add(1)));
    functions.define("add", |values: Rest<Value>| {
        Value::int64(values.0.iter().map(to_int).fold(0, i64::wrapping_add))
    });
    functions.define("sub", |one: Value, other: Value| {
        Value::int64(to_int(&one).wrapping_sub(to_int(&other)))
    });
    functions.define("div", |one: Value, other: Value| divide(&one, &other, i64::wrapping_div));
    functions.define("mod", |one: Value, other: Value| divide(&one, &other, i64::wrapping_rem));
    functions.define("mul", |first: Value, values: Rest<Value>| {
        Value::int64(values.0.iter().map(to_int).fold(to_int(&first), i64::wrapping_mul))
    });
    functions.define_both(["max", "biggest"], |first: Value, values: Rest<Value>| {
        Value::int64(values.0.iter().map(to_int).fold(to_int(&first), i64::max))
    });
    functions.define("min", |first: Value, values: Rest<Value>| {
        Value::int64(values.0.iter().map(to_int).fold(to_int(&first), i64::min))
    });
    functions
        .define("maxf", |first: Value, values: Rest<Value>| extreme(&first, &values.0, f64::max));
    functions
        .define("minf", |first: Value, values: Rest<Value>| extreme(&first, &values.0, f64::min));
    functions.define("ceil", |value: Value| to_float(&value).ceil());
    functions.define("floor", |value: Value| to_float(&value).floor());
    functions.define("round", |value: Value, places: i64, on: Rest<f64>| {
        round(to_float(&value), places, on.0.first().copied().unwrap_or(0.5))
    });
    functions
        .define("until", |count: i64| Ok(list(range(0, count, if count < 0 { -1 } else { 1 })?)));
    functions.define("untilStep", |start: i64, stop: i64, step: i64| {
        Ok(list(range(start, stop, step)?))
    });
    functions.define("seq", |parameters: Rest<i64>| seq(&parameters.0));
    functions.define("addf", |values: Rest<Value>| {
        decimals(&Value::Float(0.0), &values.0, Decimal::add)
    });
    functions.define("add1f", |value: Value| decimals(&value, &[Value::int(1)], Decimal::add));
    functions.define("subf", |first: Value, values: Rest<Value>| {
        decimals(&first, &values.0, Decimal::subtract)
    });
    functions.define("mulf", |first: Value, values: Rest<Value>| {
        decimals(&first, &values.0, Decimal::multiply)
    });
    functions.define("divf", |first: Value, values: Rest<Value>| {
        decimals(&first, &values.0, Decimal::divide)
    });
    functions.refuse(&["randInt"], "a random number");
}

/// What `strconv.Atoi` gives beside its error: the bound that the number is beyond, or zero.
fn beyond(text: &str) -> i64 {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    if text.starts_with('-') { i64::MIN } else { i64::MAX }
}

/// `cast.ToInt64`: text in any base, nothing for what is no number.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(_, number) => *number,
        // Go's result for a float that does not fit is up to the machine; this is that of amd64.
        Value::Float(number) if number.is_nan() || number.abs() >= 9.223_372_036_854_776e18 => {
            i64::MIN
        }
        #[expect(clippy::cast_possible_truncation, reason = "fractions are cut off")]
        Value::Float(number) => *number as i64,
        Value::String(text) => parse_int(trim_zero_decimal(text)).unwrap_or(0),
        Value::Bool(value) => i64::from(*value),
        _ => 0,
    }
}

/// `12.00` is 12, and so is nothing else with a fraction.
fn trim_zero_decimal(text: &str) -> &str {
    let kept = text.trim_end_matches('0');
    match kept.strip_suffix('.') {
        Some(whole) if kept.len() < text.len() => whole,
        _ => text,
    }
}

/// `cast.ToFloat64`
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "Go converts them so")]
        Value::Int(_, number) => *number as f64,
        Value::Float(number) => *number,
        Value::String(text) => parse_float(text).unwrap_or(0.0),
        Value::Bool(value) => f64::from(u8::from(*value)),
        _ => 0.0,
    }
}

/// What is written in octal, as file modes are.
fn to_decimal(value: &Value) -> Result<Value, Failure> {
    let text = format::print(value)?;
    Ok(Value::int64(i64::from_str_radix(&text, 8).unwrap_or(0)))
}

fn divide(one: &Value, other: &Value, by: fn(i64, i64) -> i64) -> Result<Value, Failure> {
    match to_int(other) {
        0 => Err(Failure::wrong("runtime error: integer divide by zero")),
        divisor => Ok(Value::int64(by(to_int(one), divisor))),
    }
}

/// `math.Max` and `math.Min`: not a number where one is none.
fn extreme(first: &Value, values: &[Value], choose: fn(f64, f64) -> f64) -> f64 {
    values.iter().map(to_float).fold(to_float(first), |one, other| {
        if one.is_nan() || other.is_nan() { f64::NAN } else { choose(one, other) }
    })
}

fn round(value: f64, places: i64, on: f64) -> f64 {
    let power = 10_f64.powi(i32::try_from(places).unwrap_or(i32::MAX));
    let digits = power * value;
    let rounded = if digits.fract() >= on { digits.ceil() } else { digits.floor() };
    rounded / power
}

fn list(numbers: Vec<i64>) -> Value {
    Value::List(List::new(Element::Int, numbers.into_iter().map(Value::int).collect()))
}

/// `untilStep`
fn range(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Failure> {
    let wrong_way = if stop < start { step >= 0 } else { step <= 0 };
    if wrong_way {
        return Ok(Vec::new());
    }
    if stop.abs_diff(start) / step.unsigned_abs() > MAX_COUNT {
        return Err(Failure::limit("a list of so many numbers"));
    }
    let next = |number: &i64| number.checked_add(step);
    let inside = |number: &i64| if step > 0 { *number < stop } else { *number > stop };
    Ok(std::iter::successors(Some(start), next).take_while(inside).collect())
}

fn seq(parameters: &[i64]) -> Result<String, Failure> {
    let (start, step, end) = match *parameters {
        [end] => (1, if end < 1 { -1 } else { 1 }, end),
        [start, end] => (start, if end < start { -1 } else { 1 }, end),
        [start, step, end] if end < start && step > 0 => return Ok(String::new()),
        [start, step, end] => (start, step, end),
        _ => return Ok(String::new()),
    };
    let beyond = if end < start { -1 } else { 1 };
    let numbers = range(start, end.saturating_add(beyond), step)?;
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(texts.join(" "))
}

/// A number with decimal places, exactly.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    /// The power of ten that the digits are multiplied by.
    exponent: i32,
}

/// Places after the point of a quotient: `decimal.DivisionPrecision`.
const QUOTIENT_PLACES: i32 = 16;

fn decimals(
    first: &Value,
    others: &[Value],
    operation: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<f64, Failure> {
    let too_long = || Failure::unknown("a decimal number of so many digits");
    let mut result = Decimal::new(to_float(first))?;
    for other in others {
        let other = Decimal::new(to_float(other))?;
        if std::ptr::fn_addr_eq(operation, Decimal::divide as fn(_, _) -> _) && other.digits == 0 {
            return Err(Failure::wrong("decimal division by 0"));
        }
        result = operation(result, other).ok_or_else(too_long)?;
    }
    result.float().ok_or_else(too_long)
}

impl Decimal {
    /// `NewFromFloat`: the shortest digits that read back to the float.
    fn new(value: f64) -> Result<Self, Failure> {
        if !value.is_finite() {
            return Err(Failure::wrong("Cannot create a Decimal from such a float"));
        }
        let text = float::format(value, 'e', None);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let places = mantissa.split_once('.').map_or(0, |(_, places)| places.len());
        let digits = mantissa.replace('.', "").parse().unwrap_or(0);
        let exponent = exponent.parse::<i32>().unwrap_or(0) - i32::try_from(places).unwrap_or(0);
        Ok(Self { digits, exponent })
    }

    /// The digits at a lower power of ten.
    fn at(self, exponent: i32) -> Option<i128> {
        if self.digits == 0 {
            return Some(0);
        }
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(shift)?)
    }

    fn add(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let digits = self.at(exponent)?.checked_add(other.at(exponent)?)?;
        Some(Self { digits, exponent })
    }

    fn subtract(self, other: Self) -> Option<Self> {
        self.add(Self { digits: other.digits.checked_neg()?, ..other })
    }

    fn multiply(self, other: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(other.digits)?;
        Some(Self { digits, exponent: self.exponent.checked_add(other.exponent)? })
    }

    /// `DivRound`: halves are rounded away from zero.
    fn divide(self, other: Self) -> Option<Self> {
        let shift = self.exponent.checked_sub(other.exponent)?.checked_add(QUOTIENT_PLACES)?;
        let scale = 10_i128.checked_pow(shift.unsigned_abs())?;
        let (dividend, divisor) = if shift >= 0 {
            (self.digits.checked_mul(scale)?, other.digits)
        } else {
            (self.digits, other.digits.checked_mul(scale)?)
        };
        let rest = dividend.checked_rem(divisor)?;
        let up = rest.checked_abs()?.checked_mul(2)? >= divisor.checked_abs()?;
        let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
        let digits = dividend.checked_div(divisor)? + if up && rest != 0 { away } else { 0 };
        Some(Self { digits, exponent: -QUOTIENT_PLACES })
    }

    fn float(self) -> Option<f64> {
        format!("{}e{}", self.digits, self.exponent).parse().ok()
    }
}
