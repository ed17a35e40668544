//! Revisions that the repository of a source does not have, as far as it is here.

use std::collections::BTreeSet;

use super::at;
use crate::argocd::application_set::Repositories;
use crate::argocd::{Followed, State};
use crate::diagnostic::{Finding, suggest};
use crate::load::manifest::is_placeholder;

const ID: &str = "application-source-unusable";

/// Rules: `lsRemote` in `util/git/client.go` of Argo CD.
pub(super) fn check(
    followed: &Followed,
    repositories: &dyn Repositories,
    findings: &mut Vec<Finding>,
) {
    let mut told = BTreeSet::new();
    for (one, source, contents) in followed.sources() {
        let source = &source;
        let revision = source.revision();
        let is_of_git = matches!(contents.state, State::NotAtHand)
            || !source.fields.get("ref").is_none_or(serde_json::Value::is_null);
        if !is_of_git || !source.chart().is_empty() || is_placeholder(revision) {
            continue;
        }
        let Some(lacking) = repositories.lacking(source.repo_url(), revision) else { continue };
        if !told.insert((source.repo_url().to_owned(), revision.to_owned())) {
            continue;
        }
        let pointer = source.pointer("targetRevision");
        let finding = if lacking.is_complete {
            let message = format!("no branch and no tag of the repository is `{revision}`");
            at(Finding::warning(ID, message), one, &pointer)
                .note("as far as it was fetched; without it Argo CD reads nothing of this source")
        } else {
            let message = format!("the revision `{revision}` is not in this clone");
            at(Finding::info(ID, message), one, &pointer)
                .note("what lies there is not looked at; the clone has not all branches and tags")
                .help("fetch it, or all by `git fetch --tags`")
        };
        let near = suggest(revision, lacking.names.iter().map(String::as_str));
        findings.push(near.into_iter().fold(finding, Finding::help));
    }
}
