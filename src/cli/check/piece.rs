//! Judging some documents of a file.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::judges::Judges;
use super::object::{Denied, Tally};
use crate::diagnostic::{Finding, Label};
use crate::load::manifest::{self, Content, Piece, Reason, classify, classify_broken};
use crate::load::yaml_finding;
use crate::model::{ObjectKey, is_list, items};
use crate::policy::{Extent, Looked, Object, Policy, may_silence};
use crate::report;
use crate::schema::{NEWEST, pack};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, MAX_DOCUMENT_BYTES, Node, Read};

/// Lines that are kept around what a finding speaks of.
const CONTEXT: usize = 2;

/// Bytes that are kept of what a finding speaks of.
const KEPT_BYTES: usize = 64 << 10;

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

/// A finding with the lines that it speaks of; the places are offsets into them.
#[derive(Debug)]
pub(super) struct Kept {
    finding: Finding,
    text: String,
    first_line: usize,
}

impl Kept {
    /// The finding, with its lines among the sources.
    pub(super) fn place(mut self, path: &Arc<str>, sources: &mut Sources) -> Finding {
        let file = sources.add_part(path.clone(), self.text, self.first_line);
        for label in &mut self.finding.labels {
            label.span.file = file;
        }
        self.finding
    }
}

/// Judges the documents of a piece of the file at a path.
pub(super) fn judge(
    path: &str,
    piece: &Piece,
    judge: &Judges<'_>,
    options: Options,
    policy: &Policy,
) -> Outcome {
    // Places are offsets into the piece; it is no source by itself.
    let file = Sources::default().add("", "");
    let mut work = Work {
        path,
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
    path: &'w str,
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
        let is_judged = self.value(node, document.span.start as usize);
        let directives = std::mem::take(&mut self.directives);
        if is_judged {
            let faults = directives.into_iter().chain(read.faults.iter().map(yaml_finding));
            self.findings.splice(before..before, faults);
        }
    }

    /// Judges the objects in a value, and says whether there are any.
    fn value(&mut self, node: Node, at: usize) -> bool {
        if !is_list(&node) {
            return self.object(&node, at);
        }
        let mut is_judged = false;
        for item in items(node) {
            let at = item.span.start as usize;
            is_judged |= self.object(&item, at);
        }
        is_judged
    }

    fn object(&mut self, node: &Node, at: usize) -> bool {
        let content = match classify(node) {
            // Too many slashes in the version of a kind of Kubernetes' own are a mistake in it.
            Content::Skip(Reason::NoManifest) if overdoes_version(node) => Content::Object,
            content => content,
        };
        match content {
            Content::Skip(reason) => {
                self.skipped.push((reason, at));
                false
            }
            Content::Lacks(field) => {
                let span = Span::new(self.file, at..at);
                let stated = node.get(field).filter(|value| !value.is_null());
                let message = match stated {
                    Some(value) if value.as_str().is_none() => {
                        format!("`{field}` must be text, not {}", value.type_name())
                    }
                    Some(_) => format!("`{field}` is empty"),
                    None => format!("the object has no `{field}`"),
                };
                let place = stated.map(|value| value.span);
                let place = place.or_else(|| node.as_map().and_then(first_key)).unwrap_or(span);
                self.findings.push(
                    Finding::error("object-incomplete", message)
                        .at(place, "")
                        .about(ObjectKey::of(node).to_string())
                        .field(field),
                );
                self.tally.objects += 1;
                self.tally.invalid += 1;
                true
            }
            Content::Object => {
                let verdict = self.judge.object(node, self.path);
                let about = ObjectKey::of(node).to_string();
                if self.may_silence || !Object::is_judged(&verdict) {
                    self.objects.push(Object::new(node, about.clone(), None, &verdict));
                }
                let sources = || self.sources.get_or_init(|| only(&self.piece.text));
                let denied = self.options.denied;
                let (found, verdict) = self.tally.take(node, &about, verdict, denied, sources);
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
        let start = |finding: &Finding| finding.labels.first().map(|label| label.span.start);
        self.findings.sort_by_key(start);
        self.findings.dedup();
        let mut sources = Sources::default();
        sources.add("", if self.may_silence { text.as_str() } else { "" });
        let extent = Extent::default();
        let looked = Looked { sources: &sources, objects: &self.objects, extent: &extent };
        let sorted = self.policy.sort(self.findings, looked);
        let mut lines = Lines { text, at: 0, line: self.piece.first_line };
        let mut keep_all = |findings: Vec<Finding>| {
            findings.into_iter().map(|finding| keep(finding, &mut lines)).collect()
        };
        let findings = keep_all(sorted.shown);
        let remarks = keep_all(sorted.remarks);
        let mut lines = Lines { text, at: 0, line: self.piece.first_line };
        let silenced = sorted.silenced.into_iter().map(|one| {
            let finding = one.finding.at(one.place, "");
            (keep(finding, &mut lines), one.reason)
        });
        let silenced = silenced.collect();
        self.objects.retain(|object| !object.was_judged());
        let mut lines = Lines { text, at: 0, line: self.piece.first_line };
        let mut skipped = BTreeMap::new();
        for (reason, at) in self.skipped {
            let line = lines.of(at);
            skipped.entry(reason).or_insert((0, line)).0 += 1;
        }
        let mut lines = Lines { text, at: 0, line: self.piece.first_line };
        let shown = self.shown.into_iter().map(|(key, at, verdict)| {
            let line = lines.of(at);
            let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let column = text[start..at].chars().count() + 1;
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

/// Sources with one text; it has the number that places in a piece name.
fn only(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add("", text);
    sources
}

/// Whether an object of a kind of Kubernetes' own states more than `group/version`.
fn overdoes_version(node: &Node) -> bool {
    let text = |name| node.get(name).and_then(Node::as_str).unwrap_or_default();
    text("apiVersion").matches('/').count() > 1
        && pack(NEWEST).resources().any(|known| &*known.kind == text("kind"))
}

fn first_key(map: &yaml::Map) -> Option<Span> {
    map.iter().next().map(|(key, _)| key.span)
}

/// Numbers of lines, quick where they are asked for in order.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> usize {
        let count = |range: Range<usize>| {
            self.text.as_bytes()[range].iter().filter(|&&byte| byte == b'\n').count()
        };
        if at >= self.at {
            self.line += count(self.at..at);
        } else {
            self.line -= count(at..self.at);
        }
        self.at = at;
        self.line
    }
}

/// Cuts out the lines that a finding speaks of.
fn keep(mut finding: Finding, lines: &mut Lines<'_>) -> Kept {
    let text = lines.text;
    let first = finding.labels.iter().map(|label| label.span.start).min().unwrap_or(0) as usize;
    let last = finding.labels.iter().map(|label| label.span.end).max().unwrap_or(0) as usize;
    let bytes = text.as_bytes();
    let mut start = first.min(text.len());
    for _ in 0..=CONTEXT {
        start = bytes[..start].iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
    }
    if start > 0 {
        start += 1;
    }
    let mut end = last.min(start + KEPT_BYTES).min(text.len());
    for _ in 0..=CONTEXT {
        let next = bytes[end..].iter().position(|&byte| byte == b'\n');
        end = next.map_or(text.len(), |length| end + length + 1);
    }
    let end = end.min(start + 2 * KEPT_BYTES);
    let end = (start..=end).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(start);
    let shift = |offset: u32| {
        let offset = (offset as usize).saturating_sub(start).min(end - start);
        u32::try_from(offset).unwrap_or(u32::MAX)
    };
    for Label { span, .. } in &mut finding.labels {
        (span.start, span.end) = (shift(span.start), shift(span.end));
    }
    let first_line = lines.of(start);
    Kept { finding, text: text[start..end].to_owned(), first_line }
}
