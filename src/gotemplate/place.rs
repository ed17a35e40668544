//! Places in a text.

/// The line, from 1, and the column, in bytes from 0, as `Tree.ErrorContext` counts them.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (1 + before.matches('\n').count(), before.len() - start)
}
