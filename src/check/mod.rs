//! Every object judged as the API server would judge it.

mod admission;
mod cluster;
mod crd;
mod decode;
mod fault;
mod field;
mod kinds;
mod metadata;
mod network;
mod pod;
mod served;
mod storage;
mod value;
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
