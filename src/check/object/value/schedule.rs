//! Schedules of CronJobs, as `ParseStandard` of `github.com/robfig/cron/v3` reads them.

/// What a field of a schedule may hold.
struct Bounds {
    what: &'static str,
    least: u64,
    most: u64,
    /// Names of the values, from the least on.
    names: &'static [&'static str],
}

const FIELDS: [Bounds; 5] = [
    Bounds { what: "minute", least: 0, most: 59, names: &[] },
    Bounds { what: "hour", least: 0, most: 23, names: &[] },
    Bounds { what: "day", least: 1, most: 31, names: &[] },
    Bounds {
        what: "month",
        least: 1,
        most: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Bounds {
        what: "weekday",
        least: 0,
        most: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

/// Whether a schedule can be read; else what is wrong with it.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        return descriptor(text);
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("it has {} fields, not five", fields.len()));
    }
    for (field, bounds) in fields.iter().zip(&FIELDS) {
        for range in field.split(',').filter(|range| !range.is_empty()) {
            check_range(range, bounds)?;
        }
    }
    Ok(())
}

fn descriptor(text: &str) -> Result<(), String> {
    match text {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => {
            Ok(())
        }
        _ => match text.strip_prefix("@every ") {
            Some(duration) if is_duration(duration) => Ok(()),
            Some(duration) => Err(format!("`{duration}` is no duration")),
            None => Err("no such word".to_owned()),
        },
    }
}

/// `getRange`: a number or name, a range of them, or `*`, and a step.
fn check_range(text: &str, bounds: &Bounds) -> Result<(), String> {
    let what = bounds.what;
    let mut parts = text.split('/');
    let range = parts.next().unwrap_or_default();
    let step = parts.next();
    if parts.next().is_some() {
        return Err(format!("{what} `{text}` has more than one `/`"));
    }
    let mut ends = range.split('-');
    let first = ends.next().unwrap_or_default();
    let end = ends.next();
    let (first, mut last) = if matches!(first, "*" | "?") {
        (bounds.least, bounds.most)
    } else {
        let first = value(first, bounds)?;
        let last = end.map_or(Ok(first), |end| value(end, bounds))?;
        if ends.next().is_some() {
            return Err(format!("{what} `{text}` has more than one `-`"));
        }
        (first, last)
    };
    if let Some(step) = step {
        if integer(step).is_none_or(|step| step == 0) {
            return Err(format!("{what} `{text}` has no step above 0"));
        }
        if end.is_none() {
            last = bounds.most;
        }
    }
    if first < bounds.least || last > bounds.most {
        return Err(format!("{what} `{text}` is not in {} to {}", bounds.least, bounds.most));
    }
    if first > last {
        return Err(format!("{what} `{text}` ends before it begins"));
    }
    Ok(())
}

fn value(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let lower = text.to_lowercase();
    let named = (bounds.least..).zip(bounds.names).find(|(_, name)| **name == lower);
    named
        .map(|(number, _)| number)
        .or_else(|| integer(text))
        .ok_or_else(|| format!("{} `{text}` is no number", bounds.what))
}

/// `mustParseInt`: a sign may stand before the digits, but what is below 0 is refused.
fn integer(text: &str) -> Option<u64> {
    text.parse::<i64>().ok().and_then(|number| number.try_into().ok())
}

/// `time.ParseDuration` of Go.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut total: f64 = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let nanos = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return false,
        };
        let digits = number.bytes().any(|byte| byte.is_ascii_digit());
        if !digits || number.matches('.').count() > 1 {
            return false;
        }
        // A point may stand first or last.
        total += format!("0{number}0").parse::<f64>().unwrap_or(f64::INFINITY) * nanos
            / if number.contains('.') { 1.0 } else { 10.0 };
        rest = after;
    }
    !text.trim_start_matches(['+', '-']).is_empty() && total < 9.223_372_036_854_775e18
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn schedules() {
        for good in [
            "0 0 * * *",
            " 0\t0 * * * ",
            "*/100 * * * *",
            "0 0 31 2 *",
            "5/15 * * * *",
            "* * ? JAN-mar sun,TUE",
            ", , , , ,",
            "*-5 * * * *",
            "+5 00 * * *",
            "1,,2 * * * *",
            "@every 5m",
            "@every 1h30m",
            "@every 1.5h",
            "@every .5h",
            "@every -1s",
            "@every 0",
            "@annually",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            " ",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 0 *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "*/ * * * *",
            "/5 * * * *",
            "1/2/3 * * * *",
            "1-2-3 * * * *",
            "5-1 * * * *",
            "-1 * * * *",
            "a * * * *",
            "* * mon * *",
            "* * * * l",
            "1.5 * * * *",
            "@Daily",
            "@daily ",
            " @daily",
            "@every",
            "@every ",
            "@every 5",
            "@every 5 m",
            "@every  5m",
            "@every 1d",
            "@every .h",
            "@every 300000000h",
            "@reboot",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
