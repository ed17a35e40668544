//! Why a template cannot be read or evaluated.

use std::fmt;
use std::ops::Range;

/// What sort of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Go refuses the text.
    Parse,
    /// Go's evaluation ends with an error, too.
    Evaluate,
    /// Go evaluates it to what cannot be known beforehand: the time, chance, keys; or to what this
    /// implementation does not know.
    NotEvaluable,
    /// It is larger, deeper or more work than is allowed here; Go may go on.
    Limit,
}

/// A failure with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What sort of failure it is.
    pub kind: ErrorKind,
    /// The bytes of the template's text that it is about.
    pub span: Range<usize>,
    /// What is wrong, in Go's words where it has some, without the place.
    pub message: String,
    /// Where it is: template, line and column, and the expression, in Go's words.
    pub(super) place: String,
}

impl fmt::Display for Error {
    /// As `text/template` writes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "template: {}: {}", self.place, self.message)
    }
}

impl std::error::Error for Error {}

/// A failure of a function or an operation, which does not know its place.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
}

impl Failure {
    /// Go fails, too.
    pub(super) fn wrong(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Evaluate, message: message.into() }
    }

    /// The result cannot be known.
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::NotEvaluable, message: message.into() }
    }

    /// More than is allowed.
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Limit, message: message.into() }
    }
}
