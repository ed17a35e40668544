//! Where text came from: files, and spans of bytes in them.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

/// One file of the repository, or one text that is built in, as an index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(NonZeroU32);

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets beyond 4 GiB are clamped.
    #[must_use]
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The span as a range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span over both, or `self` where `other` lies in another file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One text and the name that people know it by.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path below the repository with `/`, or `<builtin>/…`.
    pub path: Arc<str>,
    /// The text as it was read; CRLF is kept.
    pub text: Arc<str>,
    /// The number of the text's first line: above 1 where it is a part of a file, and 0 where it has
    /// no lines to speak of.
    pub first_line: usize,
    line_starts: Arc<[u32]>,
}

impl Source {
    /// Line and column of a byte offset, both from 1; the column counts characters.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(1, |text| text.chars().count() + 1);
        ((line + self.first_line).saturating_sub(1), column)
    }
}

/// Every text that a run has read. It only grows, so a [`Span`] stays good.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a text and names it.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        self.add_part(path, text, 1)
    }

    /// Adds a part of a file, made of whole lines, and says which line it begins with. Several
    /// parts of one file are sources of the same name.
    pub fn add_part(
        &mut self,
        path: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
        first_line: usize,
    ) -> FileId {
        let text: Arc<str> = text.into();
        let line_starts = line_starts(&text);
        self.files.push(Source { path: path.into(), text, first_line, line_starts });
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        FileId(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
    }

    /// Names something that is no text, and has no lines.
    pub fn add_name(&mut self, name: impl Into<Arc<str>>) -> FileId {
        self.add_part(name, "", 0)
    }

    /// The same, named from a directory further up: there their paths begin with `above`.
    #[must_use]
    pub fn below(mut self, above: &str) -> Self {
        for source in self.files.iter_mut().filter(|source| !source.path.starts_with('<')) {
            source.path = format!("{above}{}", source.path).into();
        }
        self
    }

    /// The names of all of them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|source| &*source.path)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// Puts a text behind an id that was added without one.
    pub fn fill(&mut self, id: FileId, text: impl Into<Arc<str>>) {
        let source = &mut self.files[id.0.get() as usize - 1];
        source.text = text.into();
        source.line_starts = line_starts(&source.text);
    }

    /// The text behind an id.
    #[must_use]
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0.get() as usize - 1]
    }

    /// The bytes of a span, or nothing where it lies outside its text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or("")
    }

    /// `path:line` of a span's start, as people and editors write it; of what has no lines the name.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let source = self.get(span.file);
        if source.first_line == 0 {
            return source.path.to_string();
        }
        format!("{}:{}", source.path, source.line_column(span.start).0)
    }
}
fn line_starts(text: &str) -> Arc<[u32]> {
    let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
    let after = breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
    std::iter::once(0).chain(after).collect()
}
