//! Kustomizations: what they list, and whether they change it.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use crate::source::Sources;
use crate::yaml::{self, Node, Value};

/// The names that kustomize looks for: `RecognizedKustomizationFileNames` of
/// `sigs.k8s.io/kustomize/api/konfig/general.go`.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Fields that list objects or add some, and those that change only what is valid before and
/// after: a namespace, images, numbers of replicas, annotations.
const NEUTRAL: [&str; 14] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "namespace",
    "images",
    "replicas",
    "commonAnnotations",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "buildMetadata",
    "sortOptions",
];

/// Directories that by their name are there to be completed by others, perhaps elsewhere.
const BASES: [&str; 4] = ["base", "bases", "component", "components"];

/// One kustomization.
#[derive(Debug)]
pub(super) struct Kustomization {
    /// Its directory, without links.
    directory: PathBuf,
    /// Whether what it lists is valid before it is built, if it is valid after.
    is_neutral: bool,
    /// What it lists as objects: files and directories.
    resources: Vec<PathBuf>,
    /// Files that it reads for anything else: patches, components, generators, values.
    others: Vec<PathBuf>,
}

impl Kustomization {
    /// Reads a kustomization; nothing where the file is something else of this name, as an object
    /// of Flux.
    pub(super) fn read(directory: &Path, bytes: &[u8]) -> Option<Self> {
        let directory = directory.to_owned();
        let text = String::from_utf8_lossy(bytes);
        let read = yaml::read(Sources::default().add("", ""), &text);
        let node = read.documents.into_iter().find_map(|document| document.node);
        let mut found =
            Self { directory, is_neutral: false, resources: Vec::new(), others: Vec::new() };
        // What cannot be read changes who knows what.
        let Some(node) = node else { return Some(found) };
        let version = node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        let group = version.split('/').next().unwrap_or_default();
        if !matches!(group, "" | "kustomize.config.k8s.io") {
            return None;
        }
        let is_component = node.get("kind").and_then(Node::as_str) == Some("Component");
        found.is_neutral = !is_component && read.faults.is_empty();
        for (key, value) in node.as_map().into_iter().flat_map(yaml::Map::iter) {
            let is_empty = value.is_null() || value.as_seq().is_some_and(<[Node]>::is_empty);
            found.is_neutral &= is_empty || NEUTRAL.contains(&&*key.name);
            let is_resource = matches!(&*key.name, "resources" | "bases");
            let mut texts = Vec::new();
            collect(value, &mut texts);
            for text in texts {
                // Generators write `key=file`.
                let path = if is_resource { text } else { text.rsplit('=').next().unwrap_or(text) };
                let path = normal(&found.directory.join(path));
                if is_resource { found.resources.push(path) } else { found.others.push(path) }
            }
        }
        Some(found)
    }

    /// Whether it names something in a directory, or the file itself.
    pub(super) fn names_below(&self, path: &Path) -> bool {
        self.resources.iter().chain(&self.others).any(|named| named.starts_with(path))
    }
}

/// All text in a value that can be a path.
fn collect<'n>(node: &'n Node, texts: &mut Vec<&'n str>) {
    match &node.value {
        Value::String(text) if !text.contains('\n') => texts.push(text),
        Value::Seq(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Map(map) => map.iter().for_each(|(_, child)| collect(child, texts)),
        _ => {}
    }
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

/// What the kustomizations of a tree say together.
#[derive(Debug, Default)]
pub(super) struct Kustomizations {
    all: Vec<Kustomization>,
}

/// What a file is for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Listed, and applied as it is.
    Applied,
    /// Only what kustomize makes of it is applied.
    Built,
    /// Beside a kustomization, and not listed.
    NotListed,
}

impl Kustomizations {
    /// Adds one and gives its number.
    pub(super) fn push(&mut self, kustomization: Kustomization) -> usize {
        self.all.push(kustomization);
        self.all.len() - 1
    }

