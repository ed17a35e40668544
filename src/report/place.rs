//! The places of findings, as files, lines and columns.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use super::Report;
use crate::diagnostic::{Finding, Label};
use crate::source::{Source, Span};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Unicode code points.
    Character,
    /// Code units of UTF-16.
    Utf16,
}

/// A place; lines and columns count from 1, and the end is the first column behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl<'a> Report<'a> {
    /// The place of a span.
    pub(super) fn place(&self, span: Span, unit: Unit) -> Place<'a> {
        let source = self.sources.get(span.file);
        let (line, column) = line_column(source, span.start, unit);
        let (end_line, end_column) = line_column(source, span.end.max(span.start), unit);
        Place { file: &source.path, line, column, end_line, end_column }
    }

    /// The place that someone has to change, where its text is known.
    pub(super) fn first_place(&self, finding: &Finding, unit: Unit) -> Option<Place<'a>> {
        finding.labels.first().map(|label| self.place(label.span, unit))
    }

    /// The file that someone has to change.
    pub(super) fn file<'f>(&self, finding: &'f Finding) -> Option<&'f str>
    where
        'a: 'f,
    {
        match finding.labels.first() {
            Some(label) => Some(&self.sources.get(label.span.file).path),
            None => finding.path.as_deref(),
        }
    }

    /// The file that someone has to change, for forms that must have one: where none is known, the
    /// file of the environment that has the fault, or the directory as a whole.
    pub(super) fn some_file(&self, finding: &Finding) -> String {
        match (self.file(finding), &*finding.environments) {
            (Some(file), _) => file.to_owned(),
            (None, [name, ..]) => format!("environments/{name}/environment.yaml"),
            (None, []) => ".".to_owned(),
        }
    }

    /// A file as others than people look for it: by its path from the directory on, however it was
    /// spelt. What lies elsewhere keeps the way to it.
    pub(super) fn plain<'p>(&self, file: &'p str) -> Cow<'p, str> {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        if file == "." || file.starts_with('<') || file.split('/').all(is_plain) {
            return Cow::Borrowed(file);
        }
        let Some(directory) = self.directory else {
            return Cow::Borrowed(file.trim_start_matches("./"));
        };
        let place = normal(&directory.join(file));
        match place.strip_prefix(directory) {
            Ok(below) => {
                let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
                Cow::Owned(parts.collect::<Vec<_>>().join("/"))
            }
            Err(_) => Cow::Borrowed(file),
        }
    }

    /// `path:line:column`, as far as it is known.
    pub(super) fn words(&self, finding: &Finding) -> Option<String> {
        match self.first_place(finding, Unit::Character) {
            Some(place) => Some(format!("{}:{}:{}", place.file, place.line, place.column)),
            None => self.file(finding).map(str::to_owned),
        }
    }
}

/// A path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The places beside the first.
pub(super) fn further(finding: &Finding) -> &[Label] {
    finding.labels.get(1..).unwrap_or_default()
}

fn line_column(source: &Source, offset: u32, unit: Unit) -> (usize, usize) {
    let (line, column) = source.line_column(offset);
    if unit == Unit::Character {
        return (line, column);
    }
    let before = source.text.get(..(offset as usize).min(source.text.len())).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].encode_utf16().count() + 1)
}
