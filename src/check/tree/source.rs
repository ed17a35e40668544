//! Sources that Argo CD cannot use.

use std::collections::BTreeSet;

use super::{at, title};
use crate::argocd::source::Source;
use crate::argocd::{Followed, FollowedApplication, Problem, State};
use crate::diagnostic::Finding;
use crate::load::manifest::is_placeholder;
use crate::source::{FileId, Span};
use crate::yaml::Node;

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let (mut unreadable, mut templates) = (BTreeSet::new(), BTreeSet::new());
    for (one, source, contents) in followed.made_from() {
        let source = &source;
        match &contents.state {
            State::Wrong(problem) => {
                // What is wrong with a template is wrong with all that it makes.
                let is_told = *problem == Problem::NoPath && !tells_of_path(followed, one);
                let found = wrong(one, source, &contents.directory, problem).filter(|_| !is_told);
                let told = |it: &Finding| {
                    let place = it.labels.first().map(|it| it.span);
                    match problem {
                        // One fault, whoever meets it.
                        Problem::LinkOutside(_)
                        | Problem::LinkInCircle(_)
                        | Problem::Override(..) => templates.insert((None, it.message.clone())),
                        _ => one.set.is_none() || templates.insert((place, it.message.clone())),
                    }
                };
                findings.extend(found.filter(told));
            }
            State::Read(manifests) => {
                let kindless =
                    manifests.members.iter().find(|it| it.key.group_kind.kind.is_empty());
                if let Some(member) = kindless.filter(|it| unreadable.insert(it.span())) {
                    let message = format!("an object of `{}` has no `kind`", member.path);
                    findings.push(unreadable_at((one, source), member.span(), message));
                }
                for failure in manifests.failures.iter().filter(|failure| !failure.is_yaml) {
                    if !unreadable.insert(failure.span) {
                        continue;
                    }
                    let message = failure.message.clone();
                    findings.push(unreadable_at((one, source), failure.span, message));
                }
            }
            State::NotRendered | State::NotAtHand => {}
        }
    }
}

/// Directories with a file that is no YAML at all and that no check of objects tells of, because
/// `is_passed_over` there: one finding for each source.
#[must_use]
pub fn unread(followed: &Followed, is_passed_over: &dyn Fn(FileId) -> bool) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for (one, source, contents) in followed.made_from() {
        let State::Read(manifests) = &contents.state else { continue };
        // One that is told already is enough to mend.
        if manifests.failures.iter().any(|it| !it.is_yaml || !is_passed_over(it.span.file)) {
            continue;
        }
        let Some(failure) = manifests.failures.first() else { continue };
        if told.insert(failure.span) {
            let message = format!("`{}` is no YAML: {}", failure.path, failure.message);
            let finding = unreadable_at((one, &source), failure.span, message);
            findings.push(match manifests.failures.len() {
                1 => finding,
                count => finding.note(format!("nor are {} more of its files", count - 1)),
            });
        }
    }
    findings
}

fn unreadable_at(
    (one, source): (&FollowedApplication, &Source<'_>),
    place: Span,
    message: String,
) -> Finding {
    let does = if source.is_dry() { "hydrates" } else { "syncs" };
    Finding::error("manifests-unreadable", message)
        .at(place, "")
        .note(format!("{} {does} this directory, and so nothing of it", title(one)))
        .help(
            "move what is no manifest out of the directory, or leave it out by `directory.exclude`",
        )
}

/// Whether a source without a path is told here: where a file states one as such, the checks of objects
/// say so.
pub(super) fn tells_of_path(followed: &Followed, one: &FollowedApplication) -> bool {
    one.set.is_some_and(|set| {
        let set = &followed.sets[set].stated.node;
        let path = set.pointer("/spec/template/spec/source/path").and_then(Node::as_str);
        !path.unwrap_or_default().is_empty() || set.pointer("/spec/templatePatch").is_some()
    })
}

fn wrong(
    one: &FollowedApplication,
    source: &Source<'_>,
    directory: &str,
    problem: &Problem,
) -> Option<Finding> {
    let path = source.path();
    // What a template of somebody else's fills in is no path yet; what a set left open is one.
    if one.set.is_none() && is_placeholder(path) {
        return None;
    }
    let pointer = source.pointer("path");
    let finding =
        |message: String| at(Finding::error("application-path-invalid", message), one, &pointer);
    let repository = source.repo_url();
    // What a hydrator wrote before is there still, and is synced.
    let (of_missing, of_link) = match source.is_dry() {
        true => ("nothing is hydrated then", "hydrates nothing"),
        false => ("Argo CD cannot compare anything then", "prunes what was there"),
    };
    Some(match problem {
        Problem::NoPath => {
            finding("a source needs `path`, `chart` or, among several, `ref`".to_owned())
                .help("write `path: .` for the top of the repository")
        }
        Problem::Absolute => finding(format!("the path `{path}` begins with `/`"))
            .note("paths begin at the top of the repository")
            .help(format!("write `{}`", path.trim_start_matches('/'))),
        Problem::Outside => finding(format!("the path `{path}` leads out of the repository"))
            .help("name its repository as another source"),
        Problem::Missing(_) if path.contains("{{") => {
            finding(format!("the template leaves `{path}` as it is"))
                .note("no parameter of its generators has that name")
        }
        Problem::Missing(near) => {
            let finding = finding(format!("`{directory}` is not in the repository"))
                .note(format!("of {repository}; {of_missing}"));
            match near {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding,
            }
        }
        Problem::File => finding(format!("`{directory}` is a file, no directory"))
            .help("name its directory, and the file by `directory.include`"),
        Problem::Link => finding(format!("`{directory}` is a symbolic link"))
            .note(format!("Argo CD finds nothing through it, without a word, and {of_link}"))
            .help("name the directory that it leads to, or the tool by its block"),
        Problem::LinkOutside(link) => {
            finding(format!("the symbolic link `{link}` leads out of the repository"))
                .note("then Argo CD reads nothing of the repository, wherever the link lies")
                .help("put what it leads to into the repository, or delete it")
        }
        Problem::LinkInCircle(link) => {
            finding(format!("the symbolic link `{link}` leads in a circle"))
                .note("Argo CD reads nothing of a directory that has such a link")
                .help("delete it")
        }
        Problem::Override(file, why) => finding(format!("`{file}` cannot be used: {why}"))
            .note("the file changes the source, and without it nothing is read")
            .help("mend it, or delete it"),
        // The object's own check says so.
        Problem::SeveralTools(_) => return None,
    })
}
