//! Kustomizations: what they list, and whether they change it.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::changes::{Changes, makes_objects};
use crate::diagnostic::{Finding, nearest};
use crate::source::{Sources, Span};
use crate::yaml::{self, Node, Value};

/// The names that kustomize looks for: `RecognizedKustomizationFileNames` of
/// `sigs.k8s.io/kustomize/api/konfig/general.go`.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Fields that list objects or make some.
const FIELDS: [&str; 18] = [
    "apiVersion",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "configMapGenerator",
    "crds",
    "generatorOptions",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "kind",
    "metadata",
    "openapi",
    "resources",
    "secretGenerator",
    "sortOptions",
    "validators",
];

/// What else kustomize reads in one, whatever it changes.
const CHANGING: [&str; 16] = [
    "commonLabels",
    "components",
    "configurations",
    "imageTags",
    "images",
    "labels",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "transformers",
    "vars",
];

/// Fields that name no file.
const PATHLESS: [&str; 11] = [
    "apiVersion",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "images",
    "kind",
    "labels",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "replicas",
];

/// Directories that by their name are there to be completed by others, perhaps elsewhere.
const BASES: [&str; 4] = ["base", "bases", "component", "components"];

/// One kustomization.
#[derive(Debug)]
pub(super) struct Kustomization {
    /// Its directory, without links.
    directory: PathBuf,
    /// What it changes of what it lists.
    changes: Changes,
    /// Whether kustomize refuses it.
    pub(super) is_faulty: bool,
    /// Whether objects come out of it that are not among its files as they stand.
    makes_objects: bool,
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
        let mut found = Self {
            directory,
            changes: Changes::ALL,
            is_faulty: false,
            makes_objects: true,
            resources: Vec::new(),
            others: Vec::new(),
        };
        let is_broken = read.faults.iter().any(|fault| fault.kind.is_fatal());
        // What cannot be read changes who knows what.
        let Some(node) = node.filter(|_| !is_broken) else {
            found.is_faulty = true;
            return Some(found);
        };
        let version = node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        let group = version.split('/').next().unwrap_or_default();
        if !matches!(group, "" | "kustomize.config.k8s.io") {
            return None;
        }
        found.makes_objects = makes_objects(&node);
        found.is_faulty = !findings(Some(&node), node.span).is_empty();
        let is_component = node.get("kind").and_then(Node::as_str) == Some("Component");
        if !is_component && node.as_map().is_some() {
            found.changes = Changes::default();
        }
        for (key, value) in node.as_map().into_iter().flat_map(yaml::Map::iter) {
            let is_empty = value.is_null() || value.as_seq().is_some_and(<[Node]>::is_empty);
            if !is_empty {
                found.changes |= changes(&key.name, value);
            }
            if PATHLESS.contains(&&*key.name) {
                continue;
            }
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

/// What an entry of a kustomization changes.
fn changes(field: &str, value: &Node) -> Changes {
    // Such labels may be told to go anywhere.
    let is_own = |label: &Node| label.get("fields").is_some();
    if field == "labels" && value.as_seq().is_some_and(|labels| labels.iter().any(is_own)) {
        return Changes::ALL;
    }
    Changes::of(field)
}

/// Why kustomize refuses a kustomization that is YAML: `Kustomization.Unmarshal`,
/// `Kustomization.EnforceFields` and `Kustomization.CheckEmpty` of
/// `sigs.k8s.io/kustomize/api/types/kustomization.go`.
#[must_use]
pub fn findings(node: Option<&Node>, place: Span) -> Vec<Finding> {
    let finding =
        |message: String, place| Finding::error("kustomization-invalid", message).at(place, "");
    let Some(node) = node.filter(|node| !node.is_null()) else {
        let finding = finding("the kustomization is empty".to_owned(), place);
        return vec![finding.help("list what it is to build under `resources`, or remove it")];
    };
    let Some(map) = node.as_map() else {
        let message = format!("the kustomization is {}, no map", node.type_name());
        return vec![finding(message, node.span)];
    };
    // The decoder of its fields does not tell capitals from small letters.
    let is_known =
        |name: &str| FIELDS.iter().chain(&CHANGING).any(|known| known.eq_ignore_ascii_case(name));
    let unknown = map.iter().filter(|(key, _)| !is_known(&key.name));
    let unknown = unknown.map(|(key, _)| {
        let found = finding(format!("kustomize knows no field `{}`", key.name), key.span);
        match nearest(
            &key.name,
            FIELDS.into_iter().chain(CHANGING).filter(|known| !map.contains_key(known)),
        ) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help("remove it"),
        }
    });
    let mut found: Vec<Finding> = unknown.collect();
    if let Some(kind) = node.get("kind")
        && !matches!(kind.as_str(), Some("" | "Kustomization" | "Component"))
    {
        let message = "the `kind` of a kustomization is `Kustomization` or `Component`".to_owned();
        found.push(finding(message, kind.span));
    }
    let is_component = node.get("kind").and_then(Node::as_str) == Some("Component");
    let wanted = if is_component { "v1alpha1" } else { "v1beta1" };
    if let Some(version) = node.get("apiVersion")
        && let Some((_, number)) = version.as_str().and_then(|text| text.split_once('/'))
        && number != wanted
    {
        let message = format!("kustomize wants `kustomize.config.k8s.io/{wanted}` here");
        found.push(finding(message, version.span));
    }
    found
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
    by_directory: HashMap<PathBuf, usize>,
}

/// What a file is for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Listed, and applied but for these changes.
    Applied(Changes),
    /// Only what kustomize makes of it is applied.
    Built,
    /// Beside a kustomization, and not listed.
    NotListed,
}

