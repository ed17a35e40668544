//! Judging some documents of a file.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::judges::Judges;
use super::kept::{Kept, Lines};
use super::list::{List, lacking, list};
use super::object::{Tally, Told};
use super::outcome::{Judged, Options, Outcome};
use super::together::unit;
use crate::check::registry::Reach;
use crate::check::{Fault, Reason as Cause, Verdict};
use crate::diagnostic::Finding;
use crate::facts::{self, Reading};
use crate::load::manifest::{self, Content, Piece, Reason, classify, classify_broken};
use crate::load::yaml_finding;
use crate::model::{ObjectKey, own_items};
use crate::policy::{
    Extent, Looked, Object, Policy, by_keys, may_silence, may_silence_reach, path_of_key,
};
use crate::report;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, MAX_DOCUMENT_BYTES, Node, Read, Value};

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
        unit: unit(path).into(),
        piece,
        judge,
        options,
        policy,
        may_silence: may_silence(&piece.text),
        has_parts: [".svc", "://", "kubevip"].iter().any(|mark| piece.text.contains(mark))
            || (piece.text.contains("ConfigMap") && piece.text.contains('=')),
        objects: Vec::new(),
        shown: Vec::new(),
        file,
        sources: OnceCell::new(),
        findings: Vec::new(),
        directives: Vec::new(),
        tally: Tally::default(),
        facts: Vec::new(),
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
    /// Its directory.
    unit: Arc<str>,
    piece: &'w Piece,
    judge: &'w Judges<'w>,
    options: Options,
    policy: &'w Policy,
    may_silence: bool,
    /// Whether there may be something in its texts that is pointed at: hosts, addresses,
    /// connection strings in files.
    has_parts: bool,
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
    facts: Vec<facts::Object>,
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
        if self.options.is_kustomization {
            let node = read.documents.iter().find_map(|document| document.node.as_ref());
            // Comments before the first separator are no document for kustomize.
            if node.is_none() && range.len() < self.piece.text.len() {
                return;
            }
            let place = Span::new(self.file, range.start..range.start);
            self.findings.extend(manifest::kustomization_findings(node, place));
            return self.skipped.push((Reason::Kustomization, range.start));
        }
        let Some(document) = read.documents.into_iter().next() else { return };
        // kubectl passes over a document that is null.
        let Some(node) = document.node.filter(|node| !node.is_null()) else { return };
        let directives = std::mem::take(&mut self.directives);
        let mut flaws: Vec<Finding> = read.faults.iter().map(yaml_finding).collect();
        flaws.extend(directives);
        flaws.sort_by_key(|flaw| Reverse(start_of(flaw)));
        self.value(node, document.span.start as usize, flaws);
    }

    /// Judges the objects in a value. What reading it has found wrong, the last first, is told of the
    /// object that it lies in, or else of the one that follows.
    fn value(&mut self, node: Node, at: usize, mut flaws: Vec<Finding>) {
        let is_strict = match list(&node) {
            List::None => return self.object(&node, at, flaws),
            List::Skip(reason) => return self.skipped.push((reason, at)),
            List::Faulty(message) => {
                self.findings.append(&mut flaws);
                return self.invalid_list(&node, message);
            }
            List::Items { is_strict } => is_strict,
        };
        for item in own_items(node) {
            let place = item.span;
            let end = place.end.max(place.start + 1);
            let from = flaws.partition_point(|flaw| start_of(flaw) >= Some(end));
            let own = flaws.split_off(from);
            if !is_strict || matches!(list(&item), List::None) {
                let lacks = if is_strict { lacking(&item) } else { None };
                let content = lacks.map_or_else(|| classify(&item), Content::Lacks);
                self.classified(content, &item, place.start as usize, own);
                continue;
            }
            if is_strict {
                self.invalid_list(&item, "a list inside a list".to_owned());
            }
            self.value(item, place.start as usize, own);
        }
        self.findings.append(&mut flaws);
    }

    fn invalid_list(&mut self, node: &Node, message: String) {
        let place = node.as_map().and_then(first_key).unwrap_or(node.span);
        self.invalid(
            Finding::error("list-invalid", message)
                .at(place, "")
                .about(ObjectKey::of(node).to_string())
                .help("list objects under `items`, or write them as documents between `---`"),
        );
    }

    fn object(&mut self, node: &Node, at: usize, flaws: Vec<Finding>) {
        self.classified(classify(node), node, at, flaws);
    }

    /// Judges what may be an object, of which reading has found these flaws.
    fn classified(&mut self, content: Content, node: &Node, at: usize, mut flaws: Vec<Finding>) {
        let about = ObjectKey::of(node).to_string();
        let mut verdict = match content {
            Content::Object => self.judge.object(node, self.path),
            _ => Verdict::default(),
        };
        let lacks = |fault: &Fault| fault.reason == Some(Cause::Required);
        if self.options.is_patch && verdict.faults.iter().any(lacks) {
            return self.skipped.push((Reason::Patch, at));
        }
        if matches!(content, Content::Object | Content::Skip(Reason::Encrypted)) {
            self.facts(node, content == Content::Object);
        }
        let is_flawed = !flaws.is_empty();
        let is_judged = !matches!(content, Content::Skip(_));
        if is_judged {
            ascribe(&mut flaws, node, &self.piece.text);
            self.findings.append(&mut flaws);
        }
        match content {
            Content::Skip(reason) => self.skipped.push((reason, at)),
            Content::Lacks(field) => {
                let span = Span::new(self.file, at..at);
                self.objects.push(Object::new(node, about.clone(), None, &verdict));
                let stated = node.get(field).filter(|value| !value.is_null());
                let message = match (&node.value, stated) {
                    (Value::Map(_), None) => format!("the object has no `{field}`"),
                    (_, Some(value)) if value.as_str().is_none() => {
                        format!("`{field}` must be text, not {}", value.type_name())
                    }
                    (_, Some(_)) => format!("`{field}` is empty"),
                    _ => format!("an item of the list is {}, no object", node.type_name()),
                };
                let place = stated.map(|value| value.span);
                let place = place.or_else(|| node.as_map().and_then(first_key)).unwrap_or(span);
                self.invalid(
                    Finding::error("object-incomplete", message)
                        .at(place, "")
                        .about(about)
                        .field(field),
                );
            }
            Content::Object => {
                let changes = self.options.changes;
                let all = verdict.faults.len();
                verdict.faults.retain(|fault| !changes.may_mend(fault.id, &fault.path));
                self.tally.left_to_kustomize += all - verdict.faults.len();
                if self.may_silence || !Object::is_judged(&verdict) {
                    self.objects.push(Object::new(node, about.clone(), None, &verdict));
                }
                let sources = || self.sources.get_or_init(|| only(&self.piece.text));
                let told = Told { denied: self.options.denied, is_flawed };
                let (found, verdict) = self.tally.take(node, &about, verdict, told, sources);
                if self.options.objects {
                    self.shown.push((ObjectKey::of(node), at, verdict));
                }
                self.findings.extend(found);
            }
        }
    }

    /// Keeps what an object says. Of one that is encrypted only who it is can be read.
    fn facts(&mut self, node: &Node, is_plain: bool) {
        let Some(source) = self.options.source else { return };
        let is_cluster_wide = self.judge.is_cluster_wide(node);
        let sources = self.has_parts.then(|| self.sources.get_or_init(|| only(&self.piece.text)));
        let reading = Reading { file: Some(source), unit: &self.unit, is_cluster_wide, sources };
        let mut object = reading.object(node);
        if !is_plain {
            object.references = Box::default();
            object.hosts = Box::default();
        }
        self.facts.push(object);
    }

    fn broken(&mut self, text: &str, start: usize, fault: &yaml::Fault) {
        let is_directive = |line: &str| line.starts_with(['%', '#']) || line.trim().is_empty();
        if text.trim_start_matches('\u{feff}').lines().all(is_directive) && text.contains('%') {
            return self.directives.push(yaml_finding(fault));
        }
        let at = (fault.span.start as usize).saturating_sub(start);
        match classify_broken(text, at) {
            Some(Reason::NotYaml) | None if self.options.is_kustomization => {
                let note = "kustomize refuses this kustomization and all that refer to it";
                self.findings.push(yaml_finding(fault).note(note));
                self.skipped.push((Reason::Kustomization, start));
            }
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
        let extent = Extent { only: Some(Reach::One), ..Extent::default() };
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
            facts: self.facts,
            silences_whole: self.may_silence && may_silence_reach(text, Reach::All),
            skipped,
        }
    }
}

fn start_of(finding: &Finding) -> Option<u32> {
    finding.labels.first().map(|label| label.span.start)
}

/// Says of flaws which object they are in, and at which key of it.
fn ascribe(flaws: &mut [Finding], object: &Node, text: &str) {
    for flaw in flaws {
        flaw.object = Some(ObjectKey::of(object).to_string());
        let Some(place) = flaw.labels.first().map(|label| label.span) else { continue };
        if !(object.span.start..object.span.end).contains(&place.start) {
            continue;
        }
        let key = text.get(place.range()).unwrap_or_default().trim_matches(['"', '\'']);
        let field = path_of_key(object, place, key);
        flaw.keyed_field = field.contains('[').then(|| by_keys(object, &field));
        flaw.field = Some(field);
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
