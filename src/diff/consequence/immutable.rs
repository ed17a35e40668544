//! Fields that the API server does not let anybody change in an object that is there: the functions
//! `Validate…Update` in `pkg/apis/*/validation` of Kubernetes.

use std::collections::BTreeSet;

use super::fields;
use super::{Consequence, Effect};
use crate::diff::edit::{Edit, What, path};
use crate::diff::snapshot::Object;
use crate::model::Quantity;
use crate::yaml::{Node, emit};

/// Kinds of which only some fields below `spec` may change.
const ONLY: &[(&str, &str, &[&str])] = &[
    (
        "apps",
        "StatefulSet",
        &[
            "minReadySeconds",
            "ordinals",
            "persistentVolumeClaimRetentionPolicy",
            "replicas",
            "revisionHistoryLimit",
            "template",
            "updateStrategy",
        ],
    ),
    ("", "PersistentVolumeClaim", &["resources", "volumeAttributesClassName", "volumeName"]),
    (
        "",
        "Pod",
        &[
            "activeDeadlineSeconds",
            "containers",
            "initContainers",
            "schedulingGates",
            "terminationGracePeriodSeconds",
            "tolerations",
        ],
    ),
    (
        "",
        "PersistentVolume",
        &[
            "accessModes",
            "capacity",
            "claimRef",
            "mountOptions",
            "nodeAffinity",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "volumeAttributesClassName",
        ],
    ),
    ("resource.k8s.io", "ResourceClaim", &[]),
    ("resource.k8s.io", "ResourceClaimTemplate", &[]),
];

/// Kinds of which some fields may not change: what their ways begin with.
const NEVER: &[(&str, &str, &[&str])] = &[
    ("apps", "ControllerRevision", &["data"]),
    ("apps", "DaemonSet", &["spec.selector"]),
    ("apps", "Deployment", &["spec.selector"]),
    ("apps", "ReplicaSet", &["spec.selector"]),
    (
        "batch",
        "Job",
        &[
            "spec.backoffLimitPerIndex",
            "spec.completionMode",
            "spec.managedBy",
            "spec.podFailurePolicy",
            "spec.selector",
            "spec.successPolicy",
            "spec.template",
        ],
    ),
    ("", "Secret", &["type"]),
    ("certificates.k8s.io", "ClusterTrustBundle", &["spec.signerName"]),
    ("discovery.k8s.io", "EndpointSlice", &["addressType"]),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        &["spec.group", "spec.names.kind", "spec.names.plural", "spec.scope"],
    ),
    ("networking.k8s.io", "IPAddress", &["spec.parentRef"]),
    ("networking.k8s.io", "IngressClass", &["spec.controller"]),
    ("node.k8s.io", "RuntimeClass", &["handler"]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io", "RoleBinding", &["roleRef"]),
    ("resource.k8s.io", "ResourceSlice", &["spec.driver", "spec.nodeName", "spec.pool.name"]),
    ("scheduling.k8s.io", "PriorityClass", &["value", "preemptionPolicy"]),
    (
        "storage.k8s.io",
        "StorageClass",
        &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
    ),
    ("storage.k8s.io", "CSIDriver", &["spec.attachRequired", "spec.volumeLifecycleModes"]),
    ("storage.k8s.io", "CSIStorageCapacity", &["nodeTopology", "storageClassName"]),
    ("storage.k8s.io", "VolumeAttachment", &["spec"]),
    ("storage.k8s.io", "VolumeAttributesClass", &["driverName", "parameters"]),
];

/// Fields of a pod that plugins of the server and the scheduler fill in.
const FILLED_IN: [&str; 8] = [
    "imagePullSecrets",
    "nodeName",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "serviceAccount",
    "serviceAccountName",
];

