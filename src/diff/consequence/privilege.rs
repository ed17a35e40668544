//! Privileges and access to the node that pods have newly.

use std::collections::BTreeSet;

use super::Subject;
use super::address::body;
use super::words::listed;
use crate::diff::snapshot::Object;
use crate::facts::{Body, Level, is_default_capability, sysctl_since, template_of};
use crate::yaml::Node;

/// What a directory of the node begins with where `hostPath` mounts it.
const PATH: &str = "hostPath ";

const PRIVILEGED: &str = "privileged";

/// What a port of the node begins with.
const PORT: &str = "hostPort ";

/// Rules that a container breaks which is less confined than others.
const OF_CONTAINERS: [&str; 4] =
    ["appArmorProfile", "procMount", "seLinuxOptions", "seccompProfile_baseline"];

/// Sockets of programs that run whatever they are told as root of the node.
const SOCKETS: [&str; 4] = ["containerd.sock", "crio.sock", "docker.sock", "podman.sock"];

/// What pods newly have of what level `baseline` of Pod Security forbids: more rules, or more of one.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let Some(new) = subject.is().and_then(forbidden) else { return Vec::new() };
    let old = match subject.was() {
        Some(before) => forbidden(before),
        None => Some(BTreeSet::new()),
    };
    let Some(old) = old else { return Vec::new() };
    let had = |one: &String| old.iter().any(|had| is_within(one, had));
    let mut more: BTreeSet<String> = new.iter().filter(|one| !had(one)).cloned().collect();
    if let (Some(before), Some(after)) = (subject.was(), subject.is())
        && old.contains(PRIVILEGED)
    {
        // One instead of another is no more, be it that its name differs.
        let [was, is] = [before, after].map(privileged);
        if is.len() > was.len() {
            more.extend(is.difference(&was).map(|name| format!("{PRIVILEGED} {name}")));
        }
    }
    let mut told: Vec<String> = written(subject, &old).into_iter().collect();
    if more.is_empty() {
        return told;
    }
    let paths = || more.iter().filter_map(|one| one.strip_prefix(PATH));
    let grave = if paths().any(|path| path == "/") {
        ": all files of the node"
    } else if paths().any(|path| SOCKETS.iter().any(|socket| path.ends_with(socket))) {
        ": whatever is asked for there runs on the node"
    } else {
        ""
    };
    let more =
        format!("its pods newly have what level `baseline` forbids: {}{grave}", listed(&more));
    told.insert(0, more);
    told
}

/// Directories of the node that containers read before, and may newly write.
///
/// Source: `readOnly` of `VolumeMount` in `k8s.io/api/core/v1/types.go`. Sockets and devices are written
/// as they are, whatever the mount says.
fn written(subject: &Subject<'_, '_>, had: &BTreeSet<String>) -> Option<String> {
    // Who is privileged mounts what it wants.
    if had.contains(PRIVILEGED) {
        return None;
    }
    let spec = |object: Option<&'_ Object>| template_of(&object?.node)?.get("spec").cloned();
    let (was, is) = spec(subject.was()).zip(spec(subject.is()))?;
    let (read, could) = (paths(&was, |_, _| true), paths(&was, is_writable));
    let within = |one: &str, all: &BTreeSet<String>| all.iter().any(|it| is_within(one, it));
    let more = paths(&is, is_writable).into_iter();
    let more = more.filter(|path| within(path, &read) && !within(path, &could));
    let more = more.filter(|path| !SOCKETS.iter().any(|socket| path.ends_with(socket)));
    let more: BTreeSet<String> =
        more.filter_map(|path| Some(path.strip_prefix(PATH)?.to_owned())).collect();
    let grave = if more.contains("/") { ": all files of the node" } else { "" };
    (!more.is_empty())
        .then(|| format!("its pods may newly write to {} of the node{grave}", listed(&more)))
}

fn is_writable(mount: &Node, volume: &Node) -> bool {
    let kind = volume.pointer("/hostPath/type").and_then(Node::as_str);
    let is_special = kind.is_some_and(|it| ["Socket", "CharDevice", "BlockDevice"].contains(&it));
    !is_special && !mount.get("readOnly").is_some_and(Node::is_true)
}

