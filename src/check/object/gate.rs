//! What the server of a version takes out of an object before it looks at it, because a feature is
//! off by default there: `dropDisabledFields` of `pkg/api/pod/util.go` and its like, with the
//! history of the gates in `pkg/features/kube_features.go`.

use std::borrow::Cow;
use std::ops::Range;

use crate::check::object::fault::{Faults, Reason};
use crate::yaml::{Key, Node, Value};

const DROPPED: &str = "field-dropped";

/// A field, and the minor versions whose servers drop it.
struct Gate {
    /// Names between dots. `[]` stands for every item of a list, `?` for a map that goes too when
    /// nothing is left in it.
    path: &'static str,
    off: Range<u32>,
    /// The value that stays.
    but: &'static str,
}

const fn until(minor: u32, path: &'static str) -> Gate {
    Gate { path, off: 0..minor, but: "" }
}

const fn always(path: &'static str) -> Gate {
    Gate { path, off: 0..u32::MAX, but: "" }
}

/// Fields of the spec of a pod.
const POD: &[Gate] = &[
    // `UserNamespacesSupport`
    until(33, "hostUsers"),
    // `PodLevelResources`
    until(34, "resources"),
    // `DynamicResourceAllocation`
    until(34, "resourceClaims"),
    // `HostnameOverride`
    until(35, "hostnameOverride"),
    // `SupplementalGroupsPolicy`
    until(33, "securityContext.supplementalGroupsPolicy"),
    // `SELinuxChangePolicy`
    until(33, "securityContext.seLinuxChangePolicy"),
    // `SidecarContainers`
    until(29, "initContainers[].restartPolicy"),
    // `ContainerRestartRules`; before 1.34 such a policy is refused.
    Gate { path: "initContainers[].restartPolicy", off: 34..35, but: "Always" },
    Gate { path: "containers[].restartPolicy", off: 34..35, but: "" },
    until(35, "initContainers[].restartPolicyRules"),
    until(35, "containers[].restartPolicyRules"),
    // `VolumeAttributesClass`
    until(34, "volumes[].ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName"),
    // `ClusterTrustBundleProjection`
    until(37, "volumes[].projected.sources[].clusterTrustBundle"),
    // `PodCertificateRequest`
    until(37, "volumes[].projected.sources[].podCertificate"),
    // `GenericWorkload`
    always("workloadRef"),
    always("schedulingGroup"),
    // `EvictionRequestAPI`
    always("evictionResponders"),
    // `EmptyDirVolumeMode`
    always("volumes[].emptyDir.mode"),
];

/// Fields of a container.
const CONTAINER: &[Gate] = &[
    // `DynamicResourceAllocation`
    until(34, "resources.claims"),
    // `InPlacePodVerticalScaling`
    until(33, "resizePolicy"),
    // `RecursiveReadOnlyMounts`
    until(31, "volumeMounts[].recursiveReadOnly"),
    // `ProcMountType`
    Gate { path: "securityContext.procMount", off: 0..33, but: "Default" },
    // `EnvFiles`
    until(35, "env[].valueFrom.fileKeyRef"),
    // `PodLifecycleSleepAction`
    until(30, "lifecycle?.preStop?.sleep"),
    until(30, "lifecycle?.postStart?.sleep"),
    // `ContainerStopSignals`
    always("lifecycle?.stopSignal"),
    // `VolumeBindMountOptions`
    always("volumeMounts[].bindMountOptions"),
    // `GRPCContainerProbeTLS`
    always("livenessProbe.grpc.mode"),
    always("readinessProbe.grpc.mode"),
    always("startupProbe.grpc.mode"),
    // `H2CContainerProbe`
    always("livenessProbe.httpGet.protocol"),
    always("readinessProbe.httpGet.protocol"),
    always("startupProbe.httpGet.protocol"),
];

/// Fields of a term of affinity to pods: `MatchLabelKeysInPodAffinity`.
const TERM: &[Gate] = &[until(31, "matchLabelKeys"), until(31, "mismatchLabelKeys")];

const JOB: &[Gate] = &[
    // `JobManagedBy`
    until(32, "spec.managedBy"),
    // `JobSuccessPolicy`
    until(31, "spec.successPolicy"),
    // `JobBackoffLimitPerIndex`
    until(29, "spec.backoffLimitPerIndex"),
    until(29, "spec.maxFailedIndexes"),
    // `JobPodReplacementPolicy`
    until(29, "spec.podReplacementPolicy"),
];

