//! Every object judged as the API server would judge it, and as Argo CD would read it.

mod admission;
mod argocd;
mod cluster;
mod crd;
mod custom;
mod decode;
mod fault;
mod gate;
mod kinds;
mod list_keys;
mod metadata;
mod network;
mod pod;
mod served;
mod server_path;
mod storage;
mod stranger;
mod unread;
mod value;
mod warning;
mod workload;

pub(crate) use argocd::{faults_of_application, faults_of_set};
pub use fault::{Fault, Reason};

use crate::model::Field;
use fault::Faults;

use crate::model::{GroupKind, Scope};
use crate::schema::{Definitions, Pack, Resource, Schema, pack};
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
    /// How many faults were left out because they depend on values that somebody fills in later.
    pub open: usize,
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
        self.scope(object) == Some(Scope::Cluster)
    }

    /// Where objects of this one's kind live; nothing where the kind is not known.
    #[must_use]
    pub fn scope(&self, object: &Node) -> Option<Scope> {
        let (group, kind) = GroupKind::stated(object);
        let native = pack(self.minor).versions(group, kind).next();
        let namespaced = native.map(|resource| resource.namespaced);
        let namespaced = namespaced.or_else(|| self.definitions.is_namespaced(group, kind))?;
        Some(if namespaced { Scope::Namespaced } else { Scope::Cluster })
    }

    /// What is wrong with one object.
    #[must_use]
    pub fn object(&self, object: &Node) -> Verdict {
        self.partial(object, |_| false)
    }

    /// What is wrong with one object in which somebody fills in the open values later. Faults at
    /// such a value, above it and below it are among those that are told.
    #[must_use]
    pub fn partial(&self, object: &Node, is_open: fn(&Node) -> bool) -> Verdict {
        let mut verdict = self.as_server(object, is_open);
        argocd::misplaced::help(object, &mut verdict.faults);
        let mut faults = Faults::new(self.minor);
        argocd::check(&Field::root(object), self.definitions, &mut faults);
        verdict.faults.append(&mut faults.found);
        verdict
    }

    /// The same, as the API server alone would find it.
    fn as_server(&self, object: &Node, is_open: fn(&Node) -> bool) -> Verdict {
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
            if !has_schema {
                stranger::check(object, &mut faults);
            }
            return Verdict { faults: faults.found, has_schema, ..Verdict::default() };
        };
        let unread = decode::decode(pack, schema, &root, is_open, &mut faults);
        let native = Native {
            minor: self.minor,
            pack,
            schema,
            resource,
            // What is refused gets no warnings, from the server neither; but a value that cannot
            // be read may be one that is yet to be filled in.
            may_warn: faults.found.iter().all(|fault| fault.reason == Some(Reason::Type)),
        };
        let mut open = 0;
        if unread.is_empty() {
            native.rules(object, &mut faults);
        } else {
            let rules = |object: &Node| {
                let mut faults = Faults::new(self.minor);
                native.rules(object, &mut faults);
                faults.found
            };
            // What they hold is written in languages of their own.
            let entangled = matches!(
                group,
                "apiextensions.k8s.io" | "apiregistration.k8s.io" | "admissionregistration.k8s.io"
            );
            let (mut found, of_open) = unread::judge(object, &unread, entangled, rules);
            faults.found.append(&mut found);
            open = of_open;
        }
        Verdict { faults: faults.found, has_schema: true, unknown: Vec::new(), open }
    }
}

/// A kind of Kubernetes' own.
struct Native<'p> {
    minor: u32,
    pack: &'p Pack,
    schema: &'p Schema,
    resource: &'p Resource,
    may_warn: bool,
}

impl Native<'_> {
    /// What its rules say of an object that could be read; a field that nobody knows is in nobody's
    /// way.
    fn rules(&self, object: &Node, faults: &mut Faults) {
        let (group, kind) = (&*self.resource.group, &*self.resource.kind);
        let root = Field::root(object);
        let rules = kinds::rules(group, kind, self.minor);
        let owned = rules.owned_finalizers;
        let mut dropped = Faults::new(self.minor);
        let kept = gate::drop_fields((group, kind), object, &mut dropped);
        let kept = Field::root(&kept);
        metadata::check(&kept, self.resource.namespaced, owned, rules.name, faults);
        if rules.may_be_nameless {
            faults.found.retain(|fault| fault.id != "name-missing");
        }
        if rules.keeps_generation {
            metadata::generation(&root, faults);
        }
        (rules.object)(&kept, faults);
        server_path::rewrite(&mut faults.found);
        list_keys::check(self.pack, self.schema, &root, faults);
        if self.may_warn && faults.found.iter().all(|fault| fault.reason.is_none()) {
            served::deprecated(&root, self.resource, faults);
            warning::check(&kept, self.resource, faults);
        }
        // Where nothing is left, that is told as what was dropped.
        faults.found.retain(|fault| {
            let is_within = |it: &Fault| {
                it.path.strip_prefix(&*fault.path).is_some_and(|rest| rest.starts_with('.'))
            };
            fault.id != "field-ignored" || !dropped.found.iter().any(is_within)
        });
        // What is dropped may be the very reason for which it is refused.
        faults.found.append(&mut dropped.found);
    }
}
