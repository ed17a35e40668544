//! Directories that Argo CD takes for what they are not, because of the name of a file.

use std::collections::BTreeSet;

use super::ground::{above, first_object, manifest_files};
use super::{at, title};
use crate::argocd::application_set::Repositories;
use crate::argocd::source::{Source, Tool, discovered, explicit_tools, join, says_nothing};
use crate::argocd::tree::Tree;
use crate::argocd::{Contents, Followed, FollowedApplication, State};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::yaml::{self, Node};

/// API group of kustomizations and their components.
const KUSTOMIZE: &str = "kustomize.config.k8s.io";

pub(super) fn check(
    followed: &Followed,
    repositories: &dyn Repositories,
    findings: &mut Vec<Finding>,
) {
    let mut told = BTreeSet::new();
    for (one, source, contents) in followed.made_from() {
        let source = &source;
        if !matches!(contents.state, State::Read(_) | State::NotRendered)
            || source.remote_tool().is_some()
        {
            continue;
        }
        if let Some((finding, place)) = deeper(one, source, contents) {
            findings.extend(told.insert(place).then_some(finding));
        }
        let Some(tree) = source.tree(repositories) else { continue };
        let (by_name, Some(name)) = discovered(tree, &contents.directory) else { continue };
        let file = join(&contents.directory, &name);
        let start = tree.text(&file).map(|text| Span::new(text.file, 0..0));
        let Some(start) = start.filter(|start| !told.contains(start)) else { continue };
        let found = match (contents.tool, by_name) {
            (Tool::Directory, Tool::Kustomize) => plain(one, source, contents, &file, start),
            (Tool::Kustomize, Tool::Kustomize) => silent(one, source, &name, start),
            (Tool::Helm, Tool::Helm) => chart(tree, contents, &name, start, one),
            _ => None,
        };
        if let Some(finding) = found {
            told.insert(start);
            findings.push(finding);
        }
    }
}

/// A kustomization in a directory that the source calls one of manifests.
fn plain(
    one: &FollowedApplication,
    source: &Source<'_>,
    contents: &Contents,
    file: &str,
    start: Span,
) -> Option<Finding> {
    let (message, place) = match contents.members().find(|member| member.path == file) {
        // Then it is passed over, or chosen away, and does no harm where that is meant.
        None if says_include(source) => return None,
        None => (format!("`{file}` counts for nothing"), start),
        Some(member) => {
            (format!("Argo CD applies `{file}` to the cluster, as an object"), member.span())
        }
    };
    let place_of_block = one.application.place(&source.pointer("directory"));
    Some(
        Finding::warning("kustomization-overruled", message)
            .at(place, "")
            .at(place_of_block, "the source says that these are manifests")
            .note(format!("{} names the tool itself, so nothing is built", title(one)))
            .help("take `directory` out, or leave the file out by `directory.exclude`"),
    )
}

/// Kustomizations below the directory of a source of manifests that recurses.
fn deeper(
    one: &FollowedApplication,
    source: &Source<'_>,
    contents: &Contents,
) -> Option<(Finding, Span)> {
    let is_deeper = |path: &str| above(path) != contents.directory;
    let all = contents.members().filter(|it| it.key.group_kind.group == KUSTOMIZE);
    let all: Vec<_> = all.filter(|member| is_deeper(&member.path)).collect();
    let (first, rest) = all.split_first()?;
    let message = format!("Argo CD applies `{}` to the cluster, as an object", first.path);
    let place = one.application.place(&source.pointer("directory/recurse"));
    let finding = Finding::warning("kustomization-overruled", message)
        .at(first.span(), "no cluster knows such a kind, and the sync fails")
        .at(place, "the source recurses, and builds nothing")
        .note(format!("of {}", title(one)))
        .help("give the kustomization an Application of its own, and leave it out by `directory.exclude`");
    let finding = match rest.len() {
        0 => finding,
        more => finding.note(format!("{more} more of its files are kustomizations")),
    };
    Some((finding, first.span()))
}

fn says_include(source: &Source<'_>) -> bool {
    let text = |name| source.fields.get("directory")?.get(name)?.as_str();
    ["include", "exclude"].into_iter().any(|name| text(name).is_some_and(|it| !it.is_empty()))
}

/// A block `directory` that says nothing, which Argo CD takes out of the Application.
fn silent(
    one: &FollowedApplication,
    source: &Source<'_>,
    name: &str,
    start: Span,
) -> Option<Finding> {
    let is_silent = explicit_tools(source.fields) == [Tool::Directory]
        && says_nothing(source.fields, Tool::Directory);
    is_silent.then(|| {
        let message = format!("`directory` says nothing here, and `{name}` makes it Kustomize");
        at(Finding::warning("kustomization-overruled", message), one, &source.pointer("directory"))
            .at(start, "this decides")
            .note(
                "Argo CD takes a block without any setting out of the Application it has compared",
            )
            .help(format!("write `directory: {{exclude: {name}}}` where these are manifests"))
    })
}

/// What is taken for a chart.
fn chart(
    tree: &Tree,
    contents: &Contents,
    name: &str,
    start: Span,
    one: &FollowedApplication,
) -> Option<Finding> {
    let directory = &contents.directory;
    let chart = join(directory, "Chart.yaml");
    if tree.lacks(&chart) {
        return Some(
            Finding::error(
                "chart-mistaken",
                format!("Argo CD takes the directory for a chart because of `{name}`"),
            )
            .at(start, "a name that ends in `Chart.yaml`")
            .note(format!("{} is not rendered: it has no `Chart.yaml`", title(one)))
            .help(
                "give the file another name, or write `directory: {recurse: true}` in the source",
            ),
        );
    }
    let says = |node: &Node| node.get("dependencies").is_some() || node.get("type").is_some();
    let text = tree.text(&chart)?;
    let read = yaml::read(text.file, &text.text);
    let has_more = ["templates", "charts"].iter().any(|name| !tree.lacks(&join(directory, name)));
    if has_more || read.documents.iter().filter_map(|document| document.node.as_ref()).any(says) {
        return None;
    }
    let mut files = manifest_files(tree, directory);
    let (file, place) = files.find_map(|file| Some((file.clone(), first_object(tree, &file)?)))?;
    Some(
        Finding::error(
            "chart-mistaken",
            format!("Argo CD takes the directory for a chart, and `{file}` counts for nothing"),
        )
        .at(place, "")
        .at(Span::new(text.file, 0..0), "this makes it a chart")
        .note("Helm renders what lies in `templates/`")
        .help("move the manifests there, or take `Chart.yaml` away"),
    )
}