/// The old name of a claim's class.
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// What the server refuses of a change, if anything.
pub(super) fn refused(before: &Object, after: &Object, edits: &[Edit]) -> Option<Consequence> {
    let edit = edits.iter().find(|edit| is_refused(before, after, edit))?;
    let text = format!(
        "`{}` cannot change in an object that is there: the API server refuses it until the object is deleted",
        path(&edit.at)
    );
    Some(Consequence { effect: Effect::Refused, text })
}

fn is_refused(before: &Object, after: &Object, edit: &Edit) -> bool {
    let kind = &after.key.group_kind;
    let way = fields(edit);
    let is_of = |group: &str, name: &str| kind.group == group && kind.kind == name;
    let only = ONLY.iter().find(|(group, name, _)| is_of(group, name));
    if let (Some((_, _, allowed)), ["spec", rest @ ..]) = (only, way.as_slice())
        && rest.first().is_none_or(|field| !allowed.contains(field))
    {
        return !is_late(before, &kind.kind, rest, edit);
    }
    if is_of("batch", "Job") && is_of_suspended(before, &way) {
        return false;
    }
    let dotted = way.join(".");
    let never = NEVER.iter().find(|(group, name, _)| is_of(group, name));
    let begins = |start: &&str| {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with('.');
        dotted.strip_prefix(start).is_some_and(is_below) || is_within(edit, &dotted, start)
    };
    if never.is_some_and(|(_, _, fields)| fields.iter().any(begins)) {
        return true;
    }
    match (&*kind.group, &*kind.kind) {
        ("", "ConfigMap" | "Secret") => {
            // What is marked as final stays so.
            before.node.get("immutable").is_some_and(Node::is_true)
                && ["data", "binaryData", "immutable"].iter().any(begins)
        }
        ("", "PersistentVolumeClaim") => {
            let is_replaced = matches!(edit.what, What::Replaced(..));
            is_other_class(before, after, &way)
                || is_replaced && begins(&"spec.volumeName")
                || begins(&"spec.resources.limits")
                || shrinks(edit) && begins(&"spec.resources.requests")
        }
        ("", "PersistentVolume") => match way.as_slice() {
            // Nodes can be said once, and their old labels by their new names.
            ["spec", "nodeAffinity", ..] => {
                let is_new = way.len() == 2 && matches!(edit.what, What::Added(_));
                let old = before.node.pointer("/spec/nodeAffinity").map(emit).unwrap_or_default();
                !is_new
                    && !["beta.kubernetes.io/", "-domain.beta."].iter().any(|it| old.contains(it))
            }
            ["spec", "volumeAttributesClassName"] => matches!(edit.what, What::Removed(_)),
            _ => false,
        },
        // A second family may come.
        ("networking.k8s.io", "ServiceCIDR") => {
            let [old, new] = [before, after].map(|one| {
                one.node.pointer("/spec/cidrs").and_then(Node::as_seq).unwrap_or_default()
            });
            let is_second = old.len() == 1 && new.len() == 2 && old[0].as_str() == new[0].as_str();
            begins(&"spec.cidrs") && !is_second
        }
        ("batch", "Job") => begins(&"spec.completions") && !is_resized(after),
        ("", "ResourceQuota") => begins(&"spec.scopes") && scopes(before) != scopes(after),
        ("", "Service") => {
            is_other_address(before, after, &way, edit)
                || is_other_check(before, after, &way, edit)
                || is_other_balancer(before, after, &way, edit)
        }
        ("", "Pod") => is_of_pod(before, &way, edit),
        _ => false,
    }
}

