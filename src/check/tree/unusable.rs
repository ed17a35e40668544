//! Sources that another program renders, and that lack what it needs.
//!
//! Rules: `ExplicitType` in `pkg/apis/application/v1alpha1/types.go` of Argo CD, `GetRefSources` in
//! `util/argo/argo.go`, `resolveReferencedSources` and `getResolvedValueFiles` in
//! `reposerver/repository/repository.go`.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::at;
use super::settings::Settings;
use crate::argocd::application_set::Repositories;
use crate::argocd::source::{KUSTOMIZATIONS, Source, Tool, clean, join};
use crate::argocd::tree::Tree;
use crate::argocd::{Contents, Followed, FollowedApplication, State};
use crate::diagnostic::{Finding, suggest};
use crate::load::manifest::is_placeholder;

const ID: &str = "application-source-unusable";

pub(super) fn check(
    followed: &Followed,
    repositories: &dyn Repositories,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) {
    let mut told = BTreeSet::new();
    for one in followed.applications.iter().filter(|one| !one.is_dropped) {
        let sources = one.application.sources();
        let mut found = references(one, &sources);
        for (source, contents) in sources.iter().zip(&one.contents) {
            let (source, contents) = contents.made_from(*source);
            let source = &source;
            if !matches!(contents.state, State::NotRendered) {
                continue;
            }
            let tool = contents.tool;
            if source.remote_tool().is_none() {
                // Then such a directory is one of manifests.
                let is_off = settings.names(&format!("{}.enable", tool.as_str()));
                let lacking = lacking(one, source, contents, repositories);
                if let Some(finding) = lacking {
                    // What the tool would read next does not matter then.
                    found.extend((!is_off).then_some(finding));
                    continue;
                }
            }
            if matches!(tool, Tool::Helm | Tool::Chart) {
                found.extend(value_files(one, (source, contents), &sources, repositories));
            }
        }
        // What is wrong with a template is wrong with all that it makes.
        for finding in found {
            let place = finding.labels.first().map(|label| label.span);
            if told.insert((place, finding.message.clone())) {
                findings.push(finding);
            }
        }
    }
}

/// A directory without the file of the tool that the source names.
fn lacking(
    one: &FollowedApplication,
    source: &Source<'_>,
    contents: &Contents,
    repositories: &dyn Repositories,
) -> Option<Finding> {
    let (names, block): (&[&str], _) = match contents.tool {
        Tool::Kustomize => (&KUSTOMIZATIONS, "kustomize"),
        Tool::Helm => (&["Chart.yaml"], "helm"),
        _ => return None,
    };
    // Without the block the files have said which tool it is.
    source.fields.get(block).filter(|it| !it.is_null())?;
    let tree = source.tree(repositories)?;
    let found = tree.names_in(&contents.directory);
    if names.iter().any(|name| found.contains(*name)) {
        return None;
    }
    let message = format!("`{}` has no `{}`", contents.directory, names[0]);
    let finding = at(Finding::error(ID, message), one, &source.pointer(block));
    Some(
        finding
            .note(format!("with `{block}` Argo CD asks no other tool, and this one fails"))
            .help(format!("take `{block}` out of the source, or name the directory that is meant")),
    )
}

/// `ref`s that no source may have.
fn references(one: &FollowedApplication, sources: &[Source<'_>]) -> Vec<Finding> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.index.is_some()) {
        let name = reference(source);
        if name.is_empty() || is_placeholder(name) {
            continue;
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        let (message, help) = if !name.chars().all(is_plain) {
            let message = format!("`{name}` cannot be a `ref`");
            (message, "letters, digits, `_` and `-` may be in it")
        } else if known.insert(name) {
            continue;
        } else {
            (format!("two sources have the `ref` `{name}`"), "give one of them another name")
        };
        let finding = at(Finding::error(ID, message), one, &source.pointer("ref"));
        found.push(finding.note("then Argo CD renders none of the sources").help(help));
    }
    found
}

fn reference<'a>(source: &Source<'a>) -> &'a str {
    source.fields.get("ref").and_then(Json::as_str).unwrap_or_default()
}

