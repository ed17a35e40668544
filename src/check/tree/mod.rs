//! What Argo CD makes of a repository, held against its rules.

mod complete;
mod data;
mod definition;
mod deletion;
mod destination;
mod difference;
mod generated;
mod ground;
mod hydrated;
mod late;
mod mistaken;
mod namespace;
mod option;
mod order;
mod orphan;
mod owner;
mod parameter;
mod project;
mod revision;
mod scaled;
mod set;
mod settings;
mod skipped;
mod source;
mod tracking;
mod unusable;
mod unused;
mod wave;

pub use orphan::{orphaned, unowned};
pub use source::unread;

use std::collections::BTreeSet;
use std::sync::Arc;

use settings::Settings;

use crate::argocd::application_set::Repositories;
use crate::argocd::{Followed, FollowedApplication, Member, Thing};
use crate::diagnostic::{Finding, ORIGIN};
use crate::facts::{Object, Place, Reading};
use crate::model::Scope;

/// Every check of what was followed. `repositories` are those in which it was.
#[must_use]
pub fn check(followed: &Followed, repositories: &dyn Repositories) -> Vec<Finding> {
    let mut findings = Vec::new();
    source::check(followed, &mut findings);
    revision::check(followed, repositories, &mut findings);
    mistaken::check(followed, repositories, &mut findings);
    skipped::check(followed, repositories, &mut findings);
    set::check(followed, &mut findings);
    generated::check(followed, &mut findings);
    parameter::check(followed, &mut findings);
    owner::check(followed, &mut findings);
    hydrated::check(followed, &mut findings);
    project::check(followed, &mut findings);
    namespace::check(followed, &mut findings);
    let settings = Settings::of(followed);
    unusable::check(followed, repositories, &settings, &mut findings);
    wave::check(followed, &settings, &mut findings);
    order::check(followed, &settings, &mut findings);
    definition::check(followed, &mut findings);
    deletion::check(followed, &mut findings);
    scaled::check(followed, &settings, &mut findings);
    difference::check(followed, &mut findings);
    destination::check(followed, &mut findings);
    unused::check(followed, &mut findings);
    data::check(followed, &mut findings);
    option::check(followed, &mut findings);
    tracking::check(followed, &mut findings);
    findings
}

/// A finding about a field of an Application, with what gave its parameters.
fn at(finding: Finding, one: &FollowedApplication, pointer: &str) -> Finding {
    let finding = finding.at(one.application.place(pointer), "");
    let origins = one.application.origins().iter();
    let finding = origins.fold(finding, |finding, &origin| finding.at(origin, ORIGIN));
    finding.about(title(one)).field(dotted(pointer))
}

/// A JSON pointer as other findings write fields, `spec.sources[1].path`.
fn dotted(pointer: &str) -> String {
    let mut text = String::new();
    for step in pointer.split('/').skip(1) {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{step}]"));
        } else {
            text.push_str(if text.is_empty() { "" } else { "." });
            text.push_str(step);
        }
    }
    text
}

/// Adds a place, with what gave it its value.
fn point(finding: Finding, place: &Place, text: impl Into<String>) -> Finding {
    let origins = place.origins.iter();
    origins.fold(finding.at(place.span, text), |finding, &origin| finding.at(origin, ORIGIN))
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

/// What an object says of others.
fn read(member: &Member) -> Object {
    let unit: Arc<str> = "".into();
    let is_cluster_wide = member.scope == Some(Scope::Cluster);
    let reading = Reading { file: None, unit: &unit, is_cluster_wide, sources: None };
    reading.object(&member.node)
}
