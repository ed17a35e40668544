//! Pods and templates of pods: `pkg/api/pod/warnings.go`.

use std::collections::HashMap;

use super::{
    address, annotations, node_label, node_labels, node_term, node_terms, port, storage, volume,
    whole_bytes, within,
};
use crate::check::object::fault::Faults;
use crate::check::object::pod::container::each;
use crate::check::object::value::number;
use crate::model::Field;
use crate::yaml::Node;

const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

const ANNOTATIONS: &[(&str, &str)] = &[
    ("scheduler.alpha.kubernetes.io/critical-pod", "it does nothing; use `priorityClassName`"),
    ("security.alpha.kubernetes.io/sysctls", "it does nothing; use `securityContext.sysctls`"),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "it does nothing; use `securityContext.sysctls`",
    ),
];

/// Volumes that no kubelet mounts any more, with the minor version whose kubelet was the first.
const GONE: &[(&str, u32)] = &[
    ("photonPersistentDisk", 16),
    ("scaleIO", 22),
    ("flocker", 25),
    ("storageos", 25),
    ("quobyte", 25),
    ("glusterfs", 26),
    ("cephfs", 31),
    ("rbd", 31),
];

/// `warningsForPodSpecAndMeta`, but for items of maps that come twice: only an apply refuses these.
/// Only templates keep a negative grace period: that of a pod itself is 1 before anyone looks.
pub(super) fn check(pod: &Field<'_>, is_template: bool, faults: &mut Faults) {
    annotations(pod, ANNOTATIONS, faults);
    let Some(spec) = pod.get("spec") else { return };
    seccomp(pod, &spec, faults);
    if faults.since(30) {
        app_armor(pod, is_template, &spec, faults);
    }
    within(&spec, "nodeSelector", node_labels, faults);
    within(&spec, "affinity", affinity, faults);
    within(&spec, "topologySpreadConstraints", spread, faults);
    within(&spec, "volumes", volumes, faults);
    within(&spec, "overhead", bytes, faults);
    each(&spec, |container| within(container, "resources", resources, faults));
    ports(&spec, faults);
    within(&spec, "hostAliases", host_aliases, faults);
    if let Some(dns) = spec.get("dnsConfig") {
        within(&dns, "nameservers", address::all_canonical, faults);
    }
    port::overlapping(&spec, faults);
    if let Some(field) = spec.get("terminationGracePeriodSeconds")
        && number(&spec, "terminationGracePeriodSeconds").is_some_and(|seconds| seconds < 0)
        && is_template
    {
        let message = "a negative grace period counts as 1 second";
        faults.warn("grace-period-negative", &field, message).help("write 0 or more seconds");
    }
}

/// Seccomp profiles in annotations, which nothing reads since 1.27.
fn seccomp(pod: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let has_field =
        |owner: &Field<'_>| owner.node.pointer("/securityContext/seccompProfile").is_some();
    let advice = "it does nothing; use `securityContext.seccompProfile`";
    if !has_field(spec) {
        annotations(pod, &[(SECCOMP_POD, advice)], faults);
    }
    each(spec, |container| {
        if !has_field(container) {
            let key = format!("{SECCOMP}{}", container.text("name"));
            annotations(pod, &[(&key, advice)], faults);
        }
    });
}

fn host_aliases(aliases: &Field<'_>, faults: &mut Faults) {
    aliases.items().for_each(|alias| within(&alias, "ip", address::canonical, faults));
}

/// AppArmor profiles in annotations, for which there is a field since 1.30. One that differs from
/// that of the pod is refused before.
fn app_armor(pod: &Field<'_>, is_template: bool, spec: &Field<'_>, faults: &mut Faults) {
    let has_field = |owner: &Field<'_>| {
        let profile = owner.node.pointer("/securityContext/appArmorProfile");
        profile.is_some_and(|profile| !profile.is_null())
    };
    let windows = spec.node.pointer("/os/name").and_then(Node::as_str) == Some("windows");
    if has_field(spec) || (windows && !is_template) {
        return;
    }
    each(spec, |container| {
        if !has_field(container) {
            let key = format!("{APP_ARMOR}{}", container.text("name"));
            annotations(pod, &[(&key, "use `securityContext.appArmorProfile`")], faults);
        }
    });
}

