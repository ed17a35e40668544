//! Numbers against their schemas: `numberValidator` of `validator.go` and the bounds of `values.go`
//! of `k8s.io/kube-openapi/pkg/validation/validate`.

use serde_json::Value as Json;

use crate::check::object::custom::format::Format;
use crate::check::object::custom::format::known;
use crate::schema::{Kind, Limits, Structural};
use crate::yaml::{self, Node, Value};

/// Since when numbers must fit their formats, in minor versions of Kubernetes 1.
const RANGES: u32 = 36;

/// A number as Go has it.
#[derive(Clone, Copy)]
enum Number {
    Whole(i64),
    Broken(f64),
}

/// Whether a number is whole, as `IsFloat64AJSONInteger` sees it.
pub(crate) fn is_whole(node: &Node) -> bool {
    match number(node) {
        Some(Number::Whole(_)) => true,
        Some(Number::Broken(number)) => is_whole_float(number),
        None => false,
    }
}

/// Whether a value is one of `enum`; `1` is `1.0`.
pub(crate) fn same(choice: &Json, node: &Node) -> bool {
    match (choice.as_f64(), number(node)) {
        #[expect(clippy::float_cmp, reason = "the very same number is meant")]
        (Some(choice), Some(number)) => choice == number.float(),
        (None, None) => *choice == yaml::to_json(node),
        _ => false,
    }
}

/// What is wrong with a number.
pub(crate) fn fault(schema: &Structural, node: &Node, minor: u32) -> Option<String> {
    let number = number(node)?;
    let range = range(schema, minor);
    if !range.holds(number.float(), matches!(number, Number::Whole(_))) {
        return Some(format!("must fit {}", range.words()));
    }
    let limits = schema.limits.as_deref()?;
    limits.multiple_of.and_then(|step| multiple(number, step, range)).or_else(|| {
        let above = limits.maximum.filter(|most| is_above(number, *most, limits, range));
        let below = limits.minimum.filter(|least| is_below(number, *least, limits, range));
        match (above, below) {
            (Some(most), _) if limits.exclusive_maximum => Some(format!("must be below {most}")),
            (Some(most), _) => Some(format!("must be at most {most}")),
            (_, Some(least)) if limits.exclusive_minimum => Some(format!("must be above {least}")),
            (_, Some(least)) => Some(format!("must be at least {least}")),
            _ => None,
        }
    })
}

fn number(node: &Node) -> Option<Number> {
    #[expect(clippy::cast_precision_loss, reason = "so does Go with what does not fit")]
    match node.value {
        Value::Int(number) => Some(Number::Whole(number)),
        Value::UInt(number) => Some(Number::Broken(number as f64)),
        Value::Float(number) => Some(Number::Broken(number)),
        _ => None,
    }
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "the server compares in floating point too")]
    fn float(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Broken(number) => number,
        }
    }
}

/// `IsFloat64AJSONInteger`, which allows for what is lost in arithmetic.
fn is_whole_float(number: f64) -> bool {
    const MOST: f64 = 9_007_199_254_740_991.0;
    let (whole, off) = (number.trunc(), number.fract().abs());
    let is_near = whole > 0.0 && off / (number + whole) < 1e-9;
    number.abs() <= MOST && (off == 0.0 || is_near)
}

/// The numbers that a type and format can hold.
#[derive(Clone, Copy, PartialEq)]
enum Range {
    Any,
    Int32,
    Int64,
    Float,
}

fn range(schema: &Structural, minor: u32) -> Range {
    if minor < RANGES || schema.int_or_string {
        return Range::Any;
    }
    match (schema.kind, known(schema, minor)) {
        (Some(Kind::Integer), Some(Format::Int32)) => Range::Int32,
        (Some(Kind::Integer), _) => Range::Int64,
        (Some(Kind::Number), Some(Format::Float)) => Range::Float,
        _ => Range::Any,
    }
}

impl Range {
    /// `IsValueValidAgainstRange`, which reads the number as it is written without exponent.
    fn holds(self, number: f64, is_whole: bool) -> bool {
        let whole = is_whole || number.fract() == 0.0;
        match self {
            Self::Any => true,
            Self::Int32 => whole && (-2_147_483_648.0..=2_147_483_647.0).contains(&number),
            Self::Int64 => whole && number.abs() < 9_223_372_036_854_775_808.0 || is_whole,
            Self::Float => number.abs() <= f64::from(f32::MAX),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Int32 => "into 32 bits",
            Self::Int64 => "into 64 bits",
            Self::Any | Self::Float => "into a float of 32 bits",
        }
    }
}

/// A whole number is compared with a bound without its fraction.
#[expect(clippy::cast_possible_truncation, reason = "that is what Go does")]
fn is_above(number: Number, most: f64, limits: &Limits, range: Range) -> bool {
    let excludes = limits.exclusive_maximum;
    match number {
        // A bound that its own type does not hold is a fault of each value.
        _ if !range.holds(most, false) => true,
        Number::Whole(number) => number > most as i64 || excludes && number == most as i64,
        Number::Broken(number) => number > most || excludes && number >= most,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "that is what Go does")]
fn is_below(number: Number, least: f64, limits: &Limits, range: Range) -> bool {
    let excludes = limits.exclusive_minimum;
    match number {
        _ if !range.holds(least, false) => true,
        Number::Whole(number) => number < least as i64 || excludes && number == least as i64,
        Number::Broken(number) => number < least || excludes && number <= least,
    }
}

/// `MultipleOf` and `MultipleOfInt`, for which `0.5` is `0` beside a whole number and so none.
#[expect(clippy::cast_possible_truncation, reason = "that is what Go does")]
fn multiple(number: Number, step: f64, range: Range) -> Option<String> {
    let message = || Some(format!("must be a multiple of {step}"));
    if !range.holds(step, false) {
        return message();
    }
    match number {
        Number::Whole(number) => {
            let step = step as i64;
            if step <= 0 || number % step != 0 { message() } else { None }
        }
        Number::Broken(number) => {
            let times = if step < 1.0 { 1.0 / step * number } else { number / step };
            if step <= 0.0 || !is_whole_float(times) { message() } else { None }
        }
    }
}
