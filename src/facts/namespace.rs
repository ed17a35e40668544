//! Namespaces by their labels.

use super::{Body, Cluster, Object};
use crate::load::manifest::is_placeholder;
use crate::model::{GroupKind, Labels, Selector};

/// The label that the server gives each namespace: its name.
pub(super) const NAME: &str = "kubernetes.io/metadata.name";

impl Cluster {
    /// The labels of a namespace; nothing where its object is not seen.
    #[must_use]
    pub fn namespace_labels(&self, namespace: &str) -> Option<Labels> {
        let object = self.named(&GroupKind::new("", "Namespace"), namespace).next()?;
        // What is filled in later may be any.
        if object.labels.iter().any(|(key, value)| is_placeholder(key) || is_placeholder(value)) {
            return None;
        }
        Some(object.labels.iter().chain([(NAME, namespace)]).collect())
    }

    /// The namespaces that a selector selects, in a cluster of which all objects are known; nothing
    /// where one may have labels that nobody sees.
    #[must_use]
    pub fn namespaces_of(&self, selector: &Selector) -> Option<Vec<&str>> {
        let group_kind = GroupKind::new("", "Namespace");
        let mut selected: Vec<&str> = Vec::new();
        for object in self.of_kind(&group_kind) {
            let name = object.key.name.as_str();
            if self.namespace_labels(name).is_some_and(|labels| selector.matches(&labels)) {
                selected.push(name);
            }
        }
        // Nothing but its name is known of one that is there without an object here.
        let made = self.made.get(&group_kind).into_iter().flat_map(|names| names.keys());
        let bare = self.namespaces().chain(made.map(|name| &**name));
        for name in bare.filter(|name| self.named(&group_kind, name).next().is_none()) {
            let is_selected = selector.matches(&[(NAME, name)].into_iter().collect());
            if selector.keys().all(|key| key == NAME) {
                if is_selected && !selected.contains(&name) {
                    selected.push(name);
                }
            } else if !is_system(name) || may_label_system(selector) {
                return None;
            }
        }
        let is_open = self.open.iter().any(|made| made.group_kind.as_ref() == Some(&group_kind));
        (!is_open || !selected.is_empty()).then_some(selected)
    }

    /// The workloads of a namespace whose pods a selector selects.
    pub fn selected_in<'c>(
        &'c self,
        namespace: &'c str,
        selector: &'c Selector,
    ) -> impl Iterator<Item = &'c Object> {
        self.workloads(namespace).filter(move |object| match &object.body {
            Body::Workload(pod) => selector.matches(&pod.labels),
            _ => false,
        })
    }
}

/// Whether every cluster has a namespace.
#[must_use]
pub fn is_system(name: &str) -> bool {
    matches!(name, "default" | "kube-node-lease" | "kube-public" | "kube-system")
}

/// Whether a selector looks for labels that people give, or a system gives, the namespaces of the
/// system: their names, or what is not plainly an own word.
fn may_label_system(selector: &Selector) -> bool {
    let is_of_system =
        |value: &str| value.contains("kube") || value.contains("system") || is_system(value);
    selector.has_expressions()
        || selector.labels().iter().any(|(key, value)| {
            key.contains("kubernetes.io/") || is_of_system(value) || matches!(value, "true" | "")
        })
}
