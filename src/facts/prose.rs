//! Texts of several lines: which of these say something, and where they are written.

use crate::source::{Sources, Span};

/// The lines of a text that are no comments, with their numbers from 0, without comments at their
/// ends. What a text is of, nobody says: these marks mean the same in all that use them.
pub(super) fn lines(text: &str) -> Vec<(usize, &str)> {
    const BLOCKS: [(&str, &str); 2] = [("<!--", "-->"), ("/*", "*/")];
    const ENDS: [&str; 5] = [" #", "\t#", "<!--", " // ", " /* "];
    let mut said = Vec::new();
    let mut open: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        let mut rest = line;
        let begun = BLOCKS.iter().find(|(begin, _)| rest.trim_start().starts_with(begin));
        open = open.or(begun.map(|(_, close)| *close));
        if let Some(close) = open {
            let Some(at) = rest.find(close) else { continue };
            rest = &rest[at + close.len()..];
            open = None;
        }
        let start = rest.trim_start();
        if ["#", ";", "//", "-- "].iter().any(|mark| start.starts_with(mark)) || is_of_names(start)
        {
            continue;
        }
        // CoreDNS answers to the first name with what the last one has.
        if start.starts_with("rewrite ") {
            rest = rest.trim_end().rsplit_once(' ').map_or("", |(_, last)| last);
        }
        let end = ENDS.iter().filter_map(|mark| rest.find(mark)).min();
        said.push((number, &rest[..end.unwrap_or(rest.len())]));
    }
    said
}

/// Whether a line of OpenSSL's lists the names of a certificate.
fn is_of_names(line: &str) -> bool {
    line.starts_with("DNS.") || line.contains("subjectAltName") || line.contains("DNS:")
}

/// Where a word of a line of a scalar is written; nothing where the text is not written line by line.
pub(super) fn place(
    sources: &Sources,
    scalar: Span,
    (number, line): (usize, &str),
    word: &str,
) -> Option<Span> {
    let written = sources.slice(scalar);
    let mut start = 0;
    for (at, source) in written.split_inclusive('\n').enumerate() {
        // The mark of a block may stand on a line of its own.
        if (at == number || at == number + 1) && source.contains(line.trim()) {
            let at = scalar.start as usize + start + source.find(word)?;
            return Some(Span::new(scalar.file, at..at + word.len()));
        }
        start += source.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn comments_are_left_out() {
        let text = "a # b\n# c\n<!-- d\ne --> f\n/* g */ h\n-- i\nj /* k */\nrewrite name l m\nDNS.1 = n\nhttp://o/#p\n/api/*\nq";
        let said: Vec<&str> = lines(text).into_iter().map(|(_, line)| line.trim()).collect();
        assert_eq!(said, ["a", "f", "h", "j", "m", "http://o/#p", "/api/*", "q"]);
    }
}
