//! What a pattern of gobwas/glob becomes, and how it is held against a text.
//!
//! The library finds the longest fixed part first and tries what is left and right of it. It has
//! faults: `team-*-a` matches `team-a`, and a choice of two rows within a row may match nothing. What
//! it grants is what counts, so they are here too. Source: `match/` of gobwas/glob 0.2. Texts are
//! bytes, because the library cuts them between any two.

use std::cell::RefCell;
use std::collections::HashMap;

use memchr::memmem;

/// A part of a text that was found: where it begins, and the lengths that it may have.
pub(super) type Found = Option<(usize, Vec<usize>)>;

/// What was tried already, so that a pattern with many stars takes no time beyond all measure: the part
/// of the pattern and of the text, each as its place in memory, and whether they fit.
type Tried = RefCell<HashMap<(usize, usize, usize), bool>>;

/// Where `*` and `?` stop.
pub(super) type Separator = Option<char>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matcher {
    Nothing,
    Text(String),
    Any(Separator),
    Super,
    Single(Separator),
    List {
        characters: String,
        negated: bool,
    },
    Range {
        low: char,
        high: char,
        negated: bool,
    },
    AtLeast(usize),
    AtMost(usize),
    Contains(String),
    ContainsNot(String),
    Prefix(String),
    Suffix(String),
    PrefixSuffix(String, String),
    PrefixAny(String, Separator),
    SuffixAny(Separator, String),
    Choice(Vec<Matcher>),
    /// Each of them for the whole.
    Every(Vec<Matcher>),
    /// Parts of fixed length, with the sum of the lengths.
    Row(usize, Vec<Matcher>),
    Around(Box<Around>),
}

/// A part, and what is left and right of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) middle: Matcher,
    pub(super) left: Option<Matcher>,
    pub(super) right: Option<Matcher>,
    /// Lengths of all and of both sides, which stay when a side is put in simpler words.
    length: Option<usize>,
    left_length: Option<usize>,
    right_length: Option<usize>,
}

impl Around {
    pub(super) fn new(middle: Matcher, left: Option<Matcher>, right: Option<Matcher>) -> Self {
        let of = |side: &Option<Matcher>| side.as_ref().map_or(Some(0), Matcher::length);
        let (left_length, right_length) = (of(&left), of(&right));
        let length = middle.length().zip(left_length).zip(right_length);
        let length = length.map(|((middle, left), right)| middle + left + right);
        Self { middle, left, right, length, left_length, right_length }
    }

    fn matches(&self, text: &[u8], tried: &Tried) -> bool {
        let place = (std::ptr::from_ref(self).addr(), text.as_ptr().addr(), text.len());
        let known = tried.borrow().get(&place).copied();
        known.unwrap_or_else(|| {
            let fits = self.fits(text, tried);
            tried.borrow_mut().insert(place, fits);
            fits
        })
    }

    fn fits(&self, text: &[u8], tried: &Tried) -> bool {
        if self.length.is_some_and(|length| length > text.len()) {
            return false;
        }
        let side = |side: &Option<Matcher>, text: &[u8]| match side {
            Some(matcher) => matcher.fits(text, tried),
            None => text.is_empty(),
        };
        let mut at = self.left_length.unwrap_or(0);
        let end = text.len().saturating_sub(self.right_length.unwrap_or(0));
        while at < end {
            let Some((index, lengths)) = self.middle.find(&text[at..end], tried) else {
                return false;
            };
            let start = at + index;
            let right = |length: &usize| text.get(start + length..).unwrap_or_default();
            if side(&self.left, &text[..start])
                && lengths.iter().rev().any(|length| side(&self.right, right(length)))
            {
                return true;
            }
            at = start + rune(&text[start..]).1;
        }
        false
    }
}

