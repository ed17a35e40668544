//! Judging the objects in files.

use std::collections::HashSet;
use std::io::{self, Cursor};

use rayon::prelude::*;

use super::first_look::{Content, look};
use super::judges::{Alternatives, Judges};
use super::kept::Kept;
use super::object::Denied;
use super::outcome::{Options, Outcome};
use super::piece;
use super::summary::{Skipped, Summary};
use super::together::Together;
use super::tree;
use crate::check::Judge;
use crate::check::registry::Reach;
use crate::cli::Streams;
use crate::cli::args::{Args, CheckArgs};
use crate::cli::guard;
use crate::cli::output::{exit_code, settle, wants_objects, write_report};
use crate::cli::policy::{self, Settled};
use crate::cli::progress::Progress;
use crate::diagnostic::Finding;
use crate::facts::Extent as Known;
use crate::load::manifest::{self, File, Piece, Pieces, Reason};
use crate::load::nearest_settings;
use crate::policy::{Extent, Looked, Object, Policy, Silenced, Sorted};
use crate::report::{self, Counts, Report};
use crate::schema::NEWEST;
use crate::source::{FileId, Sources};
use crate::world::{current_directory, is_directory, named};

/// Files that are read side by side before their results are put in order.
const BATCH: usize = 256;

/// Judges every object in the files that were named.
pub(in crate::cli) fn run(
    args: &Args,
    check: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let mut found = manifest::find(&check.paths)?;
    let mut sources = Sources::default();
    let schemas = super::schemas(args, &check.schemas, &mut sources)?;
    let known = crate::cli::argocd::Known::read(&check.known, &mut sources)?;
    let mut findings = found.findings;
    let directory = args.repo.clone().map_or_else(current_directory, Ok)?;
    let settings = nearest_settings(&directory, &mut sources, &mut findings);
    let shown: Vec<String> = check.paths.iter().map(|path| manifest::shown(path)).collect();
    let command = policy::command(args, check, shown.iter().map(|path| policy::shell(path)));
    let settled = Settled::open(&check.policy, &settings, &command, &mut findings)?;
    found.files.retain(|file| !file.path.as_ref().is_some_and(|path| settled.is_baseline(path)));
    findings.extend(schemas.findings.iter().cloned().chain(schemas.definitions().1));
    let (contents, crds) = look(&found.files);
    let alternatives = Alternatives::new(&schemas, &crds);
    drop(crds);
    // Standard input, where somebody may still be typing, has been read.
    let progress = Progress::begin(args, streams);
    let minor = check.kubernetes_version.map_or(NEWEST, |version| version.0);
    let judge = alternatives.judges(minor);
    let denied = Denied::of(args);
    let wants = |reach| settled.policy().wants(reach);
    let wants_whole = wants(Reach::All) || wants(Reach::Tree);
    let mut run = Run {
        together: wants_whole.then(Together::default),
        judge: &judge,
        options: Options { denied, objects: wants_objects(args), ..Options::default() },
        sources,
        policy: settled.policy(),
        findings,
        sorted: Sorted::default(),
        unjudged: Vec::new(),
        objects: Vec::new(),
        summary: Summary { minor, ..Summary::default() },
        progress: &progress,
    };
    run.files(&found.files, contents);
    let Run {
        mut sources, mut findings, mut sorted, unjudged, objects, mut summary, together, ..
    } = run;
    let follows = settled.policy().wants(Reach::Tree)
        && together.as_ref().is_some_and(Together::has_applications);
    progress.stage("judging all objects together", 0);
    if follows {
        let (definitions, _) = schemas.definitions();
        let judge = Judge::new(minor, &definitions);
        let (policy, files) = (settled.policy(), &*found.files);
        let mut found =
            tree::of_paths((&check.paths, files), &known, &judge, policy, &mut sources)?;
        sorted.shown.append(&mut found.shown);
        sorted.silenced.append(&mut found.silenced);
        sorted.remarks.append(&mut found.remarks);
    }
    if let Some(together) = together {
        let is_tree = check.paths.iter().any(|path| is_directory(path));
        let known = if is_tree { Known::Tree } else { Known::Files };
        let (mut found, unknown) =
            together.conclude(&found.files, &mut sources, settled.policy(), known, denied);
        sorted.shown.append(&mut found.shown);
        sorted.silenced.append(&mut found.silenced);
        sorted.remarks.append(&mut found.remarks);
        summary.tally.unknown_references = unknown;
    }
    drop(progress);
    // Results of earlier runs lie among the files too.
    let no_manifest = [Reason::NoManifest, Reason::NotYaml, Reason::Empty, Reason::Report];
    let is_free = |one: &&Skipped| one.documents.is_none() && no_manifest.contains(&one.reason);
    let free: HashSet<&str> =
        summary.skipped.iter().filter(is_free).map(|skipped| &*skipped.file).collect();
    let checked = found.files.iter().filter(|file| !free.contains(&*file.shown));
    guard::spare(args, checked.filter_map(|file| file.path.as_deref()))?;
    let unread = summary.skipped.iter().filter(|skipped| skipped.reason != Reason::Gone);
    let unread = unread.map(|skipped| skipped.file.clone());
    let failed = findings.iter().filter_map(|finding| finding.path.clone());
    let unread = unread.chain(failed).collect();
    let starts = shown.iter().cloned().zip(check.paths.iter().map(|path| policy::start(path)));
    let base = settled.base(starts);
    let extent = Extent { roots: shown, unread, base, ..Extent::default() };
    if check.strict_files {
        let gaps = summary.skipped.iter().filter(|skipped| skipped.reason.leaves_gap());
        let gaps: Vec<_> = gaps.map(Skipped::finding).collect();
        let nothing = Looked { sources: &sources, objects: &[], extent: &extent };
        sorted.shown.extend(settled.policy().sort(gaps, nothing).shown);
    }
    let looked = Looked { sources: &sources, objects: &unjudged, extent: &extent };
    let mut outcome = settled.conclude(sorted, looked)?;
    findings.append(&mut outcome.findings);
    let findings = settle(args, findings, &sources);
    let mut closing = Vec::new();
    if !args.quiet {
        let hidden = policy::hidden(&outcome);
        summary.write(Counts::of(&findings), &hidden, check.show_skipped, &mut closing)?;
    }
    let closing = String::from_utf8_lossy(&closing);
    let skipped: Vec<_> = summary.skipped.iter().map(Skipped::reported).collect();
    let without_schema = summary.tally.kinds();
    let mut report = Report::new(&sources, &findings)
        .judged(summary.tally.numbers(), &objects)
        .skipped(&skipped)
        .hiding(&outcome);
    report.summary.files = summary.files;
    report.kubernetes = Some(minor);
    report.without_schema = &without_schema;
    report.closing = &closing;
    let here = current_directory().ok();
    report.directory = here.as_deref();
    write_report(args, streams, report)?;
    Ok(exit_code(&findings))
}

