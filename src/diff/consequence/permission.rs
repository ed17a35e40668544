//! What somebody may do newly, or no longer.

use super::{Subject, access, account, listener, privilege, project};
use crate::diff::snapshot::Object;
use crate::facts::Level;
use crate::load::manifest::is_open;

/// What is permitted otherwise than before.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let (before, after) = (subject.was(), subject.is());
    let Some(kind) = after.or(before).map(|object| &object.key.group_kind) else {
        return Vec::new();
    };
    if [before, after].into_iter().flatten().any(|object| is_open(&object.node)) {
        return Vec::new();
    }
    match (&*kind.group, &*kind.kind) {
        (access::GROUP, "Role" | "ClusterRole") => access::role(subject),
        (access::GROUP, _) => access::binding(subject),
        ("", "Namespace") => before.zip(after).and_then(|(a, b)| level(a, b)).into_iter().collect(),
        ("argoproj.io", "AppProject") => project::of(subject),
        ("gateway.networking.k8s.io", "Gateway") => {
            before.zip(after).map(|(a, b)| listener::admitted(a, b)).unwrap_or_default()
        }
        _ => privilege::of(subject).into_iter().chain(account::of(subject)).collect(),
    }
}

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// The level of Pod Security that a Namespace enforces.
fn level(before: &Object, after: &Object) -> Option<String> {
    let label = |object: &Object| {
        let labels = object.node.pointer("/metadata/labels")?;
        Some(labels.get(ENFORCE)?.as_str()?.to_owned())
    };
    match (label(before), label(after)) {
        (Some(old), None) => Some(format!(
            "Pod Security level `{old}` is enforced no longer: what the API server is set to by itself holds"
        )),
        (Some(old), Some(new)) => {
            let (was, is) = (Level::parse(&old)?, Level::parse(&new)?);
            match is.cmp(&was) {
                std::cmp::Ordering::Less => Some(format!(
                    "pods are let in that level `{old}` refused: Pod Security enforces `{new}`"
                )),
                std::cmp::Ordering::Greater => Some(format!(
                    "new pods that break level `{new}` are let in no longer, where `{old}` let them"
                )),
                std::cmp::Ordering::Equal => None,
            }
        }
        (None, Some(new)) if Level::parse(&new)? > Level::Privileged => {
            Some(format!("new pods that break Pod Security level `{new}` are refused"))
        }
        _ => None,
    }
}
