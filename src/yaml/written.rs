//! Where a part of a text is written within the scalar that holds the text.

use std::ops::Range;

/// The bytes of a scalar, as it is written, that hold a part of its text; nothing where they cannot be
/// told, as in what a template writes. The part begins and ends with no blank.
///
/// Folding, indentation and chomping change blanks alone: what is left stands in the same order.
#[must_use]
pub(crate) fn written(scalar: &str, text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..part.end)?;
    if scalar.starts_with(before) {
        return Some(part);
    }
    let of_block = || {
        let mark = scalar.starts_with(['|', '>']);
        let header = mark.then(|| scalar.find('\n')).flatten()?;
        align(raw(scalar, header), before, part.start)
    };
    let aligned = match scalar.as_bytes().first()? {
        b'\'' => align(single(scalar), before, part.start),
        b'"' => align(double(scalar), before, part.start),
        _ => of_block().or_else(|| align(raw(scalar, 0), before, part.start)),
    };
    aligned.or_else(|| same_turn(scalar, text, part))
}

/// A character and the bytes that it is written in.
type Placed = (char, Range<usize>);

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Where what follows `start` in a text is written, if all of it is written so.
fn align(
    mut written: impl Iterator<Item = Placed>,
    text: &str,
    start: usize,
) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    for (at, c) in text.char_indices().filter(|(_, c)| !is_blank(*c)) {
        let (_, place) = written.find(|(other, _)| !is_blank(*other)).filter(|(o, _)| *o == c)?;
        if at >= start {
            found = Some(found.map_or(place.start, |found| found.start)..place.end);
        }
    }
    found
}

/// A plain scalar, or the lines of a block.
fn raw(scalar: &str, from: usize) -> impl Iterator<Item = Placed> {
    let all = scalar.char_indices().skip_while(move |(at, _)| *at < from);
    all.map(|(at, c)| (c, at..at + c.len_utf8()))
}

fn single(scalar: &str) -> impl Iterator<Item = Placed> {
    let mut rest = scalar.char_indices().skip(1).peekable();
    std::iter::from_fn(move || {
        let (at, c) = rest.next()?;
        let is_doubled = c == '\'' && rest.next_if(|(_, next)| *next == '\'').is_some();
        Some((c, at..at + c.len_utf8() + usize::from(is_doubled)))
    })
}

/// Escapes count as what they stand for, the end of a line as a blank.
fn double(scalar: &str) -> impl Iterator<Item = Placed> {
    let mut rest = scalar.char_indices().skip(1);
    std::iter::from_fn(move || {
        let (at, c) = rest.next()?;
        if c != '\\' {
            return Some((c, at..at + c.len_utf8()));
        }
        let (mark, kind) = rest.next()?;
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let end = mark + kind.len_utf8() + digits;
        let code = scalar.get(mark + 1..end).filter(|_| digits > 0);
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(last) = digits.checked_sub(1) {
            rest.nth(last);
        }
        let meant = match kind {
            'x' | 'u' | 'U' => code.and_then(char::from_u32)?,
            'n' | 'r' | 't' | 'N' | 'L' | 'P' | '_' => ' ',
            other => other,
        };
        Some((meant, at..end))
    })
}

/// The word that stands as often in what is written as in the text, at the same turn.
fn same_turn(scalar: &str, text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let word = text.get(part.clone())?;
    let turn = text.match_indices(word).position(|(at, _)| at == part.start)?;
    let count = text.match_indices(word).count();
    let mut places = scalar.match_indices(word);
    let (start, _) = places.nth(turn)?;
    (turn + 1 + places.count() == count).then(|| start..start + word.len())
}

#[cfg(test)]
mod tests {
    use super::written;

    /// The line of what is written for a word, and the word there.
    fn place(scalar: &str, text: &str, word: &str) -> Option<(usize, String)> {
        let at = text.rfind(word).unwrap();
        let place = written(scalar, text, at..at + word.len())?;
        Some((scalar[..place.start].matches('\n').count(), scalar[place].to_owned()))
    }

    #[test]
    fn a_word_is_found_in_every_style() {
        let text = "it's a \"web\" of\nsome-host and others\n";
        let folded = "it's a \"web\" of some-host and others";
        let cases = [
            ("|\n  it's a \"web\" of\n  some-host and others", text, 2),
            ("|+2 # why\n\n  it's a \"web\" of\n\n  some-host and others", text, 4),
            (">-\n  it's a\n  \"web\" of\n  some-host\n  and others", folded, 3),
            ("'it''s a \"web\"\n  of\n\n  some-host and others\n\n  '", text, 3),
            ("\"it's a \\\"web\\\" of\\nsome-\\\n  host and others\\n\"", text, 0),
            ("it's a \"web\"\n of\n some-host and\n others", folded, 2),
            (text, text, 1),
        ];
        for (scalar, text, line) in cases {
            let (found, word) = place(scalar, text, "some-host").expect(scalar);
            assert_eq!(found, line, "{scalar}");
            assert!(word.starts_with("some-") && word.ends_with("host"), "{word}");
        }
    }

    #[test]
    fn escapes_count_as_what_they_stand_for() {
        let scalar = "\"\\x61\\u00e9\\U0001F600\\tb\\\\c\\/d host\"";
        let found = place(scalar, "aé😀\tb\\c/d host", "host");
        assert_eq!(found, Some((0, "host".to_owned())));
    }

    #[test]
    fn the_second_of_two_is_the_second() {
        let scalar = ">-\n  host\n  and\n  host";
        assert_eq!(place(scalar, "host and host", "host"), Some((3, "host".to_owned())));
    }

    #[test]
    fn a_template_writes_some_words_as_they_are() {
        let scalar = "|\n  {{ .a }}\n  host\n  {{ .b }}";
        assert_eq!(place(scalar, "one\nhost\nhost-less\n", "host-less"), None);
        assert_eq!(place(scalar, "one\nhost\ntwo\n", "host"), Some((2, "host".to_owned())));
    }
}
