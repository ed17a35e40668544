//! Amounts that are a whole number or a percentage.

use crate::check::object::fault::{Faults, Reason};
use crate::model::Field;
use crate::yaml::Value;

/// What an amount says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    Number(i64),
    Percent(i64),
    /// Text that is no percentage, with the number that the server takes it for.
    Other(i64),
}

impl Amount {
    /// Reads an amount; `getIntOrPercentValue` of `pkg/apis/apps/validation/validation.go` and
    /// `IsValidPercent` of `k8s.io/apimachinery/pkg/util/validation`.
    pub(crate) fn read(field: &Field<'_>) -> Self {
        match &field.node.value {
            Value::Int(number) => Self::Number(*number),
            Value::String(text) => match text.strip_suffix('%') {
                Some(digits)
                    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
                {
                    Self::Percent(digits.parse().unwrap_or(i64::MAX))
                }
                _ => Self::Other(text.parse().unwrap_or(0)),
            },
            _ => Self::Other(0),
        }
    }

    /// Whether it comes to nothing.
    pub(crate) fn is_zero(self) -> bool {
        matches!(self, Self::Number(0) | Self::Percent(0) | Self::Other(0))
    }
}

/// `ValidatePositiveIntOrPercent` of `pkg/apis/apps/validation/validation.go`
pub(crate) fn check(field: &Field<'_>, faults: &mut Faults) {
    const ID: &str = "amount-invalid";
    match Amount::read(field) {
        Amount::Number(number) if number < 0 => {
            let message = format!("`{field}` must be at least 0, not {number}");
            faults.at(ID, Reason::Invalid, field, message);
        }
        Amount::Other(_) => {
            let text = field.node.as_str().unwrap_or_default();
            faults
                .at(ID, Reason::Invalid, field, format!("`{text}` is no percentage"))
                .help("write a whole number without quotes, or a percentage such as `25%`");
        }
        Amount::Number(_) | Amount::Percent(_) => {}
    }
}

/// `IsNotMoreThan100Percent` of the same file.
pub(crate) fn not_over_all(field: &Field<'_>, faults: &mut Faults) {
    if let Amount::Percent(101..) = Amount::read(field) {
        let text = field.node.as_str().unwrap_or_default();
        let message = format!("`{field}` may not be more than 100 %, but is `{text}`");
        faults.at("amount-invalid", Reason::Invalid, field, message);
    }
}
