//! Volumes of pods, and the files that go into them.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::env;
use crate::check::object::pod::file_path;
use crate::check::object::pod::resource;
use crate::check::object::pod::volume_source;
use crate::check::object::storage::claim;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;
use crate::yaml::Node;

const NAME: &str = "volume-name-invalid";
const MANY: &str = "volume-sources-many";
const SOURCE: &str = "volume-source-invalid";
const PATH: &str = "volume-path-invalid";
const MODE: &str = "file-mode-invalid";

/// What a volume is, for those who use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A claim, which may be a device.
    Claim,
    EmptyDir,
    Other,
}

/// Sources of a volume, in the order in which the server looks for them.
const SOURCES: [&str; 30] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// What a volume is: `isMatchedDevice`, and the `emptyDir` of one without a source
/// (`SetDefaults_Volume`).
pub(crate) fn kind(volume: &Node) -> Kind {
    let has = |source: &str| volume.get(source).is_some_and(|node| !node.is_null());
    if has("persistentVolumeClaim") || has("ephemeral") {
        Kind::Claim
    } else if has("emptyDir") || !SOURCES.iter().any(|source| has(source)) {
        Kind::EmptyDir
    } else {
        Kind::Other
    }
}

/// `ValidateVolumes` of `pkg/apis/core/validation/validation.go`. `pod` is the name of a pod, where
/// one is known; `itself` is whether the volumes are those of a pod and not of a template; volumes named
/// as one of `replaced` give way to claims of a StatefulSet, and the server does not look at them.
pub(crate) fn check(
    volumes: &Field<'_>,
    itself: bool,
    pod: &str,
    replaced: &[&str],
    faults: &mut Faults,
) {
    let replaced: HashSet<&str> = replaced.iter().copied().collect();
    let mut names = HashSet::new();
    let created: HashSet<String> = volumes
        .items()
        .filter(|volume| !pod.is_empty() && value::has(volume, "ephemeral"))
        .map(|volume| format!("{pod}-{}", volume.text("name")))
        .collect();
    for volume in volumes.items().filter(|volume| !replaced.contains(&volume.text("name"))) {
        source(&volume, itself, faults);
        value::text_of_form(NAME, &volume, "name", name::dns_label, faults);
        let name = volume.text("name");
        let Some(field) = volume.get("name").filter(|_| !name.is_empty()) else { continue };
        if !names.insert(name) {
            let message = format!("two volumes of the pod are named `{name}`");
            faults.at("volume-name-taken", Reason::Duplicate, &field, message);
        }
        let claim = format!("{pod}-{name}");
        if let (true, Some(wrong)) = (created.contains(&claim), name::dns_subdomain(&claim)) {
            let message = format!("the claim `{claim}` of an ephemeral volume {wrong}");
            faults.at(NAME, Reason::Invalid, &field, message);
        }
        created_claim(&volume, &created, faults);
    }
}

fn created_claim(volume: &Field<'_>, created: &HashSet<String>, faults: &mut Faults) {
    let Some(claim) = volume.get("persistentVolumeClaim") else { return };
    let name = claim.text("claimName");
    if let (true, Some(field)) = (created.contains(name), claim.get("claimName")) {
        let message = format!("claim `{name}` is made for an ephemeral volume of the same pod");
        faults.at(SOURCE, Reason::Invalid, &field, message);
    }
}

/// `validateVolumeSource`
fn source(volume: &Field<'_>, itself: bool, faults: &mut Faults) {
    let mut first = None;
    for name in SOURCES {
        let Some(source) = volume.get(name) else { continue };
        if let Some(first) = first {
            let volume = volume.text("name");
            let message = format!("volume `{volume}` is both `{first}` and `{name}`");
            faults.at_key(MANY, Reason::Forbidden, &source, message).help("keep one of them");
            continue;
        }
        first = Some(name);
        match name {
            "emptyDir" => empty_dir(&source, faults),
            "secret" => of_keys(&source, "secretName", faults),
            "configMap" => of_keys(&source, "name", faults),
            "downwardAPI" => {
                mode(&source, "defaultMode", faults);
                downward_files(&source, faults);
            }
            "projected" => projected(&source, faults),
            "ephemeral" => ephemeral(&source, faults),
            "image" => image(&source, itself, faults),
            _ => volume_source::check(name, &source, faults),
        }
    }
}

fn empty_dir(source: &Field<'_>, faults: &mut Faults) {
    let Some(limit) = source.get("sizeLimit") else { return };
    if resource::is_negative(limit.node) {
        let message = "the size limit of a volume must not be below 0";
        faults.at(SOURCE, Reason::Forbidden, &limit, message);
    }
}

/// `validateSecretVolumeSource` and `validateConfigMapVolumeSource`
fn of_keys(source: &Field<'_>, name: &str, faults: &mut Faults) {
    value::required(SOURCE, source, name, faults);
    mode(source, "defaultMode", faults);
    keys(source, faults);
}

