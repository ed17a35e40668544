//! The embedded packs.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::Schema;

/// The oldest minor version of Kubernetes 1 that there is a pack of.
pub const OLDEST: u32 = 28;
/// The newest one.
pub const NEWEST: u32 = 37;

const COMPRESSED: [&[u8]; (NEWEST - OLDEST + 1) as usize] = [
    include_bytes!("../../schemas/kubernetes/packs/v1.28.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.29.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.30.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.31.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.32.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.33.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.34.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.35.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.36.json.gz"),
    include_bytes!("../../schemas/kubernetes/packs/v1.37.json.gz"),
];

/// What one version of Kubernetes serves.
#[derive(Debug, Default, Deserialize)]
pub struct Pack {
    /// The exact version of the server that was asked, as `v1.36.3`.
    pub kubernetes: String,
    resources: Vec<Resource>,
    schemas: HashMap<Box<str>, Schema>,
}

/// One kind in one version.
#[derive(Debug, Deserialize)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: Box<str>,
    /// Version in the group.
    pub version: Box<str>,
    /// Kind.
    pub kind: Box<str>,
    /// The name in paths and in RBAC rules.
    pub plural: Box<str>,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    schema: Box<str>,
}

impl Pack {
    /// The kind in the version, where it is served.
    #[must_use]
    pub fn resource(&self, group: &str, version: &str, kind: &str) -> Option<&Resource> {
        self.versions(group, kind).find(|resource| &*resource.version == version)
    }

    /// Every kind in every version that is served.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter()
    }

    /// The kind in every version that is served.
    pub fn versions(&self, group: &str, kind: &str) -> impl Iterator<Item = &Resource> {
        let same = move |found: &&Resource| &*found.kind == kind && &*found.group == group;
        self.resources.iter().filter(same)
    }

    /// The schema of a kind.
    #[must_use]
    pub fn schema(&self, resource: &Resource) -> Option<&Schema> {
        self.schemas.get(&resource.schema)
    }

    /// The name of the schema of a kind.
    #[must_use]
    pub fn schema_name<'p>(&'p self, resource: &'p Resource) -> &'p str {
        &resource.schema
    }

    /// The schema of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name)
    }

    /// What a schema refers to, with its name, or the schema itself.
    #[must_use]
    pub fn follow<'p>(&'p self, schema: &'p Schema) -> (&'p str, &'p Schema) {
        let Some(name) = schema.reference.as_deref() else { return ("", schema) };
        self.schemas.get_key_value(name).map_or((name, schema), |(name, found)| (name, found))
    }
}

/// The pack of a minor version of Kubernetes 1; outside of what there is, the nearest.
#[must_use]
pub fn pack(minor: u32) -> &'static Pack {
    static OPENED: [OnceLock<Pack>; COMPRESSED.len()] =
        [const { OnceLock::new() }; COMPRESSED.len()];
    let index = (minor.clamp(OLDEST, NEWEST) - OLDEST) as usize;
    // What is embedded can be read; a test opens every pack.
    OPENED[index].get_or_init(|| open(COMPRESSED[index]).unwrap_or_default())
}

fn open(compressed: &[u8]) -> Option<Pack> {
    let mut text = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{NEWEST, OLDEST, pack};

    #[test]
    fn every_pack_opens() {
        for minor in OLDEST..=NEWEST {
            let pack = pack(minor);
            assert!(pack.kubernetes.starts_with(&format!("v1.{minor}.")), "{minor}");
            let deployment = pack.resource("apps", "v1", "Deployment").unwrap();
            assert!(deployment.namespaced);
            let schema = pack.schema(deployment).unwrap();
            let (_, spec) = pack.follow(&schema.properties["spec"]);
            assert_eq!(spec.properties["replicas"].format.as_deref(), Some("int32"));
            for resource in &pack.resources {
                assert!(pack.schema(resource).is_some(), "{resource:?}");
            }
        }
    }

    /// What `model` knows of native kinds by itself, since it may not look here, is what the packs
    /// say.
    #[test]
    fn table_of_kinds_is_that_of_the_packs() {
        let table = include_str!("../../schemas/kubernetes/kinds.tsv");
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        let rows: BTreeSet<String> = rows.map(str::to_owned).collect();
        let resources = (OLDEST..=NEWEST).flat_map(|minor| &pack(minor).resources);
        let packs: BTreeSet<String> = resources
            .map(|resource| {
                let scope = if resource.namespaced { "Namespaced" } else { "Cluster" };
                format!("{}\t{}\t{scope}", resource.group, resource.kind)
            })
            .collect();
        assert_eq!(rows, packs);
    }
}
