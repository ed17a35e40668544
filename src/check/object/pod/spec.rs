//! Pods, and the templates that other kinds make them from.

use std::collections::HashMap;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::pod::annotation;
use crate::check::object::pod::container::{self, Pod};
use crate::check::object::pod::env;
use crate::check::object::pod::network;
use crate::check::object::pod::resource;
use crate::check::object::pod::scheduling;
use crate::check::object::pod::security;
use crate::check::object::pod::volume::{self, Kind};
use crate::check::object::pod::windows;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;
use crate::yaml::Node;

const NAME: &str = "name-invalid";

/// How long a pod may take to end, unless it says otherwise: `SetDefaults_PodSpec`.
const GRACE: i64 = 30;

/// Whose spec it is.
#[derive(Clone, Copy)]
enum Owner<'a> {
    /// A pod with this name, which is empty where the server makes one up.
    Pod { name: &'a str, labels: Option<&'a Node> },
    /// A template of pods.
    Template,
    /// The template of a StatefulSet, with the names of its claims, which are volumes of its pods.
    StatefulSet(&'a [&'a str]),
}

/// A Pod: `ValidatePodCreate` of `pkg/apis/core/validation/validation.go`.
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    annotation::check(object, faults);
    let metadata = object.get("metadata");
    let name = metadata.as_ref().map(|metadata| metadata.text("name")).unwrap_or_default();
    let labels = object.node.pointer("/metadata/labels");
    let Some(spec) = object.get("spec") else {
        return no_containers(object, faults);
    };
    self::spec(&spec, Owner::Pod { name, labels }, faults);
    // `validateOverhead` of `plugin/pkg/admission/runtimeclass/admission.go`
    if let Some(field) = spec.get("overhead")
        && value::count(&spec, "overhead") > 0
        && spec.text("runtimeClassName").is_empty()
    {
        let message = "a pod's overhead is that of its runtime class, and it names none";
        faults
            .at("pod-overhead-refused", Reason::Forbidden, &field, message)
            .help("remove `overhead`");
    }
    if let Some(field) = spec.get("nodeName")
        && !spec.text("nodeName").is_empty()
        && !value::list(&spec, "schedulingGates").is_empty()
    {
        let message = "a pod with scheduling gates has no node yet";
        faults
            .at("pod-gate-invalid", Reason::Forbidden, &field, message)
            .help("remove `nodeName` or the gates");
    }
}

/// A PodTemplate: `ValidatePodTemplate`.
pub(crate) fn pod_template(object: &Field<'_>, faults: &mut Faults) {
    match object.get("template") {
        Some(template) => self::template(&template, faults),
        None => no_template(object, faults),
    }
}

/// A fault for what makes pods and has no `template`: to the server it is one without containers.
pub(crate) fn no_template(owner: &Field<'_>, faults: &mut Faults) {
    let message = "no `template` says what the pods are";
    faults.missing("template-missing", owner, "template.spec.containers", message);
}

/// `template` of a workload: labels, annotations and the spec of its pods
/// (`ValidatePodTemplateSpec`).
pub(crate) fn template(template: &Field<'_>, faults: &mut Faults) {
    template_of(template, Owner::Template, faults);
}

/// `template` of a StatefulSet, whose claims (by the names of `volumeClaimTemplates`) are volumes
/// of its pods and take the place of volumes with the same names (`ValidateStatefulSetSpec` of
/// `pkg/apis/apps/validation/validation.go`).
pub(crate) fn stateful_template(template: &Field<'_>, claims: &[&str], faults: &mut Faults) {
    template_of(template, Owner::StatefulSet(claims), faults);
}

fn template_of(template: &Field<'_>, owner: Owner<'_>, faults: &mut Faults) {
    if let Some(metadata) = template.get("metadata") {
        metadata::labels_and_annotations(&metadata, faults);
    }
    annotation::check(template, faults);
    match template.get("spec") {
        Some(spec) => self::spec(&spec, owner, faults),
        None => no_containers(template, faults),
    }
}

fn no_containers(owner: &Field<'_>, faults: &mut Faults) {
    let message = "a pod needs `spec.containers`";
    faults.missing("container-missing", owner, "spec.containers", message);
}