/// `validateKeyToPath` for each item.
fn keys(source: &Field<'_>, faults: &mut Faults) {
    let Some(items) = source.get("items") else { return };
    for item in items.items() {
        value::required(SOURCE, &item, "key", faults);
        value::text_of_form(PATH, &item, "path", file_path::not_reserved, faults);
        mode(&item, "mode", faults);
    }
}

/// A mode of files: `fileModeErrorMsg`.
fn mode(parent: &Field<'_>, name: &str, faults: &mut Faults) {
    let (Some(number), Some(field)) = (value::number(parent, name), parent.get(name)) else {
        return;
    };
    if !(0..=0o777).contains(&number) {
        let message = format!("`{name}: {number}` must be between 0 and 0777 (511)");
        let fault = faults.at(MODE, Reason::Invalid, &field, message);
        // Digits that look like a mode, without the zero that makes them octal.
        let digits = number.to_string();
        if (3..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte < b'8') {
            fault.help(format!("write `0{digits}` with a leading zero"));
        }
    }
}

/// `validateDownwardAPIVolumeFile` for each file.
fn downward_files(source: &Field<'_>, faults: &mut Faults) {
    let Some(files) = source.get("items") else { return };
    for file in files.items() {
        value::text_of_form(PATH, &file, "path", file_path::not_reserved, faults);
        mode(&file, "mode", faults);
        let path = file.text("path");
        match (file.get("fieldRef"), file.get("resourceFieldRef")) {
            (Some(_), Some(both)) => {
                let message = format!("file `{path}` shows both a field and a resource");
                faults
                    .at_key(SOURCE, Reason::Invalid, &both, message)
                    .help("keep one of `fieldRef` and `resourceFieldRef`");
            }
            (Some(reference), None) => env::field_ref(&reference, &env::FILE_FIELDS, faults),
            (None, Some(reference)) => {
                value::required(env::RESOURCE, &reference, "containerName", faults);
                env::resource_field_ref(&reference, faults);
            }
            (None, None) => {
                let message = format!("file `{path}` shows nothing");
                faults
                    .at(SOURCE, Reason::Required, &file, message)
                    .help("write one of `fieldRef` and `resourceFieldRef`");
            }
        }
    }
}

/// `validateProjectedVolumeSource` and `validateProjectionSources`
fn projected(source: &Field<'_>, faults: &mut Faults) {
    // The others are off unless someone turns them on, and then dropped before the server looks.
    const KINDS: [&str; 4] = ["secret", "configMap", "downwardAPI", "serviceAccountToken"];
    mode(source, "defaultMode", faults);
    let Some(sources) = source.get("sources") else { return };
    let mut paths = HashSet::new();
    for item in sources.items() {
        let kinds = || KINDS.iter().filter(|kind| value::has(&item, kind));
        if kinds().count() > 1 {
            let message = "an item of `sources` has more than one source";
            faults
                .at_key(MANY, Reason::Forbidden, &item, message)
                .help("write one item for each source");
        }
        for kind in kinds() {
            let Some(inner) = item.get(kind) else { continue };
            projection(kind, &inner, faults);
            same_path(&inner, &mut paths, faults);
        }
    }
}

fn projection(kind: &str, source: &Field<'_>, faults: &mut Faults) {
    match kind {
        "secret" | "configMap" => {
            value::required(SOURCE, source, "name", faults);
            keys(source, faults);
        }
        "downwardAPI" => downward_files(source, faults),
        _ => {
            let seconds = 600..=1 << 32;
            value::range(SOURCE, source, "expirationSeconds", seconds, faults);
            value::text_of_form(PATH, source, "path", file_path::not_reserved, faults);
        }
    }
}

/// Two files of one folder. The server does not look at tokens here.
fn same_path(source: &Field<'_>, paths: &mut HashSet<String>, faults: &mut Faults) {
    let Some(items) = source.get("items") else { return };
    for item in items.items() {
        let path = item.text("path");
        if let (false, Some(field)) = (path.is_empty() || !paths.contains(path), item.get("path")) {
            let message = format!("two sources of the volume write `{path}`");
            faults.at(PATH, Reason::Invalid, &field, message);
        }
        paths.insert(path.to_owned());
    }
}

/// `validateEphemeralVolumeSource` and `ValidateTemplateObjectMeta`
fn ephemeral(source: &Field<'_>, faults: &mut Faults) {
    let Some(template) = source.get("volumeClaimTemplate") else {
        value::missing(SOURCE, source, "volumeClaimTemplate", faults);
        return;
    };
    claim::template(&template, faults);
}

/// `validateImageVolumeSource`
fn image(source: &Field<'_>, itself: bool, faults: &mut Faults) {
    if itself {
        value::required(SOURCE, source, "reference", faults);
    }
    let policies = ["Always", "IfNotPresent", "Never"];
    value::word_or_empty(value::UNKNOWN, source, "pullPolicy", &policies, faults);
}
