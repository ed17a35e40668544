//! What a verdict on one object adds to findings and numbers.

use std::collections::BTreeMap;

use crate::check::{Fault, Verdict};
use crate::cli::args::{Args, DenyArg};
use crate::diagnostic::Finding;
use crate::policy::by_keys;
use crate::report::{self, plural};
use crate::source::Sources;
use crate::yaml::Node;

/// What is told beside faults.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::cli) struct Denied {
    schema_missing: bool,
    unknown_rules: bool,
    pub(super) unknown_references: bool,
}

impl Denied {
    pub(in crate::cli) fn of(args: &Args) -> Self {
        Self {
            schema_missing: args.denies(DenyArg::SchemaMissing),
            unknown_rules: args.denies(DenyArg::UnknownRules),
            unknown_references: args.denies(DenyArg::UnknownReferences),
        }
    }
}

/// What is told of an object beside its faults.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) denied: Denied,
    /// Whether reading its text has found something wrong, which is told already.
    pub(super) is_flawed: bool,
}

/// How many objects came out how.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Tally {
    /// All of them: valid, invalid and without a schema.
    pub(super) objects: usize,
    /// Judged by a schema, and no error found.
    pub(super) valid: usize,
    /// With errors.
    pub(super) invalid: usize,
    /// Of custom kinds that no schema is known for, by version and kind; no error found.
    pub(super) without_schema: BTreeMap<(String, String), usize>,
    /// Rules of custom kinds that could not be evaluated.
    pub(super) unknown_rules: usize,
    /// Faults at values that somebody else fills in, which are not told.
    pub(super) placeholders: usize,
    /// References that lead to what may be made by somebody who is not seen.
    pub(super) unknown_references: usize,
    /// Faults at fields that kustomize sets, which are not told.
    pub(super) left_to_kustomize: usize,
}

impl Tally {
    /// Counts an object and turns its verdict into findings. `is_told` picks the faults that are
    /// told; `sources` has what they speak of.
    pub(super) fn take<'s>(
        &mut self,
        object: &Node,
        about: &str,
        verdict: Verdict,
        Told { denied, is_flawed }: Told,
        sources: impl Fn() -> &'s Sources,
    ) -> (Vec<Finding>, report::Verdict) {
        self.objects += 1;
        self.unknown_rules += verdict.unknown.len();
        self.placeholders += verdict.open;
        let faults = verdict.faults;
        let is_invalid = is_flawed || faults.iter().any(|fault| fault.reason.is_some());
        let finding = |fault: Fault| {
            let mut finding = fault.into_finding(sources()).about(about);
            let keyed = |field: &String| by_keys(object, field);
            finding.keyed_field = finding.field.as_ref().filter(|it| it.contains('[')).map(keyed);
            finding
        };
        let mut findings: Vec<Finding> = faults.into_iter().map(finding).collect();
        let text = |name| object.get(name).and_then(Node::as_str).unwrap_or_default();
        let place = object.get("kind").map_or(object.span, |kind| kind.span);
        let came_out = match (is_invalid, verdict.has_schema) {
            (true, _) => report::Verdict::Invalid,
            (false, true) => report::Verdict::Valid,
            (false, false) => report::Verdict::WithoutSchema,
        };
        if is_invalid {
            self.invalid += 1;
        } else if verdict.has_schema {
            self.valid += 1;
        } else {
            let kind = (text("apiVersion").to_owned(), text("kind").to_owned());
            *self.without_schema.entry(kind).or_default() += 1;
        }
        if !verdict.has_schema && !is_invalid && denied.schema_missing {
            let message =
                format!("no schema is known for `{}` of `{}`", text("kind"), text("apiVersion"));
            findings.push(
                Finding::error("schema-missing", message).at(place, "").about(about).help(
                    "name a directory that has its CustomResourceDefinition: `--schemas DIR`",
                ),
            );
        }
        if denied.unknown_rules {
            findings.extend(verdict.unknown.into_iter().map(|reason| {
                Finding::error("rule-unknown", "a rule of the schema cannot be evaluated")
                    .at(place, "")
                    .about(about)
                    .note(reason)
            }));
        }
        (findings, came_out)
    }

    /// Adds another count.
    pub(super) fn add(&mut self, other: &Self) {
        self.objects += other.objects;
        self.valid += other.valid;
        self.invalid += other.invalid;
        self.unknown_rules += other.unknown_rules;
        self.placeholders += other.placeholders;
        self.unknown_references += other.unknown_references;
        self.left_to_kustomize += other.left_to_kustomize;
        for (kind, count) in &other.without_schema {
            *self.without_schema.entry(kind.clone()).or_default() += count;
        }
    }

    /// Objects that no schema was known for.
    pub(super) fn without(&self) -> usize {
        self.without_schema.values().sum()
    }

    /// The kinds without a schema, most frequent first, in words.
    pub(super) fn kinds_without(&self) -> String {
        let mut kinds: Vec<_> = self.without_schema.iter().collect();
        kinds.sort_by_key(|&(kind, count)| (std::cmp::Reverse(*count), kind));
        let named: Vec<String> = kinds
            .iter()
            .map(|((version, kind), count)| format!("{count} {kind} ({version})"))
            .collect();
        named.join(", ")
    }

    /// The numbers for reports.
    pub(super) fn numbers(&self) -> report::Tally {
        report::Tally {
            objects: self.objects,
            valid: self.valid,
            invalid: self.invalid,
            without_schema: self.without(),
            unknown_rules: self.unknown_rules,
            placeholders: self.placeholders,
            unknown_references: self.unknown_references,
        }
    }

    /// The kinds without a schema, for reports.
    pub(super) fn kinds(&self) -> Vec<report::KindCount> {
        let counted =
            self.without_schema.iter().map(|((api_version, kind), objects)| report::KindCount {
                api_version: api_version.clone(),
                kind: kind.clone(),
                objects: *objects,
            });
        counted.collect()
    }

    /// What was left unjudged of objects, in words; nothing where that is nothing.
    pub(super) fn caveats(&self) -> Vec<String> {
        let mut caveats = Vec::new();
        if self.unknown_rules > 0 {
            let rules = plural(self.unknown_rules, "rule");
            caveats.push(format!("{rules} of custom kinds could not be evaluated"));
        }
        if self.unknown_references > 0 {
            let references = plural(self.unknown_references, "reference");
            caveats.push(format!("{references} to what a chart or an operator may make"));
        }
        if self.placeholders > 0 {
            let faults = plural(self.placeholders, "fault");
            caveats.push(format!("{faults} at placeholders not told"));
        }
        if self.left_to_kustomize > 0 {
            let faults = plural(self.left_to_kustomize, "fault");
            caveats.push(format!("{faults} at fields that kustomize sets not told"));
        }
        caveats
    }
}
