//! Versions and constraints on them: `semver.go` of sprig, with `constraints.go` and the methods of
//! `version.go` of `github.com/Masterminds/semver/v3`.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::failure::Failure;
use super::super::value::{IntKind, Value};
use super::super::version::{Version, compare_prerelease};
use super::Functions;

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define("semver", |text: Text| Ok(Value::Version(Rc::new(version(&text)?))));
    functions.define("semverCompare", |constraint: Text, text: Text| {
        let constraint = constraints(&constraint).map_err(Failure::wrong)?;
        let version = version(&text)?;
        Ok(fits(&constraint, &version))
    });
}

/// A range of versions, as `1.x` or `>=1.2, <2`.
pub struct VersionRange(Vec<Vec<Constraint>>);

impl VersionRange {
    /// Reads a range; nothing for a version, which is one alone, and for other text.
    ///
    /// Source: `IsConstraint` in `util/versions/tags.go` of Argo CD.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if is_version(text) { None } else { constraints(text).ok().map(Self) }
    }

    /// Whether a text is a version in it.
    #[must_use]
    pub fn has(&self, version: &str) -> bool {
        Version::parse(version).is_ok_and(|version| fits(&self.0, &version))
    }
}

/// Whether a text is one version, as `v1.2`.
#[must_use]
pub fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}

fn fits(alternatives: &[Vec<Constraint>], version: &Version) -> bool {
    alternatives.iter().any(|all| {
        let prereleases = all.iter().any(|one| !one.version.prerelease.is_empty());
        let counts = version.prerelease.is_empty() || prereleases;
        counts && all.iter().all(|one| one.check(version))
    })
}

fn version(text: &str) -> Result<Version, Failure> {
    Version::parse(text).map_err(Failure::wrong)
}

/// A method of a version, called from a template.
pub(in crate::gotemplate) fn method(
    version: &Rc<Version>,
    name: &str,
    given: &[Value],
) -> Result<Value, Failure> {
    let number = |number: u64| {
        let number = i64::try_from(number);
        number.map(|number| Value::Int(IntKind::Uint64, number)).unwrap_or_default()
    };
    let [major, minor, patch] = version.numbers;
    match (name, given) {
        ("Major", []) => Ok(number(major)),
        ("Minor", []) => Ok(number(minor)),
        ("Patch", []) => Ok(number(patch)),
        ("Prerelease", []) => Ok(version.prerelease.as_str().into()),
        ("Metadata", []) => Ok(version.metadata.as_str().into()),
        ("Original", []) => Ok(version.original.as_str().into()),
        ("String", []) => Ok(version.to_string().into()),
        (_, [Value::Version(other)]) => {
            let ordering = version.compare(other);
            match name {
                "Compare" => Ok(Value::int(match ordering {
                    Ordering::Less => -1,
                    Ordering::Equal => 0,
                    Ordering::Greater => 1,
                })),
                "Equal" => Ok(ordering.is_eq().into()),
                "LessThan" => Ok(ordering.is_lt().into()),
                "LessThanEqual" => Ok(ordering.is_le().into()),
                "GreaterThan" => Ok(ordering.is_gt().into()),
                "GreaterThanEqual" => Ok(ordering.is_ge().into()),
                _ => Err(no_method(name)),
            }
        }
        _ => Err(no_method(name)),
    }
}

fn no_method(name: &str) -> Failure {
    Failure::unknown(format!("`{name}` of a version, with such arguments"))
}

/// One condition on a version.
struct Constraint {
    operator: String,
    version: Version,
    /// How many of its numbers were given; the others can be any.
    numbers: usize,
}

const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

/// A version in which `x` or `*` stands for any number.
const LOOSE: &str = concat!(
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?",
    r"(-(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(\+(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?"
);

