//! The repositories that Applications name, found and followed: for `apps` and for `check`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::{KnownArgs, SourceArg};
use crate::argocd::application_set::{
    Cluster, IN_CLUSTER_NAME, Parameter, Parameters, SERVED, World,
};
use crate::argocd::{Followed, GROUP, Setting, follow};
use crate::check::Judge;
use crate::diagnostic::{Finding, suggest};
use crate::load::manifest::{self, Content, File, classify, is_placeholder};
use crate::load::{Checkouts, Repo, prefix, yaml_finding};
use crate::model::{GroupKind, MadeFile, ObjectKey, items};
use crate::resolve::Environment;
use crate::source::Sources;
use crate::tree;
use crate::world::git::GitRepository;
use crate::world::{current_directory, is_directory, named, read_input};
use crate::yaml::{self, Fault, Node};

/// What a person applies of a tree.
const ROOT: &str = "root.yaml";

/// The objects of Argo CD in some files, and the repository that they lie in.
pub(super) struct Found {
    pub(super) checkouts: Checkouts,
    /// Objects of Argo CD, and Secrets, which may be of its clusters, with what makes such.
    pub(super) objects: Vec<Node>,
    /// How the files are shown.
    pub(super) shown: BTreeSet<String>,
    /// Those of them that are not judged, and so not read.
    pub(super) passed_over: BTreeSet<String>,
    /// Why there may be more objects of Argo CD: what is broken in the files.
    pub(super) broken: Vec<Finding>,
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
        let mut broken = Vec::new();
        let objects = stated(&named_files, &checkouts, &mut broken);
        let shown = named_files.values().map(|file| file.shown.to_string()).collect();
        let passed_over = named_files.values().filter(|file| file.skip.is_some());
        let passed_over = passed_over.map(|file| file.shown.to_string()).collect();
        all.push((root, Found { checkouts, objects, shown, passed_over, broken }));
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

/// The objects of Argo CD in files, and Secrets beside them. What cannot be read may hold more, where it
/// speaks of Argo CD or is the one file that was asked for.
fn stated(
    files: &BTreeMap<String, &File>,
    checkouts: &Checkouts,
    broken: &mut Vec<Finding>,
) -> Vec<Node> {
    let Some(tree) = checkouts.first() else { return Vec::new() };
    let mut objects = Vec::new();
    for (path, _) in files.iter().filter(|(_, file)| file.skip.is_none()) {
        let is_alone = files.len() == 1;
        let Some(text) = tree.text(path).filter(|it| is_alone || it.text.contains(GROUP)) else {
            continue;
        };
        manifest::read_each(text.file, &text.text, |range, read| {
            let fatal = read.faults.iter().filter(|fault| fault.kind.is_fatal());
            let is_meant = |fault: &&Fault| {
                let at = fault.span.range().start.saturating_sub(range.start);
                manifest::classify_broken(&text.text[range.clone()], at).is_none()
            };
            broken.extend(fatal.filter(|fault| is_alone || is_meant(fault)).map(yaml_finding));
            let nodes = read.documents.into_iter().filter_map(|document| document.node);
            let is_template = |node: &Node| is_placeholder(&ObjectKey::of(node).name);
            objects.extend(nodes.flat_map(items).filter(|node| {
                let is_wanted = match GroupKind::stated(node) {
                    (GROUP, _) => !is_template(node),
                    (group, kind) => (group, kind) == ("", "Secret") || Cluster::is_hidden(node),
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
    tree: tree::Tree,
) -> impl Iterator<Item = (String, MadeFile)> {
    let above = format!("{}/{}", environment.rendered_path(), environment.name);
    tree.files.into_iter().map(move |(path, file)| {
        // What a person applies is read as it is.
        let file = if path == ROOT { MadeFile::Text(file.text().into_owned()) } else { file };
        (format!("{above}/{path}"), file)
    })
}

/// What a person applies of the tree of an environment.
pub(super) fn root_objects(
    environment: &Environment,
    tree: &tree::Tree,
    sources: &mut Sources,
) -> Vec<Node> {
    let text = tree.files.get(ROOT).map(MadeFile::text).unwrap_or_default();
    let path = format!("{}/{}/{ROOT}", environment.rendered_path(), environment.name);
    let file = sources.add(path, &*text);
    let documents = yaml::read(file, &text).documents.into_iter();
    documents.filter_map(|document| document.node).collect()
}

/// What is known from elsewhere than from repositories.
#[derive(Default, Clone)]
pub(super) struct Known {
    clusters: Option<Vec<Cluster>>,
    parameters: BTreeMap<String, Vec<Parameters>>,
    repositories: Vec<SourceArg>,
}

impl Known {
    /// Reads the files that say it.
    pub(super) fn read(args: &KnownArgs, sources: &mut Sources) -> anyhow::Result<Self> {
        let clusters = args.clusters.as_deref().map(|path| declared_clusters(path, sources));
        let parameters = args.parameters.as_deref().map(|path| declared_parameters(path, sources));
        let parameters = parameters.transpose()?.unwrap_or_default();
        let repositories = args.sources.clone();
        Ok(Self { clusters: clusters.transpose()?, parameters, repositories })
    }

    /// The same for environments: where nobody lists the clusters, they are those that the environments
    /// declare and those whose Secrets are among `objects`.
    pub(super) fn of_environments<'e>(
        &self,
        repo: &Repo,
        environments: impl IntoIterator<Item = &'e Environment>,
        objects: &[&Node],
    ) -> Self {
        let mut known = self.clone();
        if known.clusters.is_none() && !objects.iter().any(|it| Cluster::is_hidden(it)) {
            let mut own = environments.into_iter().map(|one| own_clusters(repo, one));
            let first = own.next().flatten();
            known.clusters = first.filter(|first| own.all(|it| it.as_ref() == Some(first)));
            if let Some(all) = &mut known.clusters {
                all.extend(objects.iter().copied().filter_map(of_secret));
            }
        }
        known
    }

    /// Adds the repositories that lie elsewhere.
    fn add_repositories(
        &self,
        checkouts: &mut Checkouts,
        sources: &mut Sources,
    ) -> anyhow::Result<()> {
        self.repositories.iter().try_for_each(|one| {
            let start = match manifest::shown(&one.directory) {
                shown if shown == "." => String::new(),
                shown => format!("{}/", shown.trim_end_matches('/')),
            };
            let shown = |path: &str| format!("{start}{path}");
            checkouts.add_directory(Some(&one.url), &one.directory, &shown, sources)
        })
    }

    /// The clusters: declared ones, and those whose Secrets are among objects; nothing where nobody
    /// says any.
    fn clusters(&self, objects: &[Node]) -> Option<Vec<Cluster>> {
        // Where one of them cannot be read, nobody knows which there are.
        if self.clusters.is_none() && objects.iter().any(Cluster::is_hidden) {
            return None;
        }
        let secrets = objects.iter().filter_map(of_secret);
        let mut clusters: Vec<Cluster> = secrets.collect();
        clusters.extend(self.clusters.iter().flatten().cloned());
        (self.clusters.is_some() || !clusters.is_empty()).then_some(clusters)
    }
}

fn of_secret(object: &Node) -> Option<Cluster> {
    (GroupKind::stated(object) == ("", "Secret")).then(|| Cluster::of_secret(object)).flatten()
}

/// The clusters that the Argo CD of an environment knows beside the one that it runs in; nothing where
/// that is not certain: those of other environments may be among them.
fn own_clusters(repo: &Repo, environment: &Environment) -> Option<Vec<Cluster>> {
    let own = environment.destination();
    let stated = repo
        .environments
        .values()
        .filter_map(|files| files.node.as_ref()?.pointer("/cluster/destination")?.as_str());
    if stated.into_iter().any(|name| name != own && name != IN_CLUSTER_NAME) {
        return None;
    }
    if own == IN_CLUSTER_NAME {
        return Some(Vec::new());
    }
    let server = environment.spec.cluster.as_ref()?.server.clone()?;
    Some(vec![Cluster { name: own.to_owned(), server, ..Cluster::default() }])
}

/// The documents of a file that was named, which must be there and in order.
fn documents(path: &Path, sources: &mut Sources) -> anyhow::Result<Vec<Node>> {
    let text = read_input(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let file = sources.add(manifest::shown(path), text.as_str());
    let read = yaml::read(file, &text);
    if let Some(fault) = read.faults.first() {
        bail!("{}: {}", sources.place(fault.span), fault.message);
    }
    Ok(read.documents.into_iter().filter_map(|document| document.node).collect())
}

fn declared_clusters(path: &Path, sources: &mut Sources) -> anyhow::Result<Vec<Cluster>> {
    let mut clusters = Vec::new();
    for node in documents(path, sources)? {
        let Some(items) = node.as_seq() else {
            bail!("`{}` must be a list of clusters", path.display());
        };
        for item in items {
            match Cluster::declared(item) {
                Ok(cluster) => clusters.push(cluster),
                Err(why) => bail!("{}: {why}", sources.place(item.span)),
            }
        }
    }
    Ok(clusters)
}

fn declared_parameters(
    path: &Path,
    sources: &mut Sources,
) -> anyhow::Result<BTreeMap<String, Vec<Parameters>>> {
    let mut declared = BTreeMap::new();
    for node in documents(path, sources)? {
        let Some(map) = node.as_map() else {
            bail!("`{}` must be a map from generators to their parameters", path.display());
        };
        for (generator, sets) in map.iter() {
            let place = || sources.place(generator.span);
            if !SERVED.contains(&&*generator.name) {
                let hint = suggest(&generator.name, SERVED).unwrap_or_default();
                bail!("{}: `{}` asks no server; {hint}", place(), generator.name);
            }
            let set = |node: &Node| match Parameter::of(node) {
                Parameter::Map(_, parameters) => Some(parameters),
                _ => None,
            };
            let sets: Option<Vec<_>> =
                sets.as_seq().and_then(|sets| sets.iter().map(set).collect());
            let Some(sets) = sets else {
                bail!("{}: `{}` must have a list of maps", place(), generator.name);
            };
            declared.entry(generator.name.to_string()).or_insert_with(Vec::new).extend(sets);
        }
    }
    Ok(declared)
}

/// Follows objects into the repositories at hand and those that lie elsewhere, and reads those revisions
/// of them that come up.
pub(super) fn followed(
    objects: &[Node],
    known: &Known,
    checkouts: &mut Checkouts,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Followed> {
    known.add_repositories(checkouts, sources)?;
    loop {
        let world = World {
            repositories: Some(&*checkouts),
            clusters: known.clusters(objects),
            are_clusters_declared: known.clusters.is_some(),
            declared: known.parameters.clone(),
            ..World::default()
        };
        let setting = Setting { world, scope: &|node| judge.scope(node) };
        let followed = follow(objects.iter().cloned(), &setting);
        if !checkouts.read_missed(sources) {
            return Ok(followed);
        }
    }
}
