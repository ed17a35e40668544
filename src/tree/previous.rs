//! The tree on disk, as far as a build gives it up or changes what it lists.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::io;

use super::{Tree, is_ours};
use crate::source::Sources;
use crate::world::{EntryKind, World};
use crate::yaml::{self, Node};

/// Where the sets are, below an environment's directory.
const SETS: &str = "argocd/applicationsets/";

/// What a build finds of the tree before it. Paths are below the environment's directory.
pub(super) struct Previous {
    directory: String,
    /// The environment's name.
    pub(super) environment: String,
    /// The tool's own files that the new tree does not have.
    pub(super) gone: BTreeMap<String, String>,
    /// What the sets list, by app.
    pub(super) listed: BTreeMap<String, Listed>,
    /// Whether anything is gone, or a set lists something else.
    pub(super) differs: bool,
}

/// One release, as a rendered set lists it.
pub(super) struct Listed {
    /// The set's path.
    pub(super) set: String,
    /// Its layer.
    pub(super) layer: String,
    pub(super) absent: bool,
    pub(super) chart: bool,
    /// Whether Argo CD asks a person before it prunes anything of it.
    pub(super) confirms: bool,
}

impl Previous {
    pub(super) fn read(world: &dyn World, base: &str, tree: &Tree) -> io::Result<Self> {
        let mut previous = Self {
            directory: format!("{base}/{}", tree.environment),
            environment: tree.environment.clone(),
            gone: BTreeMap::new(),
            listed: BTreeMap::new(),
            differs: false,
        };
        for directory in ["argocd", "manifests"] {
            let entries = world.walk(&format!("{}/{directory}", previous.directory))?;
            for entry in entries.into_iter().filter(|entry| entry.kind == EntryKind::File) {
                let path = &entry.path[previous.directory.len() + 1..];
                previous.add(world, &entry.path, path, tree)?;
            }
        }
        Ok(previous)
    }

    fn add(&mut self, world: &dyn World, whole: &str, path: &str, tree: &Tree) -> io::Result<()> {
        let new = tree.files.get(path);
        if new.is_some() && !path.starts_with(SETS) {
            return Ok(());
        }
        let bytes = world.read(whole)?;
        if !is_ours(&format!("{}/{path}", self.environment), &bytes) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.listed.extend(listed(path, &documents(&text)));
        self.differs |= new.is_none_or(|new| new.text() != text);
        if new.is_none() {
            self.gone.insert(path.to_owned(), text);
        }
        Ok(())
    }

    /// How a path of the tree is shown.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.directory)
    }
}

/// What all sets of a tree list, by app.
pub(super) fn all_listed(tree: &Tree) -> BTreeMap<String, Listed> {
    tree.files.iter().flat_map(|(path, file)| listed(path, file.objects())).collect()
}

/// The apps that a file lists, where it is of rendered sets. A set that cannot be read lists none.
fn listed(path: &str, objects: &[impl Borrow<Node>]) -> Vec<(String, Listed)> {
    let layer = path.strip_prefix(SETS).and_then(|file| file.strip_suffix(".yaml"));
    let Some(layer) = layer else { return Vec::new() };
    let elements = objects
        .iter()
        .filter_map(|set| set.borrow().pointer("/spec/generators/0/list/elements")?.as_seq())
        .flatten();
    let all = |element: &Node, key: &str, is: &dyn Fn(&Node) -> bool| {
        element.get(key).and_then(Node::as_seq).is_some_and(|items| items.iter().any(is))
    };
    elements
        .filter_map(|element| {
            let name = element.get("name")?.as_str()?.to_owned();
            let listed = Listed {
                set: path.to_owned(),
                layer: layer.to_owned(),
                absent: element.get("state").and_then(Node::as_str) == Some("absent"),
                chart: all(element, "sources", &|source| source.get("chart").is_some()),
                confirms: all(element, "syncOptions", &|option| {
                    option.as_str() == Some("Prune=confirm")
                }),
            };
            Some((name, listed))
        })
        .collect()
}

/// The objects of a rendered file.
pub(super) fn documents(text: &str) -> Vec<Node> {
    let file = Sources::default().add("", text);
    yaml::read(file, text).documents.into_iter().filter_map(|document| document.node).collect()
}