// `MaxUnavailableStatefulSet` and `VolumeAttributesClass`; the latter is dropped from the claims
// that the controller makes.
const STATEFUL_SET: &[Gate] = &[
    until(37, "spec.updateStrategy.rollingUpdate.maxUnavailable"),
    until(34, "spec.volumeClaimTemplates[].spec.volumeAttributesClassName"),
];

/// `HPAConfigurableTolerance`
const AUTOSCALER: &[Gate] =
    &[until(35, "spec.behavior.scaleUp.tolerance"), until(35, "spec.behavior.scaleDown.tolerance")];

/// `ServiceTrafficDistribution`
const SERVICE: &[Gate] = &[until(31, "spec.trafficDistribution")];

/// `VolumeAttributesClass`
const VOLUME: &[Gate] = &[until(34, "spec.volumeAttributesClassName")];

/// Since when volumes of images are on by default (`ImageVolume`).
const IMAGE_VOLUMES: u32 = 35;

/// The object as the server of a version looks at it. Each field that is gone is a warning.
pub(crate) fn drop_fields<'a>(
    (group, kind): (&str, &str),
    object: &'a Node,
    faults: &mut Faults,
) -> Cow<'a, Node> {
    let own: &[Gate] = match (group, kind) {
        ("batch", "Job") => JOB,
        ("apps", "StatefulSet") => STATEFUL_SET,
        ("autoscaling", "HorizontalPodAutoscaler") => AUTOSCALER,
        ("", "Service") => SERVICE,
        ("", "PersistentVolume" | "PersistentVolumeClaim") => VOLUME,
        _ => &[],
    };
    let pod = match (group, kind) {
        ("", "Pod") => "spec",
        ("", "PodTemplate") => "template.spec",
        ("", "ReplicationController")
        | ("apps", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet")
        | ("batch", "Job") => "spec.template.spec",
        ("batch", "CronJob") => "spec.jobTemplate.spec.template.spec",
        _ => "",
    };
    if own.is_empty() && pod.is_empty() {
        return Cow::Borrowed(object);
    }
    let mut object = Cow::Borrowed(object);
    drop_all(own, "", &mut object, faults);
    if !pod.is_empty() {
        drop_all(POD, pod, &mut object, faults);
        for list in ["initContainers[]", "containers[]"] {
            drop_all(CONTAINER, &format!("{pod}.{list}"), &mut object, faults);
        }
        for kind in ["podAffinity", "podAntiAffinity"] {
            for list in [
                "requiredDuringSchedulingIgnoredDuringExecution[]",
                "preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm",
            ] {
                let term = format!("{pod}.affinity.{kind}.{list}");
                drop_all(TERM, &term, &mut object, faults);
            }
        }
        image_volumes(pod, &mut object, faults);
    }
    // `PrepareForCreate` of Jobs: rules for the limit that is gone.
    if kind == "Job" && !faults.since(29) {
        failures_by_index(&mut object);
    }
    object
}

/// Drops the fields of a table that lie below a place.
fn drop_all(gates: &[Gate], below: &str, object: &mut Cow<'_, Node>, faults: &mut Faults) {
    let minor = faults.minor();
    for gate in gates.iter().filter(|gate| gate.off.contains(&minor)) {
        let above = below.split('.').filter(|step| !step.is_empty());
        let steps = above.chain(gate.path.split('.'));
        if is_there(object, steps.clone(), gate.but) {
            let since = (gate.off.end, gate.but);
            let steps: Vec<&str> = steps.collect();
            take(object.to_mut(), &steps, &mut String::new(), since, faults);
        }
    }
}

/// The name of a step, whether it leads to the items of a list, and whether it goes when empty.
fn read(step: &str) -> (&str, bool, bool) {
    let (name, items) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
    let (name, goes) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
    (name, items, goes)
}

fn stays(node: &Node, but: &str) -> bool {
    node.is_null() || (!but.is_empty() && node.as_str() == Some(but))
}

fn is_there<'s>(node: &Node, mut steps: impl Iterator<Item = &'s str> + Clone, but: &str) -> bool {
    let Some(step) = steps.next() else { return !stays(node, but) };
    let (name, items, _) = read(step);
    let Some(node) = node.get(name) else { return false };
    match items {
        true => {
            let mut list = node.as_seq().unwrap_or_default().iter();
            list.any(|item| is_there(item, steps.clone(), but))
        }
        false => is_there(node, steps, but),
    }
}

