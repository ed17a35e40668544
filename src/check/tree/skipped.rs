//! Files that Argo CD passes over in silence, though they look as if they were meant.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Ground, above, first_object, is_of_tool};
use super::title;
use crate::argocd::application_set::Repositories;
use crate::argocd::source::Source;
use crate::argocd::tree::Tree;
use crate::argocd::{
    Contents, Followed, FollowedApplication, Manifests, SKIP_MARK, Skipped, State,
};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::yaml;

const ID: &str = "manifest-skipped";

pub(super) fn check(
    followed: &Followed,
    repositories: &dyn Repositories,
    findings: &mut Vec<Finding>,
) {
    let ground = Ground::of(followed);
    let mut told = BTreeSet::new();
    for (one, source, contents) in followed.sources() {
        let source = &source;
        let State::Read(manifests) = &contents.state else { continue };
        if manifests.skipped.is_empty() {
            continue;
        }
        let Some(tree) = source.tree(repositories) else { continue };
        let mut found: Vec<Finding> = manifests
            .skipped
            .iter()
            .filter_map(|(path, why)| file(tree, path, *why, one))
            .collect();
        found.extend(below(tree, &ground, (one, source), (contents, manifests)));
        for finding in found {
            if told.insert(finding.labels.first().map(|label| label.span)) {
                findings.push(finding);
            }
        }
    }
}

fn file(tree: &Tree, path: &str, why: Skipped, one: &FollowedApplication) -> Option<Finding> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let text = tree.text(path)?;
    let finding = |finding: Finding, place: Span| {
        finding.at(place, "").note(format!("{} syncs this directory", title(one)))
    };
    Some(match why {
        Skipped::Below | Skipped::Chosen | Skipped::Link => return None,
        Skipped::Suffix => {
            let place = first_object(tree, path)?;
            let message = format!("Argo CD passes `{name}` over: it knows small letters only");
            finding(Finding::warning(ID, message), place)
                .help(format!("name it `{}`", name.to_lowercase()))
        }
        Skipped::Marked => {
            let start = text.text.find(SKIP_MARK)?;
            let place = Span::new(text.file, start..start + SKIP_MARK.len());
            let comments = yaml::comments(text.file, &text.text).unwrap_or_default();
            let is_comment = comments.iter().any(|comment| comment.range().contains(&start));
            if is_comment {
                let message = format!("Argo CD passes `{name}` over, as it is told here");
                finding(Finding::info(ID, message), place)
            } else {
                let message = format!("Argo CD passes `{name}` over because of these words in it");
                finding(Finding::warning(ID, message), place)
                    .note("they count wherever they stand, not in comments alone")
                    .help("take them out, or write them in two parts")
            }
        }
        Skipped::NoManifest => {
            let begins = |key: &str| text.text.lines().any(|line| line.starts_with(key));
            let keys = ["apiVersion:", "kind:", "metadata:"];
            let missing: Vec<&str> = keys.into_iter().filter(|key| !begins(key)).collect();
            let [missing] = missing.as_slice() else { return None };
            let message = format!(
                "Argo CD passes `{name}` over: without `{}` it is no manifest",
                missing.trim_end_matches(':')
            );
            finding(Finding::warning(ID, message), Span::new(text.file, 0..0))
                .help(format!("write `{missing}`, or leave the file out by `directory.exclude`"))
        }
    })
}

/// What lies below the directory of a source that does not say whether it recurses.
fn below(
    tree: &Tree,
    ground: &Ground,
    (one, source): (&FollowedApplication, &Source<'_>),
    (contents, manifests): (&Contents, &Manifests),
) -> Vec<Finding> {
    let stated = source.fields.get("directory").and_then(|directory| directory.get("recurse"));
    if stated.is_some() {
        return Vec::new();
    }
    let mut by_directory: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, _) in manifests.skipped.iter().filter(|(_, why)| *why == Skipped::Below) {
        by_directory.entry(above(path)).or_default().push(path);
    }
    let is_open = |directory: &str| {
        !ground.reaches(directory) && !is_of_tool(tree, directory, Some(&contents.directory))
    };
    let mut findings = Vec::new();
    for (directory, files) in by_directory.into_iter().filter(|(directory, _)| is_open(directory)) {
        let objects: Option<Vec<Span>> =
            files.iter().map(|file| first_object(tree, file)).collect();
        let Some(&place) = objects.as_ref().and_then(|objects| objects.first()) else { continue };
        let what = match files.as_slice() {
            [file] => format!("`{file}`"),
            files => format!("{} files in `{directory}`", files.len()),
        };
        let message = format!("Argo CD passes {what} over");
        let above = match contents.directory.as_str() {
            "" => "the top of the repository".to_owned(),
            directory => format!("`{directory}`"),
        };
        let is_empty = manifests.members.is_empty() && manifests.failures.is_empty();
        let finding = match is_empty {
            true => Finding::warning(ID, message),
            false => Finding::info(ID, message),
        };
        findings.push(
            finding
                .at(place, "")
                .at(one.application.place(&source.pointer("path")), "does not recurse")
                .note(format!("{} syncs {above}, and nothing below it", title(one)))
                .help("write `directory: {recurse: true}` in the source, or `recurse: false` where that is meant"),
        );
    }
    findings
}
