//! Single places that are silenced, with the reason.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::index::Index;
use super::layout::{Layout, Lines};
use super::object::Object;
use super::written::{self, MARK, Written};
use crate::diagnostic::Finding;
use crate::source::{FileId, Sources, Span};
use crate::yaml;

/// What a silencer silences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Target {
    /// What has a place on the line that begins at this byte.
    Line(FileId, usize),
    /// What is about the object of this number.
    Object(usize),
}

/// A comment or an annotation that silences something.
#[derive(Debug)]
pub(super) struct Silencer {
    pub(super) place: Span,
    pub(super) reason: String,
    ids: Vec<&'static str>,
    /// The line; the objects where there is none.
    line: Option<Target>,
    /// The objects in which it can silence something.
    objects: Rc<[usize]>,
}

impl Silencer {
    fn targets(&self) -> impl Iterator<Item = Target> {
        let objects = if self.line.is_some() { &[] } else { &*self.objects };
        self.line.into_iter().chain(objects.iter().map(|&number| Target::Object(number)))
    }
}

/// All silencers of a run. None of them is looked at for a finding that it has nothing to do with.
#[derive(Debug, Default)]
pub(super) struct Silencers {
    all: Vec<Silencer>,
    /// The first silencer of a check at a target.
    first: HashMap<(Target, &'static str), usize>,
    /// The lines that are targets: where each begins and ends.
    lines: BTreeMap<(FileId, usize), usize>,
    used: HashSet<(Target, &'static str)>,
    /// What was said of names that no check has.
    unknown: HashMap<String, String>,
    /// What is wrong with silencers.
    pub(super) findings: Vec<Finding>,
}

impl Silencers {
    /// The silencers in the texts that objects and findings come from, and in annotations.
    pub(super) fn collect(findings: &[Finding], index: &Index<'_>, sources: &Sources) -> Self {
        let mut files: BTreeSet<FileId> = index.objects().iter().flat_map(Object::files).collect();
        files.extend(findings.iter().flat_map(|f| &f.labels).map(|label| label.span.file));
        let mut silencers = Self::default();
        for file in files {
            let text = &sources.get(file).text;
            if text.contains(MARK) {
                silencers.file(file, text, index);
            }
        }
        silencers.annotations(index, sources);
        silencers
    }

    fn file(&mut self, file: FileId, text: &str, index: &Index<'_>) {
        let layout = Layout::new(text, yaml::parts(file, text));
        let mut lines = Lines::default();
        let mut on_line: HashMap<usize, Rc<[usize]>> = HashMap::new();
        let mut inside: HashMap<usize, Rc<[usize]>> = HashMap::new();
        for (number, part) in layout.parts.iter().enumerate() {
            let inner = &text[part.clone()];
            if !inner.contains(MARK) {
                continue;
            }
            // A part that is not YAML is told elsewhere.
            for span in yaml::comments(file, inner).unwrap_or_default() {
                let at = part.start + span.range().start..part.start + span.range().end;
                let place = Span::new(file, at.clone());
                let written = match written::comment(&text[at.clone()]) {
                    None => continue,
                    Some(Err(why)) => {
                        self.findings.push(written::wrong(place, why));
                        continue;
                    }
                    Some(Ok(written)) => written,
                };
                if !written.of_object {
                    let line = lines.target(text, at.start);
                    let objects = on_line
                        .entry(line.start)
                        .or_insert_with(|| Rc::from(index.on_line(file, &line)));
                    self.of_line(&written, place, line, objects);
                    continue;
                }
                let headed = layout.headed(number, at.start);
                let objects = match &headed {
                    Some(part) => inside
                        .entry(part.start)
                        .or_insert_with(|| Rc::from(index.inside(file, part)))
                        .clone(),
                    None => Rc::from(index.at(file, lines.content(&text[..part.end], at.end))),
                };
                if headed.is_none() && objects.is_empty() {
                    self.findings.push(astray(place));
                    continue;
                }
                self.add(&written, place, None, &objects);
            }
        }
    }

    fn of_line(
        &mut self,
        written: &Written<'_>,
        place: Span,
        line: Range<usize>,
        objects: &Rc<[usize]>,
    ) {
        self.lines.insert((place.file, line.start), line.end);
        self.add(written, place, Some(Target::Line(place.file, line.start)), objects);
    }

    fn annotations(&mut self, index: &Index<'_>, sources: &Sources) {
        // One line of a template makes the annotation of several objects.
        let mut by_place: BTreeMap<(Span, &str), Vec<usize>> = BTreeMap::new();
        for (number, object) in index.objects().iter().enumerate() {
            if let Some((text, place)) = object.annotation() {
                by_place.entry((place, text)).or_default().push(number);
            }
        }
        for ((whole, text), objects) in by_place {
            let objects = Rc::from(objects);
            let mut rest = whole;
            for line in written::lines(text) {
                // Escapes, folds and expressions: then the whole of it is the place.
                let at = sources.slice(rest).find(line);
                let place = at.map_or(whole, |at| {
                    let start = rest.range().start + at;
                    rest.start = Span::new(whole.file, start..start + line.len()).end;
                    Span::new(whole.file, start..start + line.len())
                });
                self.add(&written::annotation(line), place, None, &objects);
            }
        }
    }

    fn add(
        &mut self,
        written: &Written<'_>,
        place: Span,
        line: Option<Target>,
        objects: &Rc<[usize]>,
    ) {
        let ids = written::checks(written, place, &mut self.findings, &mut self.unknown);
        let (reason, objects) = (written.reason.to_owned(), objects.clone());
        let silencer = Silencer { place, reason, ids, line, objects };
        for target in silencer.targets() {
            for id in &silencer.ids {
                self.first.entry((target, id)).or_insert(self.all.len());
            }
        }
        self.all.push(silencer);
    }

    /// The first silencer of a finding. All that would do are used.
    pub(super) fn silence(&mut self, finding: &Finding, index: &Index<'_>) -> Option<&Silencer> {
        if self.all.is_empty() {
            return None;
        }
        let on_line = |span: Span| {
            let (file, at) = (span.file, span.range().start);
            let (&(known, start), &end) = self.lines.range(..=(file, at)).next_back()?;
            (known == file && at < end).then_some(Target::Line(file, start))
        };
        let lines = finding.labels.iter().filter_map(|label| on_line(label.span));
        let objects = index.about(finding).into_iter().map(Target::Object);
        let targets: Vec<Target> = lines.chain(objects).collect();
        let mut first = None;
        for target in targets {
            if let Some((&key, &number)) = self.first.get_key_value(&(target, finding.id)) {
                self.used.insert(key);
                first = first.into_iter().chain([number]).min();
            }
        }
        first.map(|number| &self.all[number])
    }

    /// A warning for each check that a silencer names in vain. `can_tell` says whether the check had
    /// a look at an object, in all its forms.
    pub(super) fn unused(&self, can_tell: impl Fn(&'static str, usize) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for silencer in self.all.iter().filter(|silencer| !silencer.objects.is_empty()) {
            for &id in &silencer.ids {
                let is_used = silencer.targets().any(|target| self.used.contains(&(target, id)));
                if !is_used && silencer.objects.iter().all(|&number| can_tell(id, number)) {
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

fn astray(place: Span) -> Finding {
    let why = "`ignore-object` stands above no object".to_owned();
    written::wrong(place, why)
        .help("put it on a line of its own, above the first field of the object or above the item of the list that the object is")
}
