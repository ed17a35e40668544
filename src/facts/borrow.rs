//! Rollouts of Argo Rollouts that take the pods of another workload: `spec.workloadRef`.

use super::{Body, Object, Reading, Run, RunKind, run};
use crate::model::{Field, GroupKind};

/// What a Rollout says that has no template of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Borrowed {
    /// The kind and the name of the workload with the template.
    pub from: (GroupKind, Box<str>),
    /// Whether the controller scales that workload to nothing: `scaleDown`, which is `never` where
    /// it is not stated.
    pub replaces: bool,
    /// How many pods there are, and how they are replaced.
    pub run: Run,
}

/// Reads a Rollout without a template.
pub(super) fn read(
    reading: &Reading<'_>,
    kind: (&str, &str),
    root: &Field<'_>,
) -> Option<Borrowed> {
    if kind != ("argoproj.io", "Rollout") {
        return None;
    }
    let spec = root.get("spec")?;
    let from = spec.get("workloadRef")?;
    let version = from.text("apiVersion");
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    Some(Borrowed {
        from: (GroupKind::new(group, from.text("kind")), from.text("name").into()),
        replaces: matches!(from.text("scaleDown"), "onsuccess" | "progressively"),
        run: run::read(reading, kind, root),
    })
}

/// Gives Rollouts the pods that they borrow; who lends them to be replaced runs none.
pub(super) fn lend(objects: &mut [Object]) {
    let borrowers =
        objects.iter().enumerate().filter(|(_, it)| matches!(it.body, Body::Borrowed(_)));
    let borrowers: Vec<usize> = borrowers.map(|(at, _)| at).collect();
    for at in borrowers {
        let object = &objects[at];
        let Body::Borrowed(borrowed) = &object.body else { continue };
        let lends = |other: &Object| {
            let (group_kind, name) = &borrowed.from;
            other.key.group_kind == *group_kind
                && *other.key.name == **name
                && other.key.namespace == object.key.namespace
        };
        let mut all = objects.iter().enumerate().filter(|(_, other)| lends(other));
        // Of several the one beside it is meant.
        let lender =
            all.clone().find(|(_, other)| other.unit == object.unit).or_else(|| all.next());
        let Some((from, lender)) = lender else { continue };
        let Body::Workload(pod) = &lender.body else { continue };
        let mut own = pod.clone();
        own.run = borrowed.run.clone();
        own.is_borrowed = !borrowed.replaces && pod.run.kind != RunKind::Never;
        let replaces = borrowed.replaces;
        objects[at].body = Body::Workload(own);
        if let Body::Workload(pod) = &mut objects[from].body
            && replaces
        {
            pod.run.kind = RunKind::Never;
            pod.run.count = 0;
        }
    }
}
