//! PersistentVolumes: `ValidatePersistentVolumeSpec` of `pkg/apis/core/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::file_path;
use crate::check::object::pod::node_selector;
use crate::check::object::pod::volume_source;
use crate::check::object::value::name;
use crate::check::object::value::{self, count, required};
use crate::model::Field;
use crate::model::Quantity;

const MODE: &str = "access-mode-invalid";
const CAPACITY: &str = "volume-capacity-invalid";
const SOURCE: &str = "volume-source-invalid";
const MANY: &str = "volume-sources-many";
const PATH: &str = "volume-path-invalid";
const POLICY: &str = "volume-policy-invalid";
const CLASS: &str = "name-invalid";
const AFFINITY: &str = "volume-affinity-invalid";

/// Where a volume may come from, in the order in which the server looks.
const SOURCES: [&str; 22] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

/// `ValidatePersistentVolume`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        faults.missing("spec-missing", object, "spec.accessModes", "`spec` is missing");
        return;
    };
    access_modes(&spec, faults);
    capacity(&spec, faults);
    let policies = ["Delete", "Recycle", "Retain"];
    value::word_or_empty(POLICY, &spec, "persistentVolumeReclaimPolicy", &policies, faults);
    if let Some(affinity) = spec.get("nodeAffinity") {
        match affinity.get("required") {
            Some(selector) => node_selector::check(&selector, faults),
            None => {
                let message = value::needs(&affinity, "required");
                faults.missing(AFFINITY, &affinity, "required", message);
            }
        }
    }
    sources(&spec, faults);
    value::form(CLASS, &spec, "storageClassName", name::dns_subdomain, faults);
    value::word(POLICY, &spec, "volumeMode", &["Block", "Filesystem"], faults);
    attributes_class(&spec, faults);
    mount_options(object, &spec, faults);
}

/// `checkMountOption` of `pkg/volume/validation/pv_validation.go`
fn mount_options(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    const ANNOTATION: &str = "volume.beta.kubernetes.io/mount-options";
    const MOUNTED: [&str; 13] = [
        "gcePersistentDisk",
        "awsElasticBlockStore",
        "glusterfs",
        "nfs",
        "rbd",
        "quobyte",
        "iscsi",
        "cinder",
        "cephfs",
        "azureFile",
        "vsphereVolume",
        "azureDisk",
        "photonPersistentDisk",
    ];
    let Some(metadata) = object.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    let Some(field) = annotations.get(ANNOTATION) else { return };
    if MOUNTED.iter().all(|source| spec.get(source).is_none()) {
        let message = format!("a volume of this type takes no annotation `{ANNOTATION}`");
        let fault = faults.at("volume-source-invalid", Reason::Forbidden, &field, message);
        fault.path = format!("{annotations}.{ANNOTATION}");
        fault.help("write `spec.mountOptions`");
    }
}

/// What `ValidatePersistentVolumeSpec` and `ValidatePersistentVolumeClaimSpec` say of access modes.
pub(crate) fn access_modes(spec: &Field<'_>, faults: &mut Faults) {
    const KNOWN: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    if !value::required_items(MODE, spec, "accessModes", faults) {
        return;
    }
    let Some(modes) = spec.get("accessModes") else { return };
    for mode in modes.items() {
        let text = mode.node.as_str().unwrap_or_default();
        if !KNOWN.contains(&text) {
            let message = format!("`{text}` is no access mode");
            let known = value::or_list(&KNOWN);
            faults
                .entry(MODE, Reason::NotSupported, &modes, &mode, message)
                .help(format!("write {known}"));
        }
    }
    let said = value::texts(spec, "accessModes");
    let others = said.iter().any(|mode| KNOWN[..3].contains(mode));
    if others && said.contains(&"ReadWriteOncePod") {
        let message = "`ReadWriteOncePod` excludes every other access mode";
        faults.at(MODE, Reason::Forbidden, &modes, message).help("keep one of them");
    }
}

fn capacity(spec: &Field<'_>, faults: &mut Faults) {
    if !value::required_items(CAPACITY, spec, "capacity", faults) {
        return;
    }
    let Some(capacity) = spec.get("capacity") else { return };
    if count(spec, "capacity") != 1 || !has_key(&capacity, "storage") {
        let message = format!("`{capacity}` must have `storage` and nothing else");
        faults.at(CAPACITY, Reason::NotSupported, &capacity, message);
    }
    for (resource, amount) in capacity.entries() {
        if value::quantity(amount.node).is_some_and(|amount| amount <= Quantity::ZERO) {
            let message = format!("a capacity of `{resource}` must be above zero");
            faults.at(CAPACITY, Reason::Invalid, &amount, message);
        }
    }
}