impl Matcher {
    /// Whether it matches the whole text.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.fits(text, &Tried::default())
    }

    fn fits(&self, text: &[u8], tried: &Tried) -> bool {
        let one = |fits: &dyn Fn(char) -> bool| {
            // An empty text counts as a character that is no other.
            let (character, width) = rune(text);
            text.len() <= width && fits(character)
        };
        match self {
            Self::Nothing => text.is_empty(),
            Self::Text(wanted) => text == wanted.as_bytes(),
            Self::Any(separator) => first(text, *separator).is_none(),
            Self::Super => true,
            Self::Single(_) | Self::List { .. } | Self::Range { .. } => {
                one(&|character| self.accepts(character))
            }
            Self::AtLeast(least) => runes(text).count() >= *least,
            Self::AtMost(most) => runes(text).count() <= *most,
            Self::Contains(needle) => memmem::find(text, needle.as_bytes()).is_some(),
            Self::ContainsNot(needle) => memmem::find(text, needle.as_bytes()).is_none(),
            Self::Prefix(prefix) => text.starts_with(prefix.as_bytes()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_bytes()),
            Self::PrefixSuffix(prefix, suffix) => {
                text.starts_with(prefix.as_bytes()) && text.ends_with(suffix.as_bytes())
            }
            Self::PrefixAny(prefix, separator) => text
                .strip_prefix(prefix.as_bytes())
                .is_some_and(|rest| first(rest, *separator).is_none()),
            Self::SuffixAny(separator, suffix) => text
                .strip_suffix(suffix.as_bytes())
                .is_some_and(|rest| first(rest, *separator).is_none()),
            Self::Choice(choices) => choices.iter().any(|choice| choice.fits(text, tried)),
            Self::Every(all) => all.iter().all(|one| one.fits(text, tried)),
            Self::Row(length, row) => runes(text).count() == *length && begins(row, text, tried),
            Self::Around(around) => around.matches(text, tried),
        }
    }

    fn accepts(&self, character: char) -> bool {
        match self {
            Self::Single(separator) => Some(character) != *separator,
            Self::List { characters, negated } => characters.contains(character) != *negated,
            Self::Range { low, high, negated } => (*low..=*high).contains(&character) != *negated,
            _ => false,
        }
    }

    /// How many characters it takes, where that is always the same.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Nothing => Some(0),
            Self::Text(text) => Some(text.chars().count()),
            Self::Single(_) | Self::List { .. } | Self::Range { .. } => Some(1),
            Self::Choice(choices) => {
                // One of unknown length at the beginning is passed over.
                let mut length = None;
                for one in choices.iter().map(Self::length) {
                    match (length, one) {
                        (None, _) => length = one,
                        (Some(known), Some(one)) if known == one => {}
                        _ => return None,
                    }
                }
                length
            }
            Self::Row(length, _) => Some(*length),
            Self::Around(around) => around.length,
            _ => None,
        }
    }

    /// The first place in the text that it matches.
    fn find(&self, text: &[u8], tried: &Tried) -> Found {
        match self {
            Self::Nothing => Some((0, vec![0])),
            Self::Text(wanted) => {
                Some((memmem::find(text, wanted.as_bytes())?, vec![wanted.len()]))
            }
            Self::Any(separator) => {
                let end = first(text, *separator).unwrap_or(text.len());
                Some((0, starts(&text[..end], 0)))
            }
            Self::Super => Some((0, starts(text, 0))),
            Self::Single(_) | Self::List { .. } | Self::Range { .. } => {
                let (at, found) = runes(text).find(|(_, character)| self.accepts(*character))?;
                Some((at, vec![found.len_utf8()]))
            }
            Self::AtLeast(least) => {
                let ends = ends(text, 0).skip(least.saturating_sub(1)).collect();
                Some((0, ends)).filter(|(_, ends): &(usize, Vec<usize>)| !ends.is_empty())
            }
            Self::AtMost(most) => {
                Some((0, [0].into_iter().chain(ends(text, 0).take(*most)).collect()))
            }
            Self::Contains(needle) => {
                let after = memmem::find(text, needle.as_bytes())? + needle.len();
                Some((0, starts(&text[after..], after)))
            }
            Self::ContainsNot(needle) => {
                let end = memmem::find(text, needle.as_bytes()).unwrap_or(text.len());
                Some((0, starts(&text[..end], 0)))
            }
            Self::Prefix(prefix) => after(text, prefix, None),
            Self::PrefixAny(prefix, separator) => after(text, prefix, *separator),
            Self::Suffix(suffix) => {
                Some((0, vec![memmem::find(text, suffix.as_bytes())? + suffix.len()]))
            }
            Self::SuffixAny(separator, suffix) => {
                let at = memmem::find(text, suffix.as_bytes())?;
                let start = last(&text[..at], *separator).map_or(0, |found| found + 1);
                Some((start, vec![at + suffix.len() - start]))
            }
            Self::PrefixSuffix(prefix, suffix) => {
                let start = memmem::find(text, prefix.as_bytes())?;
                let rest = &text[start..];
                let mut ends = Vec::new();
                let mut before = rest.len();
                while let Some(at) = memmem::rfind(&rest[..before], suffix.as_bytes()) {
                    ends.insert(0, at + suffix.len());
                    before = at;
                }
                (!ends.is_empty()).then_some((start, ends))
            }
            Self::Choice(choices) => {
                let found: Vec<_> =
                    choices.iter().filter_map(|choice| choice.find(text, tried)).collect();
                let start = found.iter().map(|(start, _)| *start).min()?;
                let nearest = found.into_iter().filter(|(at, _)| *at == start);
                let mut lengths: Vec<usize> = nearest.flat_map(|(_, lengths)| lengths).collect();
                lengths.sort_unstable();
                lengths.dedup();
                Some((start, lengths))
            }
            Self::Every(all) => every(all, text, tried),
            Self::Row(length, row) => {
                let starts = runes(text).map(|(at, _)| at);
                let mut starts = starts.take_while(|at| text.len() - at >= *length);
                Some((starts.find(|at| begins(row, &text[*at..], tried))?, vec![*length]))
            }
            // The library never wrote this.
            Self::Around(_) => None,
        }
    }
}

