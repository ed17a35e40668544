//! What a comment in a file stands above.

use std::ops::Range;

/// The documents of a file, and where their content begins.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) parts: Vec<Range<usize>>,
    /// For each part where its first line is that is no comment.
    content: Vec<usize>,
    /// For each part the first one from there on that has such a line.
    next: Vec<usize>,
}

impl Layout {
    pub(super) fn new(text: &str, parts: Vec<Range<usize>>) -> Self {
        let content = parts.iter().map(|part| skip_bare(text, part.clone())).collect::<Vec<_>>();
        let mut next = vec![parts.len(); parts.len()];
        let mut known = parts.len();
        for number in (0..parts.len()).rev() {
            if content[number] < parts[number].end {
                known = number;
            }
            next[number] = known;
        }
        Self { parts, content, next }
    }

    /// The document that a comment in a part stands at the head of. Comments above the first line of
    /// dashes are about what comes below it.
    pub(super) fn headed(&self, part: usize, comment: usize) -> Option<Range<usize>> {
        let is_head = comment < self.content[part];
        is_head.then(|| self.parts.get(self.next[part]).cloned().unwrap_or(0..0))
    }
}

/// The first line in a range that is neither blank nor a comment nor dashes.
fn skip_bare(text: &str, part: Range<usize>) -> usize {
    let mut at = part.start;
    for line in text[part.clone()].split_inclusive('\n') {
        if !is_bare(line) {
            return at;
        }
        at += line.len();
    }
    part.end
}

/// What lies below comments. Of comments that follow each other only the first is followed down.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The lines of such comments, and the line below them.
    run: Range<usize>,
    line: Range<usize>,
    /// The same for objects: the lines, and where the content below begins.
    gap: Range<usize>,
    content: usize,
}

impl Lines {
    /// The line that a comment is about: its own, or the next one that is no comment where it stands
    /// alone.
    pub(super) fn target(&mut self, text: &str, comment: usize) -> Range<usize> {
        let start = line_start(text, comment);
        let mut line = start..line_end(text, start);
        if !is_bare(&text[start..comment]) {
            return line;
        }
        if self.run.contains(&start) {
            return self.line.clone();
        }
        while line.end < text.len() && is_bare(&text[line.clone()]) {
            let next = line.end..line_end(text, line.end);
            if text[next.clone()].trim().is_empty() {
                break;
            }
            line = next;
        }
        (self.run, self.line) = (start..line.start, line.clone());
        line
    }

    /// Where the first key or value below a comment begins, which ends at this byte.
    pub(super) fn content(&mut self, text: &str, end: usize) -> usize {
        if self.gap.contains(&end) {
            return self.content;
        }
        let mut at = line_end(text, end);
        while at < text.len() && is_bare(&text[at..line_end(text, at)]) {
            at = line_end(text, at);
        }
        self.gap = end..at;
        let mut rest = text[at..].trim_start_matches(' ');
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start_matches(' ');
        }
        self.content = text.len() - rest.len();
        self.content
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
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
