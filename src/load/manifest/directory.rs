//! What a directory is by its name and by what lies in it.

use std::ffi::OsString;
use std::path::Path;

use super::reason::Reason;
use crate::world::named::Listed;

/// Directories of tests, examples and documentation, which are not entered unless they are named.
const EXAMPLES: [&str; 16] = [
    "__fixtures__",
    "__tests__",
    "_testdata",
    "docs",
    "documentation",
    "e2e",
    "example",
    "examples",
    "fixtures",
    "sample",
    "samples",
    "test-data",
    "test-fixtures",
    "test_data",
    "testdata",
    "tests",
];

/// Files at the top of a program's sources.
pub(super) const PROGRAMS: [&str; 6] =
    ["Cargo.toml", "build.gradle", "go.mod", "package.json", "pom.xml", "pyproject.toml"];

/// Files beside which `target` and `vendor` hold what was built or fetched; elsewhere they may be
/// the directories of environments.
const BUILDS: [&str; 9] = [
    "Cargo.toml",
    "Gemfile",
    "build.sbt",
    "composer.json",
    "go.mod",
    "go.work",
    "jsonnetfile.json",
    "package.json",
    "pom.xml",
];

/// Where a directory lies.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Everything in it is skipped for this reason.
    pub(super) skip: Option<Reason>,
    /// Whether it is the directory of a chart.
    pub(super) is_chart: bool,
    /// Whether it is the top of a program's sources.
    pub(super) is_program: bool,
    /// The nearest kustomization.
    pub(super) beside: Option<usize>,
}

/// Whether a directory is entered by its name, and by whether it lies beside the files of a build.
pub(super) fn is_entered(name: &str, is_build: bool) -> bool {
    let is_fetched = match name {
        "node_modules" | "venv" => true,
        "target" | "vendor" => is_build,
        _ => false,
    };
    !is_fetched && !name.starts_with('.')
}

/// Whether among the entries of a directory are files of a build.
pub(super) fn is_build(entries: &[(OsString, Listed)]) -> bool {
    has(entries, &BUILDS)
}

/// Why what lies in a directory below another is skipped.
pub(super) fn inside(place: Place, name: &str) -> Option<Reason> {
    match name {
        "templates" if place.is_chart => Some(Reason::HelmTemplate),
        "ci" | "files" | "tests" if place.is_chart => Some(Reason::HelmChart),
        // Elsewhere it may be the environment of this name.
        "test" if place.is_program => Some(Reason::TestOrExample),
        _ if EXAMPLES.contains(&name) => Some(Reason::TestOrExample),
        _ => None,
    }
}

pub(super) fn has(entries: &[(OsString, Listed)], names: &[&str]) -> bool {
    entries.iter().any(|(entry, _)| names.iter().any(|name| entry == *name))
}

/// Whether a directory's file is looked at: what Argo CD takes from a directory, and kustomizations.
pub(super) fn is_manifest_name(name: &str) -> bool {
    let ending = Path::new(name).extension();
    ending.is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known))
        || name == "Kustomization"
}
