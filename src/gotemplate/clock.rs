//! Times as Go writes and reads them: `time/format.go`. Everything is in UTC, as in the image of
//! Argo CD; nothing here knows the hour.

use super::failure::Failure;
use crate::cel::clock;

/// A point in time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(clock::Time);

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A part of a layout.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongDay,
    WeekDay,
    Day,
    SpaceDay,
    ZeroDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    Zone,
    /// An offset as written, and whether UTC is `Z`.
    Offset(&'static str, bool),
    /// Digits of a second: the mark before them, how many, and whether zeros at the end are left out.
    Fraction(char, usize, bool),
}

/// Longer ones before those that they start with.
const PARTS: [(&str, Part); 32] = [
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongDay),
    ("Mon", Part::WeekDay),
    ("MST", Part::Zone),
    ("002", Part::ZeroYearDay),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("15", Part::Hour),
    ("2006", Part::LongYear),
    ("_2006", Part::LongYear),
    ("_2", Part::SpaceDay),
    ("1", Part::NumberMonth),
    ("2", Part::Day),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperHalf),
    ("pm", Part::LowerHalf),
    ("-070000", Part::Offset("+000000", false)),
    ("-07:00:00", Part::Offset("+00:00:00", false)),
    ("-0700", Part::Offset("+0000", false)),
    ("-07:00", Part::Offset("+00:00", false)),
    ("-07", Part::Offset("+00", false)),
    ("Z070000", Part::Offset("+000000", true)),
    ("Z07:00:00", Part::Offset("+00:00:00", true)),
    ("Z0700", Part::Offset("+0000", true)),
    ("Z07:00", Part::Offset("+00:00", true)),
];

/// The literal text before the first part of a layout, the part, and what follows.
fn next_part(layout: &str) -> Option<(&str, Part, &str)> {
    for (at, _) in layout.char_indices() {
        let rest = layout.get(at..)?;
        let before = layout.get(..at)?;
        if let Some(mark) = rest.chars().next().filter(|c| matches!(c, '.' | ',')) {
            let digits = rest.get(1..)?;
            for digit in ['0', '9'] {
                let after = digits.trim_start_matches(digit);
                let count = digits.len() - after.len();
                if count > 0 && !after.starts_with(|c: char| c.is_ascii_digit()) {
                    return Some((before, Part::Fraction(mark, count, digit == '9'), after));
                }
            }
            continue;
        }
        // `_2006` is a `_` before a year.
        if rest.starts_with("_2006") {
            return Some((layout.get(..=at)?, Part::LongYear, rest.get(5..)?));
        }
        // `Jan` and `Mon` do not start another word.
        let word = |name: &str, rest: &str| {
            !matches!(name, "Jan" | "Mon")
                || !rest.get(3..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_lowercase()))
        };
        let fits = PARTS.iter().filter(|(name, _)| rest.starts_with(name) && word(name, rest));
        if let Some((name, part)) = fits.max_by_key(|(name, _)| name.len()) {
            return Some((before, *part, rest.get(name.len()..)?));
        }
    }
    None
}

impl Time {
    /// `time.Unix`
    pub(super) fn unix(seconds: i64) -> Result<Self, Failure> {
        let time = clock::Time::at(seconds).map(Self);
        time.ok_or_else(|| Failure::unknown("a time outside the years 1 to 9999"))
    }

    pub(super) fn seconds(self) -> i64 {
        self.0.seconds
    }

    /// The time after a span, as `time.ParseDuration` reads it; nothing where that fails.
    pub(super) fn after(self, span: &str) -> Option<Self> {
        self.0.plus(clock::parse_duration(span)?).map(Self)
    }

    /// `Time.String`
    pub(super) fn text(self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// `Time.Format`
    pub(super) fn format(self, layout: &str) -> String {
        let civil = self.0.civil(0);
        let name = |names: &[&'static str], at: i64| {
            usize::try_from(at).ok().and_then(|at| names.get(at).copied()).unwrap_or_default()
        };
        let hour12 = if civil.hour % 12 == 0 { 12 } else { civil.hour % 12 };
        let mut out = String::new();
        let mut rest = layout;
        while let Some((before, part, after)) = next_part(rest) {
            out.push_str(before);
            rest = after;
            out.push_str(&match part {
                Part::LongMonth => name(&MONTHS, civil.month - 1).to_owned(),
                Part::Month => name(&MONTHS, civil.month - 1).chars().take(3).collect(),
                Part::NumberMonth => civil.month.to_string(),
                Part::ZeroMonth => format!("{:02}", civil.month),
                Part::LongDay => name(&DAYS, civil.weekday).to_owned(),
                Part::WeekDay => name(&DAYS, civil.weekday).chars().take(3).collect(),
                Part::Day => civil.day.to_string(),
                Part::SpaceDay => format!("{:2}", civil.day),
                Part::ZeroDay => format!("{:02}", civil.day),
                Part::ZeroYearDay => format!("{:03}", civil.day_of_year + 1),
                Part::Hour => format!("{:02}", civil.hour),
                Part::Hour12 => hour12.to_string(),
                Part::ZeroHour12 => format!("{hour12:02}"),
                Part::Minute => civil.minute.to_string(),
                Part::ZeroMinute => format!("{:02}", civil.minute),
                Part::Second => civil.second.to_string(),
                Part::ZeroSecond => format!("{:02}", civil.second),
                Part::LongYear => format!("{:04}", civil.year),
                Part::Year => format!("{:02}", civil.year % 100),
                Part::UpperHalf => if civil.hour < 12 { "AM" } else { "PM" }.to_owned(),
                Part::LowerHalf => if civil.hour < 12 { "am" } else { "pm" }.to_owned(),
                Part::Zone => "UTC".to_owned(),
                Part::Offset(_, true) => "Z".to_owned(),
                Part::Offset(zero, false) => zero.to_owned(),
                Part::Fraction(mark, count, trims) => {
                    let digits = format!("{:09}", self.0.nanos);
                    let digits = digits.get(..count.min(9)).unwrap_or(&digits);
                    let digits = if trims { digits.trim_end_matches('0') } else { digits };
                    if digits.is_empty() { String::new() } else { format!("{mark}{digits}") }
                }
            });
        }
        out + rest
    }

    /// `time.Parse`: nothing where Go refuses the text, a failure where it is not known.
    pub(super) fn parse(layout: &str, text: &str) -> Result<Option<Self>, Failure> {
        Reader { text, year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, half: None }
            .read(layout)
    }
}

/// The fields of a time as they are read.
struct Reader<'t> {
    text: &'t str,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// Whether it is after noon, where that was written.
    half: Option<bool>,
}