/// Whether what pods have is a part of what they had.
fn is_within(one: &str, had: &str) -> bool {
    match (one.strip_prefix(PATH), had.strip_prefix(PATH)) {
        (Some(_), Some("/")) => true,
        (Some(path), Some(had)) => {
            path.strip_prefix(had).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        // Who is privileged has all capabilities, and is confined by nothing: "essentially equivalent to
        // root on the host", says `Privileged` in `k8s.io/api/core/v1/types.go`.
        _ if had == PRIVILEGED => one == had || is_capability(one) || OF_CONTAINERS.contains(&one),
        _ if had == "ALL" => is_capability(one),
        // Each port of its containers is one of the node already.
        _ if had == "hostNetwork" => one == had || one.starts_with(PORT),
        _ => one == had,
    }
}

fn is_capability(one: &str) -> bool {
    one.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The rules of the level that pods break; where a rule is about several things, those.
fn forbidden(object: &Object) -> Option<BTreeSet<String>> {
    let Body::Workload(pod) = body(object) else { return None };
    let spec = template_of(&object.node)?.get("spec")?;
    let rules = pod.breaches.iter().filter(|breach| breach.level == Level::Baseline);
    let mut found = BTreeSet::new();
    for breach in rules {
        match breach.rule {
            "hostNamespaces" => {
                let names = ["hostNetwork", "hostPID", "hostIPC"].into_iter();
                let named = names.filter(|name| spec.get(name).is_some_and(Node::is_true));
                found.extend(named.map(str::to_owned));
            }
            "capabilities_baseline" => found.extend(capabilities(spec)),
            "hostPathVolumes" => found.extend(paths(spec, |_, _| true)),
            "hostPorts" => found.extend(ports(spec)),
            "sysctls" => found.extend(sysctls(spec)),
            rule => drop(found.insert(rule.to_owned())),
        }
    }
    Some(found)
}

fn items<'n>(holder: &'n Node, name: &str) -> impl Iterator<Item = &'n Node> + use<'n> {
    holder.get(name).and_then(Node::as_seq).into_iter().flatten()
}

fn containers(spec: &Node) -> impl Iterator<Item = &Node> {
    items(spec, "initContainers").chain(items(spec, "containers"))
}

/// The capabilities that containers add beyond those that the level lets them.
fn capabilities(spec: &Node) -> impl Iterator<Item = String> {
    let added = containers(spec).filter_map(|one| one.pointer("/securityContext/capabilities"));
    let names = added.flat_map(|one| items(one, "add")).filter_map(Node::as_str);
    names.filter(|name| !is_default_capability(name)).map(str::to_owned)
}

/// The names of the containers that are privileged.
fn privileged(object: &Object) -> BTreeSet<String> {
    let spec = template_of(&object.node).and_then(|template| template.get("spec"));
    let all = spec
        .into_iter()
        .flat_map(containers)
        .filter(|one| one.pointer("/securityContext/privileged").is_some_and(Node::is_true));
    all.filter_map(|one| one.get("name")?.as_str()).map(str::to_owned).collect()
}

/// The ports of the node that containers take, beside those that its network gives them.
fn ports(spec: &Node) -> BTreeSet<String> {
    let port = |port: &Node| {
        let number = port.get("hostPort").and_then(Node::as_int).filter(|it| *it != 0)?;
        let protocol = port.get("protocol").and_then(Node::as_str).filter(|it| *it != "TCP");
        let protocol = protocol.map(|name| format!("/{name}")).unwrap_or_default();
        Some(format!("{PORT}{number}{protocol}"))
    };
    if spec.get("hostNetwork").is_some_and(Node::is_true) {
        return BTreeSet::new();
    }
    containers(spec).flat_map(|one| items(one, "ports")).filter_map(port).collect()
}

/// The settings of the kernel that no version of the level lets pods have.
fn sysctls(spec: &Node) -> impl Iterator<Item = String> {
    let stated = spec.get("securityContext").into_iter().flat_map(|it| items(it, "sysctls"));
    let names = stated.filter_map(|one| one.get("name")?.as_str());
    names.filter(|name| sysctl_since(name).is_none()).map(|name| format!("sysctl {name}"))
}

/// The directories and files of the node that containers mount, those of certain mounts.
fn paths(spec: &Node, is_wanted: impl Fn(&Node, &Node) -> bool) -> BTreeSet<String> {
    let is_mounted = |name: &str, volume: &Node| {
        let mounts = containers(spec)
            .flat_map(|one| items(one, "volumeMounts").chain(items(one, "volumeDevices")));
        let mut mounts = mounts.filter(|mount| is_wanted(mount, volume));
        mounts.any(|it| it.get("name").and_then(Node::as_str) == Some(name))
    };
    let path = |volume: &Node| {
        let name = volume.get("name").and_then(Node::as_str)?;
        let path = volume.pointer("/hostPath/path").and_then(Node::as_str)?;
        // The server refuses `..`.
        let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
        // What is hidden has no slash.
        let root = if path.starts_with('/') { "/" } else { "" };
        let path = parts.collect::<Vec<_>>().join("/");
        is_mounted(name, volume).then(|| format!("{PATH}{root}{path}"))
    };
    items(spec, "volumes").filter_map(path).collect()
}
