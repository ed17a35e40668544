//! Judging the objects in files.

use std::io::{self, Cursor};

use rayon::prelude::*;

use super::first_look::{Content, look};
use super::judges::{Alternatives, Judges};
use super::object::Denied;
use super::piece::{self, Outcome};
use super::summary::{Skipped, Summary};
use crate::cli::Streams;
use crate::cli::args::{Args, CheckArgs};
use crate::cli::output::{exit_code, print_findings, write_all};
use crate::diagnostic::Finding;
use crate::load::manifest::{self, File, Piece, Pieces, Reason};
use crate::report::{self, Counts};
use crate::schema::NEWEST;
use crate::source::Sources;
use crate::world::named;

/// Files that are read side by side before their results are put in order.
const BATCH: usize = 256;

/// Judges every object in the files that were named.
pub(in crate::cli) fn run(
    args: &Args,
    check: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let found = manifest::find(&check.paths)?;
    let mut sources = Sources::default();
    let schemas = super::schemas(args, check, &mut sources)?;
    let mut findings = found.findings;
    findings.extend(schemas.findings.iter().cloned().chain(schemas.definitions().1));
    let (contents, crds) = look(&found.files);
    let alternatives = Alternatives::new(&schemas, &crds);
    drop(crds);
    let minor = check.kubernetes_version.map_or(NEWEST, |version| version.0);
    let judge = alternatives.judges(minor);
    let mut run = Run {
        judge: &judge,
        denied: Denied::of(args),
        sources,
        findings,
        summary: Summary { minor, ..Summary::default() },
    };
    run.files(&found.files, contents);
    let Run { sources, mut findings, summary, .. } = run;
    if check.strict_files {
        let gaps = summary.skipped.iter().filter(|skipped| skipped.reason.leaves_gap());
        findings.extend(gaps.map(Skipped::finding));
    }
    write_all(
        args,
        streams,
        |stream, color| {
            print_findings(args, &findings, &sources, color, stream)?;
            if args.quiet {
                return Ok(());
            }
            summary.write(Counts::of(&findings), check.show_skipped, stream)
        },
        || {
            let mut document = report::json(&findings, &sources, &Vec::<String>::new().into());
            summary.json(&mut document);
            document
        },
    )?;
    Ok(exit_code(args, &findings))
}

/// A run over files.
struct Run<'j> {
    judge: &'j Judges<'j>,
    denied: Denied,
    sources: Sources,
    findings: Vec<Finding>,
    summary: Summary,
}

/// What came of reading one file together with others.
enum Batched {
    Skipped(Reason),
    Judged(Outcome),
    /// Too large for that: it is read by itself, in pieces.
    Large(Content),
    Failed(io::Error),
}

impl Run<'_> {
    fn files(&mut self, files: &[File], contents: Vec<Content>) {
        let mut contents = contents.into_iter();
        for batch in files.chunks(BATCH) {
            let contents: Vec<_> = contents.by_ref().take(batch.len()).collect();
            let (judge, denied) = (self.judge, self.denied);
            let results: Vec<_> = batch
                .par_iter()
                .zip(contents)
                .map(|(file, content)| batched(file, content, judge, denied))
                .collect();
            for (file, result) in batch.iter().zip(results) {
                match result {
                    Batched::Skipped(reason) => self.skip(file, reason),
                    Batched::Judged(outcome) => {
                        let mut whole = Whole::default();
                        self.take(file, outcome, &mut whole);
                        self.end(file, whole);
                    }
                    Batched::Large(content) => self.large(file, content),
                    Batched::Failed(error) => self.failed(file, &error),
                }
            }
        }
    }

    /// Judges a file that is too large to be held: some pieces at a time, side by side.
    fn large(&mut self, file: &File, content: Content) {
        let reader = match (content, &file.path) {
            (Content::Stream(reader), _) => Ok(reader),
            (_, Some(path)) => named::open(path),
            (_, None) => Ok(named::standard_input()),
        };
        let mut whole = Whole::default();
        let end = reader.and_then(|reader| {
            let mut pieces = Pieces::new(reader);
            let (judge, denied) = (self.judge, self.denied);
            loop {
                let mut some: Vec<Piece> = Vec::new();
                while some.len() < 2 * rayon::current_num_threads() {
                    match pieces.read()? {
                        Some(piece) => some.push(piece),
                        None => break,
                    }
                }
                if some.is_empty() {
                    return Ok(());
                }
                let outcomes: Vec<_> =
                    some.par_iter().map(|piece| piece::judge(piece, judge, denied)).collect();
                for outcome in outcomes {
                    self.take(file, outcome, &mut whole);
                }
            }
        });
        match end {
            Ok(()) => self.end(file, whole),
            Err(error) => self.failed(file, &error),
        }
    }

    fn take(&mut self, file: &File, outcome: Outcome, whole: &mut Whole) {
        whole.objects += outcome.tally.objects;
        self.summary.tally.add(&outcome.tally);
        let sources = &mut self.sources;
        self.findings
            .extend(outcome.findings.into_iter().map(|kept| kept.place(&file.shown, sources)));
        for (reason, (count, line)) in outcome.skipped {
            whole.skipped.entry(reason).or_insert((0, line)).0 += count;
        }
    }

    /// Counts a file whose documents have all been seen.
    fn end(&mut self, file: &File, whole: Whole) {
        let first = whole.skipped.iter().min_by_key(|(_, (_, line))| *line);
        if whole.objects == 0 {
            return self.skip(file, first.map_or(Reason::Empty, |(reason, _)| *reason));
        }
        self.summary.files += 1;
        for (reason, documents) in whole.skipped {
            let file = file.shown.to_string();
            self.summary.skipped.push(Skipped { file, reason, documents: Some(documents) });
        }
    }

    fn skip(&mut self, file: &File, reason: Reason) {
        let reason = manifest::nature(&file.shown, reason);
        let file = file.shown.to_string();
        self.summary.skipped.push(Skipped { file, reason, documents: None });
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
struct Whole {
    objects: usize,
    skipped: std::collections::BTreeMap<Reason, (usize, usize)>,
}

/// Judges one file, unless it is large.
fn batched(file: &File, content: Content, judge: &Judges<'_>, denied: Denied) -> Batched {
    if let Some(reason) = file.skip {
        return Batched::Skipped(reason);
    }
    let read = match (content, &file.path) {
        (Content::Kept(bytes), _) => only_piece(Cursor::new(bytes)),
        (Content::Dropped, Some(path)) => named::open(path).and_then(only_piece),
        (content, _) => return Batched::Large(content),
    };
    match read {
        Ok(Some(piece)) => Batched::Judged(piece::judge(&piece, judge, denied)),
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
