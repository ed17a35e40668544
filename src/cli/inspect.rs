//! `gitopsc render` and `gitopsc values`: what one release is made of.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context, bail};
use serde_json::{Value as Json, json};

use super::Streams;
use super::args::{Args, SetArg, Target};
use super::output::{exit_code, grave, print_findings, settle, write_all};
use super::session::Session;
use crate::diagnostic::{Finding, Severity, fold, suggest};
use crate::render::Renderer;
use crate::resolve::{Environment, Plan, Release, resolve};
use crate::source::Sources;
use crate::tree;
use crate::yaml::{self, Node, Value};

/// Prints the manifests of an environment or of one release.
pub(super) fn render(
    session: &mut Session,
    args: &Args,
    target: &Target,
    set: &[SetArg],
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let request = session.request(target, set)?;
    let mut plan = resolve(&session.repo, &request);
    let planned = std::mem::take(&mut plan.findings);
    let mut findings = concerning(session, target, &plan, planned);
    let mut manifests: Vec<Arc<Node>> = Vec::new();
    let mut charts = Vec::new();
    if let Some(environment) = plan.environments.first() {
        if known_release(environment, target, &findings)?.is_none() && target.release.is_some() {
            return faulty(session, args, findings, streams);
        }
        let renderer = Renderer::new(&session.repo);
        let rendered = renderer.environment(environment);
        findings.extend(tree::build(&session.repo, &renderer, environment, &rendered).1);
        if target.release.is_some() {
            // Of one release, only its own notes are wanted.
            findings.retain(|finding| finding.severity == Severity::Error);
        }
        for (release, output) in environment.releases.iter().zip(rendered) {
            if target.release.as_ref().is_none_or(|name| *name == release.name) {
                findings.extend(output.findings);
                manifests.extend(output.manifests.into_iter().map(|manifest| manifest.node));
                charts.extend(output.chart.map(|chart| (release.name.clone(), chart)));
            }
        }
    }
    let findings = settle(args, fold(findings), &session.repo.sources);
    if exit_code(&findings) != 0 {
        // Half of an environment on standard output is worse than nothing: somebody applies it.
        manifests.clear();
        charts.clear();
    }
    write_all(
        args,
        streams,
        |stream, _| {
            for (name, chart) in &charts {
                writeln!(
                    stream,
                    "# {name}: chart {} {} from {}, rendered by Argo CD",
                    chart.name, chart.version, chart.repo_url
                )?;
            }
            for manifest in &manifests {
                write!(stream, "---\n{}", yaml::emit(manifest))?;
            }
            Ok(())
        },
        || Json::Array(manifests.iter().map(|it| yaml::to_json(it)).collect()),
    )?;
    // Standard output is for manifests, which somebody may pipe on.
    print_findings(args, &findings, &session.repo.sources, false, streams.err)?;
    Ok(exit_code(&findings))
}

/// Without what is wrong with other apps, where one release was asked for.
fn concerning(
    session: &Session,
    target: &Target,
    plan: &Plan,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    let Some(name) = &target.release else { return findings };
    let releases = plan.environments.iter().flat_map(|environment| &environment.releases);
    let release = releases.into_iter().find(|release| release.name == *name);
    let app = release.map_or(name.as_str(), |release| release.app.as_str());
    findings.retain(|finding| {
        let label = finding.labels.first().map(|label| session.repo.sources.get(label.span.file));
        let path = label.map(|source| &*source.path).or(finding.path.as_deref());
        let of_app = path.and_then(|path| path.strip_prefix("apps/")?.split('/').next());
        of_app.is_none_or(|found| found == app || found == "_lib")
    });
    findings
}

