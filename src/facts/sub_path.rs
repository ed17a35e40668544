//! Single files that containers mount of ConfigMaps, Secrets and what is put together of them.

use super::{Part, Place, Reading, Reference, Target};
use crate::load::manifest::{is_open, is_placeholder};
use crate::model::{Field, GroupKind};
use crate::yaml::Node;

const EMPTY: &str =
    "the kubelet makes an empty directory of that name and mounts it in place of the file";

/// A `subPath` that is none of the paths which its volume states for all that is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct StrayPath {
    /// The path.
    pub path: Box<str>,
    /// The volume.
    pub volume: Box<str>,
    /// The paths that there are.
    pub known: Box<[Box<str>]>,
    /// Where it is written.
    pub place: Place,
}

/// The keys that `subPath` of mounts names. What is not there the kubelet makes: `makeMounts` of
/// `pkg/kubelet/kubelet_pods.go`. `subPathExpr` is worked out when the container starts.
pub(super) fn all(
    reading: &Reading<'_>,
    namespace: &str,
    spec: &Field<'_>,
    replaced: &[Box<str>],
    found: &mut Vec<Reference>,
) {
    each(spec, replaced, &mut |volume, path, file| {
        found.extend(key(reading, namespace, volume, path, file));
    });
}

/// The paths that cannot be in their volumes, since all that these have is stated: `MakePayload` of
/// `pkg/volume/configmap/configmap.go` makes no other files than those of `items`, and neither do
/// the other sources of `pkg/volume/projected/projected.go`.
pub(super) fn strays(
    reading: &Reading<'_>,
    spec: &Field<'_>,
    replaced: &[Box<str>],
) -> Box<[StrayPath]> {
    let mut strays = Vec::new();
    each(spec, replaced, &mut |volume, path, file| {
        let content = Content::of(volume);
        if !content.is_open && content.whole.is_empty() && !content.states(file) {
            strays.push(StrayPath {
                path: file.into(),
                volume: volume.text("name").into(),
                known: content.paths.iter().map(|path| (**path).into()).collect(),
                place: reading.place(path),
            });
        }
    });
    strays.into()
}

/// Each volume with the `subPath` by which a container mounts it, and that without what means
/// nothing in it.
fn each(
    spec: &Field<'_>,
    replaced: &[Box<str>],
    take: &mut impl FnMut(&Field<'_>, &Field<'_>, &str),
) {
    let volumes = spec.get("volumes");
    let volumes: Vec<Field<'_>> = volumes.iter().flat_map(Field::items).collect();
    for list in ["initContainers", "containers"] {
        let containers = spec.get(list);
        for container in containers.iter().flat_map(Field::items) {
            let mounts = container.get("volumeMounts");
            for mount in mounts.iter().flat_map(Field::items) {
                let name = mount.text("name");
                let is_it = |volume: &&Field<'_>| volume.text("name") == name;
                let is_replaced = replaced.iter().any(|claim| **claim == *name);
                let Some(volume) = volumes.iter().find(is_it).filter(|_| !is_replaced) else {
                    continue;
                };
                let Some(path) = mount.get("subPath") else { continue };
                let file = plain(path.node.as_str().unwrap_or_default());
                // What begins with two dots are the kubelet's own files beside the keys.
                if !file.is_empty() && !file.starts_with("..") && !is_placeholder(&file) {
                    take(volume, &path, &file);
                }
            }
        }
    }
}

/// A path without what means nothing in it.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// What is in a volume.
#[derive(Default)]
struct Content<'f> {
    /// The paths that are stated.
    paths: Vec<String>,
    /// Kind, name and more of what is in it with all its keys.
    whole: Vec<(&'static str, &'f str, bool)>,
    /// Whether there may be more, or less, than is stated.
    is_open: bool,
}

impl<'f> Content<'f> {
    fn of(volume: &'f Field<'_>) -> Self {
        let mut content = Self::default();
        let node = volume.node;
        match node.get("projected").and_then(|projected| projected.get("sources")) {
            Some(sources) => {
                let sources = sources.as_seq().unwrap_or_default();
                sources.iter().for_each(|source| content.add(source, "name"));
                content.is_open |= sources.is_empty();
            }
            None => content.add(node, "secretName"),
        }
        content
    }

    fn add(&mut self, source: &'f Node, secret: &str) {
        let text = |node: &'f Node, name: &str| node.get(name).and_then(Node::as_str);
        let found = [("configMap", "ConfigMap", "name"), ("secret", "Secret", secret)]
            .into_iter()
            .find_map(|(field, kind, name)| Some((source.get(field)?, kind, name)));
        if let Some((it, kind, name)) = found {
            let is_optional = it.get("optional").is_some_and(Node::is_true);
            match it.get("items").and_then(Node::as_seq).filter(|items| !items.is_empty()) {
                Some(items) => {
                    self.is_open |= is_optional;
                    self.add_items(items);
                }
                None if it.get("items").is_some_and(is_open) => self.is_open = true,
                None => {
                    self.whole.push((kind, text(it, name).unwrap_or_default(), is_optional));
                }
            }
        } else if let Some(it) = source.get("downwardAPI") {
            self.add_items(it.get("items").and_then(Node::as_seq).unwrap_or_default());
        } else if let Some(it) = source.get("serviceAccountToken") {
            self.add_path(text(it, "path"));
        } else {
            self.is_open = true;
        }
    }

    fn add_items(&mut self, items: &'f [Node]) {
        for item in items {
            self.add_path(item.get("path").and_then(Node::as_str));
        }
    }

    fn add_path(&mut self, path: Option<&str>) {
        match path.filter(|path| !is_placeholder(path)) {
            Some(path) => self.paths.push(plain(path)),
            None => self.is_open = true,
        }
    }

    /// Whether a path is stated, or a directory on the way to one that is.
    fn states(&self, file: &str) -> bool {
        let leads = |path: &String| path.strip_prefix(file).is_some_and(|it| it.starts_with('/'));
        self.paths.iter().any(|path| path == file || leads(path))
    }
}

/// The key that a path must be, where it can be of one object alone.
fn key(
    reading: &Reading<'_>,
    namespace: &str,
    volume: &Field<'_>,
    path: &Field<'_>,
    file: &str,
) -> Option<Reference> {
    let content = Content::of(volume);
    let [(kind, name, is_optional)] = *content.whole else { return None };
    if name.is_empty() || content.is_open || content.states(file) {
        return None;
    }
    let target = Target {
        group_kind: GroupKind::new("", kind),
        namespace: Some(namespace.into()),
        name: name.into(),
        part: Some(Part::Key(file.into())),
    };
    Some(Reference {
        place: reading.place(path),
        named: None,
        target,
        is_optional,
        otherwise: EMPTY,
        is_mild: false,
    })
}
