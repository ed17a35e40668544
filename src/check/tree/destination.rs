//! Destinations that do not exist.

use std::collections::BTreeSet;

use super::{at, by_root};
use crate::argocd::application::Destination;
use crate::argocd::application_set::{Cluster, wrong_destination};
use crate::argocd::source::Tool;
use crate::argocd::{Contents, Followed, FollowedApplication, State};
use crate::diagnostic::{Finding, suggest};
use crate::load::manifest::is_placeholder;
use crate::model::GroupKind;

/// Rules: `GetDestinationCluster` in `util/argo/argo.go` of Argo CD. Applications that sets make are
/// judged with the set, which drops them.
pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed) {
        let all: Vec<&FollowedApplication> =
            applications.iter().map(|&number| &followed.applications[number]).collect();
        let Some(clusters) = clusters(&all, followed.clusters.as_deref()) else { continue };
        for (one, number) in all.into_iter().zip(applications) {
            if one.set.is_none()
                && let Some(finding) = missing(one, &clusters)
                && told.insert(number)
            {
                findings.push(finding);
            }
        }
    }
}

/// The clusters that are declared and those whose Secrets one Argo CD brings itself; nothing where there
/// is none, or where one may be among what is not seen and nobody declares them.
fn clusters(all: &[&FollowedApplication], declared: Option<&[Cluster]>) -> Option<Vec<Cluster>> {
    let is_seen = |contents: &Contents| match contents.state {
        State::NotRendered => contents.tool == Tool::Values,
        _ => contents.is_known(),
    };
    if declared.is_none() && !all.iter().flat_map(|one| &one.contents).all(is_seen) {
        return None;
    }
    let objects = || all.iter().flat_map(|one| one.members()).map(|member| &*member.node);
    // A controller registers what Cluster API makes.
    let is_made = |object| GroupKind::stated(object).0 == "cluster.x-k8s.io";
    if objects().any(|object| Cluster::is_hidden(object) || is_made(object)) {
        return None;
    }
    let mut known: Vec<Cluster> = objects().filter_map(Cluster::of_secret).collect();
    known.extend(
        declared
            .into_iter()
            .flatten()
            .filter(|it| !known.contains(it))
            .cloned()
            .collect::<Vec<_>>(),
    );
    (declared.is_some() || !known.is_empty()).then_some(known)
}

fn missing(one: &FollowedApplication, clusters: &[Cluster]) -> Option<Finding> {
    let (field, written, server, name) = match one.application.destination()? {
        Destination::InCluster => return None,
        Destination::Name(name) => ("name", name.clone(), String::new(), name),
        Destination::Server(server) => ("server", server.clone(), server, String::new()),
    };
    if is_placeholder(&written) {
        return None;
    }
    let why = wrong_destination(&server, &name, Some(clusters))?;
    let message = format!("the destination {why}");
    let pointer = format!("/spec/destination/{field}");
    let finding = at(Finding::warning("application-cluster-missing", message), one, &pointer)
        .note("no Secret in the same tree has it, and nobody declares it");
    let known = clusters.iter().map(|cluster| match field {
        "name" => cluster.name.as_str(),
        _ => cluster.server.as_str(),
    });
    Some(suggest(&written, known).into_iter().fold(finding, Finding::help))
}
