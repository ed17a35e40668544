//! Kubernetes quantities: exact sums of `250m`, `1Gi`, `1e3`.
//!
//! The rules are those of `k8s.io/apimachinery/pkg/api/resource` (quantity.go, suffix.go).

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::yaml::{Node, Value};

const NANO: i128 = 1_000_000_000;

/// How a quantity is written back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Format {
    Binary,
    Decimal,
    Exponent,
}

/// An amount of CPU (cores), memory or disk (bytes), or a count. Exact to a billionth.
///
/// Amounts compare by size alone: `1Gi` is `1073741824`, however it is written.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// A text that is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Kubernetes quantity")]
pub struct QuantityError(pub String);

const SUFFIXES: [(&str, Format, u32, i32); 16] = [
    ("Ki", Format::Binary, 2, 10),
    ("Mi", Format::Binary, 2, 20),
    ("Gi", Format::Binary, 2, 30),
    ("Ti", Format::Binary, 2, 40),
    ("Pi", Format::Binary, 2, 50),
    ("Ei", Format::Binary, 2, 60),
    ("n", Format::Decimal, 10, -9),
    ("u", Format::Decimal, 10, -6),
    ("m", Format::Decimal, 10, -3),
    ("k", Format::Decimal, 10, 3),
    ("M", Format::Decimal, 10, 6),
    ("G", Format::Decimal, 10, 9),
    ("T", Format::Decimal, 10, 12),
    ("P", Format::Decimal, 10, 15),
    ("E", Format::Decimal, 10, 18),
    ("", Format::Decimal, 10, 0),
];

impl Quantity {
    /// Nothing, written as `0`.
    pub const ZERO: Self = Self { nanos: 0, format: Format::Decimal };

    /// The quantity that a node holds, exactly; nothing where it holds none.
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Int(number) => Some(Self::units(*number)),
            Value::UInt(number) => number.to_string().parse().ok(),
            Value::Float(number) => number.to_string().parse().ok(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A whole number of units.
    #[must_use]
    pub fn units(units: i64) -> Self {
        Self { nanos: i128::from(units) * NANO, format: Format::Decimal }
    }

    /// Whole units (bytes, cores), rounded up as Kubernetes' `Value()` does.
    #[must_use]
    pub fn value(self) -> i128 {
        ceil_div(self.nanos, NANO)
    }

    /// Thousandths (millicores), rounded up as Kubernetes' `MilliValue()` does.
    #[must_use]
    pub fn milli_value(self) -> i128 {
        ceil_div(self.nanos, NANO / 1000)
    }

    /// The sum, written in the format of `self`; nothing where it would overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Some(Self { nanos: self.nanos.checked_add(other.nanos)?, format })
    }

    /// The difference, written in the format of `self`; nothing where it would overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self { nanos: self.nanos.checked_sub(other.nanos)?, ..self })
    }

    /// The product with a factor, rounded up to whole units for `Ki` and its kin and to
    /// thousandths otherwise; nothing where the factor is no number or it would overflow.
    #[must_use]
    pub fn checked_mul(self, factor: f64) -> Option<Self> {
        // The factor is taken to a millionth: exact for the percentages and halves people write.
        let millionths = (factor * 1e6).round();
        if !millionths.is_finite() || millionths.abs() > 1e15 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let product = self.nanos.checked_mul(millionths as i128)?;
        let step = if self.format == Format::Binary { NANO } else { NANO / 1000 };
        Some(Self { nanos: ceil_div(product, 1_000_000 * step) * step, ..self })
    }
}

fn ceil_div(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}

impl Default for Quantity {
    fn default() -> Self {
        Self::ZERO
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| QuantityError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let number_end = text
        .char_indices()
        .find(|&(at, c)| !(c.is_ascii_digit() || c == '.' || (at == 0 && (c == '+' || c == '-'))))
        .map_or(text.len(), |(at, _)| at);
    let (number, suffix) = text.split_at(number_end);
    let (format, base, exponent) = match suffix.strip_prefix(['e', 'E']) {
        // `E` and `Ei` are suffixes.
        Some(digits) if !matches!(digits, "" | "i") => {
            (Format::Exponent, 10, digits.parse::<i32>().ok().filter(|e| e.abs() <= 18)?)
        }
        _ => SUFFIXES
            .iter()
            .find(|(known, ..)| *known == suffix)
            .map(|&(_, format, base, exponent)| (format, base, exponent))?,
    };
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let factor = i128::from(base).checked_pow(exponent.unsigned_abs())?;
    let (up, down) = if exponent >= 0 { (factor, 1) } else { (1, factor) };
    let nanos = ceil_div(mantissa.checked_mul(NANO)?.checked_mul(up)?, scale.checked_mul(down)?);
    Some(Quantity { nanos: if negative { -nanos } else { nanos }, format })
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.nanos % NANO == 0;
        if self.format == Format::Binary && whole && self.nanos != 0 {
            let units = self.nanos / NANO;
            let (suffix, unit) = SUFFIXES[..6]
                .iter()
                .rev()
                .map(|&(suffix, _, _, exponent)| (suffix, 1_i128 << exponent))
                .find(|(_, unit)| units % unit == 0)
                .unwrap_or(("", 1));
            return write!(f, "{}{suffix}", units / unit);
        }
        let mut steps: Vec<(&str, i128)> =
            vec![("n", 1), ("u", 1000), ("m", 1_000_000), ("", NANO)];
        for (suffix, power) in [("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)] {
            steps.push((suffix, NANO * 10_i128.pow(power)));
        }
        let (suffix, unit) = steps
            .into_iter()
            .rev()
            .find(|(_, unit)| self.nanos != 0 && self.nanos % unit == 0)
            .unwrap_or(("", NANO));
        write!(f, "{}{suffix}", self.nanos / unit)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuantityVisitor;
        impl Visitor<'_> for QuantityVisitor {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as 500m, 2 or 1Gi")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantity, E> {
                Ok(Quantity::units(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Quantity, E> {
                number.to_string().parse().map_err(E::custom)
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
                number.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(QuantityVisitor)
    }
}

impl serde::Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A Kubernetes quantity: CPU in cores or millicores (2, 500m), memory and disk in bytes (512Mi, 40Gi)",
            "type": ["string", "number"],
            "minimum": 0,
            "pattern": "^[+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Quantity;

    fn q(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn reads_and_writes_what_kubernetes_does() {
        for (text, canonical) in [
            ("1Gi", "1Gi"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("250m", "250m"),
            ("1000m", "1"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("5.", "5"),
            ("1G", "1G"),
            ("1500M", "1500M"),
            ("1e3", "1k"),
            ("0", "0"),
            ("0Mi", "0"),
            ("-1", "-1"),
            ("+1", "1"),
            ("1Ei", "1Ei"),
            ("0Ei", "0"),
            ("100n", "100n"),
        ] {
            assert_eq!(q(text).to_string(), canonical, "{text}");
        }
        for wrong in ["", "6GB", "Gi", "1 Gi", "1gi", "1.2.3", "--1", "1e", "1K"] {
            assert!(wrong.parse::<Quantity>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(q("250m").checked_add(q("1")).unwrap().to_string(), "1250m");
        assert_eq!(q("1Gi").checked_sub(q("256Mi")).unwrap().to_string(), "768Mi");
        assert_eq!(q("512Mi").checked_mul(1.5).unwrap().to_string(), "768Mi");
        assert_eq!(q("100m").checked_mul(3.0).unwrap().to_string(), "300m");
        assert!(q("1Gi") > q("1G"));
    }
}
