//! What was there before: findings that a file lists by what they are about, never by line.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use serde::{Deserialize, Deserializer, Serialize};

use super::Looked;
use crate::diagnostic::{Finding, Severity};
use crate::source::Sources;

/// The form of the file; a change that older versions cannot read raises it.
const VERSION: u32 = 1;
/// How many entries a finding names.
const NAMED: usize = 10;

/// How often each fault was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The file, for findings about it.
    path: String,
    /// The command that makes it anew.
    command: String,
    entries: BTreeMap<Key, usize>,
}

/// What a fault is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    file: String,
    object: Option<String>,
    id: String,
    field: Option<String>,
    environment: Option<String>,
}

impl Key {
    /// The keys of a finding that was not folded: one.
    fn of(finding: &Finding, sources: &Sources) -> Self {
        let label = finding.labels.first().map(|label| &*sources.get(label.span.file).path);
        let file = label.or(finding.path.as_deref()).unwrap_or_default();
        Self {
            file: file.trim_start_matches("./").to_owned(),
            object: finding.object.clone(),
            id: finding.id.to_owned(),
            field: finding.field.clone(),
            environment: finding.environments.first().cloned(),
        }
    }
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

/// The same fault, in all environments in which it is there equally often.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    environments: Vec<String>,
    count: NonZeroUsize,
}

/// What is read first: of a newer form nothing else is known.
#[derive(Deserialize)]
struct Versioned {
    #[serde(deserialize_with = "known_version")]
    #[expect(dead_code, reason = "reading it is all")]
    version: u32,
}

fn known_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let version = u32::deserialize(deserializer)?;
    if version == VERSION {
        return Ok(version);
    }
    let text = format!("version {version} is not known here, only version {VERSION}");
    Err(serde::de::Error::custom(text))
}

impl Baseline {
    /// Reads a file. `command` is what a finding names to make it anew.
    ///
    /// # Errors
    ///
    /// Where it is no baseline; the text names file, line and column.
    pub fn parse(path: &str, text: &str, command: &str) -> Result<Self, String> {
        let wrong = |error: serde_json::Error| {
            let whole = error.to_string();
            let why = whole.split(" at line ").next().unwrap_or_default();
            format!("{path}:{}:{}: {why}", error.line(), error.column())
        };
        serde_json::from_str::<Versioned>(text).map_err(wrong)?;
        let document: Document = serde_json::from_str(text).map_err(wrong)?;
        let mut entries = BTreeMap::new();
        for Entry { id, file, object, field, environments, count } in document.findings {
            let everywhere = environments.is_empty().then_some(None);
            for environment in environments.into_iter().map(Some).chain(everywhere) {
                let (file, object) = (file.clone(), object.clone());
                let (id, field) = (id.clone(), field.clone());
                *entries.entry(Key { file, object, id, field, environment }).or_default() +=
                    count.get();
            }
        }
        Ok(Self { path: path.to_owned(), command: command.to_owned(), entries })
    }

