//! Silencers as people write them: in a comment, or in an annotation.

use std::collections::HashMap;

use super::selector::{self, Selector};
use super::subject::Subject;
use crate::check::registry::{CHECKS, Reach};
use crate::diagnostic::{Finding, nearest};
use crate::source::Span;

/// How every comment for this tool begins, after its `#`.
pub(super) const MARK: &str = "gitopsc:";

const LINE: &str = "ignore";
const OBJECT: &str = "ignore-object";

/// Whether a text can hold silencers at all; nearly none does, and need not be looked through.
#[must_use]
pub fn may_silence(text: &str) -> bool {
    text.contains(MARK) || text.contains(super::ANNOTATION)
}

/// Whether a text that can hold silencers has one for a check of this reach.
#[must_use]
pub fn may_silence_reach(text: &str, reach: Reach) -> bool {
    let mut ids = CHECKS.iter().filter(|check| check.reach == reach).map(|check| check.id);
    ids.any(|id| text.contains(id))
}

/// What a comment says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written<'t> {
    /// Whether it is about the whole object.
    pub(super) of_object: bool,
    pub(super) ids: Vec<&'t str>,
    pub(super) reason: &'t str,
}

/// A comment as a silencer; nothing where it is about something else, and a reason where it was
/// meant as one and cannot be read.
pub(super) fn comment(text: &str) -> Option<Result<Written<'_>, String>> {
    let rest = text.trim_start_matches('#').trim_start().strip_prefix(MARK)?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
    let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let meant = match nearest(word, [LINE, OBJECT]) {
        Some(meant) => meant,
        None if word.starts_with(LINE) => LINE,
        None => return None,
    };
    if word != meant {
        return Some(Err(format!("there is no `{MARK} {word}`; did you mean `{meant}`?")));
    }
    let brackets = rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let Some((ids, reason)) = brackets else {
        return Some(Err(format!("`{MARK} {word}` names no check in brackets")));
    };
    Some(Ok(Written { of_object: word == OBJECT, ids: names(ids), reason: reason.trim() }))
}

/// The lines of an annotation.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A line of an annotation: `id, id: reason`.
pub(super) fn annotation(line: &str) -> Written<'_> {
    let (ids, reason) = line.split_once(':').unwrap_or((line, ""));
    let reason = reason.trim().trim_matches(['"', '\'']);
    Written { of_object: true, ids: names(ids), reason }
}

fn names(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// The checks that a silencer names. What is wrong with it is a finding; without a reason it
/// silences nothing. `unknown` has what was said of names before, which takes its time.
pub(super) fn checks(
    written: &Written<'_>,
    place: Span,
    findings: &mut Vec<Finding>,
    unknown: &mut HashMap<String, String>,
) -> Vec<&'static str> {
    if written.ids.is_empty() {
        findings.push(wrong(place, "a silencer that names no check".to_owned()));
    } else if !written.reason.contains(char::is_alphanumeric) {
        let names = written.ids.join("`, `");
        findings.push(
            Finding::error(
                "silencer-without-reason",
                format!("`{names}` is silenced without a reason"),
            )
            .at(place, "silences nothing as it stands")
            .help("write behind it why the fault is none here, for whoever reads it next year"),
        );
        return Vec::new();
    }
    let mut known = Vec::new();
    for name in &written.ids {
        match (Subject::find(name), Selector::several(name)) {
            (Some(subject), _) if subject.has_place() => known.push(subject.id()),
            (Some(_), _) => findings.push(
                Finding::error("silencer-wrong", format!("`{name}` is about no line of a file"))
                    .at(place, "silences nothing")
                    .help(format!("leave it out with `--ignore {name}`, or list it in a baseline")),
            ),
            (None, Some(several)) => findings.push(of_several(name, &several, place)),
            (None, None) => {
                let why =
                    unknown.entry((*name).to_owned()).or_insert_with(|| selector::unknown(name));
                findings.push(
                    Finding::error("check-unknown", why.as_str()).at(place, "silences nothing"),
                );
            }
        }
    }
    known
}

/// The finding for a name of several checks: who writes a reason has one fault in mind.
fn of_several(name: &str, several: &Selector, place: Span) -> Finding {
    let what = match several {
        Selector::Group(_) => "a group of checks",
        _ => "the beginning of ids",
    };
    Finding::error(
        "silencer-wrong",
        format!("`{name}` is {what}, and a silencer names single ones"),
    )
    .at(place, "silences nothing")
    .help(format!("write the id of the finding; `gitopsc explain '{name}'` lists the ids"))
}

/// The finding for a silencer that cannot be read.
pub(super) fn wrong(place: Span, why: String) -> Finding {
    Finding::error("silencer-wrong", why)
        .at(place, "")
        .help("write `# gitopsc: ignore[id, id2] reason`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_read() {
        let read = |text| {
            comment(text)
                .map(|read| read.map(|found| (found.of_object, found.ids.join("+"), found.reason)))
        };
        let good = |object, ids: &str, reason| Some(Ok((object, ids.to_owned(), reason)));
        assert_eq!(
            read("# gitopsc: ignore[a-b, c-d]  why not "),
            good(false, "a-b+c-d", "why not")
        );
        assert_eq!(read("#gitopsc:ignore [a-b] x [y]"), good(false, "a-b", "x [y]"));
        assert_eq!(read("## gitopsc: ignore-object[a-b]"), good(true, "a-b", ""));
        assert_eq!(read("# gitopsc: ignore[] why"), good(false, "", "why"));
        for other in [
            "# Rendered by gitopsc from a",
            "# gitopsc: see the book",
            "# gitopsc:",
            "# gitopsc ignore[a]",
            "#",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        for wrong in [
            "# gitopsc: ignore a-b why",
            "# gitopsc: ignore[a-b why",
            "# gitopsc: ingore[a-b] why",
            "# gitopsc: ignore-next-line[a] why",
            "# gitopsc: Ignore[a] why",
        ] {
            assert!(read(wrong).is_some_and(|read| read.is_err()), "{wrong}");
        }
    }

    #[test]
    fn annotations_are_read() {
        let lines: Vec<_> =
            lines("a-b: one: two\n\n c-d, e-f : \"three\"\ng-h\n").map(annotation).collect();
        let of =
            |ids: &[&'static str], reason| Written { of_object: true, ids: ids.to_vec(), reason };
        assert_eq!(
            lines,
            [of(&["a-b"], "one: two"), of(&["c-d", "e-f"], "three"), of(&["g-h"], "")]
        );
    }
}
