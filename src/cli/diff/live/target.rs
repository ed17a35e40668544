//! What is compared with which cluster.

use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::args::{Args, DiffArgs};
use crate::cli::diff::sides::{files_as, is_path};
use crate::cli::session::{Session, environment_names, select};
use crate::diff::File;
use crate::live::contexts;
use crate::resolve::{Environment, Request, resolve};
use crate::source::Sources;
use crate::world::is_directory;

/// The name of the cluster that Argo CD itself runs in.
const IN_CLUSTER: &str = "in-cluster";

/// What the cluster should have.
pub(super) struct Target {
    pub(super) files: Vec<File>,
    /// The environment that it is the tree of.
    pub(super) environment: Option<Environment>,
    /// Whether the objects of Argo CD are in another cluster, and left out.
    pub(super) is_remote: bool,
}

/// Reads the rendered tree of an environment, or any manifests.
pub(super) fn target(
    args: &Args,
    wanted: &DiffArgs,
    sources: &mut Sources,
) -> anyhow::Result<Target> {
    let named = wanted.what.iter().chain(&wanted.selection.environments);
    let named: Vec<&str> = named.map(String::as_str).collect();
    let world = Session::root(args).map(|_| Session::find(args)).transpose()?;
    let known =
        world.as_ref().map(|world| environment_names(world)).transpose()?.unwrap_or_default();
    let name = match named.as_slice() {
        [] => only(&known.into_iter().collect::<Vec<_>>(), args, wanted)?,
        [name] if known.contains(*name) => (*name).to_owned(),
        [path] if is_path(path) => {
            let files = files_as(Path::new(path), None, sources)?;
            return Ok(Target { files, environment: None, is_remote: false });
        }
        [name] => match &world {
            Some(world) => {
                select(world, &[(*name).to_owned()])?;
                bail!("there is no environment `{name}`")
            }
            None => bail!("`{name}` is neither a file nor a directory"),
        },
        _ => bail!("one environment at a time can be compared with its cluster"),
    };
    let environment = read(args, &name)?;
    let root = Session::root(args).unwrap_or_default();
    let top = root.join("rendered").join(&name);
    if !is_directory(&top) {
        bail!("`rendered/{name}` is not there; `gitopsc build -e {name}` makes it");
    }
    let mut files = files_as(&top, Some(&format!("rendered/{name}/")), sources)?;
    let is_remote = environment.destination() != IN_CLUSTER;
    if is_remote {
        files.retain(|file| &*file.path != "root.yaml" && !file.path.starts_with("argocd/"));
    }
    Ok(Target { files, environment: Some(environment), is_remote })
}

/// The environment that is meant where none is named: the only one, or the only one of the context.
fn only(names: &[String], args: &Args, wanted: &DiffArgs) -> anyhow::Result<String> {
    if let [name] = names {
        return Ok(name.clone());
    }
    if names.is_empty() {
        bail!("name an environment, a file or a directory to compare with the cluster");
    }
    let context = match &wanted.live.context {
        Some(context) => context.clone(),
        None => contexts()?.current.context("name an environment: there is no current context")?,
    };
    let session = Session::open(Session::find(args)?)?;
    let plan = resolve(&session.repo, &Request::default());
    let mut fitting = plan.environments.iter().filter(|it| stated(it) == Some(context.as_str()));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one.name.clone()),
        (None, _) => bail!("no environment has the context `{context}`; name one"),
        _ => bail!("several environments have the context `{context}`; name one"),
    }
}

fn read(args: &Args, name: &str) -> anyhow::Result<Environment> {
    let session = Session::open(Session::find(args)?)?;
    let only = select(&session.world, &[name.to_owned()])?;
    let plan = resolve(&session.repo, &Request { only, ..Request::default() });
    let found = plan.environments.into_iter().find(|environment| environment.name == name);
    found.with_context(|| format!("`{name}` cannot be read; `gitopsc check -e {name}` says why"))
}

fn stated(environment: &Environment) -> Option<&str> {
    environment.spec.cluster.as_ref()?.context.as_deref()
}

/// The context to ask: that of the environment, which another may only take the place of by force.
pub(super) fn context(target: &Target, wanted: &DiffArgs) -> anyhow::Result<String> {
    let own = target.environment.as_ref().and_then(|it| Some((&it.name, stated(it)?)));
    match (&wanted.live.context, own) {
        (Some(context), Some((name, own))) if context != own && !wanted.live.force_context => {
            bail!(
                "`{name}` is the cluster of context `{own}`, not of `{context}`; \
             with `--force-context` that is compared all the same"
            )
        }
        (Some(context), _) => Ok(context.clone()),
        (None, Some((name, own))) => {
            let known = contexts()?.names;
            if !known.iter().any(|known| known == own) {
                bail!(
                    "the kubeconfig has no context `{own}`, which `{name}` names; \
                     for another name of it say `--context NAME --force-context`"
                );
            }
            Ok(own.to_owned())
        }
        (None, None) => contexts()?
            .current
            .context("the kubeconfig has no current context; say `--context NAME`"),
    }
}