/// A run over files.
struct Run<'j> {
    /// What the objects say together, where that is wanted.
    together: Option<Together>,
    judge: &'j Judges<'j>,
    options: Options,
    policy: &'j Policy,
    sources: Sources,
    /// What is wrong with files as a whole, which no policy is for.
    findings: Vec<Finding>,
    sorted: Sorted,
    unjudged: Vec<Object>,
    /// The objects, where a format shows them.
    objects: Vec<report::Object>,
    summary: Summary,
    progress: &'j Progress,
}

/// What came of reading one file together with others.
enum Batched {
    Skipped(Reason),
    Judged(Box<Outcome>),
    /// Too large for that: it is read by itself, in pieces.
    Large(Content),
    Failed(io::Error),
}

impl Run<'_> {
    fn files(&mut self, files: &[File], contents: Vec<Content>) {
        let mut contents = contents.into_iter();
        self.progress.stage("judging files", files.len());
        let numbered: Vec<(usize, &File)> = files.iter().enumerate().collect();
        for batch in numbered.chunks(BATCH) {
            let contents: Vec<_> = contents.by_ref().take(batch.len()).collect();
            let sources: Vec<_> = batch.iter().map(|file| self.source(*file, (0, 1))).collect();
            let (judge, options, policy) = (self.judge, self.options, self.policy);
            let progress = self.progress;
            let results: Vec<_> = batch
                .par_iter()
                .zip(contents)
                .zip(&sources)
                .map(|(((_, file), content), source)| {
                    batched(file, content, judge, options.of(file, *source), policy)
                })
                .inspect(|_| progress.step())
                .collect();
            for ((file, result), source) in batch.iter().zip(results).zip(sources) {
                match result {
                    Batched::Skipped(reason) => self.skip(file.1, reason),
                    Batched::Judged(outcome) => {
                        let mut seen = Seen::default();
                        self.take(file.1, source, *outcome, &mut seen);
                        self.end(file.1, seen);
                    }
                    Batched::Large(content) => self.large(*file, content),
                    Batched::Failed(error) => self.failed(file.1, &error),
                }
            }
        }
    }

    /// The number by which facts name the text of a piece, where they are wanted.
    fn source(&mut self, file: (usize, &File), piece: (usize, usize)) -> Option<FileId> {
        let together = self.together.as_mut()?;
        Some(together.source(&mut self.sources, file, piece))
    }

    /// Judges a file that is too large to be held: some pieces at a time, side by side.
    fn large(&mut self, (number, file): (usize, &File), content: Content) {
        let reader = match (content, &file.path) {
            (Content::Stream(reader), _) => Ok(reader),
            (_, Some(path)) => named::open(path),
            (_, None) => Ok(named::standard_input()),
        };
        let mut seen = Seen::default();
        let mut index = 0;
        let end = reader.and_then(|reader| {
            let mut pieces = Pieces::new(reader);
            let (judge, options, policy) = (self.judge, self.options, self.policy);
            loop {
                let mut some: Vec<(Piece, Option<FileId>)> = Vec::new();
                while some.len() < 2 * rayon::current_num_threads() {
                    let Some(piece) = pieces.read()? else { break };
                    let source = self.source((number, file), (index, piece.first_line));
                    if let (Some(together), Some(source), None) =
                        (&mut self.together, source, &file.path)
                    {
                        together.keep(source, &piece);
                    }
                    some.push((piece, source));
                    index += 1;
                }
                if some.is_empty() {
                    return Ok(());
                }
                let judged = |(piece, source): &(Piece, Option<FileId>)| {
                    piece::judge(&file.shown, piece, judge, options.of(file, *source), policy)
                };
                let outcomes: Vec<_> = some.par_iter().map(judged).collect();
                for ((_, source), outcome) in some.into_iter().zip(outcomes) {
                    self.take(file, source, outcome, &mut seen);
                }
            }
        });
        match end {
            Ok(()) => self.end(file, seen),
            Err(error) => self.failed(file, &error),
        }
    }

    fn take(&mut self, file: &File, source: Option<FileId>, mut outcome: Outcome, seen: &mut Seen) {
        if let (Some(together), Some(source)) = (&mut self.together, source) {
            together.take(source, &mut outcome);
        }
        seen.objects += outcome.tally.objects;
        self.summary.tally.add(&outcome.tally);
        let sources = &mut self.sources;
        let mut place = |kept: Kept| kept.place(&file.shown, sources);
        self.sorted.shown.extend(outcome.findings.into_iter().map(&mut place));
        self.sorted.remarks.extend(outcome.remarks.into_iter().map(&mut place));
        self.sorted.silenced.extend(outcome.silenced.into_iter().filter_map(|(kept, reason)| {
            let mut finding = place(kept);
            let silencer = finding.labels.pop()?;
            Some(Silenced { finding, reason, place: silencer.span })
        }));
        self.unjudged.extend(outcome.unjudged);
        self.objects.extend(outcome.objects.into_iter().map(|object| object.of(&file.shown)));
        for (reason, (count, line)) in outcome.skipped {
            seen.skipped.entry(reason).or_insert((0, line)).0 += count;
        }
    }

    /// Counts a file whose documents have all been seen.
    fn end(&mut self, file: &File, seen: Seen) {
        let first = seen.skipped.iter().min_by_key(|(_, (_, line))| *line);
        if seen.objects == 0 {
            return self.skip(file, first.map_or(Reason::Empty, |(reason, _)| *reason));
        }
        self.summary.files += 1;
        for (reason, documents) in seen.skipped {
            self.open(file, reason);
            let file = file.shown.to_string();
            self.summary.skipped.push(Skipped { file, reason, documents: Some(documents) });
        }
    }

    fn skip(&mut self, file: &File, reason: Reason) {
        self.open(file, reason);
        let reason = manifest::nature(&file.shown, reason);
        let file = file.shown.to_string();
        self.summary.skipped.push(Skipped { file, reason, documents: None });
    }

    /// Notes that objects may come out of what is not judged.
    fn open(&mut self, file: &File, reason: Reason) {
        if let Some(together) = &mut self.together {
            together.skip(file, reason);
        }
    }

    fn failed(&mut self, file: &File, error: &io::Error) {
        if error.kind() == io::ErrorKind::NotFound {
            return self.skip(file, Reason::Gone);
        }
        self.findings.push(
            Finding::error("file-unreadable", format!("`{}` cannot be read", file.shown))
                .in_file(file.shown.to_string())
                .note(error.to_string()),
        );
    }
}

