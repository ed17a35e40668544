//! The repositories that Applications name, found and followed: for `apps` and for `check`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::argocd::application_set::{Cluster, World};
use crate::argocd::{Followed, GROUP, Setting, follow};
use crate::check::Judge;
use crate::load::manifest::{self, Content, File, classify, is_placeholder};
use crate::load::{Checkouts, prefix};
use crate::model::{GroupKind, ObjectKey, items};
use crate::resolve::Environment;
use crate::source::Sources;
use crate::tree;
use crate::world::git::GitRepository;
use crate::world::{current_directory, is_directory, named};
use crate::yaml::{self, Node};

/// What a person applies of a tree.
const ROOT: &str = "root.yaml";

/// The objects of Argo CD in some files, and the repository that they lie in.
pub(super) struct Found {
    pub(super) checkouts: Checkouts,
    /// Objects of Argo CD, and Secrets, which may be of its clusters.
    pub(super) objects: Vec<Node>,
    /// How the files are shown.
    pub(super) shown: BTreeSet<String>,
}

/// Reads the repositories in which files lie, each once, with what the files hold of Argo CD.
pub(super) fn repositories(
    paths: &[PathBuf],
    files: &[File],
    sources: &mut Sources,
) -> anyhow::Result<Vec<Found>> {
    let here = current_directory().context("the current directory cannot be read")?;
    let mut all: Vec<(PathBuf, Found)> = Vec::new();
    for path in paths.iter().filter(|path| *path != Path::new("-")) {
        let real = named::real_path(path);
        if all.iter().any(|(root, _)| real.starts_with(root)) {
            continue;
        }
        let above = if is_directory(&real) { real.clone() } else { parent(&real) };
        let repository = GitRepository::around(&above);
        let root = repository.as_ref().map_or(above, |found| found.root().to_owned());
        let named_files = below(&root, files);
        let start = prefix(&root, &here);
        let shown = |path: &str| match named_files.get(path) {
            Some(file) => file.shown.to_string(),
            None => format!("{start}{path}"),
        };
        let mut checkouts = Checkouts::default();
        match repository {
            Some(repository) => checkouts.add_repository(repository, &shown, sources),
            None => checkouts.add_directory(None, &root, &shown, sources)?,
        }
        let objects = stated(&named_files, &checkouts);
        let shown = named_files.values().map(|file| file.shown.to_string()).collect();
        all.push((root, Found { checkouts, objects, shown }));
    }
    Ok(all.into_iter().map(|(_, found)| found).collect())
}

/// The files below a directory, by their paths from there.
fn below<'f>(root: &Path, files: &'f [File]) -> BTreeMap<String, &'f File> {
    let below = |file: &'f File| {
        let real = named::real_path(file.path.as_ref()?);
        let parts = real.strip_prefix(root).ok()?.iter().map(|part| part.to_string_lossy());
        Some((parts.collect::<Vec<_>>().join("/"), file))
    };
    files.iter().filter_map(below).collect()
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn stated(files: &BTreeMap<String, &File>, checkouts: &Checkouts) -> Vec<Node> {
    let Some(tree) = checkouts.first() else { return Vec::new() };
    let mut objects = Vec::new();
    for (path, _) in files.iter().filter(|(_, file)| file.skip.is_none()) {
        let Some(text) = tree.text(path).filter(|text| text.text.contains(GROUP)) else { continue };
        manifest::read_each(text.file, &text.text, |_, read| {
            let nodes = read.documents.into_iter().filter_map(|document| document.node);
            let is_template = |node: &Node| is_placeholder(&ObjectKey::of(node).name);
            objects.extend(nodes.flat_map(items).filter(|node| {
                let is_wanted = match GroupKind::stated(node) {
                    (GROUP, _) => !is_template(node),
                    (group, kind) => (group, kind) == ("", "Secret"),
                };
                is_wanted && classify(node) == Content::Object
            }));
        });
    }
    objects
}

/// The tree of an environment as files of its repository. Where a person is told of them, its objects
/// are those that were rendered, which know where they come from.
pub(super) fn laid_out(
    environment: &Environment,
    mut tree: tree::Tree,
) -> impl Iterator<Item = (String, String, Option<Vec<Node>>)> {
    let above = format!("{}/{}", environment.rendered_path(), environment.name);
    tree.files.into_iter().map(move |(path, text)| {
        // What a person applies is read as it is.
        let objects = tree.manifests.remove(&path).filter(|_| path != ROOT);
        (format!("{above}/{path}"), text, objects)
    })
}

/// What a person applies of the tree of an environment.
pub(super) fn root_objects(
    environment: &Environment,
    tree: &tree::Tree,
    sources: &mut Sources,
) -> Vec<Node> {
    let text = tree.files.get(ROOT).map(String::as_str).unwrap_or_default();
    let path = format!("{}/{}/{ROOT}", environment.rendered_path(), environment.name);
    let file = sources.add(path, text);
    let documents = yaml::read(file, text).documents.into_iter();
    documents.filter_map(|document| document.node).collect()
}

/// The clusters whose Secrets are among objects.
pub(super) fn clusters_of(objects: &[Node]) -> Vec<Cluster> {
    let is_secret = |node: &&Node| GroupKind::stated(node) == ("", "Secret");
    objects.iter().filter(is_secret).filter_map(Cluster::of_secret).collect()
}

/// Follows objects, and reads those revisions of the repositories at hand that come up. Where no
/// cluster is known, nobody says that there is none.
pub(super) fn followed(
    objects: &[Node],
    clusters: Option<&[Cluster]>,
    checkouts: &mut Checkouts,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> Followed {
    loop {
        let world = World {
            repositories: Some(&*checkouts),
            clusters: clusters.map(<[Cluster]>::to_vec),
            ..World::default()
        };
        let setting = Setting { world, scope: &|node| judge.scope(node) };
        let followed = follow(objects.iter().cloned(), &setting);
        if !checkouts.read_missed(sources) {
            return followed;
        }
    }
}
