//! Which rules the API server has in code for each native kind.

use crate::check::object::admission::api_service;
use crate::check::object::admission::flow_control;
use crate::check::object::admission::policy;
use crate::check::object::admission::webhook;
use crate::check::object::cluster::config;
use crate::check::object::cluster::device_claim;
use crate::check::object::cluster::event;
use crate::check::object::cluster::limit_range;
use crate::check::object::cluster::node;
use crate::check::object::cluster::quota;
use crate::check::object::cluster::rbac;
use crate::check::object::cluster::small;
use crate::check::object::crd::definition;
use crate::check::object::fault::Faults;
use crate::check::object::metadata::NameRule;
use crate::check::object::network::address_object;
use crate::check::object::network::endpoint;
use crate::check::object::network::endpoint_slice;
use crate::check::object::network::ingress;
use crate::check::object::network::network_policy;
use crate::check::object::network::service;
use crate::check::object::pod::spec;
use crate::check::object::storage::attachment;
use crate::check::object::storage::class;
use crate::check::object::value::name;
use crate::check::object::workload::autoscaling;
use crate::check::object::workload::controller;
use crate::check::object::workload::cron_job;
use crate::check::object::workload::disruption;
use crate::check::object::workload::job;
use crate::check::object::workload::stateful_set;
use crate::model::Field;

/// The rules of one kind.
pub(crate) struct Rules {
    /// How its objects are named.
    pub(crate) name: NameRule,
    /// Whether the server makes up a name where there is none, or needs none.
    pub(crate) may_be_nameless: bool,
    /// Whether the server takes the generation that an object states.
    pub(crate) keeps_generation: bool,
    /// Whether finalizers need the domain of their owner.
    pub(crate) owned_finalizers: bool,
    /// Everything beside metadata.
    pub(crate) object: fn(&Field<'_>, &mut Faults),
}

/// The rules of a kind for a minor version of Kubernetes 1.
pub(crate) fn rules(group: &str, kind: &str, minor: u32) -> Rules {
    let name: NameRule = match (group, kind) {
        // `RelaxedServiceNameValidation` is on since 1.36.
        ("", "Service") if minor < 36 => name::dns_1035_label,
        ("", "Service" | "Namespace") | ("apps", "StatefulSet") => name::dns_label,
        // `ValidatePodDisruptionBudget` does not look at it, so what every object needs is enough.
        ("policy", "PodDisruptionBudget") => name::path_segment,
        // `legacyValidateEvent` neither.
        ("", "Event") => name::path_segment,
        ("rbac.authorization.k8s.io" | "apiregistration.k8s.io", _) => name::path_segment,
        ("networking.k8s.io", "IPAddress") => address_object::ip_name,
        // Reviews are answered and not kept: nothing looks at their names.
        ("authentication.k8s.io" | "authorization.k8s.io", _) => |_| None,
        _ => name::dns_subdomain,
    };
    let object: fn(&Field<'_>, &mut Faults) = match (group, kind) {
        ("", "Pod") => spec::check,
        ("", "PodTemplate") => spec::pod_template,
        ("apps", "Deployment") => controller::deployment,
        ("apps", "DaemonSet") => controller::daemon_set,
        ("apps", "StatefulSet") => stateful_set::check,
        ("apps", "ReplicaSet") => controller::replica_set,
        ("", "ReplicationController") => controller::replication_controller,
        ("batch", "Job") => job::job,
        ("batch", "CronJob") => cron_job::check,
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaling::check,
        ("policy", "PodDisruptionBudget") => disruption::check,
        ("", "Service") => service::check,
        ("", "Endpoints") => endpoint::endpoints,
        ("discovery.k8s.io", "EndpointSlice") => endpoint_slice::check,
        ("networking.k8s.io", "Ingress") => ingress::ingress,
        ("networking.k8s.io", "NetworkPolicy") => network_policy::check,
        ("", "Node") => node::check,
        ("networking.k8s.io", "IngressClass") => ingress::ingress_class,
        ("", "PersistentVolume") => class::persistent_volume,
        ("", "PersistentVolumeClaim") => class::persistent_volume_claim,
        ("storage.k8s.io", "StorageClass") => class::storage_class,
        ("storage.k8s.io", "CSIDriver") => class::csi_driver,
        ("", "ConfigMap") => config::config_map,
        ("", "Secret") => config::secret,
        ("", "ResourceQuota") => quota::resource_quota,
        ("", "LimitRange") => limit_range::check,
        ("rbac.authorization.k8s.io", "Role") => rbac::role,
        ("rbac.authorization.k8s.io", "ClusterRole") => rbac::cluster_role,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => rbac::binding,
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration") => webhook::validating,
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration") => webhook::mutating,
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy") => policy::validating,
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy") => policy::mutating,
        (
            "admissionregistration.k8s.io",
            "ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding",
        ) => policy::binding,
        ("flowcontrol.apiserver.k8s.io", "FlowSchema") => flow_control::flow_schema,
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration") => {
            flow_control::priority_level
        }
        ("apiregistration.k8s.io", "APIService") => api_service::check,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition::check,
        ("scheduling.k8s.io", "PriorityClass") => small::priority_class,
        ("node.k8s.io", "RuntimeClass") => small::runtime_class,
        ("coordination.k8s.io", "Lease") => small::lease,
        ("resource.k8s.io", "ResourceClaimTemplate") => device_claim::claim_template,
        ("resource.k8s.io", "ResourceClaim") => device_claim::claim,
        ("resource.k8s.io", "DeviceClass") => device_claim::class,
        ("storage.k8s.io", "CSINode") => class::csi_node,
        ("storage.k8s.io", "VolumeAttributesClass") => class::attributes_class,
        ("", "Namespace") => small::namespace,
        ("", "Event") => event::core,
        ("events.k8s.io", "Event") => event::event,
        ("apps", "ControllerRevision") => controller::revision,
        ("networking.k8s.io", "ServiceCIDR") => address_object::service_cidr,
        ("networking.k8s.io", "IPAddress") => address_object::ip_address,
        ("storage.k8s.io", "CSIStorageCapacity") => attachment::storage_capacity,
        ("storage.k8s.io", "VolumeAttachment") => attachment::volume_attachment,
        _ => |_, _| {},
    };
    // `PrepareForCreate` of limit ranges makes up a name.
    let may_be_nameless = (group, kind) == ("", "LimitRange")
        || matches!(group, "authentication.k8s.io" | "authorization.k8s.io");
    // These groups leave metadata to `k8s.io/apimachinery` alone.
    let owned_finalizers = (group, kind) != ("", "Event")
        && !matches!(
            group,
            "admissionregistration.k8s.io"
                | "apiextensions.k8s.io"
                | "apiregistration.k8s.io"
                | "coordination.k8s.io"
                | "node.k8s.io"
                | "policy"
        );
    let keeps_generation = keeps_generation(group, kind);
    Rules { name, may_be_nameless, keeps_generation, owned_finalizers, object }
}

