//! Semantic versions: `k8s.io/apiserver/pkg/cel/library/semverlib.go` and the module
//! `github.com/blang/semver/v4` behind it. Comparing is with the quantities.

use std::cmp::Ordering;
use std::rc::Rc;

use super::Function;
use crate::cel::value::{Evaluated, Failure, Value};

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Semver {
    numbers: [u64; 3],
    /// The parts of what comes after `-`.
    pre: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(Box<str>),
}

impl Semver {
    /// `1.2.3-pre.1+build`; what comes after `+` has no part in the order.
    fn parse(text: &str) -> Option<Self> {
        let (major, rest) = text.split_once('.')?;
        let (minor, rest) = rest.split_once('.')?;
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (patch, pre) = match rest.split_once('-') {
            Some((patch, pre)) => (patch, Some(pre)),
            None => (rest, None),
        };
        let word = |part: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            !part.is_empty() && part.bytes().all(fits)
        };
        if build.is_some_and(|build| !build.split('.').all(word)) {
            return None;
        }
        let mut parts = Vec::new();
        for part in pre.into_iter().flat_map(|pre| pre.split('.')) {
            if !word(part) {
                return None;
            }
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            parts.push(if digits { Part::Number(number(part)?) } else { Part::Text(part.into()) });
        }
        Some(Self { numbers: [number(major)?, number(minor)?, number(patch)?], pre: parts })
    }

    /// As [`Self::parse`], with a `v` before, zeros before numbers, and parts left out.
    fn parse_tolerant(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(str::to_owned).collect();
        for part in &mut parts {
            if part.len() > 1 {
                let rest = part.trim_start_matches('0');
                let digit = rest.starts_with(|first: char| first.is_ascii_digit());
                *part = if digit { rest.to_owned() } else { format!("0{rest}") };
            }
        }
        if parts.len() < 3 && parts.last().is_some_and(|last| last.contains(['+', '-'])) {
            return None;
        }
        parts.resize(3, "0".to_owned());
        Self::parse(&parts.join("."))
    }

    pub(crate) fn order(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.pre.cmp(&other.pre),
            }
        })
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("semver", 1 | 2) => |v| {
            let version = read(v)?;
            version
                .map(|version| Value::Semver(Rc::new(version)))
                .ok_or_else(|| Failure::error("no semantic version"))
        },
        ("isSemver", 1 | 2) => |v| Ok(Value::Bool(read(v)?.is_some())),
        ("major", 1) => |v| part(v, 0),
        ("minor", 1) => |v| part(v, 1),
        ("patch", 1) => |v| part(v, 2),
        _ => return None,
    })
}

fn read(values: &[Value<'_>]) -> Result<Option<Semver>, Failure> {
    match values {
        [Value::String(text)] | [Value::String(text), Value::Bool(false)] => {
            Ok(Semver::parse(text))
        }
        [Value::String(text), Value::Bool(true)] => Ok(Semver::parse_tolerant(text)),
        _ => Err(Failure::overload()),
    }
}

fn part<'a>(values: &[Value<'a>], index: usize) -> Evaluated<'a> {
    match values {
        [Value::Semver(version)] => {
            let number = version.numbers.get(index).copied().unwrap_or_default();
            i64::try_from(number).map(Value::Int).map_err(|_| Failure::unknown("a large version"))
        }
        _ => Err(Failure::overload()),
    }
}
