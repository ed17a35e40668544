//! The pods behind a Service.

use super::address::body;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::facts::Body;
use crate::load::manifest::is_open;
use crate::model::{Labels, Selector};

/// What a Service selects; nothing where that is none, or not known.
pub(super) fn selector_of(service: &Object) -> Option<Selector> {
    match body(service) {
        Body::Service(service) if &*service.kind != "ExternalName" => {
            service.selector.map(|it| it.selector)
        }
        _ => None,
    }
}

/// The objects that make the pods which a Service selects, in order; nothing where that is not known.
pub(super) fn workloads<'s>(side: &Side<'s>, service: &Object) -> Option<Vec<&'s Object>> {
    let selector = selector_of(service)?;
    let mut found = Vec::new();
    for object in side.all_beside(service) {
        if pods_of(object)?.iter().any(|labels| selector.matches(labels)) {
            found.push(object);
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Some(found)
}

/// The labels of the pods that an object makes, and of a pod itself, if it is to run on; nothing where
/// they are not known.
pub(super) fn pods_of(object: &Object) -> Option<Vec<Labels>> {
    let kind = &object.key.group_kind;
    let at = match (&*kind.group, &*kind.kind) {
        ("batch", _) => return Some(Vec::new()),
        ("", "Pod") => "/metadata/labels",
        _ => "/spec/template/metadata/labels",
    };
    if let Some(labels) = object.node.pointer(at) {
        return (!is_open(labels)).then(|| vec![Labels::of(Some(labels))]);
    }
    if (&*kind.group, &*kind.kind) == ("argoproj.io", "Rollout") {
        // The pods of another workload, which may be anywhere.
        return None;
    }
    let is_custom = kind.group.contains('.') && !kind.group.ends_with(".k8s.io");
    match is_custom.then(|| body(object)) {
        Some(Body::Templates(labels)) => Some(labels.into()),
        _ => Some(Vec::new()),
    }
}
