//! What is known of custom kinds.

mod directory;

pub use directory::directory;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::custom_pack;
use super::plain::Plain;
use super::structural::{self, Structural};
use crate::model::GroupKind;
use crate::yaml::{self, Node};

/// The custom kinds that objects can be judged by.
///
/// What stands in the files that are checked wins over a directory of schemas, and that over the
/// embedded packs: it is nearer to what the cluster has. Shared by reference between threads.
#[derive(Debug, Default)]
pub struct Definitions {
    known: HashMap<GroupKind, (Found, Definition)>,
    /// By `group/kind_version`, the kind in lower case.
    plain: HashMap<String, Plain>,
}

/// Where a definition was found; what comes later wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// In a directory of schemas.
    Directory,
    /// Among what is checked.
    Checked,
}

/// A custom kind.
#[derive(Debug)]
pub struct Definition {
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Every version, those that are not served too.
    pub versions: Vec<Version>,
    /// The release that an embedded definition is of, as `cert-manager v1.21.2`. The cluster may
    /// have another one. Nothing where the definition is the user's own.
    pub release: Option<Arc<str>>,
}

/// One version of a custom kind.
#[derive(Debug)]
pub struct Version {
    /// Its name.
    pub name: Box<str>,
    /// Whether the server has it.
    pub served: bool,
    /// What to say of its use, where it is deprecated; may be empty.
    pub deprecated: Option<Box<str>>,
    /// The schema.
    pub schema: Arc<Structural>,
    /// Whether `status` is a subresource, so that creating an object drops it.
    pub has_status: bool,
    /// The subresource `scale`.
    pub scale: Option<Scale>,
}

/// Where the subresource `scale` looks: paths such as `.spec.replicas`.
#[derive(Debug)]
pub struct Scale {
    /// The replicas that are wanted.
    pub spec_replicas: Box<str>,
    /// The replicas that are there.
    pub status_replicas: Box<str>,
    /// The label selector, as text.
    pub selector: Option<Box<str>>,
}

/// What is known of a kind in one version.
#[derive(Debug, Clone, Copy)]
pub enum Known<'d> {
    /// Its version of a definition.
    Version(&'d Definition, &'d Version),
    /// A definition that does not serve the version.
    Unserved(&'d Definition),
    /// A JSON Schema.
    Plain(&'d Plain),
}

impl Definitions {
    /// Takes a CustomResourceDefinition (`apiextensions.k8s.io/v1`). Gives `false` where the node
    /// is none, or has no group and kind. Of two for one kind, found alike, the last wins.
    pub fn add_crd(&mut self, crd: &Node, found: Found) -> bool {
        let is = |name: &str, wanted: &str| crd.get(name).and_then(Node::as_str) == Some(wanted);
        if !is("kind", "CustomResourceDefinition") || !is("apiVersion", "apiextensions.k8s.io/v1") {
            return false;
        }
        let Some(spec) = crd.get("spec").map(yaml::to_json) else { return false };
        let text = |pointer: &str| spec.pointer(pointer).and_then(Json::as_str);
        let (Some(group), Some(kind)) = (text("/group"), text("/names/kind")) else { return false };
        let key = GroupKind::new(group, kind);
        if self.known.get(&key).is_none_or(|(before, _)| *before <= found) {
            self.known.insert(key, (found, Definition::read(&spec, &[], None)));
        }
        true
    }

    /// Takes a JSON Schema of one version of a kind, as catalogues of schemas have them.
    ///
    /// # Errors
    ///
    /// Where it is no JSON Schema, or refers to one that is not in it; the text says which.
    pub fn add_json_schema(
        &mut self,
        group: &str,
        kind: &str,
        version: &str,
        schema: &Json,
    ) -> Result<(), String> {
        self.plain.insert(plain_key(group, kind, version), Plain::new(schema)?);
        Ok(())
    }

    /// What is known of a kind in a version; nothing where nothing is.
    #[must_use]
    pub fn known(&self, group: &str, version: &str, kind: &str) -> Option<Known<'_>> {
        let key = GroupKind::new(group, kind);
        if let Some((_, definition)) = self.known.get(&key) {
            return Some(definition.version(version));
        }
        if let Some(plain) = self.plain.get(&plain_key(group, kind, version)) {
            return Some(Known::Plain(plain));
        }
        Some(custom_pack::definition(group, kind)?.version(version))
    }

    /// Whether objects of a kind live in a namespace; nothing where the kind is not known.
    #[must_use]
    pub fn is_namespaced(&self, group: &str, kind: &str) -> Option<bool> {
        let key = GroupKind::new(group, kind);
        let known = self.known.get(&key).map(|(_, definition)| definition);
        Some(known.or_else(|| custom_pack::definition(group, kind))?.namespaced)
    }
}

fn plain_key(group: &str, kind: &str, version: &str) -> String {
    format!("{group}/{}_{version}", kind.to_lowercase())
}

impl Definition {
    /// Reads the `spec` of a CustomResourceDefinition, in which schemas may refer to shared ones.
    pub(super) fn read(spec: &Json, shared: &[Arc<Structural>], release: Option<Arc<str>>) -> Self {
        let versions = spec.get("versions").and_then(Json::as_array).into_iter().flatten();
        Self {
            namespaced: spec.get("scope").and_then(Json::as_str) == Some("Namespaced"),
            versions: versions.map(|version| Version::read(version, shared)).collect(),
            release,
        }
    }

    fn version(&self, name: &str) -> Known<'_> {
        let found = self.versions.iter().find(|version| &*version.name == name);
        found.map_or(Known::Unserved(self), |version| Known::Version(self, version))
    }
}

impl Version {
    fn read(json: &Json, shared: &[Arc<Structural>]) -> Self {
        let text = |pointer: &str| json.pointer(pointer).and_then(Json::as_str);
        let flag = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or_default();
        let schema = json.pointer("/schema/openAPIV3Schema");
        let scale = "/subresources/scale";
        Self {
            name: text("/name").unwrap_or_default().into(),
            served: flag("served"),
            deprecated: flag("deprecated")
                .then(|| text("/deprecationWarning").unwrap_or_default().into()),
            schema: schema.map(|schema| structural::read(schema, shared)).unwrap_or_default(),
            has_status: json
                .pointer("/subresources/status")
                .is_some_and(|status| !status.is_null()),
            scale: text(&format!("{scale}/specReplicasPath")).map(|path| Scale {
                spec_replicas: path.into(),
                status_replicas: text(&format!("{scale}/statusReplicasPath"))
                    .unwrap_or_default()
                    .into(),
                selector: text(&format!("{scale}/labelSelectorPath")).map(Into::into),
            }),
        }
    }
}
