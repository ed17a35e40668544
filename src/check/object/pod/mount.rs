//! Where containers mount volumes, as folders and as devices.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::container::Pod;
use crate::check::object::pod::file_path;
use crate::check::object::pod::volume::Kind;
use crate::check::object::value;
use crate::diagnostic::suggest;
use crate::model::Field;

/// How many names are looked through for one that is like a wrong one.
pub(crate) const FEW: usize = 200;

const UNKNOWN: &str = "mount-without-volume";
const TAKEN: &str = "mount-path-taken";
const INVALID: &str = "mount-invalid";
const DEVICE: &str = "volume-device-invalid";

/// `ValidateVolumeMounts` and `ValidateVolumeDevices` of `pkg/apis/core/validation/validation.go`
pub(crate) fn check(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    if let Some(mounts) = container.get("volumeMounts") {
        let mut paths = HashSet::new();
        for mount in mounts.items() {
            volume_of(INVALID, &mount, pod, faults);
            path_of(INVALID, &mount, "mountPath", &mut paths, faults);
            sub_paths(&mount, faults);
            propagation(&mount, container, faults);
            recursive_read_only(&mount, faults);
        }
    }
    if let Some(devices) = container.get("volumeDevices") {
        let mut paths = HashSet::new();
        let mut names = HashSet::new();
        let mounted = Mounted::of(container);
        for device in devices.items() {
            device_volume(&device, pod, &mut names, faults);
            value::form(DEVICE, &device, "devicePath", file_path::no_backsteps, faults);
            path_of(DEVICE, &device, "devicePath", &mut paths, faults);
            also_mounted(&device, &mounted, faults);
        }
    }
}

fn volume_of(
    id: &'static str,
    mount: &Field<'_>,
    pod: &Pod<'_>,
    faults: &mut Faults,
) -> Option<Kind> {
    let name = value::required(id, mount, "name", faults)?;
    let kind = pod.volumes.get(name).copied();
    if let (None, Some(field)) = (kind, mount.get("name")) {
        let message = format!("the pod has no volume `{name}`");
        let fault = faults.at(UNKNOWN, Reason::NotFound, &field, message);
        // Of very many, looking for a similar name for each mount would take too long.
        let few = pod.volumes.len() <= FEW;
        let mut known: Vec<&str> = pod.volumes.keys().copied().filter(|_| few).collect();
        known.sort_unstable();
        fault.help = suggest(name, known)
            .or_else(|| Some("add it to `volumes`, or remove the mount".into()));
    }
    kind
}

fn path_of<'a>(
    id: &'static str,
    mount: &Field<'a>,
    name: &str,
    paths: &mut HashSet<&'a str>,
    faults: &mut Faults,
) {
    let Some(path) = value::required(id, mount, name, faults) else { return };
    if let (false, Some(field)) = (paths.insert(path), mount.get(name)) {
        let message = format!("two volumes of the container are at `{path}`");
        faults
            .at(TAKEN, Reason::Invalid, &field, message)
            .help("give each volume a path of its own");
    }
}

fn sub_paths(mount: &Field<'_>, faults: &mut Faults) {
    value::form(INVALID, mount, "subPath", file_path::descending, faults);
    value::form(INVALID, mount, "subPathExpr", file_path::descending, faults);
    if let Some(field) = mount.get("subPathExpr")
        && !mount.text("subPathExpr").is_empty()
        && !mount.text("subPath").is_empty()
    {
        let message = "a mount has both `subPath` and `subPathExpr`";
        faults.at(INVALID, Reason::Invalid, &field, message).help("keep one of the two");
    }
}

/// `validateMountPropagation`
fn propagation(mount: &Field<'_>, container: &Field<'_>, faults: &mut Faults) {
    const KNOWN: [&str; 3] = ["None", "HostToContainer", "Bidirectional"];
    value::word(value::UNKNOWN, mount, "mountPropagation", &KNOWN, faults);
    let privileged = container
        .get("securityContext")
        .is_some_and(|context| value::is_true(&context, "privileged"));
    if let Some(field) = mount.get("mountPropagation")
        && mount.text("mountPropagation") == "Bidirectional"
        && !privileged
    {
        let message = "only a privileged container may have `mountPropagation: Bidirectional`";
        faults
            .at(INVALID, Reason::Forbidden, &field, message)
            .help("write `HostToContainer`, or set `securityContext.privileged: true`");
    }
}

/// `validateMountRecursiveReadOnly`
fn recursive_read_only(mount: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "recursiveReadOnly";
    value::word(value::UNKNOWN, mount, NAME, &["Disabled", "Enabled", "IfPossible"], faults);
    let said = mount.text(NAME);
    let Some(field) = mount.get(NAME).filter(|_| ["Enabled", "IfPossible"].contains(&said)) else {
        return;
    };
    if !value::is_true(mount, "readOnly") {
        let message = format!("`{NAME}: {said}` needs `readOnly: true`");
        faults.at(INVALID, Reason::Forbidden, &field, message);
    }
    if !matches!(mount.text("mountPropagation"), "" | "None") {
        let message = format!("`{NAME}: {said}` does not go with `mountPropagation`");
        faults.at(INVALID, Reason::Forbidden, &field, message);
    }
}

fn device_volume<'a>(
    device: &Field<'a>,
    pod: &Pod<'_>,
    names: &mut HashSet<&'a str>,
    faults: &mut Faults,
) {
    let kind = volume_of(DEVICE, device, pod, faults);
    let name = device.text("name");
    let Some(field) = device.get("name").filter(|_| !name.is_empty()) else { return };
    if !names.insert(name) {
        let message = format!("the container has volume `{name}` as a device twice");
        faults.at(DEVICE, Reason::Invalid, &field, message);
    }
    if kind.is_some_and(|kind| kind != Kind::Claim) {
        let message = format!("volume `{name}` is no claim, so it cannot be a device");
        faults
            .at(DEVICE, Reason::Invalid, &field, message)
            .help("use a volume of `persistentVolumeClaim` or `ephemeral`, or mount it");
    }
}

/// Names and paths of what a container mounts.
struct Mounted<'a> {
    names: HashSet<&'a str>,
    paths: HashSet<&'a str>,
}

impl<'a> Mounted<'a> {
    fn of(container: &Field<'a>) -> Self {
        let mounts = value::list(container, "volumeMounts");
        let texts =
            |name: &str| mounts.iter().filter_map(|mount| mount.get(name)?.as_str()).collect();
        Self { names: texts("name"), paths: texts("mountPath") }
    }
}

fn also_mounted(device: &Field<'_>, mounted: &Mounted<'_>, faults: &mut Faults) {
    for (name, taken) in [("name", &mounted.names), ("devicePath", &mounted.paths)] {
        let text = device.text(name);
        if let (true, Some(field)) = (taken.contains(text) && !text.is_empty(), device.get(name)) {
            let message = format!("`{text}` is both in `volumeDevices` and in `volumeMounts`");
            faults.at(DEVICE, Reason::Invalid, &field, message);
        }
    }
}
