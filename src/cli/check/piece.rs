//! Judging some documents of a file.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::judges::Judges;
use super::kept::{Kept, Lines};
use super::object::{Denied, Tally};
use crate::check::{Fault, Reason as Cause, Verdict};
use crate::diagnostic::Finding;
use crate::load::manifest::{self, Content, Piece, Reason, classify, classify_broken};
use crate::load::yaml_finding;
use crate::model::{ObjectKey, is_list, items};
use crate::policy::{Extent, Looked, Object, Policy, by_keys, may_silence, path_of_key};
use crate::report;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, MAX_DOCUMENT_BYTES, Node, Read};

/// What is wanted beside findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub(super) denied: Denied,
    /// Whether the objects that were judged are shown.
    pub(super) objects: bool,
}

/// An object that was judged.
#[derive(Debug)]
pub(super) struct Judged {
    key: ObjectKey,
    line: usize,
    column: usize,
    verdict: report::Verdict,
}

impl Judged {
    /// The object as reports show it.
    pub(super) fn of(self, file: &Arc<str>) -> report::Object {
        let Self { key, line, column, verdict } = self;
        report::Object { key, file: file.clone(), line, column, environment: None, verdict }
    }
}

/// What came of some documents.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) tally: Tally,
    pub(super) findings: Vec<Kept>,
    /// What is wrong with silencers.
    pub(super) remarks: Vec<Kept>,
    /// Findings with the place of the silencer as their last label, and its reason.
    pub(super) silenced: Vec<(Kept, String)>,
    /// Objects of which not all rules had a look.
    pub(super) unjudged: Vec<Object>,
    /// The objects, where they are wanted.
    pub(super) objects: Vec<Judged>,
    /// Documents that were not judged, by reason: how many, and the line of the first.
    pub(super) skipped: BTreeMap<Reason, (usize, usize)>,
}

/// Judges the documents of a piece.
pub(super) fn judge(
    piece: &Piece,
    judge: &Judges<'_>,
    options: Options,
    policy: &Policy,
) -> Outcome {
    // Places are offsets into the piece; it is no source by itself.
    let file = Sources::default().add("", "");
    let mut work = Work {
        piece,
        judge,
        options,
        policy,
        may_silence: may_silence(&piece.text),
        objects: Vec::new(),
        shown: Vec::new(),
        file,
        sources: OnceCell::new(),
        findings: Vec::new(),
        directives: Vec::new(),
        tally: Tally::default(),
        skipped: Vec::new(),
    };
    if piece.too_large {
        work.too_large();
    } else {
        manifest::read_each(file, &piece.text, |range, read| work.document(&range, read));
    }
    work.finish()
}

struct Work<'w> {
    piece: &'w Piece,
    judge: &'w Judges<'w>,
    options: Options,
    policy: &'w Policy,
    may_silence: bool,
    /// All of them where something can be silenced, else those that were not judged by all rules.
    objects: Vec<Object>,
    /// The objects that reports show, with their places.
    shown: Vec<(ObjectKey, usize, report::Verdict)>,
    file: FileId,
    /// The text of the piece under that number, from the first fault on.
    sources: OnceCell<Sources>,
    findings: Vec<Finding>,
    /// Faults of directives, which are told where an object follows.
    directives: Vec<Finding>,
    tally: Tally,
    /// Reasons with the places of the documents.
    skipped: Vec<(Reason, usize)>,
}