/// Whether the text begins with parts of fixed length.
fn begins(row: &[Matcher], text: &[u8], tried: &Tried) -> bool {
    let mut at = 0;
    row.iter().all(|part| {
        let rest = &text[at..];
        let length = part.length().unwrap_or(0);
        // Up to the first byte of the last character.
        let Some((last, _)) = runes(rest).take(length).last() else { return false };
        at += last + 1;
        runes(rest).take(length).count() == length && part.fits(&rest[..=last], tried)
    })
}

fn every(all: &[Matcher], text: &[u8], tried: &Tried) -> Found {
    let (mut start, mut lengths) = (0, Vec::new());
    for (number, one) in all.iter().enumerate() {
        let (at, own) = one.find(text.get(start..)?, tried)?;
        let begin = start + at;
        if number == 0 {
            lengths = own;
        } else {
            let fits = |length: &usize| own.iter().any(|own| begin + own == start + length);
            lengths =
                lengths.into_iter().filter(fits).map(|length| start + length - begin).collect();
            if lengths.is_empty() {
                return None;
            }
        }
        start = begin;
    }
    Some((start, lengths))
}

/// The first place of a prefix, with all that may follow it.
fn after(text: &[u8], prefix: &str, separator: Separator) -> Found {
    let start = memmem::find(text, prefix.as_bytes())?;
    let rest = &text[start + prefix.len()..];
    let rest = &rest[..first(rest, separator).unwrap_or(rest.len())];
    let lengths = [prefix.len()].into_iter().chain(ends(rest, prefix.len()));
    Some((start, lengths.collect()))
}

fn first(text: &[u8], separator: Separator) -> Option<usize> {
    runes(text).find(|(_, character)| Some(*character) == separator).map(|(at, _)| at)
}

fn last(text: &[u8], separator: Separator) -> Option<usize> {
    runes(text).filter(|(_, character)| Some(*character) == separator).last().map(|(at, _)| at)
}

/// Where each character begins, and the end.
fn starts(text: &[u8], from: usize) -> Vec<usize> {
    let starts = runes(text).map(|(at, _)| at).chain([text.len()]);
    starts.map(|at| from + at).collect()
}

/// Where each character ends.
fn ends(text: &[u8], from: usize) -> impl Iterator<Item = usize> {
    runes(text).map(move |(at, character)| from + at + character.len_utf8())
}

/// The characters and where they begin, as `range` of Go gives them.
fn runes(text: &[u8]) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (character, width) = rune(text.get(at..)?);
        let start = at;
        at += width;
        (width > 0).then_some((start, character))
    })
}

/// `utf8.DecodeRune`: the first character and how many bytes it takes.
fn rune(text: &[u8]) -> (char, usize) {
    let Some(chunk) = text.get(..text.len().min(4)).and_then(|head| head.utf8_chunks().next())
    else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    match chunk.valid().chars().next() {
        Some(character) => (character, character.len_utf8()),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}
