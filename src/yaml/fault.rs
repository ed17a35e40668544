//! What is wrong with a text.

use crate::source::Span;

/// Something wrong in a YAML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which sort of thing is wrong.
    pub kind: FaultKind,
    /// The headline: stands alone, no final period.
    pub message: String,
    /// Where it is.
    pub span: Span,
    /// Another place that belongs to it, and why.
    pub related: Option<(Span, String)>,
    /// What to do next.
    pub help: Option<String>,
}

/// The sorts of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The text is not YAML, or not as Kubernetes reads it.
    Syntax,
    /// A key is given twice; reading goes on with the last, as Kubernetes does in silence.
    DuplicateKey,
    /// A key that JSON cannot have: null, a list, a map.
    Key,
    /// A value that JSON cannot have, or that does not suit its tag.
    Value,
    /// An alias or a merge key that leads nowhere.
    Reference,
    /// Too deep, too large, or too many aliases.
    Limit,
    /// Text that Kubernetes passes over in silence, after `...`.
    Unread,
}

impl FaultKind {
    /// Whether the document is lost: it is then not among the documents that were read.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        !matches!(self, Self::DuplicateKey | Self::Unread)
    }
}

impl Fault {
    /// A fault without help or another place.
    pub(super) fn new(kind: FaultKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span, related: None, help: None }
    }

    /// Adds what to do next.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    pub(super) fn related(mut self, span: Span, why: impl Into<String>) -> Self {
        self.related = Some((span, why.into()));
        self
    }
}
