//! One document for programs. Its form is versioned, explained in `docs/output.md` and described by
//! `schemas/output.json`.

use std::io::{self, Write};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::jsonl::Line;
use super::place::{Unit, further};
use super::{KindCount, Report, Skipped, Summary};
use crate::diagnostic::{self, Label, ORIGIN, Severity};
use crate::policy;
use crate::source::Span;

/// The version of the document and of the lines.
pub(super) const VERSION: u32 = 1;

/// All that a run found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    /// The version of the form: fields may be added to it; one that goes or changes raises it.
    version: u32,
    /// The whole run in numbers, what `-q` leaves out included.
    summary: Summary,
    /// The version of Kubernetes whose rules were applied to files; null for environments.
    kubernetes: Option<String>,
    /// The kinds that no schema is known for.
    without_schema: &'a [KindCount],
    /// What became of each environment.
    #[schemars(with = "Vec<Environment>")]
    environments: &'a [Value],
    /// The findings, ordered by place.
    findings: Vec<Finding<'a>>,
    /// What was not judged.
    skipped: &'a [Skipped],
    /// The findings that somebody silenced, ordered by silencer.
    silenced: Vec<Silenced<'a>>,
}

/// What became of an environment. Which fields there are depends on the command.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what the commands make")]
struct Environment {
    /// Its name.
    name: String,
    /// The version of Kubernetes whose rules were applied.
    kubernetes: Option<String>,
    /// Rendered objects.
    objects: Option<usize>,
    /// How many of them are valid.
    valid: Option<usize>,
    /// How many have errors.
    invalid: Option<usize>,
    /// Objects for which there was no schema.
    without_schema: Option<usize>,
    /// Rules of custom kinds that could not be evaluated.
    unknown_rules: Option<usize>,
    /// Whether it has errors that leave nothing to judge.
    not_judged: Option<bool>,
    /// Applications that its ApplicationSets make.
    applications: Option<usize>,
    /// How many of them are Helm charts.
    charts: Option<usize>,
    /// Files of the tree.
    files: Option<usize>,
    /// What a build wrote.
    written: Option<Written>,
    /// What a publication would write.
    planned: Option<Written>,
    /// Where it was published.
    published: Option<Published>,
    /// Where the tree is not what the sources say.
    stale: Option<Stale>,
    /// Whether errors kept the old tree.
    kept: Option<bool>,
}

/// What a build wrote, or would write.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "describes what the commands make")]
struct Written {
    /// Files written.
    files: usize,
    /// Files removed.
    removed: usize,
}

/// Where a tree was published.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "describes what the commands make")]
struct Published {
    /// The branch.
    branch: String,
    /// The commit that was pushed to it; null where nothing was, since nothing changed or nothing
    /// was to be pushed.
    commit: Option<String>,
}

/// Paths where the tree is not what the sources say.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "describes what the commands make")]
struct Stale {
    /// Not there.
    missing: Vec<String>,
    /// Different.
    changed: Vec<String>,
    /// Written before, not now.
    extra: Vec<String>,
    /// In the way, and not the tool's.
    foreign: Vec<String>,
}

/// One fault.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Finding<'a> {
    /// Names the fault and never changes its meaning.
    pub(super) id: &'a str,
    /// How grave it is.
    pub(super) level: Level,
    /// The headline.
    pub(super) message: &'a str,
    /// The file that someone has to change.
    pub(super) file: Option<&'a str>,
    /// The line in it, from 1.
    pub(super) line: Option<usize>,
    /// The column, from 1, in characters.
    pub(super) column: Option<usize>,
    /// The place that someone has to change: a label, or the file alone.
    place: Option<Place<'a>>,
    /// Places, the first of them that of the finding.
    labels: Vec<Labelled<'a>>,
    /// The places whose values went into what is wrong.
    origins: Vec<Labelled<'a>>,
    /// The object that it is about.
    pub(super) object: Option<&'a str>,
    /// The path of the field in the object, as the API server writes it.
    pub(super) field: Option<&'a str>,
    /// The environments that have the fault; empty where it lies outside them.
    pub(super) environments: &'a [String],
    /// Reasons.
    pub(super) notes: &'a [String],
    /// The next step.
    pub(super) help: Option<&'a str>,
}

/// A finding that somebody silenced.
#[derive(Debug, Serialize, JsonSchema)]
struct Silenced<'a> {
    /// The finding.
    #[serde(flatten)]
    finding: Finding<'a>,
    /// Why it is none.
    reason: &'a str,
    /// The comment or annotation that says so.
    silencer: Labelled<'a>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// Refused, or sure to fail.
    Error,
    /// Works, and is still probably a mistake.
    Warning,
    /// Worth knowing.
    Note,
}

/// A label, or a file alone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Place<'a> {
    /// A place in a text.
    Label(Labelled<'a>),
    /// A file of which no text can be shown.
    File {
        /// Its path.
        file: &'a str,
    },
}

/// A place in a text and what is said about it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Labelled<'a> {
    /// The file.
    file: &'a str,
    /// The first line, from 1.
    line: usize,
    /// The first column, from 1, in characters.
    column: usize,
    /// The last line.
    end_line: usize,
    /// The first column behind the place.
    end_column: usize,
    /// A few words; may be empty.
    text: &'a str,
}

/// The whole document.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        summary: report.summary.clone(),
        kubernetes: report.kubernetes.map(|minor| format!("1.{minor}")),
        without_schema: report.without_schema,
        environments: report.environments,
        findings: report.findings.iter().map(|finding| one(report, finding)).collect(),
        skipped: report.skipped,
        silenced: report.silenced.iter().map(|silenced| hidden(report, silenced)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// A finding as programs read it.
pub(super) fn one<'a>(report: &Report<'a>, finding: &'a diagnostic::Finding) -> Finding<'a> {
    let labels: Vec<_> = finding.labels.iter().map(|label| labelled(report, label)).collect();
    let origins = further(finding).iter().filter(|label| label.text == ORIGIN);
    let first = labels.first();
    Finding {
        id: finding.id,
        level: match finding.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        },
        message: &finding.message,
        file: report.file(finding),
        line: first.map(|label| label.line),
        column: first.map(|label| label.column),
        place: match first {
            Some(label) => Some(Place::Label(label.clone())),
            None => finding.path.as_deref().map(|file| Place::File { file }),
        },
        origins: origins.map(|label| labelled(report, label)).collect(),
        labels,
        object: finding.object.as_deref(),
        field: finding.field.as_deref(),
        environments: &finding.environments,
        notes: &finding.notes,
        help: finding.help.as_deref(),
    }
}

fn hidden<'a>(report: &Report<'a>, silenced: &'a policy::Silenced) -> Silenced<'a> {
    let silencer = at(report, silenced.place, "");
    Silenced { finding: one(report, &silenced.finding), reason: &silenced.reason, silencer }
}

fn labelled<'a>(report: &Report<'a>, label: &'a Label) -> Labelled<'a> {
    at(report, label.span, &label.text)
}

fn at<'a>(report: &Report<'a>, span: Span, text: &'a str) -> Labelled<'a> {
    let place = report.place(span, Unit::Character);
    Labelled {
        file: place.file,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
        text,
    }
}

/// The JSON Schema of the document; that of a line of `jsonl` is its definition `Line`.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    generator.subschema_for::<Line<'_>>();
    let mut schema = generator.into_root_schema_for::<Document<'_>>().to_value();
    schema["title"] = json!("gitopsc output");
    schema
}
