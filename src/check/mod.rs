//! Every object judged as the API server would judge it.

mod address;
mod admission_policy;
mod admission_rule;
mod amount;
mod api_service;
mod autoscaling;
mod claim;
mod cluster;
mod config;
mod container;
mod crd_schema;
mod crd_structure;
mod crd_value;
mod crd_view;
mod cron_job;
mod custom_resource_definition;
mod decode;
mod device_claim;
mod disruption;
mod endpoint;
mod endpoint_slice;
mod env;
mod expect;
mod fault;
mod field;
mod file_path;
mod flow_control;
mod go_regexp;
mod ingress;
mod job;
mod job_policy;
mod kinds;
mod limit_range;
mod metadata;
mod metric;
mod mount;
mod name;
mod network_policy;
mod node_selector;
mod persistent_volume;
mod pod;
mod pod_annotation;
mod pod_network;
mod port;
mod probe;
mod quota;
mod rbac;
mod resource;
mod schedule;
mod scheduling;
mod security;
mod selector;
mod served;
mod service;
mod service_address;
mod service_port;
mod stateful_set;
mod storage;
mod template;
mod text;
mod time_zone;
mod value;
mod volume;
mod volume_source;
mod webhook;
mod windows;
mod workload;

pub use fault::{Fault, Reason};

use fault::Faults;
use field::Field;

use crate::schema::pack;
use crate::yaml::Node;

/// What is wrong with one object for a minor version of Kubernetes 1. Nothing where its kind is not
/// Kubernetes' own: no schema of it is known here, and it is not judged.
#[must_use]
pub fn object(object: &Node, minor: u32) -> Option<Vec<Fault>> {
    let root = Field::root(object);
    let api_version = root.text("apiVersion");
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let pack = pack(minor);
    let mut faults = Faults::default();
    let Some(resource) = pack.resource(group, version, root.text("kind")) else {
        return served::check(&root, group, minor, &mut faults).then_some(faults.found);
    };
    decode::decode(pack, pack.schema(resource)?, &root, &mut faults);
    // The rules see only what could be read.
    if faults.found.is_empty() {
        let rules = kinds::rules(group, &resource.kind, minor);
        let owned = rules.owned_finalizers;
        metadata::check(&root, resource.namespaced, owned, rules.name, &mut faults);
        if rules.may_be_nameless {
            faults.found.retain(|fault| fault.id != "name-missing");
        }
        rules.check(&root, &mut faults);
    }
    Some(faults.found)
}