/// The kinds whose `PrepareForCreate` under `pkg/registry` does not set the generation to 1.
fn keeps_generation(group: &str, kind: &str) -> bool {
    match group {
        "" => matches!(
            kind,
            "ConfigMap"
                | "LimitRange"
                | "Namespace"
                | "PersistentVolume"
                | "PersistentVolumeClaim"
                | "ResourceQuota"
                | "Secret"
                | "Service"
                | "ServiceAccount"
        ),
        "autoscaling" | "coordination.k8s.io" | "node.k8s.io" | "rbac.authorization.k8s.io" => true,
        "storage.k8s.io" => matches!(kind, "CSIDriver" | "StorageClass"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::object::Judge;
    use crate::schema::Definitions;
    use crate::source::{Sources, Span};
    use crate::yaml;

    /// How many faults an object has for a minor version.
    fn faults(object: &serde_json::Value, minor: u32) -> usize {
        let mut sources = Sources::default();
        let span = Span::new(sources.add("x", ""), 0..0);
        let definitions = Definitions::default();
        Judge::new(minor, &definitions).object(&yaml::from_json(object, span)).faults.len()
    }

    #[test]
    fn rules_that_came_with_a_version() {
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "x"},
            "spec": {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.1/8"}}]}]},
        });
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"},
            "spec": {"ports": [{"port": 80}], "externalIPs": ["010.0.0.1"]},
        });
        let digit = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "1x"},
            "spec": {"ports": [{"port": 80}]},
        });
        let scaler = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "x"},
            "spec": {"maxReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": "x"}},
        });
        for (object, since, before, after) in
            [(&policy, 36, 0, 1), (&service, 36, 0, 1), (&digit, 36, 1, 0), (&scaler, 34, 0, 1)]
        {
            assert_eq!(faults(object, since - 1), before, "{object}");
            assert_eq!(faults(object, since), after, "{object}");
        }
    }

    #[test]
    fn names_of_kinds() {
        let range = json!({"apiVersion": "v1", "kind": "LimitRange"});
        assert_eq!(faults(&range, 36), 0);
        let named = |kind: &str, group: &str, name: &str| json!({"apiVersion": group, "kind": kind, "metadata": {"name": name}, "spec": {}});
        let budget = named("PodDisruptionBudget", "policy/v1", "Upper_Case");
        assert_eq!(faults(&budget, 36), 0);
        assert_ne!(faults(&named("StatefulSet", "apps/v1", "a.b"), 36), 0);
    }
}
