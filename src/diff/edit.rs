//! One difference between two values.

use crate::yaml::Node;

/// A difference, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The way to it.
    pub at: Vec<Step>,
    /// What it is.
    pub what: What,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A field, or an entry of a map.
    Field(Box<str>),
    /// An item of a list.
    Item {
        /// What tells it from the others, as `name=web`; empty where only its place does.
        label: Box<str>,
        /// Where it stood, from 0; nothing where it is new.
        before: Option<usize>,
        /// Where it stands; nothing where it is gone.
        after: Option<usize>,
    },
}

/// What differs.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Something that was not there.
    Added(Node),
    /// Something that is gone.
    Removed(Node),
    /// One value in place of another.
    Replaced(Node, Node),
    /// The items that stay in a list stand in another order: where each of them stood, in the new
    /// order.
    Reordered(Vec<usize>),
}

/// A way as people read it: `spec.containers[name=web].args[0]`, `data["a.conf"]`.
#[must_use]
pub fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Field(name) if is_plain(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Field(name) => text.push_str(&format!("[{name:?}]")),
            Step::Item { label, before, after } if label.is_empty() => {
                let place = after.or(*before).unwrap_or_default();
                text.push_str(&format!("[{place}]"));
            }
            Step::Item { label, .. } => text.push_str(&format!("[{label}]")),
        }
    }
    text
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}
