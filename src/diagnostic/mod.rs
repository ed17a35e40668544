//! Findings: what is wrong, where, why, and what to do next.

pub mod explanation;

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Sources, Span};

/// How grave a finding is, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Accepted by the cluster and still probably a mistake.
    Warning,
    /// Refused, or sure to fail; the run ends with exit code 1.
    Error,
}

impl Severity {
    /// The word that people and formats use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What stands beside a place whose value went into the one that is wrong.
pub const ORIGIN: &str = "the value comes from here";

/// A place in a source and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words beside the place; may be empty.
    pub text: String,
}

/// One fault. The message stands alone; labels, notes and help explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Names the fault in kebab-case and never changes its meaning.
    pub id: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The headline, without a final period.
    pub message: String,
    /// Places; the first is the line that someone must change.
    pub labels: Vec<Label>,
    /// A file that the fault is about, where no text of it can be shown.
    pub path: Option<String>,
    /// The object that it is about, as `Deployment shop/web`.
    pub object: Option<String>,
    /// The path of the field in the object, as the API server writes it.
    pub field: Option<String>,
    /// The same path with the items of lists named by their keys, where it leads through lists.
    pub keyed_field: Option<String>,
    /// Why, and what else is known.
    pub notes: Vec<String>,
    /// The next step.
    pub help: Option<String>,
    /// The environments that have the fault; empty where it lies outside them.
    pub environments: Vec<String>,
    /// Whether no report may show the text of its places.
    pub is_veiled: bool,
}

impl Finding {
    fn new(severity: Severity, id: &'static str, message: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            message: message.into(),
            labels: Vec::new(),
            path: None,
            object: None,
            field: None,
            keyed_field: None,
            notes: Vec::new(),
            help: None,
            environments: Vec::new(),
            is_veiled: false,
        }
    }

    /// An error.
    pub fn error(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, id, message)
    }

    /// A warning.
    pub fn warning(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, id, message)
    }

    /// A note.
    pub fn info(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, id, message)
    }

    /// Adds a place; the first one added is the primary one.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Keeps the text of its places, and of what stands beside them, out of every report.
    #[must_use]
    pub fn veiled(mut self) -> Self {
        self.is_veiled = true;
        self
    }

    /// Names a file of which no text can be shown.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Names the object that it is about.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Names the field of the object.
    #[must_use]
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Sets the next step.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Names the environment that has the fault.
    #[must_use]
    pub fn in_environment(mut self, name: &str) -> Self {
        if !self.environments.iter().any(|known| known == name) {
            self.environments.push(name.to_owned());
        }
        self
    }
}

/// How many objects that have a fault are named, beside the first.
const NAMED: usize = 3;

/// Orders findings by place and folds the same fault of several environments into one finding, with
/// all places that its values come from; what is no error is told once for all objects that have it from
/// one place.
#[must_use]
pub fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    type Identity = (
        (Option<Label>, Option<String>, &'static str, String),
        (Vec<Label>, Vec<String>, Option<String>, Option<String>),
    );
    let mut folded: BTreeMap<Identity, (Finding, BTreeSet<String>)> = BTreeMap::new();
    for finding in findings {
        // Reports fail each object by its errors, and without a place it is all that tells what to change.
        let is_apart = finding.severity == Severity::Error || finding.labels.is_empty();
        let object = finding.object.clone().filter(|_| is_apart);
        let identity = (
            (
                finding.labels.first().cloned(),
                finding.path.clone(),
                finding.id,
                finding.message.clone(),
            ),
            (
                finding.labels.iter().skip(1).filter(|it| it.text != ORIGIN).cloned().collect(),
                finding.notes.clone(),
                object,
                finding.field.clone(),
            ),
        );
        match folded.entry(identity) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert((finding, BTreeSet::new()));
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let (known, others) = entry.get_mut();
                others.extend(finding.object.filter(|it| known.object.as_ref() != Some(it)));
                for name in finding.environments {
                    if !known.environments.contains(&name) {
                        known.environments.push(name);
                    }
                }
                known.environments.sort();
                for label in finding.labels {
                    if !known.labels.contains(&label) {
                        known.labels.push(label);
                    }
                }
            }
        }
    }
    folded.into_values().map(|(finding, others)| with_others(finding, &others)).collect()
}

/// Names the other objects that have the same fault.
fn with_others(finding: Finding, others: &BTreeSet<String>) -> Finding {
    if others.is_empty() {
        return finding;
    }
    let named: Vec<&str> = others.iter().map(String::as_str).take(NAMED).collect();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    finding.note(format!("the same of {}{more}", named.join(", ")))
}

/// Orders findings by file, line and column; what has no place comes first.
pub fn by_place(findings: &mut [Finding], sources: &Sources) {
    findings.sort_by_cached_key(|finding| match finding.labels.first() {
        Some(Label { span, .. }) => {
            let source = sources.get(span.file);
            (Some(source.path.to_string()), source.line_column(span.start))
        }
        None => (finding.path.clone(), (0, 0)),
    });
}

/// The known name nearest to a mistyped one, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count();
    let limit = match length {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    known
        .into_iter()
        // What differs more in length is not near, and need not be compared.
        .filter(|name| name.chars().count().abs_diff(length) <= limit)
        .map(|name| {
            let same_but_case = name.eq_ignore_ascii_case(wrong);
            (if same_but_case { 0 } else { strsim::damerau_levenshtein(wrong, name) }, name)
        })
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// How many of the names that exist are told.
const KNOWN: usize = 24;

/// `did you mean …?` where a known name is near, else the names that exist.
#[must_use]
pub fn suggest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(name) = nearest(wrong, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let left_out = known.clone().into_iter().count().saturating_sub(KNOWN);
    let names = known.into_iter().take(KNOWN).map(|name| format!("`{name}`"));
    let more = (left_out > 0).then(|| format!("{left_out} more"));
    let names: Vec<String> = names.chain(more).collect();
    (!names.is_empty()).then(|| format!("known here: {}", names.join(", ")))
}
