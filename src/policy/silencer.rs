//! Single places that are silenced, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::object::Object;
use super::written::{self, MARK, Written};
use crate::diagnostic::Finding;
use crate::source::{FileId, Sources, Span};
use crate::yaml;

/// A comment or an annotation that silences something.
#[derive(Debug)]
pub(super) struct Silencer {
    pub(super) place: Span,
    pub(super) reason: String,
    ids: Vec<&'static str>,
    reach: Reach,
    /// The objects in which it can silence something, as indices.
    objects: Vec<usize>,
    used: BTreeSet<&'static str>,
}

#[derive(Debug)]
enum Reach {
    /// What has a place on this line.
    Line(FileId, Range<usize>),
    /// What is about one of the objects.
    Object,
}

impl Silencer {
    fn silences(&self, finding: &Finding, objects: &[Object]) -> bool {
        self.ids.contains(&finding.id)
            && match &self.reach {
                Reach::Line(file, line) => finding.labels.iter().any(|label| {
                    label.span.file == *file && line.contains(&(label.span.start as usize))
                }),
                Reach::Object => self.objects.iter().any(|&index| objects[index].has(finding)),
            }
    }
}

/// All silencers of a run.
#[derive(Debug, Default)]
pub(super) struct Silencers {
    all: Vec<Silencer>,
    /// What is wrong with silencers.
    pub(super) findings: Vec<Finding>,
}

impl Silencers {
    /// The silencers in the texts that objects and findings come from, and in annotations.
    pub(super) fn collect(findings: &[Finding], objects: &[Object], sources: &Sources) -> Self {
        let mut files: BTreeSet<FileId> = objects.iter().flat_map(Object::files).collect();
        files.extend(findings.iter().flat_map(|f| &f.labels).map(|label| label.span.file));
        let mut silencers = Self::default();
        for file in files {
            let text = &sources.get(file).text;
            if text.contains(MARK) {
                silencers.file(file, text, objects);
            }
        }
        silencers.annotations(objects);
        silencers
    }

    fn file(&mut self, file: FileId, text: &str, objects: &[Object]) {
        let parts = yaml::parts(file, text);
        for (index, part) in parts.iter().enumerate() {
            let inside = &text[part.clone()];
            if !inside.contains(MARK) {
                continue;
            }
            // A part that is not YAML is told elsewhere.
            for span in yaml::comments(file, inside).unwrap_or_default() {
                let place =
                    Span::new(file, part.start + span.range().start..part.start + span.range().end);
                match written::comment(&text[place.range()]) {
                    None => {}
                    Some(Err(why)) => self.findings.push(written::wrong(place, why)),
                    Some(Ok(written)) if written.of_object => {
                        self.of_object(&written, place, text, &parts[index..], objects);
                    }
                    Some(Ok(written)) => self.of_line(&written, place, text, objects),
                }
            }
        }
    }

    fn of_line(&mut self, written: &Written<'_>, place: Span, text: &str, objects: &[Object]) {
        let ids = written::checks(written, place, &mut self.findings);
        let line = target(text, place.range().start);
        let has_part = |index: &usize| objects[*index].has_part_in(place.file, &line);
        let objects = (0..objects.len()).filter(has_part).collect();
        self.add(written, place, ids, Reach::Line(place.file, line), objects);
    }

    /// `parts` begin with the one that the comment is in.
    fn of_object(
        &mut self,
        written: &Written<'_>,
        place: Span,
        text: &str,
        parts: &[Range<usize>],
        objects: &[Object],
    ) {
        let above = &text[parts[0].start..place.range().start];
        if !is_bare(above) {
            self.findings.push(
                written::wrong(
                    place,
                    "`ignore-object` stands below the beginning of the object".to_owned(),
                )
                .help("put it above the first field of the object, on a line of its own"),
            );
            return;
        }
        let ids = written::checks(written, place, &mut self.findings);
        // Comments above the first line of dashes are about what comes below it.
        let part =
            parts.iter().find(|part| !is_bare(&text[(*part).clone()])).cloned().unwrap_or(0..0);
        let objects = starting(place.file, &part, objects);
        self.add(written, place, ids, Reach::Object, objects);
    }

    fn annotations(&mut self, objects: &[Object]) {
        // One line of a template makes the annotation of several objects.
        let mut by_place: BTreeMap<(Span, &str), Vec<usize>> = BTreeMap::new();
        for (index, object) in objects.iter().enumerate() {
            if let Some((text, place)) = object.annotation() {
                by_place.entry((place, text)).or_default().push(index);
            }
        }
        for ((place, text), objects) in by_place {
            for written in written::annotation(text) {
                let ids = written::checks(&written, place, &mut self.findings);
                self.add(&written, place, ids, Reach::Object, objects.clone());
            }
        }
    }

    fn add(
        &mut self,
        written: &Written<'_>,
        place: Span,
        ids: Vec<&'static str>,
        reach: Reach,
        objects: Vec<usize>,
    ) {
        let reason = written.reason.to_owned();
        self.all.push(Silencer { place, reason, ids, reach, objects, used: BTreeSet::new() });
    }

    /// The first silencer of a finding. All that would do are used.
    pub(super) fn silence(&mut self, finding: &Finding, objects: &[Object]) -> Option<&Silencer> {
        let mut first = None;
        for (index, silencer) in self.all.iter_mut().enumerate() {
            if silencer.silences(finding, objects) {
                silencer.used.insert(finding.id);
                first = first.or(Some(index));
            }
        }
        first.map(|index| &self.all[index])
    }

    /// A warning for each check that a silencer names in vain. `can_tell` says whether the check had
    /// a look at an object, in all its forms.
    pub(super) fn unused(&self, can_tell: impl Fn(&'static str, usize) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for silencer in &self.all {
            let mut objects = silencer.objects.iter().peekable();
            if objects.peek().is_none() {
                continue;
            }
            for &id in silencer.ids.iter().filter(|id| !silencer.used.contains(*id)) {
                if silencer.objects.iter().all(|&index| can_tell(id, index)) {
                    findings.push(
                        Finding::warning("silencer-unused", format!("`{id}` finds nothing here"))
                            .at(silencer.place, "silences nothing")
                            .help("take it out; if it was meant for another line, put it there"),
                    );
                }
            }
        }
        findings
    }
}

/// The line that a comment is about: its own, or the next one that is no comment where it stands
/// alone.
fn target(text: &str, comment: usize) -> Range<usize> {
    let start = text[..comment].rfind('\n').map_or(0, |newline| newline + 1);
    let mut line = start..line_end(text, start);
    if !is_bare(&text[start..comment]) {
        return line;
    }
    while line.end < text.len() && is_bare(text[line.clone()].trim_end()) {
        let next = line.end..line_end(text, line.end);
        if text[next.clone()].trim().is_empty() {
            break;
        }
        line = next;
    }
    line
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |newline| from + newline + 1)
}

/// Whether a text has only comments, blank lines and lines of dashes.
fn is_bare(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().map(str::trim_start).all(|line| {
        let line = line.strip_prefix("---").map_or(line, str::trim_start);
        line.is_empty() || line.starts_with('#')
    })
}

/// The objects that begin in a part of a file.
fn starting(file: FileId, part: &Range<usize>, objects: &[Object]) -> Vec<usize> {
    let begins = |object: &Object| {
        let start = object.start();
        start.file == file && part.contains(&(start.start as usize))
    };
    (0..objects.len()).filter(|&index| begins(&objects[index])).collect()
}
