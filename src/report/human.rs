//! Findings with the excerpt that they speak of.

use std::borrow::Cow;
use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Report;
use super::visible::{line, visible};
use crate::diagnostic::{Finding, Label, ORIGIN, Severity};
use crate::source::{FileId, Sources};

/// Lines shown around a label.
const CONTEXT: usize = 1;

/// Findings with their excerpts, then the notes in a line each, then what closes the run.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, color: bool) -> io::Result<()> {
    let (notes, grave): (Vec<_>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.severity == Severity::Note);
    for finding in grave {
        writeln!(out, "{}", human(finding, report.sources, color))?;
    }
    if !notes.is_empty() {
        for finding in notes {
            writeln!(out, "{}", note(finding, report.sources))?;
        }
        writeln!(out)?;
    }
    out.write_all(report.closing.as_bytes())
}

/// One finding as text, with a line break at its end.
#[must_use]
pub fn human(finding: &Finding, sources: &Sources, color: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group =
        Group::with_title(level.primary_title(visible(&finding.message)).id(finding.id));
    let mut files: Vec<FileId> = Vec::new();
    let labels = shown(&finding.labels);
    for label in &labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    if finding.is_veiled {
        for label in labels {
            let source = sources.get(label.span.file);
            let (row, column) = source.line_column(label.span.start);
            group = group.element(Origin::path(line(&source.path)).line(row).char_column(column));
        }
    } else {
        for (index, file) in files.iter().enumerate() {
            let labels: Vec<_> =
                labels.iter().copied().filter(|label| label.span.file == *file).collect();
            let source = sources.get(*file);
            if source.first_line > 0 {
                group = group.element(excerpt(sources, *file, &labels, index == 0));
                continue;
            }
            // It has a name, and no lines to show.
            group = group.element(Origin::path(line(&source.path)));
            for label in labels.iter().filter(|label| !label.text.is_empty()) {
                group = group.element(Level::NOTE.message(visible(&label.text)));
            }
        }
    }
    if let (Some(path), true) = (&finding.path, finding.labels.is_empty()) {
        group = group.element(Origin::path(line(path)));
    }
    if !finding.environments.is_empty() {
        group = group.element(
            Level::NOTE.no_name().message(line(&format!("in {}", finding.environments.join(", ")))),
        );
    }
    let about = match (&finding.object, &finding.field) {
        (Some(object), Some(field)) => Some(format!("in {object}, field `{field}`")),
        (Some(object), None) => Some(format!("in {object}")),
        (None, Some(field)) => Some(format!("field `{field}`")),
        (None, None) => None,
    };
    if let Some(about) = about {
        group = group.element(Level::NOTE.message(line(&about)));
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(visible(note)));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    text.push('\n');
    text
}

/// A note in one line: worth knowing on every run, and not worth a screen of it.
#[must_use]
pub fn note(finding: &Finding, sources: &Sources) -> String {
    let place = match (finding.labels.first(), &finding.path) {
        (Some(label), _) => format!("{}: ", sources.place(label.span)),
        (None, Some(path)) => format!("{path}: "),
        (None, None) => String::new(),
    };
    let environments = match &*finding.environments {
        [] => String::new(),
        names => format!(" (in {})", names.join(", ")),
    };
    line(&format!("note[{}]: {place}{}{environments}", finding.id, finding.message))
}

/// The labels that are shown: of many places that values come from, one for each of many
/// environments, only the first.
fn shown(labels: &[Label]) -> Vec<&Label> {
    const ORIGINS: usize = 3;
    let mut origins = 0;
    let is_shown = |label: &&Label| {
        origins += usize::from(label.text == ORIGIN);
        label.text != ORIGIN || origins <= ORIGINS
    };
    labels.iter().filter(is_shown).collect()
}

/// The lines of a file that some labels speak of. Only these are handed over, so that the cost
/// does not grow with the file.
fn excerpt<'a>(
    sources: &'a Sources,
    file: FileId,
    labels: &[&'a Label],
    primary: bool,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = sources.get(file);
    let text = &*source.text;
    let first = labels.iter().map(|label| label.span.start).min().unwrap_or(0) as usize;
    let last = labels.iter().map(|label| label.span.start).max().unwrap_or(0) as usize;
    let mut start = line_start(text, first);
    for _ in 0..CONTEXT {
        start = line_start(text, start.saturating_sub(1));
    }
    let mut end = line_end(text, last);
    for _ in 0..CONTEXT {
        end = line_end(text, (end + 1).min(text.len()));
    }
    let (number, _) = source.line_column(u32::try_from(start).unwrap_or(u32::MAX));
    let annotations = labels.iter().enumerate().map(|(index, label)| {
        let kind =
            if primary && index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        // A label over many lines hides what it points at: its first line is enough.
        let from = (label.span.start as usize).clamp(start, end);
        let to = (label.span.end as usize).clamp(from, line_end(text, from));
        let (from, to) = (boundary(text, from), boundary(text, to));
        let text = (!label.text.is_empty()).then(|| visible(&label.text));
        kind.span(from - start..to - start).label(text)
    });
    Snippet::source(without_controls(&text[start..end]))
        .line_start(number)
        .path(line(&source.path))
        .fold(true)
        .annotations(annotations.collect::<Vec<_>>())
}

/// The renderer spells out all characters that act, but for the second row of control characters. They
/// have two bytes, as what stands in their place: no label moves.
fn without_controls(text: &str) -> Cow<'_, str> {
    let acts = |character: char| matches!(character, '\u{80}'..='\u{9f}');
    match text.contains(acts) {
        true => Cow::Owned(text.replace(acts, "·")),
        false => Cow::Borrowed(text),
    }
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn line_start(text: &str, at: usize) -> usize {
    let at = boundary(text, at);
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let at = boundary(text, at);
    text[at..].find('\n').map_or(text.len(), |length| at + length)
}