    /// The file's text: an entry a line, in order.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut alike: BTreeMap<(Key, usize), Vec<String>> = BTreeMap::new();
        for (key, count) in &self.entries {
            let environment = key.environment.clone();
            let key = Key { environment: None, ..key.clone() };
            alike.entry((key, *count)).or_default().extend(environment);
        }
        let lines: Vec<String> = alike
            .into_iter()
            .filter_map(|((key, count), environments)| {
                let Key { file, object, id, field, .. } = key;
                let count = NonZeroUsize::new(count)?;
                serde_json::to_string(&Entry { id, file, object, field, environments, count }).ok()
            })
            .map(|entry| format!("\n    {entry}"))
            .collect();
        let end = if lines.is_empty() { "" } else { "\n  " };
        format!("{{\n  \"version\": {VERSION},\n  \"findings\": [{}{end}]\n}}\n", lines.join(","))
    }

    /// How many findings it hides.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Whether it hides nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The baseline of some findings, with what an older one has of what was not looked at.
    pub(super) fn of(
        findings: &[Finding],
        looked: Looked<'_>,
        old: Option<&Self>,
        can_tell: impl Fn(&str) -> bool,
    ) -> Self {
        let mut entries: BTreeMap<Key, usize> = BTreeMap::new();
        for finding in findings {
            *entries.entry(Key::of(finding, looked.sources)).or_default() += 1;
        }
        let sight = Sight::new(findings, looked);
        for (key, count) in old.iter().flat_map(|old| &old.entries) {
            if !can_tell(&key.id) || !sight.holds(key) {
                entries.entry(key.clone()).or_insert(*count);
            }
        }
        Self { entries, ..old.cloned().unwrap_or_default() }
    }

    /// Parts findings into those that are new and those that were there before. What is there no
    /// more is a finding.
    pub(super) fn apply(
        &self,
        findings: Vec<Finding>,
        looked: Looked<'_>,
        can_tell: impl Fn(&str) -> bool,
    ) -> (Vec<Finding>, Vec<Finding>) {
        let sight = Sight::new(&findings, looked);
        let mut left = self.entries.clone();
        let (mut new, mut known) = (Vec::new(), Vec::new());
        for mut finding in findings {
            let key = Key::of(&finding, looked.sources);
            match left.get_mut(&key) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    known.push(finding);
                }
                Some(_) => {
                    let before = self.entries[&key];
                    finding.notes.push(format!(
                        "the baseline has {before} of these at this field of the object, and there is one more now"
                    ));
                    new.push(finding);
                }
                None => new.push(finding),
            }
        }
        left.retain(|key, count| *count > 0 && can_tell(&key.id) && sight.holds(key));
        if !left.is_empty() {
            new.push(self.stale(&left));
        }
        (new, known)
    }

    fn stale(&self, gone: &BTreeMap<Key, usize>) -> Finding {
        let total: usize = gone.values().sum();
        let (findings, are) = if total == 1 { ("finding", "is") } else { ("findings", "are") };
        let message = format!("{total} {findings} of the baseline {are} gone");
        let mut finding = Finding::warning("baseline-stale", message).in_file(self.path.as_str());
        for (key, count) in gone.iter().take(NAMED) {
            let mut note = format!("{} in {}", key.id, key.file);
            for part in [&key.object, &key.field, &key.environment].into_iter().flatten() {
                note.push_str(", ");
                note.push_str(part);
            }
            if *count > 1 {
                note.push_str(&format!(" ({count} times)"));
            }
            finding = finding.note(note);
        }
        if gone.len() > NAMED {
            finding = finding.note(format!("and {} more", gone.len() - NAMED));
        }
        finding
            .help(format!("run `{}`, so that they are found again if they come back", self.command))
    }
}

/// Where a fault would have been found if it were there.
struct Sight<'a> {
    looked: Looked<'a>,
    /// Files of which a part could not be read.
    broken: BTreeSet<String>,
    /// Objects and environments of which not all rules had a look.
    unjudged: Vec<&'a super::Object>,
}

impl<'a> Sight<'a> {
    fn new(findings: &[Finding], looked: Looked<'a>) -> Self {
        let lost =
            |finding: &&Finding| finding.object.is_none() && finding.severity == Severity::Error;
        let broken = findings.iter().filter(lost);
        Self {
            looked,
            broken: broken.map(|finding| Key::of(finding, looked.sources).file).collect(),
            unjudged: looked.objects.iter().filter(|object| !object.was_judged()).collect(),
        }
    }

    fn holds(&self, key: &Key) -> bool {
        let environment = key.environment.as_deref();
        let is_unjudged = |object: &&super::Object| object.is(key.object.as_deref(), environment);
        self.looked.extent.holds(environment, &key.file)
            && !self.broken.contains(&key.file)
            && !self.unjudged.iter().any(is_unjudged)
    }
}
