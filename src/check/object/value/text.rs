//! Forms of text that the API server reads.

/// Whether a quantity can be read, by `ParseQuantity` of
/// `k8s.io/apimachinery/pkg/api/resource/quantity.go`: blanks around it are cut off, a sign, digits
/// with a point that may all be missing, and a suffix.
pub(crate) fn is_quantity(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return false;
    }
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut suffix = &number[digits(number)..];
    if let Some(fraction) = suffix.strip_prefix('.') {
        suffix = &fraction[digits(fraction)..];
    }
    match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti"
        | "Pi" | "Ei" => true,
        _ => {
            suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| exponent.parse::<i32>().is_ok())
        }
    }
}

/// RFC 3339 with whole or broken seconds, by `Time.UnmarshalJSON`.
pub(crate) fn is_time(text: &str) -> bool {
    rfc3339(text).is_some()
}

/// The same with at least a fraction of a second, by `MicroTime.UnmarshalJSON`.
pub(crate) fn is_micro_time(text: &str) -> bool {
    rfc3339(text) == Some(6)
}

/// How many digits the fraction of a second has.
fn rfc3339(text: &str) -> Option<usize> {
    let part = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let sign = |at: usize, wanted: u8| (text.as_bytes().get(at) == Some(&wanted)).then_some(());
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    for (at, wanted) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        sign(at, wanted)?;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > days || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (digits, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            (Some(end).filter(|&digits| digits > 0)?, &rest[end..])
        }
        None => (0, rest),
    };
    let offset = |zone: &str| {
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let whole = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        (zone.starts_with(['+', '-']) && whole(hours) && whole(minutes)).then_some(())
    };
    if zone == "Z" { Some(digits) } else { offset(zone).map(|()| digits) }
}

#[cfg(test)]
mod tests {
    use super::{is_micro_time, is_quantity, is_time};

    #[test]
    fn quantities_as_the_server_reads_them() {
        for good in ["1", "+1", "-1", " 1Gi ", ".", "Gi", "5.", ".5", "1e3", "1E-3", "0.1m", "12E"]
        {
            assert!(is_quantity(good), "{good:?}");
        }
        for bad in ["", " ", "1GB", "1 Gi", "1gi", "1K", "--1", "1.2.3", "1e", "abc", "1Mib", "0x1"]
        {
            assert!(!is_quantity(bad), "{bad:?}");
        }
    }

    #[test]
    fn times() {
        for good in ["2026-01-31T12:00:00Z", "2024-02-29T00:00:00+01:00", "2026-01-31T12:00:00.5Z"]
        {
            assert!(is_time(good), "{good:?}");
        }
        for bad in [
            "",
            "2026-01-31",
            "2026-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:00:00",
            "2026-1-31T12:00:00Z",
            "2026-01-31 12:00:00Z",
        ] {
            assert!(!is_time(bad), "{bad:?}");
        }
        assert!(is_micro_time("2026-01-31T12:00:00.000000Z"));
        assert!(!is_micro_time("2026-01-31T12:00:00Z"));
    }
}
