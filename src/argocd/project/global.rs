//! Projects whose lists others inherit.

use crate::model::{Field, Selector};
use crate::yaml::Node;

use super::{Project, Rule};

/// An entry of `globalProjects` in the ConfigMap `argocd-cm`: a project that those with certain labels
/// inherit from.
#[derive(Debug, Clone)]
pub struct GlobalProject {
    name: String,
    /// Nothing where Argo CD cannot read it.
    selector: Option<Selector>,
}

impl GlobalProject {
    /// Reads the list that the ConfigMap holds as a text.
    #[must_use]
    pub fn read(list: &Node) -> Vec<Self> {
        let entry = |node: &Node| {
            let name = node.get("projectName").and_then(Node::as_str).unwrap_or_default();
            let selector = match node.get("labelSelector") {
                Some(selector) => Selector::of(&Field::root(selector)),
                None => Some(Selector::default()),
            };
            Self { name: name.to_owned(), selector }
        };
        list.as_seq().unwrap_or_default().iter().map(entry).collect()
    }
}

impl Project {
    /// The project with all that it inherits, given every project of its namespace
    /// (`GetAppVirtualProject`). Argo CD stops at a selector that it cannot read and at a global project
    /// that does not exist.
    #[must_use]
    pub fn with_global(&self, settings: &[GlobalProject], all: &[Self]) -> Self {
        let mut result = self.clone();
        for global in settings.iter().filter(|global| global.name != self.name) {
            let Some(selector) = &global.selector else { break };
            if !selector.matches(&self.labels) {
                continue;
            }
            let Some(other) = all.iter().find(|other| other.name == global.name) else { break };
            result.add(other);
        }
        result
    }

    /// `mergeVirtualProject`
    fn add(&mut self, other: &Self) {
        self.source_repos.extend_from_slice(&other.source_repos);
        self.destinations.extend_from_slice(&other.destinations);
        self.cluster_whitelist.extend_from_slice(&other.cluster_whitelist);
        self.cluster_blacklist.extend_from_slice(&other.cluster_blacklist);
        self.namespace_blacklist.extend_from_slice(&other.namespace_blacklist);
        // A list without entries adds none, also not that there is a list.
        let added: &[Rule<_>] = other.namespace_whitelist.as_deref().unwrap_or_default();
        match &mut self.namespace_whitelist {
            Some(own) => own.extend_from_slice(added),
            None if added.is_empty() => {}
            None => self.namespace_whitelist = Some(added.to_vec()),
        }
    }
}
