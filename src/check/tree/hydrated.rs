//! Hydrators that write to one directory.
//!
//! Rules: `getHydrationQueueKey`, `ProcessHydrationQueueItem` and `validateApplications` in
//! `controller/hydrator/hydrator.go` of Argo CD, `GetHydrateToSource` in
//! `pkg/apis/application/v1alpha1/types.go`.

use std::collections::{BTreeMap, BTreeSet};

use super::owner::by_file;
use super::{at, by_root};
use crate::argocd::repository_url::normalize;
use crate::argocd::{Followed, FollowedApplication};
use crate::diagnostic::Finding;
use crate::load::manifest::is_placeholder;

/// What a hydrator writes, and from what: the dry repository and revision, the repository, the branch and
/// the path. Only what is alike in all of them is held against each other.
type Written<'f> = (String, &'f str, [&'f str; 3]);

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed).into_iter().chain(by_file(followed)) {
        let mut places: BTreeMap<Written<'_>, Vec<usize>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for number in applications {
            let one = &followed.applications[number];
            let Some(written) = written(one) else { continue };
            // Of two with one name there is one.
            if names.insert((&one.namespace, one.application.name())) {
                places.entry(written).or_default().push(number);
            }
        }
        for ((_, _, [_, branch, path]), all) in places {
            let [first, second, rest @ ..] = &all[..] else { continue };
            if all.iter().all(|number| told.contains(number)) {
                continue;
            }
            told.extend(all.iter().copied());
            let [other, one] = [first, second].map(|number| &followed.applications[*number]);
            let names = format!("`{}` and `{}`", other.application.name(), one.application.name());
            let message = match rest.len() {
                0 => format!("the hydrators of {names} write to one directory, `{path}`"),
                more => format!(
                    "the hydrators of {names}, and {more} more, write to one directory, `{path}`"
                ),
            };
            let pointer = "/spec/sourceHydrator/syncSource/path";
            let mut finding = at(Finding::error("hydrator-path-taken", message), one, pointer);
            let place = other.application.place(pointer);
            if place != one.application.place(pointer) {
                finding = finding.at(place, "the other one");
            }
            findings.push(
                finding
                    .note(format!(
                        "Argo CD refuses that, and hydrates nothing that goes with them to the branch `{branch}`"
                    ))
                    .help("give each of them a `path` of its own in `syncSource`"),
            );
        }
    }
}

fn written(one: &FollowedApplication) -> Option<Written<'_>> {
    let source = one.application.sources().into_iter().next()?;
    let dry = source.dry()?;
    let staged = one.application.object.pointer("/spec/sourceHydrator/hydrateTo");
    let branch = match staged.filter(|it| !it.is_null()) {
        Some(staged) => staged.get("targetBranch")?.as_str()?,
        None => source.revision(),
    };
    let place = [source.repo_url(), branch, source.path()];
    let dry_url = normalize(dry.repo_url());
    let is_known = !dry_url.is_empty() && place.iter().all(|it| !it.is_empty());
    let mut texts = place.iter().copied().chain([dry.repo_url(), dry.revision()]);
    let is_open = texts.any(is_placeholder);
    (is_known && !is_open).then(|| (dry_url, dry.revision(), place))
}
