//! What names an object.

use std::fmt;

use crate::yaml::Node;

/// API group and kind; the core group is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKind {
    /// API group without version.
    pub group: String,
    /// Kind.
    pub kind: String,
}

impl GroupKind {
    /// A kind of a group; that of the core group is empty.
    #[must_use]
    pub fn new(group: &str, kind: &str) -> Self {
        Self { group: group.to_owned(), kind: kind.to_owned() }
    }

    /// Group and kind that a manifest states; what it lacks is empty.
    #[must_use]
    pub fn of(manifest: &Node) -> Self {
        let (group, kind) = Self::stated(manifest);
        Self::new(group, kind)
    }

    /// The same as they are written.
    #[must_use]
    pub fn stated(manifest: &Node) -> (&str, &str) {
        let text = |name| manifest.get(name).and_then(Node::as_str).unwrap_or_default();
        (text("apiVersion").rsplit_once('/').map_or("", |(group, _)| group), text("kind"))
    }

    /// Reads `group/Kind`, or `Kind` of the core group, as project permissions are written.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (group, kind) = text.rsplit_once('/').unwrap_or(("", text));
        Self::new(group, kind)
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() {
            f.write_str(&self.kind)
        } else {
            write!(f, "{}/{}", self.group, self.kind)
        }
    }
}

/// Group, kind, namespace and name: what makes two manifests the same object, whatever version
/// they are written in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// Group and kind.
    pub group_kind: GroupKind,
    /// Namespace; empty for what lives in the cluster as a whole.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ObjectKey {
    /// The key that a manifest states; parts that it lacks are empty.
    #[must_use]
    pub fn of(manifest: &Node) -> Self {
        let metadata = manifest.get("metadata");
        let text = |name| metadata?.get(name)?.as_str();
        Self {
            group_kind: GroupKind::of(manifest),
            namespace: text("namespace").unwrap_or_default().to_owned(),
            name: text("name").unwrap_or_default().to_owned(),
        }
    }

    /// The same, as people are told of it: an object that the server names is called by what its name
    /// begins with, as `migrate-…`.
    #[must_use]
    pub fn shown(manifest: &Node) -> Self {
        let mut key = Self::of(manifest);
        let start = manifest.pointer("/metadata/generateName").and_then(Node::as_str);
        if let Some(start) = start.filter(|start| key.name.is_empty() && !start.is_empty()) {
            key.name = format!("{start}…");
        }
        key
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.group_kind.kind, self.name)?;
        if !self.namespace.is_empty() {
            write!(f, " in {}", self.namespace)?;
        }
        Ok(())
    }
}
