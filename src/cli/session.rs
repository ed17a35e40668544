//! What every command begins with: the repository, read and resolved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::{Args, SetArg, Target};
use crate::diagnostic::suggest;
use crate::load::{Repo, load};
use crate::resolve::{Change, Request};
use crate::source::Span;
use crate::world::{Disk, World, current_directory, is_directory};
use crate::yaml::{self, Key, Map, Node, Value};

/// A repository in the middle of a run.
pub(super) struct Session {
    pub(super) world: Disk,
    pub(super) repo: Repo,
}

impl Session {
    /// Finds and reads the repository.
    pub(super) fn open(args: &Args) -> anyhow::Result<Self> {
        let root = match &args.repo {
            Some(root) => root.clone(),
            None => find_root()?,
        };
        if !is_directory(&root.join("environments")) {
            bail!("`{}` has no `environments/`: it is no repository of gitopsc", root.display());
        }
        let world = Disk::new(&root);
        let repo = load(&world).with_context(|| format!("cannot read `{}`", root.display()))?;
        Ok(Self { world, repo })
    }

    /// The environments that were asked for, or nothing for all.
    pub(super) fn selected(&self, names: &[String]) -> anyhow::Result<Option<BTreeSet<String>>> {
        for name in names {
            self.known_environment(name)?;
        }
        Ok((!names.is_empty()).then(|| names.iter().cloned().collect()))
    }

    /// The environments that have a folder, whether it can be read or not.
    pub(super) fn environment_names(&self) -> anyhow::Result<BTreeSet<String>> {
        let names = self.world.directories("environments");
        Ok(names.context("cannot list `environments/`")?.into_iter().collect())
    }

    /// Fails where there is no environment of this name.
    pub(super) fn known_environment(&self, name: &str) -> anyhow::Result<()> {
        let known = self.repo.environments.keys().map(String::as_str);
        let broken = self.repo.findings.iter().any(|f| f.environments.iter().any(|e| e == name));
        if self.repo.environments.contains_key(name) || broken {
            return Ok(());
        }
        bail!("there is no environment `{name}`; {}", suggest(name, known).unwrap_or_default())
    }

    /// The request for one environment or release, with values set for this once.
    pub(super) fn request(&mut self, target: &Target, set: &[SetArg]) -> anyhow::Result<Request> {
        self.known_environment(&target.environment)?;
        let mut request = Request {
            only: Some(BTreeSet::from([target.environment.clone()])),
            ..Request::default()
        };
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
        let value = read.documents.into_iter().find_map(|document| document.node);
        let mut node = value.unwrap_or_else(|| Node::string("", span));
        for part in argument.path.iter().rev() {
            let mut map = Map::default();
            map.insert(Key { name: part.as_str().into(), span }, node);
            node = Node::new(Value::Map(map), span);
        }
        Ok(node)
    }
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
