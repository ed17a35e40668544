//! What every command begins with: the repository, read and resolved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::{Args, SetArg, Target};
use crate::diagnostic::{Finding, fold, suggest};
use crate::load::{Repo, load};
use crate::resolve::{Change, Plan, Request, resolve};
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

    /// The plan, with all findings so far taken out of the repository.
    pub(super) fn plan(&mut self, request: &Request) -> Plan {
        let mut plan = resolve(&self.repo, request);
        let mut findings = std::mem::take(&mut self.repo.findings);
        findings.append(&mut plan.findings);
        self.name_heirs(&plan, &mut findings);
        if let Some(only) = &request.only {
            findings.retain(|finding| concerns(finding, only));
        }
        plan.findings = findings;
        plan
    }

    /// An environment that extends a broken one is not planned: what is wrong concerns it too.
    fn name_heirs(&self, plan: &Plan, findings: &mut [Finding]) {
        let planned = |name: &str| plan.environments.iter().any(|known| known.name == name);
        for name in self.repo.environments.keys().filter(|name| !planned(name)) {
            let mut line = vec![name.as_str()];
            while let Some(base) = self.extended(line[line.len() - 1])
                && !line.contains(&base)
            {
                line.push(base);
            }
            for finding in &mut *findings {
                let inherits = |known: &String| line.contains(&known.as_str());
                if !finding.environments.contains(name) && finding.environments.iter().any(inherits)
                {
                    finding.environments.push(name.clone());
                    finding.environments.sort();
                }
            }
        }
    }

    /// The environment that another extends.
    fn extended(&self, name: &str) -> Option<&str> {
        self.repo.environments.get(name)?.node.as_ref()?.get("extends")?.as_str()
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
        for part in argument.path.rsplit('.') {
            let mut map = Map::default();
            map.insert(Key { name: part.into(), span }, node);
            node = Node::new(Value::Map(map), span);
        }
        Ok(node)
    }
}

/// Whether a finding lies in one of these environments, or in what all share.
fn concerns(finding: &Finding, only: &BTreeSet<String>) -> bool {
    finding.environments.is_empty() || finding.environments.iter().any(|name| only.contains(name))
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

/// Findings in order, each once.
pub(super) fn ordered(findings: Vec<Finding>) -> Vec<Finding> {
    fold(findings)
}