/// What is known of the documents of one file so far.
#[derive(Default)]
struct Seen {
    objects: usize,
    skipped: std::collections::BTreeMap<Reason, (usize, usize)>,
}

/// Judges one file, unless it is large.
fn batched(
    file: &File,
    content: Content,
    judge: &Judges<'_>,
    options: Options,
    policy: &Policy,
) -> Batched {
    if let Some(reason) = file.skip {
        return Batched::Skipped(reason);
    }
    let read = match (content, &file.path) {
        (Content::Kept(bytes), _) => only_piece(Cursor::new(bytes)),
        (Content::Dropped, Some(path)) => named::open(path).and_then(only_piece),
        (content, _) => return Batched::Large(content),
    };
    match read {
        Ok(Some(piece)) => {
            Batched::Judged(Box::new(piece::judge(&file.shown, &piece, judge, options, policy)))
        }
        Ok(None) => Batched::Large(Content::Dropped),
        Err(error) => Batched::Failed(error),
    }
}

/// The piece that a small stream is; nothing where it is large.
fn only_piece(reader: impl io::Read) -> io::Result<Option<Piece>> {
    let mut pieces = Pieces::new(reader);
    let piece = pieces.read()?.unwrap_or_else(Piece::empty);
    Ok(pieces.is_finished().then_some(piece))
}