fn affinity(affinity: &Field<'_>, faults: &mut Faults) {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
    if let Some(node) = affinity.get("nodeAffinity") {
        let required = |field: &Field<'_>, faults: &mut Faults| {
            within(field, "nodeSelectorTerms", node_terms, faults);
        };
        within(&node, REQUIRED, required, faults);
        let preferred = |field: &Field<'_>, faults: &mut Faults| {
            field.items().for_each(|item| within(&item, "preference", node_term, faults));
        };
        within(&node, PREFERRED, preferred, faults);
    }
    for name in ["podAffinity", "podAntiAffinity"] {
        let Some(pod) = affinity.get(name) else { continue };
        if let Some(terms) = pod.get(REQUIRED) {
            terms.items().for_each(|term| no_selector(&term, faults));
        }
        if let Some(terms) = pod.get(PREFERRED) {
            terms.items().for_each(|term| within(&term, "podAffinityTerm", no_selector, faults));
        }
    }
}

/// A term without `labelSelector` is about no pod, unlike one with an empty selector.
fn no_selector(term: &Field<'_>, faults: &mut Faults) {
    if term.get("labelSelector").is_none() {
        let message = format!("`{term}` has no `labelSelector`, so it is about no pod");
        faults
            .warn("label-selector-missing", term, message)
            .help("name the labels of the pods that it is about; `{}` stands for all");
    }
}

fn spread(constraints: &Field<'_>, faults: &mut Faults) {
    for constraint in constraints.items() {
        if let Some(key) = constraint.get("topologyKey") {
            node_label(constraint.text("topologyKey"), &key, faults);
        }
        no_selector(&constraint, faults);
    }
}

fn volumes(volumes: &Field<'_>, faults: &mut Faults) {
    for volume in volumes.items() {
        gone(&volume, faults);
        volume::overlapping(&volume, faults);
        if let Some(field) = volume.get("gitRepo") {
            let message = "volumes of `gitRepo` are deprecated, and off by default since 1.33";
            faults
                .warn("volume-plugin-gone", &field, message)
                .help("clone in an init container into an `emptyDir`");
        }
        if let Some(ephemeral) = volume.get("ephemeral")
            && let Some(template) = ephemeral.get("volumeClaimTemplate")
        {
            within(&template, "spec", storage::claim, faults);
        }
    }
}

/// A source of a volume that Kubernetes gave up.
pub(super) fn gone(volume: &Field<'_>, faults: &mut Faults) {
    for &(name, minor) in GONE {
        if let Some(field) = volume.get(name) {
            let message = if faults.since(minor) {
                format!("volumes of `{name}` do nothing since Kubernetes 1.{minor}")
            } else {
                format!("volumes of `{name}` are deprecated, and do nothing from 1.{minor} on")
            };
            faults.warn("volume-plugin-gone", &field, message).help("use the CSI driver for them");
        }
    }
}

fn bytes(amounts: &Field<'_>, faults: &mut Faults) {
    whole_bytes(amounts, &["memory", "ephemeral-storage"], faults);
}

fn resources(resources: &Field<'_>, faults: &mut Faults) {
    within(resources, "requests", bytes, faults);
    within(resources, "limits", bytes, faults);
}

/// Names of ports that come twice in a pod: Services and probes take the first.
fn ports(spec: &Field<'_>, faults: &mut Faults) {
    let mut names: HashMap<String, String> = HashMap::new();
    each(spec, |container| {
        let Some(ports) = container.get("ports") else { return };
        for port in ports.items() {
            if port.node.get("hostPort").is_none()
                && let Some(field) = port.get("hostIP")
                && !port.text("hostIP").is_empty()
            {
                let message = "`hostIP` without `hostPort` does nothing";
                faults
                    .warn("field-ignored", &field, message)
                    .help("add `hostPort`, or leave it out");
            }
            let Some(field) = port.get("name") else { continue };
            let name = port.text("name");
            if name.is_empty() {
                continue;
            }
            if let Some(first) = names.get(name) {
                let message = format!("the port name `{name}` is taken by `{first}`");
                faults
                    .warn("port-name-repeated", &field, message)
                    .help("Services and probes that say this name get the first; rename one");
            } else {
                names.insert(name.to_owned(), port.to_string());
            }
        }
    });
}
