//! What was there before: findings that a file lists by what they are about, never by line.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

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
    line: Option<String>,
    environment: Option<String>,
}

impl Key {
    /// The keys of a finding that was not folded: one.
    fn of(finding: &Finding, looked: Looked<'_>) -> Self {
        let file = file(finding, looked.sources);
        let line = finding.object.is_none().then(|| line(finding, looked.sources));
        Self {
            file: looked.extent.base.name(file),
            object: finding.object.clone(),
            id: finding.id.to_owned(),
            field: finding.keyed_field.clone().or_else(|| finding.field.clone()),
            line,
            environment: finding.environments.first().cloned(),
        }
    }
}

/// The file that a finding names.
fn file<'f>(finding: &'f Finding, sources: &'f Sources) -> &'f str {
    let label = finding.labels.first().map(|label| &*sources.get(label.span.file).path);
    label.or(finding.path.as_deref()).unwrap_or_default()
}

/// What tells a finding from others of its file where no object and field do: a digest of the line
/// that it points at, or of the message where there is none. The line may be a secret.
fn line(finding: &Finding, sources: &Sources) -> String {
    let text = finding.labels.first().map(|label| {
        let text = &sources.get(label.span.file).text;
        let at = text.floor_char_boundary((label.span.start as usize).min(text.len()));
        let before = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        text[before..].lines().next().unwrap_or_default().trim()
    });
    let hash = Sha256::digest(text.unwrap_or(&finding.message));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<String>,
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
    let text = format!(
        "version {version} is not known here, only version {VERSION}: read it with the gitopsc that wrote it, or remove it and write a new one"
    );
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
        for Entry { id, file, object, field, line, environments, count } in document.findings {
            let key = Key { file, object, id, field, line, environment: None };
            let everywhere = environments.is_empty().then_some(None);
            for environment in environments.into_iter().map(Some).chain(everywhere) {
                *entries.entry(Key { environment, ..key.clone() }).or_default() += count.get();
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
                let Key { file, object, id, field, line, .. } = key;
                let count = NonZeroUsize::new(count)?;
                let entry = Entry { id, file, object, field, line, environments, count };
                serde_json::to_string(&entry).ok()
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
            *entries.entry(Key::of(finding, looked)).or_default() += 1;
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
            let key = Key::of(&finding, looked);
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
    /// The files and directories that were judged by themselves.
    roots: Vec<PathBuf>,
    /// Files of which a part was not judged, as a baseline names them.
    unread: BTreeSet<String>,
    /// Files of which a part could not be read.
    broken: BTreeSet<String>,
    /// Objects and environments of which not all rules had a look.
    unjudged: HashSet<(&'a str, Option<&'a str>)>,
}

impl<'a> Sight<'a> {
    fn new(findings: &[Finding], looked: Looked<'a>) -> Self {
        let base = &looked.extent.base;
        let lost =
            |finding: &&Finding| finding.object.is_none() && finding.severity == Severity::Error;
        let broken = findings.iter().filter(lost);
        let unjudged = looked.objects.iter().filter(|object| !object.was_judged());
        Self {
            looked,
            roots: looked.extent.roots.iter().map(|root| base.place(root)).collect(),
            unread: looked.extent.unread.iter().map(|file| base.name(file)).collect(),
            broken: broken.map(|finding| base.name(file(finding, looked.sources))).collect(),
            unjudged: unjudged.map(|object| (object.name(), object.environment())).collect(),
        }
    }

    fn holds(&self, key: &Key) -> bool {
        let environment = key.environment.as_deref();
        let is_unjudged = |object: &String| self.unjudged.contains(&(object.as_str(), environment));
        let was_looked_at = match &key.environment {
            Some(name) => {
                self.looked.extent.whole || self.looked.extent.environments.contains(name)
            }
            None => {
                let place = self.looked.extent.base.named(&key.file);
                self.roots.iter().any(|root| place.starts_with(root))
                    && !self.unread.contains(&key.file)
            }
        };
        was_looked_at
            && !self.broken.contains(&key.file)
            && !key.object.as_ref().is_some_and(is_unjudged)
    }
}
