//! `gitopsc trace`: the way from a rendered field back to what someone wrote.

use std::io::Write;

use anyhow::bail;
use serde_json::{Value, json};

use super::Streams;
use super::args::{Args, Target};
use super::output::{exit_code, grave, print_findings, write_all};
use super::session::Session;
use crate::diagnostic::suggest;
use crate::model::ObjectKey;
use crate::render::{Manifest, Renderer};
use crate::resolve::resolve;
use crate::source::{Sources, Span};
use crate::yaml::{self, Node};

/// Shows where an object or one field of it comes from.
pub(super) fn run(
    session: &mut Session,
    args: &Args,
    environment: &str,
    object: &str,
    pointer: Option<&str>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let Some((kind, name)) = object.split_once('/') else {
        bail!("`{object}`: write KIND/NAME, for example deployment/mlflow");
    };
    let pointer = pointer.unwrap_or_default();
    if !pointer.is_empty() && !pointer.starts_with('/') {
        bail!("`{pointer}` is no JSON pointer: it begins with `/`, for example /spec/replicas");
    }
    let target = Target { environment: environment.to_owned(), release: None };
    let request = session.request(&target, &[])?;
    let mut plan = resolve(&session.repo, &request);
    let mut findings = std::mem::take(&mut plan.findings);
    let mut manifests: Vec<(String, Manifest)> = Vec::new();
    if let Some(environment) = plan.environments.first() {
        let rendered = Renderer::new(&session.repo).environment(environment);
        for (release, output) in environment.releases.iter().zip(rendered) {
            findings.extend(output.findings);
            let own = output.manifests.into_iter().map(|one| (release.name.clone(), one));
            manifests.extend(own);
        }
    }
    let findings = grave(args, findings, &session.repo.sources);
    let found: Vec<_> =
        manifests.iter().filter(|(_, manifest)| is_meant(&manifest.key, kind, name)).collect();
    if found.is_empty() {
        print_findings(args, &findings, &session.repo.sources, streams.color, streams.err)?;
        let same_kind = |one: &Manifest| is_meant(&one.key, kind, &one.key.name);
        let any = manifests.iter().any(|(_, one)| same_kind(one));
        let known: Vec<String> = manifests
            .iter()
            .filter(|(_, one)| !any || same_kind(one))
            .map(|(_, one)| format!("{}/{}", one.key.group_kind.kind.to_lowercase(), one.key.name))
            .collect();
        let wanted = format!("{}/{name}", kind.to_lowercase());
        let hint = suggest(&wanted, known.iter().map(String::as_str)).unwrap_or_default();
        bail!("`{environment}` renders no {object}; {hint}");
    }
    // Objects of one name in several namespaces are all shown, where they have the field.
    let steps: Vec<_> = found
        .iter()
        .filter_map(|(release, one)| Some((release, one, one.node.pointer(pointer)?)))
        .collect();
    if steps.is_empty()
        && let Some((_, manifest)) = found.first()
    {
        let hint = nearest_parent(&manifest.node, pointer);
        bail!("{} has no `{pointer}`; {hint}", manifest.key);
    }
    let sources = &session.repo.sources;
    write_all(
        args,
        streams,
        |stream, _| {
            for (release, manifest, node) in &steps {
                writeln!(stream, "{} of release {release}", manifest.key)?;
                let text = yaml::emit(node);
                for line in text.lines().take(12) {
                    writeln!(stream, "  {line}")?;
                }
                show(stream, sources, "made by", node.span)?;
                let mut shown = Vec::new();
                for origin in all_origins(node) {
                    let place = sources.place(origin);
                    if !shown.contains(&place) {
                        show(stream, sources, "value from", origin)?;
                        shown.push(place);
                    }
                }
            }
            Ok(())
        },
        || {
            let steps: Vec<_> =
                steps.iter().map(|(release, manifest, node)| {
                    json!({
                        "release": release,
                        "object": {
                            "group": manifest.key.group_kind.group,
                            "kind": manifest.key.group_kind.kind,
                            "namespace": manifest.key.namespace,
                            "name": manifest.key.name,
                        },
                        "pointer": pointer,
                        "value": yaml::to_json(node),
                        "template": place(sources, node.span),
                        "origins": all_origins(node).into_iter().map(|span| place(sources, span)).collect::<Vec<_>>(),
                    })
                }).collect();
            json!({"version": 1, "traces": steps})
        },
    )?;
    Ok(exit_code(&findings))
}

/// `deployment`, `Deployment` and `deployment.apps` all mean the same.
fn is_meant(key: &ObjectKey, kind: &str, name: &str) -> bool {
    let (kind, group) = match kind.split_once('.') {
        Some((kind, group)) => (kind, Some(group)),
        None => (kind, None),
    };
    key.name == name
        && key.group_kind.kind.eq_ignore_ascii_case(kind)
        && group.is_none_or(|group| key.group_kind.group == group)
}

/// The origins of a node and of everything in it, each once, for a field that is a map or list.
fn all_origins(node: &Node) -> Vec<Span> {
    fn collect(node: &Node, spans: &mut Vec<Span>) {
        for origin in &node.origins {
            if !spans.contains(origin) {
                spans.push(*origin);
            }
        }
        if let Some(map) = node.as_map() {
            map.iter().for_each(|(_, child)| collect(child, spans));
        }
        for item in node.as_seq().unwrap_or_default() {
            collect(item, spans);
        }
    }
    let mut spans = Vec::new();
    collect(node, &mut spans);
    spans
}

fn nearest_parent(node: &Node, pointer: &str) -> String {
    let mut parent = pointer;
    while let Some((shorter, _)) = parent.rsplit_once('/') {
        parent = shorter;
        if let Some(found) = node.pointer(parent) {
            let Some(map) = found.as_map() else { break };
            let names: Vec<_> = map.iter().map(|(key, _)| format!("`{}`", key.name)).collect();
            let place = if parent.is_empty() { "the object" } else { parent };
            return format!("{place} has {}", names.join(", "));
        }
    }
    String::new()
}

fn show(stream: &mut dyn Write, sources: &Sources, what: &str, span: Span) -> anyhow::Result<()> {
    let source = sources.get(span.file);
    let (line, _) = source.line_column(span.start);
    let text = source.text.lines().nth(line - 1).unwrap_or_default().trim();
    writeln!(stream, "    {what:<10} {}:{line}  {text}", source.path)?;
    Ok(())
}

fn place(sources: &Sources, span: Span) -> Value {
    let source = sources.get(span.file);
    let (line, column) = source.line_column(span.start);
    json!({"file": &*source.path, "line": line, "column": column, "text": sources.slice(span)})
}
