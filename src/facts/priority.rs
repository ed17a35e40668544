//! How important pods are to the scheduler.

use super::{Body, Cluster, Object};
use crate::model::GroupKind;

/// The priority of pods, and whether they take the place of less important ones: of
/// `preemptionPolicy`, `Never` says that they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    /// The value of their class.
    pub value: i64,
    /// Whether they take the place of others.
    pub preempts: bool,
}

impl Cluster {
    /// The priority of an object's pods, which name this class or none: `Admit` of
    /// `plugin/pkg/admission/priority`. Nothing where their class is not seen.
    #[must_use]
    pub fn priority(&self, object: &Object, class: Option<&str>) -> Option<Priority> {
        let kind = GroupKind::new("scheduling.k8s.io", "PriorityClass");
        let of = |class: &Object| match class.body {
            Body::PriorityClass(priority, _) if self.surely_share(class, object) => Some(priority),
            _ => None,
        };
        let built_in = |value| Some(Priority { value, preempts: true });
        match class {
            Some("system-cluster-critical") => built_in(2_000_000_000),
            Some("system-node-critical") => built_in(2_000_001_000),
            Some(class) => self.named(&kind, class).find_map(of),
            None => {
                let is_default =
                    |class: &&Object| matches!(class.body, Body::PriorityClass(_, Some(_)));
                let defaults = self.of_kind(&kind).filter(is_default).filter_map(of);
                defaults.min_by_key(|priority| priority.value).or(built_in(0))
            }
        }
    }
}