/// The release of a target, or an error that names those that exist.
///
/// Nothing comes back for one that is listed and could not be planned: the findings say why.
fn known_release<'a>(
    environment: &'a Environment,
    target: &Target,
    findings: &[Finding],
) -> anyhow::Result<Option<&'a Release>> {
    let Some(name) = &target.release else { return Ok(None) };
    let found = environment.releases.iter().find(|release| release.name == *name);
    let listed = environment.node.pointer("/apps").and_then(|apps| apps.get(name)).is_some();
    let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    if found.is_none() && !(listed && errors) {
        let known = environment.releases.iter().map(|release| release.name.as_str());
        bail!(
            "`{}` runs no `{name}`; {}",
            environment.name,
            suggest(name, known).unwrap_or_default()
        );
    }
    Ok(found)
}

/// Ends a command whose release has errors: they are the result.
fn faulty(
    session: &Session,
    args: &Args,
    findings: Vec<Finding>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let findings = grave(args, findings, &session.repo.sources);
    print_findings(args, &findings, &session.repo.sources, false, streams.err)?;
    Ok(exit_code(&findings))
}

/// Prints the merged values of a release with their places.
pub(super) fn values(
    session: &mut Session,
    args: &Args,
    target: &Target,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    if target.release.is_none() {
        bail!("write ENV/APP: values belong to one release");
    }
    let request = session.request(target, &[])?;
    let plan: Plan = resolve(&session.repo, &request);
    let release = match plan.environments.first() {
        Some(environment) => known_release(environment, target, &plan.findings)?,
        None => None,
    };
    if let Some(release) = release {
        let sources = &session.repo.sources;
        write_all(
            args,
            streams,
            |stream, _| {
                stream.write_all(with_places(&release.values, sources).as_bytes()).context("output")
            },
            || {
                let mut leaves = Vec::new();
                collect(&release.values, sources, "", &mut leaves);
                json!({"version": 1, "values": yaml::to_json(&release.values), "places": leaves})
            },
        )?;
    }
    let findings = concerning(session, target, &plan, plan.findings.clone());
    faulty(session, args, findings, streams)
}

/// YAML in which each leaf ends in a comment with its place.
fn with_places(values: &Node, sources: &Sources) -> String {
    let mut lines = Vec::new();
    write_node(values, "", &mut lines, sources);
    let width = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0).min(60);
    let mut text = String::new();
    for (line, place) in lines {
        let _ = match place {
            Some(place) => writeln!(text, "{line:width$}  # {place}"),
            None => writeln!(text, "{line}"),
        };
    }
    text
}

fn write_node(
    node: &Node,
    indent: &str,
    lines: &mut Vec<(String, Option<String>)>,
    sources: &Sources,
) {
    let Some(map) = node.as_map() else { return };
    for (key, child) in map.iter() {
        let name = yaml::emit(&Node::string(&*key.name, key.span));
        let name = name.trim_end();
        match &child.value {
            Value::Map(inner) if !inner.is_empty() => {
                lines.push((format!("{indent}{name}:"), None));
                write_node(child, &format!("{indent}  "), lines, sources);
            }
            _ => {
                // JSON is YAML on one line, whatever a list or a long text holds.
                let whole = yaml::emit(child);
                let single = whole.trim_end();
                let value = if single.contains('\n') || child.as_seq().is_some() {
                    yaml::to_json_string(child)
                } else {
                    single.to_owned()
                };
                lines.push((format!("{indent}{name}: {value}"), Some(sources.place(child.span))));
            }
        }
    }
}

fn collect(node: &Node, sources: &Sources, pointer: &str, leaves: &mut Vec<Json>) {
    if let Some(map) = node.as_map().filter(|map| !map.is_empty()) {
        for (key, child) in map.iter() {
            let token = key.name.replace('~', "~0").replace('/', "~1");
            collect(child, sources, &format!("{pointer}/{token}"), leaves);
        }
        return;
    }
    let source = sources.get(node.span.file);
    leaves.push(json!({
        "pointer": pointer,
        "file": &*source.path,
        "line": source.line_column(node.span.start).0,
    }));
}
