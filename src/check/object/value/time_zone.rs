//! Names of time zones.

use crate::diagnostic::nearest;

/// The names that Go brings along (`time/tzdata`), in order. Servers that have newer ones are newer
/// than Go 1.26.
const NAMES: &str = include_str!("time_zones.txt");

/// Whether a server knows a time zone; else what to write. `validateTimeZone` of
/// `pkg/apis/batch/validation/validation.go` and `time.LoadLocation` of Go.
pub(crate) fn check(name: &str) -> Result<(), String> {
    // Linux distributions have every zone twice more, which the server finds.
    let plain = name.strip_prefix("posix/").or_else(|| name.strip_prefix("right/"));
    // And these, which mean whatever the machine of the server means.
    if matches!(name, "localtime" | "posixrules") {
        return Ok(());
    }
    if NAMES.lines().any(|known| known == plain.unwrap_or(name)) {
        return Ok(());
    }
    Err(match nearest(name, NAMES.lines()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "write a name such as `Europe/Berlin` or `Etc/UTC`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn zones() {
        for good in ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "EST5EDT"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "utc", "Local", "local", "europe/berlin", "+01:00", "../etc", "Mars/X"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(check("Europe/berlin"), Err("did you mean `Europe/Berlin`?".to_owned()));
    }
}
