//! Texts found again where somebody writes them in another way: further in, on other lines, quoted.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;

/// How much of a text is looked for with those of all others; the rest is compared where that stands.
const START: usize = 16;
/// What is this long stands nowhere by chance, wherever its lines are broken.
const LONG: usize = 32;
/// What is left of a text when it is written in one way must tell it from others.
const LEAST: usize = 4;

/// Texts that are looked for all at once.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// Those whose words must stay words.
    words: Index,
    /// Long ones, without the white space in them: base64 has line ends anywhere.
    long: Index,
}

impl Search {
    /// Of texts in the way in which [`normal`] writes them.
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Self {
        let (mut words, mut long) = (BTreeMap::new(), BTreeMap::new());
        for text in texts {
            let bare: Box<[u8]> = text.iter().copied().filter(|byte| *byte != b' ').collect();
            let (starts, text) =
                if bare.len() >= LONG { (&mut long, bare) } else { (&mut words, text.into()) };
            let start = text[..text.len().min(START)].to_vec();
            starts.entry(start).or_insert_with(Vec::new).push(text);
        }
        Self { words: Index::of(words), long: Index::of(long) }
    }

    /// Where they stand in a text: in order, and none reaching into another.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        self.find(Normal::of(text, true), &mut found);
        if text.contains('\\') {
            // `HOST\name` has no line end.
            self.find(Normal::of(text, false), &mut found);
        }
        found.sort_by_key(|range| (range.start, range.end));
        found.dedup_by(|next, last| {
            let overlaps = next.start < last.end;
            last.end = if overlaps { last.end.max(next.end) } else { last.end };
            overlaps
        });
        found
    }

    fn find(&self, normal: Normal, found: &mut Vec<Range<usize>>) {
        self.words.find(&normal, found);
        if !self.long.texts.is_empty() {
            self.long.find(&normal.without_spaces(), found);
        }
    }
}

/// Texts by what they begin with.
#[derive(Debug, Clone)]
struct Index {
    /// Nothing where there are more than it can hold.
    starts: Option<AhoCorasick>,
    /// Those of each start.
    texts: Vec<Vec<Box<[u8]>>>,
}

impl Index {
    fn of(texts: BTreeMap<Vec<u8>, Vec<Box<[u8]>>>) -> Self {
        let starts = AhoCorasick::new(texts.keys()).ok();
        Self { starts, texts: texts.into_values().collect() }
    }

    fn find(&self, normal: &Normal, found: &mut Vec<Range<usize>>) {
        if self.texts.is_empty() || normal.bytes.is_empty() {
            return;
        }
        let Some(starts) = &self.starts else { return found.push(normal.range(0, None)) };
        for hit in starts.find_overlapping_iter(&normal.bytes) {
            let rest = &normal.bytes[hit.start()..];
            let texts = self.texts.get(hit.pattern().as_usize()).into_iter().flatten();
            let texts = texts.filter(|text| rest.starts_with(text));
            found.extend(texts.map(|text| normal.range(hit.start(), Some(text.len()))));
        }
    }
}

/// A text as it is looked for; nothing where too little is left of it.
pub(super) fn normal(text: &str) -> Option<Box<[u8]>> {
    let bytes = Normal::of(text, true).bytes;
    let bytes = bytes.trim_ascii();
    (bytes.len() >= LEAST).then(|| bytes.into())
}

/// A text in one way: white space is one space, be it written as it is or with a backslash; no other
/// backslash, which only says that the next character is itself; and one `'` for several, as YAML
/// doubles them.
struct Normal {
    bytes: Vec<u8>,
    /// Where each stands in the text.
    places: Vec<usize>,
}

impl Normal {
    fn of(text: &str, escapes: bool) -> Self {
        let raw = text.as_bytes();
        let mut normal =
            Self { bytes: Vec::with_capacity(raw.len()), places: Vec::with_capacity(raw.len()) };
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            let place = at;
            at += 1;
            let byte = match byte {
                b'\\' => {
                    at += raw[at..].iter().take_while(|byte| **byte == b'\\').count();
                    match raw.get(at) {
                        Some(b'n' | b'r' | b't') if escapes => {
                            at += 1;
                            b' '
                        }
                        // The line goes on.
                        Some(b'\n' | b'\r') => {
                            at +=
                                raw[at..].iter().take_while(|it| it.is_ascii_whitespace()).count();
                            continue;
                        }
                        _ => continue,
                    }
                }
                byte if byte.is_ascii_whitespace() => b' ',
                byte => byte,
            };
            if !(matches!(byte, b' ' | b'\'') && normal.bytes.last() == Some(&byte)) {
                normal.bytes.push(byte);
                normal.places.push(place);
            }
        }
        normal
    }

    fn without_spaces(self) -> Self {
        let all = self.bytes.into_iter().zip(self.places);
        let (bytes, places) = all.filter(|(byte, _)| *byte != b' ').unzip();
        Self { bytes, places }
    }

    /// Where some of its bytes stand in the text; all that follow where nobody says how many.
    fn range(&self, start: usize, length: Option<usize>) -> Range<usize> {
        let end = length.map_or(self.places.len(), |length| start + length);
        self.places[start]..self.places[end - 1] + 1
    }
}
