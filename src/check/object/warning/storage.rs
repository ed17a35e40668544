//! Volumes, claims and classes.

use super::{annotations, node_label, node_terms, pod, whole_bytes, within};
use crate::check::object::fault::Faults;
use crate::model::Field;

const CLASS: (&str, &str) =
    ("volume.beta.kubernetes.io/storage-class", "use `spec.storageClassName`");

/// `deprecatedAnnotations` of `pkg/api/persistentvolumeclaim/util.go`
pub(super) const CLAIM_ANNOTATIONS: &[(&str, &str)] = &[CLASS];

/// `warningsForPersistentVolumeSpecAndMeta` of `pkg/api/persistentvolume/util.go`
pub(super) fn volume(object: &Field<'_>, faults: &mut Faults) {
    let options = ("volume.beta.kubernetes.io/mount-options", "use `spec.mountOptions`");
    annotations(object, &[CLASS], faults);
    // Deprecated since 1.31.
    if faults.since(31) {
        annotations(object, &[options], faults);
    }
    let Some(spec) = object.get("spec") else { return };
    pod::gone(&spec, faults);
    if let Some(field) = spec.get("persistentVolumeReclaimPolicy")
        && spec.text("persistentVolumeReclaimPolicy") == "Recycle"
    {
        let message = "`persistentVolumeReclaimPolicy: Recycle` is deprecated";
        faults
            .warn("value-deprecated", &field, message)
            .help("write `Retain` or `Delete`, and let a provisioner make volumes");
    }
    if let Some(affinity) = spec.get("nodeAffinity")
        && let Some(required) = affinity.get("required")
    {
        within(&required, "nodeSelectorTerms", node_terms, faults);
    }
}

/// `GetWarningsForPersistentVolumeClaimSpec` of `pkg/api/persistentvolumeclaim/util.go`
pub(super) fn claim(spec: &Field<'_>, faults: &mut Faults) {
    let Some(resources) = spec.get("resources") else { return };
    for name in ["requests", "limits"] {
        within(
            &resources,
            name,
            |amounts, faults| whole_bytes(amounts, &["storage"], faults),
            faults,
        );
    }
}

/// The claims of a StatefulSet.
pub(super) fn claim_templates(spec: &Field<'_>, faults: &mut Faults) {
    let Some(templates) = spec.get("volumeClaimTemplates") else { return };
    templates.items().for_each(|template| within(&template, "spec", claim, faults));
}

/// `GetWarningsForStorageClass` of `pkg/api/storage/util.go`
pub(super) fn class(object: &Field<'_>, faults: &mut Faults) {
    let Some(topologies) = object.get("allowedTopologies") else { return };
    for topology in topologies.items() {
        let Some(expressions) = topology.get("matchLabelExpressions") else { continue };
        for expression in expressions.items() {
            if let Some(key) = expression.get("key") {
                node_label(expression.text("key"), &key, faults);
            }
        }
    }
}