impl Work<'_> {
    fn document(&mut self, range: &Range<usize>, read: Read) {
        let text = &self.piece.text[range.clone()];
        if self.piece.is_lossy
            && let Some(at) = text.find(char::REPLACEMENT_CHARACTER)
        {
            return self.not_utf8(text, range.start, at);
        }
        if manifest::is_template(text) {
            return self.skipped.push((Reason::Template, range.start));
        }
        let fatal = read.faults.iter().find(|fault| fault.kind.is_fatal());
        if let Some(fault) = fatal {
            return self.broken(text, range.start, fault);
        }
        let Some(document) = read.documents.into_iter().next() else { return };
        let Some(node) = document.node else { return };
        let before = self.findings.len();
        let mut faults: Vec<Finding> = read.faults.iter().map(yaml_finding).collect();
        faults.sort_by_key(start_of);
        let is_judged = self.value(node, document.span.start as usize, &mut faults);
        let directives = std::mem::take(&mut self.directives);
        if is_judged {
            self.findings.splice(before..before, directives.into_iter().chain(faults));
        }
    }

    /// Judges the objects in a value, and says whether there are any. What the reader found in one
    /// of them is about it; `faults` are in order.
    fn value(&mut self, node: Node, at: usize, faults: &mut [Finding]) -> bool {
        if !is_list(&node) {
            ascribe(faults, &node, &self.piece.text);
            return self.object(&node, at);
        }
        let mut is_judged = false;
        for item in items(node) {
            let from = faults.partition_point(|fault| start_of(fault) < Some(item.span.start));
            let to = faults.partition_point(|fault| start_of(fault) < Some(item.span.end));
            ascribe(&mut faults[from..to.max(from)], &item, &self.piece.text);
            let at = item.span.start as usize;
            is_judged |= self.object(&item, at);
        }
        is_judged
    }

    fn object(&mut self, node: &Node, at: usize) -> bool {
        match classify(node) {
            Content::Skip(reason) => {
                self.skipped.push((reason, at));
                false
            }
            Content::Lacks(field) => {
                let span = Span::new(self.file, at..at);
                let message = format!("the object has no `{field}`");
                let about = ObjectKey::of(node).to_string();
                self.objects.push(Object::new(node, about.clone(), None, &Verdict::default()));
                self.findings.push(
                    Finding::error("object-incomplete", message)
                        .at(node.as_map().and_then(first_key).unwrap_or(span), "")
                        .about(about)
                        .field(field),
                );
                self.tally.objects += 1;
                self.tally.invalid += 1;
                true
            }
            Content::Object => {
                let verdict = self.judge.object(node);
                let about = ObjectKey::of(node).to_string();
                let is_told = |fault: &Fault| {
                    let is_unknown = fault.reason == Some(Cause::Unknown);
                    !manifest::concerns(node, &fault.path, is_unknown)
                };
                if self.may_silence || !Object::is_judged(&verdict) {
                    self.objects.push(Object::new(node, about.clone(), None, &verdict));
                }
                let sources = || self.sources.get_or_init(|| only(&self.piece.text));
                let denied = self.options.denied;
                let (found, verdict) =
                    self.tally.take(node, &about, verdict, denied, sources, is_told);
                if self.options.objects {
                    self.shown.push((ObjectKey::of(node), at, verdict));
                }
                self.findings.extend(found);
                true
            }
        }
    }

    fn broken(&mut self, text: &str, start: usize, fault: &yaml::Fault) {
        let is_directive = |line: &str| line.starts_with(['%', '#']) || line.trim().is_empty();
        if text.trim_start_matches('\u{feff}').lines().all(is_directive) && text.contains('%') {
            return self.directives.push(yaml_finding(fault));
        }
        let at = (fault.span.start as usize).saturating_sub(start);
        match classify_broken(text, at) {
            Some(reason) => self.skipped.push((reason, start)),
            None => self.invalid(yaml_finding(fault)),
        }
    }

    fn not_utf8(&mut self, text: &str, start: usize, at: usize) {
        match classify_broken(text, at) {
            Some(reason) => self.skipped.push((reason, start)),
            None => {
                let end = at + char::REPLACEMENT_CHARACTER.len_utf8();
                let span = Span::new(self.file, start + at..start + end);
                self.invalid(
                    Finding::error("file-not-utf8", "the manifest is not UTF-8")
                        .at(span, "no character begins with this byte")
                        .help("save the file as UTF-8"),
                );
            }
        }
    }

    fn too_large(&mut self) {
        if classify_broken(&self.piece.text, 0).is_some() {
            return self.skipped.push((Reason::TooLarge, 0));
        }
        let limit = MAX_DOCUMENT_BYTES >> 20;
        let span = Span::new(self.file, 0..0);
        let finding = Finding::error("yaml-limit", format!("a document above {limit} MiB"));
        self.invalid(finding.at(span, "").help("split it by lines of `---`"));
    }

    /// Counts an object that cannot be read.
    fn invalid(&mut self, finding: Finding) {
        self.tally.objects += 1;
        self.tally.invalid += 1;
        self.findings.push(finding);
    }

    fn finish(mut self) -> Outcome {
        let text = &self.piece.text;
        self.findings.sort_by_key(start_of);
        self.findings.dedup();
        let mut sources = Sources::default();
        sources.add("", if self.may_silence { text.as_str() } else { "" });
        let extent = Extent::default();
        let looked = Looked { sources: &sources, objects: &self.objects, extent: &extent };
        let sorted = self.policy.sort(self.findings, looked);
        let lines = Lines::new(text, self.piece.first_line);
        let keep_all = |findings: Vec<Finding>| {
            findings.into_iter().map(|finding| Kept::new(finding, &lines)).collect()
        };
        let findings = keep_all(sorted.shown);
        let remarks = keep_all(sorted.remarks);
        let silenced = sorted.silenced.into_iter().map(|one| {
            let finding = one.finding.at(one.place, "");
            (Kept::new(finding, &lines), one.reason)
        });
        let silenced = silenced.collect();
        self.objects.retain(|object| !object.was_judged());
        let mut skipped = BTreeMap::new();
        for (reason, at) in self.skipped {
            let line = lines.of(at);
            skipped.entry(reason).or_insert((0, line)).0 += 1;
        }
        let shown = self.shown.into_iter().map(|(key, at, verdict)| {
            let line = lines.of(at);
            let column = text[lines.start(at)..at].chars().count() + 1;
            Judged { key, line, column, verdict }
        });
        Outcome {
            tally: self.tally,
            findings,
            remarks,
            silenced,
            unjudged: self.objects,
            objects: shown.collect(),
            skipped,
        }
    }
}

fn start_of(finding: &Finding) -> Option<u32> {
    finding.labels.first().map(|label| label.span.start)
}

/// Says of faults which object they are in, and at which key of it.
fn ascribe(faults: &mut [Finding], object: &Node, text: &str) {
    for fault in faults {
        let Some(place) = fault.labels.first().map(|label| label.span) else { continue };
        let key = text.get(place.range()).unwrap_or_default().trim_matches(['"', '\'']);
        let field = path_of_key(object, place, key);
        fault.object = Some(ObjectKey::of(object).to_string());
        fault.keyed_field = field.contains('[').then(|| by_keys(object, &field));
        fault.field = Some(field);
    }
}

/// Sources with one text; it has the number that places in a piece name.
fn only(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add("", text);
    sources
}

fn first_key(map: &yaml::Map) -> Option<Span> {
    map.iter().next().map(|(key, _)| key.span)
}
