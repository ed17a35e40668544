//! Sources of volumes that are somebody else's storage.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::file_path;
use crate::check::object::storage::persistent_volume::driver_name;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;

const ID: &str = "volume-source-invalid";
const PATH: &str = "volume-path-invalid";

/// The source of a volume, by its name: what `validateVolumeSource` of
/// `pkg/apis/core/validation/validation.go` calls for each.
pub(crate) fn check(kind: &str, source: &Field<'_>, faults: &mut Faults) {
    for name in needed(kind) {
        value::required(ID, source, name, faults);
    }
    match kind {
        "hostPath" => host_path(source, faults),
        "gitRepo" => value::form(PATH, source, "directory", file_path::descending, faults),
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            partition(source, faults);
        }
        "nfs" => value::form(PATH, source, "path", file_path::absolute, faults),
        "iscsi" => iscsi(source, faults),
        "flocker" => flocker(source, faults),
        "rbd" | "cephfs" => monitors(source, faults),
        "cinder" | "storageos" => secret_ref(source, "secretRef", faults),
        "fc" => fibre_channel(source, faults),
        "azureDisk" => azure_disk(source, faults),
        "csi" => {
            driver_name(ID, source, "driver", faults);
            secret_ref(source, "nodePublishSecretRef", faults);
        }
        "flexVolume" => flex_options(source, faults),
        "quobyte" => value::form(ID, source, "registry", hosts_with_ports, faults),
        _ => {}
    }
    if kind == "storageos" {
        value::form(ID, source, "volumeName", name::dns_label, faults);
        value::form(ID, source, "volumeNamespace", name::dns_label, faults);
    }
}

/// Texts that a source must have.
fn needed(kind: &str) -> &'static [&'static str] {
    match kind {
        "hostPath" => &["path"],
        "gitRepo" => &["repository"],
        "gcePersistentDisk" => &["pdName"],
        "awsElasticBlockStore" | "cinder" | "portworxVolume" => &["volumeID"],
        "nfs" => &["server", "path"],
        "iscsi" => &["targetPortal", "iqn"],
        "glusterfs" => &["endpoints", "path"],
        "persistentVolumeClaim" => &["claimName"],
        "rbd" => &["image"],
        "quobyte" => &["registry", "volume"],
        "flexVolume" | "csi" => &["driver"],
        "azureFile" => &["secretName", "shareName"],
        "vsphereVolume" => &["volumePath"],
        "photonPersistentDisk" => &["pdID"],
        "azureDisk" => &["diskName", "diskURI"],
        "storageos" => &["volumeName"],
        "scaleIO" => &["gateway", "system", "volumeName"],
        _ => &[],
    }
}

/// What a host path may be: `supportedHostPathTypes` of `pkg/apis/core/validation/validation.go`.
const HOST_PATH_TYPES: [&str; 8] = [
    "",
    "DirectoryOrCreate",
    "Directory",
    "FileOrCreate",
    "File",
    "Socket",
    "CharDevice",
    "BlockDevice",
];

/// `validateHostPathVolumeSource`
/// The server reads 0 as none.
fn partition(source: &Field<'_>, faults: &mut Faults) {
    if value::number(source, "partition") != Some(0) {
        value::range(ID, source, "partition", 1..=255, faults);
    }
}

fn host_path(source: &Field<'_>, faults: &mut Faults) {
    value::form(PATH, source, "path", file_path::no_backsteps, faults);
    value::word(value::UNKNOWN, source, "type", &HOST_PATH_TYPES, faults);
}

/// `validateISCSIVolumeSource`
fn iscsi(source: &Field<'_>, faults: &mut Faults) {
    value::form(ID, source, "iqn", qualified_iscsi_name, faults);
    value::range(ID, source, "lun", 0..=255, faults);
    let chap = ["chapAuthDiscovery", "chapAuthSession"];
    if chap.iter().any(|name| value::is_true(source, name)) && !value::has(source, "secretRef") {
        value::missing(ID, source, "secretRef", faults);
    }
    value::form(ID, source, "initiatorName", qualified_iscsi_name, faults);
}

/// `iscsiInitiatorIqnRegex` and its kin
fn qualified_iscsi_name(name: &str) -> Option<&'static str> {
    let plain = |text: &str, length: usize| {
        text.len() == length + 1 && text.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric())
    };
    let good = if let Some(rest) = name.strip_prefix("eui") {
        plain(rest, 16)
    } else if let Some(rest) = name.strip_prefix("naa") {
        plain(rest, 32)
    } else {
        name.starts_with("iqn") && name.split("iqn.").skip(1).any(is_iqn)
    };
    (!good).then_some("is no name of iSCSI, as in `iqn.2001-04.com.example:disk`")
}

