//! Directories of nodes that pods keep data in.

use super::{Place, Reading};
use crate::load::manifest::is_placeholder;
use crate::model::Field;
use crate::yaml::Node;

/// A directory of its node that a pod mounts.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPath {
    /// Its path, without a final slash.
    pub path: Box<str>,
    /// Whether some container may write to it.
    pub is_written: bool,
    /// Where that is written.
    pub place: Place,
}

impl HostPath {
    /// Whether most systems empty it when they start. minikube keeps `/tmp/hostpath_pv` and
    /// `/tmp/hostpath-provisioner`.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.path.strip_prefix("/tmp/").is_some_and(|name| !name.starts_with("hostpath"))
    }
}

/// Directories that each node has for itself, so that nobody looks for the same data in all of them.
const OF_NODES: [&str; 29] = [
    "/bin",
    "/boot",
    "/cgroup",
    "/dev",
    "/etc",
    "/home/kubernetes",
    "/lib",
    "/lib64",
    "/opt/cni",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/cache",
    "/var/lib/calico",
    "/var/lib/cilium",
    "/var/lib/cni",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/log",
    "/var/run",
    "/var/spool",
    "/var/tmp",
];

/// The directories of its node that a pod of this `spec` keeps data in.
pub(super) fn read(reading: &Reading<'_>, spec: &Field<'_>) -> Box<[HostPath]> {
    let mut found = Vec::new();
    let volumes = spec.get("volumes");
    for volume in volumes.iter().flat_map(Field::items) {
        let Some(source) = volume.get("hostPath") else { continue };
        let Some(field) = source.get("path") else { continue };
        let path = field.node.as_str().unwrap_or_default().trim_end_matches('/');
        let is_directory = matches!(source.text("type"), "" | "Directory" | "DirectoryOrCreate");
        let is_below = |of: &&str| {
            path.strip_prefix(*of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_of_node = matches!(path, "" | "/tmp") || OF_NODES.iter().any(is_below);
        if is_directory && !is_of_node && !is_placeholder(path) {
            let (is_written, place) = (is_written(spec, &volume), reading.place(&field));
            found.push(HostPath { path: path.into(), is_written, place });
        }
    }
    found.into()
}

/// Whether some container may write to a volume.
fn is_written(spec: &Field<'_>, volume: &Field<'_>) -> bool {
    let lists = ["initContainers", "containers"];
    let containers = lists.into_iter().filter_map(|list| spec.node.get(list)?.as_seq()).flatten();
    let mounts = containers.filter_map(|container| container.get("volumeMounts")?.as_seq());
    mounts.flatten().any(|mount| {
        mount.get("name").and_then(Node::as_str) == Some(volume.text("name"))
            && !mount.get("readOnly").is_some_and(Node::is_true)
    })
}
