//! Versions: `github.com/Masterminds/semver/v3`, `version.go`.

use std::cmp::Ordering;
use std::fmt;

/// A semantic version, read as leniently as that package reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Major, minor and patch.
    pub(super) numbers: [u64; 3],
    pub(super) prerelease: String,
    pub(super) metadata: String,
    pub(super) original: String,
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(formatter, "{major}.{minor}.{patch}")?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Identifiers between dots, none of them empty.
fn identifiers(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.split('.').all(fits)
}

impl Version {
    /// `NewVersion`: a leading `v` and missing numbers are allowed.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let invalid = || "invalid semantic version".to_owned();
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, metadata) = match rest.split_once('+') {
            Some((rest, metadata)) if identifiers(metadata) => (rest, metadata),
            Some(_) => return Err(invalid()),
            None => (rest, ""),
        };
        let (rest, prerelease) = match rest.split_once('-') {
            Some((rest, prerelease)) if identifiers(prerelease) => (rest, prerelease),
            Some(_) => return Err(invalid()),
            None => (rest, ""),
        };
        let mut numbers = [0; 3];
        let parts: Vec<&str> = rest.split('.').collect();
        if parts.len() > 3 {
            return Err(invalid());
        }
        for (number, part) in numbers.iter_mut().zip(parts) {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(invalid());
            }
            // Templates see these numbers as others, which end at 63 bits here.
            *number =
                part.parse().ok().filter(|n| i64::try_from(*n).is_ok()).ok_or_else(invalid)?;
        }
        let zero = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        if prerelease.split('.').any(zero) {
            return Err("version segment starts with 0".into());
        }
        Ok(Self {
            numbers,
            prerelease: prerelease.into(),
            metadata: metadata.into(),
            original: text.into(),
        })
    }

    /// `Compare`: metadata does not count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| compare_prerelease(&self.prerelease, &other.prerelease))
    }
}

/// `comparePrerelease`, and that a release comes after its prereleases.
pub(super) fn compare_prerelease(one: &str, other: &str) -> Ordering {
    match (one.is_empty(), other.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (ones, others): (Vec<&str>, Vec<&str>) =
        (one.split('.').collect(), other.split('.').collect());
    for (one, other) in ones.iter().zip(&others) {
        let ordering = match (one.parse::<u64>(), other.parse::<u64>()) {
            (Ok(one), Ok(other)) => one.cmp(&other),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => one.cmp(other),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    ones.len().cmp(&others.len())
}
