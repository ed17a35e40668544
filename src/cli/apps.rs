//! `gitopsc apps`: what Argo CD makes of environments, or of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::bail;

use super::Streams;
use super::argocd::{Known, followed, laid_out, repositories, root_objects};
use super::args::{AppsArgs, Args};
use super::check::schemas;
use super::output::{exit_code, grave, print_findings, write_forms};
use super::session::{Session, environment_names, select};
use crate::argocd::Followed;
use crate::check::Judge;
use crate::diagnostic::{Finding, fold};
use crate::load::{Checkouts, manifest};
use crate::model::MadeFile;
use crate::render::Renderer;
use crate::report::apps::{json, mermaid, text};
use crate::report::visible;
use crate::resolve::{Request, resolve};
use crate::schema::NEWEST;
use crate::source::Sources;
use crate::tree;
use crate::world::named;
use crate::yaml::Node;

/// Shows the tree from the roots down.
pub(super) fn run(args: &Args, wanted: &AppsArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let known = match Session::root(args) {
        Some(_) => environment_names(&Session::find(args)?)?,
        None => BTreeSet::new(),
    };
    let name = wanted.what.as_ref().and_then(|what| what.to_str());
    match (&wanted.what, name) {
        (Some(_), Some(name)) if known.contains(name) => {
            environments(args, &[name.to_owned()], wanted, streams)
        }
        (Some(path), _) => files(args, path, wanted, streams),
        (None, _) if known.is_empty() => files(args, Path::new("."), wanted, streams),
        (None, _) => environments(args, &[], wanted, streams),
    }
}

fn environments(
    args: &Args,
    names: &[String],
    wanted: &AppsArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let mut session = Session::open(Session::find(args)?)?;
    let only = select(&session.world, names)?;
    let mut plan = resolve(&session.repo, &Request { only, ..Request::default() });
    let mut findings = std::mem::take(&mut plan.findings);
    let schemas = schemas(args, &[], &mut session.repo.sources)?;
    let mut sources = session.repo.sources.clone();
    let mut checkouts = Checkouts::default();
    let mut by_url: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let (mut objects, mut stated) = (Vec::new(), Vec::new());
    let renderer = Renderer::new(&session.repo);
    for environment in &plan.environments {
        let rendered = renderer.environment(environment);
        let (tree, found) = tree::build(&session.repo, &renderer, environment, &rendered);
        findings.extend(rendered.iter().flat_map(|output| output.findings.iter().cloned()));
        findings.extend(found);
        objects.extend(root_objects(environment, &tree, &mut sources));
        stated.extend(tree.manifests().cloned());
        // Places are those of the files that it would write.
        let texts = laid_out(environment, tree)
            .map(|(path, file)| (path, MadeFile::Text(file.text().into_owned())));
        by_url.entry(environment.repo_url()).or_default().extend(texts);
    }
    for (url, texts) in by_url {
        checkouts.add_made(url, texts, &mut sources);
    }
    let known = Known::read(&wanted.known, &mut sources)?;
    let stated: Vec<&Node> = stated.iter().map(|it| &**it).collect();
    let known = known.of_environments(&session.repo, &plan.environments, &stated);
    let (definitions, _) = schemas.definitions();
    let judge = Judge::new(NEWEST, &definitions);
    let followed = followed(&objects, &known, &mut checkouts, &judge, &mut sources)?;
    show(args, &followed, &sources, streams)?;
    let errors = grave(args, fold(findings), &session.repo.sources);
    print_findings(args, &errors, &session.repo.sources, false, streams.err)?;
    Ok(exit_code(&errors))
}

fn files(
    args: &Args,
    path: &Path,
    wanted: &AppsArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    if named::examine(path).is_err() {
        bail!("there is no environment, file or directory `{}`", path.display());
    }
    let mut sources = Sources::default();
    let schemas = schemas(args, &[], &mut sources)?;
    let (definitions, _) = schemas.definitions();
    let judge = Judge::new(NEWEST, &definitions);
    let paths = [path.to_owned()];
    let known = Known::read(&wanted.known, &mut sources)?;
    let found = manifest::find(&paths)?;
    let mut findings = found.findings;
    for mut one in repositories(&paths, &found.files, &mut sources)? {
        let followed = followed(&one.objects, &known, &mut one.checkouts, &judge, &mut sources)?;
        findings.append(&mut one.broken);
        show(args, &followed, &sources, streams)?;
    }
    let errors: Vec<Finding> = grave(args, findings, &sources);
    print_findings(args, &errors, &sources, false, streams.err)?;
    Ok(exit_code(&errors))
}

fn show(
    args: &Args,
    followed: &Followed,
    sources: &Sources,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    write_forms(args, streams, |stream, form, _| {
        match form {
            "json" => {
                writeln!(stream, "{}", visible::json(&json(followed, sources))?)?;
            }
            "mermaid" => write!(stream, "{}", mermaid(followed))?,
            _ if followed.roots.is_empty() => writeln!(stream, "no object of Argo CD")?,
            _ => write!(stream, "{}", text(followed, sources))?,
        }
        Ok(())
    })
}