fn has_key(map: &Field<'_>, key: &str) -> bool {
    map.node.as_map().is_some_and(|map| map.contains_key(key))
}

fn sources(spec: &Field<'_>, faults: &mut Faults) {
    let mut found: Option<&str> = None;
    for kind in SOURCES {
        let Some(source) = spec.get(kind) else { continue };
        if let Some(first) = found
            && kind != "flexVolume"
        {
            let message = format!("a volume has one source, not `{first}` and `{kind}`");
            faults.at_key(MANY, Reason::Forbidden, &source, message).help("keep one of them");
            continue;
        }
        found = Some(kind);
        match kind {
            "local" => local(&source, spec, faults),
            "csi" => csi(&source, faults),
            _ => {
                volume_source::check(kind, &source, faults);
                details(kind, &source, spec, faults);
            }
        }
    }
    if found.is_none() {
        let fault = faults.at_key(SOURCE, Reason::Required, spec, "the volume has no source");
        fault.help("write one of `csi`, `nfs`, `local`, `hostPath`, …");
    }
}

/// What a source wants here besides what it wants in a pod: volumes are of no namespace.
fn details(kind: &str, source: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    match kind {
        "hostPath" => recycled_root(source, spec, faults),
        "iscsi" | "cinder" | "storageos" => {
            let Some(secret) = source.get("secretRef") else { return };
            let name = if kind == "iscsi" { "name" } else { "namespace" };
            required(SOURCE, &secret, name, faults);
        }
        "azureFile" if source.get("secretNamespace").is_some() => {
            required(SOURCE, source, "secretNamespace", faults);
        }
        "glusterfs" if source.get("endpointsNamespace").is_some() => {
            value::form_needed(SOURCE, source, "endpointsNamespace", name::dns_label, faults);
        }
        _ => {}
    }
}

fn recycled_root(source: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let path = source.text("path");
    let is_root = path.starts_with('/') && path.split('/').all(|part| matches!(part, "" | "."));
    if let Some(policy) = spec.get("persistentVolumeReclaimPolicy")
        && is_root
        && policy.node.as_str() == Some("Recycle")
    {
        let message = "a `hostPath` of `/` may not be recycled";
        faults.at(POLICY, Reason::Forbidden, &policy, message);
    }
}

/// `validateLocalVolumeSource`
fn local(source: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    required(SOURCE, source, "path", faults);
    value::form(PATH, source, "path", file_path::no_backsteps, faults);
    if spec.get("nodeAffinity").is_none() {
        let message = "a local volume needs `nodeAffinity`, which says where it is";
        faults
            .missing(AFFINITY, spec, "nodeAffinity", message)
            .help("select the node by `kubernetes.io/hostname` under `nodeAffinity.required`");
    }
}

/// `validateCSIPersistentVolumeSource`
fn csi(source: &Field<'_>, faults: &mut Faults) {
    required(SOURCE, source, "driver", faults);
    required(SOURCE, source, "volumeHandle", faults);
    driver_name(SOURCE, source, "driver", faults);
    for name in [
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ] {
        let Some(secret) = source.get(name) else { continue };
        required(SOURCE, &secret, "name", faults);
        required(SOURCE, &secret, "namespace", faults);
        value::form(SOURCE, &secret, "name", name::dns_subdomain, faults);
        value::form(SOURCE, &secret, "namespace", name::dns_label, faults);
    }
}

/// `ValidateCSIDriverName`, for a name that is not empty.
pub(crate) fn driver_name(id: &'static str, parent: &Field<'_>, name: &str, faults: &mut Faults) {
    let text = parent.text(name);
    let Some(field) = parent.get(name).filter(|_| !text.is_empty()) else { return };
    if text.len() > 63 {
        let message = format!("driver name `{text}` is longer than 63 characters");
        faults.at(id, Reason::TooLong, &field, message);
    }
    if let Some(wrong) = name::dns_subdomain(&name::lower(text)) {
        faults.at(id, Reason::Invalid, &field, format!("driver name `{text}` {wrong}"));
    }
}

fn attributes_class(spec: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "volumeAttributesClassName";
    let Some(class) = spec.get(NAME) else { return };
    if spec.text(NAME).is_empty() {
        faults.at(CLASS, Reason::Required, &class, format!("`{class}` may not be empty"));
    }
    value::form(CLASS, spec, NAME, name::dns_subdomain, faults);
    if spec.get("csi").is_none() {
        let message = format!("`{NAME}` needs a volume of `csi`");
        faults.missing(SOURCE, spec, "csi", message);
    }
}
