//! What Argo CD makes of a repository, held against its rules.

mod ground;
mod mistaken;
mod orphan;
mod owner;
mod project;
mod set;
mod skipped;
mod source;

pub use orphan::{orphaned, unowned};

use std::collections::BTreeSet;

use crate::argocd::application_set::Repositories;
use crate::argocd::{Followed, FollowedApplication, Thing};
use crate::diagnostic::{Finding, ORIGIN};

/// Every check of what was followed. `repositories` are those in which it was.
#[must_use]
pub fn check(followed: &Followed, repositories: &dyn Repositories) -> Vec<Finding> {
    let mut findings = Vec::new();
    source::check(followed, &mut findings);
    mistaken::check(followed, repositories, &mut findings);
    skipped::check(followed, repositories, &mut findings);
    set::check(followed, &mut findings);
    owner::check(followed, &mut findings);
    project::check(followed, &mut findings);
    findings
}

/// A finding about a field of an Application, with what gave its parameters.
fn at(finding: Finding, one: &FollowedApplication, pointer: &str) -> Finding {
    let finding = finding.at(one.application.place(pointer), "");
    let origins = one.application.origins().iter();
    let finding = origins.fold(finding, |finding, &origin| finding.at(origin, ORIGIN));
    finding.about(title(one)).field(pointer.trim_start_matches('/').replace('/', "."))
}

fn title(one: &FollowedApplication) -> String {
    let namespace = &one.namespace;
    let name = one.application.name();
    if namespace.is_empty() {
        format!("Application/{name}")
    } else {
        format!("Application/{name} in {namespace}")
    }
}

/// The Applications below each root, which one Argo CD has: those that a set drops are not among
/// them.
fn by_root(followed: &Followed) -> Vec<Vec<usize>> {
    let below = |root: &Thing| {
        let mut reached = Vec::new();
        followed.reach(*root, &mut reached);
        let applications = reached.into_iter().filter_map(|thing| match thing {
            Thing::Application(at) => Some(at),
            _ => None,
        });
        let mut all: Vec<usize> =
            applications.filter(|&at| !followed.applications[at].is_dropped).collect();
        all.sort_unstable();
        all
    };
    let all: BTreeSet<Vec<usize>> = followed.roots.iter().map(below).collect();
    all.into_iter().filter(|all| !all.is_empty()).collect()
}