/// `ValidatePodSpec`
fn spec(spec: &Field<'_>, owner: Owner<'_>, faults: &mut Faults) {
    let (itself, name, labels) = match owner {
        Owner::Pod { name, labels } => (true, name, labels),
        Owner::Template | Owner::StatefulSet(_) => (false, "", None),
    };
    if let Some(volumes) = spec.get("volumes") {
        let replaced = match owner {
            Owner::StatefulSet(claims) => claims,
            _ => &[],
        };
        volume::check(&volumes, itself, name, replaced, faults);
    }
    if let Some(claims) = spec.get("resourceClaims") {
        resource::pod_claims(&claims, faults);
    }
    let claims = value::list(spec, "resourceClaims").iter();
    let pod = Pod {
        itself,
        volumes: volumes(spec, owner),
        claims: claims.filter_map(|claim| claim.get("name")?.as_str()).collect(),
        grace: grace(spec),
        restart_policy: spec.text("restartPolicy"),
        host_network: value::is_true(spec, "hostNetwork"),
        host_users: value::boolean(spec, "hostUsers") != Some(false),
    };
    container::check(spec, &pod, faults);
    env::file_volumes(spec, &pod, faults);
    resource::of_pod(spec, itself, faults);
    if let Some(overhead) = spec.get("overhead") {
        resource::overhead(&overhead, faults);
    }
    security::of_pod(spec, faults);
    windows::check(spec, faults);
    scheduling::check(spec, labels, faults);
    network::check(spec, !matches!(owner, Owner::StatefulSet(_)), faults);
    words(spec, faults);
}

/// How long a pod may take to end; what is below 0 the server makes 1
/// (`Convert_v1_PodTemplateSpec_To_core_PodTemplateSpec`).
fn grace(spec: &Field<'_>) -> i64 {
    match value::number(spec, "terminationGracePeriodSeconds") {
        Some(..0) => 1,
        said => said.unwrap_or(GRACE),
    }
}

/// The volumes that containers may mount.
fn volumes<'a>(spec: &Field<'a>, owner: Owner<'a>) -> HashMap<&'a str, Kind> {
    let mut found = HashMap::new();
    if let Some(volumes) = spec.node.get("volumes").and_then(Node::as_seq) {
        for volume in volumes {
            let name = volume.get("name").and_then(Node::as_str).unwrap_or_default();
            found.entry(name).or_insert_with(|| volume::kind(volume));
        }
    }
    if let Owner::StatefulSet(claims) = owner {
        found.extend(claims.iter().map(|name| (*name, Kind::Claim)));
    }
    found.remove("");
    found
}

/// Single fields of a spec.
fn words(spec: &Field<'_>, faults: &mut Faults) {
    value::word_or_empty(
        value::UNKNOWN,
        spec,
        "restartPolicy",
        &["Always", "OnFailure", "Never"],
        faults,
    );
    value::word(
        value::UNKNOWN,
        spec,
        "preemptionPolicy",
        &["PreemptLowerPriority", "Never"],
        faults,
    );
    if let Some(labels) = spec.get("nodeSelector") {
        metadata::labels(&labels, faults);
    }
    // The older name counts where the newer is empty.
    let account = match spec.text("serviceAccountName") {
        "" => "serviceAccount",
        _ => "serviceAccountName",
    };
    for name in [account, "nodeName", "priorityClassName"] {
        value::form(NAME, spec, name, name::dns_subdomain, faults);
    }
    runtime_class(spec, faults);
    let deadline = 1..=i64::from(i32::MAX);
    value::range("number-out-of-range", spec, "activeDeadlineSeconds", deadline, faults);
}