/// Value files that are nowhere.
fn value_files(
    one: &FollowedApplication,
    (source, contents): (&Source<'_>, &Contents),
    sources: &[Source<'_>],
    repositories: &dyn Repositories,
) -> Vec<Finding> {
    let own = source.tree(repositories);
    let own = own.filter(|_| contents.tool == Tool::Helm);
    let merged = own
        .map(|tree| source.with_overrides(one.application.name(), tree, &contents.directory).ok());
    let fields = match &merged {
        Some(Some(merged)) => merged,
        Some(None) => return Vec::new(),
        None => source.fields,
    };
    let Some(helm) = fields.get("helm") else { return Vec::new() };
    let may_lack = helm.get("ignoreMissingValueFiles") == Some(&Json::Bool(true));
    let references: Vec<&str> =
        sources.iter().map(reference).filter(|name| !name.is_empty()).collect();
    let mut found = Vec::new();
    let list = |name| helm.get(name).and_then(Json::as_array).into_iter().flatten().enumerate();
    let values = list("valueFiles").map(|(number, file)| (format!("valueFiles/{number}"), file));
    let texts = list("fileParameters").filter_map(|(number, parameter)| {
        Some((format!("fileParameters/{number}/path"), parameter.get("path")?))
    });
    for (field, file) in values.chain(texts) {
        let is_text = field.starts_with("fileParameters");
        let Some(file) = file.as_str() else { continue };
        let finding = |message: String| {
            at(Finding::error(ID, message), one, &source.pointer(&format!("helm/{field}")))
        };
        let (tree, path) = match file.strip_prefix('$') {
            Some(_) if is_filled_in(file) => continue,
            Some(rest) if source.index.is_none() => {
                if let Some((name, is_certain)) = alone(rest, source, own, &contents.directory) {
                    let message = format!("`${name}` refers to no source: there is only one");
                    let level = if is_certain && (is_text || !may_lack) {
                        Finding::error
                    } else {
                        Finding::warning
                    };
                    let pointer = source.pointer(&format!("helm/{field}"));
                    let (block, help) = match source.is_dry() {
                        true => ("drySource", "put the file into the repository of `drySource`"),
                        false => (
                            "source",
                            "write both under `sources`, and give the one with the values that `ref`",
                        ),
                    };
                    found.push(
                        at(level(ID, message), one, &pointer)
                            .note(format!("only `sources` have references; in `{block}` it is a variable of the build environment, which is empty"))
                            .help(help),
                    );
                }
                continue;
            }
            Some(rest) => {
                let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
                let is_of_it = |it: &&Source<'_>| reference(it) == name;
                let Some(lender) = sources.iter().find(is_of_it) else {
                    let finding = finding(format!("no source has the `ref` `{name}`"))
                        .note("then Argo CD renders nothing of this source");
                    let help = suggest(name, references.iter().copied());
                    found.push(help.into_iter().fold(finding, Finding::help));
                    continue;
                };
                if !lender.chart().is_empty() {
                    let message = format!("`${name}` refers to a chart, which lends no files");
                    found.push(
                        finding(message).note("then Argo CD renders nothing of this source").help(
                            "put the values into a repository of git, and give that one the `ref`",
                        ),
                    );
                    continue;
                }
                // The prefix counts for the Application, and not where a reference is resolved.
                let has_prefix = lender.fields.get("tagPrefix").is_some_and(|it| !it.is_null());
                let tree = lender.tree(repositories).filter(|_| !has_prefix);
                (tree, clean(path))
            }
            None if file.contains(':') => continue,
            None => match file.strip_prefix('/') {
                Some(from_top) => (own, clean(from_top)),
                // From the path as it is written, also where that leads through a link.
                None => (own, clean(&join(source.path(), file))),
            },
        };
        let open = |path: &str| path.contains(['$', '*', '?', '[', '{']) || is_placeholder(path);
        let is_open = open(file.strip_prefix('$').unwrap_or(file));
        let what = if is_text { "file" } else { "value file" };
        let Some(path) = path else {
            // Of a chart from elsewhere nobody knows here where its directory lies.
            let is_known = file.starts_with('$') || contents.tool == Tool::Helm;
            if is_known && !is_open {
                let message = format!("the {what} `{file}` leads out of the repository");
                found.push(
                    finding(message)
                        .note("Argo CD reads nothing outside of it, and renders nothing of this source")
                        .help("put the file into the repository, or lend it by a source with a `ref`"),
                );
            }
            continue;
        };
        let Some(tree) = tree else { continue };
        let may_lack = may_lack && !is_text;
        if !may_lack && !is_open && !open(&path) && tree.lacks(&path) {
            let help = match is_text {
                true => "mend the path",
                false => {
                    "mend the path, or write `ignoreMissingValueFiles: true` where it may be missing"
                }
            };
            let message = format!("the {what} `{path}` is not in the repository");
            found.push(finding(message).note("helm fails without it").help(help));
        }
    }
    found
}

/// Whether another program fills in what it begins with, before Argo CD reads it: no variable of Argo CD's.
fn is_filled_in(file: &str) -> bool {
    file.starts_with("${") || is_placeholder(file) && !file.starts_with("$ARGOCD_")
}

/// What the path of an only source takes for a reference, and whether there is surely no such file. The
/// variables that Argo CD knows are none; a path may be right by accident, without the reference.
///
/// Source: `newEnv` in `reposerver/repository/repository.go`, `Envsubst` in
/// `pkg/apis/application/v1alpha1/types.go`.
fn alone<'f>(
    rest: &'f str,
    source: &Source<'_>,
    own: Option<&Tree>,
    directory: &str,
) -> Option<(&'f str, bool)> {
    let name = rest.split('/').next().unwrap_or_default();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_known = ["ARGOCD_", "KUBE_"].iter().any(|known| name.starts_with(known));
    if name.is_empty() || !name.chars().all(is_plain) || is_known || reference(source) == name {
        return None;
    }
    let path = match rest[name.len()..].strip_prefix('/') {
        Some(from_top) => clean(from_top),
        None => clean(directory),
    };
    let Some(tree) = own else { return Some((name, false)) };
    path.is_none_or(|path| tree.lacks(&path)).then_some((name, true))
}