/// Whether a field may be said, or changed, as long as something else is so: that nobody sees whether it
/// was said in the cluster is reason enough.
///
/// Source: `validateStorageClassUpgradeFromNil`, `ValidatePersistentVolumeUpdate` and
/// `ValidatePodUpdate` in `pkg/apis/core/validation/validation.go` of Kubernetes.
fn is_late(before: &Object, kind: &str, way: &[&str], edit: &Edit) -> bool {
    let is_new = matches!(edit.what, What::Added(_));
    match (kind, way) {
        ("PersistentVolumeClaim", ["storageClassName"])
        | ("PersistentVolume", ["csi", "controllerExpandSecretRef"]) => is_new,
        // What else the server, or who puts the pod on a node, fills in.
        ("Pod", [field]) if FILLED_IN.contains(field) => is_new,
        // One that is held back may be told where to go.
        ("Pod", ["nodeSelector" | "affinity", ..]) => {
            before.node.pointer("/spec/schedulingGates").is_some()
        }
        _ => false,
    }
}

/// A claim keeps the class of its annotation, or gets the same as its field.
///
/// Source: `ValidateImmutableAnnotation` and `validateStorageClassUpgradeFromAnnotation` in
/// `pkg/apis/core/validation/validation.go` of Kubernetes.
fn is_other_class(before: &Object, after: &Object, way: &[&str]) -> bool {
    let is_annotation =
        matches!(way, ["metadata", "annotations"] | ["metadata", "annotations", BETA_CLASS]);
    let said = |object: &Object| {
        let annotations = object.node.pointer("/metadata/annotations")?;
        annotations.get(BETA_CLASS)?.as_str().map(str::to_owned)
    };
    let field = |object: &Object| {
        object.node.pointer("/spec/storageClassName").and_then(Node::as_str).map(str::to_owned)
    };
    let (old, new) = (said(before), said(after));
    let is_moved = old.is_some()
        && field(before).is_none()
        && field(after) == old
        && new.as_ref().is_none_or(|new| Some(new) == old.as_ref());
    is_annotation && !is_moved && old.unwrap_or_default() != new.unwrap_or_default()
}

/// Of containers that are there the image may change, of the pod some more.
///
/// Source: `ValidatePodUpdate` and `validateOnlyAddedTolerations` in
/// `pkg/apis/core/validation/validation.go` of Kubernetes.
fn is_of_pod(before: &Object, way: &[&str], edit: &Edit) -> bool {
    let is_gone = matches!(edit.what, What::Removed(_));
    let grows = |old: &Node, new: &Node| old.as_int() < new.as_int();
    match way {
        ["spec", "containers" | "initContainers"] => is_gone || matches!(edit.what, What::Added(_)),
        ["spec", "containers" | "initContainers", field, ..] => *field != "image",
        ["spec", "activeDeadlineSeconds"] => {
            is_gone || matches!(&edit.what, What::Replaced(old, new) if grows(old, new))
        }
        ["spec", "terminationGracePeriodSeconds"] => {
            let old = before.node.pointer("/spec/terminationGracePeriodSeconds");
            old.and_then(Node::as_int).is_none_or(|old| old >= 0)
        }
        ["spec", "tolerations", field] => *field != "tolerationSeconds",
        _ => false,
    }
}

/// A balancer that asks the nodes of the pods alone keeps the port for it.
///
/// Source: `validateServiceExternalTrafficFieldsUpdate` in `pkg/apis/core/validation/validation.go` of
/// Kubernetes.
fn is_other_check(before: &Object, after: &Object, way: &[&str], edit: &Edit) -> bool {
    let is_asked = |object: &Object| {
        let text = |at: &str| object.node.pointer(at).and_then(Node::as_str);
        text("/spec/type") == Some("LoadBalancer")
            && text("/spec/externalTrafficPolicy") == Some("Local")
    };
    let is_replaced = matches!(edit.what, What::Replaced(..));
    *way == ["spec", "healthCheckNodePort"] && is_replaced && is_asked(before) && is_asked(after)
}

/// Whether a field is in a value that came or went as a whole.
fn is_within(edit: &Edit, dotted: &str, field: &str) -> bool {
    let (What::Added(node) | What::Removed(node)) = &edit.what else { return false };
    let rest = field.strip_prefix(dotted).and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|rest| node.pointer(&format!("/{}", rest.replace('.', "/"))).is_some())
}