/// What stands after `iqn.`: year and month, a domain backwards, and a name.
fn is_iqn(rest: &str) -> bool {
    let digits = |text: Option<&str>| text.is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let domain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let Some((domain_name, disk)) = rest.get(8..).and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    digits(rest.get(..4))
        && rest.get(4..5) == Some("-")
        && digits(rest.get(5..7))
        && rest.get(7..8) == Some(".")
        && !domain_name.is_empty()
        && domain_name.chars().all(domain)
        && !disk.is_empty()
        && !disk.contains(|c: char| ",;*&$|".contains(c) || c.is_ascii_whitespace())
}

/// `validateFlockerVolumeSource`
fn flocker(source: &Field<'_>, faults: &mut Faults) {
    let given = ["datasetName", "datasetUUID"].iter().filter(|name| !source.text(name).is_empty());
    match given.count() {
        1 => {}
        0 => {
            let message = "a flocker volume needs `datasetName` or `datasetUUID`";
            faults.at_key(ID, Reason::Required, source, message);
        }
        _ => {
            let message = "a flocker volume has both `datasetName` and `datasetUUID`";
            faults.at_key(ID, Reason::Invalid, source, message);
        }
    }
    let slash = |name: &str| name.contains('/').then_some("must not contain `/`");
    value::form(ID, source, "datasetName", slash, faults);
}

/// `validateRBDVolumeSource` and `validateCephFSVolumeSource`
fn monitors(source: &Field<'_>, faults: &mut Faults) {
    if value::list(source, "monitors").is_empty() {
        value::missing(ID, source, "monitors", faults);
    }
}

fn secret_ref(source: &Field<'_>, name: &str, faults: &mut Faults) {
    let Some(reference) = source.get(name) else { return };
    if name == "nodePublishSecretRef" {
        value::text_of_form(ID, &reference, "name", name::dns_subdomain, faults);
    } else {
        value::required(ID, &reference, "name", faults);
    }
}

/// `validateFCVolumeSource`
fn fibre_channel(source: &Field<'_>, faults: &mut Faults) {
    let targets = !value::list(source, "targetWWNs").is_empty();
    let ids = !value::list(source, "wwids").is_empty();
    if targets == ids {
        let (reason, message) = match targets {
            true => (Reason::Invalid, "a fibre channel has both `targetWWNs` and `wwids`"),
            false => (Reason::Required, "a fibre channel needs `targetWWNs` or `wwids`"),
        };
        faults.at_key(ID, reason, source, message);
    }
    if targets {
        if !value::has(source, "lun") {
            value::missing(ID, source, "lun", faults);
        }
        value::range(ID, source, "lun", 0..=255, faults);
    }
}

/// `validateAzureDisk`
fn azure_disk(source: &Field<'_>, faults: &mut Faults) {
    value::word(value::UNKNOWN, source, "cachingMode", &["None", "ReadOnly", "ReadWrite"], faults);
    value::word(value::UNKNOWN, source, "kind", &["Shared", "Dedicated", "Managed"], faults);
    let Some(field) = source.get("diskURI") else { return };
    let start = match source.text("kind") {
        "Managed" => "/subscriptions/",
        _ => "https://",
    };
    let uri = source.text("diskURI");
    if !uri.is_empty() && !uri.starts_with(start) {
        let message = format!("`diskURI: {uri}` must begin with `{start}`");
        faults
            .at(ID, Reason::NotSupported, &field, message)
            .help("for a managed disk write `kind: Managed`");
    }
}

/// `validateQuobyteVolumeSource`
fn hosts_with_ports(registry: &str) -> Option<&'static str> {
    let good = |host: &str| !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
    let all =
        registry.split(',').all(|pair| pair.rsplit_once(':').is_some_and(|(host, _)| good(host)));
    (!all).then_some("must be hosts with ports, as in `a:7861,b:7861`")
}

/// `validateFlexVolumeSource`
fn flex_options(source: &Field<'_>, faults: &mut Faults) {
    let Some(options) = source.get("options") else { return };
    for (key, option) in options.entries() {
        let space = format!(".{}", key.split('/').next().unwrap_or_default().to_lowercase());
        if space.ends_with(".kubernetes.io") || space.ends_with(".k8s.io") {
            let message = format!("option `{key}` is in a space that is Kubernetes' own");
            faults.at_key(ID, Reason::Invalid, &option, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::qualified_iscsi_name;

    #[test]
    fn names_of_iscsi() {
        for good in ["iqn.2001-04.com.example:a.b:c", "eui.0123456789abcdef"] {
            assert!(qualified_iscsi_name(good).is_none(), "{good}");
        }
        for bad in ["", "x", "iqn", "iqn.2001-04.com.example", "iqn.2001-4.a:b", "eui.1", "naa.x"] {
            assert!(qualified_iscsi_name(bad).is_some(), "{bad}");
        }
    }
}
