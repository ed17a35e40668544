//! A run as tests: each object is one, and so is what has findings and is no object that was
//! judged.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::Report;
use super::object::{Object, Verdict};
use super::place::Unit;
use crate::diagnostic::{Finding, Severity};

/// The tests of one environment, or of one file where there is none.
#[derive(Debug)]
pub(super) struct Suite<'a> {
    pub(super) name: String,
    pub(super) cases: Vec<Case<'a>>,
}

/// One test.
#[derive(Debug)]
pub(super) struct Case<'a> {
    /// The object, or the fault where the finding names none.
    pub(super) name: String,
    /// Where the object, or the first fault, is written.
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<usize>,
    pub(super) outcome: Outcome,
    pub(super) findings: Vec<&'a Finding>,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// There was no schema.
    Skipped,
}

/// The suites of a report: those of its objects in their order, then those of what is left.
pub(super) fn suites<'a>(report: &Report<'a>) -> Vec<Suite<'a>> {
    let mut suites: IndexMap<String, Vec<Case<'a>>> = IndexMap::new();
    let names: Vec<String> = report.objects.iter().map(|object| object.key.to_string()).collect();
    let owned = owned(report, &names);
    // Which finding belongs to an object, in which environment.
    let mut placed: HashSet<(usize, Option<&str>)> = HashSet::new();
    for (object, name) in report.objects.iter().zip(&names) {
        let object: &'a Object = object;
        let environment = object.environment.as_deref();
        let mut findings = Vec::new();
        for &at in owned.get(&owner(object, name)).into_iter().flatten() {
            placed.insert((at, environment));
            findings.push(report.findings[at]);
        }
        let without_schema = object.verdict == Verdict::WithoutSchema;
        let outcome = match outcome(&findings) {
            Outcome::Passed if without_schema => Outcome::Skipped,
            other => other,
        };
        let (name, file, line) = (name.clone(), Some(&*object.file), Some(object.line));
        let suite = environment.unwrap_or(&object.file).to_owned();
        suites.entry(suite).or_default().push(Case { name, file, line, outcome, findings });
    }
    for (suite, case) in rest(report, &placed) {
        suites.entry(suite).or_default().push(case);
    }
    suites.into_iter().map(|(name, cases)| Suite { name, cases }).collect()
}

/// What an object is told by: its name, and its environment, or its file and line.
type Owner<'o> = (&'o str, &'o str, usize);

fn owner<'o>(object: &'o Object, name: &'o str) -> Owner<'o> {
    match &object.environment {
        Some(environment) => (name, environment, 0),
        None => (name, &object.file, object.line),
    }
}

/// The findings of each object.
fn owned<'o>(report: &'o Report<'_>, names: &'o [String]) -> HashMap<Owner<'o>, Vec<usize>> {
    let mut lines: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (object, name) in report.objects.iter().zip(names) {
        if object.environment.is_none() {
            lines.entry((name, &object.file)).or_default().push(object.line);
        }
    }
    lines.values_mut().for_each(|lines| lines.sort_unstable());
    let mut owned: HashMap<Owner<'o>, Vec<usize>> = HashMap::new();
    for (at, finding) in report.findings.iter().enumerate() {
        let Some(name) = finding.object.as_deref() else { continue };
        for environment in &finding.environments {
            owned.entry((name, environment, 0)).or_default().push(at);
        }
        let Some(file) = report.file(finding) else { continue };
        if let Some(lines) = lines.get(&(name, file)) {
            // Of objects of one name it is the one above the finding.
            let place = report.first_place(finding, Unit::Character);
            let line = place.map_or(0, |place| place.line);
            let above = lines.partition_point(|known| *known <= line).saturating_sub(1);
            owned.entry((name, file, lines[above])).or_default().push(at);
        }
    }
    owned
}

/// What has findings and is no object that was judged.
fn rest<'a>(
    report: &Report<'a>,
    placed: &HashSet<(usize, Option<&str>)>,
) -> Vec<(String, Case<'a>)> {
    type Key<'a> = (String, &'a str, Option<&'a str>);
    let mut cases: IndexMap<Key<'a>, Vec<&'a Finding>> = IndexMap::new();
    for (at, finding) in report.findings.iter().copied().enumerate() {
        let file = report.file(finding);
        let name = finding.object.as_deref().unwrap_or(finding.id);
        let mut environments: Vec<_> = finding.environments.iter().map(|e| Some(&**e)).collect();
        if environments.is_empty() {
            environments.push(None);
        }
        for environment in environments {
            if !placed.contains(&(at, environment)) {
                let suite = environment.or(file).unwrap_or("repository").to_owned();
                cases.entry((suite, name, file)).or_default().push(finding);
            }
        }
    }
    let case = |((suite, name, file), findings): (Key<'a>, Vec<&'a Finding>)| {
        let place = report.first_place(findings[0], Unit::Character);
        let line = place.map(|place| place.line);
        let outcome = outcome(&findings);
        (suite, Case { name: name.to_owned(), file, line, outcome, findings })
    };
    cases.into_iter().map(case).collect()
}

fn outcome(findings: &[&Finding]) -> Outcome {
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        Outcome::Failed
    } else {
        Outcome::Passed
    }
}
