//! PersistentVolumes: `ValidatePersistentVolumeSpec` of `pkg/apis/core/validation/validation.go`.

use crate::check::fault::{Faults, Reason};
use crate::check::field::Field;
use crate::check::pod::node_selector;
use crate::check::pod::volume_source::HOST_PATH_TYPES;
use crate::check::value::name;
use crate::check::value::{self as value, count, is_true, number, required};
use crate::model::Quantity;

const MODE: &str = "access-mode-invalid";
const CAPACITY: &str = "volume-capacity-invalid";
const SOURCE: &str = "volume-source-invalid";
const MANY: &str = "volume-sources-many";
const PATH: &str = "volume-path-invalid";
const POLICY: &str = "volume-policy-invalid";
const CLASS: &str = "name-invalid";
const WORD: &str = "value-unknown";
const AFFINITY: &str = "volume-affinity-invalid";

/// Where a volume may come from, in the order in which the server looks, with the texts that each
/// kind of source must have.
const SOURCES: [(&str, &[&str]); 22] = [
    ("hostPath", &["path"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("nfs", &["server", "path"]),
    ("rbd", &["image"]),
    ("quobyte", &["registry", "volume"]),
    ("cephfs", &[]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("cinder", &["volumeID"]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("local", &["path"]),
    ("storageos", &["volumeName"]),
    ("csi", &["driver", "volumeHandle"]),
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
    for (kind, needed) in SOURCES {
        let Some(source) = spec.get(kind) else { continue };
        if let Some(first) = found
            && kind != "flexVolume"
        {
            let message = format!("a volume has one source, not `{first}` and `{kind}`");
            faults.at_key(MANY, Reason::Forbidden, &source, message).help("keep one of them");
            continue;
        }
        found = Some(kind);
        for text in needed {
            required(SOURCE, &source, text, faults);
        }
        details(kind, &source, spec, faults);
    }
    if found.is_none() {
        let fault = faults.at_key(SOURCE, Reason::Required, spec, "the volume has no source");
        fault.help("write one of `csi`, `nfs`, `local`, `hostPath`, …");
    }
}

/// What a kind of source wants besides the texts that it must have.
fn details(kind: &str, source: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    match kind {
        "hostPath" => host_path(source, spec, faults),
        "local" => {
            no_steps_back(source, faults);
            if spec.get("nodeAffinity").is_none() {
                let message = "a local volume needs `nodeAffinity`, which says where it is";
                faults.missing(AFFINITY, spec, "nodeAffinity", message);
            }
        }
        "nfs" => {
            let path = source.text("path");
            if let Some(field) = source.get("path")
                && !path.is_empty()
                && !path.starts_with('/')
            {
                let message = format!("`{path}` is no absolute path");
                faults.at(PATH, Reason::Invalid, &field, message).help("begin it with `/`");
            }
        }
        "csi" => csi(source, faults),
        "iscsi" => iscsi(source, faults),
        "fc" => fibre_channel(source, faults),
        "rbd" | "cephfs" => {
            value::required_items(SOURCE, source, "monitors", faults);
        }
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            value::range(SOURCE, source, "partition", (0, 255), faults);
        }
        "cinder" | "storageos" => {
            if let Some(secret) = source.get("secretRef") {
                required(SOURCE, &secret, "name", faults);
                required(SOURCE, &secret, "namespace", faults);
            }
            if kind == "storageos" {
                value::form(SOURCE, source, "volumeName", name::dns_label, faults);
                value::form(SOURCE, source, "volumeNamespace", name::dns_label, faults);
            }
        }
        "azureDisk" => azure_disk(source, faults),
        "flocker" => {
            let given = |name: &str| !source.text(name).is_empty();
            if given("datasetName") == given("datasetUUID") {
                let message = "`flocker` needs one of `datasetName` and `datasetUUID`";
                faults.at_key(SOURCE, Reason::Required, source, message);
            }
        }
        _ => {}
    }
}

/// `validateAzureDisk`
fn azure_disk(source: &Field<'_>, faults: &mut Faults) {
    value::word(WORD, source, "cachingMode", &["None", "ReadOnly", "ReadWrite"], faults);
    value::word(WORD, source, "kind", &["Dedicated", "Managed", "Shared"], faults);
    let start = if source.text("kind") == "Managed" { "/subscriptions/" } else { "https://" };
    let address = source.text("diskURI");
    if let Some(field) = source.get("diskURI").filter(|_| !address.is_empty())
        && !address.starts_with(start)
    {
        let message = format!("address `{address}` of the disk must begin with `{start}`");
        faults.at(SOURCE, Reason::NotSupported, &field, message);
    }
}

/// `validateHostPathVolumeSource`
fn host_path(source: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    no_steps_back(source, faults);
    value::word(WORD, source, "type", &HOST_PATH_TYPES, faults);
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

/// `validatePathNoBacksteps`
fn no_steps_back(source: &Field<'_>, faults: &mut Faults) {
    if let Some(path) = source.get("path")
        && source.text("path").split('/').any(|part| part == "..")
    {
        let message = format!("path `{}` may not contain `..`", source.text("path"));
        faults.at(PATH, Reason::Invalid, &path, message);
    }
}

/// `validateCSIPersistentVolumeSource`
fn csi(source: &Field<'_>, faults: &mut Faults) {
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
    if let Some(wrong) = name::dns_subdomain(&text.to_lowercase()) {
        faults.at(id, Reason::Invalid, &field, format!("driver name `{text}` {wrong}"));
    }
}

/// `validateISCSIPersistentVolumeSource`
fn iscsi(source: &Field<'_>, faults: &mut Faults) {
    value::range(SOURCE, source, "lun", (0, 255), faults);
    for name in ["iqn", "initiatorName"] {
        let text = source.text(name);
        let wrong = match text.get(..3) {
            Some("eui") => !is_long_name(text, 16),
            Some("naa") => !is_long_name(text, 32),
            Some("iqn") => !text.contains(':'),
            _ => true,
        };
        if let Some(field) = source.get(name)
            && wrong
            && !(name == "iqn" && text.is_empty())
        {
            let message = format!("`{text}` is no name of an initiator or target");
            faults
                .at(SOURCE, Reason::Invalid, &field, message)
                .help("write `iqn.…`, `eui.…` or `naa.…`");
        }
    }
    let chap = is_true(source, "chapAuthDiscovery") || is_true(source, "chapAuthSession");
    match source.get("secretRef") {
        Some(secret) => {
            required(SOURCE, &secret, "name", faults);
        }
        None if chap => {
            faults.missing(SOURCE, source, "secretRef", "CHAP needs `secretRef`");
        }
        None => {}
    }
}

/// `eui.` or `naa.` and so many letters and digits.
fn is_long_name(text: &str, digits: usize) -> bool {
    text.get(4..).is_some_and(|rest| {
        rest.len() == digits && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// `validateFCVolumeSource`
fn fibre_channel(source: &Field<'_>, faults: &mut Faults) {
    let (targets, wwids) = (count(source, "targetWWNs"), count(source, "wwids"));
    if targets == 0 && wwids == 0 {
        let message = format!("`{source}` needs `targetWWNs` or `wwids`");
        faults.missing(SOURCE, source, "targetWWNs", message);
    }
    if let Some(field) = source.get("targetWWNs").filter(|_| targets > 0) {
        if wwids > 0 {
            let message = format!("`{source}` has both `targetWWNs` and `wwids`");
            faults.at(SOURCE, Reason::Invalid, &field, message).help("keep one of them");
        }
        match number(source, "lun") {
            Some(_) => value::range(SOURCE, source, "lun", (0, 255), faults),
            None => {
                faults.missing(SOURCE, source, "lun", "`targetWWNs` needs `lun`");
            }
        }
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
