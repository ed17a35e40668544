//! `gitopsc budget`: what fits where.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Value, json};

use super::Streams;
use super::args::{Args, BudgetArgs};
use super::check::examine::{cluster, minor};
use super::check::schemas;
use super::output::{exit_code, grave, print_findings, write_forms};
use super::session::{Session, environment_names, select};
use crate::check::Judge;
use crate::diagnostic::{Finding, fold};
use crate::facts::{Cluster, Extent, Reading, Surroundings, budget};
use crate::load::manifest::{self, Content, classify};
use crate::model::items;
use crate::render::Renderer;
use crate::report::budget::{Account, json as of, tables};
use crate::report::visible;
use crate::resolve::{Request, resolve};
use crate::schema::{self, NEWEST};
use crate::source::Sources;
use crate::world::named;
use crate::yaml::Node;

/// The namespace of objects in files that state none: what kubectl takes.
const DEFAULT: &str = "default";

/// Shows the budget of environments, or of what files hold.
pub(super) fn run(
    args: &Args,
    wanted: &BudgetArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let known = match Session::root(args) {
        Some(_) => environment_names(&Session::find(args)?)?,
        None => BTreeSet::new(),
    };
    let names: Option<Vec<String>> =
        wanted.what.iter().map(|one| environment(one, &known)).collect();
    match names {
        Some(names) if !(known.is_empty() && names.is_empty()) => {
            environments(args, &names, streams)
        }
        _ if wanted.what.is_empty() => {
            // Says what is missing.
            Session::find(args)?;
            bail!("there is no environment; name files, as `gitopsc budget manifests/`")
        }
        _ => {
            let is_gone =
                |path: &&PathBuf| path.as_os_str() != "-" && named::examine(path).is_err();
            if let Some(gone) = wanted.what.iter().find(is_gone) {
                let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                match names.is_empty() {
                    true => bail!("there is no file or directory `{}`", gone.display()),
                    false => bail!(
                        "`{}` is no environment, file or directory; environments are {}",
                        gone.display(),
                        names.join(", ")
                    ),
                }
            }
            files(args, &wanted.what, streams)
        }
    }
}

fn environment(one: &Path, known: &BTreeSet<String>) -> Option<String> {
    let name = one.to_str()?;
    known.contains(name).then(|| name.to_owned())
}

fn environments(args: &Args, names: &[String], streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let mut session = Session::open(Session::find(args)?)?;
    let only = select(&session.world, names)?;
    let mut plan = resolve(&session.repo, &Request { only, ..Request::default() });
    let mut findings = std::mem::take(&mut plan.findings);
    let schemas = schemas(args, &[], &mut session.repo.sources)?;
    findings.extend(schemas.findings.iter().cloned());
    let renderer = Renderer::new(&session.repo);
    let mut clusters: Vec<(String, Cluster)> = Vec::new();
    for environment in &plan.environments {
        let rendered = renderer.environment(environment);
        let (mut definitions, _) = schemas.definitions();
        for manifest in rendered.iter().flat_map(|output| &output.manifests) {
            if manifest.key.group_kind.kind == "CustomResourceDefinition" {
                definitions.add_crd(&manifest.node, schema::Found::Checked);
            }
        }
        let judge = Judge::new(minor(environment), &definitions);
        findings.extend(rendered.iter().flat_map(|output| output.findings.iter().cloned()));
        clusters.push((environment.name.clone(), cluster(&judge, environment, &rendered, None)));
    }
    let all = clusters.iter().map(|(name, cluster)| (Some(name.as_str()), cluster));
    show(args, &all.collect::<Vec<_>>(), streams, || {
        let environments = clusters.iter().map(|(name, cluster)| {
            let mut value = account(cluster, of);
            value["name"] = json!(name);
            value
        });
        json!({"version": 1, "environments": environments.collect::<Vec<_>>()})
    })?;
    let errors = grave(args, fold(findings), &session.repo.sources);
    print_findings(args, &errors, &session.repo.sources, false, streams.err)?;
    Ok(exit_code(&errors))
}