/// The patterns of `constraints.go`: ranges with a hyphen, a whole text of conditions, each of them.
struct Patterns {
    range: Regex,
    all: Regex,
    each: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let one = format!(r"\s*({OPERATORS})\s*({LOOSE})\s*");
    Some(Patterns {
        range: Regex::new(&format!(r"\s*({LOOSE})\s+-\s+({LOOSE})\s*")).ok()?,
        all: Regex::new(&format!(r"^({one})((?:\s+|,\s*)({OPERATORS})\s*({LOOSE})\s*)*$")).ok()?,
        each: Regex::new(&format!(r"({OPERATORS})\s*({LOOSE})")).ok()?,
    })
});

/// Alternatives of conditions that hold together.
fn constraints(text: &str) -> Result<Vec<Vec<Constraint>>, String> {
    let patterns = PATTERNS.as_ref().ok_or("improper constraint")?;
    let text = patterns
        .range
        .replace_all(text, |range: &Captures<'_>| format!(">= {}, <= {} ", &range[1], &range[7]));
    text.split("||")
        .map(|all| {
            if !patterns.all.is_match(all) {
                return Err(format!("improper constraint: {all}"));
            }
            patterns.each.captures_iter(all).map(|one| constraint(&one)).collect()
        })
        .collect()
}

fn constraint(found: &Captures<'_>) -> Result<Constraint, String> {
    let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
    let any = |number: &str| matches!(number, "" | "x" | "X" | "*");
    let given = [part(3), part(4).trim_start_matches('.'), part(5).trim_start_matches('.')];
    let numbers = given.iter().position(|number| any(number)).unwrap_or(3);
    let mut padded = given.iter().take(numbers).copied().collect::<Vec<_>>();
    padded.resize(3, "0");
    // Metadata does not count where a number is missing.
    let metadata = if numbers == 3 { part(7) } else { "" };
    let text = format!("{}{}{metadata}", padded.join("."), part(6));
    let version = Version::parse(&text).map_err(|_| "constraint parser error")?;
    Ok(Constraint { operator: part(1).to_owned(), version, numbers })
}

impl Constraint {
    /// Whether a version fits; that prereleases count is decided for the whole group.
    fn check(&self, version: &Version) -> bool {
        let ordering = version.compare(&self.version);
        let [major, minor, patch] = self.version.numbers;
        let [its_major, its_minor, its_patch] = version.numbers;
        let dirty = self.numbers < 3;
        match &*self.operator {
            "" | "=" if !dirty => ordering.is_eq(),
            "" | "=" | "~" | "~>" => {
                let any = self.version.numbers == [0; 3] && !matches!(self.numbers, 1 | 2);
                ordering.is_ge()
                    && (any || (its_major == major && (its_minor == minor || self.numbers < 2)))
            }
            "!=" if dirty => {
                if its_major != major {
                    return true;
                }
                match self.numbers {
                    2 if its_minor != minor => true,
                    2 => {
                        let (its, own) = (&version.prerelease, &self.version.prerelease);
                        !(its.is_empty() && own.is_empty()) && compare_prerelease(its, own).is_ne()
                    }
                    1 => false,
                    // Any major number: only the minor and the patch number can differ.
                    _ => its_minor != minor || its_patch != patch || ordering.is_ne(),
                }
            }
            "!=" => ordering.is_ne(),
            ">" => match self.numbers {
                3 => ordering.is_gt(),
                _ if its_major != major => its_major > major,
                2 => its_minor > minor,
                1 => false,
                _ => ordering.is_gt(),
            },
            "<" => ordering.is_lt(),
            ">=" | "=>" => ordering.is_ge(),
            "<=" | "=<" if !dirty => ordering.is_le(),
            "<=" | "=<" => {
                its_major < major
                    || (its_major == major && (its_minor <= minor || self.numbers == 1))
            }
            _ => ordering.is_ge() && self.caret(version.numbers),
        }
    }

    /// `^`: nothing changes up to the first number that is not zero.
    fn caret(&self, its: [u64; 3]) -> bool {
        let [major, minor, patch] = self.version.numbers;
        let [its_major, its_minor, its_patch] = its;
        if major > 0 || self.numbers == 1 {
            return its_major == major;
        }
        if its_major > 0 {
            return false;
        }
        if minor > 0 || self.numbers == 2 {
            return its_minor == minor;
        }
        its_minor == 0 && its_patch == patch
    }
}
