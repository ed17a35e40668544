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
    let mut by_object: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, finding) in report.findings.iter().enumerate() {
        if let Some(object) = &finding.object {
            by_object.entry(object).or_default().push(at);
        }
    }
    // Which finding belongs to an object, in which environment.
    let mut placed: HashSet<(usize, Option<&str>)> = HashSet::new();
    for object in &report.objects {
        let object: &'a Object = object;
        let environment = object.environment.as_deref();
        let name = object.key.to_string();
        let belongs = |finding: &Finding| match environment {
            Some(environment) => finding.environments.iter().any(|one| one == environment),
            None => report.file(finding).is_none_or(|file| file == &*object.file),
        };
        let mut findings = Vec::new();
        for &at in by_object.get(&*name).into_iter().flatten() {
            if belongs(report.findings[at]) {
                placed.insert((at, environment));
                findings.push(report.findings[at]);
            }
        }
        let without_schema = object.verdict == Verdict::WithoutSchema;
        let outcome = match outcome(&findings) {
            Outcome::Passed if without_schema => Outcome::Skipped,
            other => other,
        };
        let (file, line) = (Some(&*object.file), Some(object.line));
        let suite = environment.unwrap_or(&object.file).to_owned();
        suites.entry(suite).or_default().push(Case { name, file, line, outcome, findings });
    }
    for (suite, case) in rest(report, &placed) {
        suites.entry(suite).or_default().push(case);
    }
    suites.into_iter().map(|(name, cases)| Suite { name, cases }).collect()
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