impl Kustomizations {
    /// Adds one, if it is not there, and gives its number.
    pub(super) fn push(&mut self, kustomization: Kustomization) -> usize {
        let known = self.by_directory.get(&kustomization.directory);
        if let Some(known) = known {
            return *known;
        }
        self.by_directory.insert(kustomization.directory.clone(), self.all.len());
        self.all.push(kustomization);
        self.all.len() - 1
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether kustomize refuses one.
    pub(super) fn is_faulty(&self, index: usize) -> bool {
        self.all.get(index).is_some_and(|one| one.is_faulty)
    }

    /// Whether objects come out of one that are not among its files as they stand.
    pub(super) fn makes_objects(&self, index: usize) -> bool {
        self.all.get(index).is_some_and(|one| one.makes_objects)
    }

    /// Settles who is completed by whom.
    pub(super) fn roles(&self) -> Roles {
        let others = |one: &Kustomization| -> Vec<usize> {
            let paths = one.resources.iter().chain(&one.others);
            paths.filter_map(|path| self.by_directory.get(path).copied()).collect()
        };
        let refers: Vec<Vec<usize>> = self.all.iter().map(others).collect();
        let referred: HashSet<usize> = refers.iter().flatten().copied().collect();
        let is_base = |one: &Kustomization| {
            let above = one.directory.parent().and_then(Path::file_name);
            let is_base = |name: &std::ffi::OsStr| BASES.iter().any(|base| name == *base);
            one.directory.file_name().into_iter().chain(above).any(is_base)
        };
        let own = |(index, one): (usize, &Kustomization)| {
            // Nobody who completes it is in sight.
            if is_base(one) && !referred.contains(&index) { Changes::ALL } else { one.changes }
        };
        let mut changes: Vec<Changes> = self.all.iter().enumerate().map(own).collect();
        // Whatever one that changes things refers to, over as many steps as it takes.
        let mut open: Vec<usize> = (0..self.all.len()).collect();
        while let Some(index) = open.pop() {
            for &base in &refers[index] {
                let mut both = changes[base];
                both |= changes[index];
                if both != changes[base] {
                    changes[base] = both;
                    open.push(base);
                }
            }
        }
        let mut applied: HashMap<PathBuf, Changes> = HashMap::new();
        let mut built = HashSet::new();
        for (one, changes) in self.all.iter().zip(&changes) {
            for path in &one.resources {
                *applied.entry(path.clone()).or_default() |= *changes;
            }
            built.extend(one.others.iter().cloned());
        }
        Roles { changes, applied, built }
    }
}

/// Who is completed by whom.
#[derive(Debug)]
pub(super) struct Roles {
    changes: Vec<Changes>,
    applied: HashMap<PathBuf, Changes>,
    built: HashSet<PathBuf>,
}

impl Roles {
    /// What a file is by the links to it, where a kustomization names one.
    pub(super) fn of_links(&self, links: &[PathBuf]) -> Option<Role> {
        let mut roles = links.iter().filter_map(|link| self.of(link, None));
        roles.clone().find(|role| *role == Role::Built).or_else(|| roles.next())
    }

    /// What a file is; `beside` is the nearest kustomization above it.
    pub(super) fn of(&self, file: &Path, beside: Option<usize>) -> Option<Role> {
        if self.built.contains(file) {
            return Some(Role::Built);
        }
        if let Some(&changes) = self.applied.get(file) {
            return Some(if changes == Changes::ALL {
                Role::Built
            } else {
                Role::Applied(changes)
            });
        }
        let is_built = |index: usize| self.changes[index] == Changes::ALL;
        beside.map(|index| if is_built(index) { Role::Built } else { Role::NotListed })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Changes, Kustomization, Kustomizations, Role};

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
        add("/r/label", "namespace: named\ncommonLabels: {a: named}\npatches: [{patch: x}]\n");
        let named = add("/r/label/named", "resources: [f.yaml]\n");
        let base = add("/r/base", "resources: [d.yaml]\n");
        let files = add("/r/files", "configMapGenerator: [{name: x, files: [k=e.yaml]}]\n");
        let roles = all.roles();
        let of = |path: &str, beside| roles.of(Path::new(path), Some(beside)).unwrap();
        assert_eq!(of("/r/prod/p.yaml", overlay), Role::Built);
        assert_eq!(of("/r/prod/own.yaml", overlay), Role::Built);
        assert_eq!(of("/r/web/a.yaml", web), Role::Built);
        assert_eq!(of("/r/deep/b.yaml", deep), Role::Built);
        assert_eq!(of("/r/plain/c.yaml", plain), Role::Applied(Changes::of("images")));
        assert_eq!(of("/r/plain/z.yaml", plain), Role::NotListed);
        assert_eq!(of("/r/label/named/f.yaml", named), Role::Applied(Changes::default()));
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
