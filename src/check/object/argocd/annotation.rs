//! How Argo CD reads lists in annotations: `GetAnnotationCSVs` in `pkg/sync/resource/annotations.go` of
//! gitops-engine.

use crate::model::Field;

pub(super) const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";
pub(super) const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
pub(super) const COMPARE_OPTIONS: &str = "argocd.argoproj.io/compare-options";
pub(super) const HOOK: &str = "argocd.argoproj.io/hook";
pub(super) const DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
pub(super) const HELM_HOOK: &str = "helm.sh/hook";
pub(super) const HELM_WEIGHT: &str = "helm.sh/hook-weight";

/// The annotation of this name, where it is text.
pub(super) fn find<'a>(annotations: &'a Field<'a>, name: &str) -> Option<(&'a str, Field<'a>)> {
    let (_, field) = annotations.entries().find(|(key, _)| *key == name)?;
    Some((field.node.as_str()?, field))
}

/// What stands between the commas, without blanks around it.
pub(super) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}
