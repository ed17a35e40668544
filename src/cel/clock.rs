//! Points in time and spans, read and written as Go's `time` does. Nothing here knows the hour.

use std::cmp::Ordering;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// The first and the last second that the language knows.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// A point in time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    /// Seconds since 1970.
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    /// The offset from UTC that it was written with, in seconds.
    pub(crate) offset: i64,
}

impl PartialEq for Time {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// A date and a time of day.
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    /// From 0.
    pub(crate) day_of_year: i64,
    /// From 0, a Sunday.
    pub(crate) weekday: i64,
}

impl Time {
    /// A second since 1970, where it is within the years 1 to 9999.
    pub(crate) fn at(seconds: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&seconds).then_some(Self { seconds, nanos: 0, offset: 0 })
    }

    /// The time after so many nanoseconds.
    pub(crate) fn plus(self, nanos: i64) -> Option<Self> {
        let whole = i128::from(self.seconds) * i128::from(SECOND)
            + i128::from(self.nanos)
            + i128::from(nanos);
        let seconds = i64::try_from(whole.div_euclid(i128::from(SECOND))).ok()?;
        let nanos = u32::try_from(whole.rem_euclid(i128::from(SECOND))).ok()?;
        Self::at(seconds).map(|time| Self { nanos, offset: self.offset, ..time })
    }

    /// The nanoseconds since another time, where they fit.
    pub(crate) fn since(self, other: Self) -> Option<i64> {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let nanos = i128::from(self.nanos) - i128::from(other.nanos);
        i64::try_from(seconds * i128::from(SECOND) + nanos).ok()
    }

    /// The date and the hour at an offset from UTC.
    pub(crate) fn civil(self, offset: i64) -> Civil {
        let local = self.seconds + offset;
        let (days, rest) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, day) = date(days);
        Civil {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest % 3600 / 60,
            second: rest % 60,
            day_of_year: days - day_number(year, 1, 1),
            weekday: (days + 4).rem_euclid(7),
        }
    }

    /// As RFC 3339, for a time in UTC.
    pub(crate) fn text(self) -> String {
        let civil = self.civil(0);
        let fraction = match self.nanos {
            0 => String::new(),
            nanos => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
        };
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}Z",
            civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second
        )
    }
}

/// Days since 1970 of a date of the Gregorian calendar.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2026-01-31`
pub(crate) fn parse_date(text: &str) -> Option<Time> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 2)?;
    let days = day_number(year, month, day);
    let exists = (1..=12).contains(&month) && date(days) == (year, month, day);
    (exists && rest.is_empty()).then(|| Time::at(days * DAY))?
}

/// `2026-01-31T12:00:00.5Z`, or with an offset: RFC 3339 as Go reads it at its strictest.
pub(crate) fn parse_timestamp(text: &str) -> Option<Time> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let day = parse_date(day)?;
    let (hour, rest) = number(rest.strip_prefix('T')?, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (nanos, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let digits = rest.get(..end).filter(|digits| !digits.is_empty())?;
            (format!("{digits:0<9}").get(..9)?.parse().ok()?, rest.get(end..)?)
        }
        None => (0, rest),
    };
    let offset = if rest == "Z" {
        0
    } else {
        let sign = if rest.starts_with('-') { -1 } else { 1 };
        let (hours, rest) = number(rest.strip_prefix(['+', '-'])?, 2)?;
        let (minutes, rest) = number(rest.strip_prefix(':')?, 2)?;
        if hours > 23 || minutes > 59 || !rest.is_empty() {
            return None;
        }
        sign * (hours * 3600 + minutes * 60)
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = day.seconds + hour * 3600 + minute * 60 + second - offset;
    Time::at(seconds).map(|time| Time { nanos, offset, ..time })
}

/// Whether a text has the form of a time, whatever its numbers are.
pub(crate) fn has_timestamp_form(text: &str) -> bool {
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let (Some(first), Some(rest)) = (form.get(..19), form.get(19..)) else { return false };
    let rest = match rest.strip_prefix(".0") {
        Some(rest) => rest.trim_start_matches('0'),
        None => rest,
    };
    first == "0000-00-00T00:00:00" && ["Z", "+00:00", "-00:00"].contains(&rest)
}

fn number(text: &str, digits: usize) -> Option<(i64, &str)> {
    let (digits, rest) = (text.get(..digits)?, text.get(digits..)?);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((digits.parse().ok()?, rest))
}

/// `1h30m`, as `time.ParseDuration` of Go reads it: nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 8] = [
        ("ns", 1),
        ("us", 1000),
        ("µs", 1000),
        ("μs", 1000),
        ("ms", 1_000_000),
        ("s", SECOND),
        ("m", 60 * SECOND),
        ("h", 3600 * SECOND),
    ];
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, after) = rest.split_at(end);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => {
                let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                after.split_at(end)
            }
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        sum = sum.checked_add(whole.checked_mul(i128::from(*unit))?)?;
        if !fraction.is_empty() {
            // Go multiplies with floats; more digits than nanoseconds have do not matter.
            let digits = fraction.get(..fraction.len().min(18))?;
            let scale = 10_i128.checked_pow(u32::try_from(digits.len()).ok()?)?;
            sum += digits.parse::<i128>().ok()? * i128::from(*unit) / scale;
        }
        rest = after;
    }
    let sum = if negative { -sum } else { sum };
    i64::try_from(sum).ok()
}

/// Seconds, as the language writes a span.
pub(crate) fn duration_text(nanos: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "as Go counts seconds")]
    let seconds = (nanos / SECOND) as f64 + (nanos % SECOND) as f64 / 1e9;
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::{duration_text, parse_duration, parse_timestamp};

    #[test]
    fn times() {
        let time = parse_timestamp("2024-02-29T23:59:59.120Z").unwrap();
        assert_eq!(time.text(), "2024-02-29T23:59:59.12Z");
        let civil = time.civil(0);
        assert_eq!((civil.weekday, civil.day_of_year), (4, 59));
        assert_eq!(parse_timestamp("1970-01-01T01:00:00+01:00").unwrap().seconds, 0);
        assert!(parse_timestamp("2023-02-29T00:00:00Z").is_none());
    }

    #[test]
    fn spans() {
        assert_eq!(parse_duration("1h1.5s"), Some(3_601_500_000_000));
        assert_eq!(parse_duration("-.5m"), Some(-30_000_000_000));
        assert_eq!(parse_duration("1"), None);
        assert_eq!(duration_text(1_500_000_000), "1.5s");
    }
}
