//! What every command begins with: the repository, read and resolved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::{Args, SetArg, Target};
use crate::diagnostic::{Finding, suggest};
use crate::load::{Repo, load};
use crate::resolve::{Change, Request};
use crate::source::Span;
use crate::world::git::GitRepository;
use crate::world::git_changes::State;
use crate::world::{Disk, Memory, World, current_directory, is_directory};
use crate::yaml::{self, Key, Map, Node, Value};

/// What trees are rendered from.
pub(super) const INPUTS: [&str; 4] = ["apps", "applicationsets", "environments", "gitopsc.yaml"];

/// A repository in the middle of a run.
pub(super) struct Session {
    pub(super) world: Disk,
    pub(super) repo: Repo,
    /// The environments that have a folder, whether it can be read or not.
    pub(super) environments: BTreeSet<String>,
}

impl Session {
    /// Finds the repository, without reading it.
    pub(super) fn find(args: &Args) -> anyhow::Result<Disk> {
        let root = match &args.repo {
            Some(root) => root.clone(),
            None => find_root()?,
        };
        if !is_directory(&root.join("environments")) {
            bail!("`{}` has no `environments/`: it is no repository of gitopsc", root.display());
        }
        Ok(Disk::new(&root))
    }

    /// The directory of the repository, where there is one.
    pub(super) fn root(args: &Args) -> Option<PathBuf> {
        let root = args.repo.clone().or_else(|| find_root().ok())?;
        is_directory(&root.join("environments")).then_some(root)
    }

    /// Reads the repository.
    pub(super) fn open(world: Disk) -> anyhow::Result<Self> {
        let mut repo = load(&world).context("the repository cannot be read")?;
        let ignored = ignored(&world, &repo);
        repo.findings.extend(ignored.into_iter().map(|path| {
            Finding::warning("source-ignored", format!("git ignores `{path}`"))
                .in_file(path)
                .note("it is rendered here, and missing in every clone")
                .help("take it out of `.gitignore`, or add it with `git add --force`")
        }));
        let environments = environment_names(&world)?;
        Ok(Self { world, repo, environments })
    }

    /// Reads what is staged of the repository, a tree, where other sources lie on disk, and names these.
    pub(super) fn staged(
        world: Disk,
        git: &GitRepository,
        tree: &str,
    ) -> anyhow::Result<(Self, Vec<String>)> {
        let top = git.path_of(world.root());
        let staged = State::Revision(tree.to_owned());
        let inputs = inputs_on_disk(git, &top);
        let differing = git.changes(&staged, &State::WorkTree, &inputs);
        let differing = differing.context("git cannot compare the work tree")?;
        let names: Vec<String> = differing.into_iter().map(|file| file.path).collect();
        if names.is_empty() && git.left_out(&inputs).is_empty() {
            return Ok((Self::open(world)?, names));
        }
        let staged = revision(git, tree, &top, &INPUTS)?;
        let repo = load(&staged).context("what is staged cannot be read")?;
        let environments = environment_names(&staged)?;
        Ok((Self { world, repo, environments }, names))
    }

    /// The request for one environment or release, with values set for this once.
    pub(super) fn request(&mut self, target: &Target, set: &[SetArg]) -> anyhow::Result<Request> {
        let only = select(&self.world, std::slice::from_ref(&target.environment))?;
        let mut request = Request { only, ..Request::default() };
        let Some(release) = &target.release else {
            if !set.is_empty() {
                bail!("`--set` changes one release: write ENV/APP");
            }
            return Ok(request);
        };
        for argument in set {
            request
                .changes
                .push(Change { release: release.clone(), values: self.set_value(argument)? });
        }
        Ok(request)
    }

