//! Where a fact is written.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;

use crate::model::Field;
use crate::source::Span;

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its path, as the API server writes it.
    pub field: Arc<str>,
    /// Where its value is written.
    pub span: Span,
    /// Where the values are written that filled it in.
    pub origins: Box<[Span]>,
}

/// Paths that a thread has written. Thousands of objects of a kind have the same few, and facts of
/// all objects are held at once.
#[derive(Default)]
struct Paths {
    buffer: String,
    known: HashSet<Arc<str>>,
}

thread_local! {
    static PATHS: RefCell<Paths> = RefCell::default();
}

/// How many paths are remembered before it begins anew: keys of maps can be anything.
const REMEMBERED: usize = 4096;

/// The path of a field.
pub(super) fn path(field: &Field<'_>) -> Arc<str> {
    PATHS.with_borrow_mut(|Paths { buffer, known }| {
        buffer.clear();
        // Text takes whatever is written to it.
        let _ = write!(buffer, "{field}");
        if let Some(path) = known.get(buffer.as_str()) {
            return Arc::clone(path);
        }
        if known.len() == REMEMBERED {
            known.clear();
        }
        let path: Arc<str> = buffer.as_str().into();
        known.insert(Arc::clone(&path));
        path
    })
}