fn files(args: &Args, paths: &[PathBuf], streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let found = manifest::find(paths)?;
    let mut sources = Sources::default();
    let (mut nodes, mut findings) = (Vec::new(), found.findings);
    for file in found.files.iter().filter(|file| file.skip.is_none()) {
        let mut bytes = Vec::new();
        let read = match &file.path {
            Some(path) => named::open(path).and_then(|mut it| it.read_to_end(&mut bytes)),
            None => named::standard_input().read_to_end(&mut bytes),
        };
        if let Err(error) = read {
            let message = format!("`{}` cannot be read", file.shown);
            let finding = Finding::error("file-unreadable", message);
            findings.push(finding.in_file(file.shown.to_string()).note(error.to_string()));
            continue;
        }
        objects(&file.shown, &bytes, &mut sources, &mut nodes, &mut findings);
    }
    let schemas = schemas(args, &[], &mut sources)?;
    findings.extend(schemas.findings.iter().cloned());
    let (mut definitions, _) = schemas.definitions();
    for node in &nodes {
        definitions.add_crd(node, schema::Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let unit = "".into();
    let objects = nodes.iter().map(|node| {
        let is_cluster_wide = judge.is_cluster_wide(node);
        let mut object =
            Reading { file: None, unit: &unit, is_cluster_wide, sources: None }.object(node);
        if !is_cluster_wide && object.key.namespace.is_empty() {
            object.key.namespace = DEFAULT.to_owned();
        }
        object
    });
    // What the files hold is the whole cluster here.
    let cluster = Cluster::new(objects.collect(), Surroundings::unknown(), Extent::Whole);
    show(args, &[(None, &cluster)], streams, || {
        let mut value = account(&cluster, of);
        value["version"] = json!(1);
        value["paths"] = json!(paths.iter().map(|path| manifest::shown(path)).collect::<Vec<_>>());
        value
    })?;
    let errors = grave(args, fold(findings), &sources);
    print_findings(args, &errors, &sources, false, streams.err)?;
    Ok(exit_code(&errors))
}

/// The objects in a file; a document that cannot be read is told, and the rest goes on.
fn objects(
    shown: &str,
    bytes: &[u8],
    sources: &mut Sources,
    nodes: &mut Vec<Node>,
    findings: &mut Vec<Finding>,
) {
    let text = String::from_utf8_lossy(bytes);
    if manifest::is_template(&text) {
        return;
    }
    let file = sources.add(shown, &*text);
    manifest::read_each(file, &text, |_, read| {
        let fatal = read.faults.iter().filter(|fault| fault.kind.is_fatal());
        findings.extend(fatal.map(crate::load::yaml_finding));
        let documents = read.documents.into_iter().filter_map(|document| document.node);
        nodes.extend(documents.flat_map(items).filter(|node| classify(node) == Content::Object));
    });
}

fn account<T>(cluster: &Cluster, then: impl FnOnce(Account<'_>) -> T) -> T {
    let budget = budget::of(cluster);
    then(Account { budget: &budget, plan: cluster.surroundings().plan.as_deref() })
}

fn show(
    args: &Args,
    clusters: &[(Option<&str>, &Cluster)],
    streams: &mut Streams<'_>,
    json: impl Fn() -> Value,
) -> anyhow::Result<()> {
    let all = |stream: &mut dyn Write, is_markdown: bool| -> io::Result<()> {
        for (name, cluster) in clusters {
            if let Some(name) = name {
                let mark = if is_markdown { "## " } else { "" };
                writeln!(stream, "{mark}{name}\n")?;
            }
            for table in account(cluster, tables) {
                if is_markdown { table.markdown(stream)? } else { table.human(stream)? }
            }
        }
        Ok(())
    };
    write_forms(args, streams, |stream, form, _| match form {
        "json" => Ok(writeln!(stream, "{}", visible::json(&json())?)?),
        form => Ok(all(stream, form == "markdown")?),
    })
}