    /// Settles who is completed by whom.
    pub(super) fn roles(&self) -> Roles {
        let by_directory: HashMap<&Path, usize> =
            self.all.iter().enumerate().map(|(index, one)| (&*one.directory, index)).collect();
        let is_incomplete = |one: &Kustomization| {
            let above = one.directory.parent().and_then(Path::file_name);
            let is_base = |name: &std::ffi::OsStr| BASES.iter().any(|base| name == *base);
            !one.is_neutral || one.directory.file_name().into_iter().chain(above).any(is_base)
        };
        let mut is_built: Vec<bool> = self.all.iter().map(is_incomplete).collect();
        // Whatever one that changes things refers to, over as many steps as it takes.
        let mut open: Vec<usize> = (0..self.all.len()).filter(|&index| is_built[index]).collect();
        while let Some(index) = open.pop() {
            let one = &self.all[index];
            for path in one.resources.iter().chain(&one.others) {
                if let Some(&base) = by_directory.get(&**path)
                    && !is_built[base]
                {
                    is_built[base] = true;
                    open.push(base);
                }
            }
        }
        let mut applied = HashSet::new();
        let mut built = HashSet::new();
        for (one, is_built) in self.all.iter().zip(&is_built) {
            let resources = if *is_built { &mut built } else { &mut applied };
            resources.extend(one.resources.iter().cloned());
            built.extend(one.others.iter().cloned());
        }
        Roles { is_built, applied, built }
    }
}

/// Who is completed by whom.
#[derive(Debug)]
pub(super) struct Roles {
    is_built: Vec<bool>,
    applied: HashSet<PathBuf>,
    built: HashSet<PathBuf>,
}

impl Roles {
    /// What a file is; `beside` is the nearest kustomization above it.
    pub(super) fn of(&self, file: &Path, beside: Option<usize>) -> Option<Role> {
        if self.built.contains(file) {
            return Some(Role::Built);
        }
        if self.applied.contains(file) {
            return Some(Role::Applied);
        }
        beside.map(|index| if self.is_built[index] { Role::Built } else { Role::NotListed })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Kustomization, Kustomizations, Role};

    #[test]
    fn bases_are_completed_by_whoever_refers_to_them() {
        let mut all = Kustomizations::default();
        let mut add = |directory: &str, text: &str| {
            all.push(Kustomization::read(Path::new(directory), text.as_bytes()).unwrap())
        };
        let overlay = add("/r/prod", "resources: [../web, own.yaml]\npatches: [{path: p.yaml}]\n");
        let web = add("/r/web", "resources: [a.yaml, ../deep]\n");
        let deep = add("/r/deep", "namespace: x\nresources: [b.yaml]\npatches: []\n");
        let plain = add("/r/plain", "resources: [c.yaml]\nimages: [{name: x, newTag: y}]\n");
        let base = add("/r/base", "resources: [d.yaml]\n");
        let files = add("/r/files", "configMapGenerator: [{name: x, files: [k=e.yaml]}]\n");
        let roles = all.roles();
        let of = |path: &str, beside| roles.of(Path::new(path), Some(beside)).unwrap();
        assert_eq!(of("/r/prod/p.yaml", overlay), Role::Built);
        assert_eq!(of("/r/prod/own.yaml", overlay), Role::Built);
        assert_eq!(of("/r/web/a.yaml", web), Role::Built);
        assert_eq!(of("/r/deep/b.yaml", deep), Role::Built);
        assert_eq!(of("/r/plain/c.yaml", plain), Role::Applied);
        assert_eq!(of("/r/plain/z.yaml", plain), Role::NotListed);
        assert_eq!(of("/r/base/d.yaml", base), Role::Built);
        assert_eq!(of("/r/files/e.yaml", files), Role::Built);
        assert_eq!(roles.of(Path::new("/r/else.yaml"), None), None);
    }

    #[test]
    fn an_object_of_flux_is_no_kustomization() {
        let text = b"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
        assert!(Kustomization::read(Path::new("/r"), text).is_none());
    }
}