/// The name of a RuntimeClass, of which the server judges the empty text too.
fn runtime_class(spec: &Field<'_>, faults: &mut Faults) {
    const FIELD: &str = "runtimeClassName";
    match spec.get(FIELD) {
        Some(field) if spec.text(FIELD).is_empty() => {
            faults
                .at(NAME, Reason::Invalid, &field, format!("`{FIELD}` may not be empty"))
                .help("leave it out");
        }
        _ => value::form(NAME, spec, FIELD, name::dns_subdomain, faults),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::source::{Sources, Span};
    use crate::yaml::from_json;

    /// Specs of pods that kube-apiserver 1.36.0 was asked of, with the fault that it refuses them
    /// for; nothing where it takes them.
    const ASKED: [(&str, &str); 27] = [
        (r#"{"containers": [{"name": "a", "image": "i"}]}"#, ""),
        (r#"{"containers": [{"name": "a", "image": " i"}]}"#, "image-invalid"),
        (
            r#"{"containers": [{"name": "a", "image": "i", "envFrom": [{"secretRef": {"name": "s-"}}]}]}"#,
            "",
        ),
        (
            r#"{"os": {"name": "windows"}, "hostNetwork": true, "containers": [{"name": "a", "image": "i"}],
                "securityContext": {"windowsOptions": {"hostProcess": true}}}"#,
            "",
        ),
        (
            r#"{"os": {"name": "windows"}, "containers": [{"name": "a", "image": "i"}],
                "securityContext": {"windowsOptions": {"hostProcess": true}}}"#,
            "windows-options-invalid",
        ),
        (
            r#"{"os": {"name": "windows"}, "containers": [{"name": "a", "image": "i"}],
                "securityContext": {"fsGroup": 1}}"#,
            "other-system-field",
        ),
        (
            r#"{"hostNetwork": true, "containers": [
                {"name": "a", "image": "i", "ports": [{"containerPort": 80}]},
                {"name": "b", "image": "i", "ports": [{"containerPort": 80}]}]}"#,
            "port-taken",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "initContainers": [
                {"name": "b", "image": "i", "ports": [{"containerPort": 1, "hostPort": 2}]},
                {"name": "c", "image": "i", "ports": [{"containerPort": 1, "hostPort": 2}]}]}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "initContainers": [
                {"name": "b", "image": "i", "lifecycle": {"stopSignal": "SIGTERM"}}]}"#,
            "field-dropped",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "initContainers": [
                {"name": "b", "image": "i", "lifecycle": {}}]}"#,
            "init-container-handler",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "restartPolicy": "Never", "restartPolicyRules": [
                {"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}]}]}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "restartPolicyRules": [
                {"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}]}]}"#,
            "restart-rule-invalid",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "env": [{"name": "A", "valueFrom":
                {"fileKeyRef": {"key": "A", "path": "p", "volumeName": "v"}}}]}],
                "volumes": [{"name": "v"}]}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "env": [{"name": "A", "valueFrom":
                {"fileKeyRef": {"key": "A", "path": "p", "volumeName": "v"}}}]}],
                "volumes": [{"name": "v", "secret": {"secretName": "s"}}]}"#,
            "env-source-invalid",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "lifecycle": {"preStop": {"sleep": {"seconds": 30}}}}]}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "lifecycle": {"preStop": {"sleep": {"seconds": 31}}}}]}"#,
            "handler-invalid",
        ),
        (
            r#"{"resources": {"requests": {"cpu": "2"}}, "containers": [
                {"name": "a", "image": "i", "resources": {"requests": {"cpu": "1"}}}],
                "initContainers": [
                {"name": "b", "image": "i", "restartPolicy": "Always", "resources": {"requests": {"cpu": "1"}}},
                {"name": "c", "image": "i", "resources": {"requests": {"cpu": "1"}}}]}"#,
            "",
        ),
        (
            r#"{"resources": {"requests": {"cpu": "2"}}, "containers": [
                {"name": "a", "image": "i", "resources": {"requests": {"cpu": "1"}}}],
                "initContainers": [
                {"name": "b", "image": "i", "restartPolicy": "Always", "resources": {"requests": {"cpu": "1"}}},
                {"name": "c", "image": "i", "resources": {"requests": {"cpu": "1500m"}}}]}"#,
            "pod-resources-invalid",
        ),
        (
            r#"{"resources": {"limits": {"cpu": "1"}}, "containers": [
                {"name": "a", "image": "i", "resources": {"limits": {"cpu": "1"}}},
                {"name": "b", "image": "i", "resources": {"requests": {"cpu": "1m"}}}]}"#,
            "pod-resources-invalid",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "resources": {
                "requests": {"cpu": "0.1m"}, "limits": {"cpu": "0.05m"}}}]}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "resources": {"limits": {"example.com/gpu": "1500m"}}}]}"#,
            "resource-amount-invalid",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "resources": {"requests": {"example.com/gpu": "1"}}}]}"#,
            "resource-limit-missing",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i", "resources": {"claims": [
                {"name": "g", "request": "x"}, {"name": "g"}]}}],
                "resourceClaims": [{"name": "g", "resourceClaimName": "g"}]}"#,
            "resource-claim-invalid",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule",
                "matchLabelKeys": ["app"], "labelSelector": {"matchLabels": {"app": "x"}}}]}"#,
            "label-keys-invalid",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule",
                "matchLabelKeys": ["other"], "labelSelector": {"matchLabels": {"other": "x"}}}]}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "dnsConfig": {"searches": [".", "_x.a_b."]}}"#,
            "",
        ),
        (
            r#"{"containers": [{"name": "a", "image": "i"}], "hostAliases": [{"ip": "::ffff:10.0.0.1"}]}"#,
            "host-alias-invalid",
        ),
    ];

    #[test]
    fn as_the_server_said() {
        for (spec, id) in ASKED {
            let pod = format!(
                r#"{{"apiVersion": "v1", "kind": "Pod", "spec": {spec},
                    "metadata": {{"name": "p", "namespace": "ns", "labels": {{"app": "x"}}}}}}"#
            );
            let span = Span::new(Sources::default().add("pod", ""), 0..0);
            let pod = from_json(&serde_json::from_str(&pod).unwrap(), span);
            let definitions = crate::schema::Definitions::default();
            let faults = crate::check::object::Judge::new(36, &definitions).object(&pod).faults;
            let ids: Vec<&str> = faults.iter().map(|fault| fault.id).collect();
            let wanted: Vec<&str> = [id].into_iter().filter(|id| !id.is_empty()).collect();
            assert_eq!(ids, wanted, "{spec}");
        }
    }
}
