//! Files that the tool makes.

use std::borrow::Cow;
use std::sync::Arc;

use crate::yaml::{self, Node};

/// A file that the tool makes. One of objects gets its text only where somebody reads it: most of what
/// is made is looked at as objects alone.
#[derive(Debug, Clone, PartialEq)]
pub enum MadeFile {
    /// Any text.
    Text(String),
    /// Objects, which know where they come from.
    Objects {
        /// What stands above them: a comment.
        head: String,
        /// One document each.
        objects: Vec<Arc<Node>>,
    },
}

impl MadeFile {
    /// All of it, as it is written.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let (head, objects) = match self {
            Self::Text(text) => return Cow::Borrowed(text),
            Self::Objects { head, objects } => (head, objects),
        };
        let mut text = head.clone();
        for (index, object) in objects.iter().enumerate() {
            if index > 0 {
                text.push_str("---\n");
            }
            yaml::emit_to(object, &mut text);
        }
        Cow::Owned(text)
    }

    /// Its objects; none of what is only text.
    #[must_use]
    pub fn objects(&self) -> &[Arc<Node>] {
        match self {
            Self::Text(_) => &[],
            Self::Objects { objects, .. } => objects,
        }
    }
}