impl Reader<'_> {
    fn read(mut self, mut layout: &str) -> Result<Option<Time>, Failure> {
        while let Some((before, part, after)) = next_part(layout) {
            let Some(rest) = self.text.strip_prefix(before) else { return Ok(None) };
            self.text = rest;
            layout = after;
            if self.part(part)?.is_none() {
                return Ok(None);
            }
        }
        if self.text != layout {
            return Ok(None);
        }
        match self.half {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let fits = self.hour < 24 && self.minute < 60 && self.second < 60;
        if self.year == 0 && fits {
            return Err(Failure::unknown("a time outside the years 1 to 9999"));
        }
        let Some(day) = clock::parse_date(&date).filter(|_| fits) else { return Ok(None) };
        let seconds = day.seconds + self.hour * 3600 + self.minute * 60 + self.second;
        Time::unix(seconds).map(Some)
    }

    /// A number of so many digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let digits = self.text.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.text.split_at_checked(digits)?;
        self.text = rest;
        (digits >= least).then(|| number.parse().ok()).flatten()
    }

    fn name(&mut self, names: &[&str], short: bool) -> Option<i64> {
        let found = names.iter().position(|name| {
            let name = if short { name.get(..3).unwrap_or(name) } else { name };
            self.text.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name))
        })?;
        let length = if short { 3 } else { names.get(found)?.len() };
        self.text = self.text.get(length..)?;
        i64::try_from(found).ok()
    }

    fn part(&mut self, part: Part) -> Result<Option<()>, Failure> {
        let unknown = || Err(Failure::unknown("a time in such a layout"));
        let read = match part {
            Part::LongMonth => self.name(&MONTHS, false).map(|at| self.month = at + 1),
            Part::Month => self.name(&MONTHS, true).map(|at| self.month = at + 1),
            Part::NumberMonth => self.number(1, 2).map(|n| self.month = n),
            Part::ZeroMonth => self.number(2, 2).map(|n| self.month = n),
            Part::LongDay => self.name(&DAYS, false).map(drop),
            Part::WeekDay => self.name(&DAYS, true).map(drop),
            Part::Day => self.number(1, 2).map(|n| self.day = n),
            Part::ZeroDay => self.number(2, 2).map(|n| self.day = n),
            Part::Hour => self.number(2, 2).map(|n| self.hour = n),
            Part::Hour12 => self.number(1, 2).map(|n| self.hour = n),
            Part::ZeroHour12 => self.number(2, 2).map(|n| self.hour = n),
            Part::Minute => self.number(1, 2).map(|n| self.minute = n),
            Part::ZeroMinute => self.number(2, 2).map(|n| self.minute = n),
            Part::Second => self.number(1, 2).map(|n| self.second = n),
            Part::ZeroSecond => self.number(2, 2).map(|n| self.second = n),
            Part::LongYear => self.number(4, 4).map(|n| self.year = n),
            Part::Offset(_, true) => self.text.strip_prefix('Z').map(|rest| self.text = rest),
            Part::UpperHalf => {
                let half = self.text.get(..2);
                self.half = Some(half == Some("PM"));
                self.text = self.text.get(2..).unwrap_or_default();
                half.filter(|half| ["AM", "PM"].contains(half)).map(|_| ())
            }
            _ => return unknown(),
        };
        let fraction = matches!(part, Part::Second | Part::ZeroSecond)
            && self.text.starts_with(['.', ','])
            && self.text.get(1..2).is_some_and(|c| c.bytes().all(|b| b.is_ascii_digit()));
        if fraction || (matches!(part, Part::Offset(..)) && read.is_none()) {
            return unknown();
        }
        Ok(read)
    }
}