/// In any order, each once.
fn scopes(object: &Object) -> BTreeSet<&str> {
    let scopes = object.node.pointer("/spec/scopes").and_then(Node::as_seq);
    scopes.into_iter().flatten().filter_map(Node::as_str).collect()
}

fn shrinks(edit: &Edit) -> bool {
    let What::Replaced(old, new) = &edit.what else { return false };
    let sizes = Quantity::of(old).zip(Quantity::of(new));
    sizes.is_some_and(|(old, new)| new < old)
}

/// An indexed Job may get another size: as many completions as pods at once.
fn is_resized(after: &Object) -> bool {
    let field = |name: &str| after.node.get("spec")?.get(name);
    let is_indexed = field("completionMode").and_then(Node::as_str) == Some("Indexed");
    let [completions, parallelism] =
        ["completions", "parallelism"].map(|name| field(name).and_then(Node::as_int));
    is_indexed && completions == parallelism.or(Some(1))
}

/// A Job that has not begun may go elsewhere, and get other resources. One that has begun and was
/// suspended may not; nobody sees that here.
///
/// Source: `validatePodTemplateUpdate` in `pkg/apis/batch/validation/validation.go`,
/// `validationOptionsForJob` in `pkg/registry/batch/job/strategy.go` of Kubernetes.
fn is_of_suspended(before: &Object, way: &[&str]) -> bool {
    let ["spec", "template", rest @ ..] = way else { return false };
    before.node.pointer("/spec/suspend").is_some_and(Node::is_true)
        && matches!(
            rest,
            ["metadata"]
                | ["metadata", "annotations" | "labels", ..]
                | ["spec", "nodeSelector" | "schedulingGates" | "tolerations", ..]
                | ["spec", "affinity"]
                | ["spec", "affinity", "nodeAffinity", ..]
                | ["spec", "containers" | "initContainers", "resources", ..]
        )
}

/// A Service keeps its first family, and as long as it is balanced the class of what does so.
///
/// Source: `validateUpgradeDowngradeIPFamilies` and
/// `validateLoadBalancerClassField` in `pkg/apis/core/validation/validation.go` of Kubernetes.
fn is_other_balancer(before: &Object, after: &Object, way: &[&str], edit: &Edit) -> bool {
    let text = |object: &'_ Object, at: &str| {
        object.node.pointer(at).and_then(Node::as_str).map(str::to_owned)
    };
    let are = |kind: &str| {
        [before, after].map(|object| text(object, "/spec/type").as_deref() == Some(kind))
    };
    match way {
        ["spec", "loadBalancerClass"] => {
            are("LoadBalancer") == [true, true] && !matches!(edit.what, What::Added(_))
        }
        ["spec", "ipFamilies", ..] => {
            let [old, new] = [before, after].map(|object| text(object, "/spec/ipFamilies/0"));
            // One without an address of its own may have any.
            let is_headless = |object| text(object, "/spec/clusterIP").as_deref() == Some("None");
            !is_headless(before)
                && !is_headless(after)
                && are("ExternalName") == [false, false]
                && old.zip(new).is_some_and(|(old, new)| old != new)
        }
        _ => false,
    }
}

/// A Service keeps the address that it was given, which may be the very one that is stated newly; that
/// of an external name has none.
fn is_other_address(before: &Object, after: &Object, way: &[&str], edit: &Edit) -> bool {
    let is_external = |object: &Object| {
        object.node.pointer("/spec/type").and_then(Node::as_str) == Some("ExternalName")
    };
    let is_known = match &edit.what {
        What::Added(_) => {
            after.node.pointer("/spec/clusterIP").and_then(Node::as_str) == Some("None")
        }
        What::Removed(_) => false,
        What::Replaced(..) | What::Reordered(_) => true,
    };
    let is_address = matches!(way, ["spec", "clusterIP" | "clusterIPs"]);
    is_address && is_known && !is_external(before) && !is_external(after)
}
