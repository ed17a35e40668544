//! Floats as text: `strconv.FormatFloat`.

/// A float as the verb writes it, with a minus but never a plus. Without a precision it is the
/// shortest text that reads back to the same number. Verbs are `e`, `E`, `f`, `g` and `G`.
pub(super) fn format(value: f64, verb: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    match (verb, precision) {
        ('f' | 'F', Some(precision)) => format!("{value:.precision$}"),
        ('f' | 'F', None) => format!("{value}"),
        ('e' | 'E', _) => exponent(value, verb, precision),
        _ => general(value, verb, precision),
    }
}

/// `%e`: an exponent of two digits or more.
fn exponent(value: f64, verb: char, precision: Option<usize>) -> String {
    let text = match precision {
        Some(precision) => format!("{value:.precision$e}"),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let sign = if exponent.starts_with('-') { '-' } else { '+' };
    let verb = if verb.is_ascii_uppercase() { 'E' } else { 'e' };
    format!("{mantissa}{verb}{sign}{:0>2}", exponent.trim_start_matches('-'))
}

/// `%g`: whichever of `%e` and `%f` is shorter.
fn general(value: f64, verb: char, precision: Option<usize>) -> String {
    let asked = precision.map(|precision| precision.max(1));
    let scientific = match asked {
        Some(digits) => format!("{value:.*e}", digits - 1),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent_text) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i64 = exponent_text.parse().unwrap_or(0);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    let count = (digits.len() - zeros).max(1);
    let point = power + 1;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let threshold = match asked {
        None => 6,
        Some(asked) if asked > count && number(count) >= point => number(count),
        Some(asked) => number(asked),
    };
    if power < -4 || power >= threshold {
        return exponent(value, verb, Some(count - 1));
    }
    let decimals = usize::try_from(number(count) - point).unwrap_or(0);
    format!("{value:.decimals$}")
}

/// A float as `encoding/json` writes it: exponents only for the very large and the very small.
pub(super) fn json(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return format(value, 'f', None);
    }
    // e-09 becomes e-9.
    exponent(value, 'e', None).replace("e-0", "e-")
}