    fn set_value(&mut self, argument: &SetArg) -> anyhow::Result<Node> {
        let file = self.repo.sources.add("--set", argument.value.as_str());
        let read = yaml::read(file, &argument.value);
        if let Some(fault) = read.faults.first() {
            bail!("`{}` is no YAML: {}", argument.value, fault.message);
        }
        let span = Span::new(file, 0..argument.value.len());
        let mut values = read.documents.into_iter().filter_map(|document| document.node);
        let mut node = match (values.next(), values.next()) {
            (Some(value), None) => value,
            (None, _) if argument.value.is_empty() => Node::string("", span),
            (None, _) => bail!("`{}` is a comment in YAML: write it in quotes", argument.value),
            (Some(_), Some(_)) => bail!("`{}` is several documents", argument.value),
        };
        for part in argument.path.iter().rev() {
            let mut map = Map::default();
            map.insert(Key { name: part.as_str().into(), span }, node);
            node = Node::new(Value::Map(map), span);
        }
        Ok(node)
    }
}

/// What trees are rendered from, as git has it: paths there begin with `top`.
pub(super) fn inputs(top: &str) -> Vec<String> {
    INPUTS.iter().map(|input| format!("{top}{input}")).collect()
}

/// As [`inputs`], with the files elsewhere that links among them lead to.
pub(super) fn inputs_on_disk(git: &GitRepository, top: &str) -> Vec<String> {
    let mut paths = inputs(top);
    paths.extend(git.led_to(&paths));
    paths
}

/// The files of a revision at and below some paths, as they would lie on disk.
pub(super) fn revision(
    git: &GitRepository,
    name: &str,
    top: &str,
    paths: &[&str],
) -> anyhow::Result<Memory> {
    let (mut files, mut links) = (Vec::new(), Vec::new());
    for path in paths {
        let found = git.contents(name, top, &format!("{top}{path}"));
        for (path, bytes) in found.with_context(|| format!("git cannot read `{name}`"))? {
            let path = path[top.len()..].to_owned();
            match bytes {
                Some(bytes) => files.push((path, bytes)),
                None => links.push(path),
            }
        }
    }
    let world = Memory::new(files);
    links.iter().for_each(|path| world.link(path));
    Ok(world)
}

/// The sources that git ignores, or what links among them lead to.
pub(super) fn ignored(world: &Disk, repo: &Repo) -> Vec<String> {
    let Some(git) = GitRepository::around(world.root()) else { return Vec::new() };
    let top = git.path_of(world.root());
    let paths = repo.sources.paths().filter(|path| is_source(path));
    let paths: BTreeSet<String> = paths.map(|path| format!("{top}{path}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let ignored = git.ignored(&paths).into_iter();
    ignored.filter_map(|path| path.strip_prefix(&top).map(str::to_owned)).collect()
}

/// Whether a path is one of those that are certainly read; what lies in `files/` may be left about.
fn is_source(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match *parts {
        ["gitopsc.yaml"] | ["apps", _, "values.schema.json"] => true,
        ["apps", _, _]
        | ["apps", _, "fragments", ..]
        | ["applicationsets", ..]
        | ["environments", _, "environment.yaml"]
        | ["environments", _, "apps", _] => path.ends_with(".yaml"),
        ["apps", "_lib", ..] => true,
        _ => false,
    }
}

/// The environments that have a folder, whether it can be read or not.
pub(super) fn environment_names(world: &dyn World) -> anyhow::Result<BTreeSet<String>> {
    let names = world.directories("environments").context("cannot list `environments/`")?;
    Ok(names.into_iter().collect())
}

/// The environments that were asked for, or nothing for all. Fails where there is none of a name.
pub(super) fn select(world: &Disk, names: &[String]) -> anyhow::Result<Option<BTreeSet<String>>> {
    let known = environment_names(world)?;
    if let Some(name) = names.iter().find(|name| !known.contains(*name)) {
        let hint = suggest(name, known.iter().map(String::as_str)).unwrap_or_default();
        bail!("there is no environment `{name}`; {hint}");
    }
    Ok((!names.is_empty()).then(|| names.iter().cloned().collect()))
}

/// The nearest directory upwards that has environments.
fn find_root() -> anyhow::Result<PathBuf> {
    let here = current_directory().context("the current directory cannot be read")?;
    let found = here.ancestors().find(|directory| is_directory(&directory.join("environments")));
    found.map(Path::to_owned).with_context(|| {
        format!(
            "neither `{}` nor a directory above it has `environments/`; use --repo",
            here.display()
        )
    })
}
