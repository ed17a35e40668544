//! Every object judged as the API server would judge it.

mod admission;
mod cluster;
mod crd;
mod custom;
mod decode;
mod fault;
mod field;
mod gate;
mod kinds;
mod list_keys;
mod metadata;
mod network;
mod pod;
mod served;
mod server_path;
mod storage;
mod value;
mod warning;
mod workload;

pub mod registry;
pub mod whole;

pub use fault::{Fault, Reason};

use fault::Faults;
use field::Field;

use crate::model::{GroupKind, ObjectKey};
use crate::schema::{Definitions, pack};
use crate::yaml::Node;

/// Judges objects for one version of Kubernetes and the custom kinds that are known.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'d> {
    minor: u32,
    definitions: &'d Definitions,
}

/// What came of judging one object.
#[derive(Debug, Default, PartialEq)]
pub struct Verdict {
    /// What is wrong, in the order of the object.
    pub faults: Vec<Fault>,
    /// Whether there was a schema to judge it by. Without one there can still be faults: a version
    /// that is gone, broken metadata.
    pub has_schema: bool,
    /// Rules of a custom resource that could not be evaluated, each with the reason.
    pub unknown: Vec<String>,
}

impl<'d> Judge<'d> {
    /// A judge for a minor version of Kubernetes 1.
    #[must_use]
    pub fn new(minor: u32, definitions: &'d Definitions) -> Self {
        Self { minor, definitions }
    }

    /// Whether objects of this one's kind live in the cluster as a whole.
    #[must_use]
    pub fn is_cluster_wide(&self, object: &Node) -> bool {
        let GroupKind { group, kind } = ObjectKey::of(object).group_kind;
        let native = pack(self.minor).versions(&group, &kind).next();
        let namespaced = native.map(|resource| resource.namespaced);
        namespaced.or_else(|| self.definitions.is_namespaced(&group, &kind)) == Some(false)
    }

    /// What is wrong with one object.
    #[must_use]
    pub fn object(&self, object: &Node) -> Verdict {
        let root = Field::root(object);
        let api_version = root.text("apiVersion");
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let pack = pack(self.minor);
        let mut faults = Faults::new(self.minor);
        let known = pack.resource(group, version, root.text("kind"));
        let Some((resource, schema)) = known.and_then(|found| Some((found, pack.schema(found)?)))
        else {
            if let Some(known) = self.definitions.known(group, version, root.text("kind")) {
                return custom::check(known, self.minor, object);
            }
            // Kinds that are Kubernetes' own, in a version that is not served.
            let has_schema = served::check(&root, group, &mut faults);
            return Verdict { faults: faults.found, has_schema, unknown: Vec::new() };
        };
        decode::decode(pack, schema, &root, &mut faults);
        // The rules see only what could be read; a field that nobody knows is in nobody's way.
        if faults.found.iter().all(|fault| fault.reason == Some(Reason::Unknown)) {
            let rules = kinds::rules(group, &resource.kind, self.minor);
            let owned = rules.owned_finalizers;
            let mut dropped = Faults::new(self.minor);
            let kept = gate::drop_fields((group, &resource.kind), object, &mut dropped);
            let kept = Field::root(&kept);
            metadata::check(&kept, resource.namespaced, owned, rules.name, &mut faults);
            if rules.may_be_nameless {
                faults.found.retain(|fault| fault.id != "name-missing");
            }
            if rules.keeps_generation {
                metadata::generation(&root, &mut faults);
            }
            (rules.object)(&kept, &mut faults);
            server_path::rewrite(&mut faults.found);
            list_keys::check(pack, schema, &root, &mut faults);
            // What is refused gets no warnings, from the server neither.
            if faults.found.iter().all(|fault| fault.reason.is_none()) {
                served::deprecated(&root, resource, &mut faults);
                warning::check(&kept, resource, &mut faults);
            }
            // What is dropped may be the very reason for which it is refused.
            faults.found.append(&mut dropped.found);
        }
        Verdict { faults: faults.found, has_schema: true, unknown: Vec::new() }
    }
}
