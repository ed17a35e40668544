//! Hooks: `pkg/sync/hook` of gitops-engine, `controller/hook.go` of Argo CD.

use super::annotation::{DELETE_POLICY, HELM_HOOK, HOOK, find, items};
use crate::argocd::hook::{DELETE_POLICIES, OF_HELM, TYPES};
use crate::check::object::fault::Faults;
use crate::diagnostic::suggest;
use crate::model::Field;

const ID: &str = "hook-invalid";

/// Checks the annotations of hooks, and that only a hook has its name made up.
pub(super) fn check(metadata: &Field<'_>, faults: &mut Faults) {
    let Some(annotations) = metadata.get("annotations") else { return };
    let hook = find(&annotations, HOOK);
    let of_helm = find(&annotations, HELM_HOOK);
    if let Some((text, field)) = hook {
        let known = |item: &&str| TYPES.contains(item);
        let helps = of_helm.is_some_and(|(text, _)| {
            items(text).any(|it| OF_HELM.iter().any(|(known, _)| *known == it))
        });
        let never = if helps || items(text).any(|item| known(&item)) {
            ""
        } else {
            ", so the object is never applied"
        };
        if items(text).next().is_none() {
            faults
                .warn(ID, &field, format!("the annotation names no hook{never}"))
                .help(format!("write one of {}", TYPES.join(", ")));
        }
        for item in items(text).filter(|item| !known(item)) {
            let message = format!("Argo CD has no hook `{item}`{never}");
            faults.warn(ID, &field, message).help = suggest(item, TYPES);
        }
        if items(text).any(|item| item == "Skip") && items(text).any(|item| item != "Skip") {
            let message = "`Skip` counts for nothing beside another hook";
            faults.warn(ID, &field, message).help("leave `Skip` alone, or leave it out");
        }
    }
    if let Some((text, field)) = find(&annotations, DELETE_POLICY) {
        if hook.is_none() && of_helm.is_none() {
            let message = "a delete policy counts for nothing on an object that is no hook";
            faults.warn(ID, &field, message).help(format!("add `{HOOK}`, or remove it"));
        }
        for item in items(text).filter(|item| !DELETE_POLICIES.contains(item)) {
            let message = format!("Argo CD has no delete policy `{item}` for hooks");
            // Helm writes them in other words.
            let plain = item.replace('-', "");
            faults.warn(ID, &field, message).help = suggest(&plain, DELETE_POLICIES);
        }
    }
    generated_name(metadata, &annotations, hook.is_some() || of_helm.is_some(), faults);
}

/// What is applied needs a name; Argo CD makes one up for hooks alone. Only of an object with another
/// annotation of Argo CD it is known that it is applied and not created.
fn generated_name(
    metadata: &Field<'_>,
    annotations: &Field<'_>,
    is_hook: bool,
    faults: &mut Faults,
) {
    let is_applied = annotations.entries().any(|(key, _)| key.starts_with("argocd.argoproj.io/"));
    if let Some(field) = metadata.get("generateName")
        && metadata.text("name").is_empty()
        && is_applied
        && !is_hook
    {
        let message = "Argo CD cannot apply an object whose name is generated, as it is no hook";
        faults.warn(ID, &field, message).help(format!("write `name`, or add `{HOOK}`"));
    }
}
