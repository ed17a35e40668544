//! Texts of several lines: which of these say something.

/// The lines of a text that are no comments, each with the byte that it begins at, without comments at
/// their ends. What a text is of, nobody says: these marks mean the same in all that use them.
pub(super) fn lines(text: &str) -> Vec<(usize, &str)> {
    const BLOCKS: [(&str, &str); 2] = [("<!--", "-->"), ("/*", "*/")];
    const ENDS: [&str; 5] = [" #", "\t#", "<!--", " // ", " /* "];
    let mut said = Vec::new();
    let mut open: Option<&str> = None;
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        let mut start = next;
        next += line.len();
        let mut rest = line.trim_end_matches(['\r', '\n']);
        let begun = BLOCKS.iter().find(|(begin, _)| rest.trim_start().starts_with(begin));
        open = open.or(begun.map(|(_, close)| *close));
        if let Some(close) = open {
            let Some(at) = rest.find(close) else { continue };
            start += at + close.len();
            rest = &rest[at + close.len()..];
            open = None;
        }
        let said_first = rest.trim_start();
        if ["#", ";", "//", "-- "].iter().any(|mark| said_first.starts_with(mark))
            || is_of_names(said_first)
        {
            continue;
        }
        // CoreDNS answers to the first name with what the last one has.
        if said_first.starts_with("rewrite ") {
            rest = rest.trim_end();
            let last = rest.rfind(' ').map_or(rest.len(), |at| at + 1);
            start += last;
            rest = &rest[last..];
        }
        let end = ENDS.iter().filter_map(|mark| rest.find(mark)).min();
        said.push((start, &rest[..end.unwrap_or(rest.len())]));
    }
    said
}

/// Whether a line of OpenSSL's lists the names of a certificate.
fn is_of_names(line: &str) -> bool {
    line.starts_with("DNS.") || line.contains("subjectAltName") || line.contains("DNS:")
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
