//! Differences in two columns: on the left what was, on the right what is.

use crate::diff::{Line, readable};
use crate::report::visible::visible;

/// What fewer columns of a terminal cannot hold.
const LEAST: usize = 100;

/// What stands between the two.
const BETWEEN: &str = " │ ";

/// How much of a line each side has, where a terminal of so many columns is wide enough for two.
pub(super) fn width(columns: Option<usize>, indent: usize) -> Option<usize> {
    let columns = columns.filter(|columns| *columns >= LEAST)?;
    Some((columns - indent - BETWEEN.chars().count()) / 2)
}

/// One row of both columns.
pub(super) struct Row {
    /// As wide as its column.
    pub(super) left: String,
    pub(super) right: String,
    pub(super) is_same: bool,
}

impl Row {
    /// Both, with what stands between them, by how each is to look.
    pub(super) fn joined(&self, look: impl Fn(&str, bool) -> String) -> String {
        format!("{}{BETWEEN}{}", look(&self.left, true), look(&self.right, false))
    }
}

/// Lines in rows: what is new stands beside what it takes the place of.
pub(super) fn rows(lines: &[Line], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for line in lines {
        match line {
            // What is gone after what is new belongs to something else.
            Line::Removed(_) if !new.is_empty() => flush(&mut rows, &mut old, &mut new, width),
            Line::Same(_) => flush(&mut rows, &mut old, &mut new, width),
            _ => {}
        }
        match line {
            Line::Same(text) => {
                let pieces = pieces(' ', text, width);
                rows.extend(pieces.into_iter().map(|piece| row(&piece, &piece, true, width)));
            }
            Line::Removed(text) => old.extend(pieces('-', text, width)),
            Line::Added(text) => new.extend(pieces('+', text, width)),
        }
    }
    flush(&mut rows, &mut old, &mut new, width);
    rows
}

fn flush(rows: &mut Vec<Row>, old: &mut Vec<String>, new: &mut Vec<String>, width: usize) {
    for at in 0..old.len().max(new.len()) {
        let side = |texts: &[String]| texts.get(at).cloned().unwrap_or_default();
        rows.push(row(&side(old), &side(new), false, width));
    }
    old.clear();
    new.clear();
}

fn row(left: &str, right: &str, is_same: bool, width: usize) -> Row {
    Row { left: format!("{left:width$}"), right: right.to_owned(), is_same }
}

/// A line with its sign, in as many pieces as it takes.
fn pieces(sign: char, text: &str, width: usize) -> Vec<String> {
    let text: Vec<char> = visible(&readable(text.trim_end())).chars().collect();
    let mut chunks = text.chunks(width - 2);
    let first: String = chunks.next().unwrap_or_default().iter().collect();
    let rest = chunks.map(|chunk| format!("  {}", chunk.iter().collect::<String>()));
    std::iter::once(format!("{sign} {first}")).chain(rest).collect()
}