/// Takes a field out, wherever its path leads.
fn take(
    node: &mut Node,
    steps: &[&str],
    path: &mut String,
    since: (u32, &str),
    faults: &mut Faults,
) {
    let Some((step, rest)) = steps.split_first() else { return };
    let (name, items, goes) = read(step);
    let Some(map) = node.as_map_mut() else { return };
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(name);
    if rest.is_empty() {
        if map.get(name).is_some_and(|node| !stays(node, since.1))
            && let Some(entry) = map.remove(name)
        {
            warn(path, &entry, since.0, faults);
        }
    } else if let Some(inner) = map.get_mut(name) {
        match &mut inner.value {
            Value::Seq(list) if items => {
                for (index, item) in list.iter_mut().enumerate() {
                    let length = path.len();
                    path.push_str(&format!("[{index}]"));
                    take(item, rest, path, since, faults);
                    path.truncate(length);
                }
            }
            _ => take(inner, rest, path, since, faults),
        }
        if goes && inner.as_map().is_some_and(|map| map.is_empty()) {
            map.remove(name);
        }
    }
    path.truncate(length);
}

fn warn(path: &str, (key, node): &(Key, Node), since: u32, faults: &mut Faults) {
    let minor = faults.minor();
    let message = format!("Kubernetes 1.{minor} drops `{}` without a word", key.name);
    let fault = faults.at_path(DROPPED, Reason::Invalid, path.to_owned(), key.span, message);
    fault.reason = None;
    fault.origins.clone_from(&node.origins);
    fault.help(match since {
        u32::MAX => "its feature is off by default in every version; leave it out".to_owned(),
        _ => format!("its feature is on by default since 1.{since}; leave it out until then"),
    });
}

/// Volumes of images, with all that mounts them: `dropImageVolumes` of `pkg/api/pod/util.go`.
fn image_volumes(pod: &str, object: &mut Cow<'_, Node>, faults: &mut Faults) {
    let pointer = format!("/{}", pod.replace('.', "/"));
    let is_image = |volume: &Node| volume.get("image").is_some_and(|image| !image.is_null());
    let volumes = |spec: &Node| -> Vec<Node> {
        let list = spec.get("volumes").and_then(Node::as_seq).unwrap_or_default();
        list.iter().filter(|volume| is_image(volume)).cloned().collect()
    };
    if faults.since(IMAGE_VOLUMES) {
        return;
    }
    let gone = object.pointer(&pointer).map(volumes).unwrap_or_default();
    if gone.is_empty() {
        return;
    }
    let mut spec = Some(object.to_mut());
    for name in pod.split('.') {
        spec = spec.and_then(Node::as_map_mut).and_then(|map| map.get_mut(name));
    }
    let Some(spec) = spec.and_then(Node::as_map_mut) else { return };
    let name = |node: &Node| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let names: Vec<Option<String>> = gone.iter().map(name).collect();
    if let Some(Value::Seq(list)) = spec.get_mut("volumes").map(|node| &mut node.value) {
        for (index, volume) in list.iter().enumerate().filter(|(_, volume)| is_image(volume)) {
            let entry = volume.as_map().and_then(|map| map.entry("image"));
            if let Some((key, node)) = entry {
                let path = format!("{pod}.volumes[{index}].image");
                warn(&path, &(key.clone(), node.clone()), IMAGE_VOLUMES, faults);
            }
        }
        list.retain(|volume| !is_image(volume));
    }
    for list in ["initContainers", "containers"] {
        let Some(Value::Seq(list)) = spec.get_mut(list).map(|node| &mut node.value) else {
            continue;
        };
        for container in list {
            let mounts = container.as_map_mut().and_then(|map| map.get_mut("volumeMounts"));
            if let Some(Value::Seq(mounts)) = mounts.map(|node| &mut node.value) {
                mounts.retain(|mount| !names.contains(&name(mount)));
            }
        }
    }
}

/// Rules for the failure of one index.
fn failures_by_index(object: &mut Cow<'_, Node>) {
    let is_by_index = |rule: &Node| rule.get("action").and_then(Node::as_str) == Some("FailIndex");
    let rules = object.pointer("/spec/podFailurePolicy/rules").and_then(Node::as_seq);
    if !rules.unwrap_or_default().iter().any(is_by_index) {
        return;
    }
    let mut rules = Some(object.to_mut());
    for name in ["spec", "podFailurePolicy", "rules"] {
        rules = rules.and_then(Node::as_map_mut).and_then(|map| map.get_mut(name));
    }
    if let Some(Value::Seq(rules)) = rules.map(|node| &mut node.value) {
        rules.retain(|rule| !is_by_index(rule));
    }
}
