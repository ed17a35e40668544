//! Revisions that Argo CD does not find: what no branch and no tag can be called, and what the repository
//! of a source or of a git generator does not have, as far as it is here.
//!
//! Rules: `lsRemote` in `util/git/client.go` of Argo CD.

use std::collections::BTreeSet;

use super::at;
use super::parameter::NOTHING;
use crate::argocd::Followed;
use crate::argocd::State;
use crate::argocd::application_set::{Repositories, Wanted};
use crate::argocd::source::Tool;
use crate::diagnostic::{Finding, Severity, suggest};
use crate::gotemplate::VersionRange;
use crate::load::manifest::is_placeholder;
use crate::model::ObjectKey;
use crate::source::Span;
use crate::yaml::Node;

const ID: &str = "application-source-unusable";

pub(super) fn check(
    followed: &Followed,
    repositories: &dyn Repositories,
    findings: &mut Vec<Finding>,
) {
    let mut told = BTreeSet::new();
    for (one, source, contents) in followed.sources() {
        let is_dry = contents.tool == Tool::Hydrator;
        let source = &source.dry().unwrap_or(source);
        let is_remote =
            matches!(source.remote_tool(), Some(Tool::Chart | Tool::Oci | Tool::Hydrator));
        let Some(revision) = source.wanted() else { continue };
        if is_remote || is_open(&revision) {
            continue;
        }
        let is_asked = is_dry
            || matches!(contents.state, State::NotAtHand)
            || !source.fields.get("ref").is_none_or(serde_json::Value::is_null);
        let known = Some(repositories).filter(|_| is_asked);
        let of_it = match is_dry {
            true => "nothing is hydrated",
            false => "Argo CD reads nothing of this source",
        };
        let pointer = source.pointer("targetRevision");
        let found = told_of((source.repo_url(), &revision), known, of_it)
            .map(|finding| at(finding, one, &pointer));
        findings.extend(found.filter(|it| told.insert(key(it, source.repo_url()))));
    }
    for set in &followed.sets {
        let about = ObjectKey::of(&set.stated.node).to_string();
        // What stands there is known, too, where the controller does not come to it.
        let mut wanted = Vec::new();
        stated(set.stated.node.pointer("/spec/generators"), &mut wanted);
        for Wanted { repo_url, revision, span } in wanted.iter().chain(&set.evaluation.revisions) {
            // What Go has printed nobody fills in any more.
            if is_placeholder(repo_url) || is_open(&revision.replace(NOTHING, "")) {
                continue;
            }
            let of_it = "nothing of the set is made, changed or deleted";
            let found = told_of((repo_url, revision), Some(repositories), of_it);
            let found = found.map(|finding| finding.at(*span, "").about(about.as_str()));
            findings.extend(found.filter(|it| told.insert(key(it, repo_url))));
        }
    }
}

/// The revisions that git generators state, at whatever depth.
fn stated(list: Option<&Node>, found: &mut Vec<Wanted>) {
    for generator in list.and_then(Node::as_seq).unwrap_or_default() {
        if let Some(body) = generator.get("git") {
            found.extend(Wanted::of(body));
        }
        for kind in ["matrix", "merge"] {
            stated(generator.get(kind).and_then(|body| body.get("generators")), found);
        }
    }
}

/// What is told once: each place that must be mended, however many Applications are made of it, and once
/// for all what the clone alone lacks.
fn key(finding: &Finding, url: &str) -> (Option<Span>, String, String) {
    let place = finding.labels.first().map(|label| label.span);
    let place = place.filter(|_| finding.severity != Severity::Note);
    (place, url.to_owned(), finding.message.clone())
}

/// What is wrong with a revision; `of_it` is what comes of that.
fn told_of(
    (url, revision): (&str, &str),
    repositories: Option<&dyn Repositories>,
    of_it: &str,
) -> Option<Finding> {
    Some(if revision.contains(NOTHING) {
        Finding::error(ID, format!("Argo CD does not resolve the revision `{revision}`"))
            .note(format!("the parameter in it is null, or nobody gives it; {of_it}"))
            .help("give it, or a `default`")
    } else if is_expression(revision) {
        Finding::error(ID, format!("Argo CD does not resolve the revision `{revision}`"))
            .note(format!("it asks the server for branches and tags, and so {of_it}"))
            .help("name a branch, a tag, a commit or a range of versions")
    } else {
        let lacking = repositories?.lacking(url, revision)?;
        let finding = if lacking.is_complete {
            let message = format!("no branch and no tag of the repository is `{revision}`");
            Finding::warning(ID, message)
                .note(format!("as far as it was fetched; without it {of_it}"))
        } else {
            let message = format!("the revision `{revision}` is not in this clone");
            Finding::info(ID, message)
                .note("what lies there is not looked at; the clone has not all branches and tags")
                .help("fetch it, or all by `git fetch --tags`")
        };
        // As git itself writes branches of a remote.
        let short = revision.split_once('/').map(|(_, name)| name);
        let help = match short.filter(|name| lacking.names.contains(*name)) {
            Some(name) => Some(format!("did you mean `{name}`?")),
            None if is_too_short(revision) => {
                Some("a commit needs seven of its letters, or more".to_owned())
            }
            None => suggest(revision, lacking.names.iter().map(String::as_str)),
        };
        help.into_iter().fold(finding, Finding::help)
    })
}

/// Whether another program may fill it in: one with marks of its own, as `#{branch}#` or `[[ branch ]]`.
fn is_open(revision: &str) -> bool {
    let is_of_git = |at: usize| revision[..at].ends_with(['^', '@']);
    is_placeholder(revision)
        || revision.contains(['[', ']', '(', ')', '$', '%', '#'])
        || revision.match_indices('{').any(|(at, _)| !is_of_git(at))
}

/// Whether only git's own programs know what is meant, as `HEAD~1` or `main@{1}`: git takes none of these
/// letters into the name of a branch or a tag (`check_refname_format` in its `refs.c`).
fn is_expression(revision: &str) -> bool {
    let has_letter = revision.contains(['~', '^', ':', '?', '*', '\\', ' ']);
    (has_letter || revision.contains("..") || revision.contains("@{") || revision == "@")
        && VersionRange::read(revision).is_none()
}

/// Whether git takes it for the beginning of a commit, and Argo CD does not.
fn is_too_short(revision: &str) -> bool {
    (4..7).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}
